/// Finds what keeps documents of an old schema (the writer's) from being read under a new one, by the rules of Confluent's registry
/// (`SchemaDiff` of its json-schema-provider, strict policy): keyword by keyword, not by thinking about sets of documents, so that some
/// changes are refused that would do no harm.
///
/// Each pair of parts is compared once. Schemas that hold themselves are taken to be compatible where they meet themselves again; where
/// that proves wrong the comparison runs again with what is known, until nothing changes.
struct CompatibilityComparison {
    struct Difference: Hashable {
        /// From the pair that was compared.
        let path: String
        let rule: CompatibilityRule
    }

    struct Pair: Hashable {
        let old: Int
        let new: Int
    }

    var model: CompatibilityModel
    /// The codes of a list that a place of one of the versions names.
    let codes: (CompatibilityModel.Place, CodeListName) -> Set<String>?
    private var known: [Pair: [Difference]] = [:]
    private var open: Set<Pair> = []
    private var incompatible: [Pair: [Difference]] = [:]
    private var wasOptimistic = false
    private var stepsLeft = SchemaLimits.comparedSchemasMax

    init(old: SchemaLibrary, new: SchemaLibrary, codes: @escaping (CompatibilityModel.Place, CodeListName) -> Set<String>?) {
        model = CompatibilityModel([old, new])
        self.codes = codes
    }

    mutating func run() -> [Incompatibility] {
        let root = Pair(old: model.root(0), new: model.root(1))
        while true {
            known = [:]
            wasOptimistic = false
            let found = compare(root.old, root.new)
            let refused = known.filter { !$0.value.isEmpty }
            if isTooLarge { return [Difference(path: "", rule: .comparisonTooLarge)].map(\.incompatibility) }
            if !wasOptimistic || Set(refused.keys) == Set(incompatible.keys) { return found.prefix(SchemaLimits.differencesMax).map(\.incompatibility) }
            incompatible = refused
        }
    }

    private var isTooLarge: Bool { stepsLeft < 0 }

    /// - Returns: the differences that matter, nothing where `new` reads what `old` wrote.
    mutating func compare(_ old: Int?, _ new: Int?) -> [Difference] {
        guard let new else { return [] }
        guard let old else { return [Difference(path: "", rule: .schemaAdded)] }
        let pair = Pair(old: old, new: new)
        if let found = known[pair] { return found }
        guard open.insert(pair).inserted else {
            if let found = incompatible[pair] { return found }
            wasOptimistic = true
            return []
        }
        defer { open.remove(pair) }
        stepsLeft -= 1
        if open.count > SchemaLimits.comparisonDepthMax { stepsLeft = -1 }
        guard !isTooLarge else { return [] }
        let found = Array(compareKinds(old, new).prefix(SchemaLimits.differencesMax))
        known[pair] = found
        return found
    }

    mutating func compare(_ old: Int?, _ new: Int?, at path: String) -> [Difference] {
        compare(old, new).map { Difference(path: path + $0.path, rule: $0.rule) }
    }

    mutating func isCompatible(_ old: Int, _ new: Int) -> Bool { compare(old, new).isEmpty }

    private mutating func compareKinds(_ old: Int, _ new: Int) -> [Difference] {
        let (oldPart, newPart) = (model.parts[old], model.parts[new])
        if let found = compareWithAlternatives(old, oldPart.kind, new, newPart.kind) { return found }
        guard oldPart.kind.isLike(newPart.kind) else {
            return oldPart.kind == .never || newPart.kind == .empty ? [] : [Difference(path: "", rule: .typeChanged)]
        }
        switch (oldPart.kind, newPart.kind) {
        case (.string, _): return compareStrings(oldPart.place, newPart.place)
        case (.number(let wasInteger), .number(let isInteger)):
            return compareNumbers(oldPart.place, newPart.place) + (isInteger && !wasInteger ? [Difference(path: "", rule: .typeNarrowed)] : [])
        case (.constant, _): return compareConstants(oldPart.place, newPart.place)
        case (.enumeration, _): return compareEnumerations(oldPart.place, newPart.place)
        case (.codeList, _): return compareCodeLists(oldPart.place, newPart.place)
        case (.combined(let oldCriterion, let oldParts), .combined(let newCriterion, let newParts)):
            return compareCombined((oldCriterion, oldParts), (newCriterion, newParts))
        case (.not(let oldPart), .not(let newPart)):
            return isCompatible(newPart, oldPart) ? [] : [Difference(path: "/not", rule: .notTypeExtended)]
        case (.object, _): return compareObjects(oldPart.place, newPart.place)
        case (.array, _): return compareArrays(oldPart.place, newPart.place)
        default: return []
        }
    }
}

extension CompatibilityComparison.Difference {
    var incompatibility: Incompatibility { Incompatibility(path: path, rule: rule.rawValue, message: rule.sentence) }
}
