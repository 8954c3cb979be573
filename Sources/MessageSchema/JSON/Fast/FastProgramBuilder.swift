/// Lays out a `SchemaCode` for the fast walk, where all that can be reached from its root is of the kind that the walk knows.
struct FastProgramBuilder {
    private let code: SchemaCode
    private(set) var nodes: [FastNode] = [.any]
    private(set) var keys: [FastKey] = []
    private(set) var steps: [FastStep] = []
    private(set) var indices: [Int32] = []
    private(set) var bytes: [UInt8] = []
    private(set) var bounds: [FastBound] = []
    private var nodeOf: [Int32: Int32] = [:]
    private var work: [(code: Int32, node: Int32)] = []

    /// The root of the fast program; 0 is the node that accepts everything.
    static let root: Int32 = 1

    /// - Returns: nil where a keyword is used that needs more than a walk: the document is evaluated then.
    static func build(_ code: SchemaCode) -> FastProgram? {
        var builder = FastProgramBuilder(code)
        _ = builder.node(code.root)
        while let next = builder.work.popLast() {
            guard let node = builder.compile(next.code) else { return nil }
            builder.nodes[Int(next.node)] = node
        }
        return FastProgram(builder, code)
    }

    private init(_ code: SchemaCode) { self.code = code }

    private mutating func node(_ index: Int32) -> Int32 {
        if let known = nodeOf[index] { return known }
        let node = Int32(nodes.count)
        nodes.append(.any)
        nodeOf[index] = node
        work.append((index, node))
        return node
    }

    private func checks(_ index: Int32) -> ArraySlice<SchemaCheck> {
        let node = code.nodes[Int(index)]
        return code.checks[Int(node.firstCheck)..<Int(node.firstCheck + node.checkCount)]
    }

    private func isNever(_ index: Int32) -> Bool { code.nodes[Int(index)].isNever }

    // MARK: one node

    private mutating func compile(_ index: Int32) -> FastNode? {
        var node = FastNode()
        var again: [FastStep] = []
        var names: [Int32] = []
        guard let shape = shape(of: index, &names) else { return nil }
        var nodeBounds: [FastBound] = []
        for check in checks(index) {
            switch check {
            case .never: node.types = []
            case .type(let types): node.types.formIntersection(types)
            case .constant(let constant):
                guard restrict(&node, to: [constant]) else { return nil }
            case .enumeration(let enumeration):
                guard restrict(&node, to: code.enumerations[Int(enumeration)].values.map(\.constant).sorted()) else { return nil }
            case .minimum(let constant): nodeBounds.append(bound(.minimum, constant))
            case .maximum(let constant): nodeBounds.append(bound(.maximum, constant))
            case .exclusiveMinimum(let constant): nodeBounds.append(bound(.exclusiveMinimum, constant))
            case .exclusiveMaximum(let constant): nodeBounds.append(bound(.exclusiveMaximum, constant))
            case .multipleOf(let divisor, _): node.divisor = divisor
            case .minLength(let count): node.minLength = count
            case .maxLength(let count): node.maxLength = count
            case .pattern(let pattern): node.pattern = pattern
            case .format(let format): node.format = format
            case .codeList(let list): node.codeList = list
            case .minItems(let count): node.minItems = count
            case .maxItems(let count): node.maxItems = count
            case .uniqueItems: node.isUnique = true
            case .prefixItems(let range): node.prefix = self.range(code.indices[range.range].map { self.node($0) })
            case .items(_, let items, _): node.items = self.node(items)
            case .contains(let item, let min, let max, _): again.append(.contains(node: self.node(item), min: min, max: max))
            case .minProperties(let count): node.minProperties = count
            case .maxProperties(let count): node.maxProperties = count
            case .required(let range): for name in code.indices[range.range] { node.required |= bit(name, names) }
            case .dependentRequired(let range, _):
                let all = code.indices[range.range]
                guard let first = all.first else { continue }
                again.append(.present(bit: bit(first, names), mask: all.reduce(0) { $0 | bit($1, names) }, node: 0))
            case .dependentSchema(let name, let schema):
                again.append(.present(bit: bit(name, names), mask: 0, node: self.node(schema)))
            case .members: break
            case .propertyNames(let schema): node.propertyNames = self.node(schema)
            case .reference(let schema): again.append(.all(self.node(schema)))
            case .allOf(let range): again += code.indices[range.range].map { .all(self.node($0)) }
            case .anyOf(let range): again.append(.any(self.range(code.indices[range.range].map { self.node($0) })))
            case .oneOf(let range): again.append(.one(self.range(code.indices[range.range].map { self.node($0) })))
            case .not(let schema): again.append(.not(self.node(schema)))
            case .condition(let test, let then, let otherwise):
                again.append(
                    .condition(if: self.node(test), then: then < 0 ? -1 : self.node(then), else: otherwise < 0 ? -1 : self.node(otherwise)))
            case .unevaluatedProperties(let schema):
                // With nothing beside it that could evaluate members unseen, it is `additionalProperties`.
                guard isAlone(index), shape.additional < 0 else { return nil }
                node.additional = isNever(schema) ? -1 : self.node(schema)
            case .unevaluatedItems, .dynamicReference: return nil
            }
        }
        guard layOut(&node, shape, names) else { return nil }
        node.bounds = FastRange(start: Int32(bounds.count), count: Int32(nodeBounds.count))
        bounds += nodeBounds
        node.steps = FastRange(start: Int32(steps.count), count: Int32(again.count))
        steps += again
        node.checksText = node.pattern >= 0 || node.format != nil || node.codeList >= 0
        node.checksStrings = node.checksText || node.minLength > 0 || node.maxLength < .max
        return node
    }

