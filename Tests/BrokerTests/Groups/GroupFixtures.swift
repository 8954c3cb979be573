import AccessPolicy
import KafkaWire
import Logging
import NIOConcurrencyHelpers
import NIOCore
import Storage
import Testing

@testable import Broker

/// A clock that a test sets.
final class ManualGroupClock: GroupClock, BrokerClock {
    private let moment = NIOLockedValueBox(Moment(uptime: 1_000_000, date: 1_700_000_000_000))

    func now() -> Moment { moment.withLockedValue { $0 } }
    func now() -> Int64 { moment.withLockedValue { $0.date } }

    func advance(_ milliseconds: Int64) {
        moment.withLockedValue { moment in
            moment.uptime += milliseconds
            moment.date += milliseconds
        }
    }
}

/// A partition of which only bounds and batches are known; nothing is appended.
final class GroupTestLog: PartitionLog {
    let id: PartitionID
    let bounds: LogBounds
    /// In order; the bytes do not matter.
    let batches: [StoredBatch]
    let reads = NIOLockedValueBox(0)

    init(_ id: PartitionID, logStart: Int64 = 0, batches: [(base: Int64, last: Int64, appendTime: Int64)] = []) {
        self.id = id
        bounds = LogBounds(
            logStart: Offset(logStart), highWatermark: Offset((batches.last?.last ?? -1) + 1), leaderEpoch: 1, sizeBytes: 0,
            state: .online)
        self.batches = batches.map {
            StoredBatch(
                bytes: ByteBuffer(), baseOffset: Offset($0.base), lastOffset: Offset($0.last), appendTime: $0.appendTime,
                writer: .zero, schemaIDs: .none)
        }
    }

    func append(_ batch: AdmittedBatch, ticket: AppendTicket, completions: (any AppendCompletionQueue)?) {
        completions?.complete([(ticket, .failed(.readOnly))])
    }

    func read(_ request: LogReadRequest, completion: @escaping @Sendable (Result<LogSlice, StorageError>) -> Void) {
        reads.withLockedValue { $0 += 1 }
        let found = batches.filter { $0.lastOffset >= request.from }.prefix(1)
        completion(.success(LogSlice(batches: Array(found), bounds: bounds)))
    }

    func lookUp(_ query: OffsetQuery) async throws(StorageError) -> TimestampedOffset? { nil }
    func endOffset(ofEpoch epoch: Int32) -> (epoch: Int32, endOffset: Offset)? { nil }
    func truncateHead(before offset: Offset) async throws(StorageError) -> Offset { bounds.logStart }
    func apply(_ settings: PartitionSettings) async throws(StorageError) {}
}

/// A store that holds nothing: group handlers reach partitions through the catalogue.
final class GroupTestPartitions: PartitionStore {
    func partition(_ id: PartitionID) -> (any PartitionLog)? { nil }
    func create(_ id: PartitionID, settings: PartitionSettings) async throws(StorageError) -> any PartitionLog { throw .readOnly }
    func delete(_ id: PartitionID) async throws(StorageError) {}
    func partitions() -> [PartitionID] { [] }
    func observe(_ observer: any HighWatermarkObserver) {}
    func statistics() -> StoreStatistics { StoreStatistics() }
    func maintain() async {}
    func shutDown() async {}
}

/// Writes down what was audited; refuses changes when told to.
final class GroupTestAudit: AccessAuditing {
    let refusals = NIOLockedValueBox<[AccessQuestion]>([])
    let changes = NIOLockedValueBox<[AuditedChange]>([])
    let isFull = NIOLockedValueBox(false)

    func refused(_ question: AccessQuestion, refusal: Decision.Refusal, policyVersion: Int64, peer: Peer) {
        refusals.withLockedValue { $0.append(question) }
    }

    func allowed(_ question: AccessQuestion, by decision: Decision, peer: Peer) {}
    func signedIn(_ peer: Peer, listener: String) {}
    func signInRefused(node: String?, listener: String, reason: String, remoteAddress: String) {}
    func wakesReaders(by wake: @escaping @Sendable () -> Void) -> Bool { false }

    func willChange(_ change: AuditedChange) async throws(StorageError) {
        if isFull.withLockedValue({ $0 }) { throw .diskFull }
        changes.withLockedValue { $0.append(change) }
    }

    func shutDown() async {}
}

