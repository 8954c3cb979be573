import Storage
import Testing

@testable import Metadata

@Suite("Stored emergencies")
struct EmergencyTests {
    @Test("What waits for the second person comes back after a restart, is replaced by its id, and is gone once it is removed")
    func roundTrip() async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/metadata.sqlite"
            let store = try MetadataDatabase(path: path)
            func record(_ id: String, _ text: String) -> EmergencyRecord {
                EmergencyRecord(id: id, text: text, askedBy: "a/b/c", isByOperator: id == "B", key: Array(repeating: 7, count: 32), expiresAt: 5)
            }
            for each in [record("A", "first"), record("B", "b"), record("A", "second")] { try await store.apply(.putEmergency(each)) }
            await store.shutDown()
            let again = try MetadataDatabase(path: path)
            #expect(try await again.emergencies() == [record("A", "second"), record("B", "b")])
            try await again.apply(.removeEmergency(id: "A"))
            try await again.apply(.removeEmergency(id: "C"))
            #expect(try await again.emergencies() == [record("B", "b")])
            await again.shutDown()
            #expect(try MetadataDatabase.check(path: path) == [])
        }
    }
}
