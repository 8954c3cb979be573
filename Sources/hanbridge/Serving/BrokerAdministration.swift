import AccessPolicy
import Broker
import Foundation
import KafkaWire
import Listeners
import Sentences
import Storage

/// What HTTPS asks, answered by the broker's administration: translates values into documents and refusals into problems.
struct BrokerAdministration: Administering {
    private let administration: Administration
    private let services: BrokerServices
    private let lags: GroupLagSurvey
    private let backups: BackupCreation
    /// nil where no authority is configured.
    private let timestamper: CheckpointTimestamper?

    /// - Parameter lags: the survey that the metrics use too, so that what one found the other remembers.
    init(_ administration: Administration, _ services: BrokerServices, lags: GroupLagSurvey, backups: BackupCreation, timestamper: CheckpointTimestamper?) {
        self.timestamper = timestamper
        self.administration = administration
        self.services = services
        self.lags = lags
        self.backups = backups
    }

    func backUp(by peer: Peer) async throws -> BackupDocument {
        guard administration.mayAdministerCluster(peer) else { throw Problem.forbidden(missing: .roleMissing("operator")) }
        return try await backups.create(by: peer)
    }

    func topics(for peer: Peer) async throws -> [TopicDocument] {
        administration.topics(visibleTo: peer).map(TopicDocument.init)
    }

    func topic(_ name: String, purpose: PurposeDeclaration, for peer: Peer) async throws -> TopicDocument {
        guard let view = administration.topic(name, visibleTo: peer) else { throw Problem.notFound(name) }
        var document = TopicDocument(view)
        let reading = administration.reading(name, for: purpose, by: peer)
        document.reading = .init(
            allowed: reading.isAllowed, purpose: reading.purpose?.id, implied: reading.purpose?.isImplied == true,
            purposes: reading.purposes, anyPurpose: reading.isFree)
        let stewardship = administration.stewardship(of: name)
        document.stewardship = .init(owners: stewardship.owners, stewards: stewardship.stewards)
        return document
    }

    func groups(for peer: Peer) async throws -> [GroupDocument] {
        var documents: [GroupDocument] = []
        for group in await administration.groups(visibleTo: peer) { documents.append(await document(group, for: peer)) }
        return documents
    }

    func group(_ id: String, for peer: Peer) async throws -> GroupDocument {
        guard let group = await administration.group(id, visibleTo: peer) else { throw Problem.notFound(id) }
        return await document(group, for: peer)
    }

    func agreementVersions(for peer: Peer) async throws -> [AgreementVersionDocument] {
        guard let versions = try await administration.agreementVersions(limit: Administration.versionsMax, for: peer) else {
            throw Problem.forbidden(missing: .roleMissing("operator", "auditor"))
        }
        return versions.map { AgreementVersionDocument(version: $0.version, appliedAt: $0.appliedAt, appliedBy: $0.appliedBy) }
    }

    func agreements(version: Int64?, for peer: Peer) async throws -> AgreementSetDocument {
        let set = try await administration.agreementSet(version: version ?? administration.policyVersion, for: peer)
        // An old version is for those who may read whole sets; of the one in force everybody sees what concerns them.
        if let version, set == nil { throw Problem.notFound("\(version)") }
        let visible = version == nil ? administration.agreements(visibleTo: peer) : []
        let signers = visible.isEmpty ? [:] : await administration.signers()
        return AgreementSetDocument(
            version: version ?? administration.policyVersion, appliedAt: set?.summary.appliedAt, appliedBy: set?.summary.appliedBy,
            agreements: visible.map { AgreementSetDocument.Agreement($0, signed: signers[$0.agreement.id] ?? []) }, files: set?.files ?? [:])
    }

    func apply(_ files: [String: String], dryRun: Bool, by peer: Peer) async throws -> AppliedDocument {
        switch await administration.applyAgreements(files, by: .node(peer), validateOnly: dryRun) {
        case .success(let applied):
            let count = AgreementsCheck(files: files, at: services.clock.now()).agreements.count
            return AppliedDocument(
                version: dryRun ? administration.policyVersion : applied.version, dryRun: dryRun, agreements: count)
        case .failure(let refusal): throw Self.problem(refusal)
        }
    }

    func endAgreement(_ id: String, because reason: String?, by peer: Peer) async throws -> AgreementEndedDocument {
        switch await administration.endAgreement(id, because: reason, by: peer) {
        case .success(let ended):
            return AgreementEndedDocument(agreement: ended.agreement, version: ended.version, endedAt: ended.endedAt)
        case .failure(let refusal): throw Self.problem(refusal)
        }
    }

