/// What the operator or steward chose for compiling a schema.
public struct SchemaOptions: Hashable, Sendable {
    /// JSON Schema's `format` is checked and not only an annotation.
    public var assertsFormats = true
    /// `pattern` may hold look-around and back-references, which need a backtracking matcher. The steps of one match are limited
    /// all the same.
    public var allowsBacktrackingPatterns = false
    /// Protobuf fields that the message type does not have.
    public var unknownFields = UnknownFields.refused

    public enum UnknownFields: String, Hashable, Sendable, CaseIterable {
        case refused, allowed
    }

    public init() {}
}
