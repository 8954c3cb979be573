import Foundation
import KafkaWire
import Metadata
import Storage
import Testing

@Suite struct RoundTripTests {
    @Test("topics come back with their configuration, also after the store was closed")
    func topics() async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/m.sqlite"
            let first = try MetadataDatabase(path: path)
            let traffic = topic("traffic.v1", 1, configuration: ["retention.ms": "1000", "hanbridge.owner": "giao-thông"])
            try await first.apply(.createTopic(traffic))
            try await first.apply(.createTopic(topic("air.v1", 2)))
            try await first.apply(.setPartitionCount(topic: id(2), count: 5))
            try await first.apply(.setTopicConfiguration(topic: id(2), configuration: ["a": "b"]))
            try await first.apply(.setTopicConfiguration(topic: id(2), configuration: ["c": "d"]))
            let before = try await first.load()
            await first.shutDown()

            let second = try MetadataDatabase(path: path)
            let after = try await second.load()
            #expect(after.topics == [topic("air.v1", 2, partitions: 5, configuration: ["c": "d"]), traffic])
            #expect(after.topics == before.topics)
            #expect(after.clusterID == before.clusterID)
            #expect(after.runEpoch == before.runEpoch + 1)
            try await second.apply(.deleteTopic(id(1)))
            let afterDeletion = try await second.load()
            #expect(afterDeletion.topics.map(\.name) == ["air.v1"])
            #expect(afterDeletion.deletedTopics == [id(1)])
            await #expect(throws: StorageError.self) { try await second.apply(.createTopic(topic("again", 1))) }
            await second.shutDown()
        }
    }

    @Test("a deleted topic's name is free again, and its offsets are not its successor's")
    func reincarnation() async throws {
        try await withStore { store, _ in
            try await store.apply(.createTopic(topic("t", 1)))
            try await store.commit([offset("t", 1, 42)], group: "g")
            try await store.apply(.deleteTopic(id(1)))
            #expect(try await store.offsets(ofGroup: "g").isEmpty)
            try await store.apply(.createTopic(topic("t", 2)))
            // A commit that was on its way when the topic went.
            try await store.commit([offset("t", 1, 43)], group: "g")
            try await store.commit([offset("t", 2, 7)], group: "g")
            _ = try await store.load()
            #expect(try await store.offsets(ofGroup: "g") == [offset("t", 2, 7)])
        }
    }

    @Test("groups keep members in order, byte for byte, and replacing one leaves no member behind")
    func groups() async throws {
        try await withStore { store, _ in
            try await store.apply(.putGroup(group("g", members: 12)))
            try await store.apply(.putGroup(group("h", members: 0)))
            #expect(try await store.load().groups == [group("g", members: 12), group("h", members: 0)])
            try await store.apply(.putGroup(group("g", generation: 2, members: 1)))
            #expect(try await store.load().groups.first == group("g", generation: 2, members: 1))
            try await store.apply(.deleteGroup("g"))
            #expect(try await store.load().groups.map(\.group) == ["h"])
        }
    }

    @Test("the last commit of a partition wins, also when it goes back, and groups do not mix")
    func offsets() async throws {
        try await withStore { store, _ in
            try await store.apply(.createTopic(topic("t", 1)))
            try await store.commit([offset("t", 1, 10), offset("t", 1, partition: 1, 20)], group: "g")
            try await store.commit([offset("t", 1, 3, at: 9)], group: "g")
            try await store.commit([offset("t", 1, 99)], group: "other")
            try await store.commit([], group: "empty")
            #expect(try await store.offsets(ofGroup: "g") == [offset("t", 1, 3, at: 9), offset("t", 1, partition: 1, 20)])
            #expect(try await store.groupsWithOffsets() == ["g", "other"])
            try await store.apply(.deleteOffsets(group: "g", partitions: [PartitionName(topic: "t", partition: 0)]))
            #expect(try await store.offsets(ofGroup: "g").map(\.offset) == [20])
            try await store.apply(.deleteGroup("g"))
            #expect(try await store.groupsWithOffsets() == ["other"])
        }
    }

    @Test("offsets expire by commit time, never those of an active group")
    func expiry() async throws {
        try await withStore { store, _ in
            try await store.apply(.createTopic(topic("t", 1)))
            for name in ["idle", "it's \"active\""] {
                try await store.commit([offset("t", 1, 1, at: 100), offset("t", 1, partition: 1, 1, at: 101)], group: name)
            }
            #expect(try await store.expireOffsets(committedBefore: 101, exceptGroups: ["it's \"active\""]) == 1)
            #expect(try await store.offsets(ofGroup: "idle").map(\.partition.partition) == [1])
            #expect(try await store.offsets(ofGroup: "it's \"active\"").count == 2)
            #expect(try await store.expireOffsets(committedBefore: 101, exceptGroups: []) == 1)
        }
    }

    @Test("producer ids are never handed out twice, not even after a restart")
    func producerIDs() async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/m.sqlite"
            var seen: [Range<Int64>] = []
            for _ in 0..<3 {
                let store = try MetadataDatabase(path: path)
                seen.append(try await store.reserveProducerIDs(count: 1_000))
                seen.append(try await store.reserveProducerIDs(count: 1))
                await store.shutDown()
            }
            #expect(seen.first?.lowerBound == 0)
            for (earlier, later) in zip(seen, seen.dropFirst()) { #expect(earlier.upperBound == later.lowerBound) }
        }
    }

    @Test("every version of the agreements is kept, newest first")
    func agreementVersions() async throws {
        try await withStore { store, _ in
            #expect(try await store.load().agreements == nil)
            for version in 1...3 { try await store.apply(.putAgreements(agreements(Int64(version), "v\(version)"))) }
            #expect(try await store.load().agreements == agreements(3, "v3"))
            #expect(try await store.agreementVersions(limit: 2).map(\.version) == [3, 2])
            #expect(try await store.agreementSet(version: 1) == agreements(1, "v1"))
            #expect(try await store.agreementSet(version: 4) == nil)
        }
    }

    @Test("changes that contradict what is stored are refused and change nothing")
    func conflicts() async throws {
        try await withStore { store, _ in
            try await store.apply(.createTopic(topic("t", 1)))
            try await store.apply(.putAgreements(agreements(1)))
            let before = try await store.load()
            let contradictions: [MetadataChange] = [
                .createTopic(topic("t", 2)), .createTopic(topic("other", 1)), .deleteTopic(id(9)),
                .setPartitionCount(topic: id(9), count: 4), .setPartitionCount(topic: id(1), count: 3),
                .setPartitionCount(topic: id(1), count: 2), .setTopicConfiguration(topic: id(9), configuration: ["a": "b"]),
                .putAgreements(agreements(1)), .putAgreements(agreements(3)),
            ]
            for change in contradictions {
                do {
                    try await store.apply(change)
                    Issue.record("accepted \(change)")
                } catch StorageError.conflict(let sentence) {
                    #expect(!sentence.isEmpty)
                }
            }
            let after = try await store.load()
            #expect(after.topics == before.topics && after.agreements == before.agreements)
        }
    }

    @Test("a thousand commits at once are all there, and share transactions")
    func coalescing() async throws {
        try await withStore { store, path in
            try await store.apply(.createTopic(topic("t", 1, partitions: 1_000)))
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                for partition in 0..<1_000 {
                    tasks.addTask {
                        try await store.commit([offset("t", 1, partition: Int32(partition), Int64(partition))], group: "g")
                    }
                }
                try await tasks.waitForAll()
            }
            #expect(try await store.offsets(ofGroup: "g").map(\.offset) == (0..<1_000).map(Int64.init))
            // Each transaction writes at least two pages of 4 KB to the WAL: a thousand of them would be 8 MB.
            let walBytes = try FileManager.default.attributesOfItem(atPath: path + "-wal")[.size] as? Int
            #expect(try #require(walBytes) < 4_000_000)
        }
    }

    @Test("a copy made while the store runs is whole, and never overwrites a file")
    func copies() async throws {
        try await withStore { store, path in
            try await store.apply(.createTopic(topic("t", 1)))
            try await store.commit([offset("t", 1, 5)], group: "g")
            let copyPath = path + ".copy"
            try await store.copy(to: copyPath)
            await #expect(throws: StorageError.self) { try await store.copy(to: copyPath) }
            let copy = try MetadataDatabase(path: copyPath)
            #expect(try await copy.load().topics == [topic("t", 1)])
            #expect(try await copy.offsets(ofGroup: "g") == [offset("t", 1, 5)])
            await copy.shutDown()
            #expect(try MetadataDatabase.check(path: copyPath).isEmpty)
        }
    }

    @Test("after shutting down every call says so")
    func afterShutDown() async throws {
        try await withStore { store, _ in
            await store.shutDown()
            await #expect(throws: StorageError.shutDown) { try await store.commit([offset("t", 1, 5)], group: "g") }
            await #expect(throws: StorageError.shutDown) { try await store.apply(.deleteGroup("g")) }
            await #expect(throws: StorageError.shutDown) { _ = try await store.groupsWithOffsets() }
        }
    }
}
