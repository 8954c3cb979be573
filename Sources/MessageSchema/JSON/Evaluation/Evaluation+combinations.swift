extension Evaluation {
    /// Keywords that apply schemas to the same value again.
    mutating func combine(_ check: SchemaCheck, _ item: Int, _ marks: UnsafeMutablePointer<EvaluationMarks>?) -> Bool {
        switch check {
        case .reference(let node):
            return evaluate(node, item, marks)
        case .dynamicReference(let node, let anchor):
            return evaluate(dynamicTarget(anchor) ?? node, item, marks)
        case .allOf(let range):
            var holds = true
            for node in code.indices[range.range] {
                holds = evaluate(node, item, marks) && holds
                if isOver || !holds && isSilent { return false }
            }
            return holds
        case .anyOf(let range):
            return anyOf(code.indices[range.range], item, marks)
        case .oneOf(let range):
            return oneOf(code.indices[range.range], item, marks)
        case .not(let node):
            let holds = silently { $0.evaluate(node, item, nil) }
            return !isOver && (!holds || fail("not") { _ in "must not be what the schema rules out here" })
        case .condition(let test, let then, let otherwise):
            let holds = attempt(test, item, marks)
            let branch = holds ? then : otherwise
            return !isOver && (branch < 0 || evaluate(branch, item, marks))
        default: preconditionFailure("Evaluation.apply hands out only these")
        }
    }

    /// Whether a schema holds that need not. What it evaluated counts only if it does.
    private mutating func attempt(_ node: Int32, _ item: Int, _ marks: UnsafeMutablePointer<EvaluationMarks>?) -> Bool {
        guard let marks else { return silently { $0.evaluate(node, item, nil) } }
        var own = EvaluationMarks()
        let holds = silently { $0.evaluate(node, item, &own) }
        if holds { marks.pointee.merge(own) }
        return holds
    }

    private mutating func anyOf(_ nodes: ArraySlice<Int32>, _ item: Int, _ marks: UnsafeMutablePointer<EvaluationMarks>?) -> Bool {
        var holds = false
        for node in nodes {
            if attempt(node, item, marks) {
                holds = true
                // Only where no one asks what was evaluated is the first one enough.
                if marks == nil { return true }
            }
            if isOver { return false }
        }
        return holds || fail("anyOf") { _ in "must be what at least one of \(nodes.count) schemas allows" }
    }

    private mutating func oneOf(_ nodes: ArraySlice<Int32>, _ item: Int, _ marks: UnsafeMutablePointer<EvaluationMarks>?) -> Bool {
        var found = 0
        for node in nodes {
            if attempt(node, item, marks) { found += 1 }
            if isOver { return false }
            if found > 1 { return fail("oneOf") { _ in "must be what exactly one of \(nodes.count) schemas allows, and is what several do" } }
        }
        return found == 1 || fail("oneOf") { _ in "must be what exactly one of \(nodes.count) schemas allows, and is what none does" }
    }
}
