import NIOConcurrencyHelpers
import Storage

@testable import CommitLog

#if canImport(Glibc)
import Glibc
#endif

/// A disk in memory that forgets what was not synced.
///
/// Each file has what the page cache shows and, beside it, what the device holds. A sync copies one to the other. Names are
/// durable after a sync of their directory. At a power loss every write since the last sync is, sector by sector and by the
/// seed, lost or kept; and so is every unsynced name.
final class SimulatedDisk: Disk {
    static let sectorBytes = 512

    struct Faults {
        /// Every call from the n-th (of those that change something) on finds the power gone.
        var powerLossAtChange: Int?
        /// The n-th write finds no space, and all after it until `fullUntilWrite`.
        var fullAtWrite: Int?
        var fullUntilWrite: Int?
        /// Writes to files with this suffix find no space.
        var fullSuffix: String?
        /// The n-th sync of a file fails once with EIO; its pages are marked clean and did not reach the device.
        var failingSync: Int?
        /// Syncs do nothing and say they did: the mutation that the power-loss check must catch.
        var syncsAreNoOps = false
        /// Every read of the page cache must wait.
        var nothingIsCached = false
        /// A read of the page cache gives at most as many bytes.
        var cachedBytesMax = Int.max
        /// Reads of files with this suffix fail with EIO.
        var unreadableSuffix: String?
        /// Reads past the page cache fail with EIO.
        var deviceIsUnreadable = false
        var isReadOnly = false
        /// Opening what is there for writing fails with this code: the process has no descriptors left.
        var openingFailsWith: Int32?
        /// Opening what has this suffix, there or not, fails with this code.
        var unopenable: (suffix: String, code: Int32)?
    }

    struct Counts {
        var changes = 0
        var writes = 0
        var fileSyncs = 0
        var opens = 0
        var readBytes = 0
    }

    final class Node {
        var cached: [UInt8] = []
        var device: [UInt8] = []
        /// Ranges written, and sizes set, since the last sync.
        var dirty: [Range<Int>] = []
        /// How often it is open.
        var opens = 0
    }

    struct State {
        var directories: Set<String> = [""]
        var names: [String: Node] = [:]
        var durableNames: [String: Node] = [:]
        var durableDirectories: Set<String> = [""]
        var faults = Faults()
        var counts = Counts()
        var capacityBytes: UInt64 = 1 << 40
        /// What others have put on the disk.
        var elsewhereBytes: UInt64 = 0
        var locked: Set<String> = []
        /// Files that are open, by node.
        var open: [ObjectIdentifier: Node] = [:]
        /// What the log said it will not read again soon, in order.
        var letGo: [(path: String, range: Range<Int64>)] = []
        /// Which threads wrote manifests.
        var manifestWriters: Set<UInt> = []
    }

    /// `@unchecked Sendable` by hand: nodes are touched only under the lock.
    final class Box: @unchecked Sendable {
        private let lock = NIOLock()
        private var state = State()
        func with<T>(_ body: (inout State) throws(DiskError) -> T) throws(DiskError) -> T {
            lock.lock()
            defer { lock.unlock() }
            return try body(&state)
        }
    }
    let box = Box()
    let syncGate = SyncGate()

    // MARK: What tests do

    func set(_ change: (inout Faults) -> Void) { try? box.with { change(&$0.faults) } }
    /// Leaves so many bytes free, now.
    func leaveFree(_ bytes: UInt64) {
        try? box.with { $0.elsewhereBytes = $0.capacityBytes - UInt64($0.names.values.reduce(0) { $0 + $1.cached.count }) - bytes }
    }
    var openFiles: Int { (try? box.with { $0.open.count }) ?? 0 }
    /// Bytes of files that are open and have no name any more: their space has not come back.
    var bytesHeldOpen: Int {
        (try? box.with { state in
            let named = Set(state.names.values.map { ObjectIdentifier($0) })
            return state.open.reduce(0) { named.contains($1.key) ? $0 : $0 + $1.value.cached.count }
        }) ?? 0
    }
    var counts: Counts { (try? box.with { $0.counts }) ?? Counts() }
    var letGo: [(path: String, range: Range<Int64>)] { (try? box.with { $0.letGo }) ?? [] }
    var manifestWriters: Set<UInt> { (try? box.with { $0.manifestWriters }) ?? [] }
    func forgetManifestWriters() { try? box.with { $0.manifestWriters = [] } }
    func paths() -> [String] { ((try? box.with { Array($0.names.keys) }) ?? []).sorted() }
    func contents(_ path: String) -> [UInt8] { (try? box.with { $0.names[path]?.cached ?? [] }) ?? [] }

    /// Changes bytes as rot does: in cache and on the device.
    func alter(_ path: String, _ change: (inout [UInt8]) -> Void) {
        try? box.with { state in
            guard let node = state.names[path] else { return }
            change(&node.cached)
            node.device = node.cached
        }
    }

