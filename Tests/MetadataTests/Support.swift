import Foundation
import KafkaWire
import Metadata
import Storage

/// A directory of its own, removed afterwards.
func withTemporaryDirectory<Value>(_ body: (String) async throws -> Value) async throws -> Value {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("metadata-tests-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: path) }
    return try await body(path)
}

/// A store in a directory of its own, shut down afterwards.
func withStore<Value>(_ body: (MetadataDatabase, String) async throws -> Value) async throws -> Value {
    try await withTemporaryDirectory { directory in
        let path = directory + "/metadata.sqlite"
        let store = try MetadataDatabase(path: path)
        do {
            let value = try await body(store, path)
            await store.shutDown()
            return value
        } catch {
            await store.shutDown()
            throw error
        }
    }
}

func id(_ number: UInt64) -> UUID128 { UUID128(high: 0xFEED_0000_0000_4000, low: number) }

func topic(_ name: String, _ number: UInt64, partitions: Int32 = 3, configuration: [String: String] = [:]) -> TopicRecord {
    TopicRecord(
        name: name, id: id(number), partitionCount: partitions, configuration: configuration, createdAt: 1_000,
        createdBy: "User:a/b/c")
}

func offset(_ topic: String, _ number: UInt64, partition: Int32 = 0, _ value: Int64, at time: Int64 = 1) -> CommittedOffset {
    CommittedOffset(
        partition: PartitionName(topic: topic, partition: partition), topicID: id(number), offset: value, leaderEpoch: -1,
        metadata: "ghi chú", committedAt: time)
}

func group(_ name: String, generation: Int32 = 1, members: Int = 2) -> GroupRecord {
    GroupRecord(
        group: name, protocolType: "consumer", generation: generation, protocolName: "range",
        leader: members > 0 ? "m-0" : nil, stateChangedAt: 5,
        members: (0..<members).map { index in
            GroupRecord.Member(
                memberID: "m-\(index)", groupInstanceID: index == 0 ? "static" : nil, clientID: "client", clientHost: "/127.0.0.1",
                principal: "User:a/b/c", sessionTimeoutMilliseconds: 45_000, rebalanceTimeoutMilliseconds: 300_000,
                subscription: [0, 1, 255], assignment: [])
        })
}

func agreements(_ version: Int64, _ text: String = "agreements: []") -> AgreementSet {
    AgreementSet(
        summary: .init(version: version, appliedAt: version * 10, appliedBy: "User:a/b/c"),
        files: ["a.yaml": text, "b.yaml": "# thỏa thuận"])
}
