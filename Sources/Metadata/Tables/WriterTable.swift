import Foundation
import GRDB
import Storage

/// Whose keys wrote the records of the log.
enum WriterTable {
    /// Principals told of one key: a key is one node's, and two of them are a renamed one.
    private static let principalsMax = 100

    static func note(
        _ key: Digest256, _ principal: String, _ chain: [[UInt8]], at time: Int64, pairsMax: Int, _ database: Database
    ) throws -> Set<String> {
        try database.execute(
            sql: "INSERT INTO writer (key, principal, firstSeenAt) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
            arguments: [Data(key.bytes), principal, time])
        if database.changesCount > 0, try Int.fetchOne(database, sql: "SELECT count(*) FROM writer") ?? 0 > pairsMax {
            try database.execute(
                sql: "DELETE FROM writer WHERE (key, principal) IN (SELECT key, principal FROM writer ORDER BY firstSeenAt LIMIT 1)")
            try database.execute(sql: "DELETE FROM writerCertificate WHERE key NOT IN (SELECT key FROM writer)")
        }
        for (position, certificate) in chain.enumerated() {
            try database.execute(
                sql: "INSERT INTO writerCertificate (key, position, certificate) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
                arguments: [Data(key.bytes), position, Data(certificate)])
        }
        return try principals(of: key, database)
    }

    static func chain(of key: Digest256, _ database: Database) throws -> [[UInt8]] {
        try Data.fetchAll(
            database, sql: "SELECT certificate FROM writerCertificate WHERE key = ? ORDER BY position", arguments: [Data(key.bytes)]
        ).map { Array($0) }
    }

    static func principals(of key: Digest256, _ database: Database) throws -> Set<String> {
        Set(
            try String.fetchAll(
                database, sql: "SELECT principal FROM writer WHERE key = ? ORDER BY firstSeenAt DESC LIMIT ?",
                arguments: [Data(key.bytes), principalsMax]))
    }
}
