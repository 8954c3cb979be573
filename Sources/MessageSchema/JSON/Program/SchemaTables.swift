/// The tables of a program while they grow. Equal constants, patterns and names are kept once.
struct SchemaTables {
    var indices: [Int32] = []
    var names = NameTable()
    var shapes: [(properties: [NameMap.Entry], patterns: IndexRange, additional: Int32)] = []
    private var constantText: [UInt8] = [0x5B]
    private var constantCount: Int32 = 0
    private var constantOf: [[UInt8]: Int32] = [:]
    private var enumerations: [[Int32]] = []
    var divisors: [JSONNumber.Divisor] = []
    private var patterns: [Pattern] = []
    private var patternTexts: [String] = []
    private var patternOf: [[UInt8]: Int32] = [:]
    private var codeLists: [(name: CodeListName, codes: [NameMap.Entry])] = []

    mutating func range(_ values: [Int32]) -> IndexRange {
        defer { indices += values }
        return IndexRange(start: Int32(indices.count), count: Int32(values.count))
    }

    mutating func constant(_ text: SchemaText, _ item: Int) -> Int32 {
        let written = text.document.withView { JSONWriter.text($0, item) }
        if let known = constantOf[written] { return known }
        if constantCount > 0 { constantText.append(0x2C) }
        constantText += written
        constantOf[written] = constantCount
        constantCount += 1
        return constantCount - 1
    }

    mutating func enumeration(_ values: [Int32]) -> Int32 {
        enumerations.append(values)
        return Int32(enumerations.count - 1)
    }

    mutating func pattern(_ source: String, allowsBacktracking: Bool) throws(PatternError) -> Int32 {
        let key = Array(source.utf8)
        if let known = patternOf[key] { return known }
        patterns.append(try Pattern(source, allowsBacktracking: allowsBacktracking))
        patternTexts.append(source)
        patternOf[key] = Int32(patterns.count - 1)
        return Int32(patterns.count - 1)
    }

    mutating func codeList(_ name: CodeListName, _ list: CodeList) -> Int32 {
        if let known = codeLists.firstIndex(where: { $0.name == name }) { return Int32(known) }
        let codes = list.codes.map { NameMap.Entry(name: names.index(of: Array($0.utf8)), value: 0) }
        codeLists.append((name, codes))
        return Int32(codeLists.count - 1)
    }

    var codeListNames: Set<CodeListName> { Set(codeLists.map(\.name)) }

    /// The part of the program that is tables.
    func code() -> SchemaCode {
        guard let constants = try? JSONDocument(parsing: constantText + [0x5D]) else {
            preconditionFailure("values taken from parsed JSON and written again are JSON")
        }
        var code = SchemaCode(constants: constants)
        code.indices = indices
        code.names = names
        code.names.seal()
        code.constantItems = constants.withView { view in
            var items: [Int32] = []
            var item = 1
            for _ in 0..<view.count(0) {
                items.append(Int32(item))
                item = view.next(item)
            }
            return items
        }
        code.enumerations = enumerations.map { values in
            let hashed = values.map { (hash: constants.withView { [item = Int(code.constantItems[Int($0)])] view in JSONEquality.hash(view, item) }, constant: $0) }
            return SchemaCode.Enumeration(values: hashed.sorted { $0.hash < $1.hash })
        }
        code.shapes = shapes.map { SchemaCode.Shape(properties: NameMap($0.properties, names), patterns: $0.patterns, additional: $0.additional) }
        code.divisors = divisors
        code.patterns = patterns
        code.patternTexts = patternTexts
        code.codeLists = codeLists.map { ($0.name, NameMap($0.codes, names)) }
        return code
    }
}
