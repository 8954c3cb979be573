/// Turns a schema into instructions. A record that is used once is written out where it is used; others are called.
struct AvroCompiler {
    private let schema: AvroSchema
    private let findCodes: [CodeListName: Int]
    /// Types whose values have bytes.
    private let hasBytes: [Bool]
    /// How often a type is used; in a recursive schema every record is called, so that the nesting of a payload can be counted.
    private let uses: [Int]
    private var instructions: [AvroInstruction] = []
    private var tables: [Int32] = []
    private var bounds: [DecimalBounds] = []
    private var codeLists: [NameMap] = []
    private let codes: NameTable
    private var placeOfInstruction: [Int32] = []
    private var places = [AvroPlace(parent: 0, field: "")]
    private var starts: [Int: Int] = [:]
    private var calls: [(instruction: Int, type: Int)] = []
    private var boundsOfPrecision: [Int: Int] = [:]

    /// - Parameter codeLists: all that the schema names.
    static func compile(_ schema: AvroSchema, codeLists: [CodeListName: CodeList]) -> AvroCode {
        var compiler = AvroCompiler(schema: schema, lists: codeLists)
        compiler.emit(schema.root, at: 0, codes: nil)
        let payloadEnd = compiler.append(AvroInstruction(operation: .end), at: 0)
        compiler.writeCalledRecords()
        return AvroCode(
            instructions: compiler.instructions, payloadEnd: payloadEnd, tables: compiler.tables, bounds: compiler.bounds,
            codeLists: compiler.codeLists, codes: compiler.codes, placeOfInstruction: compiler.placeOfInstruction, places: compiler.places)
    }

    private init(schema: AvroSchema, lists: [CodeListName: CodeList]) {
        self.schema = schema
        self.hasBytes = schema.typesWithBytes
        self.uses = schema.useCounts
        var indices: [CodeListName: Int] = [:]
        var codes = NameTable()
        for (name, list) in lists where !list.isUnknown {
            var entries: [NameMap.Entry] = []
            for code in list.codes { entries.append(NameMap.Entry(name: codes.index(of: Array(code.utf8)), value: 0)) }
            indices[name] = codeLists.count
            codeLists.append(NameMap(entries, codes))
        }
        codes.seal()
        self.codes = codes
        self.findCodes = indices
    }

    @discardableResult
    private mutating func append(_ instruction: AvroInstruction, at place: Int32) -> Int {
        instructions.append(instruction)
        placeOfInstruction.append(place)
        return instructions.count - 1
    }

    private mutating func append(_ operation: AvroOperation, _ operand: Int = 0, _ target: Int = 0, at place: Int32) {
        append(AvroInstruction(operation: operation, operand: Int32(operand), target: Int32(target)), at: place)
    }

    private var next: Int { instructions.count }

    /// - Parameters:
    ///   - place: of the value.
    ///   - codes: of the field around it.
    private mutating func emit(_ index: Int, at place: Int32, codes: CodeListName?) {
        guard hasBytes[index] else { return }
        let type = schema.types[index]
        let codes = codes ?? type.codeList
        switch type.kind {
        case .null: break
        case .boolean: append(.boolean, at: place)
        case .int: append(type.logicalType == .timeMillis ? .timeMillis : .int, at: place)
        case .long: append(type.logicalType == .timeMicros ? .timeMicros : .long, at: place)
        case .float: append(.float, at: place)
        case .double: append(.double, at: place)
        case .bytes:
            if case .decimal(let precision, _) = type.logicalType {
                append(.decimalBytes, bounds(ofPrecision: precision), at: place)
            } else {
                append(.bytes, at: place)
            }
        case .string:
            if let list = codes.flatMap({ findCodes[$0] }) {
                append(.stringCode, list, at: place)
            } else {
                append(type.logicalType == .uuid ? .uuid : .string, at: place)
            }
        case .fixed(let size):
            if case .decimal(let precision, _) = type.logicalType {
                append(.decimalFixed, bounds(ofPrecision: precision), size, at: place)
            } else {
                append(.fixed, size, at: place)
            }
        case .enumeration(let enumeration):
            if let list = codes.flatMap({ findCodes[$0] }) {
                append(.enumerationCode, enumeration.symbols.count, tables.count, at: place)
                tables += enumeration.symbols.map { symbol in
                    Array(symbol.utf8).withUnsafeBytes { codeLists[list].find($0, self.codes) } == nil ? 0 : 1
                }
            } else {
                append(.enumeration, enumeration.symbols.count, at: place)
            }
        case .array(let items): emitItems(.array, items, at: place)
        case .map(let values): emitItems(.map, values, at: place)
        case .union(let branches): emitUnion(branches, at: place, codes: codes)
        case .record(let fields):
            if !schema.isRecursive && uses[index] == 1 {
                emitFields(fields, at: place)
            } else {
                append(.record, at: place)
                calls.append((next - 1, index))
            }
        }
    }

