import AccessPolicy
import KafkaWire
import NIOConcurrencyHelpers
import NIOCore
import Storage
import Testing

@testable import Broker

@Suite("Quotas")
struct QuotaTests {
    /// Nanoseconds that a test moves on.
    private final class Time: Sendable {
        private let value = NIOLockedValueBox<UInt64>(0)
        var now: UInt64 { value.withLockedValue { $0 } }
        func advance(_ milliseconds: UInt64) { value.withLockedValue { $0 += milliseconds * 1_000_000 } }
    }

    private static let ward = "health/ward/tan-dinh"

    private static func table(_ quotas: [(QuotaEntity, QuotaKey, Double)]) throws -> QuotaTable {
        var table = QuotaTable.empty
        for (entity, key, value) in quotas {
            var limits = table.limits[entity] ?? QuotaLimits()
            try limits.set(key, to: value, of: entity)
            table = table.with(entity, limits)
        }
        return table
    }

    private func fixture(_ time: Time, _ quotas: [(QuotaEntity, QuotaKey, Double)], configuration: [String: String] = [:]) throws -> BrokerFixture {
        let fixture = try BrokerFixture(configuration: configuration, quotas: Quotas { time.now })
        fixture.services.quotas.table.replace(with: try Self.table(quotas))
        return fixture
    }

    // MARK: Whose they are

    @Test(
        "Kafka's users are nodes, agencies and the default, with and without the principal's type",
        arguments: [
            ("a/b/c", QuotaEntity.node("a/b/c")), ("User:a/b/c", .node("a/b/c")), ("a/*", .agency("a")), (nil, .everyNode),
        ] as [(String?, QuotaEntity)])
    func entities(name: String?, entity: QuotaEntity) throws {
        #expect(try QuotaEntity(kafkaName: name) == entity)
        #expect(try QuotaEntity(kafkaName: entity.kafkaName) == entity)
    }

    @Test("What is neither is refused", arguments: ["", "a", "a/b", "a/b/*", "*/*", "a/b/c/d", "A/b/c", "a//c", "a/b/c ", "CN=a", "a/../c", "User:"])
    func notEntities(name: String) {
        #expect(throws: QuotaRefusal.self) { try QuotaEntity(kafkaName: name) }
    }

    @Test("Numbers are above zero, whole where things are counted, and stored bytes are an agency's")
    func values() {
        func isTaken(_ key: QuotaKey, _ value: Double, _ entity: QuotaEntity = .agency("a")) -> Bool {
            var limits = QuotaLimits()
            return (try? limits.set(key, to: value, of: entity)) != nil
        }
        for key in QuotaKey.allCases {
            #expect(isTaken(key, 1) && isTaken(key, 1e15))
            #expect(!isTaken(key, 0) && !isTaken(key, -1) && !isTaken(key, .nan) && !isTaken(key, .infinity) && !isTaken(key, 1.1e15))
            #expect(isTaken(key, 0.5) == key.isRate)
        }
        #expect(!isTaken(.storedBytes, 1, .node("a/b/c")) && !isTaken(.storedBytes, 1, .everyNode))
        #expect(throws: QuotaRefusal.self) { try QuotaLimits.key("request_percentage") }
    }

    @Test("A node has its own quota or what every node has, and beside it its agency's; the one that is passed by more decides")
    func precedence() throws {
        let time = Time()
        let quotas = Quotas { time.now }
        quotas.table.replace(
            with: try Self.table([
                (.everyNode, .requestRate, 10), (.node("a/b/one"), .requestRate, 100), (.agency("a"), .requestRate, 50),
            ]))
        func node(_ path: String) throws -> NodeIdentity { try BrokerFixture.peer(path).identity }
        // The agency's part is used up by one node, and the other one waits with it.
        #expect(quotas.count(50, of: .requestRate, by: try node("a/b/one")) == 0)
        #expect(quotas.count(1, of: .requestRate, by: try node("a/b/one")) == 20_000_000)
        #expect(quotas.count(1, of: .requestRate, by: try node("a/b/two")) == 40_000_000)
        #expect(quotas.debt(of: .requestRate, by: try node("a/b/two")) == 40_000_000)
        #expect(quotas.count(10, of: .requestRate, by: try node("z/b/one")) == 0)
        #expect(quotas.count(1, of: .requestRate, by: try node("z/b/one")) == 100_000_000)
        #expect(quotas.count(1000, of: .fetchByteRate, by: try node("z/b/one")) == 0)
        time.advance(1000)
        #expect(quotas.debt(of: .requestRate, by: try node("a/b/two")) == 0)
        // A pause has an end, what is owed has none.
        #expect(quotas.count(1000, of: .requestRate, by: try node("z/b/one")) == Quotas.pauseNanosecondsMax)
    }

