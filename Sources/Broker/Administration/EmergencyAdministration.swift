import AccessPolicy
import Logging
import Storage

/// What one person asked for and nobody has confirmed yet. Kept in the metadata, so that a restart in the middle of an emergency costs nobody time.
struct PendingEmergency {
    let agreement: Agreement
    let record: EmergencyRecord

    static let countMax = 16
    static let confirmMilliseconds: Int64 = 3_600_000

    var askerAgency: String { String(record.askedBy.prefix { $0 != "/" }) }
}

/// What waits for a second person.
public struct EmergencyAsked: Sendable {
    public let agreement: String
    /// ms since 1970: until when it can be confirmed.
    public let confirmBy: Int64
    /// ms since 1970: when it would end.
    public let until: Int64
}

/// What waits for a second person, as whoever may confirm it is shown it.
public struct EmergencyWaiting: Sendable {
    public let agreement: String
    /// The file as it was sent: what is confirmed is this, byte for byte.
    public let text: String
    /// `agency/unit/node`
    public let askedBy: String
    /// ms since 1970: until when it can be confirmed.
    public let confirmBy: Int64
}

extension Administration {
    /// What waits to be confirmed, of what this peer asked for or might confirm.
    public func emergencies(for peer: Peer) async -> Result<[EmergencyWaiting], AgreementsRefusal> {
        do throws(AgreementsRefusal) {
            guard mayOpen(peer) else { throw .notAllowed(Self.needsRole) }
            let (kept, now) = (try await records(), services.clock.now())
            return .success(
                kept.filter { $0.expiresAt > now }.compactMap { record in
                    guard let agreement = try? EmergencyAccess.parse(record.text, name: Self.fileName, at: now) else { return nil }
                    let emergency = PendingEmergency(agreement: agreement, record: record)
                    guard record.askedBy == peer.identity.path || Self.areEnough(peer, emergency) else { return nil }
                    return EmergencyWaiting(agreement: record.id, text: record.text, askedBy: record.askedBy, confirmBy: record.expiresAt)
                })
        } catch {
            return .failure(error)
        }
    }

    /// Asks for access in an emergency; nothing is open before somebody else confirms it.
    /// - Parameter yaml: as ``EmergencyAccess`` takes it.
    public func askEmergency(_ yaml: String, by peer: Peer) async -> Result<EmergencyAsked, AgreementsRefusal> {
        do throws(AgreementsRefusal) {
            let now = services.clock.now()
            guard mayOpen(peer) else { throw .notAllowed(Self.needsRole) }
            let agreement: Agreement
            do throws(AgreementsError) {
                agreement = try EmergencyAccess.parse(yaml, name: Self.fileName, at: now)
            } catch {
                throw .invalid(error.problems)
            }
            let expiresAt = now + PendingEmergency.confirmMilliseconds
            let emergency = PendingEmergency(
                agreement: agreement,
                record: EmergencyRecord(
                    id: agreement.id, text: yaml, askedBy: peer.identity.path, isByOperator: peer.isOperator, key: peer.writer.bytes, expiresAt: expiresAt))
            if let refusal = await services.changes.inTurn({ await self.keep(emergency, by: peer, at: now) }) { throw refusal }
            services.log.warning("\(peer.identity.path) asks for emergency access \(agreement.id); another person has to confirm it")
            return .success(EmergencyAsked(agreement: agreement.id, confirmBy: expiresAt, until: agreement.term.end))
        } catch {
            return .failure(error)
        }
    }

