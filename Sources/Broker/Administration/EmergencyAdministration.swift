import AccessPolicy
import Logging
import NIOConcurrencyHelpers
import Storage

/// Emergencies that one person asked for and nobody has confirmed yet. They are forgotten with the broker's run: asking again costs little.
final class PendingEmergencies: Sendable {
    struct Pending: Sendable {
        let agreement: Agreement
        let text: String
        let asker: Peer
        let expiresAt: Int64
    }

    static let countMax = 16
    static let confirmMilliseconds: Int64 = 3_600_000

    private let pending = NIOLockedValueBox<[String: Pending]>([:])

    /// - Returns: false where too many wait.
    func add(_ emergency: Pending, at now: Int64) -> Bool {
        pending.withLockedValue { pending in
            pending = pending.filter { $0.value.expiresAt > now }
            guard pending.count < Self.countMax || pending[emergency.agreement.id] != nil else { return false }
            pending[emergency.agreement.id] = emergency
            return true
        }
    }

    func find(_ id: String, at now: Int64) -> Pending? {
        pending.withLockedValue { $0[id] }.flatMap { $0.expiresAt > now ? $0 : nil }
    }

    func remove(_ id: String) { pending.withLockedValue { $0[id] = nil } }
}

/// What waits for a second person.
public struct EmergencyAsked: Sendable {
    public let agreement: String
    /// ms since 1970: until when it can be confirmed.
    public let confirmBy: Int64
    /// ms since 1970: when it would end.
    public let until: Int64
}

extension Administration {
    /// Asks for access in an emergency; nothing is open before somebody else confirms it.
    /// - Parameter yaml: as ``EmergencyAccess`` takes it.
    public func askEmergency(_ yaml: String, by peer: Peer) async -> Result<EmergencyAsked, AgreementsRefusal> {
        do throws(AgreementsRefusal) {
            let now = services.clock.now()
            guard mayOpen(peer) else { throw .notAllowed(Self.needsRole) }
            let agreement: Agreement
            do throws(AgreementsError) {
                agreement = try EmergencyAccess.parse(yaml, name: "emergency.yaml", at: now)
            } catch {
                throw .invalid(error.problems)
            }
            let expiresAt = now + PendingEmergencies.confirmMilliseconds
            let emergency = PendingEmergencies.Pending(agreement: agreement, text: yaml, asker: peer, expiresAt: expiresAt)
            try await record("emergency.asked", emergency, by: peer)
            guard services.emergencies.add(emergency, at: now) else { throw .notAllowed("too many emergencies wait to be confirmed") }
            services.log.warning("\(peer.identity.path) asks for emergency access \(agreement.id); another person has to confirm it")
            return .success(EmergencyAsked(agreement: agreement.id, confirmBy: expiresAt, until: agreement.term.end))
        } catch {
            return .failure(error)
        }
    }

    /// Opens what another person asked for.
    public func confirmEmergency(_ id: String, by peer: Peer) async -> Result<AgreementsApplied, AgreementsRefusal> {
        do throws(AgreementsRefusal) {
            let now = services.clock.now()
            guard mayOpen(peer) else { throw .notAllowed(Self.needsRole) }
            guard let emergency = services.emergencies.find(id, at: now) else { throw .unknown(id) }
            let asker = emergency.asker
            guard peer.identity.path != asker.identity.path, peer.writer != asker.writer else {
                throw .notAllowed("another person than the one who asked has to confirm it")
            }
            let answersForData = [peer, asker].contains { $0.isOperator || $0.identity.agency == emergency.agreement.owner }
            guard answersForData else {
                throw .notAllowed("one of the two has to be an operator, or a steward of \(emergency.agreement.owner), whose records they are")
            }
            let applied = try await PolicyAdministration(services).openEmergency(emergency, confirmedBy: peer)
            services.emergencies.remove(id)
            services.log.critical(
                "EMERGENCY ACCESS \(id) is open: asked by \(asker.identity.path), confirmed by \(peer.identity.path): \(emergency.agreement.legalBasis ?? "")")
            return .success(applied)
        } catch {
            return .failure(error)
        }
    }

    private static let needsRole = "opening emergency access needs the role operator or steward"

    private func mayOpen(_ peer: Peer) -> Bool {
        services.decide(.administerAgreements(owner: peer.identity.agency), for: peer).isAllowed
    }

    private func record(_ action: String, _ emergency: PendingEmergencies.Pending, by peer: Peer) async throws(AgreementsRefusal) {
        do throws(StorageError) {
            try await services.audit.willChange(AuditedChange(action: action, object: "agreements", by: peer, details: emergency.details))
        } catch {
            throw .storage(error)
        }
    }
}

extension PendingEmergencies.Pending {
    /// For the audit.
    var details: [String: String] {
        [
            "agreement": agreement.id, "topic": "\(agreement.topic)", "nodes": agreement.parties.map { "\($0.node)" }.joined(separator: " "),
            "why": agreement.legalBasis ?? "", "until": String(agreement.term.end), "askedBy": asker.identity.path,
        ]
    }
}

extension PolicyAdministration {
    /// Puts it beside the set in force, as one more version.
    fileprivate func openEmergency(
        _ emergency: PendingEmergencies.Pending, confirmedBy peer: Peer
    ) async throws(AgreementsRefusal) -> AgreementsApplied {
        let result: Result<AgreementsApplied, AgreementsRefusal> = await services.changes.inTurn { () async -> Result<AgreementsApplied, AgreementsRefusal> in
            do throws(AgreementsRefusal) {
                let (stored, now) = (try await storedSet(), services.clock.now())
                var files = stored?.files ?? [:]
                files[EmergencyAccess.fileName(for: emergency.agreement.id)] = emergency.text
                let check = AgreementsCheck(files: files, at: now)
                guard check.errors.isEmpty else { throw .invalid(check.errors) }
                let snapshot: PolicySnapshot
                do throws(UnenforcedAgreement) {
                    snapshot = try PolicySnapshot(compiling: check.agreements, version: services.policy.value.version + 1)
                } catch {
                    throw .invalid([AgreementsProblem(file: emergency.agreement.id, line: 0, column: 0, message: error.description)])
                }
                let details = emergency.details.merging(["confirmedBy": peer.identity.path]) { $1 }
                try await commit(files, snapshot, details, as: "emergency.opened", by: .node(peer))
                return .success(
                    AgreementsApplied(
                        version: snapshot.version, isNewVersion: true, added: [emergency.agreement.id], changed: [], removed: [], warnings: []))
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }
}
