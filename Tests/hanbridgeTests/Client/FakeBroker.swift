import KafkaWire
import NIOConcurrencyHelpers
import NIOCore
import NIOPosix

@testable import hanbridge

/// A broker of one topic that does as a test says, over plaintext: partitions without leader, errors at will.
final class FakeBroker: Sendable {
    struct Partition: Sendable {
        var isOffline = false
        /// What a fetch from it is answered.
        var fetchError = ErrorCode.none
        var records: [Record] = []
    }

    struct State: Sendable {
        var partitions: [Int32: Partition] = [:]
        /// What the next batches are answered, in turn; behind them everything is stored, whatever its sequence.
        var produceErrors: [ErrorCode] = []
    }

    static let topic = "city.readings"

    let state: NIOLockedValueBox<State>
    let client: KafkaClient
    private let channel: any Channel

    private init(_ state: NIOLockedValueBox<State>, _ channel: any Channel, _ port: Int) {
        self.state = state
        self.channel = channel
        client = KafkaClient(bootstrap: HostAndPort(host: "127.0.0.1", port: port), security: .plaintext)
    }

    /// Runs a broker of so many partitions while `body` runs.
    static func run(_ partitions: Int32, _ body: (FakeBroker) async throws -> Void) async throws {
        let state = NIOLockedValueBox(State(partitions: Dictionary(uniqueKeysWithValues: (0..<partitions).map { ($0, Partition()) })))
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(FakeBrokerHandler(state)) }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let broker = FakeBroker(state, channel, channel.localAddress?.port ?? 0)
        do {
            try await body(broker)
        } catch {
            await broker.stop()
            throw error
        }
        await broker.stop()
    }

    private func stop() async {
        await client.close()
        try? await channel.close()
    }

    func set<Value>(_ path: WritableKeyPath<Partition, Value>, _ value: Value, of partition: Int32) {
        state.withLockedValue { $0.partitions[partition]?[keyPath: path] = value }
    }

    /// Keys of what is stored in each partition.
    var storedKeys: [Int32: [String]] {
        state.withLockedValue { $0.partitions.mapValues { $0.records.map { $0.key.map(String.init(buffer:)) ?? "" } } }
    }
}

