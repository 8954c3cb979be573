import CLinux

#if canImport(Glibc)
import Glibc
#endif

/// An open file of the real disk; closed when nobody holds it any more.
final class LinuxFile: DiskFile {
    private let descriptor: Int32
    private let path: String

    /// IOV_MAX of Linux: more pieces in one call are refused with EINVAL.
    private static let piecesMax = 1024

    init(descriptor: Int32, path: String) {
        self.descriptor = descriptor
        self.path = path
    }

    deinit { close(descriptor) }

    func read(into buffer: UnsafeMutableRawBufferPointer, at position: Int64) throws(DiskError) -> Int {
        var done = 0
        while done < buffer.count {
            let got = pread(descriptor, buffer.baseAddress! + done, buffer.count - done, off_t(position) + done)
            if got > 0 {
                done += got
            } else if got == 0 {
                break
            } else if errno != EINTR {
                throw DiskError(operation: "reading \(path)", code: errno)
            }
        }
        return done
    }

    func readCached(into buffer: UnsafeMutableRawBufferPointer, at position: Int64) throws(DiskError) -> Int {
        var done = 0
        while done < buffer.count, let rest = buffer.baseAddress.map({ $0 + done }) {
            let got = hb_read_cached(descriptor, rest, buffer.count - done, off_t(position) + done)
            if got == 0 { break }
            if got > 0 {
                // It may give less than it holds; what it does not hold it says when asked again.
                done += got
                continue
            }
            switch errno {
            case EINTR: continue
            case EAGAIN, EOPNOTSUPP, ENOSYS, EINVAL: return done
            default: throw DiskError(operation: "reading \(path)", code: errno)
            }
        }
        return done
    }

    func readAround(into buffer: UnsafeMutableRawBufferPointer, at position: Int64) throws(DiskError) -> Int {
        let direct = hb_open_read(path, 1)
        // Not on this file system, or the name is gone: deleted, while somebody still reads it.
        guard direct >= 0 else { return try read(into: buffer, at: position) }
        defer { close(direct) }
        return try readDirect(direct, into: buffer, at: position)
    }

    func readDevice(into buffer: UnsafeMutableRawBufferPointer, at position: Int64) throws(DiskError) -> Int {
        let direct = hb_open_read(path, 1)
        // tmpfs and some overlays know no O_DIRECT: what they hold is what there is.
        if direct < 0, errno == EINVAL { return try read(into: buffer, at: position) }
        guard direct >= 0 else { throw DiskError(operation: "opening \(path) directly", code: errno) }
        defer { close(direct) }
        return try readDirect(direct, into: buffer, at: position)
    }

    /// By way of aligned memory, where the buffer is not that itself.
    private func readDirect(_ direct: Int32, into buffer: UnsafeMutableRawBufferPointer, at position: Int64) throws(DiskError) -> Int {
        let block = OpenMode.directBlockBytes
        if (Int(bitPattern: buffer.baseAddress) | buffer.count | Int(position)) % block == 0 {
            return try readBlocks(direct, into: buffer, at: position)
        }
        let skipped = Int(position) % block
        let span = (skipped + buffer.count + block - 1) / block * block
        let aligned = UnsafeMutableRawBufferPointer.allocate(byteCount: span, alignment: block)
        defer { aligned.deallocate() }
        let done = try readBlocks(direct, into: aligned, at: position - Int64(skipped))
        let count = max(0, min(buffer.count, done - skipped))
        buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: aligned[skipped..<skipped + count]))
        return count
    }

    private func readBlocks(_ direct: Int32, into blocks: UnsafeMutableRawBufferPointer, at start: Int64) throws(DiskError) -> Int {
        var done = 0
        while done < blocks.count {
            let got = pread(direct, blocks.baseAddress! + done, blocks.count - done, off_t(start) + done)
            if got < 0, errno == EINTR { continue }
            guard got >= 0 else { throw DiskError(operation: "reading \(path) directly", code: errno) }
            done += got
            // A read that ends inside a block has met the end of the file.
            if got == 0 || got % OpenMode.directBlockBytes != 0 { break }
        }
        return done
    }

    func write(_ pieces: UnsafeBufferPointer<iovec>, at position: Int64) throws(DiskError) {
        var position = position
        var next = 0
        var skipped = 0  // bytes of pieces[next] that are written already
        while next < pieces.count {
            let written: Int
            if skipped == 0 {
                let count = min(pieces.count - next, Self.piecesMax)
                written = hb_write_vector(descriptor, pieces.baseAddress! + next, Int32(count), off_t(position))
            } else {
                written = pwrite(descriptor, pieces[next].iov_base + skipped, pieces[next].iov_len - skipped, off_t(position))
            }
            if written < 0 {
                if errno == EINTR { continue }
                throw DiskError(operation: "writing \(path)", code: errno)
            }
            guard written > 0 else { throw DiskError(operation: "writing \(path)", code: EIO) }
            position += Int64(written)
            skipped += written
            while next < pieces.count, skipped >= pieces[next].iov_len {
                skipped -= pieces[next].iov_len
                next += 1
            }
        }
    }

    func sync() throws(DiskError) {
        // EINTR is an error like the others here: what it left unsynced cannot be known.
        guard fdatasync(descriptor) == 0 else { throw DiskError(operation: "syncing \(path)", code: errno) }
    }

    func beginSync() { _ = hb_begin_writing_back(descriptor) }

    func resize(to bytes: Int64) throws(DiskError) {
        guard ftruncate(descriptor, off_t(bytes)) == 0 else { throw DiskError(operation: "resizing \(path)", code: errno) }
    }

    func reserve(_ bytes: Int64, at position: Int64) throws(DiskError) {
        guard hb_reserve(descriptor, off_t(position), off_t(bytes)) == 0 else {
            throw DiskError(operation: "reserving space for \(path)", code: errno)
        }
    }

    func punch(_ bytes: Int64, at position: Int64) throws(DiskError) {
        guard hb_punch(descriptor, off_t(position), off_t(bytes)) != 0 else { return }
        guard errno == EOPNOTSUPP else { throw DiskError(operation: "freeing space of \(path)", code: errno) }
        try wipe(bytes, at: position)
    }

    func size() throws(DiskError) -> Int64 {
        var facts = stat()
        guard fstat(descriptor, &facts) == 0 else { throw DiskError(operation: "asking for the size of \(path)", code: errno) }
        return Int64(facts.st_size)
    }

    /// The largest piece of memory that the page cache takes for one part of a file: as much as a large page has.
    private static let cachedPieceBytesMax: Int64 = 2 << 20

    func dropCached(at position: Int64, bytes: Int64) {
        // The kernel leaves a piece that reaches over the begin or the end of what it is told, so each call takes the last one's end with it:
        // of 256 KB written and dropped at a time 95 % stayed.
        let begin = max(0, position - Self.cachedPieceBytesMax)
        _ = hb_drop_cached(descriptor, off_t(begin), off_t(position + bytes - begin))
    }
}
