import AccessPolicy
import KafkaWire
import NIOConcurrencyHelpers
import NIOCore
import NIOEmbedded
import NIOPosix
import Sentences
import Storage
import Testing

@testable import Broker

@Suite("Deliveries that are reserved first")
struct ReservationTests {
    private static let personal = ["hanbridge.classification": "personal"]

    private func fixture(_ values: [String] = ["a", "b", "c"], configuration: [String: String] = Self.personal) throws -> BrokerFixture {
        let fixture = try BrokerFixture(configuration: configuration)
        for value in values { try fixture.publish([value]) }
        return fixture
    }

    private func holdCommits(_ fixture: BrokerFixture, _ holds: Bool = true) { fixture.store.behaviour.withLockedValue { $0.holdsCommits = holds } }

    @Test("personal and sensitive topics reserve, others do not, and the topic's own word goes before")
    func configuration() throws {
        func reserves(_ values: [String: String]) throws -> Bool {
            try TopicConfiguration(values, defaultsOf: BrokerSettings()).reservesDeliveries
        }
        for (classification, expected) in [("internal", false), ("open", false), ("personal", true), ("sensitive", true)] {
            #expect(try reserves(["hanbridge.classification": classification]) == expected)
            #expect(try reserves(["hanbridge.classification": classification, "hanbridge.delivery": "reserved"]))
            #expect(try !reserves(["hanbridge.classification": classification, "hanbridge.delivery": "coalesced"]))
        }
    }

    @Test("nothing is sent before the reservation is durable, whatever the client's wait; then what it covers goes at once")
    func durableFirst() throws {
        let fixture = try fixture()
        let school = try TestConnection(fixture, BrokerFixture.school)
        holdCommits(fixture)
        let first = school.fetch(fixture)
        school.advance(60_000)
        #expect(!school.isAnswered(first))
        #expect(try fixture.ledger().isEmpty)
        fixture.store.commit()
        school.loop.run()
        #expect(try fixture.told(.reserved) == ["\(BrokerFixture.school) \(BrokerFixture.topic)/0: 0-\(DeliveryLimits.windowOffsetsMin - 1)"])
        #expect(try school.values(first) == ["a", "b", "c"])
        // Within the window without the disk.
        #expect(try school.values(school.fetch(fixture, [Asked(offset: 1)])) == ["b", "c"])
        holdCommits(fixture, false)
        fixture.store.commit()
        school.advance(1_000)
        let delivered = try #require(try fixture.ledger().last { $0.kind == .delivered })
        #expect(delivered.data.deliveries?.map(\.offsets) == ["0-2"])
    }

    @Test("where none can be written the partition answers a storage error and sends nothing; others are served")
    func refused() throws {
        let fixture = try fixture()
        try fixture.publish(["open"], to: BrokerFixture.other)
        fixture.ledgerPartition.change { $0.appendError = .diskFull }
        let school = try TestConnection(fixture, BrokerFixture.school)
        for _ in 0..<3 {
            let partition = try school.partition(school.fetch(fixture, wait: 500))
            #expect(partition.errorCode == .kafkaStorageError && (partition.records?.readableBytes ?? 0) == 0)
            #expect(try school.values(school.fetch(fixture, topic: BrokerFixture.other)) == ["open"])
            school.advance(1_000)
        }
        fixture.ledgerPartition.change { $0.appendError = nil }
        school.advance(1_000)
        #expect(try school.values(school.fetch(fixture)) == ["a", "b", "c"])
    }

    @Test("an access that ends while the reservation is written gets nothing, and what was reserved is given back")
    func endsMeanwhile() throws {
        let fixture = try fixture()
        let school = try TestConnection(fixture, BrokerFixture.school)
        holdCommits(fixture)
        let fetch = school.fetch(fixture, wait: 10_000)
        fixture.services.install(policy: try BrokerFixture.policy(BrokerFixture.agreements.replacing("education/schools/*", with: "portal/x/y"), version: 2))
        school.loop.run()
        #expect(try school.partition(fetch).errorCode == .topicAuthorizationFailed)
        holdCommits(fixture, false)
        fixture.store.commit()
        school.advance(1_000)
        let entries = try fixture.ledger()
        #expect(entries.flatMap { $0.data.closes ?? [] } == entries.flatMap { $0.data.deliveries ?? [] }.compactMap(\.window))
        #expect(try fixture.told().isEmpty)
    }

