extension Evaluation {
    mutating func applyToArray(_ check: SchemaCheck, _ item: Int, _ marks: UnsafeMutablePointer<EvaluationMarks>?) -> Bool {
        let count = view.count(item)
        switch check {
        case .minItems(let least):
            return count >= least || fail("minItems") { _ in least == 1 ? "must have at least 1 element" : "must have at least \(least) elements" }
        case .maxItems(let most):
            return count <= most || fail("maxItems") { _ in most == 1 ? "must have at most 1 element" : "must have at most \(most) elements" }
        case .uniqueItems:
            return isUnique(item) || fail("uniqueItems") { _ in "no two elements may be equal" }
        case .prefixItems(let range):
            return prefixItems(range, item, marks)
        case .items(let from, let node, let keyword):
            return items(from: Int(from), node, keyword, item, marks)
        case .contains(let node, let least, let most, let marksItems):
            return contains(node, least, most, item, marksItems ? marks : nil)
        default: preconditionFailure("Evaluation.apply hands out only these")
        }
    }

    private mutating func prefixItems(_ range: IndexRange, _ item: Int, _ marks: UnsafeMutablePointer<EvaluationMarks>?) -> Bool {
        var holds = true
        var element = item + 1
        for index in 0..<min(view.count(item), Int(range.count)) {
            if !evaluate(code.indices[Int(range.start) + index], element: element, at: index) {
                holds = false
                if isOver { return false }
            }
            marks?.pointee.mark(index)
            element = view.next(element)
        }
        return holds
    }

    private mutating func items(from: Int, _ node: Int32, _ keyword: Keyword, _ item: Int, _ marks: UnsafeMutablePointer<EvaluationMarks>?) -> Bool {
        marks?.pointee.markAll()
        let count = view.count(item)
        guard count > from else { return true }
        if code.nodes[Int(node)].isNever {
            return fail(keyword.rawValue) { _ in from == 0 ? "must be empty" : from == 1 ? "must have at most 1 element" : "must have at most \(from) elements" }
        }
        var holds = true
        var element = item + 1
        for index in 0..<count {
            if index >= from, !evaluate(node, element: element, at: index) {
                holds = false
                if isOver { return false }
            }
            element = view.next(element)
        }
        return holds
    }

    private mutating func contains(_ node: Int32, _ least: Int, _ most: Int, _ item: Int, _ marks: UnsafeMutablePointer<EvaluationMarks>?) -> Bool {
        var found = 0
        var element = item + 1
        for index in 0..<view.count(item) {
            let current = element
            if silently({ $0.evaluate(node, current, nil) }) {
                found += 1
                marks?.pointee.mark(index)
            }
            if isOver { return false }
            element = view.next(element)
        }
        if found < least {
            return fail(least == 1 ? "contains" : "minContains") { _ in "must have at least \(least) of the elements that the schema asks for" }
        }
        return found <= most || fail("maxContains") { _ in "must have at most \(most) of the elements that the schema asks for" }
    }

    mutating func unevaluatedItems(_ node: Int32, _ item: Int, _ marks: UnsafeMutablePointer<EvaluationMarks>?) -> Bool {
        var holds = true
        var element = item + 1
        for index in 0..<view.count(item) {
            if marks?.pointee.isMarked(index) != true {
                if code.nodes[Int(node)].isNever {
                    return fail("unevaluatedItems") { _ in "element \(index) and what is like it is not allowed: no part of the schema covers it" }
                }
                if !evaluate(node, element: element, at: index) {
                    holds = false
                    if isOver { return false }
                }
            }
            element = view.next(element)
        }
        marks?.pointee.markAll()
        return holds
    }

    /// Few scalars are compared with each other; the rest by hashes that the sender cannot foresee.
    private mutating func isUnique(_ item: Int) -> Bool {
        let count = view.count(item)
        guard count > 1 else { return true }
        guard spend(view.next(item) - item) else { return false }
        var seen: [Int: [Int]] = [:]
        seen.reserveCapacity(count)
        var element = item + 1
        for _ in 0..<count {
            let hash = JSONEquality.hash(view, element)
            for other in seen[hash] ?? [] where JSONEquality.isEqual(view, element, view, other) { return false }
            seen[hash, default: []].append(element)
            element = view.next(element)
        }
        return true
    }
}
