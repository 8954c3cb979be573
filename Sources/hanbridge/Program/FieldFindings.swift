import AccessPolicy
import Broker
import MessageSchema

/// The schemas of a topic; nil where it has none, or where the asker may not read it.
struct TopicSchemas: Sendable {
    var value: CompiledSchema?
    var key: CompiledSchema?
}

/// What agreements say of fields, held against the schemas of the topics that they cover.
struct FieldFindings {
    /// By topic.
    private let schemas: [String: TopicSchemas]
    /// Only whether a mask can be made matters, not what it makes.
    private let hashKey = HashKey(Array(repeating: 0, count: 32))

    init(_ schemas: [String: TopicSchemas]) { self.schemas = schemas }

    func all(of check: AgreementsCheck) -> [AgreementsProblem] {
        let topics = schemas.sorted { $0.key < $1.key }
        return check.countedRules.flatMap { counted in
            topics.filter { counted.topic.matches($0.key) }.flatMap { topic, schemas in
                findings(counted.rule, topic, schemas).map {
                    check.problem(about: counted.agreement, party: counted.party, "agreement \(counted.agreement): \($0)")
                }
            }
        }
    }

    private func findings(_ party: PartyRule, _ topic: String, _ schemas: TopicSchemas) -> [String] {
        guard !party.may.isDisjoint(with: [.subscribe, .replay]) else { return [] }
        let view = RecordView(party, index: 0, of: "")
        var (errors, exposed): ([String], [String]) = ([], [])
        if let value = schemas.value { look(at: value, under: view?.valueRules ?? FieldRules(), &errors, &exposed) }
        switch view?.keyRule ?? .asPublished {
        case .nothing, .hash: break
        case .impossible(let why): errors.append("$key: \(why)")
        case .asPublished: if let key = schemas.key { look(at: key, under: FieldRules(), ofKeys: true, &errors, &exposed) }
        case .fields(let rules): if let key = schemas.key { look(at: key, under: rules, ofKeys: true, &errors, &exposed) }
        }
        guard errors.isEmpty else { return errors.map { "the schema of \(topic) does not bear what is said of its fields: \($0)" } }
        guard !exposed.isEmpty else { return [] }
        return ["\(party.node) sees personal or sensitive fields of \(topic) as they are: \(exposed.joined(separator: ", "))"]
    }

    /// Fields of keys are told of as agreements write them, with `$key` before them.
    private func look(
        at schema: CompiledSchema, under rules: FieldRules, ofKeys: Bool = false, _ errors: inout [String], _ exposed: inout [String]
    ) {
        func asWritten(_ path: String) -> String {
            guard ofKeys else { return path }
            return path.isEmpty || path.hasPrefix("/") ? "$key\(path)" : "$key.\(path)"
        }
        do throws(ProjectionError) {
            let tagged = rules.isEmpty ? schema.taggedFields : try Projection(rules, of: schema, hashKey: hashKey).exposedTaggedFields
            exposed += tagged.map { asWritten($0.path) }
        } catch {
            errors += error.problems.map { ofKeys ? "\(asWritten($0.path)): \($0.message)" : $0.description }
        }
    }
}
