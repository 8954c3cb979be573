import KafkaWire
import NIOCore
import NIOEmbedded
import Storage
import Testing

@testable import Broker

@Suite("The ledger after a restart")
struct DeliveryRecoveryTests {
    private func restarted(_ fixture: BrokerFixture) async throws -> [DeliveryEvent] {
        fixture.clock.set(fixture.clock.now() + 3_600_000)
        let next = BrokerFixture(restarting: fixture)
        next.clock.set(fixture.clock.now())
        await next.services.deliveries.begin { id, partition in
            next.services.catalogue.value.topics.first { $0.id.kafkaText == id }?.partition(partition)?.bounds.highWatermark.rawValue
        }
        return try next.ledger()
    }

    private func fixture() throws -> BrokerFixture {
        let fixture = try BrokerFixture(configuration: ["hanbridge.delivery": "reserved"])
        for value in ["a", "b", "c", "d"] { try fixture.publish([value]) }
        return fixture
    }

    @Test("the first start has nothing to say of the past")
    func first() async throws {
        let fixture = try BrokerFixture()
        await fixture.services.deliveries.begin { _, _ in nil }
        #expect(try fixture.ledger().map(\.kind) == [.started])
        #expect(try fixture.ledger()[0].data.possiblyMissing == nil)
    }

    @Test("a stop in order leaves no doubt")
    func stop() async throws {
        let fixture = try fixture()
        let school = try TestConnection(fixture, BrokerFixture.school)
        _ = school.fetch(fixture)
        school.loop.run()
        school.session.close()
        school.loop.run()
        await fixture.services.deliveries.shutDown()
        let entries = try await restarted(fixture)
        #expect(entries.map(\.kind) == [.reserved, .delivered, .stopped, .started])
        #expect(entries[3].data.possiblyMissing == nil && entries[3].data.run != entries[2].data.run)
    }

    @Test("after a crash what was reserved, is in the log, and was not told reads “possibly delivered”, once")
    func crash() async throws {
        let fixture = try fixture()
        let school = try TestConnection(fixture, BrokerFixture.school)
        let first = school.fetch(fixture, [Asked(bytesMax: 1)])
        school.loop.run()
        #expect(try school.values(first) == ["a"])
        school.advance(1_000)
        #expect(try school.values(school.fetch(fixture, [Asked(offset: 1, bytesMax: 1)])) == ["b"])
        // Cut off within the second.
        let entries = try await restarted(fixture)
        #expect(entries.map(\.kind) == [.reserved, .delivered, .possible, .started])
        let (reserved, possible) = (entries[0], entries[2])
        let (item, was) = (try #require(possible.data.deliveries?.first), try #require(reserved.data.deliveries?.first))
        #expect(item.offsets == "1-3" && item.window == was.window && item.citation == was.citation && item.topicId == was.topicId)
        #expect(possible.data.session == reserved.data.session && possible.data.node == BrokerFixture.school && possible.data.certificate == reserved.data.certificate)
        #expect(entries[3].data.possiblyMissing == .init(from: "2026-11-22T18:39:59.000Z", to: "2026-11-22T19:40:00.000Z"))
        // The next start does not say it again.
        #expect(try await restarted(fixture).map(\.kind) == [.reserved, .delivered, .possible, .started, .started])
    }

    @Test("only what may still be open is read: the end of a long ledger says where that begins")
    func openFrom() async throws {
        let fixture = try fixture()
        for number in 0..<20 {
            let school = try TestConnection(fixture, "education/schools/s\(number)")
            _ = school.fetch(fixture)
            school.loop.run()
            school.session.close()
            school.loop.run()
        }
        let last = try TestConnection(fixture, BrokerFixture.school)
        _ = last.fetch(fixture)
        last.loop.run()
        last.advance(1_000)
        let reads = fixture.ledgerPartition.snapshot.reads
        fixture.ledgerPartition.change { $0.batchesPerReadMax = 1 }
        let entries = try await restarted(fixture)
        // The last one, and the two of the session that was open.
        #expect(fixture.ledgerPartition.snapshot.reads - reads == 3)
        #expect(entries.suffix(2).map(\.kind) == [.delivered, .started] || entries.suffix(2).map(\.kind) == [.possible, .started])
    }

    @Test("a ledger that ends in what is no entry is begun anew, and says that something may be missing")
    func unreadable() async throws {
        let fixture = try BrokerFixture()
        let batch = AdmissionPipeline.admitOwn(Batches.batch(["not JSON"]), .broker(fixture.topic(AuditTopic.delivery)))
        fixture.ledgerPartition.append(batch, ticket: AppendTicket(rawValue: 0), completions: nil)
        fixture.store.commit()
        await fixture.services.deliveries.begin { _, _ in nil }
        let stored = fixture.ledgerPartition.snapshot.stored
        #expect(stored.count == 2)
        let value = try #require(try Batches.values(stored[1].bytes).first)
        #expect(value.contains("hanbridge.delivery.started") && value.contains("possiblyMissing"))
    }

    @Test("a start that cannot write waits with its word, and writes it before anything else")
    func diskFull() async throws {
        let fixture = try BrokerFixture()
        fixture.ledgerPartition.change { $0.appendError = .diskFull }
        await fixture.services.deliveries.begin { _, _ in nil }
        try fixture.publish(["a"])
        let school = try TestConnection(fixture, BrokerFixture.school)
        _ = school.fetch(fixture)
        fixture.ledgerPartition.change { $0.appendError = nil }
        school.advance(1_000)
        #expect(try fixture.ledger().map(\.kind) == [.started, .delivered])
    }
}