    private mutating func emitFields(_ fields: [AvroField], at place: Int32) {
        for field in fields where hasBytes[field.type] {
            places.append(AvroPlace(parent: place, field: field.name))
            emit(field.type, at: Int32(places.count - 1), codes: field.codeList)
        }
    }

    private mutating func emitItems(_ operation: AvroOperation, _ item: Int, at place: Int32) {
        let start = append(AvroInstruction(operation: operation, operand: operation == .array && !hasBytes[item] ? 1 : 0), at: place)
        if operation == .map { append(.key, at: 0) }
        emit(item, at: 0, codes: nil)
        append(.end, at: 0)
        instructions[start].target = Int32(next)
    }

    private mutating func emitUnion(_ branches: [Int], at place: Int32, codes: CodeListName?) {
        if branches.count == 2, let null = branches.firstIndex(where: { schema.types[$0].kind.word == "null" }) {
            let start = append(AvroInstruction(operation: .optional, operand: Int32(null)), at: place)
            emit(branches[1 - null], at: place, codes: codes)
            instructions[start].target = Int32(next)
            return
        }
        let table = tables.count
        append(.union, table, branches.count, at: place)
        tables += Array(repeating: 0, count: branches.count)
        var exits: [Int] = []
        for (number, branch) in branches.enumerated() {
            tables[table + number] = Int32(next)
            emit(branch, at: place, codes: codes)
            exits.append(append(AvroInstruction(operation: .jump), at: place))
        }
        for exit in exits { instructions[exit].target = Int32(next) }
    }

    private mutating func writeCalledRecords() {
        while let (instruction, index) = calls.popLast() {
            if starts[index] == nil, case .record(let fields) = schema.types[index].kind {
                starts[index] = next
                emitFields(fields, at: 0)
                append(.end, at: 0)
            }
            instructions[instruction].target = Int32(starts[index] ?? 0)
        }
    }

    private mutating func bounds(ofPrecision precision: Int) -> Int {
        if let known = boundsOfPrecision[precision] { return known }
        bounds.append(DecimalBounds(precision: precision))
        boundsOfPrecision[precision] = bounds.count - 1
        return bounds.count - 1
    }
}

extension AvroSchema {
    /// Whether values of each type have at least one byte. Only null, a fixed of size 0 and records of such have none.
    var typesWithBytes: [Bool] {
        var result = [Bool](repeating: false, count: types.count)
        var users: [[Int]] = Array(repeating: [], count: types.count)
        var found: [Int] = []
        for (index, type) in types.enumerated() {
            switch type.kind {
            case .null: break
            case .record(let fields): for field in fields { users[field.type].append(index) }
            case .fixed(let size): if size > 0 { found.append(index) }
            case .boolean, .int, .long, .float, .double, .bytes, .string, .enumeration, .array, .map, .union: found.append(index)
            }
        }
        for index in found { result[index] = true }
        while let index = found.popLast() {
            for user in users[index] where !result[user] {
                result[user] = true
                found.append(user)
            }
        }
        return result
    }

    fileprivate var useCounts: [Int] {
        var counts = [Int](repeating: 0, count: types.count)
        counts[root] = 1
        for type in types {
            switch type.kind {
            case .record(let fields): for field in fields { counts[field.type] += 1 }
            case .array(let items): counts[items] += 1
            case .map(let values): counts[values] += 1
            case .union(let branches): for branch in branches { counts[branch] += 1 }
            case .null, .boolean, .int, .long, .float, .double, .bytes, .string, .enumeration, .fixed: break
            }
        }
        return counts
    }
}