    @Test("a fast reader never waits again: windows are reserved ahead, grow up to the limit, and are closed when they are used")
    func ahead() throws {
        let fixture = try fixture([])
        let school = try TestConnection(fixture, BrokerFixture.school)
        let batch = Array(repeating: "x", count: 512)
        var position: Int64 = 0
        var waits = 0
        for _ in 0..<40 {
            try fixture.publish(batch)
            holdCommits(fixture)
            let fetch = school.fetch(fixture, [Asked(offset: position)])
            if !school.isAnswered(fetch) { waits += 1 }
            holdCommits(fixture, false)
            fixture.store.commit()
            school.loop.run()
            #expect(try school.values(fetch).count == 512)
            position += 512
        }
        #expect(waits == 1)
        school.advance(1_000)
        let windows = try fixture.ledger().filter { $0.kind == .reserved }.flatMap { $0.data.deliveries ?? [] }
        #expect(try #require(windows.map(\.records).max()) > 4 * DeliveryLimits.windowOffsetsMin)
        #expect(windows.allSatisfy { $0.records <= DeliveryLimits.windowOffsetsMax })
        let closed = Set(try fixture.ledger().flatMap { $0.data.closes ?? [] })
        let open = windows.filter { !closed.contains($0.window ?? "") }
        #expect(open.count <= 2)
        // Together they are what was sent, once.
        #expect(try fixture.told().joined().hasSuffix("0-\(position - 1)"))
    }

    @Test("windows do not grow beyond the limit, and one batch that is larger has a window of its own")
    func limits() throws {
        let source = DeliverySource(
            topic: try fixture([]).topic(), partition: PartitionID(topic: .random(), partition: 0),
            reading: Reading(.subscribe(topic: "t"), by: Decision(.allowed(by: .everyone), policyVersion: 1, holdsUntil: .max), nil))
        let stream = DeliveryStream(source, now: .uptimeNanoseconds(0))
        var (position, id): (Int64, UInt64) = (0, 0)
        for _ in 0..<20 {
            let window = stream.window(covering: position...position)
            #expect(window.count <= DeliveryLimits.windowOffsetsMax)
            id += 1
            stream.open(id, window, now: .uptimeNanoseconds(0))
            #expect(stream.becameDurable(id, now: .uptimeNanoseconds(0)))
            position = window.upperBound
            #expect(stream.passed(position, now: .uptimeNanoseconds(1)) == [id])
        }
        #expect(stream.window(covering: position...position).count == DeliveryLimits.windowOffsetsMax)
        let large = position...position + DeliveryLimits.windowOffsetsMax
        #expect(stream.window(covering: large) == position..<large.upperBound + 1)
    }

    @Test("a request that names a partition twice gets it once: the second has nothing to stand on when the first used the window up")
    func twice() throws {
        let fixture = try fixture([])
        try fixture.publish(Array(repeating: "x", count: Int(DeliveryLimits.windowOffsetsMin)))
        let school = try TestConnection(fixture, BrokerFixture.school)
        let fetch = school.fetch(fixture, [Asked(), Asked()])
        school.loop.run()
        let partitions = try school.response(fetch, to: FetchRequest.self, version: 12).partitions
        let counts = try partitions.map { ($0.records?.readableBytes ?? 0) > 0 ? try Batches.values($0.records).count : 0 }
        #expect(counts == [Int(DeliveryLimits.windowOffsetsMin), 0])
        school.advance(1_000)
        #expect(try fixture.told().joined().hasSuffix(": 0-\(DeliveryLimits.windowOffsetsMin - 1)"))
    }

    @Test("a reader over HTTPS that is forgotten while it waits is told to come again")
    func forgotten() throws {
        let fixture = try fixture()
        let loop = EmbeddedEventLoop()
        holdCommits(fixture)
        let services = fixture.services
        let peer = try BrokerFixture.peer(BrokerFixture.school)
        let account = services.dataPlane(on: loop).deliveries.value.beginPage(of: peer)
        let session = KafkaSession(peer: peer, services: services, eventLoop: loop, answerRoom: UnlimitedAnswerRoom(), reader: account)
        var answers: [FetchResponse] = []
        session.fetchOnce(FetchRequest(of: fixture.topic(), [Asked()], version: 12), for: .none) { response, _ in answers.append(response) }
        loop.run()
        #expect(answers.isEmpty)
        services.dataPlane(on: loop).deliveries.value.close()
        loop.run()
        #expect(answers.map { $0.responses.first?.partitions.first?.errorCode } == [ErrorCode(StorageError.overloaded)])
        holdCommits(fixture, false)
        fixture.store.commit()
        loop.run()
        #expect(Set(try fixture.ledger().flatMap { $0.data.closes ?? [] }).count == 1)
        session.close()
    }