extension Topic {
    /// - Parameter generation: tells incarnations of one name apart.
    static func forGroups(
        _ name: String, generation: UInt64 = 1, partitions: Int32 = 3, logs: [Int32: GroupTestLog] = [:]
    ) -> Topic {
        let id = UUID128(high: generation, low: name.utf8.reduce(7) { $0 &* 31 &+ UInt64($1) })
        return Topic(
            record: TopicRecord(
                name: name, id: id, partitionCount: partitions, configuration: [:], createdAt: 0, createdBy: "User:broker"),
            configuration: TopicConfiguration(defaultsOf: BrokerSettings()),
            partitions: (0..<partitions).map { logs[$0] ?? GroupTestLog(PartitionID(topic: id, partition: $0)) })
    }
}

/// A coordinator over a store that outlives it, driven by hand.
struct CoordinatorBench {
    let store: InMemoryMetadataStore
    let clock: ManualGroupClock
    let catalogue: SnapshotBox<TopicCatalogue>
    let coordinator: GroupCoordinator

    static var settings: GroupSettings {
        var settings = GroupSettings()
        settings.rules.initialRebalanceDelay = 0
        settings.shardCount = 1
        return settings
    }

    init(
        store: InMemoryMetadataStore = InMemoryMetadataStore(), clock: ManualGroupClock = ManualGroupClock(),
        settings: GroupSettings = settings, topics: [Topic] = [.forGroups("t")]
    ) async throws {
        self.store = store
        self.clock = clock
        catalogue = SnapshotBox(TopicCatalogue(topics))
        coordinator = GroupCoordinator(store: store, settings: settings, clock: clock, catalogue: catalogue)
        try await coordinator.load(try await store.load().groups, ringsAlone: false)
    }

    /// The same store under a new broker.
    func restarted(topics: [Topic] = [.forGroups("t")]) async throws -> CoordinatorBench {
        await coordinator.shutDown()
        return try await CoordinatorBench(store: store, clock: clock, settings: coordinator.settings, topics: topics)
    }

    var shard: GroupShard { coordinator.shard(ofGroup: "g") }

    /// Waits until so many joins or syncs wait in the shard.
    func waitForWaiting(joins: Int = 0, syncs: Int = 0) async {
        for _ in 0..<1_000_000 {
            if await shard.waitingJoins.count == joins, await shard.waitingSyncs.count == syncs { return }
            await Task.yield()
        }
        Issue.record("\(joins) joins and \(syncs) syncs never waited")
    }

    /// A group of one member, stable and stored.
    func stableMember(group: String = "g", topics: [String] = ["t"]) async throws -> JoinAnswer.Joined {
        let joined = try joined(await coordinator.shard(ofGroup: group).join(.new(topics: topics), group: group))
        let answer = await coordinator.shard(ofGroup: group).sync(
            SyncRequest(
                memberID: joined.memberID, instance: nil, generation: joined.generation, protocolType: nil, protocolName: nil,
                assignments: [joined.memberID: [1, 2, 3]]), group: group)
        try #require(answer == .assigned([1, 2, 3], protocolType: "consumer", protocolName: "range"))
        return joined
    }

    func joined(_ answer: JoinAnswer) throws -> JoinAnswer.Joined {
        guard case .joined(let joined) = answer else { throw UnexpectedAnswer(text: "\(answer)") }
        return joined
    }

    func offset(_ offset: Int64, topic: String = "t", partition: Int32 = 0, metadata: String = "") -> CommittedOffset {
        CommittedOffset(
            partition: PartitionName(topic: topic, partition: partition),
            topicID: catalogue.value[topic]?.id ?? UUID128(high: 0, low: 0), offset: offset, leaderEpoch: 3,
            metadata: metadata, committedAt: clock.now())
    }

    func commit(_ offsets: CommittedOffset..., by member: JoinAnswer.Joined? = nil, group: String = "g") async -> GroupRefusal? {
        await coordinator.shard(ofGroup: group).commit(
            offsets, by: MemberClaim(memberID: member?.memberID ?? ""), generation: member?.generation ?? -1, group: group)
    }

    func committed(group: String = "g") async -> [Int64] {
        await coordinator.committedOffsets(ofGroup: group).map(\.offset)
    }
}

struct UnexpectedAnswer: Error {
    let text: String
}
