/// One document against one program, keyword by keyword: the whole of JSON Schema, with all violations and their paths. It walks
/// parsed items; `FastWalk` answers first where it can.
struct Evaluation {
    let code: SchemaCode
    let view: JSONView
    let constants: JSONView
    let violationsMax: Int

    var violations: [Violation] = []
    /// Places of the document around the current value: the item of a key, or of an array's element as `-1 - index`.
    private var path: [Int] = []
    /// `$id`s passed on the way here, outermost first.
    private var scope: [Int32] = []
    /// Not 0 inside of `anyOf`, `not`, `if`, where a failure is no violation yet.
    private var silence = 0
    var isSilent: Bool { silence > 0 }
    private var stepsLeft: Int
    private var depth = 0
    /// Enough is known: all violations asked for, or a limit was reached.
    private(set) var isOver = false

    init(_ code: SchemaCode, _ view: JSONView, constants: JSONView, violationsMax: Int) {
        self.code = code
        self.view = view
        self.constants = constants
        self.violationsMax = violationsMax
        stepsLeft = SchemaLimits.stepsMax + SchemaLimits.stepsPerByte * view.text.count
    }

    mutating func run() -> [Violation] {
        _ = evaluate(code.root, 0, nil)
        return violations
    }

    /// Applies a node to a value.
    /// - Parameter marks: where to note which elements or members were evaluated, for `unevaluated…` of a schema around this one; nil
    ///   where there is none.
    mutating func evaluate(_ index: Int32, _ item: Int, _ marks: UnsafeMutablePointer<EvaluationMarks>?) -> Bool {
        guard spend(1) else { return false }
        guard depth < SchemaLimits.evaluationDepthMax else { return giveUp("the schema nests too deep over this document") }
        depth += 1
        defer { depth -= 1 }
        let node = code.nodes[Int(index)]
        let entersResource = scope.last != node.resource
        if entersResource { scope.append(node.resource) }
        defer { if entersResource { scope.removeLast() } }
        guard node.hasUnevaluated else { return apply(node, item, marks) }
        var own = EvaluationMarks()
        let holds = apply(node, item, &own)
        marks?.pointee.merge(own)
        return holds
    }

    private mutating func apply(_ node: SchemaCode.Node, _ item: Int, _ marks: UnsafeMutablePointer<EvaluationMarks>?) -> Bool {
        var holds = true
        for position in Int(node.firstCheck)..<Int(node.firstCheck + node.checkCount) {
            if !apply(code.checks[position], item, marks, isSound: holds) {
                holds = false
                if silence > 0 || isOver { return false }
            }
        }
        return holds
    }

    private mutating func apply(_ check: SchemaCheck, _ item: Int, _ marks: UnsafeMutablePointer<EvaluationMarks>?, isSound: Bool) -> Bool {
        switch check {
        case .never, .type, .constant, .enumeration:
            return applyToAny(check, item)
        case .minimum, .maximum, .exclusiveMinimum, .exclusiveMaximum, .multipleOf:
            return view.kind(item) != .number || applyToNumber(check, item)
        case .minLength, .maxLength, .pattern, .format, .codeList:
            return view.kind(item) != .string || applyToString(check, item)
        case .minItems, .maxItems, .uniqueItems, .prefixItems, .items, .contains:
            return view.kind(item) != .array || applyToArray(check, item, marks)
        case .minProperties, .maxProperties, .required, .dependentRequired, .members, .propertyNames, .dependentSchema:
            return view.kind(item) != .object || applyToObject(check, item, marks)
        case .reference, .dynamicReference, .allOf, .anyOf, .oneOf, .not, .condition:
            return combine(check, item, marks)
        case .unevaluatedItems(let node):
            // Where the schema fails already, what it evaluated is not known: more violations would be guesses.
            return !isSound || view.kind(item) != .array || unevaluatedItems(node, item, marks)
        case .unevaluatedProperties(let node):
            return !isSound || view.kind(item) != .object || unevaluatedProperties(node, item, marks)
        }
    }

    // MARK: bounds

    mutating func spend(_ steps: Int) -> Bool {
        if isOver { return false }
        stepsLeft -= steps
        return stepsLeft >= 0 || giveUp("checking this document takes more than \(SchemaLimits.stepsMax) steps and \(SchemaLimits.stepsPerByte) a byte; simplify the schema")
    }

    /// Ends the evaluation with a violation that no `anyOf` can hide.
    mutating func giveUp(_ message: String) -> Bool {
        if !isOver {
            isOver = true
            violations.append(Violation(path: pathText, rule: "steps", message: message))
        }
        return false
    }

    // MARK: saying so

    /// - Returns: always false.
    mutating func fail(_ rule: String, _ message: (Evaluation) -> String) -> Bool {
        guard silence == 0, !isOver else { return false }
        violations.append(Violation(path: pathText, rule: rule, message: message(self)))
        if violations.count >= violationsMax { isOver = true }
        return false
    }

    private var pathText: String {
        var pointer = JSONPointer()
        for step in path {
            if step < 0 { pointer.append(index: -1 - step) } else { pointer.append(key: view.bytes(step)) }
        }
        return pointer.text
    }

    mutating func evaluate(_ node: Int32, member key: Int) -> Bool {
        path.append(key)
        defer { path.removeLast() }
        return evaluate(node, key + 1, nil)
    }

    mutating func evaluate(_ node: Int32, element item: Int, at index: Int) -> Bool {
        path.append(-1 - index)
        defer { path.removeLast() }
        return evaluate(node, item, nil)
    }

    mutating func silently(_ body: (inout Evaluation) -> Bool) -> Bool {
        silence += 1
        defer { silence -= 1 }
        return body(&self)
    }

    /// Where the anchor leads from here: the outermost schema on the way that has one.
    func dynamicTarget(_ anchor: Int32) -> Int32? {
        let places = code.dynamicAnchors[Int(anchor)].places
        for resource in scope {
            if let place = places.first(where: { $0.resource == resource }) { return place.node }
        }
        return nil
    }
}

/// Which elements or members of a value have been evaluated by a schema that holds (2020-12 core, 11).
struct EvaluationMarks {
    private var words: [UInt64] = []
    private(set) var isAll = false

    mutating func markAll() { isAll = true }

    mutating func mark(_ index: Int) {
        guard !isAll else { return }
        while words.count <= index >> 6 { words.append(0) }
        words[index >> 6] |= 1 << UInt64(index & 63)
    }

    func isMarked(_ index: Int) -> Bool {
        isAll || index >> 6 < words.count && words[index >> 6] & 1 << UInt64(index & 63) != 0
    }

    mutating func merge(_ other: EvaluationMarks) {
        if other.isAll { isAll = true }
        while words.count < other.words.count { words.append(0) }
        for index in other.words.indices { words[index] |= other.words[index] }
    }
}
