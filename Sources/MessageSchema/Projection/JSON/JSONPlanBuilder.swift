/// Follows a schema and rules together through all places of a document. A list of work, not recursion.
///
/// Which member is shown is decided by names alone, so that no branch of a `oneOf` or `if` that a document may choose changes it: all
/// branches are taken together, and a path masks its field in each of them. What types a value may have is taken as wide as it can be; a
/// value of another is not shown.
struct JSONPlanBuilder {
    let code: SchemaCode
    let rules: RuleSet
    private(set) var plan = JSONPlan()
    private(set) var problems: ProjectionProblems
    /// Fields that are dropped because the schema does not say what they hold.
    private(set) var undescribed: Set<String> = []

    private var nodeOf: [Place: Int32] = [:]
    private var stepsLeft = JSONProjectionLimits.stepsMax

    private struct Place: Hashable {
        let schemas: JSONValueSchemas
        let state: RuleState
        let treatment: JSONPlan.Treatment
    }

    static func build(_ code: SchemaCode, _ rules: RuleSet) throws(ProjectionError) -> (plan: JSONPlan, undescribed: [String]) {
        var builder = JSONPlanBuilder(code: code, rules: rules)
        try builder.build()
        return (builder.plan, builder.undescribed.sorted())
    }

    private init(code: SchemaCode, rules: RuleSet) {
        self.code = code
        self.rules = rules
        problems = ProjectionProblems(rules)
    }

    private mutating func build() throws(ProjectionError) {
        let treatment = rules.restrictsFields ? JSONPlan.Treatment.show : .hide
        _ = node(JSONValueSchemas(groups: [[code.root]]), rules.start, treatment, at: [])
        var done = 0
        while done < plan.nodes.count {
            guard done < JSONProjectionLimits.nodesMax, stepsLeft > 0 else {
                throw ProjectionError(ProjectionProblems.tooManyPlaces)
            }
            complete(Int32(done))
            done += 1
        }
        try problems.judge()
        markWhole()
    }

    private mutating func node(_ schemas: JSONValueSchemas, _ state: RuleState, _ treatment: JSONPlan.Treatment, at path: [String]) -> Int32 {
        let place = Place(schemas: schemas, state: state, treatment: treatment)
        if let known = nodeOf[place] { return known }
        stepsLeft -= state.open.count
        let index = Int32(plan.nodes.count)
        nodeOf[place] = index
        plan.nodes.append(JSONPlan.Node(schemas: schemas, state: state, treatment: treatment))
        plan.paths.append(path)
        return index
    }

    /// The node of a value inside of another; -1 where nothing of it is shown or looked at.
    private mutating func child(
        _ schemas: JSONValueSchemas, _ state: RuleState, of parent: JSONPlan.Node, at path: [String], isField: Bool
    ) -> Int32 {
        problems.entered(state, isField: isField)
        var treatment = JSONPlan.Treatment.show
        if let mask = state.mask, mask != .drop { treatment = .mask(mask) }
        if parent.treatment == .hide || state.mask == .drop || !rules.showsSome(inside: state) {
            treatment = .hide
        } else if treatment == .show, state.isShown, !state.isNamed || rules.mayMask(inside: state), isUndescribed(schemas) {
            // Nobody has said what is in it, so that nobody can say that it holds nothing that is masked elsewhere.
            treatment = .hide
            undescribed.insert(path.joined(separator: "."))
        }
        guard treatment == .hide else { return node(schemas, state, treatment, at: path) }
        // What is not shown is followed as far as rules lead into it, to find conditions, and fields that are not there.
        if state.open.isEmpty, state.tests.isEmpty { return -1 }
        let hidden = node(schemas, state, .hide, at: path)
        return rules.isTested(inside: state) || !state.tests.isEmpty ? hidden : -1
    }

    // MARK: one place