    /// Everything written reaches the device: a restart without power loss, such as a killed program.
    func copy() -> SimulatedDisk {
        let disk = SimulatedDisk()
        try? box.with { (state) throws(DiskError) in
            var copied = State()
            copied.directories = state.directories
            copied.durableDirectories = state.directories
            for (name, node) in state.names {
                let fresh = Node()
                fresh.cached = node.cached
                fresh.device = node.cached
                copied.names[name] = fresh
                copied.durableNames[name] = fresh
            }
            try disk.box.with { $0 = copied }
        }
        return disk
    }

    /// The program was killed: the page cache shows what it showed and the device holds what it held.
    func afterKill() -> SimulatedDisk {
        let disk = SimulatedDisk()
        try? box.with { (state) throws(DiskError) in
            var killed = State()
            killed.directories = state.directories
            killed.durableDirectories = state.durableDirectories
            var copies: [ObjectIdentifier: Node] = [:]
            func copied(_ node: Node) -> Node {
                if let copy = copies[ObjectIdentifier(node)] { return copy }
                let copy = Node()
                (copy.cached, copy.device, copy.dirty) = (node.cached, node.device, node.dirty)
                copies[ObjectIdentifier(node)] = copy
                return copy
            }
            killed.names = state.names.mapValues(copied)
            killed.durableNames = state.durableNames.mapValues(copied)
            try disk.box.with { $0 = killed }
        }
        return disk
    }

    /// The disk as it comes up after the power was cut.
    func afterPowerLoss(seed: UInt64) -> SimulatedDisk {
        var random = SeededGenerator(seed: seed)
        let disk = SimulatedDisk()
        try? box.with { (state) throws(DiskError) in
            var after = State()
            // By the seed all, none or some of the unsynced names are there.
            let keepsName = UInt64(100) * UInt64.random(in: 0...2, using: &random) / 2
            after.directories = state.durableDirectories
            for directory in state.directories.sorted() where UInt64.random(in: 0..<100, using: &random) < keepsName {
                after.directories.insert(directory)
            }
            var names = state.durableNames
            for name in Set(state.names.keys).union(names.keys).sorted()
            where state.names[name] !== names[name] && UInt64.random(in: 0..<100, using: &random) < keepsName {
                names[name] = state.names[name]
            }
            let keepsSector = UInt64(100) * UInt64.random(in: 0...4, using: &random) / 4
            for (name, node) in names.sorted(by: { $0.key < $1.key }) where after.directories.contains(parent(of: name)) {
                let fresh = Node()
                fresh.cached = Self.survived(node, keepsSector, &random)
                fresh.device = fresh.cached
                after.names[name] = fresh
            }
            after.durableNames = after.names
            after.durableDirectories = after.directories
            try disk.box.with { $0 = after }
        }
        return disk
    }

    private static func survived(_ node: Node, _ keepsSector: UInt64, _ random: inout SeededGenerator) -> [UInt8] {
        var bytes = node.device
        var sectors = Set<Int>()
        for range in node.dirty where !range.isEmpty {
            for sector in range.lowerBound / sectorBytes...(range.upperBound - 1) / sectorBytes { sectors.insert(sector) }
        }
        for sector in sectors.sorted() where UInt64.random(in: 0..<100, using: &random) < keepsSector {
            let begin = sector * sectorBytes
            let end = min(begin + sectorBytes, node.cached.count)
            guard begin < end else { continue }
            if bytes.count < end { bytes.append(contentsOf: repeatElement(0, count: end - bytes.count)) }
            bytes.replaceSubrange(begin..<end, with: node.cached[begin..<end])
        }
        return bytes
    }

    // MARK: Disk

    func open(_ path: String, _ mode: OpenMode) throws(DiskError) -> any DiskFile {
        let node = try box.with { (state) throws(DiskError) -> Node in
            state.counts.opens += 1
            if let (suffix, code) = state.faults.unopenable, path.hasSuffix(suffix) { throw DiskError(operation: "opening \(path)", code: code) }
            if path.hasSuffix("/manifest.new") { state.manifestWriters.insert(UInt(pthread_self())) }
            if let node = state.names[path] {
                guard mode != .create else { throw DiskError(operation: "opening \(path)", code: EEXIST) }
                if mode == .readWrite, let code = state.faults.openingFailsWith { throw DiskError(operation: "opening \(path)", code: code) }
                return node
            }
            guard mode == .create || mode == .createOrOpen else { throw DiskError(operation: "opening \(path)", code: ENOENT) }
            guard state.directories.contains(parent(of: path)) else { throw DiskError(operation: "opening \(path)", code: ENOENT) }
            try Self.change(&state, "creating \(path)")
            let node = Node()
            state.names[path] = node
            return node
        }
        return SimulatedFile(disk: self, node: node, path: path)
    }

