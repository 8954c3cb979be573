/// Follows an Avro schema and rules together. A list of work, not recursion.
struct AvroPlanBuilder {
    private struct Place: Hashable {
        let type: Int
        let state: RuleState
        let isHidden: Bool
    }

    private let schema: AvroSchema
    private let rules: RuleSet
    private let hasBytes: [Bool]
    private var plan = AvroPlan()
    /// For each node its state, and where it was first met.
    private var states: [RuleState] = []
    private var paths: [[String]] = []
    private var nodeOf: [Place: Int32] = [:]
    private var problems: ProjectionProblems

    static func build(_ schema: AvroSchema, _ rules: RuleSet) throws(ProjectionError) -> AvroPlan {
        var builder = AvroPlanBuilder(schema, rules)
        try builder.build()
        return builder.plan
    }

    private init(_ schema: AvroSchema, _ rules: RuleSet) {
        self.schema = schema
        self.rules = rules
        hasBytes = schema.typesWithBytes
        problems = ProjectionProblems(rules)
    }

    /// Places of a payload that are told apart.
    private static let nodesMax = 10_000

    private mutating func build() throws(ProjectionError) {
        _ = node(schema.root, rules.start, isHidden: !rules.restrictsFields, at: [])
        var done = 0
        while done < plan.nodes.count {
            guard done < Self.nodesMax else {
                throw ProjectionError(ProjectionProblems.tooManyPlaces)
            }
            complete(done)
            done += 1
        }
        judgeItems()
        try problems.judge()
        markWhole()
    }

    private mutating func node(_ type: Int, _ state: RuleState, isHidden: Bool, at path: [String]) -> Int32 {
        let place = Place(type: type, state: state, isHidden: isHidden)
        if let known = nodeOf[place] { return known }
        let index = Int32(plan.nodes.count)
        nodeOf[place] = index
        plan.nodes.append(AvroPlan.Node(type: type, form: schema.types[type].kind.form, isHidden: isHidden, isShown: state.isShown))
        states.append(state)
        paths.append(path)
        return index
    }

    private mutating func complete(_ index: Int) {
        let type = schema.types[plan.nodes[index].type]
        let state = states[index]
        let path = paths[index]
        let isHidden = plan.nodes[index].isHidden
        switch type.kind {
        case .record(let fields):
            judgeContainer(state, at: path, "a record")
            let inner = fields.map { field in
                let state = rules.field(field.name, of: state)
                problems.entered(state, isField: true)
                let isGone = isHidden || state.mask == .drop || !rules.showsSome(inside: state)
                return node(field.type, state, isHidden: isGone, at: path + [field.name])
            }
            plan.nodes[index].children = children(inner)
        case .array(let items):
            if !state.tests.isEmpty { judgeTests(state, "`where` needs a field that a record has once; this one is an array") }
            problems.enteredMany(state)
            let inner = rules.element(of: state)
            problems.entered(inner, isField: false)
            plan.nodes[index].hasBytes = hasBytes[items]
            plan.nodes[index].children = children([node(items, inner, isHidden: isHidden, at: path + [FieldPath.any])])
        case .map(let values):
            judgeContainer(state, at: path, "a map")
            problems.enteredMany(state)
            problems.enteredMap(state)
            let inner = rules.value(of: state)
            problems.entered(inner, isField: false)
            let isGone = isHidden || !rules.showsSome(inside: inner)
            plan.nodes[index].children = children([node(values, inner, isHidden: isGone, at: path + [FieldPath.any])])
        case .union(let branches):
            // The value of a field, whichever branch it takes. What ended here was told at the union.
            plan.nodes[index].children = children(branches.map { node($0, state, isHidden: isHidden, at: path) })
        case .fixed(let size):
            plan.nodes[index].children = FastRange(start: 0, count: Int32(size))
            completeValue(index, type, state, at: path)
        case .enumeration(let enumeration):
            plan.nodes[index].children = FastRange(start: 0, count: Int32(enumeration.symbols.count))
            if !state.tests.isEmpty { plan.symbols[plan.nodes[index].type] = enumeration.symbols.map { Array($0.utf8) } }
            completeValue(index, type, state, at: path)
        case .null, .boolean, .int, .long, .float, .double, .bytes, .string: completeValue(index, type, state, at: path)
        }
    }

    private mutating func children(_ nodes: [Int32]) -> FastRange {
        defer { plan.children += nodes }
        return FastRange(start: Int32(plan.children.count), count: Int32(nodes.count))
    }

    private mutating func completeValue(_ index: Int, _ type: AvroType, _ state: RuleState, at path: [String]) {
        plan.nodes[index].tests = FastRange(start: Int32(plan.tests.count), count: Int32(state.tests.count))
        plan.tests += state.tests
        if !state.tests.isEmpty, !type.isComparable {
            judgeTests(state, "`where` compares texts, enums, booleans and integers, which \(type.phrase) is not")
        }
        if let mask = state.mask, mask != .drop, !plan.nodes[index].isHidden {
            switch type.mask(mask) {
            case .success(let mask): plan.nodes[index].mask = mask
            case .failure(let error): problems.addToMask(mask, at: path, error.message)
            }
        }
    }

    private mutating func judgeContainer(_ state: RuleState, at path: [String], _ noun: String) {
        if let mask = state.mask, mask != .drop { problems.addToMask(mask, at: path, ProjectionProblems.container(noun)) }
        if !state.tests.isEmpty { judgeTests(state, "`where` compares texts, enums, booleans and integers, which \(noun) is not") }
    }

