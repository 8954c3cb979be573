/// One place in a payload that its schema does not allow.
public struct Violation: Hashable, Sendable {
    /// Where in the payload: a JSON pointer for JSON (`/items/0/ward`, empty for the whole), the same form with field names for Avro
    /// and Protobuf.
    public let path: String
    /// The rule that was broken: a JSON Schema keyword (`required`, `maximum`), or a word of this module for what comes before any
    /// schema (`syntax`, `utf8`, `duplicate-key`, `depth`, `truncated`, `trailing-bytes`, `wire-type`, …). Stable: programs compare it.
    public let rule: String
    /// A sentence in English. It says what the schema asks for and never repeats the value.
    public let message: String

    public init(path: String, rule: String, message: String) {
        self.path = path
        self.rule = rule
        self.message = message
    }
}
