/// A field whose schema says something about the person behind it: `x-personal` and `x-sensitivity`, as keywords of JSON Schema,
/// properties of Avro fields, or options of Protobuf fields. Field masks and erasure build on them.
public struct TaggedField: Hashable, Sendable {
    /// The path of the field in a payload, `*` for any array element or map key: `/parents/*/citizenId`.
    public let path: String
    /// `x-personal: true`
    public let isPersonal: Bool
    /// `x-sensitivity`: the schema's own word, such as `high`.
    public let sensitivity: String?

    public init(path: String, isPersonal: Bool, sensitivity: String?) {
        self.path = path
        self.isPersonal = isPersonal
        self.sensitivity = sensitivity
    }
}
