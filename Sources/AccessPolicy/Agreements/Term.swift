/// When an agreement is in force: from an instant, before another. Computed once from the dates of the file, so that a decision
/// compares integers.
public struct Term: Hashable, Sendable {
    /// The first instant in force; `Int64.min` without one.
    public let start: PolicyInstant
    /// The first instant no longer in force: `until` is inclusive, so that is the beginning of the day after it. `Int64.max`
    /// without one.
    public let end: PolicyInstant
    /// The dates as they were written, for people.
    public let fromText: String?
    public let untilText: String?

    public init(start: PolicyInstant = .min, end: PolicyInstant = .max, fromText: String? = nil, untilText: String? = nil) {
        self.start = start
        self.end = end
        self.fromText = fromText
        self.untilText = untilText
    }

    public static let always = Term()

    public func contains(_ instant: PolicyInstant) -> Bool { start <= instant && instant < end }

    public func overlaps(_ other: Term) -> Bool { start < other.end && other.start < end }

    /// Whether it is in force whenever the other is.
    public func covers(_ other: Term) -> Bool { start <= other.start && other.end <= end }

    public func standing(at instant: PolicyInstant) -> Standing {
        if instant < start { .pending } else if instant >= end { .ended } else { .inForce }
    }

    public enum Standing: String, Hashable, Sendable {
        case pending, inForce, ended
    }
}
