/// Reads the keywords of one schema, checks their form, and writes their checks.
struct KeywordCompiler {
    let location: SchemaLibrary.Location
    let text: SchemaText
    let dialect: Dialect
    private(set) var checks: [SchemaCheck] = []
    private(set) var hasUnevaluated = false
    private var values: [String: Int] = [:]

    init(_ location: SchemaLibrary.Location, _ text: SchemaText, _ dialect: Dialect) {
        self.location = location
        self.text = text
        self.dialect = dialect
        for (key, value) in text.members(location.item) { values[text.string(key)] = value }
    }

    mutating func compile(_ compiler: inout SchemaCompiler, _ codeList: (CodeListName) -> CodeList?) throws(SchemaError) {
        try checkForms()
        try compileTags(&compiler)
        if dialect.draft == .draft7, let reference = values["$ref"] {
            checks.append(.reference(node: compiler.node(try compiler.target(of: text.string(reference), at: reference, in: location))))
            return
        }
        if dialect.vocabularies.contains(.validation) {
            try compileAnyValue(&compiler)
            try compileNumbers(&compiler)
            try compileStrings(&compiler)
            try compileSizes(&compiler)
        }
        try compileFormat(&compiler)
        try compileCodeList(&compiler, codeList)
        try compileReferences(&compiler)
        if dialect.vocabularies.contains(.applicator) {
            try compileArrays(&compiler)
            try compileObjects(&compiler)
            try compileCombinations(&compiler)
        }
        if dialect.vocabularies.contains(.unevaluated) { compileUnevaluated(&compiler) }
    }

    // MARK: form

    private func error(_ item: Int, _ message: String) -> SchemaError { text.error(at: item, message) }

    /// Refuses keywords of the wrong kind, those included that only annotate.
    private func checkForms() throws(SchemaError) {
        for (keyword, item) in values.sorted(by: { $0.value < $1.value }) {
            guard let form = KeywordForm(keyword, dialect) else { continue }
            if let message = form.objection(text, item) { throw error(item, "`\(keyword)` \(message)") }
        }
    }

    private mutating func compileTags(_ compiler: inout SchemaCompiler) throws(SchemaError) {
        let isPersonal = values["x-personal"].map { text.kind($0) == .yes } ?? false
        let sensitivity = values["x-sensitivity"].map { text.string($0) }
        if isPersonal || sensitivity != nil { compiler.tag(location, TaggedField(path: "", isPersonal: isPersonal, sensitivity: sensitivity)) }
    }

    // MARK: assertions

    private mutating func compileAnyValue(_ compiler: inout SchemaCompiler) throws(SchemaError) {
        if let item = values["type"] {
            var types: JSONTypeSet = []
            for name in text.kind(item) == .array ? text.elements(item) : [item] { types.formUnion(JSONTypeSet(name: text.string(name)) ?? []) }
            checks.append(.type(types))
        }
        if let item = values["const"], dialect.draft >= .draft7 { checks.append(.constant(compiler.tables.constant(text, item))) }
        if let item = values["enum"] {
            var constants: [Int32] = []
            for value in text.elements(item) { constants.append(compiler.tables.constant(text, value)) }
            checks.append(.enumeration(compiler.tables.enumeration(constants)))
        }
    }

    private mutating func compileNumbers(_ compiler: inout SchemaCompiler) throws(SchemaError) {
        if let item = values["minimum"] { checks.append(.minimum(compiler.tables.constant(text, item))) }
        if let item = values["maximum"] { checks.append(.maximum(compiler.tables.constant(text, item))) }
        if let item = values["exclusiveMinimum"] { checks.append(.exclusiveMinimum(compiler.tables.constant(text, item))) }
        if let item = values["exclusiveMaximum"] { checks.append(.exclusiveMaximum(compiler.tables.constant(text, item))) }
        if let item = values["multipleOf"] {
            guard let divisor = text.document.withView({ JSONNumber.Divisor($0.number(item)) }) else {
                throw error(item, "`multipleOf` must be greater than 0 and have at most \(SchemaLimits.divisorDigitsMax) significant digits")
            }
            compiler.tables.divisors.append(divisor)
            checks.append(.multipleOf(Int32(compiler.tables.divisors.count - 1), constant: compiler.tables.constant(text, item)))
        }
    }

