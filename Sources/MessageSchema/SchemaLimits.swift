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
    /// Codes of all lists that one schema names.
    public static let codesPerSchemaMax = 200_000

    /// Bytes of one JSON document.
    public static let jsonBytesMax = 1 << 30
    /// Digits of a JSON number's exponent, leading zeros not counted. The number itself may have any size.
    public static let exponentDigitsMax = 18
    /// Significant digits of a `multipleOf`.
    public static let divisorDigitsMax = 36
    /// Schemas within a JSON Schema and all that it refers to.
    public static let schemaNodesMax = 200_000
    /// JSON schemas that apply to the same value, one within or referred to by the other.
    public static let sameValueDepthMax = 200
    /// Schemas that stand open at one place of a document while it is checked.
    public static let evaluationDepthMax = 1000
    /// Schemas applied to one document: this many, and `stepsPerByte` for each of its bytes.
    public static let stepsMax = 100_000
    public static let stepsPerByte = 32
    /// Schemas passed on the way to the tagged fields of a JSON Schema.
    public static let tagStepsMax = 100_000
    /// Keywords and constants looked at to say what the members of a document may be. A tenth of it for each of them.
    static let memberTypeStepsMax = 2_000_000
    /// Pairs of schemas that are compared for compatibility of two JSON Schemas, how deep within each other, and how many differences of one
    /// pair are told.
    public static let comparedSchemasMax = 50_000
    public static let comparisonDepthMax = 400
    public static let differencesMax = 50
    /// Bytes of a violation's path; longer ones end with an ellipsis.
    public static let pathBytesMax = 1024
}
