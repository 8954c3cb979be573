import AccessPolicy
import KafkaWire
import NIOConcurrencyHelpers
import NIOCore
import NIOEmbedded
import Storage
import Testing

@testable import Broker

@Suite("Deliveries that are told within a second")
struct DeliveryTests {
    @Test("what several answers hand over is one entry within a second, with who, what, why and under which version")
    func coalesced() throws {
        let fixture = try BrokerFixture(partitions: 2, agreements: PurposeAccessTests.agreements)
        for value in ["a", "b", "c"] { try fixture.publish([value, value]) }
        try fixture.publish(["d"], partition: 1)
        let school = try TestConnection(fixture, BrokerFixture.school)
        #expect(try school.values(school.fetch(fixture, [Asked(bytesMax: 1)])) == ["a", "a"])
        #expect(try school.values(school.fetch(fixture, [Asked(offset: 2), Asked(partition: 1)])) == ["b", "b", "c", "c"])
        #expect(try fixture.ledger().isEmpty)
        school.advance(DeliveryLimits.coalescedMilliseconds)
        let entry = try #require(try fixture.ledger().first)
        #expect(try fixture.ledger().count == 1)
        #expect(entry.kind == .delivered && entry.subject == "node:\(BrokerFixture.school)" && entry.time == "2026-11-22T18:40:00.000Z")
        #expect(entry.data.node == BrokerFixture.school && entry.data.interface == "kafka" && entry.data.address == "127.0.0.1:50000")
        #expect(entry.data.certificate == Digest256((5, 6, 7, 8)).hex && entry.data.session?.isEmpty == false)
        let items = try #require(entry.data.deliveries).sorted { $0.partition < $1.partition }
        #expect(items.map(\.offsets) == ["0-5", "0"] && items.map(\.records) == [6, 1])
        #expect(items[0].bytes == fixture.log().snapshot.stored.reduce(0) { $0 + $1.bytes.readableBytes })
        for item in items {
            #expect(item.topic == BrokerFixture.topic && item.topicId == fixture.topic().id.kafkaText && item.action == "subscribe")
            #expect(item.citation == "agreement:DSA-1#1" && item.policyVersion == 1 && item.purpose == "enrolment-check")
            #expect(item.purposeImplied == true && item.fields == nil && item.window == nil && item.since == entry.time)
        }
        // Nothing more without a delivery.
        school.advance(10 * DeliveryLimits.coalescedMilliseconds)
        #expect(try fixture.ledger().count == 1)
    }

    @Test("a batch is sent whole, from its beginning: that is what is told")
    func wholeBatches() throws {
        let fixture = try BrokerFixture()
        try fixture.publish(["a", "b", "c"])
        let school = try TestConnection(fixture, BrokerFixture.school)
        _ = school.fetch(fixture, [Asked(offset: 2)])
        school.session.close()
        school.loop.run()
        #expect(try fixture.told() == ["\(BrokerFixture.school) \(BrokerFixture.topic)/0: 0-2"])
    }

    @Test("an answer without records is no delivery, and neither is a refusal")
    func nothing() throws {
        let fixture = try BrokerFixture()
        try fixture.publish(["a"])
        let (school, stranger) = (try TestConnection(fixture, BrokerFixture.school), try TestConnection(fixture, BrokerFixture.stranger))
        _ = school.fetch(fixture, [Asked(offset: 1)])
        _ = stranger.fetch(fixture)
        for connection in [school, stranger] {
            connection.session.close()
            connection.advance(2_000)
        }
        #expect(try fixture.ledger().isEmpty)
    }

    @Test("another purpose is another item, and another session another entry")
    func apart() throws {
        let fixture = try BrokerFixture(agreements: PurposeAccessTests.agreements)
        try fixture.publish(["a"])
        let loop = EmbeddedEventLoop()
        let one = try TestConnection(fixture, PurposeAccessTests.insurer, on: loop)
        let two = try TestConnection(fixture, PurposeAccessTests.insurer, on: loop)
        for purpose in ["claims", "fraud-check", "claims"] { _ = one.fetch(fixture, clientID: "purpose=\(purpose)") }
        _ = two.fetch(fixture, clientID: "purpose=claims")
        one.advance(1_000)
        let entries = try fixture.ledger()
        #expect(entries.count == 2 && Set(entries.map(\.data.session)).count == 2)
        #expect(Set(entries.flatMap { $0.data.deliveries ?? [] }.compactMap(\.purpose)) == ["claims", "fraud-check"])
        #expect(entries.flatMap { $0.data.deliveries ?? [] }.count == 3)
    }

