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
                if case .invalid(let problems) = error, !validateOnly { await self.refused(problems, from: applier) }
                return .failure(error)
            }
        }
    }

    /// A set that was meant to come into force and did not is written down: somebody believes that it is in force.
    func refused(_ problems: [AgreementsProblem], from applier: AgreementsApplier) async {
        let details = ["mistakes": String(problems.count), "first": problems.first?.description ?? ""]
        try? await services.audit.willChange(applier.change("agreements.refused", details: details))
    }

    private func applyInTurn(
        _ files: [String: String], by applier: AgreementsApplier, validateOnly: Bool
    ) async throws(AgreementsRefusal) -> AgreementsApplied {
        if case .directory = applier, let problem = Self.cutOff(files) { throw .invalid([problem]) }
        let stored = try await storedSet()
        let judged = try judged(files, beside: stored, at: services.clock.now())
        var files = judged.files
        let check = judged.check
        if services.signatureRules.value != nil {
            let accepted = check.acceptedSignatures
            files[AcceptedSignature.fileName] = accepted.isEmpty ? nil : AcceptedSignature.text(accepted)
        }
        let current = services.policy.value
        let difference = AgreementsDifference(from: current.agreements, to: check.agreements) { id in
            let name = SignatureFile.name(forAgreement: id)
            return stored?.files[name] != files[name]
        }
        if case .node(let peer) = applier { try judge(difference, by: peer) }
        let isNew = stored?.files != files
        let version = isNew ? current.version + 1 : current.version
        if isNew, !validateOnly {
            let snapshot: PolicySnapshot
            do {
                snapshot = try PolicySnapshot(compiling: check.agreements, version: version)
            } catch {
                throw .invalid([AgreementsProblem(file: "agreements", line: 0, column: 0, message: error.description)])
            }
            try await commit(files, snapshot, difference.details, as: "agreements.apply", by: applier)
        }
        return AgreementsApplied(
            version: version, isNewVersion: isNew, added: difference.added.map(\.id), changed: difference.changed.map(\.to.id),
            removed: difference.removed.map(\.id), warnings: check.warnings)
    }

    /// A file that somebody is still writing can be good YAML that says less than it will. Whoever writes a text ends its last line.
    private static func cutOff(_ files: [String: String]) -> AgreementsProblem? {
        guard let (name, text) = files.sorted(by: { $0.key < $1.key }).first(where: { !$0.value.isEmpty && !$0.value.hasSuffix("\n") }) else { return nil }
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        return AgreementsProblem(
            file: name, line: lines.count, column: (lines.last?.unicodeScalars.count ?? 0) + 1,
            message: "the file ends without a line break here, as one does that is half written; end its last line")
    }

    /// The set with what is the broker's own beside it, looked at as a whole.
    private func judged(
        _ files: [String: String], beside stored: AgreementSet?, at now: Int64
    ) throws(AgreementsRefusal) -> (files: [String: String], check: AgreementsCheck) {
        if let name = files.keys.first(where: { $0.hasPrefix(".") }) {
            throw .invalid([AgreementsProblem(file: name, line: 0, column: 0, message: "names that begin with a dot are the broker's own")])
        }
        var files = files
        for (name, text) in stored?.files ?? [:] where EmergencyAccess.isFileName(name) && Self.isOpen(text, name, at: now) { files[name] = text }
        files = keepingEnds(of: stored, in: files)
        for own in [AcceptedSignature.fileName, AccessBinding.fileName] { files[own] = stored?.files[own] }
        let check = AgreementsCheck(files: files, at: now, signatures: services.signatureRules.value)
        guard check.errors.isEmpty else { throw .invalid(check.errors) }
        return (files, check)
    }

    /// An emergency that is over goes with the next change; the versions before keep it.
    private static func isOpen(_ text: String, _ name: String, at now: Int64) -> Bool {
        let agreements = (try? AgreementsFile.parse(yaml: text, name: name).agreements) ?? []
        return agreements.contains { $0.term.end > now }
    }

    /// What a set would be in force, without putting it there.
    func compiled(
        _ files: [String: String], at now: Int64
    ) async throws(AgreementsRefusal) -> (check: AgreementsCheck, snapshot: PolicySnapshot) {
        let check = try judged(files, beside: try await storedSet(), at: now).check
        do {
            let snapshot = try PolicySnapshot(compiling: check.agreements, version: services.policy.value.version + 1)
            return (check, snapshot.closing(services.catalogue.value.closedTopics))
        } catch {
            throw .invalid([.about("agreements", error.description)])
        }
    }

    /// A set of which some is in force already: what lacks a required signature by now gives nothing.
    func inForce(_ files: [String: String], at now: Int64) -> AgreementsCheck {
        AgreementsCheck(files: files, at: now, signatures: services.signatureRules.value, withholdingUnsigned: true)
    }

    /// The set in force as it is stored; nil before the first.
    func storedSet() async throws(AgreementsRefusal) -> AgreementSet? {
        let version = services.policy.value.version
        guard version > 0 else { return nil }
        do throws(StorageError) {
            return try await services.metadata.agreementSet(version: version)
        } catch {
            throw .storage(error)
        }
    }

    func commit(
        _ files: [String: String], _ snapshot: PolicySnapshot, _ told: [String: String], as action: String, by applier: AgreementsApplier
    ) async throws(AgreementsRefusal) {
        var details = told
        details["version"] = String(snapshot.version)
        details[DocumentDigest.detail] = DocumentDigest(agreements: files).description
        let summary = AgreementSet.Summary(
            version: snapshot.version, appliedAt: services.clock.now(), appliedBy: applier.name)
        do throws(StorageError) {
            try await services.audit.willChange(applier.change(action, details: details))
            do throws(StorageError) {
                try await services.metadata.apply(.putAgreements(AgreementSet(summary: summary, files: files)))
            } catch {
                let why = ["version": String(snapshot.version), "why": error.sentence]
                try? await services.audit.willChange(applier.change("\(action).failed", details: why))
                throw error
            }
        } catch {
            services.log.error("agreements version \(snapshot.version) could not be put in force: \(error)")
            throw .storage(error)
        }
        services.install(policy: snapshot)
        services.log.notice("agreements version \(snapshot.version) is in force, applied by \(applier.name)")
    }

    // MARK: Ending one

    /// Ends an agreement now, before its date, as one more version.
    func end(_ id: String, because reason: String?, by peer: Peer) async -> Result<AgreementEnded, AgreementsRefusal> {
        if let sentence = refusalToAny(peer) { return .failure(.notAllowed(sentence)) }
        return await services.changes.inTurn {
            do throws(AgreementsRefusal) {
                return .success(try await self.endInTurn(id, because: reason, by: peer))
            } catch {
                return .failure(error)
            }
        }
    }

    private func endInTurn(_ id: String, because reason: String?, by peer: Peer) async throws(AgreementsRefusal) -> AgreementEnded {
        let (current, now) = (services.policy.value, services.clock.now())
        let seen = current.overview(for: peer.identity, at: now).first { $0.agreement.id == id }
        guard let seen, let stored = try await storedSet() else { throw .unknown(id) }
        guard seen.standing != .ended else { throw .invalid([.about(id, "agreement \(id) has ended already")]) }
        var files = stored.files
        var ends = Self.ends(of: stored).filter { $0.agreement != id }
        ends.append(AgreementEnd(agreement: id, at: now, by: peer.identity.principal))
        files[AgreementEnd.fileName] = AgreementEnd.text(ends)
        let check = inForce(files, at: now)
        guard check.errors.isEmpty else { throw .invalid(check.errors) }
        try judge(AgreementsDifference(from: inForce(stored.files, at: now).agreements, to: check.agreements), by: peer)
        let snapshot: PolicySnapshot
        do {
            snapshot = try PolicySnapshot(compiling: check.agreements, version: current.version + 1)
        } catch {
            throw .invalid([.about(id, error.description)])
        }
        var details = ["agreement": id]
        if let reason { details["why"] = reason }
        try await commit(files, snapshot, details, as: "agreements.end", by: .node(peer))
        return AgreementEnded(agreement: id, version: snapshot.version, endedAt: now)
    }

    /// What was ended stays ended for as long as the agreement stays as it was written.
    private func keepingEnds(of stored: AgreementSet?, in files: [String: String]) -> [String: String] {
        guard let stored, stored.files[AgreementEnd.fileName] != nil else { return files }
        let now = services.clock.now()
        func written(_ files: [String: String]) -> [String: Agreement] {
            Dictionary(AgreementsCheck(files: files, at: now).written.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        }
        let (before, after) = (written(stored.files), written(files))
        let kept = Self.ends(of: stored).filter { after[$0.agreement] != nil && after[$0.agreement] == before[$0.agreement] }
        guard !kept.isEmpty else { return files }
        return files.merging([AgreementEnd.fileName: AgreementEnd.text(kept)]) { $1 }
    }

    /// What the broker wrote itself it can read.
    private static func ends(of stored: AgreementSet) -> [AgreementEnd] {
        (try? AgreementEnd.parse(stored.files[AgreementEnd.fileName] ?? "")) ?? []
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
                    "the set applied replaces the whole set in force, and this one adds, changes or leaves out agreement \(agreement.id) of "
                        + "\(agreement.owner), or signatures of it, which its own steward or an operator changes")
            }
            // What a delegation hands on is its source's to give, whoever owns the topic.
            guard peer.isOperator || agreement.delegates != nil || isOwnTopic(agreement.topic, of: peer.identity.agency) else {
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

// MARK: Kafka's ACLs

extension PolicyAdministration {
    /// Changes the set that Kafka's ACL APIs make, as one more version; what people wrote stays as it is.
    /// - Parameter change: of the bindings in force; nil where there is nothing to do.
    func changeBindings(
        _ action: String, by peer: Peer, _ change: @escaping @Sendable ([AccessBinding]) throws(AgreementsRefusal) -> [AccessBinding]?
    ) async -> AgreementsRefusal? {
        await services.changes.inTurn { () async -> AgreementsRefusal? in
            do throws(AgreementsRefusal) {
                let stored = try await self.storedSet()
                let before = try Self.bindings(of: stored)
                guard let after = try change(before) else { return nil }
                var files = stored?.files ?? [:]
                files[AccessBinding.fileName] = after.isEmpty ? nil : AccessBinding.text(after)
                let check = inForce(files, at: services.clock.now())
                guard check.errors.isEmpty else { throw .invalid(check.errors) }
                let snapshot: PolicySnapshot
                do throws(UnenforcedAgreement) {
                    snapshot = try PolicySnapshot(compiling: check.agreements, version: services.policy.value.version + 1)
                } catch {
                    throw .invalid([.about(AccessBinding.fileName, error.description)])
                }
                let difference = AgreementsDifference(from: services.policy.value.agreements, to: check.agreements)
                try await self.commit(files, snapshot, difference.details.merging(Self.told(before, after)) { $1 }, as: action, by: .node(peer))
                return nil
            } catch {
                return error
            }
        }
    }

    /// The ACLs in force, in the order of their lines.
    func bindings() async throws(AgreementsRefusal) -> [AccessBinding] { try Self.bindings(of: try await storedSet()) }

    private static func bindings(of stored: AgreementSet?) throws(AgreementsRefusal) -> [AccessBinding] {
        do {
            return try AccessBinding.parse(stored?.files[AccessBinding.fileName] ?? "")
        } catch {
            throw .invalid(error.problems)
        }
    }

    /// For the audit: ids say nothing to people.
    private static func told(_ before: [AccessBinding], _ after: [AccessBinding]) -> [String: String] {
        let (old, new) = (Set(before), Set(after))
        var details: [String: String] = [:]
        for (word, bindings) in [("made", new.subtracting(old)), ("deleted", old.subtracting(new))] where !bindings.isEmpty {
            details[word] = AccessBinding.text(bindings)
        }
        return details
    }
}

extension AgreementsProblem {
    fileprivate static func about(_ id: String, _ message: String) -> AgreementsProblem {
        AgreementsProblem(file: id, line: 0, column: 0, message: message)
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