    private mutating func compileStrings(_ compiler: inout SchemaCompiler) throws(SchemaError) {
        if let count = count("minLength"), count > 0 { checks.append(.minLength(count)) }
        if let count = count("maxLength") { checks.append(.maxLength(count)) }
        if let item = values["pattern"] { checks.append(.pattern(try pattern(item, text.string(item), &compiler))) }
    }

    private func pattern(_ item: Int, _ source: String, _ compiler: inout SchemaCompiler) throws(SchemaError) -> Int32 {
        do throws(PatternError) {
            return try compiler.tables.pattern(source, allowsBacktracking: compiler.options.allowsBacktrackingPatterns)
        } catch {
            throw self.error(item, "the pattern is wrong at character \(error.position): \(error.message)")
        }
    }

    private mutating func compileSizes(_ compiler: inout SchemaCompiler) throws(SchemaError) {
        if let count = count("minItems"), count > 0 { checks.append(.minItems(count)) }
        if let count = count("maxItems") { checks.append(.maxItems(count)) }
        if let item = values["uniqueItems"], text.kind(item) == .yes { checks.append(.uniqueItems) }
        if let count = count("minProperties"), count > 0 { checks.append(.minProperties(count)) }
        if let count = count("maxProperties") { checks.append(.maxProperties(count)) }
        if let item = values["required"], text.count(item) > 0 { checks.append(.required(names(item, &compiler))) }
        if let item = values["dependentRequired"], dialect.draft > .draft7 {
            for (key, value) in text.members(item) { compileDependentRequired(key, value, .dependentRequired, &compiler) }
        }
    }

    private mutating func compileDependentRequired(_ key: Int, _ value: Int, _ keyword: Keyword, _ compiler: inout SchemaCompiler) {
        guard text.count(value) > 0 else { return }
        checks.append(.dependentRequired(names([key] + text.elements(value), &compiler), keyword: keyword))
    }

    /// A count whose form has been checked.
    private func count(_ keyword: String) -> Int? {
        guard let item = values[keyword] else { return nil }
        return text.document.withView { $0.number(item).count }
    }

    private func names(_ items: [Int], _ compiler: inout SchemaCompiler) -> IndexRange {
        let names = items.map { compiler.tables.names.index(of: text.bytes($0)) }
        return compiler.tables.range(names)
    }

    private func names(_ array: Int, _ compiler: inout SchemaCompiler) -> IndexRange { names(text.elements(array), &compiler) }

    private mutating func compileFormat(_ compiler: inout SchemaCompiler) throws(SchemaError) {
        guard let item = values["format"], !dialect.vocabularies.isDisjoint(with: [.formatAnnotation, .formatAssertion]) else { return }
        guard compiler.options.assertsFormats || dialect.vocabularies.contains(.formatAssertion) else { return }
        if let format = StringFormat(rawValue: text.string(item)) { checks.append(.format(format)) }
    }

    private mutating func compileCodeList(_ compiler: inout SchemaCompiler, _ codeList: (CodeListName) -> CodeList?) throws(SchemaError) {
        guard let item = values["x-codelist"] else { return }
        guard let name = CodeListName(text.string(item)) else { throw error(item, "`x-codelist` names a list and its version, such as wards@3") }
        guard let list = codeList(name) else { throw error(item, "there is no code list \(name)") }
        let index = compiler.tables.codeList(name, list)
        if !list.isUnknown { checks.append(.codeList(index)) }
    }

    // MARK: applicators

    private func node(_ item: Int, _ compiler: inout SchemaCompiler) -> Int32 {
        compiler.node(compiler.library.location(text: location.text, item: item, within: location.resource))
    }

    private func node(_ keyword: String, _ compiler: inout SchemaCompiler) -> Int32? {
        values[keyword].map { node($0, &compiler) }
    }

    private func nodes(_ array: Int, _ compiler: inout SchemaCompiler) -> IndexRange {
        let nodes = text.elements(array).map { node($0, &compiler) }
        return compiler.tables.range(nodes)
    }

    private func members(_ keyword: String) -> [(key: Int, value: Int)] {
        values[keyword].map { text.members($0) } ?? []
    }

