import Metadata
import Storage
import Testing

@Suite struct SecretTests {
    @Test("a secret is what was kept first, after a restart and in a copy of the store too, and each name has its own")
    func secret() async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/m.sqlite"
            let (one, two) = ([UInt8](repeating: 1, count: 32), [UInt8](repeating: 2, count: 32))
            let first = try MetadataDatabase(path: path)
            #expect(try await first.secret(named: "mask", orKeeping: one) == one)
            #expect(try await first.secret(named: "mask", orKeeping: two) == one)
            #expect(try await first.secret(named: "other", orKeeping: two) == two)
            try await first.copy(to: directory + "/copy.sqlite")
            await first.shutDown()
            for path in [path, directory + "/copy.sqlite"] {
                let again = try MetadataDatabase(path: path)
                #expect(try await again.secret(named: "mask", orKeeping: two) == one)
                await again.shutDown()
            }
        }
    }

    @Test("too short a secret is not kept")
    func short() async throws {
        try await withStore { store, _ in
            _ = await #expect(throws: StorageError.self) { try await store.secret(named: "mask", orKeeping: [1, 2, 3]) }
        }
    }
}
