/// What is found wrong with rules while they are compiled: each rule is told of once.
struct ProjectionProblems {
    private let rules: RuleSet
    private var found: [Int: String] = [:]
    private var whole: String?
    /// Rules whose field was found.
    private var reached: Set<Int> = []
    /// Rules whose path led to a map or an array in a way that it cannot be followed.
    private var hints: [Int: String] = [:]

    init(_ rules: RuleSet) { self.rules = rules }

    /// Of the schema as a whole: under it nothing can be shown, whatever the paths.
    mutating func add(_ message: String) { whole = whole ?? message }

    mutating func add(_ rule: Int32, _ message: String) {
        if found[Int(rule)] == nil { found[Int(rule)] = message }
    }

    /// Of the mask that ended at a value, or before it at the array around it.
    mutating func addToMask(_ mask: FieldRules.Mask, at path: [String], _ message: String) {
        for (index, rule) in rules.rules.enumerated() where rule.purpose == .mask(mask) && Self.leads(rule.path.names, to: path) {
            add(Int32(index), message)
        }
    }

    /// Notes what was reached, and what may not end where it did.
    /// - Parameter isField: the value has a name; otherwise it is one of many in an array or a map.
    mutating func entered(_ state: RuleState, isField: Bool) {
        for rule in state.ended {
            reached.insert(Int(rule))
            switch rules.rules[Int(rule)].purpose {
            case .allow: break
            case .mask(let mask):
                if state.hasTwoMasks { add(rule, "another mask is on the same value; keep one of them") }
                if mask == .drop, !isField { add(rule, "an element or a map's value cannot be dropped by itself; drop the field that holds them") }
                if !state.isShown { add(rule, "the mask is on a field that `allow` does not show; take the mask out, or add the field to `allow`") }
            case .condition:
                if !isField { add(rule, Self.manyValues) }
            }
        }
    }

    /// Conditions that lead into an array or a map.
    mutating func enteredMany(_ state: RuleState) {
        for place in state.open {
            if case .condition = rules.rules[Int(place.rule)].purpose { add(place.rule, Self.manyValues) }
        }
    }

    /// Names that stand where only `*` leads on.
    mutating func enteredMap(_ state: RuleState) {
        for place in state.open where rules.rules[Int(place.rule)].path.names[Int(place.next)] != FieldPath.any {
            let names = rules.rules[Int(place.rule)].path.names[..<Int(place.next)].joined(separator: ".")
            hints[Int(place.rule)] = "\(names.isEmpty ? "the document" : names) is a map; write * for its values"
        }
    }

    static let tooManyPlaces = "the rules tell more places of a record apart than can be kept; name fewer fields, nearer to the root"

    static func container(_ noun: String) -> String { "the field is \(noun); mask the fields in it, or drop it" }

    private static let manyValues = "`where` needs a field that a record has once; this one is in an array or a map"

    private static func leads(_ names: [String], to path: [String]) -> Bool {
        var names = names[...]
        for token in path {
            if names.first == token {
                names = names.dropFirst()
            } else if token == FieldPath.any {
                continue
            } else {
                return false
            }
        }
        return names.isEmpty
    }

    /// - Throws: all that was found, and the rules that led nowhere.
    func judge() throws(ProjectionError) {
        var problems: [ProjectionError.Problem] = []
        if let whole { problems.append(ProjectionError.Problem(path: "", message: whole)) }
        for (index, rule) in rules.rules.enumerated() {
            if let message = found[index] {
                problems.append(ProjectionError.Problem(path: rule.path.text, message: message))
            } else if !reached.contains(index), whole == nil, !(hints[index] == nil && rules.mayLack.contains(rule.path.text)) {
                problems.append(
                    ProjectionError.Problem(
                        path: rule.path.text, message: hints[index] ?? "the schema has no such field", isMissing: hints[index] == nil))
            }
        }
        if !problems.isEmpty { throw ProjectionError(problems) }
    }

    /// Every path leads to a field.
    var areAllReached: Bool { reached.count == rules.rules.count }
}
