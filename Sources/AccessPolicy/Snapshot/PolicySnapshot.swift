/// The agreements of one version, compiled for decisions. Immutable: a change makes another one, which the broker swaps in
/// whole, so that no decision sees half of a change.
public final class PolicySnapshot: Sendable {
    /// The version of the agreement set; 0 before the first.
    public let version: Int64
    public let agreements: [Agreement]

    let topics: TopicIndex
    /// Every rule that grants publishing, whatever the topic: idempotent producing needs any of them.
    let publishers: GrantTable
    /// Every rule that names groups and lets their members read.
    let groupUsers: GrantTable
    /// Every rule that denies something, whatever the topic. Empty in most sets, which then pay nothing for it.
    let denials: GrantTable
    /// Rules that deny groups by their ids.
    let groupDenials: GrantTable
    /// The topics whose classification nothing opens but an agreement. Empty where no grant is limited by it.
    let closedTopics: Set<String>
    private let hasLimitedGrants: Bool
    /// What each rule shows that does not show every record whole, in the order of the agreements and of their rules.
    let views: [RecordView]
    /// Of what each rule of a delegation hands something on.
    let sources: [EffectiveRule.Source]
    /// Every instant at which an agreement begins or ends, sorted.
    private let boundaries: [PolicyInstant]
    /// Every agency that an agreement names: each owns the group ids that begin with it.
    let agencies: Set<String>

    /// No agreements: only roles allow anything.
    public static let empty = PolicySnapshot(version: 0)

    /// - Parameters:
    ///   - agreements: a set without duplicate ids, as ``AgreementsCheck`` accepts it.
    ///   - version: of the set.
    ///   - refused: the words that no agreement may use.
    /// - Throws: when an agreement uses a word that this version does not enforce. A store written by a newer version may hold such
    ///   a set; a rule without its restriction would allow too much, and a denial ignored too.
    public init(
        compiling agreements: [Agreement], version: Int64, refusing refused: Set<UnenforcedWord> = UnenforcedWord.refused
    ) throws(UnenforcedAgreement) {
        for agreement in agreements {
            let words = agreement.guardedWords.intersection(refused)
            guard words.isEmpty else { throw UnenforcedAgreement(agreement: agreement.id, words: words.sorted()) }
        }
        let rules = EffectiveRule.all(of: agreements)
        var topics = TopicIndex(patterns: Set(agreements.map(\.topic) + rules.map(\.topic)))
        var publishers = GrantTable()
        var groupUsers = GrantTable()
        var denials = GrantTable()
        var groupDenials = GrantTable()
        var views: [RecordView] = []
        var sources: [EffectiveRule.Source] = []
        for agreement in agreements where !agreement.isBinding && agreement.delegates == nil {
            topics.update(agreement.topic) { _ = $0.owners.insert(agreement.owner) }
        }
        for effective in rules {
            let (agreement, rule) = (agreements[effective.agreement], effective.party)
            let view = RecordView(rule, index: effective.rule, of: agreement.id, source: effective.source?.citation)
            if let view { views.append(view) }
            if let source = effective.source { sources.append(source) }
            let (viewIndex, sourceIndex) = (view == nil ? -1 : Int32(views.count - 1), effective.source == nil ? -1 : Int32(sources.count - 1))
            func grant(_ rights: Set<Right>) -> Grant {
                Grant(
                    rights: RightSet(rights), purposes: rule.purposes, unit: rule.node.unit, node: rule.node.node,
                    start: effective.term.start, end: effective.term.end, agreement: effective.agreement, rule: effective.rule,
                    groups: rule.groups, view: viewIndex, source: sourceIndex, isLimited: agreement.isBinding)
            }
            let agency = rule.node.agency
            if !rule.may.isEmpty { topics.update(effective.topic) { $0.grants.add(grant(rule.may), agency: agency) } }
            if rule.may.contains(.publish) { publishers.add(grant([.publish]), agency: agency) }
            let reading = rule.may.intersection([.subscribe, .replay])
            if !rule.groups.isEmpty, !reading.isEmpty { groupUsers.add(grant(reading), agency: agency) }
            if agreement.isBinding, !rule.groups.isEmpty, !rule.deny.isEmpty {
                groupDenials.add(grant(rule.deny), agency: agency)
            } else if !rule.deny.isEmpty {
                topics.update(effective.topic) { $0.denials.add(grant(rule.deny), agency: agency) }
                denials.add(grant(rule.deny), agency: agency)
            }
        }
        var agencies = Set(agreements.flatMap { $0.parties.compactMap(\.node.agency) })
        agencies.formUnion(agreements.lazy.filter { !$0.isBinding }.map(\.owner))
        self.version = version
        self.agreements = agreements
        self.topics = topics
        self.publishers = publishers
        self.groupUsers = groupUsers
        self.denials = denials
        self.groupDenials = groupDenials
        self.views = views
        self.sources = sources
        self.agencies = agencies
        boundaries = Set(agreements.flatMap { [$0.term.start, $0.term.end] }).subtracting([.min, .max]).sorted()
        hasLimitedGrants = agreements.contains { $0.isBinding && $0.parties.contains { !$0.may.isEmpty } }
        closedTopics = []
    }

    /// The same agreements, where these topics are classified `personal` or `sensitive`: ACLs open none of them, whatever they match.
    public func closing(_ topics: Set<String>) -> PolicySnapshot {
        guard hasLimitedGrants, topics != closedTopics else { return self }
        return PolicySnapshot(self, closing: topics)
    }

    private init(_ other: PolicySnapshot, closing closed: Set<String>) {
        version = other.version
        agreements = other.agreements
        topics = other.topics
        publishers = other.publishers
        groupUsers = other.groupUsers
        denials = other.denials
        groupDenials = other.groupDenials
        closedTopics = closed
        hasLimitedGrants = other.hasLimitedGrants
        views = other.views
        sources = other.sources
        agencies = other.agencies
        boundaries = other.boundaries
    }

    /// Whether an agreement begins or ends after one instant and not after the other.
    public func changes(after earlier: PolicyInstant, upTo later: PolicyInstant) -> Bool {
        boundaries.contains { earlier < $0 && $0 <= later }
    }

    private init(version: Int64) {
        self.version = version
        agreements = []
        topics = TopicIndex(patterns: [])
        publishers = GrantTable()
        groupUsers = GrantTable()
        denials = GrantTable()
        groupDenials = GrantTable()
        closedTopics = []
        hasLimitedGrants = false
        views = []
        sources = []
        agencies = []
        boundaries = []
    }
}
