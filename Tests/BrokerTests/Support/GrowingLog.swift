import NIOConcurrencyHelpers
import Storage
import Transparency

@testable import Broker

/// A partition's tree that a test grows, without records.
final class GrowingLog: PartitionEvidence {
    private struct Contents: LevelHashes {
        var state = TreeState()
        var levels: [[TreeHash]] = []

        mutating func grow(_ leaves: [TreeHash]) {
            for growth in state.append(leaves) {
                while levels.count <= growth.level { levels.append([]) }
                levels[growth.level] += growth.hashes
            }
        }

        mutating func root(at size: Int64) -> TreeHash { TreeState(size: size, from: &self).root }

        mutating func hashes(level: Int, _ range: Range<Int64>) -> [TreeHash] { Array(levels[level][Int(range.lowerBound)..<Int(range.upperBound)]) }
    }

    private let contents = NIOLockedValueBox(Contents())
    /// What may go, and what went.
    let prunable = NIOLockedValueBox<Int64>(0)
    private let minimum = NIOLockedValueBox<Int64>(0)
    private let contradicting = NIOLockedValueBox<String?>(nil)
    private let partition: InMemoryPartition

    init(_ partition: InMemoryPartition) {
        self.partition = partition
        partition.change { $0.evidence = self }
    }

    /// Nothing is left of it.
    func forget() {
        contents.withLockedValue { $0 = Contents() }
        partition.change { $0.highWatermark = 0 }
    }

    /// Leaves that are durable and hashed.
    func grow(_ count: Int, seed: UInt8 = 0) {
        let size = contents.withLockedValue { contents in
            contents.grow((0..<count).map { TreeHashing.leaf(of: [seed, UInt8(truncatingIfNeeded: Int(contents.state.size) + $0)]) })
            return contents.state.size
        }
        partition.change { $0.highWatermark = size }
    }

    var head: TreeHead { contents.withLockedValue { TreeHead(size: $0.state.size, root: $0.state.root) } }
    func confirm(_ signed: TreeHead) async throws(StorageError) {}
    func contradicted(_ sentence: String) {
        contradicting.withLockedValue { $0 = sentence }
        partition.change { $0.offline = sentence }
    }

    var minimumIndex: Int64 { minimum.withLockedValue { $0 } }
    func prunableIndex(appendedBefore time: Int64) async throws(StorageError) -> Int64 { prunable.withLockedValue { $0 } }
    func prune(before index: Int64) async throws(StorageError) { minimum.withLockedValue { $0 = index } }

    var contradiction: String? { contradicting.withLockedValue { $0 } }

    func lastCommon(of signed: [TreeHead]) async throws(StorageError) -> TreeHead? {
        contents.withLockedValue { contents in signed.first { $0.size <= contents.state.size && contents.root(at: $0.size) == $0.root } }
    }

    func takeBack() async throws(StorageError) { partition.change { $0.offline = nil } }

    func reopen() async throws(StorageError) {
        contradicting.withLockedValue { $0 = nil }
        partition.change { $0.offline = nil }
    }

    func hashes(level: Int, _ range: Range<Int64>) async throws(StorageError) -> [UInt8]? { nil }
    func entries(of offsets: Range<Int64>) async throws(StorageError) -> [UInt8]? { nil }
    func salts(of offsets: Range<Int64>) async throws(StorageError) -> [UInt8]? { nil }
    func inclusionProof(of index: Int64, in size: Int64) async throws(StorageError) -> [TreeHash] { [] }

    func consistencyProof(from oldSize: Int64, to size: Int64) async throws(StorageError) -> [TreeHash] {
        contents.withLockedValue { ConsistencyProof.prove(from: oldSize, to: size, from: &$0) }
    }
}

/// A witness in memory that judges as the protocol says, and misbehaves where a test wants it.
final class SampleWitness: WitnessAsking {
    struct Behaviour: Sendable {
        var isUnreachable = false
        var status: Int?
        /// What its clock is off, seconds.
        var skew: Int64 = 0
        /// Answers take so long, ms.
        var delay: Int64 = 0
        var signsWith: SigningKey?
        var latest: [KeyName: Checkpoint] = [:]
        var requests: [WitnessRequest] = []
    }

    let key = SigningKey()
    let name: String
    let behaviour = NIOLockedValueBox(Behaviour())
    private let log: PinnedLog
    private let clock: SteppingClock

    init(_ name: String, log: PinnedLog, clock: SteppingClock) {
        self.name = name
        self.log = log
        self.clock = clock
    }

    private var keyName: KeyName { KeyName("\(name).test")! }  // a test's name
    var vkey: VerifierKey { key.verifier(keyName, .cosignature) }
    var policyLine: String { "witness \(name) \(vkey)\n" }
    var witness: TrustPolicy.Witness {
        guard let policy = try? TrustPolicy(Array("\(policyLine)quorum \(name)\n".utf8)), let witness = policy.witnesses.first else {
            preconditionFailure("a witness's line is no policy")
        }
        return witness
    }

    func change(_ body: (inout Behaviour) -> Void) { behaviour.withLockedValue { body(&$0) } }
    var requests: [WitnessRequest] { behaviour.withLockedValue { $0.requests } }

    func add(_ request: [UInt8]) async throws(WitnessUnreachable) -> (status: Int, body: [UInt8]) {
        guard let request = try? WitnessRequest(request) else { return (400, []) }
        let answer: (Int, [UInt8])? = behaviour.withLockedValue { behaviour in
            behaviour.requests.append(request)
            if behaviour.isUnreachable { return nil }
            clock.set(clock.now() + behaviour.delay)
            if let status = behaviour.status { return (status, []) }
            let latest = behaviour.latest[request.checkpoint.checkpoint.origin]
            switch WitnessDecision.judge(request, log: log, latest: latest) {
            case .cosign(let checkpoint):
                behaviour.latest[checkpoint.origin] = checkpoint
                let time = clock.now() / 1000 + behaviour.skew
                return (200, Cosignature.sign(checkpoint, by: behaviour.signsWith ?? key, as: keyName, time: time).line)
            case .conflict(let size): return (409, Array("\(size)\n".utf8))
            case let other: return (other.status, [])
            }
        }
        guard let answer else { throw WitnessUnreachable(why: "unplugged") }
        return answer
    }
}