    // MARK: Produce and Fetch

    @Test("Produced bytes at the quota go on; past it the answer says for how long its connection pauses, and it does")
    func produced() throws {
        let time = Time()
        let fixture = try fixture(time, [(.node(Self.ward), .produceByteRate, 2000)])
        let connection = try TestConnection(fixture, BrokerFixture.ward)
        let first = connection.send(ProduceRequest(batches: [(0, Batches.batch(["a"]))]), version: 9)
        #expect(try connection.response(first, to: ProduceRequest.self, version: 9).throttleTimeMilliseconds == 0)
        let large = connection.send(ProduceRequest(batches: [(0, Batches.batch([String(repeating: "x", count: 4000)]))]), version: 9)
        let response = try connection.response(large, to: ProduceRequest.self, version: 9)
        #expect(response.responses[0].partitionResponses[0].errorCode == .none, "it is appended all the same")
        let throttle = Int64(response.throttleTimeMilliseconds)
        #expect(throttle > 1000 && throttle < 1500)
        let behind = connection.send(ProduceRequest(batches: [(0, Batches.batch(["b"]))]), version: 9)
        #expect(!connection.isAnswered(behind))
        connection.advance(throttle - 1)
        #expect(!connection.isAnswered(behind))
        time.advance(UInt64(throttle))
        connection.advance(1)
        #expect(try connection.response(behind, to: ProduceRequest.self, version: 9).responses[0].partitionResponses[0].errorCode == .none)
        // Another node's connections are not touched.
        let other = try TestConnection(fixture, "health/ward/other")
        let free = other.send(ProduceRequest(batches: [(0, Batches.batch([String(repeating: "x", count: 4000)]))]), version: 9)
        #expect(try other.response(free, to: ProduceRequest.self, version: 9).throttleTimeMilliseconds == 0)
    }

    @Test("The connections of a node share its quota, and what acks=0 sends counts too")
    func shared() throws {
        let time = Time()
        let fixture = try fixture(time, [(.node(Self.ward), .produceByteRate, 2000)])
        let (one, two) = (try TestConnection(fixture, BrokerFixture.ward), try TestConnection(fixture, BrokerFixture.ward))
        _ = one.send(ProduceRequest(batches: [(0, Batches.batch([String(repeating: "x", count: 4000)]))], acks: 0), version: 9)
        let number = two.send(ProduceRequest(batches: [(0, Batches.batch(["a"]))]), version: 9)
        #expect(try two.response(number, to: ProduceRequest.self, version: 9).throttleTimeMilliseconds > 1000)
    }

    private func fetch(_ connection: TestConnection) -> Int {
        connection.send(
            FetchRequest {
                $0.maxWaitMilliseconds = 500
                $0.minBytes = 1
                $0.maxBytes = 1 << 20
                $0.topics = [
                    .init {
                        $0.topic = BrokerFixture.topic
                        $0.partitions = [
                            .init {
                                $0.partition = 0
                                $0.partitionMaxBytes = 1 << 20
                            }
                        ]
                    }
                ]
            }, version: 11)
    }

