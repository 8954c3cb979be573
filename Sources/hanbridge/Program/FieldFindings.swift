import AccessPolicy
import MessageSchema

/// What agreements say of fields, held against the schemas of the topics that they cover.
struct FieldFindings {
    /// By topic.
    private let schemas: [String: CompiledSchema]
    /// Only whether a mask can be made matters, not what it makes.
    private let hashKey = HashKey(Array(repeating: 0, count: 32))

    init(_ schemas: [String: CompiledSchema]) { self.schemas = schemas }

    func all(of check: AgreementsCheck) -> [AgreementsProblem] {
        let topics = schemas.sorted { $0.key < $1.key }
        return check.countedRules.flatMap { counted in
            topics.filter { counted.topic.matches($0.key) }.flatMap { topic, schema in
                findings(counted.rule, topic, schema).map {
                    check.problem(about: counted.agreement, party: counted.party, "agreement \(counted.agreement): \($0)")
                }
            }
        }
    }

    private func findings(_ party: PartyRule, _ topic: String, _ schema: CompiledSchema) -> [String] {
        guard !party.may.isDisjoint(with: [.subscribe, .replay]) else { return [] }
        let exposed: [TaggedField]
        if party.isRestricted {
            do throws(ProjectionError) {
                exposed = try Projection(FieldRules(party), of: schema, hashKey: hashKey).exposedTaggedFields
            } catch {
                return error.problems.map { "the schema of \(topic) does not bear what is said of its fields: \($0.description)" }
            }
        } else {
            exposed = schema.taggedFields
        }
        guard !exposed.isEmpty else { return [] }
        let paths = exposed.map(\.path).joined(separator: ", ")
        return ["\(party.node) sees personal or sensitive fields of \(topic) as they are: \(paths)"]
    }
}

extension FieldRules {
    /// What a party's rule says of values; of keys it speaks as `$key`.
    init(_ party: PartyRule) {
        func isOfKey(_ path: String) -> Bool { path == "$key" || path.hasPrefix("$key.") || path.hasPrefix("$key/") }
        self.init(
            allow: party.fields?.allow.map { $0.filter { !isOfKey($0) } },
            masks: Dictionary(
                uniqueKeysWithValues: (party.fields?.mask ?? [:]).compactMap { path, mask -> (String, Mask)? in
                    isOfKey(path) ? nil : Mask(rawValue: mask.rawValue).map { (path, $0) }
                }), conditions: party.rows)
    }
}
