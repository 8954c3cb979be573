/// An environment error of a store: each case says what happened and whether trying again can help.
public enum StorageError: Error, Hashable, Sendable {
    /// No space: writes are refused until space returns, reads go on (DESIGN.md, promise 3).
    case diskFull
    /// The file system does not take writes.
    case readOnly
    /// A system call failed. `operation` names it and its object in words, never a payload.
    case io(operation: String, errno: Int32)
    /// Stored bytes are not what was written. The sentence names partition and offset.
    case corrupt(String)
    /// The partition is out of service.
    case offline(String)
    /// The bounded append queue is full; the same request may succeed a moment later.
    case overloaded
    case offsetOutOfRange(LogBounds)
    case unknownPartition(PartitionID)
    /// A change that contradicts what is stored: a name that exists, a version that moved.
    case conflict(String)
    /// The store was written by a newer program.
    case newerFormat(found: Int, known: Int)
    case shutDown

    public var isRetriable: Bool {
        switch self {
        case .diskFull, .readOnly, .overloaded, .shutDown: true
        case .io, .corrupt, .offline, .offsetOutOfRange, .unknownPartition, .conflict, .newerFormat: false
        }
    }
}
