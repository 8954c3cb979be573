import Testing
import Transparency

/// What a log says of records besides themselves, written and read.
@Suite struct LeafFactsTests {
    private static func facts(_ offset: Int64, hidden: Bool = false) -> Entry.Facts {
        Entry.Facts(
            flags: [.transactional, .nullValue], offset: offset, appendTime: 1_795_372_800_000, createTime: 9, leaderEpoch: 7, schemaID: 3,
            contentLength: hidden ? Entry.hiddenLength : 12, writer: TreeHashing.hash(of: [1]))
    }

    private static func bytes(_ runs: [(first: Int64, schemaIDs: [Int32], count: Int, hidden: Bool)]) -> [UInt8] {
        var bytes: [UInt8] = []
        for run in runs {
            let salts = (0..<run.count * 16).map { UInt8(truncatingIfNeeded: Int(run.first) + $0 / 16) }
            run.schemaIDs.map(\.bigEndian).withUnsafeBytes { ids in
                salts.withUnsafeBytes { LeafFacts.append(facts(run.first, hidden: run.hidden), count: run.count, schemaIDs: ids, salts: $0, to: &bytes) }
            }
        }
        return bytes
    }

    @Test("What was written is read: one schema id for all or one each, lengths shown or hidden, null values as the records say")
    func roundTrip() throws {
        let runs = try LeafFacts.decode(Self.bytes([(5, [], 3, false), (8, [4, -1], 2, true), (100, [], 1, false)]))
        #expect(runs.map(\.offsets) == [5..<8, 8..<10, 100..<101])
        for (run, offset, schemaID) in [(0, 5, 3), (0, 7, 3), (1, 8, 4), (1, 9, -1), (2, 100, 3)] {
            for isNull in [false, true] {
                let (facts, salt) = runs[run].withFacts(of: Int64(offset), createTime: 9, isNull: isNull) { ($0, Array($1)) }
                var expected = Self.facts(Int64(offset))
                expected.schemaID = Int32(schemaID)
                expected.flags = isNull ? [.transactional, .nullValue] : .transactional
                expected.contentLength = run == 1 ? Entry.hiddenLength : 0
                #expect(facts == expected)
                #expect(salt == [UInt8](repeating: UInt8(offset), count: 16))
            }
        }
        #expect(try LeafFacts.decode([]).isEmpty)
    }

    @Test("Every cut is refused, and every run that goes back")
    func refused() throws {
        let bytes = Self.bytes([(5, [], 3, false), (8, [4, -1], 2, true)])
        let first = Self.bytes([(5, [], 3, false)]).count
        for count in 1..<bytes.count where count != first {
            #expect(throws: FormatFault.self) { try LeafFacts.decode(Array(bytes.prefix(count))) }
        }
        for runs in [[(5, [], 3, false), (7, [], 3, false)], [(5, [], 3, false), (4, [], 1, false)]] as [[(Int64, [Int32], Int, Bool)]] {
            #expect(throws: FormatFault.self) { try LeafFacts.decode(Self.bytes(runs)) }
        }
    }

    @Test("Numbers out of their range and flags that nobody knows are refused")
    func bounds() throws {
        let bytes = Self.bytes([(5, [], 3, false)])
        // A negative offset, one whose last is past the largest, none, too many, unknown flags and forms, a null value for all.
        for (place, values) in [
            (0, [0x80] as [UInt8]), (0, [0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFD]), (8, [0, 0, 0, 0]), (8, [0xFF, 0xFF, 0xFF, 0xFF]),
            (12, [8]), (12, [1]), (13, [4]),
        ] {
            var changed = bytes
            changed.replaceSubrange(place..<place + values.count, with: values)
            #expect(throws: FormatFault.self, "\(values) at \(place)") { try LeafFacts.decode(changed) }
        }
    }
}
