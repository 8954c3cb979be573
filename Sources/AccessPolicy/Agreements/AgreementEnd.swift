import Foundation

/// An agreement that somebody ended before its date. What was written stays as it was written: the end is kept beside it, in a file
/// of the set that is the broker's own, and counts until the agreement itself is changed. So whoever applies the same files again,
/// by hand or from a directory, brings nothing back.
public struct AgreementEnd: Hashable, Sendable {
    /// The agreement's id.
    public let agreement: String
    /// The first instant at which it is no longer in force.
    public let at: PolicyInstant
    /// The principal that ended it.
    public let by: String

    public init(agreement: String, at: PolicyInstant, by: String) {
        self.agreement = agreement
        self.at = at
        self.by = by
    }

    /// The name of the file among those of a set. Names that begin with a dot are the broker's own.
    public static let fileName = ".ended"

    /// One line an agreement: its id, the instant, the principal.
    public static func text(_ ends: [AgreementEnd]) -> String {
        ends.sorted { $0.agreement < $1.agreement }.map { "\($0.agreement) \($0.at) \($0.by)\n" }.joined()
    }

    /// - Throws: for a line that ``text(_:)`` does not write.
    public static func parse(_ text: String) throws(AgreementsError) -> [AgreementEnd] {
        var ends: [AgreementEnd] = []
        for (number, line) in text.split(separator: "\n").enumerated() {
            let words = line.split(separator: " ")
            guard words.count == 3, let at = PolicyInstant(words[1]) else {
                throw AgreementsError([
                    AgreementsProblem(file: fileName, line: number + 1, column: 1, message: "is not an id, an instant and a principal")
                ])
            }
            ends.append(AgreementEnd(agreement: String(words[0]), at: at, by: String(words[2])))
        }
        return ends
    }
}

extension Agreement {
    /// The same agreement, no longer in force from an instant on.
    func ended(at instant: PolicyInstant) -> Agreement {
        guard instant < term.end else { return self }
        let moment = Date(timeIntervalSince1970: Double(instant) / 1000).formatted(.iso8601)
        let ended = Term(start: min(term.start, instant), end: instant, fromText: term.fromText, untilText: moment)
        return with(term: ended)
    }
}
