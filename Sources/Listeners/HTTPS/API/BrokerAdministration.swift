import AccessPolicy
public import Broker
import KafkaWire
import Sentences
import Storage

/// `Broker.Administration` in the documents and problems of HTTPS.
public struct BrokerAdministration: Administering {
    private let administration: Administration
    private let lags: GroupLagSurvey

    /// - Parameter lags: the survey that the metrics use too, so that what one found the other remembers.
    public init(_ administration: Administration, lags: GroupLagSurvey) {
        self.administration = administration
        self.lags = lags
    }

    // MARK: Topics

    public func topics(for peer: Peer) async throws -> [TopicDocument] {
        administration.topics(visibleTo: peer).map { TopicDocument($0) }
    }

    public func topic(_ name: String, for peer: Peer) async throws -> TopicDocument {
        guard let topic = administration.topic(name, visibleTo: peer) else { throw Problem.notFound(name) }
        return TopicDocument(topic)
    }

    // MARK: Groups

    public func groups(for peer: Peer) async throws -> [GroupSummaryDocument] {
        await administration.groups(visibleTo: peer).map { group in
            GroupSummaryDocument(
                group: group.group, state: group.state, protocolType: group.protocolType, members: group.members.count,
                partitions: group.offsetCount)
        }
    }

    public func group(_ id: String, for peer: Peer) async throws -> GroupDocument {
        guard let group = await administration.group(id, visibleTo: peer) else { throw Problem.notFound(id) }
        return GroupDocument(group, await lags.lag(ofGroup: id))
    }

    // MARK: Agreements

    public func agreementVersions(for peer: Peer) async throws -> [AgreementVersionDocument] {
        let versions = try await stored { () async throws(StorageError) in
            try await administration.agreementVersions(limit: Administration.versionsMax, for: peer)
        }
        guard let versions else { throw Problem.forbidden(missing: .roleMissing("operator")) }
        return versions.map { AgreementVersionDocument(version: $0.version, appliedAt: $0.appliedAt, appliedBy: $0.appliedBy) }
    }

    public func agreements(version: Int64?, for peer: Peer) async throws -> AgreementSetDocument {
        let inForce = administration.policyVersion
        let set = try await stored { () async throws(StorageError) in
            try await administration.agreementSet(version: version ?? inForce, for: peer)
        }
        if let version, set == nil { throw Problem.notFound(String(version)) }
        return AgreementSetDocument(
            version: version ?? inForce, appliedAt: set?.summary.appliedAt, appliedBy: set?.summary.appliedBy,
            agreements: version == nil ? administration.agreements(visibleTo: peer).map { .init($0) } : nil, files: set?.files ?? [:])
    }

    public func apply(_ files: [String: String], dryRun: Bool, by peer: Peer) async throws -> AppliedDocument {
        switch await administration.applyAgreements(files, by: .node(peer), validateOnly: dryRun) {
        case .success(let applied):
            return AppliedDocument(
                version: applied.version, dryRun: dryRun, isNewVersion: applied.isNewVersion, added: applied.added,
                changed: applied.changed, removed: applied.removed, warnings: applied.warnings.map { .init($0) })
        case .failure(.notAllowed(let why)):
            throw Problem.forbidden(missing: .verbatim(why))
        case .failure(.invalid(let problems)):
            throw ProblemDocument(
                .agreementsRefused(problems.first.map(\.description) ?? "?"), faults: problems.map { .init($0) })
        case .failure(.storage(let error)):
            throw problem(error)
        }
    }

    // MARK: Environment

    private func stored<Value>(_ work: () async throws(StorageError) -> Value) async throws -> Value {
        do throws(StorageError) {
            return try await work()
        } catch {
            throw problem(error)
        }
    }

    private func problem(_ error: StorageError) -> Problem {
        switch error {
        case .conflict(let why): .conflict(.verbatim(why))
        case .diskFull: .storageUnavailable(.diskFull)
        case .readOnly: .storageUnavailable(.diskReadOnly)
        case .overloaded: .overloaded()
        case .shutDown: .shuttingDown
        case .io, .corrupt, .offline, .offsetOutOfRange, .unknownPartition, .newerFormat:
            .storageUnavailable(.verbatim("\(error)"))
        }
    }
}

// MARK: - Translation

extension TopicDocument {
    init(_ topic: TopicView) {
        self.init(
            name: topic.name, id: topic.id.hex,
            partitions: topic.partitions.enumerated().map { index, bounds in
                Partition(
                    partition: Int32(index), logStart: bounds.logStart.rawValue, highWatermark: bounds.highWatermark.rawValue,
                    sizeBytes: bounds.sizeBytes, offline: Self.reason(bounds.state))
            },
            owner: topic.owner,
            configuration: Dictionary(
                topic.configuration.filter { $0.source == .topic }.map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first }),
            createdAt: topic.createdAt, createdBy: topic.createdBy)
    }

    private static func reason(_ state: LogBounds.State) -> String? {
        switch state {
        case .online: nil
        case .offline(let why): why
        }
    }
}

extension GroupDocument {
    init(_ group: GroupDescription, _ lag: GroupLag) {
        self.init(
            group: group.group, state: group.state, protocolType: group.protocolType, protocolName: group.protocolName,
            generation: group.generation,
            members: group.members.map {
                Member(memberID: $0.memberID, clientID: $0.clientID, clientHost: $0.clientHost, principal: $0.principal)
            },
            offsets: lag.partitions.map {
                Offset(
                    topic: $0.partition.topic, partition: $0.partition.partition, offset: $0.committedOffset, endOffset: $0.endOffset,
                    lagRecords: $0.records, lagMilliseconds: $0.milliseconds)
            })
    }
}

extension AgreementSetDocument.Agreement {
    init(_ overview: AgreementOverview) {
        let agreement = overview.agreement
        self.init(
            id: agreement.id, topic: "\(agreement.topic)", owner: agreement.owner, standing: overview.standing.rawValue,
            from: agreement.term.fromText, until: agreement.term.untilText, legalBasis: agreement.legalBasis,
            parties: agreement.parties.map { party in
                AgreementSetDocument.Party(
                    node: "\(party.node)", may: party.may.sorted().map(\.rawValue), groups: party.groups.map { "\($0)" })
            },
            signedBy: agreement.signedBy)
    }
}

extension ProblemDocument.Fault {
    init(_ problem: AgreementsProblem) {
        self.init(file: problem.file, line: problem.line > 0 ? problem.line : nil, message: problem.message)
    }
}
