import Foundation
import GRDB
import KafkaWire
import Storage

/// Topics and their configurations.
enum TopicTable {
    static func all(_ database: Database) throws -> [TopicRecord] {
        var configurations: [Data: [String: String]] = [:]
        let rows = try Row.fetchCursor(database, sql: "SELECT topic, key, value FROM topicConfiguration")
        while let row = try rows.next() {
            let (topic, key, value): (Data, String, String) = (row[0], row[1], row[2])
            configurations[topic, default: [:]][key] = value
        }
        let sql = "SELECT id, name, partitionCount, createdAt, createdBy FROM topic ORDER BY name"
        return try Row.fetchAll(database, sql: sql).map { row in
            let id: Data = row[0]
            return TopicRecord(
                name: row[1], id: try UUID128(blob: id), partitionCount: row[2], configuration: configurations[id] ?? [:],
                createdAt: row[3], createdBy: row[4])
        }
    }

    static func create(_ topic: TopicRecord, _ database: Database) throws {
        let exists = """
            SELECT EXISTS (SELECT 1 FROM topic WHERE name = ? OR id = ?) OR EXISTS (SELECT 1 FROM deletedTopic WHERE id = ?)
            """
        if try Bool.fetchOne(database, sql: exists, arguments: [topic.name, topic.id.blob, topic.id.blob]) == true {
            throw StorageError.conflict("topic “\(topic.name)” exists already, or its id was used before")
        }
        try database.execute(
            sql: "INSERT INTO topic (id, name, partitionCount, createdAt, createdBy) VALUES (?, ?, ?, ?, ?)",
            arguments: [topic.id.blob, topic.name, topic.partitionCount, topic.createdAt, topic.createdBy])
        try insertConfiguration(topic.configuration, of: topic.id, database)
    }

    /// Every topic that was ever deleted.
    static func deleted(_ database: Database) throws -> Set<UUID128> {
        Set(try Data.fetchAll(database, sql: "SELECT id FROM deletedTopic").map { try UUID128(blob: $0) })
    }

    /// Its configuration and the offsets committed on it go with it; its id is remembered.
    static func delete(_ id: UUID128, _ database: Database) throws {
        try database.execute(
            sql: "INSERT INTO deletedTopic (id, name) SELECT id, name FROM topic WHERE id = ?", arguments: [id.blob])
        try database.execute(sql: "DELETE FROM topic WHERE id = ?", arguments: [id.blob])
        try requireChange(database, topic: id)
        try OffsetTable.deleteAll(ofTopic: id, database)
    }

    /// Partitions are only added: taking one away would take its records.
    static func setPartitionCount(_ count: Int32, of id: UUID128, _ database: Database) throws {
        let current = try Int32.fetchOne(
            database, sql: "SELECT partitionCount FROM topic WHERE id = ?", arguments: [id.blob])
        guard let current else { throw unknown(id) }
        guard count > current else {
            throw StorageError.conflict("the topic has \(current) partitions already")
        }
        try database.execute(sql: "UPDATE topic SET partitionCount = ? WHERE id = ?", arguments: [count, id.blob])
    }

    static func setConfiguration(_ configuration: [String: String], of id: UUID128, _ database: Database) throws {
        let exists = "SELECT EXISTS (SELECT 1 FROM topic WHERE id = ?)"
        guard try Bool.fetchOne(database, sql: exists, arguments: [id.blob]) == true else { throw unknown(id) }
        try database.execute(sql: "DELETE FROM topicConfiguration WHERE topic = ?", arguments: [id.blob])
        try insertConfiguration(configuration, of: id, database)
    }

    private static func insertConfiguration(
        _ configuration: [String: String], of id: UUID128, _ database: Database
    ) throws {
        for (key, value) in configuration {
            try database.execute(
                sql: "INSERT INTO topicConfiguration (topic, key, value) VALUES (?, ?, ?)", arguments: [id.blob, key, value])
        }
    }

    private static func requireChange(_ database: Database, topic id: UUID128) throws {
        guard database.changesCount == 1 else { throw unknown(id) }
    }

    private static func unknown(_ id: UUID128) -> StorageError { .conflict("there is no topic with id \(id)") }
}
