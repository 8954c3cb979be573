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
            #expect(try await first.note(writer: key(1), principal: "User:a/b/c", certificates: WriterCertificates(chain: []), at: 5, pairsMax: 10) == ["User:a/b/c"])
            #expect(try await first.note(writer: key(1), principal: "User:a/b/d", certificates: WriterCertificates(chain: []), at: 6, pairsMax: 10) == ["User:a/b/c", "User:a/b/d"])
            #expect(try await first.note(writer: key(1), principal: "User:a/b/c", certificates: WriterCertificates(chain: []), at: 7, pairsMax: 10) == ["User:a/b/c", "User:a/b/d"])
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
                _ = try await store.note(writer: key(number), principal: "User:a/b/c", certificates: WriterCertificates(chain: []), at: Int64(number), pairsMax: 3)
            }
            #expect(try await store.principals(ofWriter: key(1)) == ["User:a/b/c"])
            _ = try await store.note(writer: key(4), principal: "User:a/b/c", certificates: WriterCertificates(chain: []), at: 4, pairsMax: 3)
            #expect(try await store.principals(ofWriter: key(1)).isEmpty)
            #expect(try await store.principals(ofWriter: key(2)) == ["User:a/b/c"])
        }
    }

    @Test("the certificates of a key's first use are kept, and each revocation list once for all keys that were accepted under it")
    func certificates() async throws {
        try await withStore { store, _ in
            let list = WriterCertificates.List(digest: key(90), bytes: [9, 0])
            let first = WriterCertificates(chain: [[1], [2]], revocationLists: [list])
            _ = try await store.note(writer: key(1), principal: "User:a/b/c", certificates: first, at: 1, pairsMax: 2)
            let later = WriterCertificates(chain: [[3]], revocationLists: [WriterCertificates.List(digest: key(91), bytes: [9, 1])])
            _ = try await store.note(writer: key(1), principal: "User:a/b/d", certificates: later, at: 2, pairsMax: 2)
            #expect(try await store.certificates(ofWriter: key(1)) == first)
            // Both principals of the first key are forgotten one after the other, and what only they needed.
            _ = try await store.note(
                writer: key(2), principal: "User:a/b/e", certificates: WriterCertificates(chain: [[4]], revocationLists: [list]), at: 3, pairsMax: 2)
            _ = try await store.note(writer: key(3), principal: "User:a/b/f", certificates: WriterCertificates(chain: []), at: 4, pairsMax: 2)
            #expect(try await store.certificates(ofWriter: key(1)) == WriterCertificates(chain: []))
            #expect(try await store.certificates(ofWriter: key(2)).revocationLists == [list])
            _ = try await store.note(writer: key(4), principal: "User:a/b/g", certificates: WriterCertificates(chain: []), at: 5, pairsMax: 2)
            #expect(try await store.certificates(ofWriter: key(2)).revocationLists.isEmpty)
        }
    }
}
