/// What the value of a keyword must look like, as the metaschemas have it.
enum KeywordForm {
    case string, boolean, number, positiveNumber, count, array, object, schema, schemas, schemaMap, schemaOrSchemas
    case strings, stringsMap, type, values, uri, anchor, dependencies

    /// - Returns: nil for keywords whose value may be anything, and for words that are no keywords.
    init?(_ keyword: String, _ dialect: Dialect) {
        let draft = dialect.draft
        switch keyword {
        case "$id", "$schema", "$ref": self = .uri
        case "$anchor" where draft > .draft7, "$dynamicAnchor" where draft == .draft2020: self = .anchor
        case "$dynamicRef" where draft == .draft2020, "$recursiveRef" where draft == .draft2019: self = .uri
        case "$recursiveAnchor" where draft == .draft2019: self = .boolean
        case "$vocabulary" where draft > .draft7: self = .object
        case "$comment", "title", "description", "format", "pattern", "contentEncoding", "contentMediaType": self = .string
        case "x-sensitivity", "x-codelist": self = .string
        case "readOnly", "writeOnly", "uniqueItems", "x-personal": self = .boolean
        case "deprecated" where draft > .draft7: self = .boolean
        case "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum": self = .number
        case "multipleOf": self = .positiveNumber
        case "minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties": self = .count
        case "minContains" where draft > .draft7, "maxContains" where draft > .draft7: self = .count
        case "required": self = .strings
        case "dependentRequired" where draft > .draft7: self = .stringsMap
        case "type": self = .type
        case "enum": self = .values
        case "examples": self = .array
        default:
            switch SubschemaKeyword(keyword, dialect) {
            case .schema: self = .schema
            case .array: self = .schemas
            case .map: self = .schemaMap
            case .schemaOrArray: self = .schemaOrSchemas
            case .dependencies: self = .dependencies
            case nil: return nil
            }
        }
    }

    /// What is wrong with a value, to follow the keyword in a sentence; nil where nothing is.
    func objection(_ text: SchemaText, _ item: Int) -> String? {
        fits(text, item) ? nil : "must be \(phrase)"
    }

    private var phrase: String {
        switch self {
        case .string: "a string"
        case .boolean: "true or false"
        case .number: "a number"
        case .positiveNumber: "a number greater than 0"
        case .count: "a whole number from 0"
        case .array: "an array"
        case .object: "an object"
        case .schema: "a schema: an object, true or false"
        case .schemas: "an array of schemas, at least one"
        case .schemaMap: "an object of schemas"
        case .schemaOrSchemas: "a schema or an array of schemas, at least one"
        case .strings: "an array of different strings"
        case .stringsMap: "an object of arrays of different strings"
        case .type: "one of \(JSONTypeSet.names.map(\.name).joined(separator: ", ")), or an array of different ones of these"
        case .values: "an array of values"
        case .uri: "a string with a URI reference"
        case .anchor: "a name of letters, digits, `-`, `_` and `.` that begins with a letter or `_`"
        case .dependencies: "an object of schemas or of arrays of different strings"
        }
    }

    private func fits(_ text: SchemaText, _ item: Int) -> Bool {
        let kind = text.kind(item)
        switch self {
        case .string, .uri: return kind == .string
        case .boolean: return kind == .yes || kind == .no
        case .number: return kind == .number
        case .positiveNumber: return kind == .number && text.document.withView { !$0.number(item).isZero && !$0.number(item).isNegative }
        case .count: return kind == .number && text.document.withView { $0.number(item).count != nil }
        case .array, .values: return kind == .array
        case .object: return kind == .object
        case .schema: return Self.isSchema(kind)
        case .schemas: return kind == .array && text.count(item) > 0 && text.elements(item).allSatisfy { Self.isSchema(text.kind($0)) }
        case .schemaMap: return kind == .object && text.members(item).allSatisfy { Self.isSchema(text.kind($0.value)) }
        case .schemaOrSchemas:
            return Self.isSchema(kind) || kind == .array && text.count(item) > 0 && text.elements(item).allSatisfy { Self.isSchema(text.kind($0)) }
        case .strings: return Self.isStrings(text, item)
        case .stringsMap: return kind == .object && text.members(item).allSatisfy { Self.isStrings(text, $0.value) }
        case .type:
            if kind == .string { return JSONTypeSet(name: text.string(item)) != nil }
            return kind == .array && text.count(item) > 0 && Self.isStrings(text, item)
                && text.elements(item).allSatisfy { JSONTypeSet(name: text.string($0)) != nil }
        case .anchor: return kind == .string && Self.isAnchor(text.bytes(item))
        case .dependencies:
            return kind == .object && text.members(item).allSatisfy { Self.isSchema(text.kind($0.value)) || Self.isStrings(text, $0.value) }
        }
    }

    private static func isSchema(_ kind: JSONItem.Kind) -> Bool { kind == .object || kind == .yes || kind == .no }

    private static func isStrings(_ text: SchemaText, _ item: Int) -> Bool {
        guard text.kind(item) == .array else { return false }
        var seen = Set<[UInt8]>()
        return text.elements(item).allSatisfy { text.kind($0) == .string && seen.insert(text.bytes($0)).inserted }
    }

    private static func isAnchor(_ name: [UInt8]) -> Bool {
        guard let first = name.first, isLetter(first) || first == 0x5F else { return false }
        return name.allSatisfy { isLetter($0) || (0x30...0x39).contains($0) || $0 == 0x2D || $0 == 0x5F || $0 == 0x2E }
    }

    private static func isLetter(_ byte: UInt8) -> Bool { (0x61...0x7A).contains(byte | 0x20) }
}