    private mutating func compileReferences(_ compiler: inout SchemaCompiler) throws(SchemaError) {
        if let item = values["$ref"] {
            checks.append(.reference(node: compiler.node(try compiler.target(of: text.string(item), at: item, in: location))))
        }
        if dialect.draft == .draft2020, let item = values["$dynamicRef"] {
            let reference = text.string(item)
            checks.append(compiler.dynamicReference(reference, to: try compiler.target(of: reference, at: item, in: location)))
        }
        if dialect.draft == .draft2019, let item = values["$recursiveRef"] {
            guard text.string(item) == "#" else { throw error(item, "`$recursiveRef` is always \"#\"") }
            checks.append(compiler.recursiveReference(to: try compiler.target(of: "#", at: item, in: location)))
        }
    }

    private mutating func compileArrays(_ compiler: inout SchemaCompiler) throws(SchemaError) {
        var prefix: Int?
        var rest = values["items"]
        var keyword = Keyword.items
        if dialect.draft == .draft2020 {
            prefix = values["prefixItems"]
        } else if let items = rest, text.kind(items) == .array {
            prefix = items
            rest = values["additionalItems"]
            keyword = .additionalItems
        }
        if let prefix { checks.append(.prefixItems(nodes(prefix, &compiler))) }
        if let rest {
            checks.append(.items(from: Int32(prefix.map { text.count($0) } ?? 0), node: node(rest, &compiler), keyword: keyword))
        }
        if let contains = node("contains", &compiler) {
            let counts = dialect.draft > .draft7 && dialect.vocabularies.contains(.validation)
            let least = counts ? count("minContains") ?? 1 : 1
            let most = counts ? count("maxContains") ?? .max : .max
            checks.append(.contains(node: contains, min: least, max: most, marks: dialect.draft == .draft2020))
        }
    }

    private mutating func compileObjects(_ compiler: inout SchemaCompiler) throws(SchemaError) {
        var properties: [NameMap.Entry] = []
        for (key, value) in members("properties") {
            properties.append(NameMap.Entry(name: compiler.tables.names.index(of: text.bytes(key)), value: node(value, &compiler)))
        }
        var patterns: [Int32] = []
        for (key, value) in members("patternProperties") {
            patterns += [try pattern(key, text.string(key), &compiler), node(value, &compiler)]
        }
        let additional = node("additionalProperties", &compiler) ?? -1
        if values["properties"] != nil || !patterns.isEmpty || additional >= 0 {
            compiler.tables.shapes.append((properties, compiler.tables.range(patterns), additional))
            checks.append(.members(Int32(compiler.tables.shapes.count - 1)))
        }
        if let node = node("propertyNames", &compiler) { checks.append(.propertyNames(node: node)) }
        if dialect.draft > .draft7, let item = values["dependentSchemas"] {
            for (key, value) in text.members(item) { compileDependentSchema(key, value, &compiler) }
        }
        if dialect.draft == .draft7, let item = values["dependencies"] {
            for (key, value) in text.members(item) {
                if text.kind(value) == .array {
                    compileDependentRequired(key, value, .dependencies, &compiler)
                } else {
                    compileDependentSchema(key, value, &compiler)
                }
            }
        }
    }

    private mutating func compileDependentSchema(_ key: Int, _ value: Int, _ compiler: inout SchemaCompiler) {
        let name = compiler.tables.names.index(of: text.bytes(key))
        checks.append(.dependentSchema(name: name, node: node(value, &compiler)))
    }

    private mutating func compileCombinations(_ compiler: inout SchemaCompiler) throws(SchemaError) {
        if let item = values["allOf"] { checks.append(.allOf(nodes(item, &compiler))) }
        if let item = values["anyOf"] { checks.append(.anyOf(nodes(item, &compiler))) }
        if let item = values["oneOf"] { checks.append(.oneOf(nodes(item, &compiler))) }
        if let node = node("not", &compiler) { checks.append(.not(node: node)) }
        if let test = node("if", &compiler) {
            let then = node("then", &compiler) ?? -1
            let otherwise = node("else", &compiler) ?? -1
            checks.append(.condition(if: test, then: then, else: otherwise))
        }
    }

    private mutating func compileUnevaluated(_ compiler: inout SchemaCompiler) {
        guard dialect.draft > .draft7 else { return }
        if let node = node("unevaluatedItems", &compiler) { checks.append(.unevaluatedItems(node: node)) }
        if let node = node("unevaluatedProperties", &compiler) { checks.append(.unevaluatedProperties(node: node)) }
        hasUnevaluated = values["unevaluatedItems"] != nil || values["unevaluatedProperties"] != nil
    }
}
