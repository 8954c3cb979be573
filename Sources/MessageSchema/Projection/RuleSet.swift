/// Rules ready to be followed into a schema: from the root, step by step, it is always known what holds for the value that is reached.
struct RuleSet {
    struct Rule {
        enum Purpose: Hashable {
            case allow
            case mask(FieldRules.Mask)
            /// Index of the condition.
            case condition(Int)
        }

        let path: FieldPath
        let purpose: Purpose
    }

    let rules: [Rule]
    let conditions: [RowCondition]
    let allowsAll: Bool
    let restrictsFields: Bool
    let mayLack: Set<String>
    let hashKey: HashKey?

    /// - Throws: what is wrong with the rules whatever the schema.
    init(_ rules: FieldRules, hashKey: HashKey?) throws(ProjectionError) {
        var problems: [ProjectionError.Problem] = []
        var found: [Rule] = []
        var conditions: [RowCondition] = []
        let count = (rules.allow?.count ?? 0) + rules.masks.count + rules.conditions.count
        guard count <= FieldRules.Limits.pathsMax else {
            throw ProjectionError("rules have at most \(FieldRules.Limits.pathsMax) paths")
        }
        guard rules.conditions.count <= FieldRules.Limits.conditionsMax else {
            throw ProjectionError("`where` has at most \(FieldRules.Limits.conditionsMax) fields")
        }
        func add(_ text: String, _ purpose: Rule.Purpose) {
            do throws(FieldPathError) {
                found.append(Rule(path: try FieldPath(text), purpose: purpose))
            } catch {
                problems.append(ProjectionError.Problem(path: text, message: error.message))
            }
        }
        for text in rules.allow ?? [] { add(text, .allow) }
        for (text, mask) in rules.masks.sorted(by: { $0.key < $1.key }) {
            add(text, .mask(mask))
            if mask == .hash, hashKey == nil { problems.append(.init(path: text, message: "`hash` needs a secret key, and there is none")) }
        }
        for (text, values) in rules.conditions.sorted(by: { $0.key < $1.key }) {
            add(text, .condition(conditions.count))
            if let message = RowCondition.objection(to: values) { problems.append(.init(path: text, message: message)) }
            conditions.append(RowCondition(values))
        }
        guard problems.isEmpty else { throw ProjectionError(problems) }
        self.rules = found
        self.conditions = conditions
        self.allowsAll = rules.allow == nil
        self.restrictsFields = rules.restrictsFields
        self.mayLack = rules.mayLack
        self.hashKey = hashKey
    }

    // MARK: following the paths

    /// What the rules say of the payload as a whole.
    var start: RuleState {
        var state = RuleState(isShown: allowsAll, isNamed: false, mask: nil, open: [], tests: [])
        state.open = rules.indices.map { RuleState.Place(rule: Int32($0), next: 0) }
        return state
    }

    /// The value of a named field.
    func field(_ name: String, of state: RuleState) -> RuleState {
        var result = RuleState(isShown: state.isShown, isNamed: state.isNamed, mask: nil, open: [], tests: [])
        for place in state.open where names(of: place)[Int(place.next)] == name { advance(place, &result) }
        return result
    }

    /// A value of a map.
    func value(of state: RuleState) -> RuleState { field(FieldPath.any, of: state) }

    /// An element of an array. A mask of the array is one of its elements.
    func element(of state: RuleState) -> RuleState {
        var result = RuleState(isShown: state.isShown, isNamed: state.isNamed, mask: state.mask, open: [], tests: [])
        for place in state.open {
            if names(of: place)[Int(place.next)] == FieldPath.any { advance(place, &result) } else { result.open.append(place) }
        }
        return result
    }

    private func names(of place: RuleState.Place) -> [String] { rules[Int(place.rule)].path.names }

    private func advance(_ place: RuleState.Place, _ state: inout RuleState) {
        let rule = rules[Int(place.rule)]
        guard Int(place.next) + 1 == rule.path.names.count else {
            state.open.append(RuleState.Place(rule: place.rule, next: place.next + 1))
            return
        }
        state.ended.append(place.rule)
        switch rule.purpose {
        case .allow:
            state.isShown = true
            state.isNamed = true
        case .mask(let mask):
            state.hasTwoMasks = state.mask != nil
            state.mask = mask
        case .condition(let index): state.tests.append(Int32(index))
        }
    }

    /// Whether some condition leads to a field inside of this value.
    func isTested(inside state: RuleState) -> Bool { conditions(inside: state) != 0 }

    /// A bit for each condition that leads to a field inside of this value.
    func conditions(inside state: RuleState) -> UInt64 {
        state.open.reduce(0) { bits, place in
            if case .condition(let index) = rules[Int(place.rule)].purpose { bits | 1 << UInt64(index) } else { bits }
        }
    }

    /// Some field inside of this value is allowed, the value itself not.
    func showsSome(inside state: RuleState) -> Bool {
        state.isShown || state.open.contains { rules[Int($0.rule)].purpose == .allow }
    }

    /// Whether a mask hides some of this value, or the value.
    func masks(inside state: RuleState) -> Bool {
        state.mask != nil || state.open.contains { if case .mask = rules[Int($0.rule)].purpose { true } else { false } }
    }

    /// Whether a mask is on something inside of this value that the schema may lack: then nobody can say that what it does not describe is shown.
    func mayMask(inside state: RuleState) -> Bool {
        state.open.contains { place in
            let rule = rules[Int(place.rule)]
            if case .mask = rule.purpose { return mayLack.contains(rule.path.text) }
            return false
        }
    }
}

/// What rules say of one value, and of what it holds.
struct RuleState: Hashable {
    /// How far a rule's path has been followed.
    struct Place: Hashable {
        let rule: Int32
        let next: Int32
    }

    /// It is in the allow list, or there is none.
    var isShown: Bool
    /// An allow list names it, or what it is in.
    var isNamed: Bool
    var mask: FieldRules.Mask?
    /// More than one mask ended here, or one here and one at the array around it.
    var hasTwoMasks = false
    /// Paths that lead on from here, in the order of the rules.
    var open: [Place]
    /// Conditions on this value.
    var tests: [Int32]
    /// Rules whose paths end here.
    var ended: [Int32] = []

    /// Nothing inside is treated differently from the whole.
    var isUniform: Bool { open.isEmpty && mask == nil && tests.isEmpty }

    // Which rules ended here says nothing about what becomes of the value.
    static func == (left: RuleState, right: RuleState) -> Bool {
        left.isShown == right.isShown && left.isNamed == right.isNamed && left.mask == right.mask && left.open == right.open && left.tests == right.tests
    }

    func hash(into hasher: inout Hasher) {
        hasher.combine(isShown)
        hasher.combine(isNamed)
        hasher.combine(mask)
        hasher.combine(open)
        hasher.combine(tests)
    }
}
