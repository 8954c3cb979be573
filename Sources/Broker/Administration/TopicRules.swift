import AccessPolicy
import KafkaWire
import Storage

/// What a topic's configuration may be beyond the range of each value: rules that depend on who sets it.
enum TopicRules {
    static let ownerKey = "hanbridge.owner"
    static let subjectKey = "hanbridge.schema.subject"
    static let validationKey = "hanbridge.schema.validation"
    static let quarantineKey = "hanbridge.quarantine"
    static let classificationKey = "hanbridge.classification"
    static let acknowledgementKey = "hanbridge.ack"
    static let holdKey = "hanbridge.hold"
    static let untyped = "none"

    /// - Parameters:
    ///   - values: the whole configuration wanted.
    ///   - current: what the topic has; rules apply to what changes.
    static func configuration(
        _ values: [String: String], of name: String, changing current: [String: String], isOperator: Bool, owners: Set<String>,
        catalogue: TopicCatalogue, settings: BrokerSettings
    ) throws(AdministrationRefusal) -> TopicConfiguration {
        let configuration: TopicConfiguration
        do {
            configuration = try TopicConfiguration(values, defaultsOf: settings)
        } catch {
            throw AdministrationRefusal(error)
        }
        if values[holdKey] != current[holdKey] {
            throw AdministrationRefusal(.policyViolation, "\(holdKey) is set by hanbridge hold alone")
        }
        if values[LogReopening.setting] != current[LogReopening.setting] {
            throw AdministrationRefusal(.policyViolation, "\(LogReopening.setting) is set by hanbridge log reopen alone")
        }
        if values[ownerKey] != current[ownerKey] {
            try judgeOwner(configuration.owner, isOperator: isOperator, owners: owners)
        }
        if values[subjectKey] == untyped, current[subjectKey] != untyped, !isOperator {
            throw AdministrationRefusal(.policyViolation, "only an operator makes a topic untyped (\(subjectKey)=\(untyped))")
        }
        if configuration.schemaValidation == "none", values[validationKey] != current[validationKey], !isOperator {
            throw AdministrationRefusal(.policyViolation, "only an operator turns checking off (\(validationKey)=none)")
        }
        if configuration.acknowledged == .witnessed, values[acknowledgementKey] != current[acknowledgementKey], !settings.hasWitnessQuorum {
            throw AdministrationRefusal(
                .invalidConfig, "\(acknowledgementKey): no witnesses are asked for in broker.yaml (evidence.policy), so nothing would ever be acknowledged")
        }
        if values[quarantineKey] != current[quarantineKey] {
            try judgeQuarantine(configuration, of: name, isOperator: isOperator, catalogue)
        }
        if catalogue[name] == nil || [quarantineKey, classificationKey].contains(where: { values[$0] != current[$0] }) {
            try judgeClassification(configuration, of: name, isOperator: isOperator, catalogue)
        }
        return configuration
    }

    /// A quarantine takes whatever bytes were refused: it is an untyped topic, of the same owner, and keeps nothing for itself.
    private static func judgeQuarantine(
        _ configuration: TopicConfiguration, of name: String, isOperator: Bool, _ catalogue: TopicCatalogue
    ) throws(AdministrationRefusal) {
        let wanted = configuration.quarantine
        guard wanted != "none" else { return }
        func refusal(_ why: String) -> AdministrationRefusal { AdministrationRefusal(.invalidConfig, "\(quarantineKey): \(why)") }
        guard wanted != name, !TopicName.isBrokerOwned(wanted) else { throw refusal("a quarantine is another topic, and not the broker's own") }
        guard let topic = catalogue[wanted] else { throw refusal("there is no topic “\(wanted.cut(to: 256))”; create it first, untyped") }
        guard topic.configuration.valueSubject(ofTopic: wanted) == nil, topic.configuration.quarantine == "none" else {
            throw refusal("a quarantine is untyped (\(subjectKey)=\(untyped)) and has no quarantine itself")
        }
        guard !catalogue.isQuarantine(name) else { throw refusal("the topic is a quarantine itself") }
        guard isOperator || topic.configuration.owner == configuration.owner else {
            throw AdministrationRefusal(.policyViolation, "\(quarantineKey): only an operator names a topic of another owner")
        }
    }

    /// A quarantine holds records of its topic, whole: who may see it must be as careful with it. Both ways, whichever of the two changes.
    private static func judgeClassification(
        _ configuration: TopicConfiguration, of name: String, isOperator: Bool, _ catalogue: TopicCatalogue
    ) throws(AdministrationRefusal) {
        if let quarantine = catalogue[configuration.quarantine], quarantine.configuration.isLessCareful(than: configuration) {
            throw AdministrationRefusal(
                .invalidConfig,
                """
                \(classificationKey): the topic is \(configuration.classification), and its quarantine “\(quarantine.name)”, which keeps its records, is \
                \(quarantine.configuration.classification); classify the quarantine \(configuration.classification) first
                """)
        }
        let origins = catalogue.topics.filter { $0.configuration.quarantine == name && $0.name != name }
        if let origin = origins.max(by: { $0.configuration.careLevel < $1.configuration.careLevel }), configuration.isLessCareful(than: origin.configuration) {
            // The other may be a topic that this node may not know of: its name is for operators.
            let topic = isOperator ? "topic “\(origin.name)”" : "a topic"
            throw AdministrationRefusal(
                .invalidConfig,
                """
                \(classificationKey): the topic is the quarantine of \(topic) that is \(origin.configuration.classification), and cannot be \
                \(configuration.classification)
                """)
        }
    }

    /// A leaf's index is its record's offset: a tree can neither begin in the middle of a log nor go on behind a gap.
    static func judgeEvidence(_ wanted: TopicConfiguration, was current: TopicConfiguration) throws(AdministrationRefusal) {
        guard wanted.evidence != current.evidence else { return }
        throw AdministrationRefusal(
            .policyViolation, "hanbridge.evidence is chosen when a topic is made and stays \(current.evidence): each offset is a leaf, or none is")
    }

    private static func judgeOwner(
        _ owner: String, isOperator: Bool, owners: Set<String>
    ) throws(AdministrationRefusal) {
        guard owner.isEmpty || NodeIdentity.isComponent(owner) else {
            throw AdministrationRefusal(.invalidConfig, "\(ownerKey): “\(owner)” is not the name of an agency")
        }
        guard isOperator || owners.contains(owner) else {
            throw AdministrationRefusal(
                .policyViolation, "\(ownerKey): only an operator may name an owner that no agreement on the topic names")
        }
    }
}