    private mutating func complete(_ index: Int32) {
        var node = plan.nodes[Int(index)]
        let path = plan.paths[Int(index)]
        let found = schemas(of: node.schemas)
        if found.isDynamic { problems.add(JSONDerivedSchema.dynamicReferences) }
        node.types = types(of: node.schemas)
        node.tests = node.state.tests
        node.isUUID = found.primary.allSatisfy { group in checks(of: group).contains { if case .format(.uuid) = $0 { true } else { false } } }
        judge(node, at: path)
        if node.types.contains(.object), describesMembers(found) {
            node.describesMembers = true
            completeMembers(&node, found, at: path)
        }
        if node.types.contains(.array), describesElements(found) {
            node.describesElements = true
            completeElements(&node, found, at: path)
        }
        plan.nodes[Int(index)] = node
    }

    private mutating func completeMembers(_ node: inout JSONPlan.Node, _ found: InPlace, at path: [String]) {
        var names: [Int32] = []
        var byName: [Int32: Values] = [:]
        var others: [Int32] = []
        var patterns: [Int32] = []
        var isRestDescribed = false
        for (group, isPrimary) in found.all {
            var own: [Int32: [Int32]] = [:]
            for check in checks(of: group) {
                switch check {
                case .members(let shape):
                    let shape = code.shapes[Int(shape)]
                    for property in shape.properties.entries {
                        if byName[property.name] == nil, own[property.name] == nil { names.append(property.name) }
                        own[property.name, default: []].append(property.value)
                    }
                    for position in stride(from: Int(shape.patterns.start), to: Int(shape.patterns.start + shape.patterns.count), by: 2)
                    where isDescribed(code.indices[position + 1]) {
                        patterns.append(code.indices[position])
                        others.append(code.indices[position + 1])
                    }
                    if shape.additional >= 0, isDescribed(shape.additional) {
                        others.append(shape.additional)
                        isRestDescribed = true
                    }
                case .unevaluatedProperties(let value) where isDescribed(value):
                    others.append(value)
                    isRestDescribed = true
                default: break
                }
            }
            for (name, values) in own { byName[name, default: Values()].add(values, isPrimary) }
        }
        node.isClosed = found.primary.allSatisfy { checks(of: $0).contains(where: isClosing) }
        for name in names {
            let text = code.names.text(name)
            let state = rules.field(text, of: node.state)
            let schemas = (byName[name] ?? Values()).schemas
            node.members.append((name, child(schemas, state, of: node, at: path + [text], isField: true)))
        }
        guard !others.isEmpty else { return }
        problems.enteredMany(rules.value(of: node.state))
        if names.isEmpty { problems.enteredMap(node.state) }
        if !isRestDescribed { node.otherPatterns = patterns }
        // Which of them applies depends on the name.
        node.other = child(
            JSONValueSchemas(groups: others.map { [$0] }), rules.value(of: node.state), of: node, at: path + [FieldPath.any], isField: false)
    }

    /// What schemas over one value say of a value inside of it.
    private struct Values {
        var primary: [[Int32]] = []
        var secondary: [[Int32]] = []

        mutating func add(_ group: [Int32], _ isPrimary: Bool) {
            if isPrimary { primary.append(group) } else { secondary.append(group) }
        }

        /// Alternatives say what a value is where nothing else does.
        var schemas: JSONValueSchemas {
            primary.isEmpty ? JSONValueSchemas(groups: secondary) : JSONValueSchemas(groups: primary, others: secondary.flatMap { $0 })
        }
    }

    private func isClosing(_ check: SchemaCheck) -> Bool {
        switch check {
        case .members(let shape):
            let additional = code.shapes[Int(shape)].additional
            return additional >= 0 && code.nodes[Int(additional)].isNever
        case .unevaluatedProperties(let node): return code.nodes[Int(node)].isNever
        default: return false
        }
    }

    private mutating func completeElements(_ node: inout JSONPlan.Node, _ found: InPlace, at path: [String]) {
        var prefixCount = 0
        for (group, _) in found.all {
            for case .prefixItems(let range) in checks(of: group) { prefixCount = max(prefixCount, Int(range.count)) }
        }
        problems.enteredMany(node.state)
        let state = rules.element(of: node.state)
        for position in 0..<prefixCount {
            node.prefix.append(element(position, state, of: node, found, at: path))
        }
        node.items = element(prefixCount, state, of: node, found, at: path)
    }

