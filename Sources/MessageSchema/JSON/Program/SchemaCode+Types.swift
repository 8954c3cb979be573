extension SchemaCode {
    /// What the member of the document may be, by the keywords that say so: `type`, `const`, `enum`, through references and combinations.
    /// What else a schema may ask of it is left out, so the answer may be too wide and is never too narrow.
    func types(ofMember name: String) -> JSONTypeSet {
        var search = MemberTypes(code: self)
        return search.types(ofMember: name)
    }

    /// What a value may be that the schema of the node lets be, just as far.
    func types(ofNode node: Int32) -> JSONTypeSet {
        var search = MemberTypes(code: self)
        return search.types(ofNode: node)
    }

    /// The same of many.
    func types(ofMembers names: Set<String>) -> [String: JSONTypeSet] {
        var search = MemberTypes(code: self)
        // In one order, so that where the steps end does not depend on chance.
        return Dictionary(uniqueKeysWithValues: names.sorted().map { ($0, search.types(ofMember: $0)) })
    }
}

/// Combinations of references multiply: a schema of a few lines can lead to more places than can ever be looked at.
private struct MemberTypes {
    let code: SchemaCode
    /// For all members together. Where they are used up, a schema is taken to say nothing.
    private var stepsLeft = SchemaLimits.memberTypeStepsMax

    init(code: SchemaCode) { self.code = code }

    /// A schema that refers deeper than this, or in circles, is taken to say nothing.
    private static let depthMax = 16
    /// Of one member, so that one does not take them from all others.
    private static let stepsPerMemberMax = SchemaLimits.memberTypeStepsMax / 10

    mutating func types(ofMember name: String) -> JSONTypeSet {
        let others = max(0, stepsLeft - Self.stepsPerMemberMax)
        stepsLeft -= others
        defer { stepsLeft += others }
        return types(ofMember: name, of: code.root, depth: 0)
    }

    mutating func types(ofNode node: Int32) -> JSONTypeSet { types(of: node, depth: 0) }

    private mutating func types(ofMember name: String, of node: Int32, depth: Int) -> JSONTypeSet {
        combined(node, depth: depth) { search, node in search.types(ofMember: name, of: node, depth: depth + 1) } own: { search, check in
            guard case .members(let index) = check else { return .all }
            var name = name
            let value = name.withUTF8 { search.code.shapes[Int(index)].properties.find(UnsafeRawBufferPointer($0), search.code.names) }
            return value.map { search.types(of: $0, depth: depth + 1) } ?? .all
        }
    }

    private mutating func types(of node: Int32, depth: Int) -> JSONTypeSet {
        combined(node, depth: depth) { search, node in search.types(of: node, depth: depth + 1) } own: { search, check in
            switch check {
            case .never: []
            case .type(let types): types
            case .constant(let constant): search.types(ofConstants: [constant])
            case .enumeration(let index): search.types(ofConstants: search.code.enumerations[Int(index)].values.map(\.constant))
            default: .all
            }
        }
    }

    /// All checks of a node hold at once; of alternatives one does.
    private mutating func combined(
        _ node: Int32, depth: Int, inner: (inout MemberTypes, Int32) -> JSONTypeSet, own: (inout MemberTypes, SchemaCheck) -> JSONTypeSet
    ) -> JSONTypeSet {
        let node = code.nodes[Int(node)]
        guard depth < Self.depthMax, spend(1 + Int(node.checkCount)) else { return .all }
        var types = JSONTypeSet.all
        for check in code.checks[Int(node.firstCheck)..<Int(node.firstCheck + node.checkCount)] {
            switch check {
            case .reference(let node): types.formIntersection(inner(&self, node))
            case .allOf(let range): for node in code.indices[range.range] { types.formIntersection(inner(&self, node)) }
            case .anyOf(let range), .oneOf(let range):
                var alternatives = JSONTypeSet()
                for node in code.indices[range.range] where alternatives != .all { alternatives.formUnion(inner(&self, node)) }
                types.formIntersection(alternatives)
            default: types.formIntersection(own(&self, check))
            }
        }
        return types
    }

    private mutating func spend(_ steps: Int) -> Bool {
        guard stepsLeft >= steps else {
            stepsLeft = 0
            return false
        }
        stepsLeft -= steps
        return true
    }

    private mutating func types(ofConstants constants: [Int32]) -> JSONTypeSet {
        guard spend(constants.count) else { return .all }
        return code.constants.withView { [items = code.constantItems] view in
            constants.reduce(JSONTypeSet()) { types, constant in
                switch view.kind(Int(items[Int(constant)])) {
                case .null: types.union(.null)
                case .no, .yes: types.union(.boolean)
                case .number: types.union(.number)
                case .string: types.union(.string)
                case .array: types.union(.array)
                case .object: types.union(.object)
                }
            }
        }
    }
}
