import Transparency

/// Reads what a log shows of its bundles (256 offsets each), in order and some of them ahead of their use: the answers' way is what takes long.
final class BundlesAhead {
    struct Bundle: Sendable {
        let tile: Tile
        let entries: [UInt8]?
        let openings: [UInt8]?
        /// The tiles over this bundle, at each level where it is the first of its tile.
        let above: [Tile: [TreeHash]]
    }

    /// Bundles asked for at a time.
    private static let aheadMax = 16

    /// What the log serves under a path below its name; nil where that is nothing.
    typealias Read = @Sendable (String) async throws -> [UInt8]?

    private let read: Read
    private let size: Int64
    private let offsets: Range<Int64>
    private var position: Int64
    private var coming: [Task<Bundle, any Error>] = []

    /// - Parameters:
    ///   - offsets: within the tree.
    ///   - size: the tree's leaves.
    init(_ offsets: Range<Int64>, size: Int64, read: @escaping Read) {
        self.read = read
        self.size = size
        self.offsets = offsets
        position = offsets.lowerBound
    }

    deinit { for task in coming { task.cancel() } }

    /// The partial tiles, whose hashes fold to the root: one a level at most.
    func edge() async throws -> [Tile: [TreeHash]] {
        let tiles = (0...Tile.levelMax).compactMap { level in
            let count = size >> (Tile.height * level)
            return Tile(.hashes(level: level), index: count >> Tile.height, width: Int(count & 255))
        }
        return try await Self.hashes(tiles, read)
    }

    /// nil after the last.
    func next() async throws -> Bundle? {
        while coming.count < Self.aheadMax, position < offsets.upperBound, let tile = Tile(.entries, holding: position, treeSize: size) {
            coming.append(Self.asked(tile, above(tile), read))
            position = tile.range.upperBound
        }
        guard !coming.isEmpty else { return nil }
        return try await coming.removeFirst().value
    }

    /// At each level the tile over the bundle, where it was not over the one before.
    private func above(_ bundle: Tile) -> [Tile] {
        (1...Tile.levelMax).compactMap { level in
            let isFirst = bundle.range.contains(offsets.lowerBound) || bundle.index & (1 << (Tile.height * level) - 1) == 0
            return isFirst ? Tile(.hashes(level: level), holding: bundle.index >> (Tile.height * (level - 1)), treeSize: size) : nil
        }
    }

    private static func asked(_ tile: Tile, _ above: [Tile], _ read: @escaping Read) -> Task<Bundle, any Error> {
        Task {
            let entries = try await read(tile.path)
            let openings = try await read(LogExport.openings(tile.index))
            return Bundle(tile: tile, entries: entries, openings: openings, above: try await hashes(above, read))
        }
    }

    /// Those that are served, and are as wide as they are to be.
    private static func hashes(_ tiles: [Tile], _ read: Read) async throws -> [Tile: [TreeHash]] {
        var hashes: [Tile: [TreeHash]] = [:]
        for tile in tiles {
            guard let bytes = try await read(tile.path), bytes.count == tile.width * TreeHash.sizeBytes else { continue }
            hashes[tile] = bytes.withUnsafeBytes { TreeHash.array(reading: $0) }
        }
        return hashes
    }
}
