extension SchemaLimits {
    /// Named types of an Avro schema with all that it refers to.
    public static let avroNamesMax = 4_096
    /// Bytes of a full name, and of one field name or enum symbol.
    public static let avroNameBytesMax = 1_024
    /// Fields of one Avro record.
    public static let avroFieldsMax = 4_096
    /// Symbols of one Avro enum.
    public static let avroSymbolsMax = 65_536
    /// Branches of one Avro union.
    public static let avroBranchesMax = 1_024
    /// Items of one array that take no bytes: a few bytes of payload would make a subscriber's reader build as many as they say.
    public static let avroEmptyItemsMax = 1_000_000
    /// Digits of a decimal.
    public static let avroPrecisionMax = 1_000
    /// Fields with tags, each by each path that leads to it.
    static let avroTaggedPathsMax = 10_000
    /// Comparisons of a default's values with the types that they may have.
    static let avroDefaultStepsMax = 1_000_000
    /// Pairs of types, fields and branches that one comparison of two schemas may look at.
    static let avroComparisonsMax = 10_000_000
    /// Incompatibilities that one comparison names.
    static let avroIncompatibilitiesMax = 100
}