    @Test("a window that nothing is sent from is closed after a minute")
    func idle() throws {
        let fixture = try fixture()
        let school = try TestConnection(fixture, BrokerFixture.school)
        _ = school.fetch(fixture)
        school.loop.run()
        school.advance(DeliveryLimits.windowIdleMilliseconds - 1_000)
        #expect(try fixture.ledger().allSatisfy { $0.data.closes == nil })
        school.advance(2_000)
        #expect(try fixture.ledger().flatMap { $0.data.closes ?? [] }.count == 1)
        let again = school.fetch(fixture)
        school.loop.run()
        #expect(try school.values(again) == ["a", "b", "c"])
    }

    @Test("a session that goes elsewhere gives back what it reserved")
    func seek() throws {
        let fixture = try fixture([])
        for _ in 0..<4 { try fixture.publish(Array(repeating: "x", count: 1_000)) }
        let school = try TestConnection(fixture, BrokerFixture.school)
        for offset in [0, 3_000, 0] as [Int64] {
            let fetch = school.fetch(fixture, [Asked(offset: offset, bytesMax: 1)])
            school.loop.run()
            #expect(try school.values(fetch).count == 1_000)
        }
        school.session.close()
        school.loop.run()
        let reserved = try fixture.ledger().flatMap { $0.data.deliveries ?? [] }.compactMap(\.window)
        #expect(Set(try fixture.ledger().flatMap { $0.data.closes ?? [] }) == Set(reserved))
        #expect(try fixture.told().joined().hasSuffix("0-999,3000-3999,0-999"))
    }

    @Test("a thousand sessions that lose their access are told with their last offset each, and the others go on")
    func thousand() throws {
        let fixture = try fixture(["a", "b"])
        let loop = EmbeddedEventLoop()
        let sessions = try (0..<1_000).map { try TestConnection(fixture, "education/schools/s\($0)", on: loop) }
        let agreements = BrokerFixture.agreements.replacing("may: [publish]", with: "may: [publish, subscribe]")
        fixture.services.install(policy: try BrokerFixture.policy(agreements, version: 2))
        let wards = try (0..<10).map { try TestConnection(fixture, "health/ward/w\($0)", on: loop) }
        for session in sessions + wards { _ = session.fetch(fixture, [Asked(bytesMax: 1)]) }
        loop.run()
        loop.advanceTime(by: .seconds(1))
        fixture.services.install(policy: try BrokerFixture.policy(agreements.replacing("education/schools/*", with: "portal/x/y"), version: 3))
        loop.advanceTime(by: .seconds(1))
        let ended = try fixture.ledger().flatMap { entry in (entry.data.ended ?? []).map { (entry.data.node ?? "", $0) } }
        #expect(Set(ended.map(\.0)) == Set((0..<1_000).map { "education/schools/s\($0)" }) && ended.count == 1_000)
        #expect(ended.allSatisfy { $0.1 == .init(topic: BrokerFixture.topic, partition: 0, lastOffset: 0, reason: "no-agreement") })
        for ward in wards {
            let fetch = ward.fetch(fixture, [Asked(offset: 1)])
            loop.run()
            #expect(try ward.values(fetch) == ["b"])
        }
    }

    private func page(
        of fixture: BrokerFixture, from offset: Int64 = 0, on loop: EmbeddedEventLoop, _ tasks: HeldTasks
    ) throws -> HeldTasks.Outcome<Result<RecordPage, RecordPageRefusal>> {
        let (pages, peer) = (RecordPages(fixture.services), try BrokerFixture.peer(BrokerFixture.school))
        let wish = RecordPageWish(topic: BrokerFixture.topic, partition: 0, offset: offset, limit: 3, waitMilliseconds: 0)
        return tasks.begin { await pages.page(wish, for: peer, on: loop, room: { UnlimitedAnswerRoom() }) }
    }

