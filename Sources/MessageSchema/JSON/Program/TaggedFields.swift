extension SchemaCompiler {
    /// The fields with a tag, in the order of the text. A schema that holds itself (a person's children are persons) is followed once:
    /// the path of a deeper one is the same again.
    func taggedFields() throws(SchemaError) -> [TaggedField] {
        guard !tags.isEmpty else { return [] }
        var walk = TagWalk(self)
        try walk.visit(0, [])
        return walk.found.sorted { $0.order != $1.order ? $0.order < $1.order : $0.field.path < $1.field.path }.map(\.field)
    }
}

/// Follows a program from its root along the paths of a payload.
private struct TagWalk {
    let compiler: SchemaCompiler
    var found: [(order: Int, field: TaggedField)] = []
    private var seen = Set<TaggedField>()
    private var open = Set<Int32>()
    private var stepsLeft = SchemaLimits.tagStepsMax

    init(_ compiler: SchemaCompiler) { self.compiler = compiler }

    mutating func visit(_ node: Int32, _ path: [String]) throws(SchemaError) {
        stepsLeft -= 1
        guard stepsLeft >= 0 else {
            throw SchemaError(at: "", "tagged fields are reached on more than \(SchemaLimits.tagStepsMax) paths; tag fewer, nearer to the root")
        }
        guard open.insert(node).inserted else { return }
        defer { open.remove(node) }
        let location = compiler.locations[Int(node)]
        if let tag = compiler.tags[location] {
            var pointer = JSONPointer()
            for token in path { pointer.append(key: token) }
            let field = TaggedField(path: pointer.text, isPersonal: tag.isPersonal, sensitivity: tag.sensitivity)
            if seen.insert(field).inserted { found.append((location.text * (1 << 32) + location.item, field)) }
        }
        for (child, token) in compiler.children(of: node) { try visit(child, token.map { path + [$0] } ?? path) }
    }
}

extension SchemaCompiler {
    /// The schemas that a node applies, each with the step that it takes into the value; nil for the value itself.
    fileprivate func children(of node: Int32) -> [(node: Int32, token: String?)] {
        var children: [(Int32, String?)] = []
        for check in nodeChecks[Int(node)] {
            switch check {
            case .reference(let node), .dynamicReference(let node, _), .dependentSchema(_, let node): children.append((node, nil))
            case .allOf(let range), .anyOf(let range), .oneOf(let range): children += tables.indices[range.range].map { ($0, nil) }
            case .condition(let test, let then, let otherwise): children += [test, then, otherwise].filter { $0 >= 0 }.map { ($0, nil) }
            case .prefixItems(let range): children += tables.indices[range.range].map { ($0, "*") }
            case .items(_, let node, _), .contains(let node, _, _, _), .unevaluatedItems(let node), .unevaluatedProperties(let node):
                children.append((node, "*"))
            case .members(let index):
                let shape = tables.shapes[Int(index)]
                children += shape.properties.map { ($0.value, tables.names.text($0.name)) }
                children += stride(from: shape.patterns.range.lowerBound + 1, to: shape.patterns.range.upperBound, by: 2).map { (tables.indices[$0], "*") }
                if shape.additional >= 0 { children.append((shape.additional, "*")) }
            case .not, .propertyNames, .never, .type, .constant, .enumeration, .minimum, .maximum, .exclusiveMinimum, .exclusiveMaximum,
                .multipleOf, .minLength, .maxLength, .pattern, .format, .codeList, .minItems, .maxItems, .uniqueItems, .minProperties,
                .maxProperties, .required, .dependentRequired:
                break
            }
        }
        return children
    }
}
