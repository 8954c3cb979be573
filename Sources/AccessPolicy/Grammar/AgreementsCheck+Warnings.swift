extension AgreementsCheck {
    /// What the set says that its authors may not have meant, at most ``AgreementsError/problemsMax`` of it.
    static func warnings(_ set: [AgreementInFile], at now: PolicyInstant) -> [AgreementsProblem] {
        var warnings: [AgreementsProblem] = []
        let agencies = Set(set.flatMap { item in [item.agreement.owner] + item.agreement.parties.compactMap(\.node.agency) })
        for item in set {
            warnings += termWarnings(item, at: now) + breadthWarnings(item) + groupWarnings(item, agencies: agencies)
        }
        for (index, item) in set.enumerated() where warnings.count < AgreementsError.problemsMax {
            for other in set[..<index] where item.agreement.topic.overlaps(other.agreement.topic) {
                warnings += pairWarnings(item, other)
            }
        }
        return Array(warnings.prefix(AgreementsError.problemsMax))
    }

    private static func termWarnings(_ item: AgreementInFile, at now: PolicyInstant) -> [AgreementsProblem] {
        let term = item.agreement.term
        let id = item.agreement.id
        let until = term.untilText ?? ""
        switch term.standing(at: now) {
        case .ended:
            return [item.problem("agreement \(id) ended on \(until) and allows nothing any more")]
        case .pending, .inForce:
            guard term.end != .max, term.end - now <= endsSoonDays * CivilTime.millisecondsADay else { return [] }
            return [item.problem("agreement \(id) ends on \(until), within \(endsSoonDays) days")]
        }
    }

    private static func breadthWarnings(_ item: AgreementInFile) -> [AgreementsProblem] {
        guard case .prefix("") = item.agreement.topic else { return [] }
        return [item.problem("agreement \(item.agreement.id) covers every topic of the broker")]
    }

    /// A group of an agency is that agency's alone, whatever an agreement's `groups` says.
    private static func groupWarnings(_ item: AgreementInFile, agencies: Set<String>) -> [AgreementsProblem] {
        let patterns = Set(item.agreement.parties.flatMap(\.groups))
        return agencies.sorted().flatMap { agency in
            patterns.filter { $0.matches(agency) || $0.description.hasPrefix("\(agency).") }.map(\.description).sorted().map {
                item.problem("groups “\($0)” names groups of agency \(agency), which only its own nodes may use")
            }
        }
    }

    private static func pairWarnings(_ item: AgreementInFile, _ other: AgreementInFile) -> [AgreementsProblem] {
        var warnings: [AgreementsProblem] = []
        let (later, earlier) = (item.agreement, other.agreement)
        if later.owner != earlier.owner {
            warnings.append(
                item.problem(
                    "agreements \(later.id) and \(earlier.id) cover the same topics (\(later.topic), \(earlier.topic)) "
                        + "and name two owners, \(later.owner) and \(earlier.owner)"))
        }
        guard later.topic == earlier.topic, later.term.overlaps(earlier.term) else { return warnings }
        for rule in later.parties {
            for twin in earlier.parties where twin.node == rule.node {
                let repeated = rule.may.intersection(twin.may).sorted().map(\.rawValue)
                guard !repeated.isEmpty else { continue }
                warnings.append(
                    item.problem(
                        "agreement \(later.id) repeats for \(rule.node) what \(earlier.id) grants: "
                            + repeated.joined(separator: ", ")))
            }
        }
        return warnings
    }
}
