import GRDB
import Storage

/// Every applied version of the agreements, with its files.
enum AgreementTable {
    static func put(_ set: AgreementSet, _ database: Database) throws {
        let newest = try Int64.fetchOne(database, sql: "SELECT max(version) FROM agreementSet") ?? 0
        guard set.summary.version == newest + 1 else {
            throw StorageError.conflict("the newest version of the agreements is \(newest)")
        }
        try database.execute(
            sql: "INSERT INTO agreementSet (version, appliedAt, appliedBy) VALUES (?, ?, ?)",
            arguments: [set.summary.version, set.summary.appliedAt, set.summary.appliedBy])
        for (name, text) in set.files {
            try database.execute(
                sql: "INSERT INTO agreementFile (version, name, text) VALUES (?, ?, ?)",
                arguments: [set.summary.version, name, text])
        }
    }

    static func newest(_ database: Database) throws -> AgreementSet? {
        guard let summary = try summaries(limit: 1, database).first else { return nil }
        return try set(version: summary.version, database)
    }

    /// Newest first.
    static func summaries(limit: Int, _ database: Database) throws -> [AgreementSet.Summary] {
        let sql = "SELECT version, appliedAt, appliedBy FROM agreementSet ORDER BY version DESC LIMIT ?"
        return try Row.fetchAll(database, sql: sql, arguments: [max(0, limit)]).map(summary)
    }

    static func set(version: Int64, _ database: Database) throws -> AgreementSet? {
        let sql = "SELECT version, appliedAt, appliedBy FROM agreementSet WHERE version = ?"
        guard let row = try Row.fetchOne(database, sql: sql, arguments: [version]) else { return nil }
        var files: [String: String] = [:]
        let rows = try Row.fetchCursor(
            database, sql: "SELECT name, text FROM agreementFile WHERE version = ?", arguments: [version])
        while let row = try rows.next() { files[row[0]] = row[1] }
        return AgreementSet(summary: summary(row), files: files)
    }

    private static func summary(_ row: Row) -> AgreementSet.Summary {
        AgreementSet.Summary(version: row[0], appliedAt: row[1], appliedBy: row[2])
    }
}
