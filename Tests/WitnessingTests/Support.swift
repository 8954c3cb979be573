import Logging
import NIOConcurrencyHelpers
import Storage
import Transparency
import Witnessing

/// A log that a test grows, forks and signs.
struct TestLog: LevelHashes {
    static let host = "log.hue"
    static let key = SigningKey()

    let origin: KeyName
    private var levels: [[TreeHash]] = []
    private var state = TreeState()

    init(_ name: String = "permits", host: String = TestLog.host, leaves: Int = 0, seed: UInt8 = 0) {
        origin = LogOrigin(host: host, .partition(topic: name, topicID: String(repeating: "0", count: 32), partition: 0))!.name  // valid parts
        grow(leaves, seed: seed)
    }

    mutating func grow(_ count: Int, seed: UInt8 = 0) {
        let leaves = (0..<count).map { TreeHashing.leaf(of: [seed, UInt8(truncatingIfNeeded: Int(state.size) + $0)]) }
        for growth in state.append(leaves) {
            while levels.count <= growth.level { levels.append([]) }
            levels[growth.level] += growth.hashes
        }
    }

    mutating func hashes(level: Int, _ range: Range<Int64>) -> [TreeHash] { Array(levels[level][Int(range.lowerBound)..<Int(range.upperBound)]) }

    mutating func checkpoint(_ size: Int64? = nil) -> Checkpoint {
        let size = size ?? state.size
        return Checkpoint(origin: origin, size: size, root: TreeState(size: size, from: &self).root)
    }

    mutating func request(from old: Int64, to size: Int64? = nil, by key: SigningKey = TestLog.key) -> WitnessRequest {
        let checkpoint = checkpoint(size)
        let proof = old > 0 && old < checkpoint.size ? ConsistencyProof.prove(from: old, to: checkpoint.size, from: &self) : []
        return WitnessRequest(oldSize: old, proof: proof, checkpoint: checkpoint.signed(by: key))
    }
}

/// A memory that a test looks into and breaks.
final class MemoryStore: WitnessStore {
    struct Contents {
        var logs: [TreeHash: WitnessedLog] = [:]
        var error: StorageError?
        var puts = 0
        var isHeld = false
        var held: [CheckedContinuation<Void, Never>] = []
        var watchers: [CheckedContinuation<Void, Never>] = []
    }
    let contents = NIOLockedValueBox(Contents())

    func fail(with error: StorageError?) { contents.withLockedValue { $0.error = error } }

    /// Readings wait until they are released.
    func hold() { contents.withLockedValue { $0.isHeld = true } }

    func release() {
        let held = contents.withLockedValue { contents in
            contents.isHeld = false
            defer { contents.held = [] }
            return contents.held
        }
        for reading in held { reading.resume() }
    }

    func waitUntilHeld() async {
        await withCheckedContinuation { continuation in
            let isThere = contents.withLockedValue { contents in
                if contents.held.isEmpty { contents.watchers.append(continuation) }
                return !contents.held.isEmpty
            }
            if isThere { continuation.resume() }
        }
    }

    private func pass() async {
        await withCheckedContinuation { continuation in
            let watchers = contents.withLockedValue { contents -> [CheckedContinuation<Void, Never>]? in
                guard contents.isHeld else { return nil }
                contents.held.append(continuation)
                defer { contents.watchers = [] }
                return contents.watchers
            }
            guard let watchers else { return continuation.resume() }
            for watcher in watchers { watcher.resume() }
        }
    }

    func logs(_ ids: Set<TreeHash>) async throws(StorageError) -> [TreeHash: WitnessedLog] {
        await pass()
        return contents.withLockedValue { $0.logs.filter { ids.contains($0.key) } }
    }

    func put(_ logs: [WitnessedLog]) async throws(StorageError) {
        let error = contents.withLockedValue { contents in
            contents.puts += 1
            if contents.error == nil { for log in logs { contents.logs[log.id] = log } }
            return contents.error
        }
        if let error { throw error }
    }

    func logCount(ofHost host: String) async throws(StorageError) -> Int {
        contents.withLockedValue { $0.logs.values.count { $0.host == host } }
    }

    func shutDown() async {}
}

final class MemoryForks: ForkKeeping {
    let kept = NIOLockedValueBox<[ForkEvidence]>([])

    func keep(_ fork: ForkEvidence) -> Bool {
        kept.withLockedValue { kept in
            guard !kept.contains(where: { $0.name == fork.name }) else { return false }
            kept.append(fork)
            return true
        }
    }

    func count(ofHost host: String) -> Int { kept.withLockedValue { $0.count { $0.host == host } } }
}

/// A witness with everything around it in the test's hands.
struct WitnessBench {
    static let start: Int64 = 1_795_372_800_000
    let store = MemoryStore()
    let forks = MemoryForks()
    let now = NIOLockedValueBox(WitnessBench.start)
    let key = SigningKey()
    let witness: Witness

    init(logsMax: Int = WitnessLimits.logsPerPeerMax) throws {
        let peer = WitnessPeers.Peer(PinnedLog(host: TestLog.host, publicKeys: [TestLog.key.publicKey])!, logsMax: logsMax)  // a host and a key
        witness = Witness(
            name: KeyName("witness.danang")!, key: key, peers: try WitnessPeers([peer]), store: store, forks: forks,  // a name
            now: { [now] in now.withLockedValue { $0 } }, log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    func add(_ request: WitnessRequest) async -> WitnessAnswer { await witness.add(request.bytes) }
}

extension WitnessAnswer {
    var text: String { String(decoding: body, as: UTF8.self) }
}
