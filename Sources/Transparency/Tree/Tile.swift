/// A tile of hashes or a bundle of entries, as C2SP tlog-tiles names and cuts them: 256 wide, the last one of a level possibly narrower.
///
/// A level's hashes are one flat file, 32 bytes a hash; tile (L, N, W) is bytes 8192 N ..< 8192 N + 32 W of tile level L (EVIDENCE.md).
public struct Tile: Hashable, Sendable {
    /// Tree levels from one tile level to the next.
    public static let height = 8
    public static let widthMax = 256
    /// The highest tile level of a tree of 2^63 - 1 leaves.
    public static let levelMax = 7

    public enum Content: Hashable, Sendable {
        /// Hashes of the whole subtrees of 256^level leaves; level 0 holds the leaf hashes.
        case hashes(level: Int)
        case entries
    }

    public let content: Content
    public let index: Int64
    /// Hashes or entries in it, 1 to 256; fewer than 256 in a partial tile.
    public let width: Int

    /// - Returns: nil where no tree has such a tile.
    public init?(_ content: Content, index: Int64, width: Int = Tile.widthMax) {
        if case .hashes(let level) = content, !(0...Self.levelMax).contains(level) { return nil }
        guard (1...Self.widthMax).contains(width), index >= 0, index <= TransparencyLimits.treeSizeMax >> Self.height else { return nil }
        self.content = content
        self.index = index
        self.width = width
    }

    public var isPartial: Bool { width < Self.widthMax }

    /// Which hashes or entries of its level it holds.
    public var range: Range<Int64> { index << Self.height..<index << Self.height + Int64(width) }

    /// Its bytes of the level's file, for a tile of hashes.
    public var fileRange: Range<Int64> { range.lowerBound * Int64(TreeHash.sizeBytes)..<range.upperBound * Int64(TreeHash.sizeBytes) }

    /// The tile that has hash or entry `position` of its level, as wide as it is in a tree of `size` leaves. nil where the tree has not
    /// got so far.
    public init?(_ content: Content, holding position: Int64, treeSize size: Int64) {
        let count =
            switch content {
            case .hashes(let level): (0...Self.levelMax).contains(level) ? size >> (Self.height * level) : 0
            case .entries: size
            }
        guard position >= 0, position < count else { return nil }
        let index = position >> Self.height
        self.init(content, index: index, width: Int(min(Int64(Self.widthMax), count - index << Self.height)))
    }

    /// Those that hold the hashes or entries at these positions, each as wide as it is in a tree of `size` leaves.
    public static func tiles(_ content: Content, over positions: Range<Int64>, treeSize size: Int64) -> [Tile] {
        var tiles: [Tile] = []
        var position = positions.lowerBound
        while position < positions.upperBound, let tile = Tile(content, holding: position, treeSize: size) {
            tiles.append(tile)
            position = tile.range.upperBound
        }
        return tiles
    }

    /// Every tile of hashes that a tree of `size` leaves has and one of `oldSize` has not, the lowest level first.
    public static func tiles(from oldSize: Int64 = 0, to size: Int64) -> [Tile] {
        var tiles: [Tile] = []
        for level in 0...levelMax {
            let (before, now) = (oldSize >> (height * level), size >> (height * level))
            guard now > before else { continue }
            var position = before
            while position < now, let tile = Tile(.hashes(level: level), holding: position, treeSize: size) {
                tiles.append(tile)
                position = tile.range.upperBound
            }
        }
        return tiles
    }
}

// MARK: paths

extension Tile {
    /// `tile/<L>/<N>[.p/<W>]`, or `tile/entries/<N>[.p/<W>]`: index 1234067 is `x001/x234/067` (tlog-tiles, "Merkle Tree").
    public var path: String {
        var groups = [Self.threeDigits(index % 1000)]
        var rest = index / 1000
        while rest > 0 {
            groups.append("x" + Self.threeDigits(rest % 1000))
            rest /= 1000
        }
        let level =
            switch content {
            case .hashes(let level): String(level)
            case .entries: "entries"
            }
        return "tile/\(level)/\(groups.reversed().joined(separator: "/"))" + (isPartial ? ".p/\(width)" : "")
    }

    private static func threeDigits(_ number: Int64) -> String {
        let digits = String(number)
        return String(repeating: "0", count: 3 - digits.count) + digits
    }

    /// - Returns: nil unless `path` is exactly what `path` of some tile is.
    public init?(path: String) {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false).map { Array($0.utf8) }
        // Seven groups of three digits are more than any index needs.
        guard (3...10).contains(parts.count), parts[0].elementsEqual("tile".utf8) else { return nil }
        var content = Content.entries
        if !parts[1].elementsEqual("entries".utf8) {
            guard let level = Decimal.decode(parts[1]), level <= Self.levelMax else { return nil }
            content = .hashes(level: Int(level))
        }
        var groups = parts[2...]
        var width = Self.widthMax
        let partial = Array(".p".utf8)
        if groups.count >= 2, groups[groups.endIndex - 2].suffix(2).elementsEqual(partial) {
            guard let number = Decimal.decode(groups.removeLast()), number < Self.widthMax else { return nil }
            width = Int(number)
            groups[groups.endIndex - 1].removeLast(2)
        }
        guard let index = Self.index(of: groups) else { return nil }
        self.init(content, index: index, width: width)
        guard self.path == path else { return nil }
    }

    private static func index(of groups: ArraySlice<[UInt8]>) -> Int64? {
        var digits: [UInt8] = []
        for (place, group) in groups.enumerated() {
            var group = group[...]
            if place < groups.count - 1 {
                guard group.popFirst() == UInt8(ascii: "x") else { return nil }
            }
            guard group.count == 3 else { return nil }
            digits += group
        }
        let significant = digits.drop { $0 == UInt8(ascii: "0") }
        return significant.isEmpty ? (digits.isEmpty ? nil : 0) : Decimal.decode(significant)
    }
}