    func list(_ directory: String) throws(DiskError) -> [String] {
        try box.with { (state) throws(DiskError) -> [String] in
            guard state.directories.contains(directory) else { throw DiskError(operation: "listing \(directory)", code: ENOENT) }
            let files = state.names.keys.filter { parent(of: $0) == directory }
            let directories = state.directories.filter { !$0.isEmpty && parent(of: $0) == directory }
            return (files + directories).map { String($0.split(separator: "/").last ?? "") }
        }
    }

    func makeDirectory(_ path: String) throws(DiskError) {
        try box.with { (state) throws(DiskError) in
            guard !state.directories.contains(path) else { return }
            try Self.change(&state, "making \(path)")
            state.directories.insert(path)
            // A new root's own name is its owner's business.
            if !path.contains("/") { state.durableDirectories.insert(path) }
        }
    }

    func rename(_ path: String, to destination: String) throws(DiskError) {
        try box.with { (state) throws(DiskError) in
            try Self.change(&state, "renaming \(path)")
            if state.directories.contains(path) { return Self.renameDirectory(&state, path, destination) }
            guard let node = state.names.removeValue(forKey: path) else {
                throw DiskError(operation: "renaming \(path)", code: ENOENT)
            }
            state.names[destination] = node
        }
    }

    func exchange(_ path: String, with destination: String) throws(DiskError) {
        try box.with { (state) throws(DiskError) in
            try Self.change(&state, "exchanging \(path)")
            guard let node = state.names.removeValue(forKey: path) else {
                throw DiskError(operation: "exchanging \(path)", code: ENOENT)
            }
            state.names[path] = state.names[destination]
            state.names[destination] = node
        }
    }

    /// Durable at once: no test asks for less.
    private static func renameDirectory(_ state: inout State, _ path: String, _ destination: String) {
        func moved(_ name: String) -> String { name.hasPrefix(path + "/") || name == path ? destination + name.dropFirst(path.count) : name }
        state.directories = Set(state.directories.map(moved))
        state.durableDirectories = Set(state.durableDirectories.map(moved))
        state.names = Dictionary(uniqueKeysWithValues: state.names.map { (moved($0.key), $0.value) })
        state.durableNames = Dictionary(uniqueKeysWithValues: state.durableNames.map { (moved($0.key), $0.value) })
    }

    func remove(_ path: String) throws(DiskError) {
        try box.with { (state) throws(DiskError) in
            try Self.change(&state, "removing \(path)")
            guard state.names.removeValue(forKey: path) != nil else { throw DiskError(operation: "removing \(path)", code: ENOENT) }
        }
    }

    func removeDirectory(_ path: String) throws(DiskError) {
        try box.with { (state) throws(DiskError) in
            try Self.change(&state, "removing \(path)")
            state.directories.remove(path)
            state.durableDirectories.remove(path)
        }
    }

    func syncDirectory(_ path: String) throws(DiskError) {
        syncGate.pass()
        try box.with { (state) throws(DiskError) in
            try Self.change(&state, "syncing \(path)")
            guard !state.faults.syncsAreNoOps else { return }
            for name in Set(state.names.keys).union(state.durableNames.keys) where parent(of: name) == path {
                state.durableNames[name] = state.names[name]
            }
            for directory in state.directories where parent(of: directory) == path { state.durableDirectories.insert(directory) }
        }
    }

    func space(at path: String) throws(DiskError) -> DiskSpace {
        try box.with { (state) throws(DiskError) in
            let used = state.elsewhereBytes + UInt64(state.names.values.reduce(0) { $0 + $1.cached.count })
            return DiskSpace(availableBytes: state.capacityBytes - min(used, state.capacityBytes), totalBytes: state.capacityBytes)
        }
    }

    func lock(_ path: String) throws(DiskError) -> any AnyObject & Sendable {
        try box.with { (state) throws(DiskError) in
            guard state.locked.insert(path).inserted else { throw DiskError(operation: "locking \(path)", code: EWOULDBLOCK) }
        }
        return Held(disk: self, path: path)
    }

    private final class Held: Sendable {
        let disk: SimulatedDisk
        let path: String
        init(disk: SimulatedDisk, path: String) {
            self.disk = disk
            self.path = path
        }
        deinit { try? disk.box.with { _ = $0.locked.remove(path) } }
    }

    /// Every change passes here: the power may go before it.
    static func change(_ state: inout State, _ operation: String) throws(DiskError) {
        state.counts.changes += 1
        if let at = state.faults.powerLossAtChange, state.counts.changes >= at { throw DiskError(operation: operation, code: EIO) }
        if state.faults.isReadOnly { throw DiskError(operation: operation, code: EROFS) }
    }
}

func parent(of path: String) -> String {
    path.lastIndex(of: "/").map { String(path[..<$0]) } ?? ""
}

/// SplitMix64: a test's seed gives the same run again.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 &+ 1 }
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
