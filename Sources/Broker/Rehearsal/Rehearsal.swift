public import AccessPolicy
import KafkaWire
import Storage

/// What a set of agreements would give and take, held against who reads now and who read in the last days.
public struct Rehearsal: Sendable {
    /// The version in force, which the set would replace.
    public let version: Int64
    /// ms since 1970: how far back the accesses reach.
    public let since: Int64
    /// There were more accesses than are looked at.
    public let isCut: Bool
    /// Ways of reading that were looked at: by node, topic, right and purpose.
    public let accessCount: Int
    public let effects: [RehearsedEffect]
    /// Agreements of the set, in its order, by which nobody is or was reading although they let somebody.
    public let unused: [String]
    public let warnings: [AgreementsProblem]
}

/// One effect on all nodes that a rule lets read in one way.
public struct RehearsedEffect: Hashable, Sendable {
    public enum Kind: Hashable, Sendable {
        case loses(Decision.Refusal)
        case gains
        case sees(ScopeDifference)
    }

    /// The nodes of the rule, as its agreement writes them.
    public let nodes: String
    /// How many of them read, and the first of them by name.
    public let count: Int
    public let example: String
    public let topic: String
    public let isReplay: Bool
    public let purpose: String?
    public let kind: Kind
    /// `ID#0`; nil where nothing allowed it.
    public let before: String?
    public let after: String?
}

extension Administration {
    /// For operators and auditors, and nothing is changed.
    /// - Parameters:
    ///   - files: the whole set, as `applyAgreements` takes it.
    ///   - days: how far to look back.
    /// - Returns: nil for those who may not know.
    public func rehearse(
        _ files: [String: String], days: Int, for peer: Peer
    ) async -> Result<Rehearsal, AgreementsRefusal>? {
        guard peer.isOperator || services.decide(.audit, for: peer).isAllowed else { return nil }
        do throws(AgreementsRefusal) {
            return .success(try await rehearse(files, days: days))
        } catch {
            return .failure(error)
        }
    }

    private func rehearse(_ files: [String: String], days: Int) async throws(AgreementsRefusal) -> Rehearsal {
        let now = services.clock.now()
        let (check, next) = try await PolicyAdministration(services).compiled(files, at: now)
        let history: AccessHistory
        do {
            guard let topic = services.catalogue.value[AuditTopic.access] else { preconditionFailure("\(AuditTopic.access) is not there") }
            history = try await AccessHistory.read(topic, since: now - Int64(days) * 86_400_000)
        } catch {
            throw .storage(error)
        }
        let subscribed = await subscriptions()
        let current = services.policy.value
        let used = Set(history.accesses.keys).union(subscribed)
        let comparison = PolicyComparison(from: current, to: next, at: now)
        return Rehearsal(
            version: current.version, since: history.since, isCut: history.isCut, accessCount: used.count,
            effects: comparison.effects(on: used), unused: comparison.unused(by: used), warnings: check.warnings)
    }

    /// What the members of groups are subscribed to, by their principals. A purpose that they declare, their client id says.
    private func subscriptions() async -> Set<UsedAccess> {
        var accesses: Set<UsedAccess> = []
        for group in await services.groups.describeAll() {
            for member in group.members where member.principal.hasPrefix("User:") {
                guard let topics = try? ConsumerProtocolSubscription.decode(blob: member.metadata).topics else { continue }
                let purpose: String? = if case .purpose(let id) = PurposeDeclaration(clientID: member.clientID) { id } else { nil }
                for topic in topics {
                    accesses.insert(
                        UsedAccess(node: String(member.principal.dropFirst("User:".count)), topic: topic, isReplay: false, purpose: purpose))
                }
            }
        }
        return accesses
    }
}
