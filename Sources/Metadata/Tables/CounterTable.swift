import Foundation
import GRDB
import KafkaWire
import Storage

/// Numbers that only rise, and the cluster's id.
enum CounterTable {
    private enum Name: String {
        case runEpoch, nextProducerID
    }

    static func clusterID(_ database: Database) throws -> UUID128 {
        if let blob = try Data.fetchOne(database, sql: "SELECT id FROM cluster") { return try UUID128(blob: blob) }
        let id = UUID128.random()
        try database.execute(sql: "INSERT INTO cluster (id) VALUES (?)", arguments: [id.blob])
        return id
    }

    /// From 1.
    static func raiseRunEpoch(_ database: Database) throws -> Int32 {
        let epoch = try raise(.runEpoch, by: 1, database)
        guard let epoch = Int32(exactly: epoch) else {
            throw StorageError.corrupt("metadata: the run epoch has passed 2^31")
        }
        return epoch
    }

    static func reserveProducerIDs(count: Int64, _ database: Database) throws -> Range<Int64> {
        let end = try raise(.nextProducerID, by: count, database)
        return (end - count)..<end
    }

    /// - Returns: the value after raising; a counter begins at 0.
    private static func raise(_ name: Name, by amount: Int64, _ database: Database) throws -> Int64 {
        let sql = """
            INSERT INTO counter (name, value) VALUES (?, ?)
            ON CONFLICT (name) DO UPDATE SET value = value + excluded.value
            RETURNING value
            """
        guard let value = try Int64.fetchOne(database, sql: sql, arguments: [name.rawValue, amount]) else {
            throw StorageError.corrupt("metadata: counter \(name.rawValue) did not answer")
        }
        return value
    }
}