    private mutating func judgeTests(_ state: RuleState, _ message: String) {
        for (index, rule) in rules.rules.enumerated() {
            if case .condition(let condition) = rule.purpose, state.tests.contains(Int32(condition)) { problems.add(Int32(index), message) }
        }
    }

    // MARK: what has nothing left

    /// Items without bytes cannot be told from none by a payload's length, so that readers take few of them: rules may not make such.
    private mutating func judgeItems() {
        var keeps = [Bool](repeating: false, count: plan.nodes.count)
        var users: [[Int]] = Array(repeating: [], count: plan.nodes.count)
        var found: [Int] = []
        for (index, node) in plan.nodes.enumerated() where !node.isHidden && hasBytes[node.type] {
            if node.form == .record { for child in children(of: node) { users[Int(child)].append(index) } } else { found.append(index) }
        }
        while let index = found.popLast() {
            guard !keeps[index] else { continue }
            keeps[index] = true
            found += users[index]
        }
        for (index, node) in plan.nodes.enumerated() where node.form == .array && !node.isHidden && node.hasBytes {
            guard let items = children(of: node).first, !keeps[Int(items)] else { continue }
            let array = paths[index].isEmpty ? "the payload" : paths[index].joined(separator: ".")
            problems.add("nothing would be left of the items of \(array); show some field of them, or drop the field that holds them")
        }
    }

    private func children(of node: AvroPlan.Node) -> ArraySlice<Int32> {
        plan.children[Int(node.children.start)..<Int(node.children.start + node.children.count)]
    }

    // MARK: what can be copied at once

    /// From the assumption that all is whole, until nothing changes: types may hold themselves.
    private mutating func markWhole() {
        for index in plan.nodes.indices {
            let node = plan.nodes[index]
            // Null has no bytes to hide.
            plan.nodes[index].isWhole = (node.isShown || node.form == .null) && !node.isHidden && node.mask == .none && node.tests.count == 0
        }
        var hasChanged = true
        while hasChanged {
            hasChanged = false
            for index in plan.nodes.indices where plan.nodes[index].isWhole {
                let node = plan.nodes[index]
                guard [.record, .array, .map, .union].contains(node.form) else { continue }
                if children(of: node).contains(where: { !plan.nodes[Int($0)].isWhole }) {
                    plan.nodes[index].isWhole = false
                    hasChanged = true
                }
            }
        }
    }
}

struct MaskRefusal: Error {
    let message: String
}

extension AvroKind {
    fileprivate var form: AvroForm {
        switch self {
        case .null: .null
        case .boolean: .boolean
        case .int: .int
        case .long: .long
        case .float: .float
        case .double: .double
        case .bytes: .bytes
        case .string: .string
        case .record: .record
        case .enumeration: .enumeration
        case .fixed: .fixed
        case .array: .array
        case .map: .map
        case .union: .union
        }
    }
}

extension AvroType {
    fileprivate var isComparable: Bool {
        switch kind {
        case .null, .boolean, .string, .enumeration: true
        case .int, .long: logicalType == nil
        case .float, .double, .bytes, .fixed, .record, .array, .map, .union: false
        }
    }

    /// `a long (timestamp-millis)`.
    fileprivate var phrase: String {
        let article = ["int", "enum", "array"].contains(kind.word) ? "an" : "a"
        guard case .string(let logical)? = properties.first(where: { $0.name == "logicalType" })?.value, logicalType != nil else { return "\(article) \(kind.word)" }
        return "\(article) \(kind.word) (\(logical))"
    }

    /// The mask as this type carries it.
    fileprivate func mask(_ mask: FieldRules.Mask) -> Result<AvroMask, MaskRefusal> {
        if case .null = kind { return .success(.none) }
        let found: AvroMask? =
            switch mask {
            case .drop: nil
            case .redact: redaction
            case .hash: hash
            case .last4: if case .string = kind, logicalType == nil { .lastFour } else { nil }
            case .year: year
            }
        return found.map { .success($0) } ?? .failure(MaskRefusal(message: "`\(mask.rawValue)` is for \(Self.carriers(of: mask)), and the field is \(phrase)"))
    }

    private static func carriers(of mask: FieldRules.Mask) -> String {
        switch mask {
        case .drop, .redact: "values that have a constant of their type, an enum's being its default"
        case .hash: "strings, bytes, fixed of 8 to 32 bytes and longs without a logical type, and UUIDs"
        case .last4: "strings"
        case .year: "strings that hold dates, dates and timestamps"
        }
    }

    private var redaction: AvroMask? {
        switch kind {
        case .boolean, .int, .long, .float, .double, .fixed: .zero
        case .bytes: if case .decimal = logicalType { .zeroDecimal } else { .zero }
        case .string: logicalType == .uuid ? .nilUUID : .redactedText
        case .enumeration(let enumeration): enumeration.fallback.flatMap { enumeration.symbols.firstIndex(of: $0) }.map { .symbol(Int32($0)) }
        case .null, .record, .array, .map, .union: nil
        }
    }

    private var hash: AvroMask? {
        switch (kind, logicalType) {
        case (.string, nil): .hashText
        case (.string, .uuid?), (.fixed, .uuid?): .hashUUID
        case (.bytes, nil): .hashBytes
        case (.fixed(let size), nil): (8...32).contains(size) ? .hashBytes : nil
        case (.long, nil): .hashInteger
        default: nil
        }
    }

    private var year: AvroMask? {
        switch (kind, logicalType) {
        case (.string, nil): .yearText
        case (.int, .date?): .yearDate
        case (.long, .instant(let word)?):
            .yearInstant(unitsPerSecond: word.hasSuffix("millis") ? 1_000 : word.hasSuffix("micros") ? 1_000_000 : 1_000_000_000)
        default: nil
        }
    }
}
