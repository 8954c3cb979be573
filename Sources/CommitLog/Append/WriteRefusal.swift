import Storage

/// Why the disk took records last time it did not. It holds until it would take them, so that `/readyz` says what clients are told:
/// a disk may have room for nothing that they send and still not be at its reserve.
enum WriteRefusal: Hashable, Sendable {
    /// They would have reached into the reserve.
    case reserve(bytes: Int64)
    /// The disk refused a write, with so much space by its own account: a quota, or its last inode.
    case full(availableBytes: UInt64)
    /// Only a write that succeeds shows that it is over.
    case readOnly

    init?(_ error: StorageError, _ space: DiskSpace?) {
        switch error {
        case .diskFull: self = .full(availableBytes: space?.availableBytes ?? 0)
        case .readOnly: self = .readOnly
        case .io, .corrupt, .offline, .overloaded, .offsetOutOfRange, .unknownPartition, .conflict, .newerFormat, .shutDown: return nil
        }
    }

    /// Less than this may come back because the refused write itself was taken back.
    private static let returnedBytesMin: UInt64 = 1 << 20

    /// - Parameter space: now.
    func holds(_ services: StoreServices, _ space: DiskSpace?) -> Bool {
        switch self {
        case .reserve(let bytes): services.isBelowReserve(for: bytes, space: space)
        case .full(let availableBytes): (space?.availableBytes ?? 0) <= availableBytes + Self.returnedBytesMin
        case .readOnly: true
        }
    }

    /// Whether a write that succeeded shows that it is over. One that found room in the reserve's shadow shows nothing for larger ones.
    var endsWithAWrite: Bool {
        switch self {
        case .reserve: false
        case .full, .readOnly: true
        }
    }
}
