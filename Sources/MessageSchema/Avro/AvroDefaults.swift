/// Holds the defaults of fields to their types (Avro 1.12, "field default values"): that of a union is a value of any branch.
struct AvroDefaults {
    private let schema: AvroSchema
    /// Unions within unions can make this exponential, so what all defaults of a schema may take is limited.
    private var stepsLeft = SchemaLimits.avroDefaultStepsMax

    static func check(_ defaults: [(value: AvroJSON, type: Int, place: String)], of schema: AvroSchema) throws(SchemaError) {
        var checker = AvroDefaults(schema: schema)
        for (value, type, place) in defaults {
            let fits = checker.fits(value, type)
            guard checker.stepsLeft > 0 else {
                throw SchemaError(at: place, "the defaults take more than \(SchemaLimits.avroDefaultStepsMax) steps to check")
            }
            guard fits else { throw SchemaError(at: place, "the default is no value of the field's type, \(schema.words(of: type))") }
        }
    }

    private init(schema: AvroSchema) {
        self.schema = schema
    }

    private mutating func fits(_ value: AvroJSON, _ type: Int) -> Bool {
        guard stepsLeft > 0 else { return false }
        stepsLeft -= 1
        switch (schema.types[type].kind, value) {
        case (.null, .null), (.boolean, .boolean), (.string, .string): return true
        case (.int, .number(let text)): return Int32(text) != nil
        case (.long, .number(let text)): return Int64(text) != nil
        case (.float, .number(let text)), (.double, .number(let text)): return Double(text)?.isFinite == true
        case (.bytes, .string(let text)): return text.unicodeScalars.allSatisfy { $0.value <= 0xFF }
        case (.fixed(let size), .string(let text)):
            return text.unicodeScalars.count == size && text.unicodeScalars.allSatisfy { $0.value <= 0xFF }
        case (.enumeration(let enumeration), .string(let text)):
            return enumeration.index(of: text) != nil
        case (.array(let items), .array(let values)):
            for value in values where !fits(value, items) { return false }
            return true
        case (.map(let values), .object(let members)):
            for member in members where !fits(member.value, values) { return false }
            return true
        case (.record(let fields), .object(let members)):
            stepsLeft -= members.count
            let given = Dictionary(members.map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first })
            for field in fields {
                stepsLeft -= 1
                // A field that the default leaves out has the default of its own, which is checked where it stands.
                guard let value = given[field.name] else {
                    if field.fallback == nil { return false }
                    continue
                }
                if !fits(value, field.type) { return false }
            }
            return true
        case (.union(let branches), _):
            for branch in branches where fits(value, branch) { return true }
            return false
        // Any other two kinds.
        default:
            return false
        }
    }
}

extension AvroSchema {
    /// The type in a sentence: its name, or its kind with those of its branches.
    func words(of type: Int) -> String {
        switch types[type].kind {
        case .union(let branches):
            "a union of " + branches.prefix(10).map { words(of: $0) }.joined(separator: ", ") + (branches.count > 10 ? ", …" : "")
        case .record, .enumeration, .fixed: "\(types[type].kind.word) \(quoted(types[type].name?.full ?? ""))"
        case .null, .boolean, .int, .long, .float, .double, .bytes, .string, .array, .map: types[type].kind.word
        }
    }
}