    @Test("a session that ends is told at once, with the last offset of each partition")
    func close() throws {
        let fixture = try BrokerFixture()
        try fixture.publish(["a", "b"])
        let school = try TestConnection(fixture, BrokerFixture.school)
        _ = school.fetch(fixture)
        school.session.close()
        school.loop.run()
        let entry = try #require(try fixture.ledger().first)
        #expect(entry.data.deliveries?.map(\.offsets) == ["0-1"])
        #expect(entry.data.ended == [.init(topic: BrokerFixture.topic, partition: 0, lastOffset: 1, reason: "session-closed")])
    }

    @Test("an access that a new policy ends is told with the last offset and what refuses now; the others of the session go on")
    func accessEnds() throws {
        let fixture = try BrokerFixture()
        try fixture.publish(["a", "b"])
        try fixture.publish(["c"], to: BrokerFixture.other)
        let school = try TestConnection(fixture, BrokerFixture.school)
        _ = school.fetch(fixture)
        _ = school.fetch(fixture, topic: BrokerFixture.other)
        school.advance(1_000)
        let denial = "  - id: HOLD\n    topic: \(BrokerFixture.topic)\n    owner: health\n    parties: [{node: education/*/*, deny: [subscribe]}]\n"
        fixture.services.install(policy: try BrokerFixture.policy(BrokerFixture.agreements + "\n" + denial, version: 2))
        school.advance(1_000)
        let ended = try fixture.ledger().flatMap { $0.data.ended ?? [] }
        #expect(ended == [.init(topic: BrokerFixture.topic, partition: 0, lastOffset: 1, reason: "denied:HOLD#0")])
        _ = school.fetch(fixture, topic: BrokerFixture.other)
        school.advance(1_000)
        // Under the new version.
        #expect(try fixture.ledger().flatMap { $0.data.deliveries ?? [] }.last?.policyVersion == 2)
    }

    @Test("while the disk refuses, what was handed over waits and is told when it takes entries again, in order")
    func diskFull() throws {
        let fixture = try BrokerFixture()
        try fixture.publish(["a"])
        let school = try TestConnection(fixture, BrokerFixture.school)
        fixture.ledgerPartition.change { $0.appendError = .diskFull }
        _ = school.fetch(fixture)
        school.advance(1_000)
        try fixture.publish(["b"])
        #expect(try school.values(school.fetch(fixture, [Asked(offset: 1)])) == ["b"])
        school.advance(1_000)
        #expect(try fixture.ledger().isEmpty)
        fixture.ledgerPartition.change { $0.appendError = nil }
        school.advance(1_000)
        #expect(try fixture.told().map { $0.suffix(2) } == [" 0", " 1"])
    }

    @Test("at the limit of what waits for the disk a fetch is answered; past it it waits, and while the disk refuses it is refused")
    func full() throws {
        let fixture = try BrokerFixture()
        try fixture.publish(["a"])
        let school = try TestConnection(fixture, BrokerFixture.school)
        let ledger = fixture.services.deliveries
        func fill(_ bytes: Int) {
            fixture.store.behaviour.withLockedValue { $0.holdsCommits = true }
            var left = bytes
            while left > 0 {
                var entry = DeliveryEntry(kind: .delivered, time: 0)
                entry.closes = Array(repeating: 1, count: min(1_000, max(0, left - entry.bytes) / 40))
                ledger.note([entry], on: school.loop)
                left -= entry.bytes
            }
        }
        fill(DeliveryLimits.waitingBytesMax - 1_000)
        #expect(try school.values(school.fetch(fixture)) == ["a"])
        fill(2_000)
        let waiting = school.fetch(fixture, wait: 5_000)
        #expect(!school.isAnswered(waiting))
        fixture.store.behaviour.withLockedValue { $0.holdsCommits = false }
        // The first write fails, and those behind it wait.
        fixture.ledgerPartition.change { $0.appendError = .diskFull }
        fixture.store.commit()
        school.loop.run()
        #expect(try school.partition(school.fetch(fixture)).errorCode == .kafkaStorageError)
        fixture.ledgerPartition.change { $0.appendError = nil }
        school.advance(1_000)
        #expect(try school.values(waiting) == ["a"])
        #expect(try school.values(school.fetch(fixture)) == ["a"])
    }

