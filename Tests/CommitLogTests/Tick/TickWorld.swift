import AccessPolicy
import Foundation
import GRDB
import KafkaWire
import NIOConcurrencyHelpers
import Storage
import Transparency

@testable import Broker
@testable import CommitLog
@testable import Metadata

/// All that outlives a broker whose power goes: what others were shown, what producers were told, and what witness and authority saw.
/// Once the power is gone nobody is told anything.
final class TickWorld: CheckpointFollowing {
    struct Seen: Sendable {
        /// Roots by the log's partition and size, as they were published.
        var published: [Int32: [Int64: Set<TreeHash>]] = [:]
        /// How many records are acknowledged: durable, covered by a checkpoint, covered by a witnessed one.
        var acknowledged: [Acknowledgement: [Int32: Int64]] = [:]
        /// What the witness cosigned last, and how often it was shown something else.
        var cosigned: [KeyName: Checkpoint] = [:]
        var contradictions = 0
        var stamped: [[UInt8]] = []
    }

    let disk: SimulatedDisk
    private let seen: NIOLockedValueBox<Seen>

    init(_ disk: SimulatedDisk, goingOnFrom seen: Seen = Seen()) {
        self.disk = disk
        self.seen = NIOLockedValueBox(seen)
    }

    var snapshot: Seen { seen.withLockedValue { $0 } }
    var isPowered: Bool { (try? disk.box.with { state in state.faults.powerLossAtChange.map { state.counts.changes < $0 } ?? true }) ?? false }

    func note(_ body: (inout Seen) -> Void) {
        guard isPowered else { return }
        seen.withLockedValue { body(&$0) }
    }

    func acknowledge(_ acknowledgement: Acknowledgement, _ partition: Int32, _ size: Int64) {
        note { $0.acknowledged[acknowledgement, default: [:]][partition] = max($0.acknowledged[acknowledgement]?[partition] ?? 0, size) }
    }

    func published(_ checkpoints: [StoredCheckpoint]) async {
        for checkpoint in checkpoints {
            guard let signed = try? SignedCheckpoint(checkpoint.note).checkpoint else { continue }
            note { $0.published[checkpoint.partition.partition, default: [:]][signed.size, default: []].insert(signed.root) }
        }
    }
}

/// A witness that judges as the protocol says and never forgets.
struct TickWitness: WitnessAsking {
    static let key = SigningKey()
    static var name: KeyName { KeyName("w.test")! }  // a test's name
    let log: PinnedLog
    let world: TickWorld
    let clock: TestClock

    static var policy: TrustPolicy {
        guard let policy = try? TrustPolicy(Array("witness w \(key.verifier(name, .cosignature))\nquorum w\n".utf8)) else {
            preconditionFailure("a witness's line is no policy")
        }
        return policy
    }
    var witness: TrustPolicy.Witness { Self.policy.witnesses[0] }

    func add(_ request: [UInt8]) async throws(WitnessUnreachable) -> (status: Int, body: [UInt8]) {
        guard world.isPowered else { throw WitnessUnreachable(why: "the broker has no power") }
        guard let request = try? WitnessRequest(request) else { return (400, []) }
        var answer: (Int, [UInt8]) = (500, [])
        world.note { seen in
            switch WitnessDecision.judge(request, log: log, latest: seen.cosigned[request.checkpoint.checkpoint.origin]) {
            case .cosign(let checkpoint):
                seen.cosigned[checkpoint.origin] = checkpoint
                answer = (200, Cosignature.sign(checkpoint, by: Self.key, as: Self.name, time: clock.now / 1000).line)
            case .conflict(let size): answer = (409, Array("\(size)\n".utf8))
            case let other:
                seen.contradictions += 1
                answer = (other.status, [])
            }
        }
        return answer
    }
}

/// An authority whose token is the imprint.
struct TickAuthority: TimestampAuthority {
    let world: TickWorld

