import ArgumentParser
import Foundation
import KafkaWire
import NIOCore
import NIOPosix
import Sentences

/// Options that shape the records sent.
struct BenchRecords: ParsableArguments {
    @Option(help: .saying(Help.Option.benchSize))
    var size = 1000

    @Option(help: .saying(Help.Option.compression))
    var compression: CompressionName = .none

    func validate() throws {
        guard (BenchPayload.sizeMin...1_000_000).contains(size) else {
            throw ValidationError(.outOfRange("--size", lowest: BenchPayload.sizeMin, highest: 1_000_000))
        }
    }
}

struct BenchProduce: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "produce", abstract: Help.Command.benchProduce.spoken)
    }

    @Option(help: .saying(Help.Option.benchRecords))
    var records = 2_000_000

    @Option(help: .saying(Help.Option.benchPartitions))
    var partitions: Int32 = 1

    @Option(help: .saying(Help.Option.benchConnectionCount))
    var connections = 2

    @Option(help: .saying(Help.Option.benchBatch))
    var batch: Int?

    @Option(help: .saying(Help.Option.benchInFlight))
    var inFlight = 4

    @Option(help: .saying(Help.Option.benchAnyAcks))
    var acks: Int16 = -1

    @Option(help: .saying(Help.Option.benchSchemaFormat))
    var schema: SchemaValidate.Format?

    @Flag(help: .saying(Help.Option.benchEvidence))
    var evidence = false

    @OptionGroup var shipped: BenchSchemas
    @OptionGroup var shape: BenchRecords
    @OptionGroup var target: BenchTarget

    private static let requestBytes = 1_000_000
    private static let partitionsPerRequestMax = 64

    func validate() throws {
        guard records > 0, partitions > 0, (1...10_000).contains(connections), (1...1000).contains(inFlight), (-1...1).contains(acks) else {
            throw ValidationError(Help.Usage.benchProduceRange)
        }
        if schema != nil, !BenchDocument.sizes.contains(shape.size) {
            throw ValidationError(.outOfRange("--size", lowest: BenchDocument.sizes.lowerBound, highest: BenchDocument.sizes.upperBound))
        }
    }

    func run() async throws {
        if evidence { return try await compareEvidence() }
        if let schema { return try await compareChecking(schema.schemaFormat) }
        let broker = try target.resolve()
        try await LoadGenerator.run(broker, action: .publishing(target.topic)) { generator in
            try await generator.createTopic(target.topic, partitions: partitions)
            let known = try await generator.client.leaders(of: target.topic).keys.sorted()
            let frames = frames(target.topic, known) { BenchPayload.document($0, size: shape.size) }
            let supply = RequestSupply(max(1, (records + frames[0].records - 1) / frames[0].records))
            let open = try await generator.connect(connections)
            let (acks, inFlight) = (acks, inFlight)
            let measured = try await Measurement.take(broker.process, connections: open) { index, handler, promise in
                ProduceLoad(handler, frames: frames, first: index, supply: supply, acks: acks, promise: promise).start(inFlightMax: inFlight)
            }
            try report("produce", measured)
        }
    }

    /// Enough different frames to reach every partition, within 64 MB of memory.
    func frames(_ topic: String, _ known: [Int32], _ document: (Int) -> [UInt8]) -> [ProduceFrame] {
        let perRequest = min(known.count, Self.partitionsPerRequestMax)
        let batchBytes = batch ?? max(shape.size + 200, Self.requestBytes / perRequest)
        let now = Int64(Date().timeIntervalSince1970 * 1000)
        let count = max(1, (known.count + perRequest - 1) / perRequest)
        return (0..<count).map { number in
            let first = number * perRequest
            let chosen = (first..<(first + perRequest)).map { known[$0 % known.count] }
            return ProduceFrame(topic: topic, partitions: chosen, acks: acks) { index in
                BenchPayload.batch(
                    bytes: batchBytes, size: shape.size, codec: shape.compression.codec, timestamp: now, first: (first + index) * 1000, document)
            }
        }
    }

    private func report(_ name: String, _ measured: Measurement) throws {
        let limits = target.limits ? try MachineLimits.measure(directory: FileManager.default.currentDirectoryPath) : nil
        BenchReport(name: name, measurement: measured, limits: limits).write(as: target.options.output, in: target.options.language)
    }
}

/// The client side of a benchmark: a control connection, and the connections that carry load on threads of their own.
struct LoadGenerator {
    let client: KafkaClient
    private let broker: BenchTarget.Broker
    private let group: MultiThreadedEventLoopGroup

    static func run(_ broker: BenchTarget.Broker, action: Sentence, _ body: (LoadGenerator) async throws -> Void) async throws {
        // One thread: the generator shares the machine with the broker.
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let client = KafkaClient(bootstrap: broker.address, security: broker.security, clientID: "hanbridge-bench", on: group)
        let generator = LoadGenerator(client: client, broker: broker, group: group)
        do {
            try await body(generator)
            await client.close()
            try await group.shutdownGracefully()
        } catch {
            await client.close()
            try? await group.shutdownGracefully()
            if let error = error as? ClientError { throw error.failure(action) }
            throw error
        }
    }

    static let untyped = ["hanbridge.schema.subject": "none"]

    /// Makes the topic, untyped unless it is to be otherwise; one that is there stays as it is, and where one may not create topics it
    /// must be there.
    func createTopic(_ topic: String, partitions: Int32, configuration: [String: String] = untyped) async throws(ClientError) {
        if let known = try? await client.leaders(of: topic), !known.isEmpty { return }
        // Another broker does not know the word for an untyped topic, and needs none.
        for configuration in configuration == Self.untyped ? [configuration, [:]] : [configuration] {
            let response = try await client.call(
                CreateTopicsRequest {
                    $0.topics = [
                        .init {
                            $0.name = topic
                            $0.numPartitions = partitions
                            $0.replicationFactor = -1
                            $0.configs = configuration.map { name, value in
                                .init {
                                    $0.name = name
                                    $0.value = value
                                }
                            }
                        }
                    ]
                })
            let result = response.topics.first
            if result?.errorCode == .invalidConfig, configuration == Self.untyped { continue }
            if let result, result.errorCode != .topicAlreadyExists { try result.errorCode.check(result.errorMessage) }
            return
        }
    }

    func connect(_ count: Int) async throws(ClientError) -> [KafkaConnection] {
        var connections: [KafkaConnection] = []
        for _ in 0..<count {
            connections.append(
                try await KafkaConnection.open(to: broker.address, security: broker.security, clientID: "hanbridge-bench", on: group))
        }
        return connections
    }
}