    /// The node of the elements from `position` on.
    private mutating func element(_ position: Int, _ state: RuleState, of node: JSONPlan.Node, _ found: InPlace, at path: [String]) -> Int32 {
        var values = Values()
        for (group, isPrimary) in found.all {
            var own: [Int32] = []
            for schema in group {
                var hasPrefix = false
                for check in checks(of: [schema]) {
                    switch check {
                    case .prefixItems(let range) where position < Int(range.count):
                        hasPrefix = true
                        own.append(code.indices[Int(range.start) + position])
                    case .items(_, let value, _) where !hasPrefix: if isDescribed(value) { own.append(value) }
                    case .unevaluatedItems(let value): if isDescribed(value) { values.add([value], false) }
                    default: break
                    }
                }
            }
            if !own.isEmpty { values.add(own, isPrimary) }
        }
        let schemas = values.schemas
        return schemas.isEmpty ? -1 : child(schemas, state, of: node, at: path + [FieldPath.any], isField: false)
    }

    // MARK: what a mask and a condition can stand on

    private mutating func judge(_ node: JSONPlan.Node, at path: [String]) {
        if case .mask(let mask) = node.treatment, let message = Self.objection(to: mask, node.types) { problems.addToMask(mask, at: path, message) }
        guard !node.tests.isEmpty, !node.types.isDisjoint(with: [.object, .array]) else { return }
        for rule in node.state.ended {
            if case .condition = rules.rules[Int(rule)].purpose {
                problems.add(rule, "`where` compares a text, a number or a boolean; the schema lets this field be \(node.types.phrase)")
            }
        }
    }

    static func objection(to mask: FieldRules.Mask, _ types: JSONTypeSet) -> String? {
        if types == .all { return "`\(mask.rawValue)` needs to know the field's type; give it one in the schema, or drop the field" }
        if types.contains(.object) { return ProjectionProblems.container("an object") }
        let carried: JSONTypeSet
        let words: String
        switch mask {
        case .drop, .redact: return nil
        case .hash: (carried, words) = ([.string, .integer], "texts and integers")
        case .last4, .year: (carried, words) = ([.string], mask == .year ? "texts that hold dates" : "texts")
        }
        let others = types.subtracting([.null, .array]).subtracting(carried)
        if others.isEmpty { return nil }
        // A number that need not be an integer is called a number.
        return "`\(mask.rawValue)` is for \(words), and the field may be \(others.contains(.fraction) ? others.union(.number).phrase : others.phrase)"
    }

    // MARK: schemas over the same value

    /// Groups of schemas that apply to a value together: those of the value, each with all that it refers to, and the alternatives inside.
    private struct InPlace {
        var primary: [[Int32]] = []
        var secondary: [[Int32]] = []
        var isDynamic = false

        var all: [(group: [Int32], isPrimary: Bool)] { primary.map { ($0, true) } + secondary.map { ($0, false) } }
    }

    /// All schemas that apply to a value, through references and combinations. What an `if` only asks says nothing about the value.
    private mutating func schemas(of value: JSONValueSchemas) -> InPlace {
        var found = InPlace()
        var alternatives = value.others
        var seen = Set(alternatives)
        for group in value.groups { found.primary.append(closure(of: group, &alternatives, &seen, &found.isDynamic)) }
        var next = 0
        while next < alternatives.count {
            found.secondary.append(closure(of: [alternatives[next]], &alternatives, &seen, &found.isDynamic))
            next += 1
        }
        return found
    }