    /// Opens what another person asked for.
    /// - Parameter text: what the second person has read. Under the same id something else may have been asked for since.
    public func confirmEmergency(_ id: String, reading text: String, by peer: Peer) async -> Result<AgreementsApplied, AgreementsRefusal> {
        do throws(AgreementsRefusal) {
            let now = services.clock.now()
            guard mayOpen(peer) else { throw .notAllowed(Self.needsRole) }
            guard let emergency = try await pending(id, at: now) else { throw .unknown(id) }
            guard peer.identity.path != emergency.record.askedBy, peer.writer.bytes != emergency.record.key else {
                throw .notAllowed("another person than the one who asked has to confirm it")
            }
            guard Self.areEnough(peer, emergency) else {
                throw .notAllowed("one of the two has to be an operator, or a steward of \(emergency.agreement.owner), whose records they are")
            }
            guard text == emergency.record.text else {
                throw .notAllowed("what waits under this id is not what was read: read it again before it is confirmed")
            }
            let applied = try await PolicyAdministration(services).openEmergency(emergency, confirmedBy: peer)
            // What is open already cannot be opened again: the id is taken.
            try? await services.metadata.apply(.removeEmergency(id: id))
            services.log.critical(
                "EMERGENCY ACCESS \(id) is open: asked by \(emergency.record.askedBy), confirmed by \(peer.identity.path): \(emergency.agreement.legalBasis ?? "")")
            return .success(applied)
        } catch {
            return .failure(error)
        }
    }

    private static let needsRole = "opening emergency access needs the role operator or steward"
    private static let fileName = "emergency.yaml"

    /// One of the two is an operator, or of the agency whose records they are.
    private static func areEnough(_ peer: Peer, _ emergency: PendingEmergency) -> Bool {
        peer.isOperator || emergency.record.isByOperator || [peer.identity.agency, emergency.askerAgency].contains(emergency.agreement.owner)
    }

    private func records() async throws(AgreementsRefusal) -> [EmergencyRecord] {
        do throws(StorageError) {
            return try await services.metadata.emergencies()
        } catch {
            throw .storage(error)
        }
    }

    private func mayOpen(_ peer: Peer) -> Bool {
        services.decide(.administerAgreements(owner: peer.identity.agency), for: peer).isAllowed
    }

    /// Audits it, keeps it, and forgets those that nobody confirmed in time.
    private func keep(_ emergency: PendingEmergency, by peer: Peer, at now: Int64) async -> AgreementsRefusal? {
        do throws(StorageError) {
            let kept = try await services.metadata.emergencies()
            for over in kept where over.expiresAt <= now { try await services.metadata.apply(.removeEmergency(id: over.id)) }
            guard kept.count(where: { $0.expiresAt > now && $0.id != emergency.record.id }) < PendingEmergency.countMax else {
                return .notAllowed("too many emergencies wait to be confirmed")
            }
            try await services.audit.willChange(AuditedChange(action: "emergency.asked", object: "agreements", by: peer, details: emergency.details))
            try await services.metadata.apply(.putEmergency(emergency.record))
            return nil
        } catch {
            return .storage(error)
        }
    }

    private func pending(_ id: String, at now: Int64) async throws(AgreementsRefusal) -> PendingEmergency? {
        guard let record = try await records().first(where: { $0.id == id && $0.expiresAt > now }) else { return nil }
        do throws(AgreementsError) {
            return PendingEmergency(agreement: try EmergencyAccess.parse(record.text, name: Self.fileName, at: now), record: record)
        } catch {
            throw .invalid(error.problems)
        }
    }
}

extension PendingEmergency {
    /// For the audit.
    var details: [String: String] {
        [
            "agreement": agreement.id, "topic": "\(agreement.topic)", "nodes": agreement.parties.map { "\($0.node)" }.joined(separator: " "),
            "why": agreement.legalBasis ?? "", "until": String(agreement.term.end), "askedBy": record.askedBy,
        ]
    }
}

extension PolicyAdministration {
    /// Puts it beside the set in force, as one more version.
    fileprivate func openEmergency(
        _ emergency: PendingEmergency, confirmedBy peer: Peer
    ) async throws(AgreementsRefusal) -> AgreementsApplied {
        let result: Result<AgreementsApplied, AgreementsRefusal> = await services.changes.inTurn { () async -> Result<AgreementsApplied, AgreementsRefusal> in
            do throws(AgreementsRefusal) {
                let (stored, now) = (try await storedSet(), services.clock.now())
                var files = stored?.files ?? [:]
                files[EmergencyAccess.fileName(for: emergency.agreement.id)] = emergency.record.text
                let check = inForce(files, at: now)
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
