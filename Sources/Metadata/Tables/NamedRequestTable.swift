import Foundation
import GRDB
import Storage

/// Requests that carry a name of their own. How many each node has, and their bytes, is counted by triggers (`Schema`).
enum NamedRequestTable {
    static func find(node: String, key: String, _ database: Database) throws -> NamedRequest? {
        try Row.fetchOne(database, sql: "SELECT * FROM namedRequest WHERE node = ? AND key = ?", arguments: [node, key]).map(request)
    }

    /// Those whose answer is not known, oldest first.
    static func unanswered(_ database: Database) throws -> [NamedRequest] {
        try Row.fetchAll(database, sql: "SELECT * FROM namedRequest WHERE isAnswered = 0 ORDER BY beganAt").map(request)
    }

    static func put(_ request: NamedRequest, _ limits: NamedRequestLimits, _ database: Database) throws {
        try database.execute(sql: "DELETE FROM namedRequest WHERE beganAt < ?", arguments: [limits.beganAtLeast])
        try database.cachedStatement(
            sql: """
                INSERT INTO namedRequest (node, key, fingerprint, beganAt, isAnswered, content) VALUES (?, ?, ?, ?, ?, ?)
                ON CONFLICT (node, key) DO UPDATE SET fingerprint = excluded.fingerprint, beganAt = excluded.beganAt,
                    isAnswered = excluded.isAnswered, content = excluded.content
                """
        ).execute(arguments: [
            request.node, request.key, Data(request.fingerprint.bytes), request.beganAt, request.isAnswered, Data(request.content),
        ])
        let own = "SELECT count, bytes FROM namedRequestTotal WHERE node = ?"
        try forget(own, [request.node], whose: "node = ?", limits.countPerNodeMax, limits.bytesPerNodeMax, but: request, database)
        try forget("SELECT sum(count) AS count, sum(bytes) AS bytes FROM namedRequestTotal", [], whose: "1", limits.countMax, limits.bytesMax, but: request, database)
    }

    static func remove(node: String, key: String, _ database: Database) throws {
        try database.execute(sql: "DELETE FROM namedRequest WHERE node = ? AND key = ?", arguments: [node, key])
    }

    /// Forgets the oldest until what is left fits; never the one that has just come.
    private static func forget(
        _ total: String, _ arguments: [String], whose condition: String, _ countMax: Int, _ bytesMax: Int, but request: NamedRequest,
        _ database: Database
    ) throws {
        while let row = try Row.fetchOne(database, sql: total, arguments: StatementArguments(arguments)) {
            let (count, bytes): (Int, Int) = (row["count"], row["bytes"])
            guard count > countMax || bytes > bytesMax else { return }
            try database.execute(
                sql: """
                    DELETE FROM namedRequest WHERE id = (
                        SELECT id FROM namedRequest WHERE \(condition) AND NOT (node = ? AND key = ?) ORDER BY beganAt, id LIMIT 1)
                    """, arguments: StatementArguments(arguments + [request.node, request.key]))
            guard database.changesCount > 0 else { return }
        }
    }

    private static func request(_ row: Row) throws -> NamedRequest {
        let (fingerprint, content): (Data, Data) = (row["fingerprint"], row["content"])
        guard let fingerprint = Digest256(bytes: fingerprint) else {
            throw StorageError.corrupt("metadata: a named request has a fingerprint that is none")
        }
        return NamedRequest(
            node: row["node"], key: row["key"], fingerprint: fingerprint, beganAt: row["beganAt"], isAnswered: row["isAnswered"],
            content: Array(content))
    }
}
