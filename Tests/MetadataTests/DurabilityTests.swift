import Foundation
import GRDB
import KafkaWire
@testable import Metadata
import Storage
import Testing

@Suite struct DurabilityTests {
    @Test("the writer syncs each commit: WAL with synchronous=FULL")
    func synchronous() async throws {
        try await withStore { store, _ in
            let settings = try await store.pool.writeWithoutTransaction { database in
                (
                    try Int.fetchOne(database, sql: "PRAGMA synchronous"),
                    try String.fetchOne(database, sql: "PRAGMA journal_mode"),
                    try Bool.fetchOne(database, sql: "PRAGMA foreign_keys")
                )
            }
            #expect(settings.0 == 2)
            #expect(settings.1 == "wal")
            #expect(settings.2 == true)
        }
    }

    /// What clients can see of a store.
    private struct Visible: Hashable {
        var topics: [TopicRecord] = []
        var groups: [GroupRecord] = []
        var agreements: Int64 = 0
        var offsets: [CommittedOffset] = []
    }

    private func visible(_ store: MetadataDatabase) async throws -> Visible {
        let image = try await store.load()
        return Visible(
            topics: image.topics, groups: image.groups, agreements: image.agreements?.summary.version ?? 0,
            offsets: try await store.offsets(ofGroup: "g"))
    }

