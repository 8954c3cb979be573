import KafkaWire
import Logging
public import Storage
public import Transparency

/// What comes after a checkpoint was published: it is in the journal and shown to whoever asks.
public protocol CheckpointFollowing: Sendable {
    /// Called by the tick, which waits for it: takes note of them and returns. Whatever takes time is done elsewhere.
    func published(_ checkpoints: [StoredCheckpoint]) async
}

/// Signs the trees of all partitions (EVIDENCE.md, "The checkpoint"): once a second those that grew. A checkpoint is in the journal,
/// synced, before anybody sees it, and nothing is signed that is not synced: trees are made of durable records alone.
public actor CheckpointSigner {
    /// What the logs are called by: `<host>/<topic>/<topic's id>/<partition>`.
    public nonisolated let host: String
    /// The first signs; the others sign beside it while keys are exchanged.
    public nonisolated let keys: [SigningKey]
    private let services: BrokerServices
    private let followers: [any CheckpointFollowing]
    /// Trees that could not be signed or put down, to be tried again.
    private var waiting: [PartitionID: TreeHead] = [:]
    private var thinnedAt: Int64 = 0

    /// Checkpoints made longer ago are thinned to one a minute.
    private static let thinnedAfterMilliseconds: Int64 = 10 * 60_000
    private static let witnessedThinnedAfterMilliseconds: Int64 = 24 * 3_600_000
    private static let thinningMilliseconds: Int64 = 60_000
    private static let confirmedAtOnce = 8

    /// - Parameter followers: told of each checkpoint that is out.
    /// - Precondition: there is a key.
    public init(host: String, keys: [SigningKey], services: BrokerServices, followers: [any CheckpointFollowing] = []) {
        precondition(!keys.isEmpty, "a signer without a key")
        self.host = host
        self.keys = keys
        self.services = services
        self.followers = followers
    }

    /// At start, before anything is served: holds every log against the last checkpoint that was signed of it. One that is shorter or
    /// another log goes offline and is not signed (EVIDENCE.md, the fail-stop rule).
    public func begin() async throws(BrokerStartError) {
        let last: [StoredCheckpoint]
        do throws(StorageError) {
            last = try await services.metadata.lastCheckpoints()
            for checkpoint in last { try judgeHost(checkpoint) }
        } catch {
            throw BrokerStartError(error)
        }
        let confirmed = await withTaskGroup(of: StoredCheckpoint?.self) { group in
            var confirmed: [StoredCheckpoint] = []
            // Of a log that is closed, or of a topic that is gone, nothing more is signed.
            let catalogue = services.catalogue.value
            for (count, checkpoint) in last.filter({ catalogue.partition(ofLog: $0.partition) != nil }).enumerated() {
                if count >= Self.confirmedAtOnce, let one = await group.next() { one.map { confirmed.append($0) } }
                group.addTask { [services] in await Self.confirm(checkpoint, services) ? checkpoint : nil }
            }
            for await one in group { one.map { confirmed.append($0) } }
            return confirmed
        }
        services.checkpoints.publish(confirmed)
        for checkpoint in confirmed {
            guard let log = services.catalogue.value.partition(ofLog: checkpoint.partition)?.log, let head = log.evidence?.head,
                head.size > checkpoint.size
            else { continue }
            waiting[log.id] = head
        }
    }

    private func judgeHost(_ checkpoint: StoredCheckpoint) throws(StorageError) {
        guard let signed = try? SignedCheckpoint(checkpoint.note) else { throw .corrupt("a checkpoint of partition \(checkpoint.partition)") }
        let origin = signed.checkpoint.origin.text
        guard origin.hasPrefix("\(host)/") else {
            throw .conflict(
                "checkpoints were signed as \(origin.prefix { $0 != "/" }) and evidence.host is \(host): the name never changes; set it back")
        }
    }

    private static func confirm(_ checkpoint: StoredCheckpoint, _ services: BrokerServices) async -> Bool {
        // A partition that could not be opened is offline, and says why.
        guard let evidence = services.catalogue.value.partition(ofLog: checkpoint.partition)?.log.evidence, let signed = try? SignedCheckpoint(checkpoint.note)
        else { return false }
        do throws(StorageError) {
            try await evidence.confirm(TreeHead(size: signed.checkpoint.size, root: signed.checkpoint.root))
            return true
        } catch {
            services.log.error("partition \(checkpoint.partition): its last checkpoint could not be confirmed, and nothing is signed: \(error)")
            return false
        }
    }

    /// Once a second. - Returns: how many were signed.
    @discardableResult
    public func tick() async -> Int {
        for tree in services.store.takeGrownTrees() { waiting[tree.partition] = tree.head }
        let now = services.clock.now()
        services.checkpoints.expire(at: now)
        let signed = waiting.compactMap { sign($0.value, of: $0.key, at: now) }
        if !signed.isEmpty {
            do throws(StorageError) {
                try await services.metadata.append(signed)
            } catch {
                services.log.error("checkpoints cannot be put down, and none is published: \(error)")
                return 0
            }
        }
        // What grew on meanwhile is on the next call's list.
        waiting = [:]
        services.checkpoints.publish(signed)
        if !signed.isEmpty {
            for follower in followers { await follower.published(signed) }
        }
        await thin(now)
        return signed.count
    }

    private func sign(_ head: TreeHead, of id: PartitionID, at now: Int64) -> StoredCheckpoint? {
        guard let topic = services.catalogue.value[id.topic], let log = topic.partition(id.partition), head.size > 0,
            head.size > services.checkpoints.newest(of: topic.log(of: id.partition))?.size ?? 0
        else { return nil }
        if case .offline = log.bounds.state { return nil }
        // By the name that others know it does not have, nothing is signed.
        guard log.evidence?.contradiction == nil else { return nil }
        guard let origin = Self.origin(host: host, topic, id.partition) else { return nil }
        let checkpoint = Checkpoint(origin: origin.name, size: head.size, root: head.root)
        let note = SignedNote(text: checkpoint.text, signatures: keys.map { $0.sign(noteText: checkpoint.text, as: origin.name) })
        return StoredCheckpoint(partition: topic.log(of: id.partition), size: head.size, madeAt: now, note: note.bytes)
    }

    static func origin(host: String, _ topic: Topic, _ partition: Int32) -> LogOrigin? {
        LogOrigin(host: host, .partition(topic: topic.name, topicID: topic.log(of: partition).topic.hex, partition: partition))
    }

    private func thin(_ now: Int64) async {
        guard now - thinnedAt >= Self.thinningMilliseconds else { return }
        thinnedAt = now
        let catalogue = services.catalogue.value
        services.checkpoints.keepOnly { catalogue.partition(ofLog: $0) != nil }
        do throws(StorageError) {
            try await services.metadata.thinCheckpoints(
                madeBefore: now - Self.thinnedAfterMilliseconds, witnessedMadeBefore: now - Self.witnessedThinnedAfterMilliseconds)
        } catch {
            services.log.warning("old checkpoints could not be thinned: \(error)")
        }
    }
}
