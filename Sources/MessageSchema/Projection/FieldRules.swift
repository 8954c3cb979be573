/// What one subscriber may see of a topic's records: the fields shown, those masked, and the rows.
///
/// A path names a field by the names that lead to it, joined by dots: `citizenId`, `address.ward`. An array is passed without a name of its
/// own, so that `items.price` is the price of every item. `*` is every value of a map (Avro and Protobuf maps, `patternProperties` and
/// `additionalProperties` of JSON Schema), and may be written for the elements of an array. A path that begins with `/` is a JSON
/// pointer, `/parents/*/citizenId`: the form of `TaggedField.path`, and the one for names that hold a dot.
public struct FieldRules: Hashable, Sendable {
    /// How a field is hidden. What each does to each type: README, "What a mask does".
    public enum Mask: String, Hashable, Sendable, CaseIterable {
        /// The field is not there.
        case drop
        /// A constant of the type stands in its place.
        case redact
        /// A keyed hash: equal values stay equal, and nobody without the key can try values out.
        case hash
        /// The last four characters of a text.
        case last4
        /// A date or time cut to its year.
        case year
    }

    /// The fields that are shown, each with all that it holds. nil: all that the schema names.
    public var allow: [String]?
    public var masks: [String: Mask]
    /// Which records are shown: those in which every path has one of its values, as text. A missing field and null have none.
    public var conditions: [String: [String]]
    /// Of these paths, those that the schema may lack: it is an older version than they were written for. They hold for its records all the
    /// same, which may have there what the schema does not name.
    public var mayLack: Set<String> = []

    public init(allow: [String]? = nil, masks: [String: Mask] = [:], conditions: [String: [String]] = [:]) {
        self.allow = allow
        self.masks = masks
        self.conditions = conditions
    }

    /// They restrict nothing: no projection is needed.
    public var isEmpty: Bool { !restrictsFields && conditions.isEmpty }

    /// There is something that a shown record must not hold.
    var restrictsFields: Bool { allow != nil || !masks.isEmpty }

    /// The bound of everything in the rules.
    public enum Limits {
        /// Paths, in `allow`, `masks` and `conditions` together.
        public static let pathsMax = 1_000
        /// Bytes of one path, and its names.
        public static let pathBytesMax = 512
        public static let pathNamesMax = 32
        /// Paths of `conditions`, and the values of one.
        public static let conditionsMax = 32
        public static let valuesMax = 1_000
        /// Bytes of one value.
        public static let valueBytesMax = 1_024
    }
}
