import Storage
import Testing

@testable import Metadata

@Suite struct WriterTests {
    private func key(_ number: UInt64) -> Digest256 { Digest256((number, .max, 0, 7)) }

    @Test("whose key it is comes back, for every node that has used it, also after the store was closed")
    func roundTrip() async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/m.sqlite"
            let first = try MetadataDatabase(path: path)
            #expect(try await first.principals(ofWriter: key(1)).isEmpty)
            #expect(try await first.note(writer: key(1), principal: "User:a/b/c", chain: [], at: 5, pairsMax: 10) == ["User:a/b/c"])
            #expect(try await first.note(writer: key(1), principal: "User:a/b/d", chain: [], at: 6, pairsMax: 10) == ["User:a/b/c", "User:a/b/d"])
            #expect(try await first.note(writer: key(1), principal: "User:a/b/c", chain: [], at: 7, pairsMax: 10) == ["User:a/b/c", "User:a/b/d"])
            await first.shutDown()
            let second = try MetadataDatabase(path: path)
            #expect(try await second.principals(ofWriter: key(1)) == ["User:a/b/c", "User:a/b/d"])
            #expect(try await second.principals(ofWriter: key(2)).isEmpty)
            await second.shutDown()
            #expect(try MetadataDatabase.check(path: path).isEmpty)
        }
    }

    @Test("as many are kept as the limit; with one more the one noted first is forgotten")
    func limit() async throws {
        try await withStore { store, _ in
            for number in 1...3 as ClosedRange<UInt64> {
                _ = try await store.note(writer: key(number), principal: "User:a/b/c", chain: [], at: Int64(number), pairsMax: 3)
            }
            #expect(try await store.principals(ofWriter: key(1)) == ["User:a/b/c"])
            _ = try await store.note(writer: key(4), principal: "User:a/b/c", chain: [], at: 4, pairsMax: 3)
            #expect(try await store.principals(ofWriter: key(1)).isEmpty)
            #expect(try await store.principals(ofWriter: key(2)) == ["User:a/b/c"])
        }
    }
}
