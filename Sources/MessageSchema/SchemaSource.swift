/// A schema's text with everything that it refers to, complete: compiling looks nothing up.
public struct SchemaSource: Hashable, Sendable {
    public let format: SchemaFormat
    /// As it was registered: JSON for JSON Schema and Avro, a `.proto` file for Protobuf.
    public let text: String
    /// What the text refers to, and what those refer to: every source once, in an order in which each comes after those that it
    /// needs. At most `SchemaLimits.referencesMax`.
    public let references: [Reference]

    public struct Reference: Hashable, Sendable {
        /// How the texts name it: a URI or an `$id` (JSON Schema), a full name (Avro), an import path (Protobuf).
        public let name: String
        public let text: String

        public init(name: String, text: String) {
            self.name = name
            self.text = text
        }
    }

    public init(format: SchemaFormat, text: String, references: [Reference] = []) {
        self.format = format
        self.text = text
        self.references = references
    }
}