    func stamp(_ imprint: [UInt8]) async throws(TimestampFailure) -> (token: [UInt8], time: Int64) {
        guard world.isPowered else { throw TimestampFailure("the broker has no power") }
        world.note { $0.stamped.append(imprint) }
        return (imprint, 0)
    }
}

struct TickClock: BrokerClock {
    let clock: TestClock
    func now() -> Int64 { clock.now }
}

struct SilentAudit: AccessAuditing {
    func refused(_ question: AccessQuestion, refusal: Decision.Refusal, policyVersion: Int64, peer: Peer) {}
    func allowed(_ question: AccessQuestion, by decision: Decision, peer: Peer) {}
    func signedIn(_ peer: Peer, listener: String) {}
    func signInRefused(node: String?, listener: String, reason: String, remoteAddress: String) {}
    func wakesReaders(by wake: @escaping @Sendable () -> Void) -> Bool { false }
    func willChange(_ change: AuditedChange) async throws(StorageError) {}
    func shutDown() async {}
}

/// The metadata's file on the machine's own disk, whose commits count among the simulated disk's changes: the power may go before one, or
/// after it and before anybody hears of it. What the file's log held behind the last commit that was answered is torn at any byte.
final class TickJournal: TransactionObserver, Sendable {
    let path: String
    private let disk: SimulatedDisk
    /// Bytes of the write-ahead log after each commit, and whether the power went before the last of them was told of.
    private let commits = NIOLockedValueBox<(ends: [Int], isLastUntold: Bool)>(([0], false))

    /// A store of its own with the topic in it, to be copied for each run.
    static func template(_ topic: TopicRecord, in directory: String) async throws -> String {
        let path = directory + "/template.sqlite"
        let store = try MetadataDatabase(path: path)
        try await store.apply(.createTopic(topic))
        _ = try await store.journal()
        await store.shutDown()
        return path
    }

    init(_ path: String, on disk: SimulatedDisk) {
        self.path = path
        self.disk = disk
    }

    func open() async throws -> MetadataDatabase {
        let store = try MetadataDatabase(path: path)
        // Everything stays in the write-ahead log, where it can be cut.
        try await store.pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA wal_autocheckpoint = 0") }
        commits.withLockedValue { $0.ends = [walBytes] }
        store.pool.add(transactionObserver: self, extent: .databaseLifetime)
        return store
    }

    private var walBytes: Int { ((try? FileManager.default.attributesOfItem(atPath: path + "-wal"))?[.size] as? Int) ?? 0 }

    func observes(eventsOfKind eventKind: DatabaseEventKind) -> Bool { true }
    func databaseDidChange(with event: DatabaseEvent) {}
    func databaseDidRollback(_ database: Database) {}
    func databaseWillCommit() throws { try disk.box.with { (state) throws(DiskError) in try SimulatedDisk.change(&state, "committing") } }

    func databaseDidCommit(_ database: Database) {
        let isTold: Void? = try? disk.box.with { (state) throws(DiskError) in try SimulatedDisk.change(&state, "telling of a commit") }
        commits.withLockedValue { commits in
            commits.ends.append(walBytes)
            commits.isLastUntold = isTold == nil
        }
    }

    /// The file as it comes up after the power was cut.
    /// - Parameter lost: commits that were answered and never reached the device: what the check must notice.
    func afterPowerLoss(_ copy: String, seed: UInt64, lost: Int) throws {
        var random = SeededGenerator(seed: seed)
        let (ends, isLastUntold) = commits.withLockedValue { $0 }
        var length = ends.last ?? 0
        if isLastUntold, ends.count > 1 { length = Int.random(in: ends[ends.count - 2]...length, using: &random) }
        if lost > 0 { length = ends[max(0, ends.count - 1 - lost)] }
        let wal = (try? Data(contentsOf: URL(fileURLWithPath: path + "-wal"))) ?? Data()
        try Data(contentsOf: URL(fileURLWithPath: path)).write(to: URL(fileURLWithPath: copy))
        try wal.prefix(length).write(to: URL(fileURLWithPath: copy + "-wal"))
    }
}
