extension SchemaCode {
    /// What the member of the document may be, by the keywords that say so: `type`, `const`, `enum`, through references and combinations.
    /// What else a schema may ask of it is left out, so the answer may be too wide and is never too narrow.
    func types(ofMember name: String) -> JSONTypeSet { types(ofMember: name, of: root, depth: 0) }

    /// A schema that refers deeper than this, or in circles, is taken to say nothing.
    private static let depthMax = 16

    private func checks(of node: Int32) -> ArraySlice<SchemaCheck> {
        let node = nodes[Int(node)]
        return checks[Int(node.firstCheck)..<Int(node.firstCheck + node.checkCount)]
    }

    private func types(ofMember name: String, of node: Int32, depth: Int) -> JSONTypeSet {
        combined(node, depth: depth) { types(ofMember: name, of: $0, depth: depth + 1) } own: { check in
            guard case .members(let index) = check else { return .all }
            var name = name
            let value = name.withUTF8 { shapes[Int(index)].properties.find(UnsafeRawBufferPointer($0), names) }
            return value.map { types(of: $0, depth: depth + 1) } ?? .all
        }
    }

    private func types(of node: Int32, depth: Int) -> JSONTypeSet {
        combined(node, depth: depth) { types(of: $0, depth: depth + 1) } own: { check in
            switch check {
            case .never: []
            case .type(let types): types
            case .constant(let constant): types(ofConstants: [constant])
            case .enumeration(let index): types(ofConstants: enumerations[Int(index)].values.map(\.constant))
            default: .all
            }
        }
    }

    /// All checks of a node hold at once; of alternatives one does.
    private func combined(
        _ node: Int32, depth: Int, inner: (Int32) -> JSONTypeSet, own: (SchemaCheck) -> JSONTypeSet
    ) -> JSONTypeSet {
        guard depth < Self.depthMax else { return .all }
        return checks(of: node).reduce(.all) { types, check in
            switch check {
            case .reference(let node): types.intersection(inner(node))
            case .allOf(let range): indices[range.range].reduce(types) { $0.intersection(inner($1)) }
            case .anyOf(let range), .oneOf(let range): types.intersection(indices[range.range].reduce(JSONTypeSet()) { $0.union(inner($1)) })
            default: types.intersection(own(check))
            }
        }
    }

    private func types(ofConstants constants: [Int32]) -> JSONTypeSet {
        self.constants.withView { view in
            constants.reduce(JSONTypeSet()) { types, constant in
                switch view.kind(Int(constantItems[Int(constant)])) {
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
