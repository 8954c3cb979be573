import ArgumentParser
import Foundation
import KafkaWire
import Sentences

struct BenchConsume: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "consume", abstract: Help.Command.benchConsume.spoken)
    }

    private static let ledgerCounter = "hanbridge_delivery_ledger_seconds_total"

    @Option(help: .saying(Help.Option.benchRecords))
    var records = 4_000_000

    @Option(help: .saying(Help.Option.benchSharedConnections))
    var connections = 2

    @Option(help: .saying(Help.Option.benchFetchBytes))
    var fetchBytes: Int32 = 4 << 20

    @Option(help: .saying(Help.Option.benchRecordBytes))
    var recordBytes: Int?

    @OptionGroup var target: BenchTarget

    func validate() throws {
        guard records > 0, (1...10_000).contains(connections), fetchBytes > 0, recordBytes ?? 1 > 0 else {
            throw ValidationError(Help.Usage.benchConsumeRange)
        }
    }

    func run() async throws {
        let broker = try target.resolve()
        try await LoadGenerator.run(broker, action: .subscribing(target.topic)) { generator in
            let partitions = try await generator.client.leaders(of: target.topic).keys.sorted()
            let starts = try await generator.client.offsets(of: target.topic, partitions: partitions, at: .earliest)
            let ends = try await generator.client.offsets(of: target.topic, partitions: partitions, at: .latest)
            guard ends.contains(where: { $0.value > starts[$0.key] ?? 0 }) else { throw CommandFailure.refused(.benchTopicEmpty(target.topic)) }
            let open = try await generator.connect(connections)
            guard let version = open[0].versions.version(for: FetchRequest.self) else { throw ClientError.unsupported(.fetch) }
            let (topic, fetchBytes, count) = (target.topic, fetchBytes, connections)
            let each = (records + count - 1) / count
            let ledgerBefore = await broker.counter(Self.ledgerCounter)
            let measured = try await Measurement.take(broker.process, connections: open) { index, handler, promise in
                // With fewer partitions than connections some read the same one.
                let own = partitions.count >= count ? partitions.enumerated().filter { $0.offset % count == index }.map(\.element) : [partitions[index % partitions.count]]
                ConsumeLoad(
                    handler, connection: open[index], topic: topic, version: version,
                    starts: starts.filter { own.contains($0.key) }, recordsWanted: each, fetchBytes: fetchBytes, promise: promise
                ).fetch()
            }
            let limits = target.limits ? try MachineLimits.measure(directory: FileManager.default.currentDirectoryPath) : nil
            let ledgerAfter = await broker.counter(Self.ledgerCounter)
            let ledger = ledgerAfter.flatMap { after in ledgerBefore.map { after - $0 } }
            BenchReport(
                name: "consume", measurement: recordBytes.map(measured.counting) ?? measured, limits: limits, ledgerSeconds: ledger
            ).write(as: target.options.output, in: target.options.language)
        }
    }
}

extension Measurement {
    /// With bytes that are those of the records as they were published: a restricted subscriber gets fewer.
    fileprivate func counting(_ recordBytes: Int) -> Measurement {
        var result = result
        result.bytes = result.records * recordBytes
        return Measurement(result: result, seconds: seconds, brokerCPUSeconds: brokerCPUSeconds, after: after)
    }
}
