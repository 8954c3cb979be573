import Transparency

/// A log in memory that tests build, prove from and damage.
struct SampleLog: LevelHashes, AuditedTree {
    struct SampleRecord {
        var content: [UInt8]
        var salt: [UInt8]
    }

    static let startTime: Int64 = 1_795_372_800_000
    static let host = "tlog.example"
    static let origin = LogOrigin(
        host: host, .partition(topic: "permits", topicID: "0b9e7a52c4d14e6f8a3b5c6d7e8f9a01", partition: 0))!.name  // parts that are valid

    var records: [SampleRecord] = []
    /// Each one's bytes; nil where it is gone.
    var entries: [[UInt8]?] = []
    var levels: [[TreeHash]] = []
    var state = TreeState()

    init(_ count: Int, using random: inout SplitMix64) {
        for _ in 0..<count { append(SampleRecord(content: random.bytes(random.below(60)), salt: random.bytes(16))) }
    }

    /// One millisecond apart.
    mutating func append(_ record: SampleRecord, appendTime: Int64? = nil) {
        let offset = Int64(entries.count)
        let facts = Entry.Facts(
            flags: [], offset: offset, appendTime: appendTime ?? Self.startTime + offset, createTime: Self.startTime, leaderEpoch: 1,
            schemaID: -1, contentLength: UInt32(record.content.count), writer: .zero)
        let entry = Entry(facts: facts, commitment: Commitment.of(content: record.content, salt: record.salt))
        records.append(record)
        entries.append(entry.bytes)
        grow([entry.leaf])
    }

    mutating func grow(_ leaves: [TreeHash]) {
        for growth in state.append(leaves) {
            while levels.count <= growth.level { levels.append([]) }
            precondition(levels[growth.level].count == Int(growth.start), "a level file has a gap")
            levels[growth.level] += growth.hashes
        }
    }

    /// The tree over the records as they are now: what an operator makes who rewrites and signs again.
    func rewritten() -> SampleLog {
        var copy = self
        copy.records = []
        copy.entries = []
        copy.levels = []
        copy.state = TreeState()
        for record in records { copy.append(record) }
        return copy
    }

    var size: Int64 { state.size }
    var checkpoint: Checkpoint { Checkpoint(origin: Self.origin, size: size, root: state.root) }

    mutating func hashes(level: Int, _ range: Range<Int64>) -> [TreeHash] {
        Array(levels[level][Int(range.lowerBound)..<Int(range.upperBound)])
    }

    func storedHashes(_ tile: Tile) -> [TreeHash]? {
        guard case .hashes(let level) = tile.content, level < levels.count, tile.range.upperBound <= Int64(levels[level].count) else { return nil }
        return Array(levels[level][Int(tile.range.lowerBound)..<Int(tile.range.upperBound)])
    }

    func entryLeaves(_ bundle: Tile) -> [TreeHash]? {
        guard bundle.range.upperBound <= Int64(entries.count) else { return nil }
        let shown = entries[Int(bundle.range.lowerBound)..<Int(bundle.range.upperBound)].compactMap { $0 }
        return shown.count == bundle.width ? shown.map { TreeHashing.leaf(of: $0) } : nil
    }
}

/// RFC 6962, section 2.1, word by word.
func naiveRoot(_ leaves: ArraySlice<TreeHash>) -> TreeHash {
    switch leaves.count {
    case 0: return TreeHashing.hash(of: [])
    case 1: return leaves.first!  // there is one
    default:
        var split = 1
        while split * 2 < leaves.count { split *= 2 }
        return TreeHashing.node(naiveRoot(leaves.prefix(split)), naiveRoot(leaves.dropFirst(split)))
    }
}
