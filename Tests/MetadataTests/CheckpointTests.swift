import KafkaWire
import Storage
import Testing

@testable import Metadata

@Suite struct CheckpointTests {
    private let one = PartitionID(topic: id(1), partition: 0)
    private let two = PartitionID(topic: id(1), partition: 1)

    private func checkpoint(_ partition: PartitionID, _ size: Int64, at time: Int64 = 0) -> StoredCheckpoint {
        StoredCheckpoint(partition: partition, size: size, madeAt: time, note: Array("note \(size)".utf8))
    }

    @Test("The journal gives back the last of each partition, and the first that is large enough")
    func roundTrip() async throws {
        try await withStore { database, _ in
            try await database.apply(.createTopic(topic("t", 1)))
            try await database.append([checkpoint(one, 3), checkpoint(two, 5)])
            try await database.append([checkpoint(one, 9)])
            #expect(Set(try await database.lastCheckpoints()) == [checkpoint(one, 9), checkpoint(two, 5)])
            #expect(try await database.checkpoint(of: one, atLeast: 4) == checkpoint(one, 9))
            #expect(try await database.checkpoint(of: one, atLeast: 3) == checkpoint(one, 3))
            #expect(try await database.checkpoint(of: two, atLeast: 6) == nil)
            #expect(try await database.checkpoints(of: one, below: .max, limit: 9).map(\.size) == [9, 3])
            #expect(try await database.checkpoints(of: one, below: 9, limit: 9).map(\.size) == [3])
            #expect(try await database.checkpoints(of: one, below: .max, limit: 1).map(\.size) == [9])
            // One size has one checkpoint for ever.
            await #expect(throws: StorageError.self) { try await database.append([checkpoint(one, 9)]) }
        }
    }

    @Test("Old ones are thinned to the last of each minute")
    func thinning() async throws {
        try await withStore { database, _ in
            try await database.append((1...30).map { checkpoint(one, $0, at: $0 * 10_000) } + [checkpoint(two, 1, at: 5_000)])
            try await database.thinCheckpoints(madeBefore: 180_000, witnessedMadeBefore: 0)
            var sizes: [Int64] = []
            var next: Int64 = 0
            while let found = try await database.checkpoint(of: one, atLeast: next) {
                sizes.append(found.size)
                next = found.size + 1
        }
        #expect(sizes == [5, 11, 17] + Array(18...30))
        #expect(try await database.checkpoint(of: two, atLeast: 0)?.size == 1)
        try await database.thinCheckpoints(madeBefore: 180_000, witnessedMadeBefore: 0)
        #expect(try await database.checkpoint(of: one, atLeast: 6)?.size == 11)
        }
    }

    @Test("One with which a log was closed is kept beside the last of its minute, witnessed or not")
    func closing() async throws {
        try await withStore { database, _ in
            try await database.append((1...5).map { checkpoint(one, $0, at: $0 * 10_000) })
            var witnessed = checkpoint(one, 3, at: 30_000)
            witnessed.isWitnessed = true
            try await database.keepCosigned([witnessed])
            for size in [2, 3] as [Int64] { try await database.keepCheckpoint(of: one, size: size) }
            try await database.thinCheckpoints(madeBefore: 120_000, witnessedMadeBefore: 120_000)
            #expect(try await database.checkpoints(of: one, below: .max, limit: 9).map(\.size) == [5, 3, 2])
        }
    }

    @Test("Cosignatures take the place of the note, and witnessed checkpoints are found by size")
    func cosigned() async throws {
        try await withStore { database, _ in
            try await database.append([checkpoint(one, 3), checkpoint(one, 5), checkpoint(one, 9), checkpoint(two, 7)])
            var witnessed = checkpoint(one, 5)
            witnessed.note = Array("note 5, cosigned".utf8)
            witnessed.isWitnessed = true
            var late = checkpoint(one, 4)
            late.isWitnessed = true
            // Of size 4 there is none (any more): it stays away.
            try await database.keepCosigned([witnessed, late])
            #expect(try await database.checkpoint(of: one, atLeast: 4) == witnessed)
            #expect(try await database.witnessedCheckpoints(of: one, atLeast: 0, limit: 10) == [witnessed])
            #expect(try await database.witnessedCheckpoints(of: one, atLeast: 6, limit: 10).isEmpty)
            // Once witnessed, it stays so.
            var again = witnessed
            again.isWitnessed = false
            try await database.keepCosigned([again])
            #expect(try await database.witnessedCheckpoints(of: one, atLeast: 5, limit: 1) == [witnessed])
        }
    }

    @Test("Witnessed checkpoints are thinned at an age of their own, to one a minute too")
    func thinningWitnessed() async throws {
        try await withStore { database, _ in
            try await database.append((1...12).map { checkpoint(one, $0, at: $0 * 10_000) })
            var witnessed = [2, 3, 8].map { checkpoint(one, $0, at: $0 * 10_000) }
            for index in witnessed.indices { witnessed[index].isWitnessed = true }
            try await database.keepCosigned(witnessed)
            func sizes() async throws -> [Int64] {
                var sizes: [Int64] = []
                while let found = try await database.checkpoint(of: one, atLeast: (sizes.last ?? 0) + 1) { sizes.append(found.size) }
                return sizes
            }
            try await database.thinCheckpoints(madeBefore: 120_000, witnessedMadeBefore: 0)
            #expect(try await sizes() == [2, 3, 5, 8, 11, 12])
            try await database.thinCheckpoints(madeBefore: 120_000, witnessedMadeBefore: 120_000)
            #expect(try await sizes() == [3, 5, 8, 11, 12])
        }
    }
}
