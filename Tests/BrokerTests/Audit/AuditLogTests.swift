import AccessPolicy
import KafkaWire
import NIOCore
import Storage
import Testing

@testable import Broker

@Suite struct AuditLogTests {
    @Test("a refusal becomes an entry that names node, certificate, action, resource, reason and policy version")
    func refusal() async throws {
        let fixture = try await AdministrationFixture()
        let stranger = try fixture.stranger()
        #expect(!fixture.services.decide(.subscribe(topic: "health.a"), for: stranger).isAllowed)
        await fixture.audit.writeWaiting()
        let entry = try #require(try fixture.entries().first)
        #expect(entry.specversion == "1.0" && entry.type == "hanbridge.audit.refusal" && entry.subject == "topic:health.a")
        #expect(entry.time == "2026-11-22T18:40:00.000Z" && entry.source.hasPrefix("/hanbridge/"))
        #expect(entry.data.node == "traffic/cameras/gate-1" && entry.data.action == "subscribe")
        #expect(entry.data.outcome == "refused" && entry.data.reason == "no-agreement")
        #expect(entry.data.policyVersion == 1 && entry.data.count == 1 && entry.data.certificate?.count == 64)
    }

    @Test("the audit's records are the broker's own: writer zero")
    func writer() async throws {
        let fixture = try await AdministrationFixture()
        try await fixture.make("t")
        #expect(fixture.auditPartition.snapshot.admitted.allSatisfy { $0.writer == .zero })
        #expect(!fixture.auditPartition.snapshot.admitted.isEmpty)
    }

    @Test("while the disk is full refusals wait; when it has room they are written, each once")
    func diskFull() async throws {
        let fixture = try await AdministrationFixture()
        fixture.auditPartition.change { $0.appendError = .diskFull }
        _ = fixture.services.decide(.publish(topic: "a"), for: try fixture.stranger())
        await fixture.audit.writeWaiting()
        _ = fixture.services.decide(.publish(topic: "b"), for: try fixture.stranger())
        #expect(try fixture.entries().isEmpty)
        fixture.auditPartition.change { $0.appendError = nil }
        // Nothing is tried before the next tick: a full disk is not asked again for every refusal.
        await fixture.audit.writeWaiting()
        #expect(try fixture.entries().isEmpty)
        fixture.audit.secondPassed()
        await fixture.audit.writeWaiting()
        #expect(try fixture.entries().map(\.subject) == ["topic:a", "topic:b"])
    }

    @Test("a change that cannot be written is refused with the disk's reason")
    func changeRefused() async throws {
        let fixture = try await AdministrationFixture()
        fixture.auditPartition.change { $0.appendError = .diskFull }
        let change = AuditedChange(action: "x", object: "y", by: try fixture.root())
        await #expect(throws: StorageError.diskFull) { try await fixture.audit.willChange(change) }
    }

    @Test("shutting down writes what waits")
    func shutDown() async throws {
        let fixture = try await AdministrationFixture()
        fixture.audit.start()
        for topic in ["a", "b", "b", "b"] { _ = fixture.services.decide(.publish(topic: topic), for: try fixture.stranger()) }
        fixture.clock.set(fixture.clock.now() + 2_000)
        await fixture.audit.shutDown()
        let counts = try fixture.entries().reduce(into: [:]) { $0[$1.subject, default: 0] += $1.data.count ?? 0 }
        #expect(counts == ["topic:a": 1, "topic:b": 3])
    }

    @Test("names of clients are cut, and entries of the largest size still make batches that the topic takes")
    func largeEntries() async throws {
        let fixture = try await AdministrationFixture()
        let long = String(repeating: "\u{1}Đ", count: 20_000)
        _ = fixture.services.decide(.publish(topic: long), for: try fixture.stranger())
        await fixture.audit.writeWaiting()
        #expect(try #require(fixture.entries().first).subject.utf8.count <= AuditEntry.textBytesMax)
        let details = Dictionary(uniqueKeysWithValues: (0..<100).map { ("\($0)" + long, long) })
        try await fixture.audit.willChange(AuditedChange(action: long, object: long, by: fixture.root(), details: details))
        let entry = try #require(try fixture.entries().last)
        #expect(entry.data.details?.count == AuditEntry.detailsMax)
        let sizes = fixture.auditPartition.snapshot.stored.map(\.bytes.readableBytes)
        #expect(try #require(sizes.max()) <= AuditEntry.bytesMax + 4_096)
    }

    @Test("a thousand refusals of a thousand nodes are written in batches that fit")
    func manyEntries() async throws {
        let fixture = try await AdministrationFixture()
        let topic = String(repeating: "\u{1}", count: 300)
        for number in 0..<1_000 {
            _ = fixture.services.decide(.publish(topic: topic), for: try BrokerFixture.peer("a/b/n\(number)"))
        }
        await fixture.audit.writeWaiting()
        #expect(try fixture.entries().count == 1_000)
        #expect(fixture.auditPartition.snapshot.stored.count < 20)
    }

    @Test("an audit topic from the first start is kept for ever, whatever the broker's defaults")
    func retention() async throws {
        let fixture = try await AdministrationFixture(settings: ["log.retention.ms": "1000", "message.max.bytes": "2000"])
        let topic = try #require(fixture.topic(AuditTopic.access))
        #expect(topic.configuration.retentionMilliseconds == -1 && topic.configuration.retentionBytes == -1)
        #expect(topic.configuration.messageBytesMax > AuditEntry.bytesMax)
        try await fixture.make("t")
        #expect(try fixture.entries().count == 1)
    }
}
