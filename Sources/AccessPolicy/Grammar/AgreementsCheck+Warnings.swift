extension AgreementsCheck {
    /// What the set says that its authors may not have meant, at most ``AgreementsError/problemsMax`` of it.
    static func warnings(_ set: [AgreementInFile], at now: PolicyInstant) -> [AgreementsProblem] {
        var warnings: [AgreementsProblem] = []
        let agencies = Set(set.flatMap { item in [item.agreement.owner] + item.agreement.parties.compactMap(\.node.agency) })
        for item in set {
            warnings += termWarnings(item, at: now) + erasureWarnings(item) + breadthWarnings(item) + groupWarnings(item, agencies: agencies)
        }
        warnings += delegationWarnings(set, at: now)
        // What is handed on is never more than what its source gives, whatever it says.
        let set = set.filter { $0.agreement.delegates == nil }
        var comparisons = 0
        for (index, item) in set.enumerated() where warnings.count < AgreementsError.problemsMax {
            for other in set[...index] where item.agreement.topic.overlaps(other.agreement.topic) {
                comparisons += item.agreement.parties.count * other.agreement.parties.count
                guard comparisons <= comparisonsMax else {
                    warnings.append(item.problem("from here on the agreements are too many on the same topics to be compared with each other"))
                    return Array(warnings.prefix(AgreementsError.problemsMax))
                }
                warnings += ruleWarnings(item, other) + viewWarnings(item, behind: other)
                if other.agreement.id != item.agreement.id { warnings += pairWarnings(item, other) + ruleWarnings(other, item) }
            }
        }
        return Array(warnings.prefix(AgreementsError.problemsMax))
    }

    /// Pairs of rules that are compared at most: a set at its limits could have billions, and applying one must not hold up the broker.
    private static let comparisonsMax = 500_000

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

    /// Nobody is to believe that persons' data can be erased because an agreement allows it.
    private static func erasureWarnings(_ item: AgreementInFile) -> [AgreementsProblem] {
        guard let index = item.agreement.parties.firstIndex(where: { $0.may.contains(.erase) }) else { return [] }
        return [
            item.problem(
                ofParty: index,
                "agreement \(item.agreement.id) gives the right to erase here, with which nothing can be done yet: this version erases no person's data")
        ]
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

    /// What one agreement grants and another takes back altogether, and what one restricts and another grants without the restriction.
    private static func ruleWarnings(_ granting: AgreementInFile, _ other: AgreementInFile) -> [AgreementsProblem] {
        var warnings: [AgreementsProblem] = []
        let (grant, counter) = (granting.agreement, other.agreement)
        for (index, rule) in grant.parties.enumerated() {
            for twin in counter.parties where twin.node.overlaps(rule.node) {
                let denied = rule.may.intersection(twin.deny).sorted().map(\.rawValue)
                if !denied.isEmpty, counter.topic.covers(grant.topic), twin.node.covers(rule.node), counter.term.covers(grant.term) {
                    warnings.append(
                        granting.problem(
                            ofParty: index,
                            "agreement \(counter.id) denies \(twin.node) what \(grant.id) grants \(rule.node) here, which therefore never "
                                + "takes effect: \(denied.joined(separator: ", "))"))
                }
                if !rule.purposes.isEmpty, twin.purposes.isEmpty, rule.may.contains(.subscribe), twin.may.contains(.subscribe),
                    counter.term.overlaps(grant.term)
                {
                    warnings.append(
                        granting.problem(
                            ofParty: index,
                            "agreement \(grant.id) asks \(rule.node) for a purpose here, and \(counter.id) lets \(twin.node) read "
                                + "\(counter.topic) without one"))
                }
                if rule.isRestricted, !twin.isRestricted, rule.reads(as: twin), counter.term.overlaps(grant.term) {
                    warnings.append(
                        granting.problem(
                            ofParty: index,
                            "agreement \(grant.id) restricts what \(rule.node) sees here, and \(counter.id) lets \(twin.node) read "
                                + "\(counter.topic) without that restriction"))
                }
            }
        }
        return warnings
    }

    /// A record is shown under the first rule that it meets: behind one that takes every record no other is reached.
    private static func viewWarnings(_ item: AgreementInFile, behind other: AgreementInFile) -> [AgreementsProblem] {
        let (later, earlier) = (item.agreement, other.agreement)
        guard earlier.topic.covers(later.topic), earlier.term.covers(later.term) else { return [] }
        return later.parties.enumerated().compactMap { index, rule in
            let before = earlier.id == later.id ? earlier.parties[..<index] : earlier.parties[...]
            let first = before.first { twin in
                twin.isRestricted && twin.rows.isEmpty && twin.node.covers(rule.node)
                    && (twin.purposes.isEmpty || !rule.purposes.isEmpty && Set(rule.purposes).isSubset(of: twin.purposes))
                    && twin.may.isSuperset(of: rule.may.intersection([.subscribe, .replay]))
            }
            guard let first, rule.isRestricted, !rule.may.isDisjoint(with: [.subscribe, .replay]) else { return nil }
            return item.problem(
                ofParty: index,
                "no record reaches this rule of agreement \(later.id) for \(rule.node): \(earlier.id) comes before it and shows every record to "
                    + "\(first.node)")
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

extension PartyRule {
    /// Whether one node could read by both, for the same purpose.
    fileprivate func reads(as other: PartyRule) -> Bool {
        let rights = may.intersection(other.may).intersection([.subscribe, .replay])
        return !rights.isEmpty && (purposes.isEmpty || other.purposes.isEmpty || !Set(purposes).isDisjoint(with: other.purposes))
    }
}