    /// A group with all that holds where it does. Alternatives are added to those that are still to be looked at.
    private mutating func closure(of group: [Int32], _ alternatives: inout [Int32], _ seen: inout Set<Int32>, _ isDynamic: inout Bool) -> [Int32] {
        var result: [Int32] = []
        var inside: Set<Int32> = []
        var work = Array(group.reversed())
        while let index = work.popLast() {
            guard inside.insert(index).inserted else { continue }
            stepsLeft -= 1
            result.append(index)
            for check in checks(of: [index]) {
                switch check {
                case .reference(let node): work.append(node)
                case .allOf(let range): work += code.indices[range.range].reversed()
                case .anyOf(let range), .oneOf(let range): alternatives += code.indices[range.range].filter { seen.insert($0).inserted }
                case .condition(_, let then, let otherwise): alternatives += [then, otherwise].filter { $0 >= 0 && seen.insert($0).inserted }
                case .dependentSchema(_, let node): if seen.insert(node).inserted { alternatives.append(node) }
                case .dynamicReference: isDynamic = true
                default: break
                }
            }
        }
        return result
    }

    private func checks(of schemas: [Int32]) -> [SchemaCheck] {
        schemas.flatMap { index in
            let node = code.nodes[Int(index)]
            return Array(code.checks[Int(node.firstCheck)..<Int(node.firstCheck + node.checkCount)])
        }
    }

    /// A schema that says something about a value, and lets some value be.
    private func isDescribed(_ schema: Int32) -> Bool { !isUnchecked(schema) && !code.nodes[Int(schema)].isNever }

    private func types(of schemas: JSONValueSchemas) -> JSONTypeSet {
        schemas.groups.reduce(JSONTypeSet()) { types, group in
            types.union(group.reduce(JSONTypeSet.all) { $0.intersection(code.types(ofNode: $1)) })
        }
    }

    /// Whether a value may be an object or an array of which these schemas say nothing.
    private mutating func isUndescribed(_ schemas: JSONValueSchemas) -> Bool {
        let types = types(of: schemas)
        guard !types.isDisjoint(with: [.object, .array]) else { return false }
        let found = self.schemas(of: schemas)
        return !(types.contains(.object) && describesMembers(found)) && !(types.contains(.array) && describesElements(found))
    }

    private func describesMembers(_ found: InPlace) -> Bool {
        checks(of: found.all.flatMap(\.group)).contains { check in
            switch check {
            case .members(let index):
                let shape = code.shapes[Int(index)]
                return shape.properties.count > 0 || shape.patterns.count > 0 || shape.additional >= 0 && !isUnchecked(shape.additional)
            case .unevaluatedProperties(let node): return !isUnchecked(node)
            default: return false
            }
        }
    }

    private func describesElements(_ found: InPlace) -> Bool {
        checks(of: found.all.flatMap(\.group)).contains { check in
            switch check {
            case .prefixItems: return true
            case .items(_, let node, _), .unevaluatedItems(let node): return !isUnchecked(node)
            default: return false
            }
        }
    }

    /// `true` and `{}`.
    private func isUnchecked(_ schema: Int32) -> Bool { code.nodes[Int(schema)].checkCount == 0 }

    // MARK: what stays as it is

    /// From the assumption that all is whole, until nothing changes: schemas may lead in circles.
    private mutating func markWhole() {
        for index in plan.nodes.indices { plan.nodes[index].isWhole = couldBeWhole(plan.nodes[index]) }
        var hasChanged = true
        while hasChanged {
            hasChanged = false
            for index in plan.nodes.indices where plan.nodes[index].isWhole {
                let node = plan.nodes[index]
                let inner = node.members.map(\.node) + node.prefix + (node.other >= 0 ? [node.other] : []) + (node.items >= 0 ? [node.items] : [])
                if inner.contains(where: { $0 < 0 || !plan.nodes[Int($0)].isWhole }) {
                    plan.nodes[index].isWhole = false
                    hasChanged = true
                }
            }
        }
    }

    private func couldBeWhole(_ node: JSONPlan.Node) -> Bool {
        guard node.treatment == .show, node.state.isShown, node.tests.isEmpty, !rules.isTested(inside: node.state), !rules.masks(inside: node.state) else {
            return false
        }
        let hasMembers = node.types.contains(.object) && (node.describesMembers ? !node.isClosed : !node.state.isNamed)
        let hasElements = node.types.contains(.array) && (node.describesElements ? node.items < 0 : !node.state.isNamed)
        return !hasMembers && !hasElements
    }
}
