import ArgumentParser
import Broker
import Foundation
import KafkaWire
import NIOCore
import Sentences

/// Who received this record, what did this node receive: read from the delivery ledger, by an auditor.
struct AuditTrace: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(commandName: "trace", abstract: Help.Command.auditTrace.spoken, discussion: Help.Command.auditTraceMore.spoken)
    }

    @Option(help: .saying(Help.Option.tracedRecord, valueName: "topic/partition/offset"))
    var record: QuarantinePlace?

    @Option(help: .saying(Help.Option.tracedNode, valueName: "agency/unit/node"))
    var node: String?

    @Option(help: .saying(Help.Option.tracedSince, valueName: "time"))
    var from: Moment?

    @Option(help: .saying(Help.Option.entriesMax))
    var max = 10_000

    @OptionGroup var options: CommonOptions

    func validate() throws {
        if (record == nil) == (node == nil) { throw ValidationError(Help.Usage.traceOneOf) }
        if max < 1 { throw ValidationError(Help.Usage.maxTooSmall) }
    }

    func run() async throws {
        let wanted: DeliveryTrace.Wanted
        if let record { wanted = .record(topic: record.topic, partition: record.partition, offset: record.offset) } else { wanted = .node(node ?? "") }
        try await BrokerSession.run(options, action: .readingLedger) { session in
            var trace = DeliveryTrace(wanted, findingsMax: max)
            var start: [Int32: Int64]?
            if let from { start = try await session.client.offsets(of: AuditTopic.delivery, partitions: [0], at: .time(from.milliseconds)) }
            try await session.client.readToEnd(of: AuditTopic.delivery, from: start) { delivered in
                let event = delivered.record.value.flatMap { try? JSONDecoder().decode(DeliveryEvent.self, from: Data($0.readableBytesView)) }
                if let event { trace.note(event) } else { trace.unreadable += 1 }
            }
            show(trace, session)
        }
    }

    private func show(_ trace: DeliveryTrace, _ session: BrokerSession) {
        var report = Report(columns: [
            .init("time", .columnTime), .init("node", .columnNode), .init("topic", .columnTopic), .init("partition", .columnPartition),
            .init("offsets", .columnOffsets), .init("certainty", .columnCertainty), .init("fields", .columnChangedFields),
            .init("purpose", .columnPurpose), .init("citation", .columnCitation), .init("policyVersion", .columnVersion),
            .init("session", .columnSession), .init("address", .columnAddress),
        ])
        for finding in trace.findings {
            let (data, item) = (finding.event.data, finding.item)
            let fields = item.fields.map { $0.map(JSONText.string) }
            report.add([
                .string(item.since ?? finding.event.time), .string(data.node ?? ""), .string(item.topic), .integer(Int64(item.partition)),
                .string(item.offsets), .word(finding.certainty.rawValue, .certainty(finding.certainty.rawValue), options),
                options.output == .json ? .array(fields ?? []) : fields.map { .array($0) } ?? .null, .optional(item.purpose),
                .string(item.citation), .integer(item.policyVersion), .string(data.session ?? ""), .string(data.address ?? ""),
            ])
        }
        session.write(report)
        func warn(_ sentence: Sentence) { StandardStream.error.writeLine(sentence.text(in: options.language)) }
        for gap in trace.gaps { warn(.deliveriesMayBeMissing(from: gap.from, to: gap.to)) }
        if trace.findingsLeftOut > 0 { warn(.moreEntries(trace.findingsLeftOut)) }
        if trace.unreadable > 0 { warn(.ledgerEntriesUnreadable(trace.unreadable)) }
        if trace.findings.isEmpty { session.say(.nothingDelivered) }
    }
}
