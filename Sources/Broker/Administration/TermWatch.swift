import AccessPolicy
import Logging

/// Lets agreements begin and end by the clock for those who are asleep: a fetch that waits for records is decided again when a rule
/// begins or ends, instead of at its own deadline. Whoever asks something anew is decided by the clock in any case.
///
/// Looked at once a second: an ending is felt by every live session within two.
public struct TermWatch {
    private let services: BrokerServices
    private var looked: Int64

    public init(_ services: BrokerServices) {
        self.services = services
        looked = services.clock.now()
    }

    public mutating func tick() async {
        let before = looked
        let now = services.clock.now()
        looked = now
        // Set back, the clock may have brought back what had ended.
        guard now >= before else { return services.accessesChanged() }
        let policy = services.policy.value
        guard policy.changes(after: before, upTo: now) else { return }
        services.accessesChanged()
        var details = ["version": String(policy.version)]
        for (word, standing) in [("ended", Term.Standing.ended), ("began", .inForce)] {
            let ids = policy.agreements.filter { agreement in
                agreement.term.standing(at: before) != standing && agreement.term.standing(at: now) == standing
            }.map(\.id)
            guard !ids.isEmpty else { continue }
            details[word] = "\(ids.count): " + ids.joined(separator: " ")
            services.log.notice("agreements \(word): \(ids.joined(separator: ", "))")
        }
        // An ending is not a change that could wait for its record.
        try? await services.audit.willChange(AuditedChange(byBroker: "agreements.terms", object: "agreements", details: details))
    }
}
