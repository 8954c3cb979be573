#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Small files that are whole or not there after a power loss, with their mode set before a byte is in them.
enum DurableFile {
    enum Failure: Error { case system(operation: String, path: String, code: Int32) }

    /// Replaces `path` by a new file: written beside it, synced, renamed over it, the directory synced.
    static func replace(_ path: String, with bytes: [UInt8], mode: mode_t) throws(Failure) {
        let temporary = "\(path).\(getpid()).new"
        unlink(temporary)
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
        guard descriptor >= 0 else { throw .system(operation: "create", path: temporary, code: errno) }
        do throws(Failure) {
            // The mode of open is cut by the umask; what is meant is meant.
            guard fchmod(descriptor, mode) == 0 else { throw .system(operation: "set the mode of", path: temporary, code: errno) }
            try writeAll(bytes, to: descriptor, path: temporary)
            guard fsync(descriptor) == 0 else { throw .system(operation: "sync", path: temporary, code: errno) }
        } catch {
            close(descriptor)
            unlink(temporary)
            throw error
        }
        close(descriptor)
        guard rename(temporary, path) == 0 else {
            let code = errno
            unlink(temporary)
            throw .system(operation: "rename to", path: path, code: code)
        }
        try syncDirectory(of: path)
    }

    static func writeAll(_ bytes: [UInt8], to descriptor: Int32, path: String) throws(Failure) {
        var written = 0
        while written < bytes.count {
            let count = bytes[written...].withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw .system(operation: "write", path: path, code: errno) }
            written += count
        }
    }

    static func contents(of path: String, bytesMax: Int) throws(Failure) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .system(operation: "open", path: path, code: errno) }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 64 * 1024)
        while true {
            let count = chunk.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw .system(operation: "read", path: path, code: errno) }
            if count == 0 { return bytes }
            bytes += chunk.prefix(count)
            guard bytes.count <= bytesMax else { throw .system(operation: "read", path: path, code: EFBIG) }
        }
    }

    static func syncDirectory(of path: String) throws(Failure) {
        let directory = path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
        let name = directory.isEmpty ? (path.hasPrefix("/") ? "/" : ".") : directory
        let descriptor = open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .system(operation: "open", path: name, code: errno) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw .system(operation: "sync", path: name, code: errno) }
    }

    /// Makes a directory and those above it; `mode` for those it makes.
    static func makeDirectory(_ path: String, mode: mode_t = 0o700) throws(Failure) {
        if mkdir(path, mode) == 0 { return try syncDirectory(of: path) }
        let code = errno
        if code == EEXIST { return }
        let above = path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
        guard code == ENOENT, !above.isEmpty else { throw .system(operation: "make the directory", path: path, code: code) }
        try makeDirectory(above, mode: mode)
        guard mkdir(path, mode) == 0 || errno == EEXIST else { throw .system(operation: "make the directory", path: path, code: errno) }
        try syncDirectory(of: path)
    }

    static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }
}

extension DurableFile.Failure: CustomStringConvertible {
    var description: String {
        switch self {
        case .system(let operation, let path, let code): "cannot \(operation) \(path): \(String(cString: strerror(code)))"
        }
    }

    /// As the authority tells it.
    var asAuthorityError: AuthorityError { .directory(description) }
}
