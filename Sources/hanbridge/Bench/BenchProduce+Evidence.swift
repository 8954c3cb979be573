import Foundation
import Sentences

extension BenchProduce {
    /// Whether the records become leaves.
    private enum Evidence: String, CaseIterable {
        case none
        case record
    }

    private static let evidenceRounds = 3

    /// The same records, by turns, to a topic with a tree and to one without. What the tree costs is the difference; it is made behind the
    /// acknowledgements, so each turn lasts until the broker has come to rest.
    func compareEvidence() async throws {
        let broker = try target.resolve()
        try await LoadGenerator.run(broker, action: .publishing(target.topic)) { generator in
            var totals: [Evidence: Measurement] = [:]
            for round in 0..<Self.evidenceRounds * Evidence.allCases.count {
                let evidence = Evidence.allCases[round % Evidence.allCases.count]
                let measured = try await run(generator, broker, evidence)
                totals[evidence] = totals[evidence].map { $0.joined(by: measured) } ?? measured
            }
            guard let without = totals[.none], let with = totals[.record] else { return }
            try report(without: without, with: with)
        }
    }

    private func run(_ generator: LoadGenerator, _ broker: BenchTarget.Broker, _ evidence: Evidence) async throws -> Measurement {
        let topic = "\(target.topic).evidence-\(evidence.rawValue)"
        try await generator.createTopic(
            topic, partitions: partitions, configuration: ["hanbridge.schema.subject": "none", "hanbridge.evidence": evidence.rawValue])
        let known = try await generator.client.leaders(of: topic).keys.sorted()
        let frames = frames(topic, known) { BenchPayload.document($0, size: shape.size) }
        let supply = RequestSupply(max(1, records / Self.evidenceRounds / frames[0].records))
        let open = try await generator.connect(connections)
        let (acks, inFlight) = (acks, inFlight)
        let measured = try await Measurement.take(broker.process, connections: open) { index, handler, promise in
            ProduceLoad(handler, frames: frames, first: index, supply: supply, acks: acks, promise: promise).start(inFlightMax: inFlight)
        }
        for connection in open { connection.close() }
        return await measured.untilRest(of: broker.process)
    }

    private func report(without: Measurement, with: Measurement) throws {
        var facts: [(String, Sentence, JSONText)] = [
            ("benchmark", .benchName, .string("produce evidence")),
            ("records", .benchRecords, .integer(Int64(with.result.records))),
            ("none.megabytesPerSecond", .benchByteRateWithoutTree, .number(without.megabytesPerSecond)),
            ("record.megabytesPerSecond", .benchByteRateWithTree, .number(with.megabytesPerSecond)),
        ]
        if let before = without.brokerCPUSecondsPerGB, let after = with.brokerCPUSecondsPerGB {
            facts += [
                ("none.brokerCPUSecondsPerGB", .benchCPUWithoutTree, .number(before)),
                ("record.brokerCPUSecondsPerGB", .benchCPUWithTree, .number(after)),
                ("evidence.brokerCPUSecondsPerGB", .benchCPUOfTree, .number(after - before)),
                (
                    "evidence.leavesPerCPUSecond", .benchLeafRate,
                    .number(Double(with.result.records) / max((after - before) * Double(with.result.bytes) / 1e9, 1e-9))
                ),
            ]
        }
        if target.limits { facts += try MachineLimits.measure(directory: FileManager.default.currentDirectoryPath).facts }
        BenchReport.write(facts, as: target.options.output, in: target.options.language)
    }
}

extension Measurement {
    private static let restInterval: Duration = .milliseconds(250)
    /// Of one processor.
    private static let restShareMax = 0.03
    private static let restIntervalsMax = 240

    /// With what the process goes on to use until it has nothing more to do.
    fileprivate func untilRest(of process: ProcessUsage?) async -> Measurement {
        guard let process, let start = after, var last = process.read() else { return self }
        var quiet = 0
        for _ in 0..<Self.restIntervalsMax where quiet < 4 {
            try? await Task.sleep(for: Self.restInterval)
            guard let now = process.read() else { break }
            quiet = now.cpuSeconds - last.cpuSeconds <= Self.restShareMax * 0.25 ? quiet + 1 : 0
            last = now
        }
        return Measurement(
            result: result, seconds: seconds, brokerCPUSeconds: brokerCPUSeconds.map { $0 + last.cpuSeconds - start.cpuSeconds }, after: last)
    }
}
