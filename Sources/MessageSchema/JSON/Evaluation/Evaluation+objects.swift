extension Evaluation {
    mutating func applyToObject(_ check: SchemaCheck, _ item: Int, _ marks: UnsafeMutablePointer<EvaluationMarks>?) -> Bool {
        let count = view.count(item)
        switch check {
        case .minProperties(let least):
            return count >= least || fail("minProperties") { _ in least == 1 ? "must have at least 1 property" : "must have at least \(least) properties" }
        case .maxProperties(let most):
            return count <= most || fail("maxProperties") { _ in most == 1 ? "must have at most 1 property" : "must have at most \(most) properties" }
        case .required(let range):
            return require(code.indices[range.range], item, rule: "required", because: nil)
        case .dependentRequired(let range, let keyword):
            let names = code.indices[range.range]
            guard let name = names.first, has(name, item) else { return true }
            return require(names.dropFirst(), item, rule: keyword.rawValue, because: name)
        case .members(let shape):
            return members(code.shapes[Int(shape)], item, marks)
        case .propertyNames(let node):
            return propertyNames(node, item)
        case .dependentSchema(let name, let node):
            return !has(name, item) || evaluate(node, item, marks)
        default: preconditionFailure("Evaluation.apply hands out only these")
        }
    }

    /// The key's item.
    private func find(_ name: Int32, _ object: Int) -> Int? {
        code.names.bytes.withUnsafeBytes { bytes in
            let name = UnsafeRawBufferPointer(rebasing: bytes[code.names.range(name)])
            var key = object + 1
            for _ in 0..<view.count(object) {
                if JSONBytes.isEqual(view.bytes(key), name) { return key }
                key = view.next(key + 1)
            }
            return nil
        }
    }

    private mutating func has(_ name: Int32, _ object: Int) -> Bool {
        spend(1 + view.count(object) / 16) && find(name, object) != nil
    }

    private mutating func require(_ names: ArraySlice<Int32>, _ object: Int, rule: String, because other: Int32?) -> Bool {
        var holds = true
        for name in names where !has(name, object) {
            if isOver { return false }
            holds = fail(rule) { evaluation in
                let missing = name.quoted(evaluation.code)
                return other.map { "the property \(missing) is required where \($0.quoted(evaluation.code)) stands" } ?? "the property \(missing) is required"
            }
        }
        return holds
    }

    private mutating func members(_ shape: SchemaCode.Shape, _ object: Int, _ marks: UnsafeMutablePointer<EvaluationMarks>?) -> Bool {
        var holds = true
        var excess: [Int] = []
        var key = object + 1
        for index in 0..<view.count(object) {
            let name = view.bytes(key)
            var isCovered = false
            if let node = shape.properties.find(name, code.names) {
                isCovered = true
                holds = member(node, key, "properties") && holds
            }
            var pattern = Int(shape.patterns.start)
            while pattern < shape.patterns.range.upperBound, !isOver {
                switch search(code.indices[pattern], name) {
                case .found:
                    isCovered = true
                    holds = member(code.indices[pattern + 1], key, "patternProperties") && holds
                case .absent, nil: break
                case .tooManySteps: return giveUp("matching a pattern of patternProperties takes too many steps")
                }
                pattern += 2
            }
            if !isCovered, shape.additional >= 0 {
                isCovered = true
                if code.nodes[Int(shape.additional)].isNever {
                    excess.append(key)
                    holds = false
                } else {
                    holds = evaluate(shape.additional, member: key) && holds
                }
            }
            if isOver { return false }
            if isCovered { marks?.pointee.mark(index) }
            key = view.next(key + 1)
        }
        if let first = excess.first { return fail("additionalProperties") { $0.describe(first, excess.count, "the schema does not name it") } }
        return holds
    }

    private mutating func member(_ node: Int32, _ key: Int, _ keyword: String) -> Bool {
        guard code.nodes[Int(node)].isNever else { return evaluate(node, member: key) }
        return fail(keyword) { $0.describe(key, 1, "the schema forbids it") }
    }

    /// Names a property that must not be there: a name is a place, not a value, but it is shortened for it may be anything.
    private func describe(_ key: Int, _ count: Int, _ why: String) -> String {
        let name = String(decoding: view.bytes(key).prefix(256), as: UTF8.self)
        let shown = name.unicodeScalars.prefix(40).map { $0.properties.generalCategory == .control ? "?" : String($0) }.joined()
        let property = "`\(shown)\(name.unicodeScalars.count > 40 ? "…" : "")`"
        return count > 1 ? "the property \(property) and \(count - 1) more is not allowed: \(why)" : "the property \(property) is not allowed: \(why)"
    }

    private mutating func propertyNames(_ node: Int32, _ object: Int) -> Bool {
        var key = object + 1
        for _ in 0..<view.count(object) {
            let current = key
            if !silently({ $0.evaluate(node, current, nil) }) {
                return fail("propertyNames") { _ in "a property's name is not as the schema asks for" }
            }
            key = view.next(key + 1)
        }
        return true
    }

    mutating func unevaluatedProperties(_ node: Int32, _ object: Int, _ marks: UnsafeMutablePointer<EvaluationMarks>?) -> Bool {
        var holds = true
        var key = object + 1
        for index in 0..<view.count(object) {
            if marks?.pointee.isMarked(index) != true {
                if code.nodes[Int(node)].isNever {
                    return fail("unevaluatedProperties") { $0.describe(key, 1, "no part of the schema covers it") }
                }
                holds = evaluate(node, member: key) && holds
                if isOver { return false }
            }
            key = view.next(key + 1)
        }
        marks?.pointee.markAll()
        return holds
    }
}

extension Int32 {
    fileprivate func quoted(_ code: SchemaCode) -> String { "`\(code.names.text(self))`" }
}
