import Histogram
import Sentences

/// What a benchmark prints: one row of numbers, and beside it the machine's limits with ratios.
struct BenchReport {
    let name: String
    let measurement: Measurement
    let limits: MachineLimits?
    /// What the broker spent on telling its delivery ledger; nil where it was not asked.
    var ledgerSeconds: Double?

    private static let megabyte = 1_000_000.0

    private var facts: [(String, Sentence, JSONText)] {
        let result = measurement.result
        let seconds = max(measurement.seconds, 1e-9)
        let megabytes = Double(result.bytes) / Self.megabyte
        var facts: [(String, Sentence, JSONText)] = [
            ("benchmark", .benchName, .string(name)),
            ("seconds", .benchSeconds, .number(seconds)),
            ("requests", .benchRequests, .integer(Int64(result.requests))),
            ("records", .benchRecords, .integer(Int64(result.records))),
            ("recordsPerSecond", .benchRecordRate, .number(Double(result.records) / seconds)),
            ("requestsPerSecond", .benchRequestRate, .number(Double(result.requests) / seconds)),
            ("megabytesPerSecond", .benchByteRate, .number(megabytes / seconds)),
        ]
        for percentile in [50.0, 90, 99, 99.9] {
            facts.append(
                ("latencyMilliseconds.p\(percentile)", .benchLatency(percentile), .number(Double(result.latency.valueAtPercentile(percentile)) / 1e6)))
        }
        facts.append(("latencyMilliseconds.max", .benchLatencyMax, .number(Double(result.latency.maxRecorded) / 1e6)))
        if let cpu = measurement.brokerCPUSeconds {
            facts.append(("brokerCPUSeconds", .benchBrokerCPU, .number(cpu)))
            if result.bytes > 0 { facts.append(("brokerCPUSecondsPerGB", .benchBrokerCPUPerGB, .number(cpu / (megabytes / 1000)))) }
        }
        if let ledgerSeconds {
            facts.append(("ledgerSeconds", .benchLedger, .number(ledgerSeconds)))
            if let cpu = measurement.brokerCPUSeconds, cpu > 0 { facts.append(("ledgerPercent", .benchLedgerShare, .number(100 * ledgerSeconds / cpu))) }
        }
        if let after = measurement.after {
            facts.append(("brokerResidentMegabytes", .benchBrokerMemory, .number(Double(after.residentBytes) / Self.megabyte)))
        }
        return facts + (limits?.facts(megabytesPerSecond: megabytes / seconds, requestsPerSecond: Double(result.requests) / seconds) ?? [])
    }

    func write(as format: OutputFormat, in language: Language) {
        Self.write(facts, as: format, in: language)
    }

    static func write(_ facts: [(String, Sentence, JSONText)], as format: OutputFormat, in language: Language) {
        switch format {
        case .json: StandardStream.output.writeLine(JSONText.object(facts.map { ($0.0, $0.2) }).description)
        case .table:
            var report = Report(columns: [.init("name", .columnName), .init("value", .columnValue)])
            for fact in facts { report.add([.string(fact.1.text(in: language)), fact.2]) }
            report.write(as: .table, in: language)
        }
    }
}
