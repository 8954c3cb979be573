import KafkaWire
import Storage
import Transparency

/// The level files of a partition's tree, and the entries that outlive their segments:
///
/// | file | holds |
/// |---|---|
/// | `tree-0`, `tree-1`, … | a tile level each (tree levels 0, 8, 16 …), 32 bytes a hash: tile (L, N, W) is bytes 8192 N ..< 8192 N + 32 W |
/// | `tree-mark` | up to where they are synced (`TreeMark`) |
/// | `entries` | 104 bytes a record, from offset 0 to where the segments begin: kept before these are deleted |
/// | `tree-minimum` | below which all that was pruned, and reads as zeros (`TreeMinimum`) |
struct TreeFiles: LevelHashes {
    let partition: PartitionID
    let services: StoreServices

    private var directory: String { services.layout.directory(of: partition) }
    private var markPath: String { "\(directory)/\(TreeMark.fileName)" }
    private var minimumPath: String { "\(directory)/\(TreeMinimum.fileName)" }

    static let entriesFile = "entries"
    static func levelFile(_ level: Int) -> String { "tree-\(level)" }

    private func path(ofLevel level: Int) -> String { "\(directory)/\(Self.levelFile(level))" }
    private var entriesPath: String { "\(directory)/\(Self.entriesFile)" }

    // MARK: hashes

    func hashes(level: Int, _ range: Range<Int64>) throws(DiskError) -> [TreeHash] {
        let count = range.count * TreeHash.sizeBytes
        let bytes = try existing(path(ofLevel: level)).read(count, at: range.lowerBound * Int64(TreeHash.sizeBytes))
        guard bytes.count == count else { throw Self.short(path(ofLevel: level)) }
        return bytes.withUnsafeBytes { TreeHash.array(reading: $0) }
    }

    static func short(_ path: String) -> DiskError { DiskError(operation: "reading \(path), which is too short", code: 5) }

    /// Hashes that a level's file holds, whatever they are worth.
    func count(level: Int) -> Int64 {
        guard let file = try? existing(path(ofLevel: level)), let bytes = try? file.size() else { return 0 }
        return bytes / Int64(TreeHash.sizeBytes)
    }

    func write(_ growth: [TreeState.LevelGrowth]) throws(DiskError) {
        for level in growth where !level.hashes.isEmpty {
            let file = try made(path(ofLevel: level.level))
            var failure: DiskError?
            level.hashes.withUnsafeBytes { bytes in
                do throws(DiskError) { try file.write(bytes, at: level.start * Int64(TreeHash.sizeBytes)) } catch { failure = error }
            }
            if let failure { throw failure }
        }
    }

    // MARK: the mark

    func readMark() -> (size: Int64, root: TreeHash)? {
        guard let file = try? services.disk.open(markPath, .read), let bytes = try? file.read(TreeMark.sizeBytes, at: 0) else { return nil }
        return TreeMark.decode(bytes)
    }

    /// Syncs the level files and says so.
    func writeMark(_ state: TreeState) throws(DiskError) {
        for level in 0...Tile.levelMax where state.size >> (Tile.height * level) > 0 { try existing(path(ofLevel: level)).sync() }
        try services.replace(markPath, with: TreeMark.encode(state), directory: directory)
    }

    // MARK: the minimum

    func readMinimum() -> Int64 {
        guard let file = try? services.disk.open(minimumPath, .read), let bytes = try? file.read(TreeMinimum.sizeBytes, at: 0) else { return 0 }
        return TreeMinimum.decode(bytes) ?? 0
    }

    func writeMinimum(_ index: Int64) throws(DiskError) {
        try services.replace(minimumPath, with: TreeMinimum.encode(index), directory: directory)
    }

    /// All that stands below the minimum, for good.
    func free(before minimum: Int64) throws(DiskError) {
        try free(entriesPath, minimum * Int64(Entry.sizeBytes))
        for level in 0...Tile.levelMax { try free(path(ofLevel: level), TreeMinimum.firstHash(level: level, minimum) * Int64(TreeHash.sizeBytes)) }
    }

    private func free(_ path: String, _ bytes: Int64) throws(DiskError) {
        guard bytes > 0 else { return }
        let file = try existing(path)
        try file.punch(bytes, at: 0)
        try file.sync()
    }

    // MARK: entries

    /// - Parameter offsets: of entries that were kept.
    func entries(_ offsets: Range<Int64>) throws(DiskError) -> [UInt8] {
        guard !offsets.isEmpty else { return [] }
        let count = offsets.count * Entry.sizeBytes
        let bytes = try existing(entriesPath).read(count, at: offsets.lowerBound * Int64(Entry.sizeBytes))
        guard bytes.count == count else { throw Self.short(entriesPath) }
        return bytes
    }

    func keep(_ entries: [UInt8], from offset: Int64) throws(DiskError) {
        try made(entriesPath).write(entries, at: offset * Int64(Entry.sizeBytes))
    }

    /// After the last `keep`: the segments may go then.
    func syncEntries() throws(DiskError) {
        try existing(entriesPath).sync()
        try services.disk.syncDirectory(directory)
    }

    // MARK: files

    private func existing(_ path: String) throws(DiskError) -> any DiskFile { try services.files.file(path) }

    private func made(_ path: String) throws(DiskError) -> any DiskFile {
        do throws(DiskError) {
            return try services.files.file(path)
        } catch where error.isMissing {
            let file = try services.disk.open(path, .createOrOpen)
            services.files.keep(file, path)
            return file
        }
    }

    /// The partition is deleted: its directory goes.
    func forget() {
        for level in 0...Tile.levelMax { services.files.forget(path(ofLevel: level)) }
        services.files.forget(entriesPath)
    }
}
