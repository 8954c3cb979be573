import Foundation
import KafkaWire
import MessageSchema
import Sentences

extension BenchProduce {
    /// How a topic checks what it is sent.
    private enum Checking: String, CaseIterable {
        /// Nothing is looked at: what the same records cost without types.
        case none
        case deep
    }

    private static let rounds = 4

    /// The same records, by turns, to a topic that checks them and to one that does not: what checking costs is the difference.
    func compareChecking(_ format: SchemaFormat) async throws {
        let broker = try target.resolve()
        let base = "\(target.topic).\(format.rawValue.lowercased())"
        let entries = try shipped.entries(format, subject: "\(base)-value")
        let body = JSONText.object([("schemas", .array(entries.map(\.json)))])
        _ = try await AdministrationClient.run(target.options) { try await $0.send(.post, "/v1/schemas?dry-run=false", body: body) }
        try await LoadGenerator.run(broker, action: .publishing(base)) { generator in
            var totals: [Checking: Measurement] = [:]
            for round in 0..<Self.rounds * Checking.allCases.count {
                let checking = Checking.allCases[round % Checking.allCases.count]
                let measured = try await run(generator, broker, topic: "\(base).\(checking.rawValue)", subject: "\(base)-value", checking.rawValue, format)
                totals[checking] = totals[checking].map { $0.joined(by: measured) } ?? measured
            }
            guard let without = totals[.none], let with = totals[.deep] else { return }
            try report(format, without: without, with: with)
        }
    }

    private func run(
        _ generator: LoadGenerator, _ broker: BenchTarget.Broker, topic: String, subject: String, _ validation: String, _ format: SchemaFormat
    ) async throws -> Measurement {
        try await generator.createTopic(
            topic, partitions: partitions,
            configuration: [
                "hanbridge.schema.subject": subject, "hanbridge.schema.framing": "plain", "hanbridge.schema.validation": validation,
            ])
        let known = try await generator.client.leaders(of: topic).keys.sorted()
        let frames = frames(topic, known) { BenchDocument.serviceRequest($0, size: shape.size, format: format) }
        let supply = RequestSupply(max(1, records / Self.rounds / frames[0].records))
        let open = try await generator.connect(connections)
        let (acks, inFlight) = (acks, inFlight)
        let measured = try await Measurement.take(broker.process, connections: open) { index, handler, promise in
            ProduceLoad(handler, frames: frames, first: index, supply: supply, acks: acks, promise: promise).start(inFlightMax: inFlight)
        }
        for connection in open { connection.close() }
        return measured
    }

    private func report(_ format: SchemaFormat, without: Measurement, with: Measurement) throws {
        var facts: [(String, Sentence, JSONText)] = [
            ("benchmark", .benchName, .string("produce \(format.rawValue)")),
            ("records", .benchRecords, .integer(Int64(with.result.records))),
            ("none.megabytesPerSecond", .benchByteRateUnchecked, .number(without.megabytesPerSecond)),
            ("deep.megabytesPerSecond", .benchByteRateChecked, .number(with.megabytesPerSecond)),
        ]
        if let before = without.brokerCPUSecondsPerGB, let after = with.brokerCPUSecondsPerGB {
            facts += [
                ("none.brokerCPUSecondsPerGB", .benchCPUUnchecked, .number(before)),
                ("deep.brokerCPUSecondsPerGB", .benchCPUChecked, .number(after)),
                ("checking.brokerCPUSecondsPerGB", .benchCPUOfChecking, .number(after - before)),
            ]
        }
        if target.limits { facts += try MachineLimits.measure(directory: FileManager.default.currentDirectoryPath).facts }
        BenchReport.write(facts, as: target.options.output, in: target.options.language)
    }
}

extension Measurement {
    /// Two runs of one load, as if they were one.
    func joined(by other: Measurement) -> Measurement {
        var result = result
        result.add(other.result)
        let cpu = brokerCPUSeconds.flatMap { own in other.brokerCPUSeconds.map { own + $0 } }
        return Measurement(result: result, seconds: seconds + other.seconds, brokerCPUSeconds: cpu, after: other.after)
    }

    var megabytesPerSecond: Double { Double(result.bytes) / 1e6 / max(seconds, 1e-9) }
    var brokerCPUSecondsPerGB: Double? { brokerCPUSeconds.map { $0 / max(Double(result.bytes) / 1e9, 1e-9) } }
}