    @Test("a reader over HTTPS is not silent while a page of its is read and made, however long that takes a busy machine", arguments: [0, 1])
    func slowPage(excess: Int64) throws {
        let fixture = try fixture()
        let (loop, tasks) = (EmbeddedEventLoop(), HeldTasks())
        let page = try page(of: fixture, on: loop, tasks)
        tasks.run()
        // It is read, and what was read waits for its turn to be made a page of.
        loop.run()
        let idle = max(DeliveryLimits.readerIdleMilliseconds, DeliveryLimits.windowIdleMilliseconds)
        loop.advanceTime(by: .milliseconds(idle + excess * DeliveryLimits.coalescedMilliseconds))
        #expect(page.value == nil)
        tasks.run()
        loop.run()
        tasks.run()
        #expect(try #require(page.value).get().records.map(\.record.offset) == [0, 1, 2])
        #expect(try fixture.told(.reserved).count == 1)
        // From then on it is, and is forgotten.
        loop.advanceTime(by: .milliseconds(idle - DeliveryLimits.coalescedMilliseconds))
        #expect(try fixture.ledger().allSatisfy { $0.data.ended == nil })
        loop.advanceTime(by: .milliseconds(2 * DeliveryLimits.coalescedMilliseconds))
        #expect(try fixture.told() == ["\(BrokerFixture.school) \(BrokerFixture.topic)/0: 0-2"])
        #expect(try fixture.ledger().flatMap { $0.data.ended ?? [] }.map(\.lastOffset) == [2])
    }

    @Test("a page that lost its reservation before it was told, because its reader asked for another one, is read again")
    func pageElsewhere() throws {
        let fixture = try fixture([])
        for _ in 0..<2 { try fixture.publish(Array(repeating: "x", count: 2_000)) }
        let (loop, firstTasks, secondTasks) = (EmbeddedEventLoop(), HeldTasks(), HeldTasks())
        let first = try page(of: fixture, on: loop, firstTasks)
        firstTasks.run()
        loop.run()
        let second = try page(of: fixture, from: 3_000, on: loop, secondTasks)
        for tasks in [secondTasks, firstTasks] {
            for _ in 0..<5 {
                tasks.run()
                loop.run()
            }
        }
        #expect(try #require(second.value).get().records.map(\.record.offset) == [3_000, 3_001, 3_002])
        #expect(try #require(first.value).get().records.map(\.record.offset) == [0, 1, 2])
        #expect(try fixture.told(.reserved).count == 3)
    }

    @Test("an access that ends while its page is made is refused for that, and nothing of it is given")
    func pageEndsMeanwhile() throws {
        let fixture = try fixture()
        let (loop, tasks) = (EmbeddedEventLoop(), HeldTasks())
        let page = try page(of: fixture, on: loop, tasks)
        tasks.run()
        loop.run()
        fixture.services.install(policy: try BrokerFixture.policy(BrokerFixture.agreements.replacing("education/schools/*", with: "portal/x/y"), version: 2))
        for _ in 0..<3 {
            loop.run()
            tasks.run()
        }
        #expect(page.value == .failure(RecordPageRefusal(.forbidden, .noAgreement(action: "subscribe", topic: BrokerFixture.topic))))
        #expect(try fixture.told().isEmpty)
    }

    @Test("a page over HTTPS is reserved too, and tells what it holds")
    func page() async throws {
        let fixture = try fixture([])
        try fixture.publish(["1", "2", "3", "4"])
        let peer = try BrokerFixture.peer(BrokerFixture.school)
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let wish = RecordPageWish(topic: BrokerFixture.topic, partition: 0, offset: 1, limit: 2, waitMilliseconds: 0)
        for _ in 0..<2 { #expect(try await RecordPages(fixture.services).page(wish, for: peer, on: loop, room: { UnlimitedAnswerRoom() }).get().records.map(\.record.offset) == [1, 2]) }
        #expect(try fixture.told(.reserved).count == 1)
        let services = fixture.services
        try await loop.submit { services.dataPlane(on: loop).deliveries.value.close() }.get()
        try await services.deliveries.flush()
        // One entry, or two where a second passed between the pages.
        #expect(Set(try fixture.told()) == ["\(BrokerFixture.school) \(BrokerFixture.topic)/0: 1-2"])
        let entries = try fixture.ledger().filter { $0.kind == .delivered && $0.data.deliveries != nil }
        #expect(entries.allSatisfy { $0.data.interface == "https" } && entries.flatMap { $0.data.deliveries ?? [] }.reduce(0) { $0 + ($1.bytes ?? 0) } == 4)
    }
}
