/// An Avro schema that has been read: its types in a flat list, each referring to others by index. A named type stands there once,
/// however often it is used, and a recursive one leads back to itself.
struct AvroSchema: Sendable {
    var types: [AvroType] = []
    /// The type of a payload.
    var root = 0
    /// Named types by full name.
    var named: [String: Int] = [:]
    /// Some type contains itself.
    var isRecursive = false
    /// What `x-codelist` names, and in which objects of the text.
    var codeLists: [(name: CodeListName, place: String)] = []
}

struct AvroType: Sendable {
    var kind: AvroKind
    /// Of record, enum and fixed.
    var name: AvroName?
    /// Full names, in the order of the text.
    var aliases: [String] = []
    var documentation: String?
    var logicalType: AvroLogicalType?
    /// What the specification gives no meaning, in the order of the text; `logicalType` and its attributes too.
    var properties: [(name: String, value: AvroJSON)] = []
    /// Levels of records, arrays and maps that a value can have, this one included, where the type is not recursive.
    var height = 0
    /// `x-codelist` of a string or enum type; a field's own stands in the field.
    var codeList: CodeListName?
    /// The named type was defined by a reference and not by the schema's own text.
    var isReferenced = false
}

/// What a type is, with what only that kind has.
enum AvroKind: Sendable {
    case null, boolean, int, long, float, double, bytes, string
    case record([AvroField])
    case enumeration(AvroEnumeration)
    case fixed(size: Int)
    case array(items: Int)
    case map(values: Int)
    case union([Int])
}

struct AvroField: Sendable {
    let name: String
    let type: Int
    let documentation: String?
    let aliases: [String]
    let fallback: AvroJSON?
    /// Only where it is not `ascending`.
    let order: String?
    let properties: [(name: String, value: AvroJSON)]
    let codeList: CodeListName?
    let isPersonal: Bool
    let sensitivity: String?
}

struct AvroEnumeration: Sendable {
    let symbols: [String]
    let fallback: String?
    private let indexes: [String: Int]

    init(symbols: [String], fallback: String?) {
        self.symbols = symbols
        self.fallback = fallback
        indexes = Dictionary(symbols.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
    }

    func index(of symbol: String) -> Int? { indexes[symbol] }
}

extension AvroKind {
    /// The word of the specification.
    var word: String {
        switch self {
        case .null: "null"
        case .boolean: "boolean"
        case .int: "int"
        case .long: "long"
        case .float: "float"
        case .double: "double"
        case .bytes: "bytes"
        case .string: "string"
        case .record: "record"
        case .enumeration: "enum"
        case .fixed: "fixed"
        case .array: "array"
        case .map: "map"
        case .union: "union"
        }
    }

    init?(primitive word: String) {
        switch word {
        case "null": self = .null
        case "boolean": self = .boolean
        case "int": self = .int
        case "long": self = .long
        case "float": self = .float
        case "double": self = .double
        case "bytes": self = .bytes
        case "string": self = .string
        default: return nil
        }
    }
}
