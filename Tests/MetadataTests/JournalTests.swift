import KafkaWire
import Storage
import Testing

@testable import Metadata

@Suite struct JournalTests {
    private let one = PartitionID(topic: id(1), partition: 0)
    private let two = PartitionID(topic: id(1), partition: 1)

    private func checkpoint(_ partition: PartitionID, _ size: Int64, at time: Int64 = 0) -> StoredCheckpoint {
        StoredCheckpoint(partition: partition, size: size, madeAt: time, note: Array("note \(size)".utf8))
    }

    private func growth(_ start: Int64, _ entries: [(PartitionID, Int64)], at time: Int64) -> JournalGrowth {
        let hashes = entries.indices.flatMap { [UInt8](repeating: UInt8(Int(start) + $0), count: 32) }
        return JournalGrowth(
            start: start, entries: entries.map { JournalGrowth.Entry(partition: $0.0, size: $0.1) },
            levels: [JournalGrowth.Level(level: 0, start: start, hashes: hashes)], note: Array("journal \(start)".utf8), madeAt: time)
    }

    @Test("the journal keeps its name, its hashes and its last note; a token covers all leaves before it")
    func roundTrip() async throws {
        try await withTemporaryDirectory { directory in
            let store = try MetadataDatabase(path: directory + "/m.sqlite")
            let fresh = try await store.journal()
            #expect(fresh.size == 0 && fresh.note == nil && fresh.waitingSince == nil)
            try await store.append([checkpoint(one, 3), checkpoint(two, 5)])
            try await store.append(growth(0, [(one, 3), (two, 5)], at: 100))
            try await store.append([checkpoint(one, 9)])
            try await store.append(growth(2, [(one, 9)], at: 200))
            #expect(try await store.timestamp(of: one, atLeast: 1) == nil)
            try await store.putTimestamp([7], ofJournal: 3, at: 300)
            await store.shutDown()
            let again = try MetadataDatabase(path: directory + "/m.sqlite")
            #expect(
                try await again.journal()
                    == JournalHead(
                        id: fresh.id, size: 3, note: Array("journal 2".utf8), stampedSize: 3, waitingSince: nil, journalled: [one: 9, two: 5]))
            let found = try await again.timestamp(of: one, atLeast: 1)
            #expect(found?.checkpoint == checkpoint(one, 3) && found?.index == 0 && found?.journalSize == 3 && found?.token == [7])
            #expect(try await again.timestamp(of: one, atLeast: 4)?.index == 2)
            #expect(try await again.timestamp(of: one, atLeast: 10) == nil)
            #expect(try await again.journalHashes(level: 0, 1..<3) == [UInt8](repeating: 1, count: 32) + [UInt8](repeating: 2, count: 32))
            #expect(try await again.journalHashes(level: 0, 1..<4) == nil)
            // A leaf is one once.
            await #expect(throws: StorageError.self) { try await again.append(growth(3, [(one, 9)], at: 400)) }
            await #expect(throws: StorageError.self) { try await again.append(growth(2, [(one, 10)], at: 400)) }
            await again.shutDown()
        }
    }

    @Test("what waits for a token is known after a restart, and a checkpoint that is a leaf is never thinned away")
    func waiting() async throws {
        try await withStore { store, _ in
            try await store.append((1...30).map { checkpoint(one, $0, at: $0 * 10_000) })
            try await store.append(growth(0, [(one, 2)], at: 25_000))
            try await store.append(growth(1, [(one, 8)], at: 85_000))
            #expect(try await store.journal().waitingSince == 25_000)
            try await store.putTimestamp([1], ofJournal: 1, at: 90_000)
            #expect(try await store.journal().waitingSince == 85_000)
            try await store.thinCheckpoints(madeBefore: 400_000, witnessedMadeBefore: 0)
            #expect(try await store.checkpoint(of: one, atLeast: 1)?.size == 2)
            #expect(try await store.checkpoint(of: one, atLeast: 6)?.size == 8)
            // Cosigned later, and thinned at the age of those: what a token is over stays as long as the token.
            var cosigned = checkpoint(one, 8, at: 80_000)
            cosigned.isWitnessed = true
            try await store.keepCosigned([cosigned])
            try await store.thinCheckpoints(madeBefore: 400_000, witnessedMadeBefore: 400_000)
            #expect(try await store.checkpoint(of: one, atLeast: 6) == cosigned)
            #expect(try await store.timestamp(of: one, atLeast: 1)?.token == [1])
        }
    }
}
