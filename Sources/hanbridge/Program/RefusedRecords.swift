import NIOConcurrencyHelpers
import Sentences

/// The records of a file that were refused, as they are told: to programs at once, to people in one table at the end.
final class RefusedRecords: Sendable {
    /// Rows of the table; what is beyond is counted.
    static let rowsMax = 1_000

    private struct State {
        var count = 0
        var shown: [RefusedRecord] = []
    }

    private let topic: String
    private let session: BrokerSession
    private let state = NIOLockedValueBox(State())

    init(_ topic: String, _ session: BrokerSession) {
        self.topic = topic
        self.session = session
    }

    var count: Int { state.withLockedValue { $0.count } }

    func add(_ record: RefusedRecord) {
        state.withLockedValue { state in
            state.count += 1
            if session.output == .table, state.shown.count < Self.rowsMax { state.shown.append(record) }
        }
        if session.output == .json { StandardStream.output.writeLine(json(record).description) }
    }

    /// The table.
    func finish() {
        let shown = state.withLockedValue { $0.shown }
        guard session.output == .table, !shown.isEmpty else { return }
        var report = Report(columns: [
            .init("line", .columnLine), .init("path", .columnField), .init("rule", .columnRule), .init("message", .columnReason),
            .init("quarantine", .columnQuarantineEntry),
        ])
        for record in shown.sorted(by: { $0.line < $1.line }) {
            for violation in record.reason.violations {
                report.add([
                    .integer(Int64(record.line)), .string(violation.path.isEmpty ? "/" : violation.path), .string(violation.rule),
                    .string(Sentence.told(violation.message).text(in: session.language)), .optional(record.reason.entry),
                ])
            }
        }
        session.write(report)
        let others = count - shown.count
        if others > 0 { session.say(.moreRefused(others)) }
    }

    private func json(_ record: RefusedRecord) -> JSONText {
        .object([
            ("topic", .string(topic)), ("line", .integer(Int64(record.line))), ("errors", record.reason.errors),
            ("quarantine", .optional(record.reason.entry)),
        ])
    }
}

extension RefusalReason {
    /// As `schema validate` has them.
    var errors: JSONText {
        .array(
            violations.map { violation in
                .object([("path", .string(violation.path)), ("rule", .string(violation.rule)), ("message", .string(violation.message))])
            })
    }
}
