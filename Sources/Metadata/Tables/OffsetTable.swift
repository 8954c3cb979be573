import Foundation
import GRDB
import KafkaWire
import Storage

/// Committed offsets, by group, incarnation of the topic, and partition.
enum OffsetTable {
    static func put(_ offsets: [CommittedOffset], group: String, _ database: Database) throws {
        let statement = try database.cachedStatement(
            sql: """
                INSERT INTO committedOffset (
                    consumerGroup, topicID, partition, topicName, offset, leaderEpoch, metadata, committedAt
                ) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (consumerGroup, topicID, partition) DO UPDATE SET
                    offset = excluded.offset, leaderEpoch = excluded.leaderEpoch, metadata = excluded.metadata,
                    committedAt = excluded.committedAt
                """)
        for offset in offsets {
            try statement.execute(arguments: [
                group, offset.topicID.blob, offset.partition.partition, offset.partition.topic, offset.offset,
                offset.leaderEpoch, offset.metadata, offset.committedAt,
            ])
        }
    }

    static func all(ofGroup group: String, _ database: Database) throws -> [CommittedOffset] {
        let sql = "SELECT * FROM committedOffset WHERE consumerGroup = ? ORDER BY topicName, partition"
        return try Row.fetchAll(database, sql: sql, arguments: [group]).map { row in
            CommittedOffset(
                partition: PartitionName(topic: row["topicName"], partition: row["partition"]),
                topicID: try UUID128(blob: row["topicID"]), offset: row["offset"], leaderEpoch: row["leaderEpoch"],
                metadata: row["metadata"], committedAt: row["committedAt"])
        }
    }

    static func groups(_ database: Database) throws -> [String] {
        try String.fetchAll(database, sql: "SELECT DISTINCT consumerGroup FROM committedOffset ORDER BY consumerGroup")
    }

    static func delete(_ partitions: [PartitionName], group: String, _ database: Database) throws {
        for partition in partitions {
            try database.execute(
                sql: "DELETE FROM committedOffset WHERE consumerGroup = ? AND topicName = ? AND partition = ?",
                arguments: [group, partition.topic, partition.partition])
        }
    }

    static func deleteAll(ofTopic id: UUID128, _ database: Database) throws {
        try database.execute(sql: "DELETE FROM committedOffset WHERE topicID = ?", arguments: [id.blob])
    }

    /// A commit that was on its way while its topic was deleted leaves a row that nothing would ever remove.
    static func deleteOrphans(_ database: Database) throws {
        try database.execute(sql: "DELETE FROM committedOffset WHERE topicID NOT IN (SELECT id FROM topic)")
    }

    /// - Returns: the number of offsets removed.
    static func expire(
        committedBefore time: Int64, exceptGroups active: Set<String>, _ database: Database
    ) throws -> Int {
        // One JSON argument instead of one argument a group: SQLite takes 32,766 of them at most.
        let groups = String(decoding: try JSONEncoder().encode(active.sorted()), as: UTF8.self)
        let sql = """
            DELETE FROM committedOffset
            WHERE committedAt < ? AND consumerGroup NOT IN (SELECT value FROM json_each(?))
            """
        try database.execute(sql: sql, arguments: [time, groups])
        return database.changesCount
    }
}