    @Test("What was read beyond the quota is answered, and then nothing until it is paid for: not over another connection either")
    func fetched() throws {
        let time = Time()
        let fixture = try fixture(time, [(.agency("education"), .fetchByteRate, 2000)])
        let publisher = try TestConnection(fixture, BrokerFixture.ward)
        _ = publisher.send(ProduceRequest(batches: [(0, Batches.batch([String(repeating: "x", count: 4000)]))]), version: 9)
        let (replay, live) = (try TestConnection(fixture, BrokerFixture.school), try TestConnection(fixture, "education/schools/other"))
        let first = try replay.response(fetch(replay), to: FetchRequest.self, version: 11)
        #expect(first.recordBytes > 4000)
        let throttle = Int64(first.throttleTimeMilliseconds)
        #expect(throttle > 1000 && throttle < 1500)
        // At once, with the partition's bounds and no records.
        let empty = try live.response(fetch(live), to: FetchRequest.self, version: 11)
        #expect(empty.recordBytes == 0 && empty.responses[0].partitions[0].highWatermark == 1 && empty.responses[0].partitions[0].errorCode == .none)
        #expect(Int64(empty.throttleTimeMilliseconds) == throttle)
        let behind = fetch(replay)
        #expect(!replay.isAnswered(behind))
        time.advance(UInt64(throttle))
        replay.advance(throttle)
        #expect(try replay.response(behind, to: FetchRequest.self, version: 11).recordBytes > 4000)
    }

    @Test("Requests at the quota are answered at once, one more asks for a pause")
    func requests() throws {
        let time = Time()
        let fixture = try fixture(time, [(.everyNode, .requestRate, 3)])
        let connection = try TestConnection(fixture, BrokerFixture.ward)
        for count in 1...4 {
            let number = connection.send(ProduceRequest(batches: [(0, Batches.batch(["a"]))]), version: 9)
            #expect(try connection.response(number, to: ProduceRequest.self, version: 9).throttleTimeMilliseconds == (count <= 3 ? 0 : 334))
        }
        #expect(!connection.isAnswered(connection.send(ProduceRequest(batches: [(0, Batches.batch(["a"]))]), version: 9)))
    }

    @Test("A request of the control plane says it too, and a connection that ends while it pauses leaves nothing behind")
    func control() async throws {
        let time = Time()
        let fixture = try fixture(time, [(.everyNode, .requestRate, 1)])
        let connection = try await AsyncConnection(fixture, BrokerFixture.school)
        for throttle in [0, 1000] as [Int32] {
            let frame = TestConnection.frame(DescribeClusterRequest(), version: 0, correlationID: 0)
            guard case .response(let answer) = try await connection.send(frame).get() else { throw TestConnection.NotAnswered(number: 0, reply: "") }
            let response = try TestConnection.decode(answer, DescribeClusterRequest.self, version: 0, correlationID: 0)
            #expect(response.throttleTimeMilliseconds == throttle)
        }
        try await connection.close()
    }

    // MARK: Stored bytes

    @Test("An agency's topics hold as much as they may; what is beyond it is refused with the quota's name, until space was made")
    func stored() throws {
        let time = Time()
        let batch = Batches.batch([String(repeating: "x", count: 1000)])
        let fixture = try fixture(time, [(.agency("health"), .storedBytes, Double(2 * batch.readableBytes))], configuration: ["hanbridge.owner": "health"])
        let connection = try TestConnection(fixture, BrokerFixture.ward)
        func send() throws -> ProduceResponse.TopicProduceResponse.PartitionProduceResponse {
            let number = connection.send(ProduceRequest(batches: [(0, batch)]), version: 9)
            return try connection.response(number, to: ProduceRequest.self, version: 9).responses[0].partitionResponses[0]
        }
        #expect(try send().errorCode == .none)
        #expect(try send().errorCode == .none)
        let refused = try send()
        #expect(refused.errorCode == .policyViolation && refused.errorMessage?.contains("stored_bytes_max") == true)
        fixture.clock.set(fixture.clock.now() + 1000)
        #expect(try send().errorCode == .policyViolation)
        fixture.services.quotas.table.replace(with: try Self.table([(.agency("health"), .storedBytes, 1e9)]))
        #expect(try send().errorCode == .none)
        // Topics of nobody, and of others, are not bounded by it.
        let other = connection.send(ProduceRequest(to: BrokerFixture.other, batches: [(0, batch)]), version: 9)
        #expect(try connection.response(other, to: ProduceRequest.self, version: 9).responses[0].partitionResponses[0].errorCode == .none)
    }

