import AccessPolicy
import KafkaWire
import NIOConcurrencyHelpers
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

    @Test("a sign-in is written down with listener and certificate, and as one entry a minute for those that come again")
    func signIns() async throws {
        let fixture = try await AdministrationFixture()
        let began = fixture.clock.now()
        for second in 0..<5 {
            fixture.clock.set(began + Int64(second) * 1_000)
            fixture.audit.signedIn(try fixture.steward(), listener: "kafka")
        }
        fixture.clock.set(began + 60_000)
        await fixture.audit.writeWaiting()
        let entries = try fixture.entries()
        #expect(entries.map(\.type) == ["hanbridge.audit.signIn", "hanbridge.audit.signIn"] && entries.map(\.data.count) == [1, 4])
        #expect(entries.allSatisfy { $0.subject == "listener:kafka" && $0.data.node == "health/dpo/linh" && $0.data.outcome == "allowed" })
        #expect(entries[0].data.since == nil && entries[1].data.since == "2026-11-22T18:40:00.000Z")
    }

    @Test("a connection that is not let in is a refusal, whether or not anybody was recognised")
    func signInsRefused() async throws {
        let fixture = try await AdministrationFixture()
        fixture.audit.signInRefused(node: nil, listener: "https", reason: "certificate_refused: it has expired", remoteAddress: "192.0.2.1:5")
        fixture.audit.signInRefused(node: "a/b/c", listener: "kafka", reason: "trust_withdrawn: it is revoked", remoteAddress: "192.0.2.2:5")
        await fixture.audit.writeWaiting()
        let entries = try fixture.entries()
        #expect(entries.map(\.data.node) == ["", "a/b/c"] && entries.map(\.data.address) == ["192.0.2.1:5", "192.0.2.2:5"])
        #expect(entries.allSatisfy { $0.type == "hanbridge.audit.refusal" && $0.data.action == "sign-in" && $0.data.certificate == nil })
        #expect(entries[1].data.reason == "trust_withdrawn: it is revoked")
    }

    @Test("an access to publish is written down too")
    func publishing() async throws {
        let fixture = try await AdministrationFixture()
        let decision = fixture.services.policy.value.decide(.publish(topic: "health.a"), for: try BrokerFixture.peer("health/ward/one").identity, at: fixture.clock.now())
        fixture.audit.allowed(.publish(topic: "health.a"), by: decision, peer: try BrokerFixture.peer("health/ward/one"))
        await fixture.audit.writeWaiting()
        let entry = try #require(try fixture.entries().first)
        #expect(entry.data.action == "publish" && entry.data.outcome == "allowed" && entry.data.reason == "agreement:HEALTH#1")
    }

    @Test("that somebody read the audit wakes nobody who reads it; everything else does")
    func readersAsleep() async throws {
        let fixture = try await AdministrationFixture()
        let woken = NIOLockedValueBox(0)
        #expect(fixture.audit.wakesReaders { woken.withLockedValue { $0 += 1 } })
        let auditor = try BrokerFixture.peer("inspectorate/audit/one", roles: [.auditor])
        let question = AccessQuestion.subscribe(topic: AuditTopic.access)
        fixture.audit.allowed(question, by: fixture.services.policy.value.decide(question, for: auditor.identity, at: fixture.clock.now()), peer: auditor)
        await fixture.audit.writeWaiting()
        #expect(try fixture.entries().count == 1 && woken.withLockedValue { $0 } == 0)
        fixture.audit.signedIn(auditor, listener: "kafka")
        await fixture.audit.writeWaiting()
        #expect(woken.withLockedValue { $0 } == 1)
        try await fixture.audit.willChange(AuditedChange(byBroker: "x", object: "y"))
        #expect(woken.withLockedValue { $0 } == 2)
    }

    @Test("the schemas of the audit are registered at the first start, once, and a changed one as the next version")
    func schemas() async throws {
        let fixture = try await AdministrationFixture()
        let names = [AuditTopic.access, AuditTopic.delivery].map { "\($0)-value" }
        for name in names {
            let schema = try #require(fixture.services.registry.value.latest(subject: name))
            #expect(schema.refusal == nil && fixture.services.registry.value.subjects[name]?.versions.count == 1)
        }
        let again = try await AdministrationFixture(store: fixture.store, metadata: fixture.metadata)
        #expect(again.services.registry.value.listed.count == 2)
        var image = fixture.metadata.snapshot.image.registry
        let old = try #require(image.schemas.firstIndex { $0.text == AuditSchema.access })
        image.schemas[old] = SchemaRecord(id: image.schemas[old].id, format: "JSON", text: "{}", createdAt: 0)
        let change = try #require(AuditSchema.change(of: image, at: 7))
        #expect(change.putSubjects.isEmpty && change.putVersions.map(\.name) == [SubjectVersionName(subject: names[0], version: 2)])
        #expect(change.addedSchemas.map(\.id) == [RegistryLimits.ownIDsFrom + 2])
        #expect(fixture.services.registry.value.lastID == 0)
    }
}
