import DequeModule

/// What was written last and stays in the page cache for those who follow the log; what is older is let go, the oldest first.
///
/// Left alone, the kernel gives every frame a page that was never used before until memory is full. A probe that wrote 2 GB as the
/// log does, on a virtual machine, took a fifth of the processor time and ran at three times the rate where it used the pages of
/// 256 MB again; presumably the host has to find memory for each page that the guest has not touched. Subscribers further behind
/// read from the disk, beside the writers.
struct RecentWrites {
    struct Stretch {
        let segment: Segment
        var position: Int64
        var bytes: Int64
    }

    /// Smaller writes of a segment are put together first: the kernel lets go of whole pages only, and each call costs.
    static let stretchBytesMin: Int64 = 256 << 10

    private let bytesMax: Int64
    private var stretches = Deque<Stretch>()
    private(set) var bytes: Int64 = 0

    init(bytesMax: Int64) { self.bytesMax = bytesMax }

    /// Each has at least `stretchBytesMin`, so there are at most as many as fit into `bytesMax` and what waits for a sync.
    var count: Int { stretches.count }

    mutating func add(_ stretch: Stretch) {
        stretches.append(stretch)
        bytes += stretch.bytes
    }

    /// The oldest stretch, as long as there is more than is to be kept.
    ///
    /// - Parameter unsyncedBytes: what was written last and is durable in the journal only. It is kept beyond the limit: the kernel
    ///   does not let go of a page before it is on the device.
    mutating func takeOld(unsyncedBytes: Int64) -> Stretch? {
        guard bytes > bytesMax + unsyncedBytes, let oldest = stretches.popFirst() else { return nil }
        bytes -= oldest.bytes
        return oldest
    }
}

extension ActiveSegment {
    /// What was made durable since the last call, once it is worth a call.
    func takeRecent() -> RecentWrites.Stretch? {
        let bytes = facts.endPosition - recentFrom
        guard bytes >= RecentWrites.stretchBytesMin else { return nil }
        defer { recentFrom = facts.endPosition }
        return RecentWrites.Stretch(segment: segment, position: recentFrom, bytes: bytes)
    }
}
