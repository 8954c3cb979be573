import KafkaWire
import Storage
import Testing

@testable import Metadata

@Suite("Requests that name themselves")
struct NamedRequestTests {
    private func request(_ node: String, _ key: String, at time: Int64 = 0, bytes: Int = 10, isAnswered: Bool = true) -> NamedRequest {
        NamedRequest(
            node: node, key: key, fingerprint: Digest256((1, 2, 3, UInt64(time))), beganAt: time, isAnswered: isAnswered,
            content: [UInt8](repeating: 7, count: bytes))
    }

    private var limits: NamedRequestLimits {
        NamedRequestLimits(countPerNodeMax: 3, countMax: 5, bytesPerNodeMax: 100, bytesMax: 150, beganAtLeast: 0)
    }

    private func keys(_ store: MetadataDatabase, _ node: String) async throws -> [String] {
        var found: [String] = []
        for key in ["1", "2", "3", "4", "5", "6"] where try await store.namedRequest(node: node, key: key) != nil { found.append(key) }
        return found
    }

    @Test("One is read back as it was put, replaced by its name, and found while it is unanswered, also after a restart")
    func roundTrip() async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/metadata.sqlite"
            let store = try MetadataDatabase(path: path)
            let first = request("a/b/c", "khóa", isAnswered: false)
            try await store.put(first, limits: limits)
            #expect(try await store.unansweredRequests() == [first])
            await store.shutDown()
            let again = try MetadataDatabase(path: path)
            #expect(try await again.namedRequest(node: "a/b/c", key: "khóa") == first)
            #expect(try await again.namedRequest(node: "a/b/d", key: "khóa") == nil)
            let second = request("a/b/c", "khóa", at: 9, bytes: 20)
            try await again.put(second, limits: limits)
            #expect(try await again.namedRequest(node: "a/b/c", key: "khóa") == second)
            #expect(try await again.unansweredRequests() == [])
            await again.shutDown()
            #expect(try MetadataDatabase.check(path: path) == [])
        }
    }

    @Test("One that was taken back is as if it had never been put, and counts no more")
    func removed() async throws {
        try await withStore { store, _ in
            for key in 1...3 { try await store.put(request("a", "\(key)", at: Int64(key)), limits: limits) }
            try await store.removeNamedRequest(node: "a", key: "2")
            try await store.removeNamedRequest(node: "a", key: "nothing")
            #expect(try await keys(store, "a") == ["1", "3"])
            try await store.put(request("a", "4", at: 4), limits: limits)
            #expect(try await keys(store, "a") == ["1", "3", "4"])
        }
    }

    @Test("A node keeps as many as it may, then its oldest is forgotten and nobody else's")
    func countPerNode() async throws {
        try await withStore { store, _ in
            try await store.put(request("b", "1"), limits: limits)
            for key in 1...3 { try await store.put(request("a", "\(key)", at: Int64(key)), limits: limits) }
            #expect(try await keys(store, "a") == ["1", "2", "3"])
            try await store.put(request("a", "4", at: 4), limits: limits)
            #expect(try await keys(store, "a") == ["2", "3", "4"])
            #expect(try await keys(store, "b") == ["1"])
        }
    }

    @Test("All nodes together keep as many as they may, then the oldest of all is forgotten")
    func countInAll() async throws {
        try await withStore { store, _ in
            for (place, node) in ["a", "b", "c", "d", "e"].enumerated() { try await store.put(request(node, "1", at: Int64(place)), limits: limits) }
            #expect(try await keys(store, "a") == ["1"])
            try await store.put(request("f", "1", at: 9), limits: limits)
            #expect(try await keys(store, "a") == [])
            #expect(try await keys(store, "b") == ["1"])
        }
    }

    @Test("Bytes are bounded the same way, and one that is larger than all of it stays alone")
    func bytes() async throws {
        try await withStore { store, _ in
            try await store.put(request("a", "1", at: 1, bytes: 50), limits: limits)
            try await store.put(request("a", "2", at: 2, bytes: 50), limits: limits)
            #expect(try await keys(store, "a") == ["1", "2"])
            try await store.put(request("a", "3", at: 3, bytes: 1), limits: limits)
            #expect(try await keys(store, "a") == ["2", "3"])
            try await store.put(request("b", "1", at: 4, bytes: 99), limits: limits)
            #expect(try await keys(store, "a") == ["2", "3"], "at the limit of all")
            try await store.put(request("c", "1", at: 5, bytes: 1), limits: limits)
            #expect(try await keys(store, "a") == ["3"])
            try await store.put(request("a", "4", at: 6, bytes: 1000), limits: limits)
            #expect(try await keys(store, "a") == ["4"])
        }
    }

    @Test("One that grows counts as large as it is now")
    func growing() async throws {
        try await withStore { store, _ in
            try await store.put(request("a", "1", at: 1, bytes: 10), limits: limits)
            try await store.put(request("a", "2", at: 2, bytes: 10), limits: limits)
            try await store.put(request("a", "2", at: 2, bytes: 90), limits: limits)
            #expect(try await keys(store, "a") == ["1", "2"])
            try await store.put(request("a", "2", at: 2, bytes: 91), limits: limits)
            #expect(try await keys(store, "a") == ["2"])
        }
    }

    @Test("Those that are too old are forgotten")
    func age() async throws {
        try await withStore { store, _ in
            for key in 1...3 { try await store.put(request("a", "\(key)", at: Int64(key)), limits: limits) }
            var later = limits
            later.beganAtLeast = 3
            try await store.put(request("b", "1", at: 9), limits: later)
            #expect(try await keys(store, "a") == ["3"])
        }
    }
}
