import Foundation
import GRDB
public import KafkaWire
public import Storage

/// The journal of checkpoints as a log of its own, and the tokens over it.
enum JournalTable {
    private static let hashBytes = 32

    static func head(newID: UUID128, _ database: Database) throws -> JournalHead {
        try database.execute(sql: "INSERT INTO journal (row, id) VALUES (1, ?) ON CONFLICT DO NOTHING", arguments: [newID.blob])
        guard let id = try Data.fetchOne(database, sql: "SELECT id FROM journal") else { throw StorageError.corrupt("the journal") }
        let last = try Row.fetchOne(database, sql: "SELECT size, note FROM journalNote ORDER BY size DESC LIMIT 1")
        let stamped = try Int64.fetchOne(database, sql: "SELECT max(size) FROM journalNote WHERE token IS NOT NULL") ?? 0
        let waiting = try Int64.fetchOne(database, sql: "SELECT min(madeAt) FROM journalNote WHERE size > ?", arguments: [stamped])
        let journalled = try Row.fetchAll(database, sql: "SELECT topic, partition, max(size) AS size FROM journalEntry GROUP BY topic, partition")
        return JournalHead(
            id: try UUID128(blob: id), size: last?["size"] ?? 0, note: (last?["note"] as Data?).map { Array($0) }, stampedSize: stamped,
            waitingSince: waiting,
            journalled: Dictionary(
                try journalled.map { (PartitionID(topic: try UUID128(blob: $0["topic"]), partition: $0["partition"]), $0["size"] as Int64) },
                uniquingKeysWith: max))
    }

    static func append(_ growth: JournalGrowth, _ database: Database) throws {
        let entry = try database.cachedStatement(sql: "INSERT INTO journalEntry (position, topic, partition, size) VALUES (?, ?, ?, ?)")
        for (place, added) in growth.entries.enumerated() {
            try CheckpointTable.keep(added.partition, size: added.size, database)
            try entry.execute(arguments: [growth.start + Int64(place), added.partition.topic.blob, added.partition.partition, added.size])
        }
        let hash = try database.cachedStatement(sql: "INSERT INTO journalHash (level, position, hash) VALUES (?, ?, ?)")
        for level in growth.levels {
            for place in 0..<level.hashes.count / hashBytes {
                let bytes = Data(level.hashes[place * hashBytes..<(place + 1) * hashBytes])
                try hash.execute(arguments: [level.level, level.start + Int64(place), bytes])
            }
        }
        let size = growth.start + Int64(growth.entries.count)
        try database.execute(
            sql: "INSERT INTO journalNote (size, madeAt, note) VALUES (?, ?, ?)", arguments: [size, growth.madeAt, Data(growth.note)])
    }

    static func hashes(level: Int, _ range: Range<Int64>, _ database: Database) throws -> [UInt8]? {
        let found = try Data.fetchAll(
            database, sql: "SELECT hash FROM journalHash WHERE level = ? AND position >= ? AND position < ? ORDER BY position",
            arguments: [level, range.lowerBound, range.upperBound])
        return found.count == range.count ? found.flatMap { Array($0) } : nil
    }

    static func entries(_ range: Range<Int64>, _ database: Database) throws -> [StoredCheckpoint]? {
        let found = try Row.fetchAll(
            database,
            sql: """
                SELECT checkpoint.* FROM journalEntry JOIN checkpoint USING (topic, partition, size)
                WHERE position >= ? AND position < ? ORDER BY position
                """,
            arguments: [range.lowerBound, range.upperBound])
        return found.count == range.count ? try found.map(CheckpointTable.checkpoint) : nil
    }

    /// Notes without a token that a later one covers are of no more use.
    static func put(token: [UInt8], of size: Int64, at time: Int64, _ database: Database) throws {
        try database.execute(
            sql: "UPDATE journalNote SET token = ?, stampedAt = ? WHERE size = ? AND token IS NULL", arguments: [Data(token), time, size])
        try database.execute(sql: "DELETE FROM journalNote WHERE size < ? AND token IS NULL", arguments: [size])
    }

    static func timestamp(of partition: PartitionID, atLeast size: Int64, _ database: Database) throws -> StoredTimestamp? {
        let entry = try Row.fetchOne(
            database, sql: "SELECT position, size FROM journalEntry WHERE topic = ? AND partition = ? AND size >= ? ORDER BY size LIMIT 1",
            arguments: [partition.topic.blob, partition.partition, size])
        guard let entry else { return nil }
        let (position, checkpointSize): (Int64, Int64) = (entry["position"], entry["size"])
        let note = try Row.fetchOne(
            database, sql: "SELECT size, note, token FROM journalNote WHERE size > ? AND token IS NOT NULL ORDER BY size LIMIT 1",
            arguments: [position])
        guard let note, let checkpoint = try CheckpointTable.first(of: partition, atLeast: checkpointSize, database), checkpoint.size == checkpointSize
        else { return nil }
        return StoredTimestamp(
            checkpoint: checkpoint, index: position, journalSize: note["size"], journalNote: Array(note["note"] as Data),
            token: Array(note["token"] as Data))
    }
}

extension MetadataDatabase: JournalStore {
    public func journal() async throws(StorageError) -> JournalHead {
        let newID = UUID128.random()
        return try await write { try JournalTable.head(newID: newID, $0) }
    }

    public func reopenJournal(as id: UUID128) async throws(StorageError) {
        try await write { try $0.execute(sql: "UPDATE journal SET id = ?", arguments: [id.blob]) }
    }

    public func append(_ growth: JournalGrowth) async throws(StorageError) { try await write { try JournalTable.append(growth, $0) } }

    public func journalHashes(level: Int, _ range: Range<Int64>) async throws(StorageError) -> [UInt8]? {
        try await read { try JournalTable.hashes(level: level, range, $0) }
    }

    public func journalEntries(_ range: Range<Int64>) async throws(StorageError) -> [StoredCheckpoint]? {
        try await read { try JournalTable.entries(range, $0) }
    }

    public func putTimestamp(_ token: [UInt8], ofJournal size: Int64, at time: Int64) async throws(StorageError) {
        try await write { try JournalTable.put(token: token, of: size, at: time, $0) }
    }

    public func timestamp(of partition: PartitionID, atLeast size: Int64) async throws(StorageError) -> StoredTimestamp? {
        try await read { try JournalTable.timestamp(of: partition, atLeast: size, $0) }
    }
}
