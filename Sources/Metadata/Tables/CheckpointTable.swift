import Foundation
import GRDB
import KafkaWire
import Storage

/// What was signed of each partition's tree.
enum CheckpointTable {
    private static let minuteMilliseconds = 60_000

    static func append(_ checkpoints: [StoredCheckpoint], _ database: Database) throws {
        let insert = try database.cachedStatement(
            sql: "INSERT INTO checkpoint (topic, partition, size, madeAt, isThinned, note) VALUES (?, ?, ?, ?, 0, ?)")
        let raise = try database.cachedStatement(
            sql: """
                INSERT INTO lastCheckpoint (topic, partition, size) VALUES (?, ?, ?)
                ON CONFLICT (topic, partition) DO UPDATE SET size = excluded.size
                """)
        for checkpoint in checkpoints {
            let (topic, partition) = (checkpoint.partition.topic.blob, checkpoint.partition.partition)
            try insert.execute(arguments: [topic, partition, checkpoint.size, checkpoint.madeAt, Data(checkpoint.note)])
            try raise.execute(arguments: [topic, partition, checkpoint.size])
        }
    }

    /// But of topics that were deleted.
    static func last(_ database: Database) throws -> [StoredCheckpoint] {
        try Row.fetchAll(
            database,
            sql: """
                SELECT checkpoint.* FROM lastCheckpoint JOIN checkpoint USING (topic, partition, size)
                WHERE topic NOT IN (SELECT id FROM deletedTopic)
                """
        ).map(checkpoint)
    }

    static func first(of partition: PartitionID, atLeast size: Int64, _ database: Database) throws -> StoredCheckpoint? {
        try Row.fetchOne(
            database, sql: "SELECT * FROM checkpoint WHERE topic = ? AND partition = ? AND size >= ? ORDER BY size LIMIT 1",
            arguments: [partition.topic.blob, partition.partition, size]
        ).map(checkpoint)
    }

    static func last(of partition: PartitionID, below size: Int64, limit: Int, _ database: Database) throws -> [StoredCheckpoint] {
        try Row.fetchAll(
            database, sql: "SELECT * FROM checkpoint WHERE topic = ? AND partition = ? AND size < ? ORDER BY size DESC LIMIT ?",
            arguments: [partition.topic.blob, partition.partition, size, limit]
        ).map(checkpoint)
    }

    static func witnessed(of partition: PartitionID, atLeast size: Int64, limit: Int, _ database: Database) throws -> [StoredCheckpoint] {
        try Row.fetchAll(
            database,
            sql: "SELECT * FROM checkpoint WHERE topic = ? AND partition = ? AND size >= ? AND isWitnessed = 1 ORDER BY size LIMIT ?",
            arguments: [partition.topic.blob, partition.partition, size, limit]
        ).map(checkpoint)
    }

    static func keepCosigned(_ checkpoints: [StoredCheckpoint], _ database: Database) throws {
        let update = try database.cachedStatement(
            sql: "UPDATE checkpoint SET note = ?, isWitnessed = max(isWitnessed, ?) WHERE topic = ? AND partition = ? AND size = ?")
        for checkpoint in checkpoints {
            let (topic, partition) = (checkpoint.partition.topic.blob, checkpoint.partition.partition)
            try update.execute(arguments: [Data(checkpoint.note), checkpoint.isWitnessed, topic, partition, checkpoint.size])
        }
    }

    /// Never thinned away.
    static func keep(_ partition: PartitionID, size: Int64, _ database: Database) throws {
        try database.cachedStatement(sql: "UPDATE checkpoint SET isThinned = 1 WHERE topic = ? AND partition = ? AND size = ?")
            .execute(arguments: [partition.topic.blob, partition.partition, size])
    }

    /// At most so many at once: what a day off has left is thinned over some calls.
    private static let thinnedAtOnce = 20_000

    static func thin(madeBefore time: Int64, isWitnessed: Bool, _ database: Database) throws {
        let rows = try Row.fetchAll(
            database,
            sql: """
                SELECT topic, partition, size, madeAt FROM checkpoint
                WHERE isThinned = 0 AND isWitnessed = \(isWitnessed ? 1 : 0) AND madeAt < ? ORDER BY madeAt LIMIT \(thinnedAtOnce)
                """,
            arguments: [time])
        var last: [[DatabaseValue]: Int64] = [:]
        func minute(_ row: Row) -> [DatabaseValue] {
            [row["topic"], row["partition"], ((row["madeAt"] as Int64) / Int64(minuteMilliseconds)).databaseValue]
        }
        for row in rows { last[minute(row)] = max(last[minute(row)] ?? 0, row["size"]) }
        for row in rows {
            let size: Int64 = row["size"]
            let key: StatementArguments = [row["topic"] as DatabaseValue, row["partition"] as DatabaseValue, size]
            if last[minute(row)] == size {
                try database.execute(sql: "UPDATE checkpoint SET isThinned = 1 WHERE topic = ? AND partition = ? AND size = ?", arguments: key)
            } else {
                try database.execute(sql: "DELETE FROM checkpoint WHERE topic = ? AND partition = ? AND size = ?", arguments: key)
            }
        }
    }

    static func checkpoint(_ row: Row) throws -> StoredCheckpoint {
        StoredCheckpoint(
            partition: PartitionID(topic: try UUID128(blob: row["topic"]), partition: row["partition"]), size: row["size"],
            madeAt: row["madeAt"], note: Array(row["note"] as Data), isWitnessed: row["isWitnessed"])
    }
}
