/// The bound of everything that a schema or a payload could make large.
public enum SchemaLimits {
    /// Bytes of one schema's text.
    public static let textBytesMax = 1 << 20
    /// Bytes of a schema's text and of all that it refers to.
    public static let closureBytesMax = 8 << 20
    /// Sources that one schema refers to, directly or not.
    public static let referencesMax = 200
    /// Nesting of a payload, and of a schema's text.
    public static let depthMax = 256
    /// Violations that one validation names.
    public static let violationsMax = 20
    /// Codes of one code list.
    public static let codesMax = 100_000
}
