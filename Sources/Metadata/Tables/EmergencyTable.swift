import Foundation
import GRDB
import Storage

/// Emergencies that wait for the second person.
enum EmergencyTable {
    static func put(_ record: EmergencyRecord, _ database: Database) throws {
        try database.execute(
            sql: """
                INSERT INTO emergency (id, text, askedBy, isByOperator, key, expiresAt) VALUES (?, ?, ?, ?, ?, ?)
                ON CONFLICT (id) DO UPDATE SET text = excluded.text, askedBy = excluded.askedBy, isByOperator = excluded.isByOperator,
                    key = excluded.key, expiresAt = excluded.expiresAt
                """,
            arguments: [record.id, record.text, record.askedBy, record.isByOperator, Data(record.key), record.expiresAt])
    }

    static func remove(_ id: String, _ database: Database) throws {
        try database.execute(sql: "DELETE FROM emergency WHERE id = ?", arguments: [id])
    }

    static func all(_ database: Database) throws -> [EmergencyRecord] {
        try Row.fetchAll(database, sql: "SELECT id, text, askedBy, isByOperator, key, expiresAt FROM emergency ORDER BY id").map { row in
            let key: Data = row["key"]
            return EmergencyRecord(
                id: row["id"], text: row["text"], askedBy: row["askedBy"], isByOperator: row["isByOperator"], key: Array(key),
                expiresAt: row["expiresAt"])
        }
    }
}
