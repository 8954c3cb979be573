/// A topic's name that passed Kafka's rules: 1 to 249 characters of `a-z A-Z 0-9 . _ -`, neither `.` nor `..`
/// (org.apache.kafka.common.internals.Topic).
public struct TopicName: Hashable, Sendable, CustomStringConvertible {
    public let text: String

    /// - Throws: a sentence that says which rule the name breaks.
    public init(_ text: String) throws(TopicNameError) {
        guard !text.isEmpty else { throw TopicNameError("a topic's name must not be empty") }
        guard text != ".", text != ".." else { throw TopicNameError("a topic's name must not be “.” or “..”") }
        guard text.utf8.count <= Limits.topicNameLengthMax else {
            throw TopicNameError("a topic's name has at most \(Limits.topicNameLengthMax) characters; this one has \(text.utf8.count)")
        }
        guard text.utf8.allSatisfy(Self.isAllowed) else {
            throw TopicNameError("a topic's name is made of a-z, A-Z, 0-9, '.', '_' and '-' only")
        }
        self.text = text
    }

    /// Names that begin with `_` are the broker's own: nobody creates, writes, truncates or deletes there.
    public var isBrokerOwned: Bool { Self.isBrokerOwned(text) }
    public static func isBrokerOwned(_ name: String) -> Bool { name.utf8.first == UInt8(ascii: "_") }

    /// Kafka's tools print metrics with `_` for `.`: two names that differ only so collide there, and CreateTopics refuses
    /// the second.
    public var collisionKey: String { String(text.map { $0 == "." ? "_" : $0 }) }

    public var description: String { text }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
        case UInt8(ascii: "0")...UInt8(ascii: "9"): true
        case UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"): true
        default: false
        }
    }
}

public struct TopicNameError: Error, Hashable, Sendable, CustomStringConvertible {
    public let description: String
    init(_ sentence: String) { description = sentence }
}
