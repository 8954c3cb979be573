import GRDB
import Storage

extension StorageError {
    /// What an error of SQLite or of a file operation means for the caller.
    init(metadata error: any Error) {
        switch error {
        case let error as StorageError: self = error
        case let error as DatabaseError: self = StorageError(sqlite: error)
        default: self = .io(operation: "metadata: \(error)", errno: Self.inputOutputError)
        }
    }

    /// EIO. SQLite's own errno is lost on the way through GRDB.
    private static let inputOutputError: Int32 = 5

    private init(sqlite error: DatabaseError) {
        switch error.resultCode {
        case .SQLITE_FULL:
            self = .diskFull
        case .SQLITE_IOERR where error.extendedResultCode == .SQLITE_IOERR_SHMSIZE:
            // Growing the shared-memory file is where a full disk shows first in WAL mode.
            self = .diskFull
        case .SQLITE_READONLY:
            self = .readOnly
        case .SQLITE_CORRUPT, .SQLITE_NOTADB:
            self = .corrupt("metadata: \(error.sentence)")
        case .SQLITE_CONSTRAINT:
            self = .conflict(error.sentence)
        case .SQLITE_BUSY, .SQLITE_LOCKED:
            // Only another process can hold the lock: within this one there is a single writer.
            self = .conflict("another program has the metadata open")
        case .SQLITE_MISUSE, .SQLITE_ABORT, .SQLITE_INTERRUPT:
            self = .shutDown
        default:
            self = .io(operation: "metadata: \(error.sentence) (SQLite \(error.extendedResultCode.rawValue))", errno: Self.inputOutputError)
        }
    }
}

extension DatabaseError {
    /// Without the statement and its arguments: they may hold what clients sent.
    fileprivate var sentence: String { message ?? "SQLite error \(resultCode.rawValue)" }
}
