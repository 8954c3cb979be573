import Foundation
import GRDB
public import Storage

extension MetadataDatabase {
    /// Proves the metadata of a stopped broker clean, for `hanbridge check`: SQLite's own integrity check, every reference, and the
    /// invariants that no single statement could hold.
    ///
    /// - Returns: one sentence for each thing wrong, at most 100; empty for a clean store.
    /// - Throws: when the store cannot be read at all, or a newer program wrote it.
    public static func check(path: String) throws(StorageError) -> [String] {
        guard FileManager.default.fileExists(atPath: path) else { throw .corrupt("there is no metadata at “\(path)”") }
        do {
            let queue = try DatabaseQueue(path: path)
            defer { try? queue.close() }
            return try queue.read { try problems(in: $0) }
        } catch {
            throw StorageError(metadata: error)
        }
    }

    private static let problemsMax = 100

    private static func problems(in database: Database) throws -> [String] {
        let integrity = try String.fetchAll(database, sql: "PRAGMA integrity_check(\(problemsMax))").filter { $0 != "ok" }
        // With broken pages the questions below would fail or mislead.
        guard integrity.isEmpty else { return integrity.map { "metadata: \($0)" } }
        guard try Schema.found(in: database) == Schema.version else {
            return ["metadata: the tables are of an older version; start the broker once to bring them up to date"]
        }
        var problems: [String] = []
        for row in try Row.fetchAll(database, sql: "PRAGMA foreign_key_check") {
            let table: String = row["table"]
            problems.append("metadata: a row of \(table) refers to one that is not there")
        }
        for invariant in invariants {
            let offenders = try Int.fetchOne(database, sql: "SELECT count(*) FROM (\(invariant.offenders))") ?? 0
            if offenders > 0 { problems.append("metadata: \(invariant.sentence) (\(offenders))") }
        }
        return Array(problems.prefix(problemsMax))
    }

    /// Each with a query for the rows that break it.
    private static let invariants: [(sentence: String, offenders: String)] = [
        (
            "versions of the agreements are missing",
            """
            SELECT 1 FROM (SELECT count(*) AS count, min(version) AS low, max(version) AS high FROM agreementSet)
            WHERE count > 0 AND (low != 1 OR high != count)
            """
        ),
        ("there is more than one cluster id", "SELECT 1 FROM (SELECT count(*) AS count FROM cluster) WHERE count > 1"),
        (
            "a group's leader is not among its members",
            """
            SELECT 1 FROM consumerGroup AS g WHERE leader IS NOT NULL
            AND NOT EXISTS (SELECT 1 FROM groupMember AS m WHERE m.consumerGroup = g.name AND m.memberID = g.leader)
            """
        ),
        (
            "a committed offset stands on a partition that its topic does not have",
            "SELECT 1 FROM committedOffset AS o JOIN topic AS t ON t.id = o.topicID WHERE o.partition >= t.partitionCount"
        ),
        (
            "a committed offset names its topic otherwise than the topic's id does",
            "SELECT 1 FROM committedOffset AS o JOIN topic AS t ON t.id = o.topicID WHERE o.topicName != t.name"
        ),
        ("a topic is both there and deleted", "SELECT 1 FROM topic AS t JOIN deletedTopic AS d ON d.id = t.id"),
        (
            "a version of a schema's subject refers to a subject and version that is not there",
            """
            SELECT 1 FROM schemaReference AS r WHERE EXISTS (SELECT 1 FROM subjectVersion AS v WHERE v.schema = r.schema)
            AND NOT EXISTS (SELECT 1 FROM subjectVersion AS t WHERE t.subject = r.subject AND t.version = r.version)
            """
        ),
        ("a schema has a format that is none", "SELECT 1 FROM schema WHERE format NOT IN ('JSON', 'AVRO', 'PROTOBUF')"),
        (
            "the count of named requests is not theirs",
            """
            SELECT node, count(*), sum(length(content)) FROM namedRequest GROUP BY node
            EXCEPT SELECT node, count, bytes FROM namedRequestTotal
            """
        ),
        ("a committed offset is negative", "SELECT 1 FROM committedOffset WHERE offset < 0"),
    ]
}
