import ArgumentParser
import Foundation
import Sentences

struct BenchLatency: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "latency", abstract: Help.Command.benchLatency.spoken)
    }

    @Option(help: .saying(Help.Option.benchRecords))
    var records = 50_000

    @Option(help: .saying(Help.Option.benchConnectionCount))
    var connections = 1

    @Option(help: .saying(Help.Option.benchPartitions))
    var partitions: Int32 = 1

    @Option(help: .saying(Help.Option.benchAcks))
    var acks: Int16 = -1

    @OptionGroup var shape: BenchRecords
    @OptionGroup var target: BenchTarget

    func validate() throws {
        guard records > 0, (1...10_000).contains(connections), partitions > 0, acks == 1 || acks == -1 else {
            throw ValidationError(Help.Usage.benchLatencyRange)
        }
    }

    func run() async throws {
        let broker = try target.resolve()
        try await LoadGenerator.run(broker, action: .publishing(target.topic)) { generator in
            try await generator.createTopic(target.topic, partitions: partitions)
            let known = try await generator.client.leaders(of: target.topic).keys.sorted()
            let requiredAcks = acks
            let now = Int64(Date().timeIntervalSince1970 * 1000)
            let frames = known.prefix(1000).enumerated().map { index, partition in
                ProduceFrame(topic: target.topic, partitions: [partition], acks: requiredAcks) { _ in
                    BenchPayload.batch(bytes: 0, size: shape.size, codec: shape.compression.codec, timestamp: now, first: index) {
                        BenchPayload.document($0, size: shape.size)
                    }
                }
            }
            let supply = RequestSupply(records)
            let open = try await generator.connect(connections)
            let measured = try await Measurement.take(broker.process, connections: open) { index, handler, promise in
                ProduceLoad(handler, frames: frames, first: index, supply: supply, acks: requiredAcks, promise: promise).start(inFlightMax: 1)
            }
            let limits = target.limits ? try MachineLimits.measure(directory: FileManager.default.currentDirectoryPath) : nil
            BenchReport(name: "latency", measurement: measured, limits: limits).write(as: target.options.output, in: target.options.language)
        }
    }
}
