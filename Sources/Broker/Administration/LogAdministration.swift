import AccessPolicy
import KafkaWire
import Logging
public import Storage
public import Transparency

/// A log that was closed, and the one that goes on in its place.
public struct ReopenedLog: Hashable, Sendable {
    public let topic: String
    public let partition: Int32
    public let closed: PartitionLogs.Closed
    public let log: PartitionID
}

/// Takes a partition back into service whose log is not the one that others know (EVIDENCE.md, the fail-stop rule): the log is closed at the
/// last size on which all agree, and what the store has goes on as another log. Of the closed one nothing is signed any more.
extension Administration {
    /// What the audit calls it; auditors look for it.
    public static let reopeningAction = "log.reopen"

    public func reopenLog(
        of name: String, partition: Int32, because reason: String?, by peer: Peer
    ) async -> Result<ReopenedLog, AdministrationRefusal> {
        await services.changes.inTurn {
            do throws(AdministrationRefusal) {
                let topic = try self.reopenable(name, peer)
                guard let evidence = topic.partition(partition)?.evidence else {
                    throw AdministrationRefusal(.unknownTopicOrPartition, "“\(name)” has no partition \(partition) with evidence")
                }
                guard let why = evidence.contradiction else {
                    throw AdministrationRefusal(
                        .policyViolation, "partition \(partition) of “\(name)” is the log that others know: there is nothing to reopen")
                }
                let before = topic.log(of: partition)
                let common = try await Self.storing { () throws(StorageError) in try await self.lastCommon(before, evidence) }
                // Whoever audits the next log asks for it, for as long as there is one.
                if let common { try await Self.storing { () throws(StorageError) in try await self.services.metadata.keepCheckpoint(of: before, size: common.size) } }
                let next = LogReopening(partition: partition, log: .random(), closedSize: common?.size ?? 0)
                // The audit's own log takes the record of its reopening; nothing is signed of it before it has its new name.
                if topic.name == AuditTopic.access { try await Self.storing { () throws(StorageError) in try await evidence.takeBack() } }
                try await self.topicChanges.add(next, to: topic, action: Self.reopeningAction, Self.details(next, of: topic, before, common, why, reason), by: peer)
                try await Self.storing { () throws(StorageError) in try await evidence.reopen() }
                self.services.log.notice("\(name)/\(partition): the log \(before.topic.hex) is closed at \(next.closedSize) records and goes on as \(next.log.hex)")
                return .success(
                    ReopenedLog(
                        topic: name, partition: partition, closed: PartitionLogs.Closed(log: before, size: next.closedSize),
                        log: PartitionID(topic: next.log, partition: partition)))
            } catch {
                return .failure(error)
            }
        }
    }

    private func reopenable(_ name: String, _ peer: Peer) throws(AdministrationRefusal) -> Topic {
        // The broker's own topics are administered by nobody; their logs by who runs the broker.
        let mayReopen = TopicName.isBrokerOwned(name) && peer.isOperator || services.decide(.administer(topic: name), for: peer).isAllowed
        guard mayReopen else { throw .topicNotAuthorized }
        guard let topic = services.catalogue.value[name] else {
            throw AdministrationRefusal(.unknownTopicOrPartition, "there is no topic “\(name.cut(to: 256))”")
        }
        guard topic.configuration.reopenings.count < LogReopening.countMax else {
            throw AdministrationRefusal(.policyViolation, "the logs of topic “\(name)” were reopened \(LogReopening.countMax) times: make the topic anew")
        }
        return topic
    }

    private static let checkpointsAtOnce = 256

    /// The largest checkpoint that was signed of the log, that enough witnesses cosigned where they are asked, and that the store's tree has.
    private func lastCommon(_ log: PartitionID, _ evidence: any PartitionEvidence) async throws(StorageError) -> Checkpoint? {
        var below = Int64.max
        while true {
            let page = try await services.metadata.checkpoints(of: log, below: below, limit: Self.checkpointsAtOnce)
            guard let last = page.last else { return nil }
            below = last.size
            let vouched = page.filter { $0.isWitnessed || !services.settings.hasWitnessQuorum }.compactMap { try? SignedCheckpoint($0.note).checkpoint }
            let heads = vouched.map { TreeHead(size: $0.size, root: $0.root) }
            if let common = try await evidence.lastCommon(of: heads) { return vouched.first { $0.size == common.size } }
        }
    }

    private static func details(
        _ next: LogReopening, of topic: Topic, _ before: PartitionID, _ common: Checkpoint?, _ why: String, _ reason: String?
    ) -> [String: String] {
        var details = [
            "topicId": topic.id.hex, "partition": String(next.partition), "closedLog": before.topic.hex, "closedSize": String(next.closedSize),
            "closedRoot": (common?.root ?? TreeHashing.emptyRoot).noteText, "log": next.log.hex, "why": why,
        ]
        if let reason { details["reason"] = reason }
        return details
    }

    private static func storing<Value>(
        _ body: () async throws(StorageError) -> Value
    ) async throws(AdministrationRefusal) -> Value {
        do throws(StorageError) { return try await body() } catch { throw AdministrationRefusal(error) }
    }
}

extension TreeHash {
    /// As a checkpoint's note writes it: base64.
    public var noteText: String { String(decoding: Base64.encode(bytes), as: UTF8.self) }
}
