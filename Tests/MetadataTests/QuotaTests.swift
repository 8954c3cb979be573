import Storage
import Testing

@testable import Metadata

@Suite("Stored quotas")
struct QuotaTests {
    @Test("They come back as they were put, whole, also after a restart, and an entity without any is forgotten")
    func roundTrip() async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/metadata.sqlite"
            let store = try MetadataDatabase(path: path)
            #expect(try await store.quotas().isEmpty)
            let every = QuotaRecord(entity: nil, values: ["request_rate": 0.5])
            let agency = QuotaRecord(entity: "health/*", values: ["stored_bytes_max": 1e12, "producer_byte_rate": 1_000_000])
            for record in [every, QuotaRecord(entity: "health/*", values: ["request_rate": 1]), agency] { try await store.apply(.putQuotas(record)) }
            await store.shutDown()
            let again = try MetadataDatabase(path: path)
            #expect(try await again.quotas() == [every, agency])
            try await again.apply(.putQuotas(QuotaRecord(entity: nil, values: [:])))
            #expect(try await again.quotas() == [agency])
            await again.shutDown()
            #expect(try MetadataDatabase.check(path: path) == [])
        }
    }
}
