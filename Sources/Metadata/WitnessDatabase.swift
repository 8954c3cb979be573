import Foundation
import GRDB
public import Storage
public import Transparency

/// What a witness remembers, in an SQLite file of its own: bound to the witness's key, open in one process at a time, and durable before
/// each call returns.
public final class WitnessDatabase: WitnessStore {
    private let queue: DatabaseQueue

    /// SQLite's `application_id`, "Hanw".
    private static let applicationID: Int32 = 0x4861_6E77
    private static let version = 1

    private static let tables = """
        -- Whose memory this is: with another key it would be another witness.
        CREATE TABLE witness (
            publicKey BLOB PRIMARY KEY CHECK (length(publicKey) = 32)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE witnessedLog (
            id BLOB PRIMARY KEY CHECK (length(id) = 32),
            host TEXT NOT NULL,
            time INTEGER NOT NULL CHECK (time >= 0),
            note BLOB NOT NULL
        ) STRICT, WITHOUT ROWID;

        CREATE INDEX witnessedLogHost ON witnessedLog (host);
        """

    /// Makes the memory of a key that has never cosigned.
    /// - Throws: `.conflict` where there is a file.
    public static func create(path: String, publicKey: [UInt8]) throws(StorageError) -> WitnessDatabase {
        guard !FileManager.default.fileExists(atPath: path) else { throw .conflict("“\(path)” exists already") }
        do {
            let queue = try open(path)
            try queue.inDatabase { database in
                try database.inTransaction(.immediate) {
                    try database.execute(sql: tables)
                    try database.execute(sql: "INSERT INTO witness (publicKey) VALUES (?)", arguments: [Data(publicKey)])
                    try database.execute(sql: "PRAGMA application_id = \(applicationID)")
                    try database.execute(sql: "PRAGMA user_version = \(version)")
                    return .commit
                }
            }
            return WitnessDatabase(queue)
        } catch {
            throw StorageError(metadata: error)
        }
    }

    /// - Throws: `.conflict` where another process has it open, or it is another key's; `.corrupt` where it is no such file.
    public init(path: String, publicKey: [UInt8]) throws(StorageError) {
        do {
            queue = try Self.open(path)
            try queue.inDatabase { database in
                let application = try Int32.fetchOne(database, sql: "PRAGMA application_id")
                guard application == Self.applicationID else { throw StorageError.corrupt("“\(path)” is not a witness's memory") }
                let found = try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0
                guard found <= Self.version else { throw StorageError.newerFormat(found: found, known: Self.version) }
                guard try Data.fetchAll(database, sql: "SELECT publicKey FROM witness") == [Data(publicKey)] else {
                    throw StorageError.conflict("“\(path)” is the memory of another witness key")
                }
            }
        } catch {
            throw StorageError(metadata: error)
        }
    }

    private init(_ queue: DatabaseQueue) { self.queue = queue }

    private static func open(_ path: String) throws -> DatabaseQueue {
        var configuration = Configuration()
        configuration.label = "witness"
        configuration.prepareDatabase { database in
            // Two processes with one memory would each cosign what the other has not seen.
            try database.execute(sql: "PRAGMA locking_mode = EXCLUSIVE")
            _ = try String.fetchOne(database, sql: "PRAGMA journal_mode = WAL")
            try database.execute(sql: "PRAGMA synchronous = FULL")
            guard try Int.fetchOne(database, sql: "PRAGMA synchronous") == MetadataDatabase.synchronousFull else {
                throw StorageError.io(operation: "witness: SQLite did not take synchronous=FULL", errno: 0)
            }
        }
        return try DatabaseQueue(path: path, configuration: configuration)
    }

    // MARK: WitnessStore

    public func logs(_ ids: Set<TreeHash>) async throws(StorageError) -> [TreeHash: WitnessedLog] {
        try await run { database in
            let select = try database.cachedStatement(sql: "SELECT * FROM witnessedLog WHERE id = ?")
            var found: [TreeHash: WitnessedLog] = [:]
            for id in ids {
                guard let row = try Row.fetchOne(select, arguments: [Data(id.bytes)]) else { continue }
                found[id] = try Self.log(row)
            }
            return found
        }
    }

    public func put(_ logs: [WitnessedLog]) async throws(StorageError) {
        try await run { database in
            try database.inTransaction(.immediate) {
                let put = try database.cachedStatement(
                    sql: """
                        INSERT INTO witnessedLog (id, host, time, note) VALUES (?, ?, ?, ?)
                        ON CONFLICT (id) DO UPDATE SET time = excluded.time, note = excluded.note
                        """)
                for log in logs {
                    try put.execute(arguments: [Data(log.id.bytes), log.host, log.time, Data(log.checkpoint.bytes)])
                }
                return .commit
            }
        }
    }

    public func logCount(ofHost host: String) async throws(StorageError) -> Int {
        try await run { try Int.fetchOne($0, sql: "SELECT count(*) FROM witnessedLog WHERE host = ?", arguments: [host]) ?? 0 }
    }

    public func shutDown() async { try? queue.close() }

    private static func log(_ row: Row) throws -> WitnessedLog {
        guard let checkpoint = try? SignedCheckpoint(Array(row["note"] as Data)) else {
            throw StorageError.corrupt("witness: a checkpoint cannot be read")
        }
        return WitnessedLog(host: row["host"], time: row["time"], checkpoint: checkpoint)
    }

    /// Never cancelled half-way.
    private func run<Value: Sendable>(_ body: @escaping @Sendable (Database) throws -> Value) async throws(StorageError) -> Value {
        let result: Result<Value, StorageError> = await withCheckedContinuation { continuation in
            queue.asyncWriteWithoutTransaction { database in
                do {
                    continuation.resume(returning: .success(try body(database)))
                } catch {
                    continuation.resume(returning: .failure(StorageError(metadata: error)))
                }
            }
        }
        return try result.get()
    }
}
