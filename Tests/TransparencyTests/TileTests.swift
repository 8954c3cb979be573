import Testing
import Transparency

@Suite struct TileTests {
    @Test("Paths are those of tlog-tiles", arguments: [
        ("tile/0/000", 0, 0, 256), ("tile/1/x001/x234/067", 1, 1_234_067, 256), ("tile/0/273.p/112", 0, 273, 112), ("tile/7/000.p/1", 7, 0, 1),
        ("tile/entries/x001/000.p/255", nil, 1000, 255), ("tile/0/x036/x028/x797/x018/x963/967", 0, 36_028_797_018_963_967, 256),
    ] as [(String, Int?, Int64, Int)])
    func paths(_ path: String, _ level: Int?, _ index: Int64, _ width: Int) throws {
        let tile = try #require(Tile(path: path))
        #expect(tile == Tile(level.map { .hashes(level: $0) } ?? .entries, index: index, width: width))
        #expect(tile.path == path)
    }

    @Test("What is no path of a tile is none", arguments: [
        "", "tile", "tile/0", "tile/0/", "tile/0/0", "tile/0/00", "tile/00/000", "tile/8/000", "tile/-1/000", "tile/0/x000/001", "tile/0/001/001",
        "tile/0/x001", "tile/0/x0a1/001", "tile/0/000.p", "tile/0/000.p/", "tile/0/000.p/0", "tile/0/000.p/00", "tile/0/000.p/01", "tile/0/000.p/256",
        "tile/0/000.p/12/", "/tile/0/000", "tile/0/000/", "tile//000", "tile/entries", "tile/Entries/000", "tile/0/x036/x028/x797/x018/x963/968",
        "tile/0/x999/x999/x999/x999/x999/x999/999", "tile/0/x001/x001/x001/x001/x001/x001/x001/x001/x001/001", "tile/0/.p/1", "tile/0/0000", "tile/0/000.p/1.p/1",
        "tile/0/+01", "tile/0/000\n", "tile/0/x0001/000",
    ])
    func noPaths(_ path: String) {
        #expect(Tile(path: path) == nil)
    }

    @Test("Every path reads back", arguments: [11, 12] as [UInt64])
    func everyPath(_ seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        for _ in 0..<2000 {
            let level = random.below(9)
            let index = Int64(random.next() >> UInt64(9 + random.below(54)))
            let tile = try #require(
                Tile(level == 8 ? .entries : .hashes(level: level), index: min(index, .max >> 8), width: 1 + random.below(256)), "seed \(seed)")
            #expect(Tile(path: tile.path) == tile, "\(tile.path)")
        }
    }

    @Test("A tree of 70,000 leaves has the tiles that tlog-tiles counts")
    func counts() {
        let tiles = Tile.tiles(to: 70_000)
        #expect(tiles.count == 273 + 1 + 1 + 1 + 1)
        #expect(tiles.filter(\.isPartial).map(\.path) == ["tile/0/273.p/112", "tile/1/001.p/17", "tile/2/000.p/1"])
        #expect(Tile.tiles(to: 256).map(\.path) == ["tile/0/000", "tile/1/000.p/1"])
        #expect(Tile.tiles(to: 0).isEmpty)
    }

    @Test("From one size to the next come the tiles that changed")
    func growth() {
        #expect(Tile.tiles(from: 70_000, to: 70_001).map(\.path) == ["tile/0/273.p/113"])
        #expect(Tile.tiles(from: 255, to: 257).map(\.path) == ["tile/0/000", "tile/0/001.p/1", "tile/1/000.p/1"])
        #expect(Tile.tiles(from: 300, to: 300).isEmpty)
    }

    @Test("Bundles hold whole entries and nothing else")
    func bundles() throws {
        var random = SplitMix64(seed: 5)
        let entries = random.bytes(256 * Entry.sizeBytes)
        let bundle = EntryBundle.encode(entries[...])
        #expect(bundle.count == EntryBundle.bytesMax)
        #expect(try EntryBundle.decode(bundle).flatMap(Array.init) == entries)
        #expect(throws: FormatFault(.tooLong, at: EntryBundle.bytesMax)) { try EntryBundle.decode(bundle + bundle.prefix(106)) }
        #expect(throws: FormatFault(.tooShort, at: 0)) { try EntryBundle.decode([]) }
        #expect(throws: FormatFault(.tooShort, at: 107)) { try EntryBundle.decode(Array(bundle.prefix(107))) }
        #expect(throws: FormatFault(.tooShort, at: 105)) { try EntryBundle.decode(Array(bundle.prefix(105))) }
        #expect(throws: FormatFault(.contradiction, at: 0)) { try EntryBundle.decode([0, 103] + bundle.dropFirst(2)) }
    }

    @Test("An entry that is not exactly of its form is refused with the place")
    func entryForm() throws {
        var random = SplitMix64(seed: 6)
        let log = SampleLog(1, using: &random)
        let good = try #require(log.entries[0])
        _ = try Entry(good)
        func with(_ place: Int, _ value: UInt8) -> [UInt8] {
            var bytes = good
            bytes[place] = value
            return bytes
        }
        #expect(throws: FormatFault(.tooShort, at: 103)) { try Entry(Array(good.dropLast())) }
        #expect(throws: FormatFault(.trailingBytes, at: 104)) { try Entry(good + [0]) }
        #expect(throws: FormatFault(.unknownVersion, at: 0)) { try Entry(with(0, 2)) }
        #expect(throws: FormatFault(.unknownFlags, at: 1)) { try Entry(with(1, 8)) }
        #expect(throws: FormatFault(.unknownCommitment, at: 2)) { try Entry(with(3, 2)) }
        #expect(throws: FormatFault(.malformedNumber, at: 4)) { try Entry(with(4, 0x80)) }
        #expect(try Entry(with(1, 7)).facts.flags == [.nullValue, .controlRecord, .transactional])
    }
}
