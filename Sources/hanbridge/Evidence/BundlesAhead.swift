import Broker
import Transparency

/// Reads what a log shows of its records, in order and some of it ahead of its use, and hands it out bundle by bundle (256 offsets each).
final class BundlesAhead {
    struct Bundle: Sendable {
        let tile: Tile
        /// Runs that cover the bundle; nil where the log does not say so much of every record of it.
        let facts: ArraySlice<LeafFacts>?
        /// Read ahead where there are no facts; nil where they are asked for once they are needed.
        let opened: Opened?
        /// The tiles over this bundle, at each level where another one was over the bundle before.
        let above: [Tile: [TreeHash]]
    }

    /// What the log shows of each record of a bundle; both empty where it shows nothing.
    struct Opened: Sendable {
        /// 104 bytes each.
        var entries: ArraySlice<UInt8> = []
        /// 16 bytes each.
        var salts: ArraySlice<UInt8> = []
    }

    /// What the log serves under a path below its name; nil where that is nothing.
    typealias Read = @Sendable (String) async throws -> [UInt8]?

    /// Stretches asked for at a time: half a megabyte in memory, two where there are no facts.
    static let aheadMax = 4

    private let read: Read
    private let size: Int64
    private let offsets: Range<Int64>
    private var position: Int64
    private var coming: [Task<[Bundle], any Error>] = []
    private var come: ArraySlice<Bundle> = []

    /// - Parameters:
    ///   - offsets: within the tree.
    ///   - size: the tree's leaves.
    init(_ offsets: Range<Int64>, size: Int64, read: @escaping Read) {
        self.read = read
        self.size = size
        self.offsets = offsets
        // A bundle is judged whole.
        position = offsets.lowerBound / Int64(Tile.widthMax) * Int64(Tile.widthMax)
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
        while coming.count < Self.aheadMax, position < offsets.upperBound {
            // Stretches end where tiles do, so that only their first bundles have new tiles above.
            let end = (position / EvidenceService.stretchRecordsMax + 1) * EvidenceService.stretchRecordsMax
            let bundles = Tile.tiles(.entries, over: position..<min(end, offsets.upperBound), treeSize: size)
            coming.append(Self.asked(bundles, above(bundles[0]), read))
            position = end
        }
        while come.isEmpty, !coming.isEmpty { come = try await coming.removeFirst().value[...] }
        return come.popFirst()
    }

    /// At each level the tile over the bundle, where another one was over the bundle before.
    private func above(_ bundle: Tile) -> [Tile] {
        (1...Tile.levelMax).compactMap { level in
            let isFirst = bundle.range.contains(offsets.lowerBound) || bundle.index & (1 << (Tile.height * level) - 1) == 0
            return isFirst ? Tile(.hashes(level: level), holding: bundle.index >> (Tile.height * (level - 1)), treeSize: size) : nil
        }
    }

    /// Entries and salts of a bundle that were not read ahead.
    func opened(_ bundle: Tile) async throws -> Opened { try await Self.opened([bundle], read)[bundle] ?? Opened() }

    private static func asked(_ bundles: [Tile], _ above: [Tile], _ read: @escaping Read) -> Task<[Bundle], any Error> {
        Task {
            let hashes = try await hashes(above, read)
            let facts = try await facts(bundles, read)
            let others = bundles.filter { facts[$0] == nil }
            let opened = others.isEmpty ? [:] : try await opened(others, read)
            return bundles.map { bundle in
                Bundle(
                    tile: bundle, facts: facts[bundle], opened: facts[bundle] == nil ? opened[bundle] ?? Opened() : nil,
                    above: bundle == bundles[0] ? hashes : [:])
            }
        }
    }

    /// Of those bundles of which every record is covered.
    private static func facts(_ bundles: [Tile], _ read: Read) async throws -> [Tile: ArraySlice<LeafFacts>] {
        let offsets = range(of: bundles)
        guard let bytes = try await read(EvidenceService.Stretch.facts.path(offsets)), let runs = try? LeafFacts.decode(bytes) else { return [:] }
        var covered: [Tile: ArraySlice<LeafFacts>] = [:]
        var start = runs.startIndex
        for bundle in bundles {
            start = runs[start...].firstIndex { $0.offsets.upperBound > bundle.range.lowerBound } ?? runs.endIndex
            let end = runs[start...].firstIndex { $0.offsets.lowerBound >= bundle.range.upperBound } ?? runs.endIndex
            let count = runs[start..<end].reduce(0) { $0 + $1.offsets.clamped(to: bundle.range).count }
            if count == bundle.width { covered[bundle] = runs[start..<end] }
        }
        return covered
    }

    private static func opened(_ bundles: [Tile], _ read: Read) async throws -> [Tile: Opened] {
        let offsets = range(of: bundles)
        guard let bytes = try await read(EvidenceService.Stretch.whole.path(offsets)),
            bytes.count == offsets.count * (Entry.sizeBytes + Commitment.saltBytes)
        else { return [:] }
        let opened = bundles.map { bundle in
            let place = Int(bundle.range.lowerBound - offsets.lowerBound)
            func part(_ start: Int, _ each: Int) -> ArraySlice<UInt8> { bytes[start + place * each..<start + (place + bundle.width) * each] }
            return (bundle, Opened(entries: part(0, Entry.sizeBytes), salts: part(offsets.count * Entry.sizeBytes, Commitment.saltBytes)))
        }
        return Dictionary(uniqueKeysWithValues: opened)
    }

    private static func range(of bundles: [Tile]) -> Range<Int64> { bundles[0].range.lowerBound..<bundles[bundles.count - 1].range.upperBound }

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
