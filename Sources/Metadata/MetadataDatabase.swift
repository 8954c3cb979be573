import Foundation
import GRDB
public import Storage

/// The metadata store of one broker: one SQLite file in WAL mode, one writer, a few readers.
public final class MetadataDatabase: Sendable {
    let pool: DatabasePool
    let offsetCommits = OffsetCommitQueue()

    /// Readers beside the writer: listings and offset fetches need no more, and each keeps a page cache.
    private static let readersMax = 2
    /// A page cache a connection, in KiB; SQLite's default of 2,000 pages would be 8 MB.
    private static let cacheKibibytes = 1024
    /// The WAL is cut back to this after a checkpoint, in bytes.
    private static let walBytesKept = 8 << 20
    /// How long to wait for a lock that another process holds (`sqlite3` on a live store), in seconds.
    private static let lockWaitSeconds = 5.0

    /// Opens the store at a path, making it when it is not there, and brings its tables to this version.
    ///
    /// - Parameter path: of the database file; its directory must exist.
    /// - Throws: `.newerFormat` when a newer program wrote it; `.corrupt` when it is no database, or another program's.
    public init(path: String) throws(StorageError) {
        do {
            var configuration = Configuration()
            configuration.label = "metadata"
            configuration.maximumReaderCount = Self.readersMax
            configuration.busyMode = .timeout(Self.lockWaitSeconds)
            configuration.prepareDatabase { database in
                try database.execute(sql: "PRAGMA cache_size = -\(Self.cacheKibibytes)")
            }
            // Before the pool writes anything: a store that is not ours or is newer stays as it is.
            try Self.refuseForeign(path)
            let pool = try DatabasePool(path: path, configuration: configuration)
            try pool.writeWithoutTransaction { database in
                try database.execute(sql: "PRAGMA synchronous = FULL")
                try database.execute(sql: "PRAGMA journal_size_limit = \(Self.walBytesKept)")
                guard try Int.fetchOne(database, sql: "PRAGMA synchronous") == Self.synchronousFull else {
                    throw StorageError.io(operation: "metadata: SQLite did not take synchronous=FULL", errno: 0)
                }
                try Schema.migrate(database)
            }
            self.pool = pool
        } catch {
            throw StorageError(metadata: error)
        }
    }

    static let synchronousFull = 2

    private static func refuseForeign(_ path: String) throws {
        guard FileManager.default.fileExists(atPath: path) else { return }
        let queue = try DatabaseQueue(path: path)
        defer { try? queue.close() }
        _ = try queue.read { try Schema.found(in: $0) }
    }

    /// One transaction on the writer. Never cancelled half-way: the caller's task may end, the change is still whole or not there.
    func write<Value: Sendable>(
        _ body: @escaping @Sendable (Database) throws -> Value
    ) async throws(StorageError) -> Value {
        let result: Result<Value, StorageError> = await withCheckedContinuation { continuation in
            pool.asyncWriteWithoutTransaction { database in
                continuation.resume(returning: Self.transaction(in: database, body))
            }
        }
        return try result.get()
    }

    /// The commit is the point from which the change is durable.
    static func transaction<Value>(
        in database: Database, _ body: (Database) throws -> Value
    ) -> Result<Value, StorageError> {
        do {
            var value: Value?
            try database.inTransaction(.immediate) {
                value = try body(database)
                return .commit
            }
            guard let value else { preconditionFailure("a transaction committed without running") }
            return .success(value)
        } catch {
            return .failure(StorageError(metadata: error))
        }
    }

    func read<Value: Sendable>(
        _ body: @escaping @Sendable (Database) throws -> Value
    ) async throws(StorageError) -> Value {
        do {
            return try await pool.read(body)
        } catch {
            throw StorageError(metadata: error)
        }
    }
}