    /// A power loss leaves some beginning of the WAL. Whatever its length, the store must come up in the state after some
    /// acknowledged change or the one in flight, and never before one whose frames are all there.
    @Test("cut anywhere, the log of changes yields each change whole or not at all, and every synced one")
    func tornAtEveryStride() async throws {
        let seed = UInt64.random(in: 0 ... .max)
        print("DurabilityTests.tornAtEveryStride seed \(seed)")
        try await withTemporaryDirectory { directory in
            let path = directory + "/m.sqlite"
            let store = try MetadataDatabase(path: path)
            // Everything from here on stays in the WAL.
            try await store.pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA wal_autocheckpoint = 0") }
            _ = try await store.pool.writeWithoutTransaction { try $0.checkpoint(.truncate) }
            var states = [try await visible(store)]
            var walBytes = [try Self.size(path + "-wal")]
            func acknowledged() async throws {
                states.append(try await visible(store))
                walBytes.append(try Self.size(path + "-wal"))
            }
            for step in 0..<6 {
                try await store.apply(.createTopic(topic("t\(step)", UInt64(step), configuration: ["k": "v", "l": "\(step)"])))
                try await acknowledged()
                try await store.commit(
                    (0..<20).map { offset("t\(step)", UInt64(step), partition: Int32($0 % 3), Int64(step * 100 + $0)) }, group: "g")
                try await acknowledged()
                try await store.apply(.putGroup(group("g", generation: Int32(step), members: step)))
                try await acknowledged()
                try await store.apply(.putAgreements(agreements(Int64(step + 1), String(repeating: "x", count: 9_000))))
                try await acknowledged()
                if step % 2 == 1 {
                    try await store.apply(.deleteTopic(id(UInt64(step - 1))))
                    try await acknowledged()
                }
            }
            let database = try Data(contentsOf: URL(fileURLWithPath: path))
            let wal = try Data(contentsOf: URL(fileURLWithPath: path + "-wal"))
            await store.shutDown()

            for length in Self.cuts(of: wal.count, seed: seed) {
                let copy = directory + "/cut.sqlite"
                try database.write(to: URL(fileURLWithPath: copy))
                try wal.prefix(length).write(to: URL(fileURLWithPath: copy + "-wal"))
                let survivor = try MetadataDatabase(path: copy)
                let found = try await visible(survivor)
                await survivor.shutDown()
                #expect(try MetadataDatabase.check(path: copy).isEmpty, "cut at \(length), seed \(seed)")
                let due = walBytes.lastIndex { $0 <= length } ?? 0
                let index = states.lastIndex(of: found)
                #expect(try #require(index, "a state that never was, cut at \(length), seed \(seed)") >= due, "cut at \(length)")
                for suffix in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: copy + suffix) }
            }
        }
    }

    private static func size(_ path: String) throws -> Int {
        (try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int) ?? 0
    }

    /// Every frame boundary (32 bytes of WAL header, then 24 of frame header and 4096 of page), one byte on both sides of it, and
    /// random places.
    private static func cuts(of length: Int, seed: UInt64) -> [Int] {
        let boundaries = stride(from: 32, through: length, by: 4096 + 24)
        var generator = SeededGenerator(seed: seed)
        let random = (0..<40).map { _ in Int.random(in: 0...length, using: &generator) }
        return (boundaries.flatMap { [$0 - 1, $0, $0 + 1] } + random + [0, length]).filter { (0...length).contains($0) }
    }

    @Test("a flipped bit in the log of changes loses nothing before it and invents nothing")
    func flippedBits() async throws {
        let seed = UInt64.random(in: 0 ... .max)
        print("DurabilityTests.flippedBits seed \(seed)")
        var generator = SeededGenerator(seed: seed)
        try await withTemporaryDirectory { directory in
            let path = directory + "/m.sqlite"
            let store = try MetadataDatabase(path: path)
            _ = try await store.load()
            try await store.pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA wal_autocheckpoint = 0") }
            _ = try await store.pool.writeWithoutTransaction { try $0.checkpoint(.truncate) }
            try await store.apply(.createTopic(topic("t", 1)))
            for value in 1...20 { try await store.commit([offset("t", 1, Int64(value))], group: "g") }
            let database = try Data(contentsOf: URL(fileURLWithPath: path))
            let wal = try Data(contentsOf: URL(fileURLWithPath: path + "-wal"))
            await store.shutDown()
            for _ in 0..<60 {
                var damaged = wal
                let place = Int.random(in: 32..<wal.count, using: &generator)
                damaged[place] ^= 1 << UInt8.random(in: 0...7, using: &generator)
                let copy = directory + "/flip.sqlite"
                try database.write(to: URL(fileURLWithPath: copy))
                try damaged.write(to: URL(fileURLWithPath: copy + "-wal"))
                let survivor = try MetadataDatabase(path: copy)
                let offsets = try await survivor.offsets(ofGroup: "g")
                #expect(offsets.isEmpty || (offsets.count == 1 && (1...20).contains(offsets[0].offset)), "seed \(seed)")
                await survivor.shutDown()
                #expect(try MetadataDatabase.check(path: copy).isEmpty, "seed \(seed)")
                for suffix in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: copy + suffix) }
            }
        }
    }

    @Test("a full disk is named, changes nothing, keeps serving reads, and is over when there is room again")
    func fullDisk() async throws {
        try await withStore { store, path in
            try await store.apply(.createTopic(topic("t", 1)))
            try await store.commit([offset("t", 1, 7)], group: "g")
            try await store.pool.writeWithoutTransaction { database in
                let pages = try Int.fetchOne(database, sql: "PRAGMA page_count") ?? 0
                try database.execute(sql: "PRAGMA max_page_count = \(pages)")
            }
            let large = agreements(1, String(repeating: "x", count: 100_000))
            await #expect(throws: StorageError.diskFull) { try await store.apply(.putAgreements(large)) }
            #expect(try await store.agreementVersions(limit: 1).isEmpty)
            #expect(try await store.offsets(ofGroup: "g").map(\.offset) == [7])
            // What needs no new page still goes through.
            try await store.commit([offset("t", 1, 8)], group: "g")
            try await store.pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA max_page_count = 1000000") }
            try await store.apply(.putAgreements(large))
            #expect(try await store.load().agreements == large)
            #expect(try await store.offsets(ofGroup: "g").map(\.offset) == [8])
            #expect(try MetadataDatabase.check(path: path).isEmpty)
        }
    }

    @Test("commits beyond what may wait are refused as overload, and none that was accepted is lost")
    func overload() async throws {
        try await withStore { store, _ in
            let many = (0..<OffsetCommitQueue.waitingOffsetsMax).map { offset("t", 1, partition: Int32($0), Int64($0)) }
            let one = offset("t", 1, partition: Int32(OffsetCommitQueue.waitingOffsetsMax), 1)
            // Nothing waits: the largest commit fits alone, one more offset does not.
            await #expect(throws: StorageError.overloaded) { try await store.commit(many + [one], group: "g") }
            #expect(try await store.groupsWithOffsets().isEmpty)
            try await store.commit([one], group: "g")
            #expect(try await store.offsets(ofGroup: "g") == [one])
        }
    }

    @Test("an acknowledged offset is in the files at once, and never older than acknowledged")
    func acknowledgedOffsets() async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/m.sqlite"
            let store = try MetadataDatabase(path: path)
            try await store.apply(.createTopic(topic("t", 1)))
            for value in 1...25 {
                try await store.commit([offset("t", 1, Int64(value))], group: "g")
                let copy = directory + "/copy.sqlite"
                for suffix in ["", "-wal"] {
                    try Data(contentsOf: URL(fileURLWithPath: path + suffix)).write(to: URL(fileURLWithPath: copy + suffix))
                }
                let survivor = try MetadataDatabase(path: copy)
                #expect(try await survivor.offsets(ofGroup: "g").map(\.offset) == [Int64(value)])
                await survivor.shutDown()
                for suffix in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: copy + suffix) }
            }
            await store.shutDown()
        }
    }
}

/// SplitMix64: the same numbers from the same seed on every machine.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }
}
