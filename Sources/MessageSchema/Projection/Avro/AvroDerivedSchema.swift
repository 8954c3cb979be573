/// The schema of the records that a plan lets be seen: the records without the fields that are gone, and fields without the code list that
/// masked values are not in. Names stay. Where one record is seen in several forms, the first keeps its name and the others are
/// numbered: `Person`, `Person_2`.
struct AvroDerivedSchema {
    private let schema: AvroSchema
    private let plan: AvroPlan
    /// For each node of the plan, whether its type is another than it was.
    private let isChanged: [Bool]
    private var derived = AvroSchema()
    private var typeOfNode: [Int32: Int] = [:]
    private var typeOfPublished: [Int: Int] = [:]
    private var taken: Set<String> = []

    /// - Returns: nil where nothing differs.
    static func text(_ plan: AvroPlan, _ schema: AvroSchema) -> String? {
        let isChanged = changes(plan, schema)
        guard isChanged[Int(plan.root)] else { return nil }
        var writer = AvroDerivedSchema(schema: schema, plan: plan, isChanged: isChanged)
        writer.derived.root = writer.type(of: plan.root)
        return AvroSchemaText.canonical(writer.derived)
    }

    private init(schema: AvroSchema, plan: AvroPlan, isChanged: [Bool]) {
        self.schema = schema
        self.plan = plan
        self.isChanged = isChanged
    }

    private static func children(_ node: AvroPlan.Node, _ plan: AvroPlan) -> ArraySlice<Int32> {
        switch node.form {
        case .record, .array, .map, .union: plan.children[Int(node.children.start)..<Int(node.children.start + node.children.count)]
        case .null, .boolean, .int, .long, .float, .double, .bytes, .string, .fixed, .enumeration: []
        }
    }

    private static func changes(_ plan: AvroPlan, _ schema: AvroSchema) -> [Bool] {
        var changed = [Bool](repeating: false, count: plan.nodes.count)
        var users: [[Int]] = Array(repeating: [], count: plan.nodes.count)
        var found: [Int] = []
        for (index, node) in plan.nodes.enumerated() {
            for child in children(node, plan) { users[Int(child)].append(index) }
            var isChanged = node.mask != .none && schema.types[node.type].codeList != nil
            if case .record(let fields) = schema.types[node.type].kind {
                isChanged = zip(fields, children(node, plan)).contains { field, child in
                    plan.nodes[Int(child)].isHidden || field.codeList != nil && isMasked(child, plan)
                }
            }
            if isChanged { found.append(index) }
        }
        for index in found { changed[index] = true }
        while let index = found.popLast() {
            for user in users[index] where !changed[user] {
                changed[user] = true
                found.append(user)
            }
        }
        return changed
    }

    /// A field's value, in whichever branch of its union, or its elements.
    private static func isMasked(_ node: Int32, _ plan: AvroPlan) -> Bool {
        let node = plan.nodes[Int(node)]
        switch node.form {
        case .union, .array: return children(node, plan).contains { isMasked($0, plan) }
        case .null, .boolean, .int, .long, .float, .double, .bytes, .string, .fixed, .enumeration, .map, .record: return node.mask != .none
        }
    }

    // MARK: types

    private mutating func type(of index: Int32) -> Int {
        guard isChanged[Int(index)] else { return published(plan.nodes[Int(index)].type) }
        if let known = typeOfNode[index] { return known }
        let node = plan.nodes[Int(index)]
        let place = derived.types.count
        typeOfNode[index] = place
        var type = schema.types[node.type]
        type.isReferenced = false
        name(&type)
        derived.types.append(type)
        if node.mask != .none {
            type.codeList = nil
            type.properties.removeAll { $0.name == "x-codelist" }
        }
        let inner = Array(Self.children(node, plan))
        switch type.kind {
        case .record(let fields):
            var kept: [AvroField] = []
            for (field, child) in zip(fields, inner) where !plan.nodes[Int(child)].isHidden {
                kept.append(
                    field.retyped(self.type(of: child), isChanged: isChanged[Int(child)], isMasked: Self.isMasked(child, plan)))
            }
            type.kind = .record(kept)
        case .array: type.kind = .array(items: self.type(of: inner[0]))
        case .map: type.kind = .map(values: self.type(of: inner[0]))
        case .union: type.kind = .union(inner.map { self.type(of: $0) })
        case .null, .boolean, .int, .long, .float, .double, .bytes, .string, .enumeration, .fixed: break
        }
        derived.types[place] = type
        return place
    }

    private mutating func published(_ index: Int) -> Int {
        if let known = typeOfPublished[index] { return known }
        let place = derived.types.count
        typeOfPublished[index] = place
        var type = schema.types[index]
        type.isReferenced = false
        name(&type)
        derived.types.append(type)
        switch type.kind {
        case .record(let fields): type.kind = .record(fields.map { $0.retyped(published($0.type), isChanged: false, isMasked: false) })
        case .array(let items): type.kind = .array(items: published(items))
        case .map(let values): type.kind = .map(values: published(values))
        case .union(let branches): type.kind = .union(branches.map { published($0) })
        case .null, .boolean, .int, .long, .float, .double, .bytes, .string, .enumeration, .fixed: break
        }
        derived.types[place] = type
        return place
    }

    private mutating func name(_ type: inout AvroType) {
        guard let name = type.name, !taken.insert(name.full).inserted else { return }
        var number = 2
        while true {
            let other = AvroName("\(name.simple)_\(number)", in: name.namespace)
            if schema.named[other.full] == nil, taken.insert(other.full).inserted {
                type.name = other
                // They lead to the first.
                type.aliases = []
                return
            }
            number += 1
        }
    }
}

extension AvroField {
    /// - Parameter isChanged: a default of the type before may be none of it now.
    fileprivate func retyped(_ type: Int, isChanged: Bool, isMasked: Bool) -> AvroField {
        AvroField(
            name: name, type: type, documentation: documentation, aliases: aliases, fallback: isChanged ? nil : fallback, order: order,
            properties: isMasked ? properties.filter { $0.name != "x-codelist" } : properties, codeList: isMasked ? nil : codeList,
            isPersonal: isPersonal, sensitivity: sensitivity)
    }
}
