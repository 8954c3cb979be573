/// Finds schemas that lead back to themselves without moving on in the document (`{"$ref": "#"}`), and chains of schemas over one value that
/// are too long to walk.
struct SchemaCycles {
    private let checks: [[SchemaCheck]]
    private let indices: [Int32]

    init(_ checks: [[SchemaCheck]], _ indices: [Int32]) {
        self.checks = checks
        self.indices = indices
    }

    /// Schemas that a schema applies to the same value.
    private func sameValue(_ node: Int) -> [Int32] {
        checks[node].flatMap { check -> [Int32] in
            switch check {
            case .reference(let node), .dynamicReference(let node, _), .not(let node), .dependentSchema(_, let node): [node]
            case .allOf(let range), .anyOf(let range), .oneOf(let range): Array(indices[range.range])
            case .condition(let test, let then, let otherwise): [test, then, otherwise].filter { $0 >= 0 }
            case .never, .type, .constant, .enumeration, .minimum, .maximum, .exclusiveMinimum, .exclusiveMaximum, .multipleOf, .minLength,
                .maxLength, .pattern, .format, .codeList, .minItems, .maxItems, .uniqueItems, .prefixItems, .items, .contains,
                .unevaluatedItems, .minProperties, .maxProperties, .required, .dependentRequired, .members, .propertyNames,
                .unevaluatedProperties:
                []
            }
        }
    }

    /// Depth first, without recursion. A node is open while one that it leads to is being looked at.
    func judge(_ error: (Int, String) -> SchemaError) throws(SchemaError) {
        var height = [Int32](repeating: -1, count: checks.count)
        var isOpen = [Bool](repeating: false, count: checks.count)
        for start in checks.indices where height[start] < 0 {
            var path: [(node: Int, next: [Int32])] = [(start, sameValue(start))]
            isOpen[start] = true
            var heights: [Int32] = [0]
            while let last = path.indices.last {
                if let child = path[last].next.popLast().map(Int.init) {
                    guard !isOpen[child] else { throw error(child, "the schema refers to itself for the same value, without an end") }
                    if height[child] >= 0 {
                        heights[last] = max(heights[last], height[child] + 1)
                    } else {
                        path.append((child, sameValue(child)))
                        heights.append(0)
                        isOpen[child] = true
                    }
                } else {
                    let node = path[last].node
                    height[node] = heights[last]
                    isOpen[node] = false
                    guard height[node] < SchemaLimits.sameValueDepthMax else {
                        throw error(node, "more than \(SchemaLimits.sameValueDepthMax) schemas refer to each other in a row for the same value")
                    }
                    path.removeLast()
                    heights.removeLast()
                    if last > 0 { heights[last - 1] = max(heights[last - 1], height[node] + 1) }
                }
            }
        }
    }
}
