/// Why a schema cannot be compiled.
public struct SchemaError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Where in the schema: a JSON pointer (`/properties/ward/pattern`), or `file:line:column` in a `.proto`. Empty for the whole.
    public let path: String
    /// A sentence in English that says what is wrong and what would be right.
    public let message: String

    public init(at path: String, _ message: String) {
        self.path = path
        self.message = message
    }

    public var description: String { path.isEmpty ? message : "\(path): \(message)" }
}
