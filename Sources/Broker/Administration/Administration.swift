public import AccessPolicy
public import Storage

/// What people and programs ask of the broker beside its records: the one door of HTTPS, and what the Kafka handlers stand on.
///
/// Every answer is by the policy for the peer that asks: listings hold what it may describe, and asking by name for what it may
/// not see answers as if there were nothing.
public struct Administration: Sendable {
    let services: BrokerServices

    public init(_ services: BrokerServices) { self.services = services }

    var topicChanges: TopicAdministration { TopicAdministration(services) }
    private var policyChanges: PolicyAdministration { PolicyAdministration(services) }

    // MARK: Topics

    /// In the order of their names.
    public func topics(visibleTo peer: Peer) -> [TopicView] {
        services.catalogue.value.topics.filter { shows(.describe(topic: $0.name), to: peer) }.map { view($0) }
    }

    /// - Returns: nil where there is no such topic and where the peer may not describe it; the latter is audited.
    public func topic(_ name: String, visibleTo peer: Peer) -> TopicView? {
        guard services.decide(.describe(topic: name), for: peer).isAllowed else { return nil }
        return services.catalogue.value[name].map { view($0) }
    }

    /// - Parameter validateOnly: says whether it could be made, and makes nothing.
    public func createTopic(
        _ wish: TopicWish, validateOnly: Bool = false, by peer: Peer
    ) async -> Result<TopicMade, AdministrationRefusal> {
        await topicChanges.create(wish, validateOnly: validateOnly, by: peer)
    }

    public func deleteTopic(_ name: String, by peer: Peer) async -> AdministrationRefusal? {
        await topicChanges.delete(name, by: peer)
    }

    // MARK: Groups

    /// By name.
    public func groups(visibleTo peer: Peer) async -> [GroupDescription] {
        await services.groups.describeAll().filter { shows(.describeGroup($0.group), to: peer) }
    }

    /// - Returns: nil where there is no such group and where the peer may not describe it; the latter is audited.
    public func group(_ name: String, visibleTo peer: Peer) async -> GroupDescription? {
        guard services.decide(.describeGroup(name), for: peer).isAllowed else { return nil }
        return await services.groups.describe(name)
    }

    /// The committed offsets of a group, sorted, on the topics that the peer may describe. To be asked for groups that it may see.
    public func offsets(ofGroup name: String, visibleTo peer: Peer) async -> [CommittedOffset] {
        var verdicts: [String: Bool] = [:]
        return await services.groups.committedOffsets(ofGroup: name).filter { offset in
            let topic = offset.partition.topic
            let isShown = verdicts[topic] ?? shows(.describe(topic: topic), to: peer)
            verdicts[topic] = isShown
            return isShown
        }
    }

    // MARK: Agreements

    public var policyVersion: Int64 { services.policy.value.version }

    /// The agreements that concern the peer; operators and auditors see all.
    public func agreements(visibleTo peer: Peer) -> [AgreementOverview] {
        services.policy.value.overview(for: peer.identity, at: services.clock.now())
    }

    /// Every version that was in force, newest first. For operators and auditors; nil for others.
    public func agreementVersions(
        limit: Int, for peer: Peer
    ) async throws(StorageError) -> [AgreementSet.Summary]? {
        guard mayReadSets(peer) else { return nil }
        return try await services.metadata.agreementVersions(limit: min(limit, Self.versionsMax))
    }

    /// One version with its files. For operators and auditors; nil for others, and where there is no such version.
    public func agreementSet(version: Int64, for peer: Peer) async throws(StorageError) -> AgreementSet? {
        guard mayReadSets(peer) else { return nil }
        return try await services.metadata.agreementSet(version: version)
    }

    /// Replaces the agreements by a set of files, as one version: `policy apply`, and the directory of broker.yaml.
    public func applyAgreements(
        _ files: [String: String], by applier: AgreementsApplier, validateOnly: Bool = false
    ) async -> Result<AgreementsApplied, AgreementsRefusal> {
        await policyChanges.apply(files, by: applier, validateOnly: validateOnly)
    }

    /// A directory of agreements could not be read: the ones before stay in force, and the audit says so.
    public func agreementsUnreadable(in directory: String, because why: String) async {
        await policyChanges.refused(
            [AgreementsProblem(file: directory, line: 0, column: 0, message: why)], from: .directory(name: directory))
    }

    /// Ends one agreement now, before its date: `policy end`.
    public func endAgreement(
        _ id: String, because reason: String?, by peer: Peer
    ) async -> Result<AgreementEnded, AgreementsRefusal> {
        await policyChanges.end(id, because: reason, by: peer)
    }

    /// Versions listed at once.
    public static let versionsMax = 1_000

    private func mayReadSets(_ peer: Peer) -> Bool {
        peer.isOperator || services.decide(.audit, for: peer).isAllowed
    }

    // MARK: The broker itself

    /// Whether the peer may back the broker up and change it; a refusal is audited.
    public func mayAdministerCluster(_ peer: Peer) -> Bool { services.decide(.administerCluster, for: peer).isAllowed }

    // MARK: Oneself

    public func whoIs(_ peer: Peer) -> NodeView {
        NodeView(peer: peer, policyVersion: policyVersion)
    }

    private func shows(_ question: AccessQuestion, to peer: Peer) -> Bool {
        services.policy.value.decide(question, for: peer.identity, at: services.clock.now()).isAllowed
    }

    private func view(_ topic: Topic) -> TopicView { TopicView(topic, settings: services.settings) }
}
