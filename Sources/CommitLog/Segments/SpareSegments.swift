import NIOConcurrencyHelpers
import Storage

/// Zeroed files kept for new segments: writing into blocks that a file already has costs the file system no commit of its own
/// journal, and what was deleted is wiped rather than left lying on the disk (EVIDENCE.md, "Expiry and erasure").
final class SpareSegments: Sendable {
    private let disk: any Disk
    private let layout: StoreLayout
    private let zeros: ZeroPages
    private let countMax: Int
    private let bytesMax: Int64
    private let ready = NIOLockedValueBox<[(path: String, bytes: Int64)]>([])

    init(disk: any Disk, layout: StoreLayout, zeros: ZeroPages, settings: CommitLogSettings) {
        self.disk = disk
        self.layout = layout
        self.zeros = zeros
        countMax = settings.spareSegmentsMax
        bytesMax = settings.spareSegmentBytesMax
    }

    /// At start: what is there may not have been wiped to its end, so it goes.
    func clear() throws(DiskError) {
        try disk.makeDirectory(layout.spares)
        for name in try disk.list(layout.spares) { try disk.remove("\(layout.spares)/\(name)") }
    }

    /// Puts a spare in the place of a new segment's file. Returns how many bytes of zeros it has; 0 where there is none.
    func take(for segment: Segment) throws(DiskError) -> Int64 {
        guard let spare = ready.withLockedValue({ $0.popLast() }) else { return 0 }
        do throws(DiskError) {
            try disk.rename(spare.path, to: segment.path)
            return spare.bytes
        } catch {
            return 0
        }
    }

    /// Takes the file of a deleted segment: wiped, synced and kept, or removed.
    /// - Parameter mayKeep: false where others need the space.
    func recycle(_ path: String, name: String, mayKeep: () -> Bool) throws(DiskError) {
        guard mayKeep(), ready.withLockedValue({ $0.count }) < countMax else { return try disk.remove(path) }
        let spare = "\(layout.spares)/\(name)"
        try disk.rename(path, to: spare)
        let file = try disk.open(spare, .readWrite)
        let bytes = min(try file.size(), bytesMax)
        try file.resize(to: bytes)
        var position: Int64 = 0
        while position < bytes {
            guard mayKeep() else { return try disk.remove(spare) }
            let count = min(bytes - position, 1 << 20)
            try zeros.write(Int(count), to: file, at: position)
            position += count
        }
        try file.sync()
        ready.withLockedValue { $0.append((spare, bytes)) }
    }

    /// The disk is filling up: gives their space back.
    func giveUp() throws(DiskError) {
        while let spare = ready.withLockedValue({ $0.popLast() }) { try disk.remove(spare.path) }
    }
}
