import CLinux

#if canImport(Glibc)
import Glibc
#endif

/// The file seam: every system call that the log makes on files goes through here, so that tests can put a simulated disk
/// behind it that loses power, tears writes, fills up and fails.
protocol Disk: Sendable {
    func open(_ path: String, _ mode: OpenMode) throws(DiskError) -> any DiskFile
    /// Names, unordered, without `.` and `..`.
    func list(_ directory: String) throws(DiskError) -> [String]
    /// Making one that exists is not an error.
    func makeDirectory(_ path: String) throws(DiskError)
    func rename(_ path: String, to destination: String) throws(DiskError)
    /// Gives the file the name of the other, which gets its name in turn; where there is no other, or the file system cannot, it is renamed.
    func exchange(_ path: String, with destination: String) throws(DiskError)
    func remove(_ path: String) throws(DiskError)
    func removeDirectory(_ path: String) throws(DiskError)
    /// Makes the names in the directory durable.
    func syncDirectory(_ path: String) throws(DiskError)
    func space(at path: String) throws(DiskError) -> DiskSpace
    /// An exclusive lock that ends with the returned object, or with the process.
    func lock(_ path: String) throws(DiskError) -> any AnyObject & Sendable
}

enum OpenMode: Hashable, Sendable {
    case read
    case readWrite
    /// Fails where the file exists.
    case create
    case createOrOpen
    /// To write what is not read again soon: past the page cache, where the file system can. All memory, lengths and positions
    /// of writes are multiples of `directBlockBytes`.
    case direct

    /// What O_DIRECT asks of memory, lengths and positions on every disk with blocks of up to this size.
    static let directBlockBytes = 4096
}

struct DiskSpace: Hashable, Sendable {
    var availableBytes: UInt64
    var totalBytes: UInt64
}

/// What is read of a file. Positions are given with each call, so that threads can share it.
protocol ReadableFile: AnyObject, Sendable {
    /// Reads until the buffer is full or the file ends.
    func read(into buffer: UnsafeMutableRawBufferPointer, at position: Int64) throws(DiskError) -> Int
    /// Reads as `read` does, but leaves the page cache to others where the file system can. Fastest, and without a copy, where the
    /// buffer, its length and the position are multiples of `OpenMode.directBlockBytes`.
    func readAround(into buffer: UnsafeMutableRawBufferPointer, at position: Int64) throws(DiskError) -> Int
    /// Reads what memory holds, from `position` on, without waiting for the device; 0 where it holds nothing.
    func readCached(into buffer: UnsafeMutableRawBufferPointer, at position: Int64) throws(DiskError) -> Int
    /// Reads what the device holds, past the page cache, which after a failed sync may show what never got there.
    func readDevice(into buffer: UnsafeMutableRawBufferPointer, at position: Int64) throws(DiskError) -> Int
    /// These bytes will not be read again soon: leave the page cache to others.
    func dropCached(at position: Int64, bytes: Int64)
}

/// An open file.
protocol DiskFile: ReadableFile {
    /// Writes all pieces, one behind the other, or throws; then any part of them may have been written.
    func write(_ pieces: UnsafeBufferPointer<iovec>, at position: Int64) throws(DiskError)
    func sync() throws(DiskError)
    /// Begins to write what a `sync` that follows would have to wait for, so that many files are written side by side. Promises
    /// nothing; an error shows in the `sync`.
    func beginSync()
    func resize(to bytes: Int64) throws(DiskError)
    /// Gives the range blocks of the disk, in one piece where it can; it reads as zeros, and the file grows to its end.
    func reserve(_ bytes: Int64, at position: Int64) throws(DiskError)
    /// Wipes the range and gives its blocks back where the file system can; it reads as zeros, and the file keeps its size.
    func punch(_ bytes: Int64, at position: Int64) throws(DiskError)
    func size() throws(DiskError) -> Int64
}

extension DiskFile {
    func punch(_ bytes: Int64, at position: Int64) throws(DiskError) { try wipe(bytes, at: position) }

    /// Zeros, written.
    func wipe(_ bytes: Int64, at position: Int64) throws(DiskError) {
        let end = min(position + bytes, try size())
        var next = position
        while next < end {
            let count = min(end - next, 1 << 20)
            try write([UInt8](repeating: 0, count: Int(count)), at: next)
            next += count
        }
    }

    func write(_ bytes: UnsafeRawBufferPointer, at position: Int64) throws(DiskError) {
        guard bytes.count > 0 else { return }
        let piece = iovec(iov_base: UnsafeMutableRawPointer(mutating: bytes.baseAddress), iov_len: bytes.count)
        var failure: DiskError?
        withUnsafePointer(to: piece) { pointer in
            do throws(DiskError) {
                try write(UnsafeBufferPointer(start: pointer, count: 1), at: position)
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
    }

    func write(_ pieces: [iovec], at position: Int64) throws(DiskError) {
        var failure: DiskError?
        pieces.withUnsafeBufferPointer { pieces in
            do throws(DiskError) { try write(pieces, at: position) } catch { failure = error }
        }
        if let failure { throw failure }
    }

    func write(_ bytes: [UInt8], at position: Int64) throws(DiskError) {
        var failure: DiskError?
        bytes.withUnsafeBytes { raw in
            do throws(DiskError) { try write(raw, at: position) } catch { failure = error }
        }
        if let failure { throw failure }
    }

    /// `count` bytes or, at the end of the file, fewer.
    func read(_ count: Int, at position: Int64) throws(DiskError) -> [UInt8] {
        try bytes(count) { (buffer) throws(DiskError) in try read(into: buffer, at: position) }
    }

    /// The same of what the device holds, past the page cache.
    func readDevice(_ count: Int, at position: Int64) throws(DiskError) -> [UInt8] {
        try bytes(count) { (buffer) throws(DiskError) in try readDevice(into: buffer, at: position) }
    }

    private func bytes(
        _ count: Int, _ read: (UnsafeMutableRawBufferPointer) throws(DiskError) -> Int
    ) throws(DiskError) -> [UInt8] {
        // An array without room is the one empty array that all threads share, and its count would be written.
        guard count != 0 else { return [] }
        var failure: DiskError?
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            do throws(DiskError) {
                initialized = try read(UnsafeMutableRawBufferPointer(buffer))
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        return bytes
    }
}