private final class FakeBrokerHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let state: NIOLockedValueBox<FakeBroker.State>
    private var assembler = FrameAssembler(frameBytesMax: 1 << 20)

    init(_ state: NIOLockedValueBox<FakeBroker.State>) { self.state = state }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        while case .frame(var frame) = assembler.received(&bytes, allocator: context.channel.allocator) {
            guard let answer = try? answer(&frame, port: context.channel.localAddress?.port ?? 0) else { return context.close(promise: nil) }
            context.writeAndFlush(wrapOutboundOut(answer), promise: nil)
        }
    }

    private func answer(_ frame: inout ByteBuffer, port: Int) throws -> ByteBuffer? {
        let header = try RequestHeader.decode(from: &frame)
        var out = ByteBuffer(integer: 0 as Int32)
        func reply<Request: KafkaRequest>(_: Request.Type, _ answer: (Request) throws -> Request.Response) throws {
            let response = try answer(try Request.decode(from: &frame, version: header.apiVersion))
            ResponseHeader.encode(correlationID: header.correlationID, api: Request.apiKey, version: header.apiVersion, into: &out)
            response.encode(into: &out, version: header.apiVersion)
        }
        switch header.api {
        case .apiVersions: try reply(ApiVersionsRequest.self) { _ in Self.versions }
        case .metadata: try reply(MetadataRequest.self) { _ in metadata(port) }
        case .initProducerID: try reply(InitProducerIdRequest.self) { _ in InitProducerIdResponse { $0.producerID = 7 } }
        case .produce: try reply(ProduceRequest.self, produce)
        case .listOffsets: try reply(ListOffsetsRequest.self, offsets)
        case .fetch: try reply(FetchRequest.self, fetch)
        default: return nil
        }
        out.setInteger(Int32(out.readableBytes - 4), at: out.readerIndex)
        return out
    }

    private static var versions: ApiVersionsResponse {
        let spoken: [any KafkaRequest.Type] = [
            ApiVersionsRequest.self, MetadataRequest.self, InitProducerIdRequest.self, ProduceRequest.self, ListOffsetsRequest.self, FetchRequest.self,
        ]
        return ApiVersionsResponse {
            $0.apiKeys = spoken.map { request in
                .init {
                    $0.apiKey = request.apiKey.rawValue
                    $0.minVersion = request.versions.lowerBound
                    $0.maxVersion = request.versions.upperBound
                }
            }
        }
    }

    private func metadata(_ port: Int) -> MetadataResponse {
        let partitions = state.withLockedValue { $0.partitions }.sorted { $0.key < $1.key }
        return MetadataResponse {
            $0.brokers = [
                .init {
                    $0.nodeID = 1
                    $0.host = "127.0.0.1"
                    $0.port = Int32(port)
                }
            ]
            $0.topics = [
                .init {
                    $0.name = FakeBroker.topic
                    $0.partitions = partitions.map { index, partition in
                        .init {
                            $0.partitionIndex = index
                            $0.leaderID = partition.isOffline ? -1 : 1
                            $0.errorCode = partition.isOffline ? .leaderNotAvailable : .none
                        }
                    }
                }
            ]
        }
    }

    private func produce(_ request: ProduceRequest) throws -> ProduceResponse {
        guard let data = request.topicData.first?.partitionData.first, let batch = data.records else { throw ClientError.malformed("no records") }
        let records = try RecordReader(batch: batch).map { $0 }
        let (error, baseOffset) = state.withLockedValue { state -> (ErrorCode, Int64) in
            let error = state.produceErrors.isEmpty ? ErrorCode.none : state.produceErrors.removeFirst()
            let end = Int64(state.partitions[data.index]?.records.count ?? 0)
            if error == .none { state.partitions[data.index]?.records += records }
            return (error, end)
        }
        return ProduceResponse {
            $0.responses = [
                .init {
                    $0.name = FakeBroker.topic
                    $0.partitionResponses = [
                        .init {
                            $0.index = data.index
                            $0.errorCode = error
                            $0.baseOffset = error == .none ? baseOffset : -1
                        }
                    ]
                }
            ]
        }
    }

    private func offsets(_ request: ListOffsetsRequest) -> ListOffsetsResponse {
        let partitions = state.withLockedValue { $0.partitions }
        return ListOffsetsResponse {
            $0.topics = request.topics.map { topic in
                .init {
                    $0.name = topic.name
                    $0.partitions = topic.partitions.map { asked in
                        let records = partitions[asked.partitionIndex]?.records ?? []
                        return .init {
                            $0.partitionIndex = asked.partitionIndex
                            switch asked.timestamp {
                            case -2: $0.offset = 0
                            case -1: $0.offset = Int64(records.count)
                            case let time: $0.offset = records.firstIndex { $0.timestamp >= time }.map(Int64.init) ?? -1
                            }
                        }
                    }
                }
            }
        }
    }

    private func fetch(_ request: FetchRequest) -> FetchResponse {
        let partitions = state.withLockedValue { $0.partitions }
        return FetchResponse {
            $0.responses = request.topics.map { topic in
                .init {
                    $0.topic = topic.topic
                    $0.partitions = topic.partitions.map { asked in
                        let partition = partitions[asked.partition] ?? FakeBroker.Partition()
                        let rest = partition.records.dropFirst(Int(asked.fetchOffset))
                        return .init {
                            $0.partitionIndex = asked.partition
                            $0.errorCode = partition.fetchError
                            $0.highWatermark = Int64(partition.records.count)
                            guard partition.fetchError == .none, !rest.isEmpty else { return }
                            var builder = RecordBatchBuilder()
                            builder.baseOffset = asked.fetchOffset
                            for record in rest { builder.append(record) }
                            $0.records = builder.build()
                        }
                    }
                }
            }
        }
    }
}

/// Sleeping on it takes no time and lets time pass.
final class LeapingClock: Clock {
    struct Instant: InstantProtocol {
        var offset: Duration
        func advanced(by duration: Duration) -> Instant { Instant(offset: offset + duration) }
        func duration(to other: Instant) -> Duration { other.offset - offset }
        static func < (left: Instant, right: Instant) -> Bool { left.offset < right.offset }
    }

    private let slept = NIOLockedValueBox((count: 0, time: Duration.zero))
    private let onSleep: @Sendable (_ count: Int) -> Void

    /// - Parameter onSleep: called with the number of sleeps so far.
    init(onSleep: @escaping @Sendable (_ count: Int) -> Void = { _ in }) { self.onSleep = onSleep }

    var sleeps: Int { slept.withLockedValue { $0.count } }
    var now: Instant { Instant(offset: slept.withLockedValue { $0.time }) }
    var minimumResolution: Duration { .nanoseconds(1) }

    func sleep(until deadline: Instant, tolerance: Duration?) async throws {
        let count = slept.withLockedValue { slept in
            slept = (slept.count + 1, max(slept.time, deadline.offset))
            return slept.count
        }
        onSleep(count)
    }
}
