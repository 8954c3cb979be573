public import AccessPolicy
public import Storage

/// What somebody asks about a decision.
public struct ExplanationQuestion: Sendable {
    public let node: NodeIdentity
    public let question: AccessQuestion
    /// ms since 1970; nil for now.
    public let instant: Int64?

    public init(node: NodeIdentity, question: AccessQuestion, instant: Int64?) {
        self.node = node
        self.question = question
        self.instant = instant
    }
}

public enum ExplanationRefusal: Error, Sendable {
    /// Whoever asks may not know. Nothing is said of what there is.
    case notAllowed
    /// The version in force at that time cannot be read any more by this version of the broker.
    case unreadable(version: Int64, String)
    case storage(StorageError)
}

/// Why a node may or may not do something, now or then.
public struct ExplanationView: Sendable {
    /// ms since 1970
    public let instant: Int64
    public let explanation: Explanation

    /// The decision in the audit's words: what allowed it, or why not.
    public var reason: String {
        switch explanation.decision.outcome {
        case .allowed(let ground): ground.auditWord
        case .refused(let refusal): refusal.auditWord
        }
    }
}

extension Administration {
    /// Operators and auditors learn all of it. A steward learns all about what its agency owns; of what others own, the rules that name
    /// its own agency's nodes.
    public func explain(
        _ asked: ExplanationQuestion, to peer: Peer
    ) async -> Result<ExplanationView, ExplanationRefusal> {
        let now = services.clock.now()
        let instant = asked.instant ?? now
        // Who may ask is decided by today's agreements, whatever time is asked about.
        let owners = owners(of: asked.question)
        let allowed = services.decide(.explain(agency: asked.node.agency, owners: owners), for: peer)
        guard allowed.isAllowed else { return .failure(.notAllowed) }
        do {
            let policy = try await policy(at: instant)
            let whole = policy.explain(asked.question, for: asked.node, at: instant)
            let seesAll = !peer.identity.roles.isDisjoint(with: [.operator, .auditor]) || owners.contains(peer.identity.agency)
            return .success(ExplanationView(instant: instant, explanation: seesAll ? whole : whole.seenByParty))
        } catch {
            return .failure(error)
        }
    }

    private func owners(of question: AccessQuestion) -> Set<String> {
        guard let topic = question.topic else { return [] }
        let configured = services.catalogue.value[topic]?.configuration.owner ?? ""
        return services.policy.value.owners(of: topic).union(configured.isEmpty ? [] : [configured])
    }

    /// The agreements that were in force at a time, from the kept versions.
    func policy(at instant: Int64) async throws(ExplanationRefusal) -> PolicySnapshot {
        let current = services.policy.value
        guard let version = try await version(at: instant) else { return .empty }
        guard version != current.version, let set = try await set(version) else { return current }
        do {
            let agreements = try AgreementsCheck(files: set.files, at: instant).accepted()
            // What a topic was classified as at that time nobody has kept.
            return try PolicySnapshot(compiling: agreements, version: version).closing(services.catalogue.value.closedTopics)
        } catch {
            throw .unreadable(version: version, "\(error)")
        }
    }

    private func version(at instant: Int64) async throws(ExplanationRefusal) -> Int64? {
        do {
            return try await services.metadata.agreementVersions(limit: .max).first { $0.appliedAt <= instant }?.version
        } catch {
            throw .storage(error)
        }
    }

    private func set(_ version: Int64) async throws(ExplanationRefusal) -> AgreementSet? {
        do {
            return try await services.metadata.agreementSet(version: version)
        } catch {
            throw .storage(error)
        }
    }
}
