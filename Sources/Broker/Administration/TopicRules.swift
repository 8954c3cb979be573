import AccessPolicy
import KafkaWire

/// What a topic's configuration may be beyond the range of each value: rules that depend on who sets it.
enum TopicRules {
    static let ownerKey = "hanbridge.owner"
    static let subjectKey = "hanbridge.schema.subject"
    static let untyped = "none"

    /// - Parameters:
    ///   - values: the whole configuration wanted.
    ///   - current: what the topic has; rules apply to what changes.
    static func configuration(
        _ values: [String: String], changing current: [String: String], isOperator: Bool, owners: Set<String>,
        settings: BrokerSettings
    ) throws(AdministrationRefusal) -> TopicConfiguration {
        let configuration: TopicConfiguration
        do {
            configuration = try TopicConfiguration(values, defaultsOf: settings)
        } catch {
            throw AdministrationRefusal(error)
        }
        if values[ownerKey] != current[ownerKey] {
            try judgeOwner(configuration.owner, isOperator: isOperator, owners: owners)
        }
        if values[subjectKey] == untyped, current[subjectKey] != untyped, !isOperator {
            throw AdministrationRefusal(.policyViolation, "only an operator makes a topic untyped (\(subjectKey)=\(untyped))")
        }
        return configuration
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
