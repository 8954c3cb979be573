import Foundation
import GRDB
import Storage

/// Whose keys wrote the records of the log.
enum WriterTable {
    /// Principals told of one key: a key is one node's, and two of them are a renamed one.
    private static let principalsMax = 100

    static func note(
        _ key: Digest256, _ principal: String, _ certificates: WriterCertificates, at time: Int64, pairsMax: Int, _ database: Database
    ) throws -> Set<String> {
        try database.execute(
            sql: "INSERT INTO writer (key, principal, firstSeenAt) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
            arguments: [Data(key.bytes), principal, time])
        if database.changesCount > 0, try Int.fetchOne(database, sql: "SELECT count(*) FROM writer") ?? 0 > pairsMax {
            try database.execute(
                sql: "DELETE FROM writer WHERE (key, principal) IN (SELECT key, principal FROM writer ORDER BY firstSeenAt LIMIT 1)")
            for table in ["writerCertificate", "writerRevocationList"] {
                try database.execute(sql: "DELETE FROM \(table) WHERE key NOT IN (SELECT key FROM writer)")
            }
            try database.execute(sql: "DELETE FROM revocationList WHERE digest NOT IN (SELECT digest FROM writerRevocationList)")
        }
        try keep(certificates, of: key, database)
        return try principals(of: key, database)
    }

    /// Those of the key's first use alone.
    private static func keep(_ certificates: WriterCertificates, of key: Digest256, _ database: Database) throws {
        let isKnown = try Bool.fetchOne(
            database, sql: "SELECT EXISTS (SELECT 1 FROM writerCertificate WHERE key = ?)", arguments: [Data(key.bytes)])
        guard isKnown != true else { return }
        for (position, certificate) in certificates.chain.enumerated() {
            try database.execute(
                sql: "INSERT INTO writerCertificate (key, position, certificate) VALUES (?, ?, ?)",
                arguments: [Data(key.bytes), position, Data(certificate)])
        }
        for list in certificates.revocationLists {
            let digest = Data(list.digest.bytes)
            try database.execute(
                sql: "INSERT INTO revocationList (digest, list) VALUES (?, ?) ON CONFLICT DO NOTHING", arguments: [digest, Data(list.bytes)])
            try database.execute(
                sql: "INSERT INTO writerRevocationList (key, digest) VALUES (?, ?) ON CONFLICT DO NOTHING", arguments: [Data(key.bytes), digest])
        }
    }

    static func certificates(of key: Digest256, _ database: Database) throws -> WriterCertificates {
        let chain = try Data.fetchAll(
            database, sql: "SELECT certificate FROM writerCertificate WHERE key = ? ORDER BY position", arguments: [Data(key.bytes)])
        let lists = try Row.fetchAll(
            database, sql: "SELECT digest, list FROM writerRevocationList JOIN revocationList USING (digest) WHERE key = ? ORDER BY digest",
            arguments: [Data(key.bytes)])
        return WriterCertificates(
            chain: chain.map { Array($0) },
            revocationLists: try lists.map { row in
                guard let digest = Digest256(bytes: Array(row["digest"] as Data)) else { throw StorageError.corrupt("a revocation list's digest") }
                return WriterCertificates.List(digest: digest, bytes: Array(row["list"] as Data))
            })
    }

    static func principals(of key: Digest256, _ database: Database) throws -> Set<String> {
        Set(
            try String.fetchAll(
                database, sql: "SELECT principal FROM writer WHERE key = ? ORDER BY firstSeenAt DESC LIMIT ?",
                arguments: [Data(key.bytes), principalsMax]))
    }
}
