/// What an agreement says of topics: one name, or every name with a prefix.
///
/// Topics of the broker's own (`_…`) are outside every agreement: no pattern may begin with `_`, and the empty prefix (`*`)
/// does not match them.
public enum TopicPattern: Hashable, Sendable, CustomStringConvertible {
    case literal(String)
    /// Without the `*`; empty for a bare `*`.
    case prefix(String)

    /// Kafka's limit of a topic name, in bytes.
    public static let nameBytesMax = 249

    /// - Throws: ``PatternError`` unless the text is a Kafka topic name, or the beginning of one followed by `*`.
    public init(_ text: String) throws(PatternError) {
        let isPrefix = text.hasSuffix("*")
        let name = isPrefix ? String(text.dropLast()) : text
        guard !name.isEmpty || isPrefix else { throw PatternError("a topic name is empty") }
        guard name.utf8.count <= Self.nameBytesMax else {
            throw PatternError("a topic name has at most \(Self.nameBytesMax) characters")
        }
        guard name.utf8.allSatisfy(Self.isNameByte) else {
            throw PatternError("“\(text)” is not a topic: letters, digits, '.', '_' and '-', and at the end perhaps a '*'")
        }
        guard isPrefix || (name != "." && name != "..") else { throw PatternError("“\(text)” cannot be a topic's name") }
        guard !name.hasPrefix("_") else {
            throw PatternError("“\(text)” names topics of the broker's own, on which there are no agreements")
        }
        self = isPrefix ? .prefix(name) : .literal(name)
    }

    public func matches(_ topic: String) -> Bool {
        switch self {
        case .literal(let name): name == topic
        case .prefix(let prefix): topic.hasPrefix(prefix) && !topic.isBrokerOwnedTopic
        }
    }

    /// Whether one topic could match both.
    public func overlaps(_ other: TopicPattern) -> Bool {
        switch (self, other) {
        case (.literal(let name), _): other.matches(name)
        case (_, .literal(let name)): matches(name)
        case (.prefix(let left), .prefix(let right)): left.hasPrefix(right) || right.hasPrefix(left)
        }
    }

    /// Whether every topic that the other matches is matched by this one too.
    public func covers(_ other: TopicPattern) -> Bool {
        switch (self, other) {
        case (_, .literal(let name)): matches(name)
        case (.literal, .prefix): false
        case (.prefix(let prefix), .prefix(let longer)): longer.hasPrefix(prefix)
        }
    }

    public var description: String {
        switch self {
        case .literal(let name): name
        case .prefix(let prefix): "\(prefix)*"
        }
    }

    /// Kafka's alphabet of topic names.
    static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        case UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"): true
        default: false
        }
    }
}

extension String {
    /// Topic names that begin with `_` are the broker's own.
    public var isBrokerOwnedTopic: Bool { utf8.first == UInt8(ascii: "_") }
    /// Decisions, changes and deliveries: what auditors read.
    public var isAuditTopic: Bool { hasPrefix("_audit.") }
}

/// Why a text is not a pattern, as a sentence without its full stop.
public struct PatternError: Error, Hashable, Sendable, CustomStringConvertible {
    public let description: String
    init(_ description: String) { self.description = description }
}
