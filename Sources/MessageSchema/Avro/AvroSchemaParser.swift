/// Reads Avro schemas (Avro 1.12, "Schema Declaration"): first those that are referred to, then the text itself.
struct AvroSchemaParser {
    private(set) var schema = AvroSchema()
    /// Where in the text records and unions stand: what is wrong with them may show only in view of the whole.
    private var places: [Int: String] = [:]
    /// Records whose fields are being read: a reference to one is a recursion.
    private var open: Set<Int> = []
    private var primitives: [String: Int] = [:]
    private var defaults: [(value: AvroJSON, type: Int, place: String)] = []
    private var isReadingReference = false

    static func parse(_ source: SchemaSource) throws(SchemaError) -> AvroSchema {
        var parser = AvroSchemaParser()
        for reference in source.references {
            parser.isReadingReference = true
            try parser.read(reference.text, at: reference.name + "#")
        }
        parser.isReadingReference = false
        try parser.read(source.text, at: "")
        return parser.schema
    }

    /// - Parameter place: what the places in this text begin with.
    private mutating func read(_ text: String, at place: String) throws(SchemaError) {
        let first = schema.types.count
        defaults = []
        schema.root = try type(try AvroJSON(parsing: text, at: place), in: "", at: place)
        if let endless = schema.firstEndless(from: first) {
            let message = "no value of this type can end: it contains itself, and no union, array or map gives a way out"
            throw SchemaError(at: places[endless] ?? place, message)
        }
        try AvroDefaults.check(defaults, of: schema)
        guard schema.isRecursive || schema.types[schema.root].height <= SchemaLimits.depthMax else {
            throw SchemaError(at: place, "values nest at most \(SchemaLimits.depthMax) levels of records, arrays and maps")
        }
    }

    // MARK: Types

    private mutating func type(_ json: AvroJSON, in namespace: String, at place: String) throws(SchemaError) -> Int {
        switch json {
        case .string(let word): return try reference(to: word, in: namespace, at: place)
        case .array(let branches): return try union(of: branches, in: namespace, at: place)
        case .object(let members): return try declaration(AvroAttributes(members, at: place), in: namespace)
        case .null, .boolean, .number: throw SchemaError(at: place, "a schema is a JSON string, object or array")
        }
    }

    private mutating func add(_ type: AvroType, at place: String) -> Int {
        if let codeList = type.codeList { schema.codeLists.append((codeList, place)) }
        schema.types.append(type)
        switch type.kind {
        case .record, .union: places[schema.types.count - 1] = place
        case .null, .boolean, .int, .long, .float, .double, .bytes, .string, .enumeration, .fixed, .array, .map: break
        }
        return schema.types.count - 1
    }

    /// A type by its name: a primitive one or one that was defined before.
    private mutating func reference(to word: String, in namespace: String, at place: String) throws(SchemaError) -> Int {
        if let kind = AvroKind(primitive: word) {
            if let known = primitives[word] { return known }
            let index = add(AvroType(kind: kind), at: place)
            primitives[word] = index
            return index
        }
        // As Apache's parser does, a name without a dot that is unknown in the namespace around it is looked up in the null namespace.
        guard let index = schema.named[AvroName(word, in: namespace).full] ?? schema.named[word] else {
            throw SchemaError(at: place, "the type \(quoted(word)) is not defined before this place, nor by a reference")
        }
        if open.contains(index) { schema.isRecursive = true }
        return index
    }

    private mutating func declaration(_ attributes: AvroAttributes, in namespace: String) throws(SchemaError) -> Int {
        let word = try attributes.requiredString("type", "the name of a type")
        switch word {
        case "record", "error": return try record(attributes, in: namespace)
        case "enum": return try enumeration(attributes, in: namespace)
        case "fixed": return try fixed(attributes, in: namespace)
        case "array":
            let items = try type(try attributes.required("items"), in: namespace, at: attributes.place + "/items")
            return add(container(.array(items: items), of: items, attributes), at: attributes.place)
        case "map":
            let values = try type(try attributes.required("values"), in: namespace, at: attributes.place + "/values")
            return add(container(.map(values: values), of: values, attributes), at: attributes.place)
        default:
            guard let kind = AvroKind(primitive: word) else {
                return try reference(to: word, in: namespace, at: attributes.place + "/type")
            }
            var type = AvroType(kind: kind)
            try type.take(attributes)
            return add(type, at: attributes.place)
        }
    }