    func askEmergency(_ yaml: String, by peer: Peer) async throws -> EmergencyAskedDocument {
        switch await administration.askEmergency(yaml, by: peer) {
        case .success(let asked): return EmergencyAskedDocument(agreement: asked.agreement, confirmBy: asked.confirmBy, until: asked.until)
        case .failure(let refusal): throw Self.problem(refusal)
        }
    }

    func emergencies(for peer: Peer) async throws -> EmergenciesDocument {
        switch await administration.emergencies(for: peer) {
        case .success(let waiting):
            return EmergenciesDocument(
                emergencies: waiting.map {
                    EmergenciesDocument.Waiting(agreement: $0.agreement, file: $0.text, askedBy: $0.askedBy, confirmBy: $0.confirmBy)
                })
        case .failure(let refusal): throw Self.problem(refusal)
        }
    }

    func confirmEmergency(_ id: String, reading text: String, by peer: Peer) async throws -> EmergencyOpenedDocument {
        switch await administration.confirmEmergency(id, reading: text, by: peer) {
        case .success(let applied): return EmergencyOpenedDocument(agreement: id, version: applied.version)
        case .failure(let refusal): throw Self.problem(refusal)
        }
    }

    func holds(for peer: Peer) async throws -> HoldsDocument {
        HoldsDocument(holds: administration.holds(visibleTo: peer).map { HoldDocument($0) })
    }

    func hold(_ topics: [String], for caseID: String, because reason: String?, by peer: Peer) async throws -> HoldDocument {
        HoldDocument(try Self.value(await administration.hold(topics, for: caseID, because: reason, by: peer)))
    }

    func release(_ topics: [String]?, of caseID: String, because reason: String?, by peer: Peer) async throws -> HoldDocument {
        HoldDocument(try Self.value(await administration.release(topics, of: caseID, because: reason, by: peer)))
    }

    func reopenLog(of topic: String, partition: Int32, because reason: String?, by peer: Peer) async throws -> ReopenedLogDocument {
        let reopened = try Self.value(await administration.reopenLog(of: topic, partition: partition, because: reason, by: peer))
        return ReopenedLogDocument(
            topic: reopened.topic, partition: reopened.partition, closedLog: reopened.closed.log.topic.hex, closedSize: reopened.closed.size,
            log: reopened.log.topic.hex)
    }

    func reopenJournal(because reason: String?, by peer: Peer) async throws -> ReopenedJournalDocument {
        guard let timestamper else { throw Problem.notFound }
        let reopened = try Self.value(await timestamper.reopen(because: reason, by: peer))
        return ReopenedJournalDocument(closedJournal: reopened.closed, journal: reopened.journal, size: reopened.size)
    }

    private static func value<Value>(_ result: Result<Value, AdministrationRefusal>) throws -> Value {
        switch result {
        case .success(let value): return value
        case .failure(let refusal):
            switch refusal.errorCode {
            case .topicAuthorizationFailed, .clusterAuthorizationFailed: throw Problem.forbidden(missing: .told(refusal.sentence))
            case .unknownTopicOrPartition: throw Problem(status: 404, slug: Problem.notFound.slug, title: Problem.notFound.title, detail: .told(refusal.sentence))
            case .invalidRequest: throw Problem.unprocessable(.told(refusal.sentence))
            case .kafkaStorageError: throw Problem.storageUnavailable(.told(refusal.sentence))
            default: throw Problem.conflict(.told(refusal.sentence))
            }
        }
    }

    func rehearse(_ files: [String: String], days: Int, for peer: Peer) async throws -> RehearsalDocument {
        switch await administration.rehearse(files, days: days, for: peer) {
        case nil: throw Problem.forbidden(missing: .roleMissing("operator"))
        case .success(let rehearsal): return RehearsalDocument(rehearsal)
        case .failure(let refusal): throw Self.problem(refusal)
        }
    }

    func quotas(for peer: Peer) async throws -> QuotasDocument {
        guard let quotas = administration.quotas(for: peer) else { throw Problem.forbidden(missing: .roleMissing("operator")) }
        return QuotasDocument(quotas: quotas.map { .init(entity: $0.entity, values: $0.values) })
    }

    func alterQuotas(of entity: String?, _ changes: [String: Double?], by peer: Peer) async throws -> QuotasDocument {
        if let refusal = await administration.alterQuotas(of: entity, changes, by: peer) {
            switch refusal.errorCode {
            case .clusterAuthorizationFailed: throw Problem.forbidden(missing: .roleMissing("operator"))
            case .invalidRequest: throw Problem.malformed(refusal.sentence)
            case .policyViolation: throw Problem.conflict(.told(refusal.sentence))
            default: throw Problem.storageUnavailable(.told(refusal.sentence))
            }
        }
        return try await quotas(for: peer)
    }

