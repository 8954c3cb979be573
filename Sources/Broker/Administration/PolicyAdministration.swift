import AccessPolicy
import KafkaWire
import Logging
import Storage

/// Puts agreements in force. There is one way for everyone: `policy apply` and the directory of broker.yaml.
///
/// A set is parsed and compiled whole, compared with the one in force, written to the audit, stored as one new version (the
/// commit point), and swapped in. Whatever fails before that point leaves the old set in force.
struct PolicyAdministration: Sendable {
    let services: BrokerServices

    init(_ services: BrokerServices) { self.services = services }

    /// - Parameter files: the whole set, text by file name. It replaces the set in force.
    /// - Parameter validateOnly: says what it would do, and does nothing.
    func apply(
        _ files: [String: String], by applier: AgreementsApplier, validateOnly: Bool
    ) async -> Result<AgreementsApplied, AgreementsRefusal> {
        if case .node(let peer) = applier, let sentence = refusalToAny(peer) { return .failure(.notAllowed(sentence)) }
        return await services.changes.inTurn {
            do throws(AgreementsRefusal) {
                return .success(try await self.applyInTurn(files, by: applier, validateOnly: validateOnly))
            } catch {
                return .failure(error)
            }
        }
    }

    private func applyInTurn(
        _ files: [String: String], by applier: AgreementsApplier, validateOnly: Bool
    ) async throws(AgreementsRefusal) -> AgreementsApplied {
        let check = AgreementsCheck(files: files, at: services.clock.now())
        guard check.errors.isEmpty else { throw .invalid(check.errors) }
        let current = services.policy.value
        let difference = AgreementsDifference(from: current.agreements, to: check.agreements)
        if case .node(let peer) = applier { try judge(difference, by: peer) }
        let isNew = try await !isInForce(files)
        let version = isNew ? current.version + 1 : current.version
        if isNew, !validateOnly {
            let snapshot: PolicySnapshot
            do {
                snapshot = try PolicySnapshot(compiling: check.agreements, version: version)
            } catch {
                throw .invalid([AgreementsProblem(file: "agreements", line: 0, column: 0, message: error.description)])
            }
            try await commit(files, snapshot, difference, by: applier)
        }
        return AgreementsApplied(
            version: version, isNewVersion: isNew, added: difference.added.map(\.id), changed: difference.changed.map(\.to.id),
            removed: difference.removed.map(\.id), warnings: check.warnings)
    }

    private func isInForce(_ files: [String: String]) async throws(AgreementsRefusal) -> Bool {
        let version = services.policy.value.version
        guard version > 0 else { return false }
        do throws(StorageError) {
            return try await services.metadata.agreementSet(version: version)?.files == files
        } catch {
            throw .storage(error)
        }
    }

    private func commit(
        _ files: [String: String], _ snapshot: PolicySnapshot, _ difference: AgreementsDifference, by applier: AgreementsApplier
    ) async throws(AgreementsRefusal) {
        var details = difference.details
        details["version"] = String(snapshot.version)
        let summary = AgreementSet.Summary(
            version: snapshot.version, appliedAt: services.clock.now(), appliedBy: applier.name)
        do throws(StorageError) {
            try await services.audit.willChange(applier.change("agreements.apply", details: details))
            do throws(StorageError) {
                try await services.metadata.apply(.putAgreements(AgreementSet(summary: summary, files: files)))
            } catch {
                let why = ["version": String(snapshot.version), "why": error.sentence]
                try? await services.audit.willChange(applier.change("agreements.apply.failed", details: why))
                throw error
            }
        } catch {
            services.log.error("agreements version \(snapshot.version) could not be put in force: \(error)")
            throw .storage(error)
        }
        services.install(policy: snapshot)
        services.log.notice("agreements version \(snapshot.version) is in force, applied by \(applier.name)")
    }

    // MARK: Who may

    /// Whoever may change no agreement at all is told so before a byte of the set is read.
    private func refusalToAny(_ peer: Peer) -> String? {
        let own = AccessQuestion.administerAgreements(owner: peer.identity.agency)
        guard !services.decide(own, for: peer).isAllowed else { return nil }
        return "applying agreements needs the role operator, or steward for those of one's own agency"
    }

    /// Operators carry whole sets. A steward changes agreements of its own agency only, and only on topics that are its agency's:
    /// else it could write itself a right to what others own.
    private func judge(_ difference: AgreementsDifference, by peer: Peer) throws(AgreementsRefusal) {
        for agreement in difference.touched {
            let question = AccessQuestion.administerAgreements(owner: agreement.owner)
            guard services.decide(question, for: peer).isAllowed else {
                throw .notAllowed(
                    "the set applied replaces the whole set in force, and this one changes or leaves out agreement \(agreement.id) of "
                        + "\(agreement.owner), which its own steward or an operator changes")
            }
            guard peer.isOperator || isOwnTopic(agreement.topic, of: peer.identity.agency) else {
                services.audit.refused(
                    question, refusal: .roleMissing(.operator), policyVersion: services.policy.value.version, peer: peer)
                throw .notAllowed(
                    "agreement \(agreement.id): topic \(agreement.topic) is not \(peer.identity.agency)'s by its "
                        + "\(TopicRules.ownerKey), nor does its name begin with “\(peer.identity.agency).”; an operator applies it")
            }
        }
    }

    private func isOwnTopic(_ pattern: TopicPattern, of agency: String) -> Bool {
        let matching = services.catalogue.value.topics.filter { pattern.matches($0.name) }
        guard matching.allSatisfy({ $0.configuration.owner.isEmpty || $0.configuration.owner == agency }) else { return false }
        switch pattern {
        case .literal(let name):
            return name.hasPrefix("\(agency).") || matching.contains { $0.configuration.owner == agency }
        case .prefix(let prefix):
            return prefix.hasPrefix("\(agency).")
        }
    }
}

extension AgreementsApplier {
    /// As `AgreementSet.Summary.appliedBy` has it.
    var name: String {
        switch self {
        case .node(let peer): peer.identity.principal
        case .directory(let name): "file:\(name)"
        }
    }

    func change(_ action: String, details: [String: String]) -> AuditedChange {
        switch self {
        case .node(let peer): AuditedChange(action: action, object: "agreements", by: peer, details: details)
        case .directory(let name):
            AuditedChange(
                byBroker: action, object: "agreements", details: details.merging(["directory": name]) { own, _ in own })
        }
    }
}