    private func container(_ kind: AvroKind, of inner: Int, _ attributes: AvroAttributes) -> AvroType {
        var type = AvroType(kind: kind)
        type.height = schema.types[inner].height + 1
        type.properties = attributes.properties
        return type
    }

    private mutating func union(of branches: [AvroJSON], in namespace: String, at place: String) throws(SchemaError) -> Int {
        guard (1...SchemaLimits.avroBranchesMax).contains(branches.count) else {
            throw SchemaError(at: place, "a union has from 1 to \(SchemaLimits.avroBranchesMax) branches")
        }
        var types: [Int] = []
        var seen: Set<String> = []
        var height = 0
        for (number, branch) in branches.enumerated() {
            if case .array = branch { throw SchemaError(at: "\(place)/\(number)", "a union does not hold another union directly") }
            let index = try type(branch, in: namespace, at: "\(place)/\(number)")
            let name = schema.types[index].name?.full ?? schema.types[index].kind.word
            guard seen.insert(name).inserted else {
                throw SchemaError(at: "\(place)/\(number)", "the union has a branch \(quoted(name)) already")
            }
            types.append(index)
            height = max(height, schema.types[index].height)
        }
        var type = AvroType(kind: .union(types))
        type.height = height
        return add(type, at: place)
    }

    // MARK: Named types

    private mutating func define(_ kind: AvroKind, _ attributes: AvroAttributes, in namespace: String) throws(SchemaError) -> Int {
        let written = try attributes.requiredString("name", "a name")
        let own = try attributes.string("namespace", "a namespace") ?? namespace
        guard AvroName.isNamespace(own) else {
            let message = "a namespace is names joined by dots, each of letters, digits and _ and not beginning with a digit"
            throw SchemaError(at: attributes.place + "/namespace", message)
        }
        let name = AvroName(written, in: own)
        guard name.isValid else {
            let message = """
                a name has letters, digits and _, does not begin with a digit and is not that of a primitive type; with its namespace it has at \
                most \(SchemaLimits.avroNameBytesMax) bytes
                """
            throw SchemaError(at: attributes.place + "/name", message)
        }
        guard schema.named[name.full] == nil else {
            throw SchemaError(at: attributes.place + "/name", "the type \(quoted(name.full)) is defined already")
        }
        guard schema.named.count < SchemaLimits.avroNamesMax else {
            throw SchemaError(at: attributes.place, "a schema and all that it refers to define at most \(SchemaLimits.avroNamesMax) named types")
        }
        var type = AvroType(kind: kind)
        type.name = name
        // Any string is an alias.
        type.aliases = try attributes.strings("aliases").map { alias in
            alias.contains(".") || name.namespace.isEmpty ? alias : "\(name.namespace).\(alias)"
        }
        type.documentation = attributes.documentation
        type.isReferenced = isReadingReference
        try type.take(attributes)
        let index = add(type, at: attributes.place)
        schema.named[name.full] = index
        return index
    }

    private mutating func enumeration(_ attributes: AvroAttributes, in namespace: String) throws(SchemaError) -> Int {
        guard case .array? = attributes["symbols"] else {
            throw SchemaError(at: attributes.place, "an enum has \"symbols\", an array of strings")
        }
        let symbols = try attributes.strings("symbols")
        guard symbols.count <= SchemaLimits.avroSymbolsMax else {
            throw SchemaError(at: attributes.place + "/symbols", "an enum has at most \(SchemaLimits.avroSymbolsMax) symbols")
        }
        var seen: Set<String> = []
        for (number, symbol) in symbols.enumerated() {
            guard AvroName.isPart(symbol) else {
                throw SchemaError(at: "\(attributes.place)/symbols/\(number)", "a symbol has letters, digits and _ and does not begin with a digit")
            }
            guard seen.insert(symbol).inserted else {
                throw SchemaError(at: "\(attributes.place)/symbols/\(number)", "the symbol \(quoted(symbol)) occurs twice")
            }
        }
        let fallback = try attributes.string("default", "one of the symbols")
        guard fallback.map(seen.contains) ?? true else {
            throw SchemaError(at: attributes.place + "/default", "the default is not one of the symbols")
        }
        return try define(.enumeration(AvroEnumeration(symbols: symbols, fallback: fallback)), attributes, in: namespace)
    }

    private mutating func fixed(_ attributes: AvroAttributes, in namespace: String) throws(SchemaError) -> Int {
        guard case .number(let text) = try attributes.required("size"), let size = Int32(text), size >= 0 else {
            throw SchemaError(at: attributes.place + "/size", "a size is a number of bytes, from 0 to \(Int32.max)")
        }
        return try define(.fixed(size: Int(size)), attributes, in: namespace)
    }

