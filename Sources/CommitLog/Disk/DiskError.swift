import Storage

#if canImport(Glibc)
import Glibc
#endif

/// A system call that failed: what it was to do, in words, and the errno.
struct DiskError: Error, Hashable, Sendable {
    var operation: String
    var code: Int32

    /// What the seam's callers are told.
    var storageError: StorageError {
        switch code {
        case ENOSPC, EDQUOT: .diskFull
        case EROFS: .readOnly
        default: .io(operation: operation, errno: code)
        }
    }

    /// The code of a lock that somebody else holds.
    static let wouldBlock = EWOULDBLOCK

    var isMissing: Bool { code == ENOENT }
    var isFull: Bool { code == ENOSPC || code == EDQUOT }

    /// A sentence for people.
    var sentence: String { "\(operation): \(String(cString: strerror(code)))" }
}
