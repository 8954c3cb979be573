public import AccessPolicy
public import Broker
import Sentences

/// What the HTTPS listener asks of the broker: each call decides by policy for the peer that asks, and throws a `Problem` or a
/// `ProblemDocument` where it refuses. The composition root connects it to `Broker.Administration`; tests have their own.
public protocol Administering: Sendable {
    /// The topics that the peer may describe, by name.
    func topics(for peer: Peer) async throws -> [TopicDocument]
    /// - Throws: `Problem.notFound` for one that does not exist or that the peer may not describe: both look alike.
    /// - Parameter purpose: as the request declares it, for `reading`.
    func topic(_ name: String, purpose: PurposeDeclaration, for peer: Peer) async throws -> TopicDocument

    /// The groups that the peer may describe, by id.
    func groups(for peer: Peer) async throws -> [GroupDocument]
    func group(_ id: String, for peer: Peer) async throws -> GroupDocument

    /// Every kept version of the agreements, newest first.
    func agreementVersions(for peer: Peer) async throws -> [AgreementVersionDocument]
    /// One version with its files; the one in force for nil.
    func agreements(version: Int64?, for peer: Peer) async throws -> AgreementSetDocument
    /// Replaces the whole set, or with `dryRun` only says whether it could be.
    /// - Throws: `ProblemDocument` with a fault for each line that is wrong; nothing is changed then.
    func apply(_ files: [String: String], dryRun: Bool, by peer: Peer) async throws -> AppliedDocument

    /// What a set would give and take, against who reads and who read in the last days. Nothing is changed.
    func rehearse(_ files: [String: String], days: Int, for peer: Peer) async throws -> RehearsalDocument

    /// Asks for access in an emergency, shows what waits for a second person, and confirms what another person asked for.
    func askEmergency(_ yaml: String, by peer: Peer) async throws -> EmergencyAskedDocument
    func emergencies(for peer: Peer) async throws -> EmergenciesDocument
    func confirmEmergency(_ id: String, reading text: String, by peer: Peer) async throws -> EmergencyOpenedDocument

    /// Ends one agreement now, before its date.
    func endAgreement(_ id: String, because reason: String?, by peer: Peer) async throws -> AgreementEndedDocument
    /// Why a node may or may not do something, now or at a time.
    /// - Throws: `Problem.forbidden` for those who may not know, whatever there is.
    func explain(_ question: ExplanationQuestion, for peer: Peer) async throws -> ExplanationDocument

    /// Every quota, for operators.
    func quotas(for peer: Peer) async throws -> QuotasDocument
    /// Sets quotas of one entity, and removes those that are nil; answers all of them as they are then.
    func alterQuotas(of entity: String?, _ changes: [String: Double?], by peer: Peer) async throws -> QuotasDocument

    /// What legal holds there are, of topics that the peer may describe.
    func holds(for peer: Peer) async throws -> HoldsDocument
    /// Lets a case hold topics. - Returns: all that it holds now.
    func hold(_ topics: [String], for caseID: String, because reason: String?, by peer: Peer) async throws -> HoldDocument
    /// - Parameter topics: nil for all that the case holds.
    func release(_ topics: [String]?, of caseID: String, because reason: String?, by peer: Peer) async throws -> HoldDocument

    /// Closes the log of a partition that is not the one that others know, at the last size on which all agree, and goes on as another.
    func reopenLog(of topic: String, partition: Int32, because reason: String?, by peer: Peer) async throws -> ReopenedLogDocument

    /// The same of the journal that is time-stamped.
    func reopenJournal(because reason: String?, by peer: Peer) async throws -> ReopenedJournalDocument

    /// Copies the running broker into a new directory of its own machine.
    func backUp(by peer: Peer) async throws -> BackupDocument
}

extension Administering {
    public func endAgreement(_ id: String, because reason: String?, by peer: Peer) async throws -> AgreementEndedDocument {
        throw Problem.notFound
    }
    public func rehearse(_ files: [String: String], days: Int, for peer: Peer) async throws -> RehearsalDocument { throw Problem.notFound }
    public func askEmergency(_ yaml: String, by peer: Peer) async throws -> EmergencyAskedDocument { throw Problem.notFound }
    public func emergencies(for peer: Peer) async throws -> EmergenciesDocument { throw Problem.notFound }
    public func confirmEmergency(_ id: String, reading text: String, by peer: Peer) async throws -> EmergencyOpenedDocument { throw Problem.notFound }
    public func explain(_ question: ExplanationQuestion, for peer: Peer) async throws -> ExplanationDocument { throw Problem.notFound }

    public func quotas(for peer: Peer) async throws -> QuotasDocument { throw Problem.notFound }
    public func alterQuotas(of entity: String?, _ changes: [String: Double?], by peer: Peer) async throws -> QuotasDocument { throw Problem.notFound }

    public func holds(for peer: Peer) async throws -> HoldsDocument { throw Problem.notFound }
    public func hold(_ topics: [String], for caseID: String, because reason: String?, by peer: Peer) async throws -> HoldDocument { throw Problem.notFound }
    public func release(_ topics: [String]?, of caseID: String, because reason: String?, by peer: Peer) async throws -> HoldDocument {
        throw Problem.notFound
    }

    public func reopenLog(of topic: String, partition: Int32, because reason: String?, by peer: Peer) async throws -> ReopenedLogDocument {
        throw Problem.notFound
    }

    public func reopenJournal(because reason: String?, by peer: Peer) async throws -> ReopenedJournalDocument { throw Problem.notFound }

    /// Where there is nothing to copy, there is nothing at that path.
    public func backUp(by peer: Peer) async throws -> BackupDocument { throw Problem.notFound }
}