    /// Nothing in the node applies another schema to the same value.
    private func isAlone(_ index: Int32) -> Bool {
        checks(index).allSatisfy { check in
            switch check {
            case .reference, .dynamicReference, .allOf, .anyOf, .oneOf, .condition, .dependentSchema: false
            default: true
            }
        }
    }

    private mutating func range(_ values: [Int32]) -> FastRange {
        defer { indices += values }
        return FastRange(start: Int32(indices.count), count: Int32(values.count))
    }

    // MARK: values

    private func bound(_ kind: FastBound.Kind, _ constant: Int32) -> FastBound {
        code.constants.withView { view in
            let text = view.bytes(Int(code.constantItems[Int(constant)]))
            var cursor = JSONCursor(text)
            var number = JSONCursor.Number()
            let isSmall = cursor?.scanNumber(&number) == true && number.isSmall
            return FastBound(
                kind: kind, isSmall: isSmall, fractionCount: number.fractionCount, digits: number.isNegative ? -number.digits : number.digits,
                constant: constant)
        }
    }

    /// Narrows a node to given values: words become types, strings become choices.
    private mutating func restrict(_ node: inout FastNode, to constants: [Int32]) -> Bool {
        guard node.choices.count < 0 else { return false }
        var types: JSONTypeSet = []
        var hasYes = false
        var hasNo = false
        var choices: [FastKey] = []
        for constant in constants {
            let item = Int(code.constantItems[Int(constant)])
            switch code.constants.items[item].kind {
            case .null: types.insert(.null)
            case .yes: hasYes = true
            case .no: hasNo = true
            case .string:
                types.insert(.string)
                guard let key = key(code.constants.withView { Array($0.bytes(item)) }, node: 0) else { return false }
                choices.append(key)
            case .number, .array, .object: return false
            }
        }
        guard hasYes == hasNo, choices.count <= FastLimits.keysMax else { return false }
        if hasYes { types.insert(.boolean) }
        node.types.formIntersection(types)
        node.choices = FastRange(start: Int32(keys.count), count: Int32(choices.count))
        keys += choices
        return true
    }

    /// - Returns: nil for a text that a document has to escape.
    private mutating func key(_ name: [UInt8], node: Int32) -> FastKey? {
        guard name.allSatisfy({ $0 >= 0x20 && $0 != 0x22 && $0 != 0x5C }) else { return nil }
        let written = name + [0x22]
        defer { bytes += written }
        let head = written.prefix(8)
        var word: UInt64 = 0
        for (index, byte) in head.enumerated() { word |= UInt64(byte) << UInt64(index * 8) }
        let mask = head.count == 8 ? UInt64.max : (1 << UInt64(head.count * 8)) - 1
        return FastKey(word: word, mask: mask, start: Int32(bytes.count), byteCount: Int32(written.count), node: node)
    }

    // MARK: members

    private struct Shape {
        /// Name and node of the code.
        var properties: [NameMap.Entry] = []
        var patterns: [Int32] = []
        /// Of the code; -1 where there is none.
        var additional: Int32 = -1
    }

    /// - Parameter names: receives all names that the node speaks of, in the order of the text.
    private func shape(of index: Int32, _ names: inout [Int32]) -> Shape? {
        var shape = Shape()
        var others: [Int32] = []
        for check in checks(index) {
            switch check {
            case .members(let index):
                let members = code.shapes[Int(index)]
                shape = Shape(properties: members.properties.entries, patterns: Array(code.indices[members.patterns.range]), additional: members.additional)
            case .required(let range), .dependentRequired(let range, _): others += code.indices[range.range]
            case .dependentSchema(let name, _): others.append(name)
            default: break
            }
        }
        names = shape.properties.map(\.name)
        for name in others where !names.contains(name) { names.append(name) }
        return names.count <= FastLimits.keysMax ? shape : nil
    }

    private func bit(_ name: Int32, _ names: [Int32]) -> UInt64 {
        names.firstIndex(of: name).map { 1 << UInt64($0) } ?? 0
    }

    private mutating func layOut(_ node: inout FastNode, _ shape: Shape, _ names: [Int32]) -> Bool {
        if shape.additional >= 0 { node.additional = isNever(shape.additional) ? -1 : self.node(shape.additional) }
        node.patterns = range(stride(from: 0, to: shape.patterns.count, by: 2).flatMap { [shape.patterns[$0], self.node(shape.patterns[$0 + 1])] })
        var named: [FastKey] = []
        for (position, name) in names.enumerated() {
            // A name that only `required` speaks of: its value is what the others are, unless a pattern covers it.
            let value: Int32
            if position < shape.properties.count {
                value = self.node(shape.properties[position].value)
            } else {
                guard shape.patterns.isEmpty, node.additional >= 0 else { return false }
                value = node.additional
            }
            guard let key = key(Array(code.names.bytes[code.names.range(name)]), node: value) else { return false }
            named.append(key)
        }
        node.keys = FastRange(start: Int32(keys.count), count: Int32(named.count))
        keys += named
        return true
    }
}
