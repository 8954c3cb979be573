import AccessPolicy
import KafkaWire
import NIOCore
import Storage
import Testing

@testable import Broker

@Suite("What the ledger says of restricted subscribers")
struct RestrictedDeliveryTests {
    private static let rule = "fields: {allow: [citizenId, ward], mask: {citizenId: last4}}, where: {ward: [son-tra]}"
    private static let other = "      - {node: education/schools/*, may: [subscribe], fields: {allow: [name]}, where: {ward: [cam-le]}}"

    /// Under the school's first rule, hidden, under its second, and under the first.
    private func fixture() throws -> BrokerFixture {
        let fixture = try BrokerFixture.restricted(Self.rule, more: Self.other)
        fixture.store(["son-tra", "hai-chau", "cam-le", "son-tra"].enumerated().map { .typed(People.person($0.offset, ward: $0.element)) })
        return fixture
    }

    private func closeDeliveries(_ fixture: BrokerFixture, on loop: any EventLoop) async throws {
        let services = fixture.services
        try await loop.submit { services.dataPlane(on: loop).deliveries.value.close() }.get()
    }

    /// What was delivered, once everything is told.
    private func told(_ fixture: BrokerFixture, on loop: any EventLoop) async throws -> [DeliveryEvent] {
        try await closeDeliveries(fixture, on: loop)
        let events = try await fixture.eventually({ try fixture.ledger() }, until: { $0.contains { $0.data.ended != nil } })
        return events.filter { $0.kind == .delivered && $0.data.deliveries != nil }
    }

    @Test("each rule is an item of its own: its agreement, the records it showed, what it masks, and the schemas that the records name")
    func views() async throws {
        let fixture = try fixture()
        let school = try await LiveConnection(fixture)
        let answer = try await school.fetch(fixture)
        let records = try answer.batches.flatMap(\.records)
        let items = try await told(fixture, on: school.loop).flatMap { $0.data.deliveries ?? [] }
        #expect(items.map(\.citation) == ["agreement:DSA-1#1", "agreement:DSA-1#2"])
        #expect(items.map(\.fields) == [["citizenId:last4", "only:citizenId,ward"], ["only:name"]])
        #expect(items.map(\.offsets) == ["0,3", "2"] && items.map(\.records) == [2, 1])
        #expect(records.map(\.offset) == [0, 2, 3])
        let schemas = try records.prefix(2).map { try #require($0.schemaID) }
        #expect(items.map(\.schemaIds) == [[schemas[0]], [schemas[1]]] && schemas[0] != schemas[1])
        #expect(items.reduce(0) { $0 + ($1.bytes ?? 0) } == answer.records?.readableBytes)
        try await school.close()
    }

    @Test("a page over HTTPS is told under the rules of the records on it")
    func page() async throws {
        let fixture = try fixture()
        let loop = LiveLoop.next()
        let wish = RecordPageWish(topic: BrokerFixture.topic, partition: 0, offset: 1, limit: 1, waitMilliseconds: 30_000)
        let page = try await RecordPages(fixture.services).page(
            wish, for: try BrokerFixture.peer(BrokerFixture.school), on: loop, room: { UnlimitedAnswerRoom() }
        ).get()
        try #require(page.records.map(\.record.offset) == [2])
        let events = try await told(fixture, on: loop)
        #expect(events.map(\.data.interface) == ["https"])
        let items = events.flatMap { $0.data.deliveries ?? [] }
        #expect(items.map(\.citation) == ["agreement:DSA-1#2"] && items.map(\.fields) == [["only:name"]] && items.map(\.offsets) == ["2"])
        let schema = try #require(page.records[0].schemaID)
        #expect(items.map(\.schemaIds) == [[schema]])
    }

    @Test("records that are all hidden are no delivery, though the subscriber's position goes on")
    func hidden() async throws {
        let fixture = try BrokerFixture.restricted(Self.rule)
        fixture.store((0..<3).map { .typed(People.person($0)) })
        let school = try await LiveConnection(fixture)
        #expect(try await school.fetch(fixture).batches.map(\.header.isControl) == [true])
        try await closeDeliveries(fixture, on: school.loop)
        #expect(try fixture.ledger().isEmpty)
        try await school.close()
    }

    @Test("on a strict topic what is read is reserved before it is masked, however much of it is hidden, and what was shown is told")
    func strict() async throws {
        let fixture = try BrokerFixture.restricted(Self.rule, configuration: ["hanbridge.delivery": "reserved"])
        let count = Int(DeliveryLimits.windowOffsetsMin)
        for start in stride(from: 0, to: 3 * count, by: 100) { fixture.store((start..<start + 100).map { .typed(People.person($0)) }) }
        let first = fixture.log().bounds.highWatermark.rawValue
        for number in 0..<40 { fixture.store((0..<100).map { .typed(People.person(number * 100 + $0, ward: "son-tra")) }) }
        let school = try await LiveConnection(fixture)
        let records = try await school.readAll(fixture)
        #expect(records.map(\.offset) == Array(first..<first + 4_000))
        let items = try await told(fixture, on: school.loop).flatMap { $0.data.deliveries ?? [] }
        var runs = OffsetRuns()
        for item in items {
            #expect(item.citation == "agreement:DSA-1#1" && item.fields == ["citizenId:last4", "only:citizenId,ward"])
            for run in item.ranges { runs.append(run) }
        }
        #expect(runs == OffsetRuns(first...first + 3_999))
        let reserved = try fixture.ledger().filter { $0.kind == .reserved }.flatMap { $0.data.deliveries ?? [] }
        #expect(reserved.allSatisfy { $0.citation == "agreement:DSA-1#1" } && reserved.first?.ranges.first?.lowerBound == 0)
        try await school.close()
    }
}