    private mutating func record(_ attributes: AvroAttributes, in namespace: String) throws(SchemaError) -> Int {
        guard case .array(let written)? = attributes["fields"] else {
            throw SchemaError(at: attributes.place, "a record has \"fields\", an array of objects")
        }
        guard written.count <= SchemaLimits.avroFieldsMax else {
            throw SchemaError(at: attributes.place + "/fields", "a record has at most \(SchemaLimits.avroFieldsMax) fields")
        }
        let index = try define(.record([]), attributes, in: namespace)
        open.insert(index)
        defer { open.remove(index) }
        let inner = schema.types[index].name?.namespace ?? ""
        var fields: [AvroField] = []
        var seen: Set<String> = []
        var height = 0
        for (number, json) in written.enumerated() {
            let field = try field(json, in: inner, at: "\(attributes.place)/fields/\(number)")
            guard seen.insert(field.name).inserted else {
                throw SchemaError(at: "\(attributes.place)/fields/\(number)/name", "the record has a field \(quoted(field.name)) already")
            }
            fields.append(field)
            height = max(height, schema.types[field.type].height)
        }
        schema.types[index].kind = .record(fields)
        schema.types[index].height = height + 1
        return index
    }

    private mutating func field(_ json: AvroJSON, in namespace: String, at place: String) throws(SchemaError) -> AvroField {
        guard case .object(let members) = json else { throw SchemaError(at: place, "a field is a JSON object") }
        let attributes = AvroAttributes(members, at: place)
        let name = try attributes.requiredString("name", "a name")
        guard AvroName.isPart(name) else {
            throw SchemaError(at: place + "/name", "the name of a field has letters, digits and _ and does not begin with a digit")
        }
        let type = try type(try attributes.required("type"), in: namespace, at: place + "/type")
        let order = try attributes.string("order", "ascending, descending or ignore")
        guard [nil, "ascending", "descending", "ignore"].contains(order) else {
            throw SchemaError(at: place + "/order", "the order is ascending, descending or ignore")
        }
        let codeList = try attributes.codeList()
        if let codeList { schema.codeLists.append((codeList, place)) }
        guard codeList == nil || schema.holdsCodes(type) else {
            throw SchemaError(at: place + "/x-codelist", "codes are strings or symbols of an enum, or a union with one of these")
        }
        let fallback = attributes["default"]
        if let fallback { defaults.append((fallback, type, place + "/default")) }
        return AvroField(
            name: name, type: type, documentation: attributes.documentation, aliases: try attributes.strings("aliases"), fallback: fallback,
            order: order == "ascending" ? nil : order, properties: attributes.fieldProperties, codeList: codeList,
            isPersonal: try attributes.boolean("x-personal") ?? false,
            sensitivity: try attributes.string("x-sensitivity", "a word such as high"))
    }
}

extension AvroType {
    /// What any schema object may have beside the attributes of its kind.
    fileprivate mutating func take(_ attributes: AvroAttributes) throws(SchemaError) {
        properties = attributes.properties.filter { member in
            if case .enumeration = kind { return member.name != "default" }
            return true
        }
        logicalType = AvroLogicalType(of: kind, members: properties)
        if case .decimal(let precision, _) = logicalType, precision > SchemaLimits.avroPrecisionMax {
            throw SchemaError(at: attributes.place + "/precision", "a decimal has at most \(SchemaLimits.avroPrecisionMax) digits")
        }
        codeList = try attributes.codeList()
        switch kind {
        case .string, .enumeration: break
        case .null, .boolean, .int, .long, .float, .double, .bytes, .record, .fixed, .array, .map, .union:
            guard codeList == nil else { throw SchemaError(at: attributes.place + "/x-codelist", "codes are strings or symbols of an enum") }
        }
    }
}

extension AvroSchema {
    fileprivate func holdsCodes(_ type: Int) -> Bool {
        switch types[type].kind {
        case .string, .enumeration: true
        case .union(let branches): branches.contains(where: holdsCodes)
        case .null, .boolean, .int, .long, .float, .double, .bytes, .record, .fixed, .array, .map: false
        }
    }
}

/// A name from the text, short enough for a sentence.
func quoted(_ name: String) -> String {
    name.unicodeScalars.count <= 100 ? "\"\(name)\"" : "\"\(String(name.unicodeScalars.prefix(100)))…\""
}
