import KafkaWire
import NIOConcurrencyHelpers
import NIOCore
import NIOEmbedded
import Testing

@testable import Broker

@Suite("Kafka session")
struct KafkaSessionTests {
    private func closeReason(of frame: ByteBuffer) throws -> String {
        let connection = try TestConnection(try BrokerFixture(), BrokerFixture.ward)
        let number = connection.send(frame)
        return try #require(connection.closeReason(number), "the connection must end, not \(String(describing: connection.replies[number]))")
    }

    private func frame(api: Int16, version: Int16, body: [UInt8] = []) -> ByteBuffer {
        var frame = ByteBuffer()
        RequestHeader(apiKey: api, apiVersion: version, correlationID: 5, clientID: "test").encode(into: &frame)
        frame.writeBytes(body)
        return frame
    }

    // MARK: What cannot be read

    @Test("A frame too short for a header ends the connection", arguments: 0..<10)
    func shortFrame(bytes: Int) throws {
        #expect(try closeReason(of: ByteBuffer(repeating: 0, count: bytes)).contains("header"))
    }

    @Test("An API that is not advertised ends the connection", arguments: [Int16(-1), 4, 24, 28, 1000, .max, .min])
    func unknownAPI(key: Int16) throws {
        #expect(try closeReason(of: frame(api: key, version: 0)).contains("not one of those advertised"))
    }

    @Test("A version that is not advertised ends the connection, one below and one above", arguments: ApiKey.allCases)
    func unknownVersion(api: ApiKey) throws {
        guard api != .apiVersions else { return }
        for version in [api.versions.lowerBound - 1, api.versions.upperBound + 1] {
            #expect(try closeReason(of: frame(api: api.rawValue, version: version)).contains("not one of those advertised"))
        }
    }

    @Test("A body that is cut or too long ends the connection, for every API and version", arguments: ApiKey.allCases)
    func garbage(api: ApiKey) throws {
        for version in api.versions {
            let noise = frame(api: api.rawValue, version: version, body: [UInt8](repeating: 0xFE, count: 64))
            #expect(try closeReason(of: noise).contains("cannot be read"))
        }
    }

    @Test("Random frames end their connection or are answered; none of them does harm")
    func randomFrames() throws {
        let seed = UInt64.random(in: 0 ... .max)
        var generator = SeededGenerator(state: seed)
        let fixture = try BrokerFixture()
        for _ in 0..<2000 {
            let connection = try TestConnection(fixture, BrokerFixture.ward)
            let api: ApiKey = Bool.random(using: &generator) ? .produce : .fetch
            let version = Int16.random(in: api.versions, using: &generator)
            var body = [UInt8](repeating: 0, count: Int.random(in: 0...80, using: &generator))
            for place in body.indices { body[place] = Bool.random(using: &generator) ? 0 : UInt8.random(in: 0...255, using: &generator) }
            connection.send(frame(api: api.rawValue, version: version, body: body))
            connection.session.close()
        }
        #expect(fixture.storedBatches == 0, "seed \(seed)")
    }

    // MARK: ApiVersions

    @Test("A version of ApiVersions newer than ours is answered in version 0 with what there is (KIP-511)", arguments: [Int16(5), .max])
    func newerApiVersions(version: Int16) throws {
        let connection = try TestConnection(try BrokerFixture(), BrokerFixture.stranger)
        let number = connection.send(frame(api: 18, version: version, body: [1, 2, 3]))
        guard case .response(let reply) = connection.replies[number] else {
            Issue.record("not answered")
            return
        }
        let response = try TestConnection.decode(reply, ApiVersionsRequest.self, version: 0, correlationID: 5)
        #expect(response.errorCode == .unsupportedVersion)
        #expect(response.apiKeys == HandlerTable.standard.advertised)
    }

