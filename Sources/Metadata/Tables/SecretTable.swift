import Foundation
import GRDB
import Storage

/// What the broker keeps to itself: made at first use, never changed, and in every backup.
enum SecretTable {
    static func secret(named name: String, orKeeping fresh: [UInt8], _ database: Database) throws -> [UInt8] {
        try database.execute(
            sql: "INSERT INTO secret (name, value) VALUES (?, ?) ON CONFLICT DO NOTHING", arguments: [name, Data(fresh)])
        guard let kept = try Data.fetchOne(database, sql: "SELECT value FROM secret WHERE name = ?", arguments: [name]) else {
            throw StorageError.corrupt("metadata: secret \(name) was kept and is not there")
        }
        return Array(kept)
    }
}