    // MARK: HTTPS and connections

    @Test("Over HTTPS a request begins at the quota, and past it is told in how many seconds to ask again")
    func https() throws {
        let time = Time()
        let quotas = Quotas { time.now }
        quotas.table.replace(with: try Self.table([(.everyNode, .requestRate, 2), (.everyNode, .produceByteRate, 100), (.node("a/b/c"), .connections, 3), (.agency("a"), .connections, 5)]))
        let node = try BrokerFixture.peer("a/b/c").identity
        #expect(quotas.begin(.other, by: node) == nil)
        #expect(quotas.begin(.publishing, by: node) == nil)
        quotas.done(100, of: .publishing, by: node)
        time.advance(1000)
        #expect(quotas.begin(.publishing, by: node) == nil)
        quotas.done(350, of: .publishing, by: node)
        #expect(quotas.begin(.publishing, by: node) == 3)
        #expect(quotas.begin(.reading, by: node) == nil)
        #expect(quotas.begin(.other, by: node) == nil)
        #expect(quotas.begin(.other, by: node) == 1)
        #expect(quotas.connectionsMax(of: node).node == 3 && quotas.connectionsMax(of: node).agency == 5)
        let other = quotas.connectionsMax(of: try BrokerFixture.peer("b/b/c").identity)
        #expect(other.node == nil && other.agency == nil)
    }

    // MARK: Kafka's APIs

    private func alter(
        _ fixture: BrokerFixture, _ entity: [(String, String?)], _ ops: [(String, Double?)], roles: Set<Role> = [.operator], validateOnly: Bool = false
    ) async throws -> AlterClientQuotasResponse.EntryData {
        var request = AlterClientQuotasRequest()
        request.validateOnly = validateOnly
        var entry = AlterClientQuotasRequest.EntryData()
        entry.entity = entity.map { type, name in
            var each = AlterClientQuotasRequest.EntryData.EntityData()
            (each.entityType, each.entityName) = (type, name)
            return each
        }
        entry.ops = ops.map { key, value in
            var op = AlterClientQuotasRequest.EntryData.OpData()
            (op.key, op.value, op.remove) = (key, value ?? 0, value == nil)
            return op
        }
        request.entries = [entry]
        let context = try fixture.context(BrokerFixture.ward, roles: roles, version: 1)
        let entries = await AlterClientQuotas.handle(request, in: context).entries
        return try #require(entries.first)
    }

    private func describe(
        _ fixture: BrokerFixture, _ components: [(String, Int8, String?)] = [], strict: Bool = false, roles: Set<Role> = [.operator]
    ) async throws -> DescribeClientQuotasResponse {
        var request = DescribeClientQuotasRequest()
        request.strict = strict
        request.components = components.map { type, matchType, match in
            var component = DescribeClientQuotasRequest.ComponentData()
            (component.entityType, component.matchType, component.match) = (type, matchType, match)
            return component
        }
        return await DescribeClientQuotas.handle(request, in: try fixture.context(BrokerFixture.ward, roles: roles, version: 1))
    }

    private func names(_ response: DescribeClientQuotasResponse) -> [String?] { (response.entries ?? []).map { $0.entity[0].entityName } }