    func explain(_ question: ExplanationQuestion, for peer: Peer) async throws -> ExplanationDocument {
        switch await administration.explain(question, to: peer) {
        case .success(let view): return ExplanationDocument(view)
        // The same for everything that there is and is not.
        case .failure(.notAllowed): throw Problem.forbidden(missing: .explanationsAreFor)
        case .failure(.unreadable(let version, let why)): throw Problem.conflict(.versionUnreadable(version, why: why))
        case .failure(.storage(let error)): throw Self.problem(error)
        }
    }

    private static func problem(_ refusal: AgreementsRefusal) -> any Error {
        switch refusal {
        case .notAllowed(let why): Problem.forbidden(missing: .told(why))
        case .unknown(let id): Problem.notFound(id)
        case .invalid(let problems):
            ProblemDocument(
                .agreementsRefused(problems.first?.located ?? .verbatim("")),
                faults: problems.map { .init(file: $0.file, line: $0.line == 0 ? nil : $0.line, message: $0.sentence) })
        case .storage(let error): problem(error)
        }
    }

    private func document(_ group: GroupDescription, for peer: Peer) async -> GroupDocument {
        let committed = await administration.offsets(ofGroup: group.group, visibleTo: peer)
        let lag = Dictionary(
            await lags.lag(ofGroup: group.group, readsMax: 0).partitions.map { ($0.partition, $0.records) }, uniquingKeysWith: { $1 })
        return GroupDocument(
            group: group.group, state: group.state, protocolType: group.protocolType,
            members: group.members.map {
                .init(memberID: $0.memberID, clientID: $0.clientID, clientHost: $0.clientHost, principal: $0.principal)
            },
            offsets: committed.map {
                .init(
                    topic: $0.partition.topic, partition: $0.partition.partition, offset: $0.offset, lag: lag[$0.partition],
                    committedAt: $0.committedAt)
            })
    }

    private static func problem(_ error: StorageError) -> Problem {
        switch error {
        case .conflict: .conflict(.changedMeanwhile)
        case .diskFull: .storageUnavailable(.diskFull)
        case .readOnly: .storageUnavailable(.diskReadOnly)
        case .overloaded: .overloaded()
        case .shutDown: .shuttingDown
        case .io, .corrupt, .offline, .offsetOutOfRange, .unknownPartition, .newerFormat:
            .storageUnavailable(.told(error.sentence))
        }
    }
}

extension HoldDocument {
    fileprivate init(_ hold: Hold) { self.init(caseID: hold.caseID, topics: hold.topics) }
}

extension AgreementSetDocument.Agreement {
    init(_ overview: AgreementOverview, signed: [String]) {
        let agreement = overview.agreement
        self.init(
            id: agreement.id, topic: "\(agreement.topic)", owner: agreement.owner, delegates: agreement.delegates,
            from: agreement.term.fromText,
            until: agreement.term.untilText, standing: overview.standing.rawValue, signed: signed,
            unsigned: agreement.signedBy.filter { !signed.contains($0) })
    }
}

extension ExplanationDocument {
    init(_ view: ExplanationView) {
        let explanation = view.explanation
        let decision = explanation.decision
        self.init(
            allowed: decision.isAllowed, at: view.instant, version: decision.policyVersion, reason: view.reason,
            purpose: decision.purpose?.id, implied: decision.purpose?.isImplied == true,
            holdsUntil: decision.holdsUntil == .max ? nil : decision.holdsUntil,
            rules: explanation.rules.map {
                .init(
                    agreement: $0.agreement, rule: $0.rule, node: "\($0.node)", verdict: $0.verdict.rawValue, source: $0.source.map { "\($0)" })
            },
            owners: explanation.owners, stewards: explanation.stewards)
    }
}

extension TopicDocument {
    init(_ view: TopicView) {
        self.init(
            name: view.name, id: view.id.hex,
            partitions: view.partitions.enumerated().map { number, bounds in
                let offline: String? =
                    switch bounds.state {
                    case .online: nil
                    case .readOnly(let why), .offline(let why): why
                    }
                return Partition(
                    partition: Int32(number), logStart: bounds.logStart.rawValue, highWatermark: bounds.highWatermark.rawValue,
                    sizeBytes: bounds.sizeBytes, offline: offline)
            },
            configuration: Dictionary(
                view.configuration.filter { $0.source == .topic }.map { ($0.name, $0.value) }, uniquingKeysWith: { $1 }),
            createdAt: view.createdAt, createdBy: view.createdBy)
    }
}
