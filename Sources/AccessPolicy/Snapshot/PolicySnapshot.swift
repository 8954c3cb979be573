/// The agreements of one version, compiled for decisions. Immutable: a change makes another one, which the broker swaps in
/// whole, so that no decision sees half of a change.
public final class PolicySnapshot: Sendable {
    /// The version of the agreement set; 0 before the first.
    public let version: Int64
    public let agreements: [Agreement]

    let topics: TopicIndex
    /// Every rule that grants publishing, whatever the topic: idempotent producing needs any of them.
    let publishers: GrantTable
    /// Every rule that names groups.
    let groupUsers: GrantTable
    /// Every agency that an agreement names: each owns the group ids that begin with it.
    let agencies: Set<String>

    /// No agreements: only roles allow anything.
    public static let empty = PolicySnapshot(version: 0)

    /// - Parameters:
    ///   - agreements: a set without duplicate ids, as ``AgreementsCheck`` accepts it.
    ///   - version: of the set.
    /// - Throws: when an agreement uses a word that this version does not enforce. A store written by a newer version may hold such
    ///   a set; a rule without its restriction would allow too much, and a denial ignored too.
    public init(compiling agreements: [Agreement], version: Int64) throws(UnenforcedAgreement) {
        for agreement in agreements {
            let words = agreement.unenforcedWords
            guard words.isEmpty else { throw UnenforcedAgreement(agreement: agreement.id, words: words.sorted()) }
        }
        var topics = TopicIndex(patterns: Set(agreements.map(\.topic)))
        var publishers = GrantTable()
        var groupUsers = GrantTable()
        var agencies: Set<String> = []
        for (index, agreement) in agreements.enumerated() {
            agencies.insert(agreement.owner)
            topics.update(agreement.topic) { _ = $0.owners.insert(agreement.owner) }
            for (ruleIndex, rule) in agreement.parties.enumerated() {
                let grant = Grant(
                    rights: RightSet(rule.may), unit: rule.node.unit, node: rule.node.node, start: agreement.term.start,
                    end: agreement.term.end, agreement: index, rule: ruleIndex, groups: rule.groups)
                if let agency = rule.node.agency { agencies.insert(agency) }
                topics.update(agreement.topic) { $0.grants.add(grant, agency: rule.node.agency) }
                if rule.may.contains(.publish) { publishers.add(grant, agency: rule.node.agency) }
                if !rule.groups.isEmpty { groupUsers.add(grant, agency: rule.node.agency) }
            }
        }
        self.version = version
        self.agreements = agreements
        self.topics = topics
        self.publishers = publishers
        self.groupUsers = groupUsers
        self.agencies = agencies
    }

    private init(version: Int64) {
        self.version = version
        agreements = []
        topics = TopicIndex(patterns: [])
        publishers = GrantTable()
        groupUsers = GrantTable()
        agencies = []
    }
}
