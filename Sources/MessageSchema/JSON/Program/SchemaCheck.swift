/// One keyword of a schema, ready to be applied. Plain values and indices into the tables of `SchemaCode`.
enum SchemaCheck: Sendable {
    /// The schema `false`.
    case never

    // Any value.
    case type(JSONTypeSet)
    /// Index of the value among the elements of `constants`.
    case constant(Int32)
    /// Index into `enumerations`.
    case enumeration(Int32)

    // Numbers; indices into `constants`.
    case minimum(Int32)
    case maximum(Int32)
    case exclusiveMinimum(Int32)
    case exclusiveMaximum(Int32)
    /// Index into `divisors`, and the same as a constant.
    case multipleOf(Int32, constant: Int32)

    // Strings.
    case minLength(Int)
    case maxLength(Int)
    case pattern(Int32)
    case format(StringFormat)
    /// Index into `codeLists`.
    case codeList(Int32)

    // Arrays.
    case minItems(Int)
    case maxItems(Int)
    case uniqueItems
    /// The schemas of the first elements, one each.
    case prefixItems(IndexRange)
    /// The schema of all elements from an index on; `keyword` is `items` or `additionalItems`.
    case items(from: Int32, node: Int32, keyword: Keyword)
    case contains(node: Int32, min: Int, max: Int, marks: Bool)
    case unevaluatedItems(node: Int32)

    // Objects.
    case minProperties(Int)
    case maxProperties(Int)
    /// Indices into `names`.
    case required(IndexRange)
    /// A name, then those that it asks for.
    case dependentRequired(IndexRange, keyword: Keyword)
    /// `properties`, `patternProperties` and `additionalProperties` together: index into `shapes`.
    case members(Int32)
    case propertyNames(node: Int32)
    case dependentSchema(name: Int32, node: Int32)
    case unevaluatedProperties(node: Int32)

    // The same value again.
    case reference(node: Int32)
    /// `$dynamicRef` and `$recursiveRef`: `anchor` is an index into `dynamicAnchors`, `node` the place that it names statically.
    case dynamicReference(node: Int32, anchor: Int32)
    case allOf(IndexRange)
    case anyOf(IndexRange)
    case oneOf(IndexRange)
    case not(node: Int32)
    /// -1 where there is none.
    case condition(if: Int32, then: Int32, else: Int32)
}

/// Keywords that share one check, for the words of a violation.
enum Keyword: String, Sendable {
    case items, additionalItems, dependentRequired, dependencies
}

/// A stretch of `SchemaCode.indices`.
struct IndexRange: Sendable {
    let start: Int32
    let count: Int32

    @inline(__always) var range: Range<Int> { Int(start)..<Int(start) + Int(count) }
}

/// JSON Schema's types.
public struct JSONTypeSet: OptionSet, Hashable, Sendable {
    public let rawValue: UInt8
    public static let null = JSONTypeSet(rawValue: 1)
    public static let boolean = JSONTypeSet(rawValue: 2)
    public static let integer = JSONTypeSet(rawValue: 4)
    /// Numbers that are not integers; the type `number` is both.
    public static let fraction = JSONTypeSet(rawValue: 8)
    public static let string = JSONTypeSet(rawValue: 16)
    public static let array = JSONTypeSet(rawValue: 32)
    public static let object = JSONTypeSet(rawValue: 64)
    public static let number: JSONTypeSet = [.integer, .fraction]
    public static let all = JSONTypeSet(rawValue: 127)

    public init(rawValue: UInt8) { self.rawValue = rawValue }

    init?(name: String) {
        guard let named = Self.names.first(where: { $0.name == name }) else { return nil }
        self = named.type
    }

    static let names: [(name: String, type: JSONTypeSet)] = [
        ("null", .null), ("boolean", .boolean), ("number", .number), ("integer", .integer), ("string", .string), ("array", .array),
        ("object", .object),
    ]

    /// `a string`, `an integer or null`.
    var phrase: String {
        let words = Self.names.filter { isSuperset(of: $0.type) && !($0.name == "integer" && isSuperset(of: .number)) }.map { name, _ in
            name == "null" ? name : (name == "object" || name == "array" || name == "integer" ? "an " : "a ") + name
        }
        return words.isEmpty ? "nothing" : words.joined(separator: " or ")
    }
}