    @Test("Every API of the wire module has a handler and is advertised with exactly its versions")
    func advertised() {
        let advertised = Dictionary(uniqueKeysWithValues: HandlerTable.standard.advertised.map { ($0.apiKey, $0) })
        for api in ApiKey.allCases {
            #expect(advertised[api.rawValue]?.minVersion == api.versions.lowerBound, "\(api)")
            #expect(advertised[api.rawValue]?.maxVersion == api.versions.upperBound, "\(api)")
        }
        #expect(advertised.count == ApiKey.allCases.count)
        let floors: [(ApiKey, Int16)] = [
            (.produce, 0), (.fetch, 4), (.listOffsets, 1), (.offsetCommit, 1), (.offsetFetch, 1), (.initProducerID, 0),
            (.findCoordinator, 0), (.joinGroup, 0), (.syncGroup, 0), (.heartbeat, 0), (.leaveGroup, 0),
        ]
        for (api, floor) in floors { #expect(api.versions.lowerBound <= floor, "\(api) must begin at \(floor)") }
    }

    @Test("A client's name must be one (KIP-511)", arguments: [("librdkafka", true), ("", false), ("-a", false), ("a b", false), ("a.b-c", true)])
    func clientName(name: String, isAccepted: Bool) async throws {
        let fixture = try BrokerFixture()
        var request = ApiVersionsRequest()
        request.clientSoftwareName = name
        request.clientSoftwareVersion = "1.0"
        let response = await ApiVersions.handle(request, in: try fixture.context(BrokerFixture.ward, version: 3))
        #expect(response.errorCode == (isAccepted ? .none : .invalidRequest))
    }

    // MARK: Memory

    @Test("Names that no topic can have are answered, and neither the connection nor a fetch session remembers them")
    func overlongNames() throws {
        let fixture = try BrokerFixture()
        let connection = try TestConnection(fixture, BrokerFixture.school)
        for length in [Limits.topicNameLengthMax, Limits.topicNameLengthMax + 1, 30_000] {
            let before = connection.session.access.count
            var request = FetchRequest()
            request.sessionEpoch = 0
            request.maxWaitMilliseconds = 0
            request.topics = [
                .init {
                    $0.topic = String(repeating: "n", count: length)
                    $0.partitions = [.init()]
                }
            ]
            let response = try connection.response(connection.send(request, version: 12), to: FetchRequest.self, version: 12)
            #expect(response.responses.first?.partitions.first?.errorCode == .topicAuthorizationFailed)
            let isKept = length <= Limits.topicNameLengthMax
            #expect((connection.session.access.count > before) == isKept, "\(length)")
            #expect((response.sessionID != 0) == isKept, "\(length)")
        }
    }

    @Test("A connection remembers decisions up to the limit, then forgets and decides again")
    func decisionsLimit() throws {
        let fixture = try BrokerFixture()
        let connection = try TestConnection(fixture, BrokerFixture.school)
        func ask(_ names: [String]) {
            var request = FetchRequest()
            request.sessionEpoch = -1
            request.maxWaitMilliseconds = 0
            request.topics = names.map { name in
                .init {
                    $0.topic = name
                    $0.partitions = [.init()]
                }
            }
            connection.send(request, version: 12)
        }
        ask((0..<Limits.decisionsPerConnectionMax).map { "health.t\($0)" })
        #expect(connection.session.access.count == Limits.decisionsPerConnectionMax)
        ask(["health.one-more"])
        #expect(connection.session.access.count == 1)
        ask(["health.t1"])
        #expect(connection.session.access.count == 2)
    }

    // MARK: The end

    @Test(
        "A join that waits for others is let go when its connection ends", .timeLimit(.minutes(1)))
    func closeReleasesJoin() async throws {
        let fixture = try BrokerFixture(settings: ["group.initial.rebalance.delay.ms": "60000"])
        try await fixture.services.groups.load([], ringsAlone: false)
        let connection = try await AsyncConnection(fixture, BrokerFixture.school)
        let request = GroupHandlerBench.joinRequest("education.app")
        connection.begin(TestConnection.frame(request, version: 3, correlationID: 0))
        let shard = fixture.services.groups.shard(ofGroup: "education.app")
        while await shard.waitingJoins.isEmpty { await Task.yield() }
        #expect(await shard.waitingJoins.count == 1)
        try await connection.close()
        while await !shard.waitingJoins.isEmpty { await Task.yield() }
        await fixture.services.groups.shutDown()
        await connection.loop.shutdownGracefully()
    }

    // MARK: Order

    @Test("A control request is answered across its task, and what came behind it waits for it")
    func controlRunsAlone() async throws {
        let fixture = try BrokerFixture()
        fixture.metadata.holdWrites()
        let connection = try await AsyncConnection(fixture, BrokerFixture.ward)
        let first = connection.send(TestConnection.frame(InitProducerIdRequest(), version: 4, correlationID: 0))
        let second = connection.send(TestConnection.frame(ProduceRequest(batches: [(0, Batches.batch())]), version: 9, correlationID: 1))
        await fixture.metadata.waitForHeldWrites()
        #expect(fixture.storedBatches == 0, "the batch waits behind the request before it")
        fixture.metadata.releaseWrites()
        guard case .response(let reply) = try await first.get(), case .response = try await second.get() else {
            Issue.record("both must be answered")
            return
        }
        let response = try TestConnection.decode(reply, InitProducerIdRequest.self, version: 4, correlationID: 0)
        #expect(response.errorCode == .none)
        #expect(fixture.storedBatches == 1)
        await connection.loop.shutdownGracefully()
    }

    @Test("As many requests as may be in flight wait behind a control request; one more ends the connection")
    func heldLimit() async throws {
        let fixture = try BrokerFixture()
        fixture.metadata.holdWrites()
        let connection = try await AsyncConnection(fixture, BrokerFixture.ward)
        _ = connection.send(TestConnection.frame(InitProducerIdRequest(), version: 4, correlationID: 0))
        let frame = TestConnection.frame(ProduceRequest(batches: [(0, Batches.batch())]), version: 9, correlationID: 1)
        let held = (0..<Limits.requestsInFlightPerConnectionMax).map { _ in connection.send(frame) }
        guard case .close = try await connection.send(frame).get() else {
            Issue.record("one request too many must end the connection")
            return
        }
        fixture.metadata.releaseWrites()
        for reply in held { _ = try await reply.get() }
        #expect(fixture.storedBatches == Limits.requestsInFlightPerConnectionMax)
        await connection.loop.shutdownGracefully()
    }
}

/// SplitMix64.
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }
}