    @Test("Operators set, see and remove quotas, which are in force at once, and again after a restart")
    func administration() async throws {
        let fixture = try BrokerFixture()
        #expect(try await alter(fixture, [("user", "User:a/b/c")], [("producer_byte_rate", 1000), ("request_rate", 0.5)]).errorCode == .none)
        #expect(try await alter(fixture, [("user", "a/*")], [("stored_bytes_max", 5)]).errorCode == .none)
        #expect(try await alter(fixture, [("user", nil)], [("connections_max", 9)]).errorCode == .none)
        #expect(try await alter(fixture, [("user", "x/y/z")], [("connections_max", 9)], validateOnly: true).errorCode == .none)
        let all = try await describe(fixture)
        #expect(names(all) == [nil, "a/*", "a/b/c"])
        #expect(all.entries?[2].values.map(\.key) == ["producer_byte_rate", "request_rate"])
        #expect(all.entries?[2].values.map(\.value) == [1000, 0.5])
        #expect(names(try await describe(fixture, [("user", 0, "a/b/c")])) == ["a/b/c"])
        #expect(names(try await describe(fixture, [("user", 1, nil)])) == [nil])
        #expect(names(try await describe(fixture, [("user", 2, nil)], strict: true)).count == 3)
        #expect(names(try await describe(fixture, [("client-id", 2, nil)])).isEmpty)
        #expect(names(try await describe(fixture, strict: true)).isEmpty)
        #expect(fixture.services.quotas.connectionsMax(of: try BrokerFixture.peer("q/q/q").identity).node == 9)
        let stored = QuotaTable(try await fixture.metadata.quotas())
        #expect(stored.limits == fixture.services.quotas.table.value.limits)
        #expect(try await alter(fixture, [("user", "a/b/c")], [("producer_byte_rate", nil), ("request_rate", nil)]).errorCode == .none)
        #expect(names(try await describe(fixture)) == [nil, "a/*"])
        #expect(try await fixture.metadata.quotas().count == 2)
    }

    @Test("What is no user, no quota or no number is refused with a sentence, and others than operators are")
    func refusals() async throws {
        let fixture = try BrokerFixture()
        for (entity, ops) in [
            ([("client-id", "x")], [("request_rate", 1)]), ([("user", "a/b/c"), ("client-id", "x")], [("request_rate", 1)]), ([], [("request_rate", 1)]),
            ([("user", "CN=x")], [("request_rate", 1)]), ([("user", "a/b/c")], [("request_percentage", 1)]), ([("user", "a/b/c")], [("request_rate", -1)]),
            ([("user", "a/b/c")], [("request_rate", 1), ("request_rate", 2)]), ([("user", "a/b/c")], [("stored_bytes_max", 1)]),
        ] as [([(String, String?)], [(String, Double?)])] {
            let answer = try await alter(fixture, entity, ops)
            #expect(answer.errorCode == .invalidRequest && answer.errorMessage?.isEmpty == false)
        }
        #expect(try await alter(fixture, [("user", "a/b/c")], [("request_rate", 1)], roles: [.member, .steward]).errorCode == .clusterAuthorizationFailed)
        #expect(try await describe(fixture, roles: [.member]).errorCode == .clusterAuthorizationFailed)
        #expect(try await describe(fixture, [("user", 0, "x")]).errorCode == .invalidRequest)
        #expect(try await describe(fixture, [("user", 7, nil)]).errorCode == .invalidRequest)
        #expect(try await describe(fixture, [("user", 2, nil), ("user", 1, nil)]).errorCode == .invalidRequest)
        #expect(fixture.services.quotas.table.value.isEmpty)
        fixture.metadata.fail(with: .diskFull)
        #expect(try await alter(fixture, [("user", "a/b/c")], [("request_rate", 1)]).errorCode == .kafkaStorageError)
        #expect(fixture.services.quotas.table.value.isEmpty)
    }

    @Test("Entities with quotas at their limit are kept, one more is refused, and a known one is still changed")
    func entityLimit() async throws {
        let fixture = try BrokerFixture()
        var limits: [QuotaEntity: QuotaLimits] = [:]
        var one = QuotaLimits()
        try one.set(.requestRate, to: 1, of: .everyNode)
        for number in 1..<QuotaTable.entitiesMax { limits[.node("a/b/n\(number)")] = one }
        fixture.services.quotas.table.replace(with: QuotaTable(version: 1, limits: limits))
        #expect(try await alter(fixture, [("user", "a/b/last")], [("request_rate", 1)]).errorCode == .none)
        #expect(try await alter(fixture, [("user", "a/b/past")], [("request_rate", 1)]).errorCode == .policyViolation)
        #expect(try await alter(fixture, [("user", "a/b/last")], [("request_rate", 2)]).errorCode == .none)
    }
}
