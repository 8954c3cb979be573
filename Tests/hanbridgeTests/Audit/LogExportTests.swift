import Testing
import Transparency

@testable import hanbridge

@Suite("Exporting a part of a log")
struct LogExportTests {
    @Test(
        "The tiles of an earlier size lead from each of its subtrees to today's root",
        arguments: [(1, 1), (255, 700), (256, 700), (257, 700), (65_536, 70_000_000), (65_636, 70_000_000), (16_777_216, 16_777_217), (16_843_009, 4_294_967_299)])
    func edgeLeadsToTheRoot(earlier: Int64, size: Int64) throws {
        let tiles = LogExport.edge(of: earlier, in: size)
        #expect(tiles.count <= 2 * (Tile.levelMax + 1))
        for node in TreeNode.covering(0..<earlier) {
            let (level, range) = node.tileHashes
            var tile = try #require(Tile(.hashes(level: level), holding: range.lowerBound, treeSize: size))
            // A partial tile is of the right edge, which every export has.
            var above = level
            while !tile.isPartial {
                #expect(tiles.contains(tile), "\(tile.path) for \(earlier) of \(size)")
                above += 1
                guard let parent = Tile(.hashes(level: above), holding: tile.index, treeSize: size) else { break }
                tile = parent
            }
        }
    }
}