    @Test("reads of the audit are told once a minute and session, and wake nobody who reads it")
    func audit() throws {
        let fixture = try BrokerFixture()
        try fixture.publish(["a"])
        let loop = EmbeddedEventLoop()
        let school = try TestConnection(fixture, BrokerFixture.school, on: loop)
        let auditor = try TestConnection(fixture, "inspectorate/audit/one", roles: [.auditor], on: loop)
        _ = school.fetch(fixture)
        school.advance(1_000)
        func end() -> Int64 { fixture.ledgerPartition.bounds.highWatermark.rawValue }
        #expect(end() == 1)
        #expect(try auditor.partition(auditor.fetch(fixture, topic: AuditTopic.delivery)).records?.readableBytes ?? 0 > 0)
        auditor.advance(10_000)
        #expect(end() == 1)
        // It waits for what comes; what it read itself does not wake it.
        let waiting = auditor.fetch(fixture, [Asked(offset: 1)], topic: AuditTopic.delivery, wait: 30_000)
        fixture.clock.set(fixture.clock.now() + DeliveryLimits.auditCoalescedMilliseconds)
        auditor.advance(1_000)
        #expect(end() == 2 && !auditor.isAnswered(waiting))
        #expect(try fixture.told().last == "inspectorate/audit/one \(AuditTopic.delivery)/0: 0")
        // An entry about others does.
        _ = school.fetch(fixture)
        school.advance(1_000)
        #expect(auditor.isAnswered(waiting))
    }

    @Test("a connection keeps so many partitions apart; those before are told at once, and nothing is lost")
    func streams() throws {
        let count = DeliveryLimits.streamsPerConnectionMax + 1
        let fixture = try BrokerFixture(partitions: Int32(count))
        for partition in 0..<count { try fixture.publish(["a"], partition: Int32(partition)) }
        let school = try TestConnection(fixture, BrokerFixture.school)
        func asked(_ partitions: Range<Int>) -> [Asked] { partitions.map { Asked(partition: Int32($0)) } }
        _ = school.fetch(fixture, asked(0..<count - 1))
        #expect(try fixture.told().isEmpty)
        _ = school.fetch(fixture, asked(count - 1..<count))
        school.loop.run()
        #expect(try fixture.told().count == count - 1)
        school.advance(1_000)
        #expect(try fixture.told().count == count)
    }

    @Test("so many readers over HTTPS are remembered; past it the one silent longest is forgotten")
    func readers() throws {
        let fixture = try BrokerFixture()
        let loop = EmbeddedEventLoop()
        let book = fixture.services.dataPlane(on: loop).deliveries.value
        let school = try BrokerFixture.peer(BrokerFixture.school)
        func account(_ number: Int) -> DeliveryAccount {
            book.account(
                ofReader: Peer(
                    identity: school.identity, writer: school.writer, certificateFingerprint: school.certificateFingerprint,
                    remoteAddress: "192.0.2.1:\(number)"))
        }
        let first = account(0)
        loop.advanceTime(by: .milliseconds(1))
        for number in 1..<DeliveryLimits.readersMax { _ = account(number) }
        #expect(account(0) === first)
        let second = account(1)
        loop.advanceTime(by: .milliseconds(1))
        for number in 2..<DeliveryLimits.readersMax { _ = account(number) }
        _ = account(0)
        _ = account(DeliveryLimits.readersMax)
        #expect(account(0) === first && account(1) !== second)
    }

    @Test("the streams of all connections are counted: at the limit there is room, past it none until one is given back")
    func budget() {
        let budget = DeliveryBudget(2)
        #expect(budget.take() && budget.take() && !budget.take() && !budget.take())
        budget.give(1)
        #expect(budget.take() && !budget.take())
    }

    @Test("a partition that holds so many runs is told at once")
    func runs() throws {
        let fixture = try BrokerFixture()
        let loop = EmbeddedEventLoop()
        let account = DeliveryAccount(try BrokerFixture.peer(BrokerFixture.school), .kafka, in: fixture.services.dataPlane(on: loop).deliveries.value)
        let decision = Decision(.allowed(by: .everyone), policyVersion: 1, holdsUntil: .max)
        let source = DeliverySource(
            topic: fixture.topic(), partition: fixture.log().id, reading: Reading(.subscribe(topic: BrokerFixture.topic), by: decision, nil))
        func deliver(_ offset: Int64) {
            let portion = Delivery.Portion(form: 0, offsets: OffsetRuns(offset...offset), bytes: 1, schemaIDs: [])
            account.deliver(Delivery(source, passed: offset...offset, portions: [portion]))
        }
        for number in 0..<DeliveryLimits.runsMax - 1 { deliver(Int64(number) * 2) }
        loop.run()
        #expect(try fixture.ledger().isEmpty)
        deliver(Int64(DeliveryLimits.runsMax) * 2)
        loop.run()
        #expect(try fixture.ledger().flatMap { $0.data.deliveries ?? [] }.reduce(0) { $0 + $1.records } == Int64(DeliveryLimits.runsMax))
    }
}
