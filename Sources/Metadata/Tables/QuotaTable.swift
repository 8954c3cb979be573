import GRDB
import Storage

/// Quotas, a row a number. The default entity's name is the empty one, which no node and no agency has.
enum QuotaTable {
    static func put(_ record: QuotaRecord, _ database: Database) throws {
        let entity = record.entity ?? ""
        try database.execute(sql: "DELETE FROM quota WHERE entity = ?", arguments: [entity])
        for (key, value) in record.values {
            try database.execute(sql: "INSERT INTO quota (entity, key, value) VALUES (?, ?, ?)", arguments: [entity, key, value])
        }
    }

    static func all(_ database: Database) throws -> [QuotaRecord] {
        var values: [String: [String: Double]] = [:]
        for row in try Row.fetchAll(database, sql: "SELECT entity, key, value FROM quota") {
            let (entity, key, value): (String, String, Double) = (row["entity"], row["key"], row["value"])
            values[entity, default: [:]][key] = value
        }
        return values.sorted { $0.key < $1.key }.map { QuotaRecord(entity: $0.key.isEmpty ? nil : $0.key, values: $0.value) }
    }
}
