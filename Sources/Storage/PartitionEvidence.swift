public import Transparency

/// How large a tree is, and its root.
public struct TreeHead: Hashable, Sendable {
    public let size: Int64
    public let root: TreeHash

    public init(size: Int64, root: TreeHash) {
        self.size = size
        self.root = root
    }

    public static let empty = TreeHead(size: 0, root: TreeHashing.emptyRoot)
}

/// The transparency log of a partition whose records are leaves (EVIDENCE.md). A pure function of the stored frames, made behind the
/// acknowledgements: every leaf's record is durable, and the newest records may not be in it yet.
public protocol PartitionEvidence: Sendable {
    /// As far as it is made.
    var head: TreeHead { get }

    /// Holds the log against a checkpoint that was signed, before anything more is.
    /// - Throws: `.offline` where the log is shorter or another one: the partition takes and gives nothing from then on.
    func confirm(_ signed: TreeHead) async throws(StorageError)

    /// Others know another log by this one's name (EVIDENCE.md, the fail-stop rule): the partition takes and gives nothing from then on.
    func contradicted(_ sentence: String)

    /// Why it was found to be another log than the one that is known by its name; nil while it was not.
    var contradiction: String? { get }

    /// The first of these that the tree has, also of a log that was contradicted.
    func lastCommon(of signed: [TreeHead]) async throws(StorageError) -> TreeHead?

    /// Takes and gives records again, contradicted as it is: nothing is signed of it.
    func takeBack() async throws(StorageError)

    /// The log goes on under another name: what was contradicted serves again, and its tree counts as one that grew.
    func reopen() async throws(StorageError)

    /// The hashes of a tile level, one behind the other; nil where the tree has not got so far.
    func hashes(level: Int, _ range: Range<Int64>) async throws(StorageError) -> [UInt8]?

    /// The entries of records, 104 bytes each; nil where the tree has not got so far.
    func entries(of offsets: Range<Int64>) async throws(StorageError) -> [UInt8]?

    /// The salts of records, 16 bytes each. nil where one is not in the log (any more).
    func salts(of offsets: Range<Int64>) async throws(StorageError) -> [UInt8]?

    /// What the log says of records besides their contents, as runs (`LeafFacts`): of those that are in the log still and whose times are
    /// their producers'. nil where none are.
    func facts(of offsets: Range<Int64>) async throws(StorageError) -> [UInt8]?

    /// One record's entry, and its salt where the record is in the log still; nil where the tree has not got so far.
    func opening(of offset: Int64) async throws(StorageError) -> EntryOpening?

    /// Below it neither entries nor whole tiles are kept any more (C2SP `tlog-tiles`, pruning): 0, or where a tile begins.
    var minimumIndex: Int64 { get }

    /// How far entries may go that were appended before the time, ms since 1970: those of records that are deleted, in whole tiles.
    func prunableIndex(appendedBefore time: Int64) async throws(StorageError) -> Int64

    /// Frees entries and tiles below an index for good.
    /// - Precondition: the index is no larger than what ``prunableIndex(appendedBefore:)`` answers for some time.
    func prune(before index: Int64) async throws(StorageError)

    /// - Precondition: minimumIndex <= index < size.
    func inclusionProof(of index: Int64, in size: Int64) async throws(StorageError) -> [TreeHash]

    /// - Precondition: 0 < oldSize <= size, and the tree has got so far.
    func consistencyProof(from oldSize: Int64, to size: Int64) async throws(StorageError) -> [TreeHash]
}

/// An entry of 104 bytes, and the 16 bytes of salt with which the record can be shown to be the one that it commits to.
public struct EntryOpening: Hashable, Sendable {
    public let entry: [UInt8]
    /// nil where the record is deleted.
    public let salt: [UInt8]?

    public init(entry: [UInt8], salt: [UInt8]?) {
        self.entry = entry
        self.salt = salt
    }
}

/// A tree that grew, for whoever signs.
public struct GrownTree: Hashable, Sendable {
    public let partition: PartitionID
    public let head: TreeHead

    public init(partition: PartitionID, head: TreeHead) {
        self.partition = partition
        self.head = head
    }
}

extension PartitionEvidence {
    public var contradiction: String? { nil }
    public func lastCommon(of signed: [TreeHead]) async throws(StorageError) -> TreeHead? { nil }
    public func takeBack() async throws(StorageError) {}
    public func reopen() async throws(StorageError) {}
    public var minimumIndex: Int64 { 0 }
    public func facts(of offsets: Range<Int64>) async throws(StorageError) -> [UInt8]? { nil }
    public func opening(of offset: Int64) async throws(StorageError) -> EntryOpening? {
        guard let entry = try await entries(of: offset..<offset + 1) else { return nil }
        return EntryOpening(entry: entry, salt: try await salts(of: offset..<offset + 1))
    }
    public func prunableIndex(appendedBefore time: Int64) async throws(StorageError) -> Int64 { 0 }
    public func prune(before index: Int64) async throws(StorageError) {}
}

extension PartitionLog {
    /// nil where records are no leaves.
    public var evidence: (any PartitionEvidence)? { nil }
}

extension PartitionStore {
    public func takeGrownTrees() -> [GrownTree] { [] }
}
