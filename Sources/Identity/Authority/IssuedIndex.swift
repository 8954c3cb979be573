import Foundation

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// `issued.jsonl`: what the authority ever did, one JSON object a line, appended and synced before the deed is handed out.
/// So no certificate exists that the index does not know, and none that cannot be revoked; a line without its certificate
/// (a crash in between) harms nobody.
///
/// A torn last line is a deed that was never handed out: it is cut off before the next append. Damage anywhere else stops the
/// authority, because a lost line could be a lost revocation.
struct IssuedIndex {
    /// One line. `event` says which of the fields are there.
    struct Line: Codable, Equatable {
        enum Event: String, Codable { case issued, revoked, list }
        var event: Event
        /// ms since 1970: when it was done.
        var at: Int64
        /// Lower-case hex. `issued`, `revoked`.
        var serial: String?
        var subject: String?
        var roles: [String]?
        var displayName: String?
        /// ms since 1970. `issued`: the certificate's bounds.
        var notBefore: Int64?
        var notAfter: Int64?
        /// SHA-256 of the certificate or list, hex. `issued`, `list`.
        var fingerprint: String?
        /// SHA-256 of the DER SubjectPublicKeyInfo, hex. `issued`.
        var keyHash: String?
        /// `revoked`.
        var reason: String?
        /// `list`: the CRL's number and its next update.
        var number: Int64?
        var nextUpdate: Int64?
    }

    /// A city with a million certificates ever issued has about 400 MB of them; past that a new authority is due.
    static let bytesMax = 512 << 20
    /// Far above the longest line: every field is bounded by what a certificate takes.
    static let lineBytesMax = 64 << 10

    let path: String

    /// Holds the directory's lock while it runs: two `hanbridge cert` at once take turns.
    func exclusively<Answer>(_ body: () throws -> Answer) throws -> Answer {
        let descriptor = open("\(path).lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw DurableFile.Failure.system(operation: "open", path: "\(path).lock", code: errno) }
        defer { close(descriptor) }
        while flock(descriptor, LOCK_EX) != 0 {
            guard errno == EINTR else { throw DurableFile.Failure.system(operation: "lock", path: "\(path).lock", code: errno) }
        }
        return try body()
    }

    func lines() throws(AuthorityError) -> [Line] {
        let bytes: [UInt8]
        do {
            bytes = DurableFile.exists(path) ? try DurableFile.contents(of: path, bytesMax: Self.bytesMax) : []
        } catch {
            throw error.asAuthorityError
        }
        var lines: [Line] = []
        let decoder = JSONDecoder()
        for (index, text) in bytes[..<Self.wholeLinesEnd(of: bytes)].split(separator: UInt8(ascii: "\n")).enumerated() {
            guard let line = try? decoder.decode(Line.self, from: Data(text)) else {
                throw .directory(
                    "line \(index + 1) of \(path) cannot be read; restore the file from a backup, for what it forgets cannot be revoked")
            }
            lines.append(line)
        }
        return lines
    }

    /// Appends one line and syncs it. Call inside `exclusively`.
    func append(_ line: Line) throws(AuthorityError) {
        do {
            let isNew = !DurableFile.exists(path)
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            let text = try encoder.encode(line)
            let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
            guard descriptor >= 0 else { throw DurableFile.Failure.system(operation: "open", path: path, code: errno) }
            defer { close(descriptor) }
            try cutTornLine(descriptor)
            try DurableFile.writeAll(Array(text) + [UInt8(ascii: "\n")], to: descriptor, path: path)
            guard fsync(descriptor) == 0 else { throw DurableFile.Failure.system(operation: "sync", path: path, code: errno) }
            if isNew { try DurableFile.syncDirectory(of: path) }
        } catch let failure as DurableFile.Failure {
            throw failure.asAuthorityError
        } catch {
            throw .directory("cannot write to \(path): \(error)")
        }
    }

    /// Leaves the file and its position at the end of the last whole line.
    private func cutTornLine(_ descriptor: Int32) throws {
        let size = lseek(descriptor, 0, SEEK_END)
        let tailStart = max(0, size - off_t(Self.lineBytesMax))
        var tail = [UInt8](repeating: 0, count: Int(size - tailStart))
        guard size >= 0, pread(descriptor, &tail, tail.count, tailStart) == tail.count else {
            throw DurableFile.Failure.system(operation: "read", path: path, code: errno)
        }
        let end = tailStart + off_t(Self.wholeLinesEnd(of: tail))
        guard ftruncate(descriptor, end) == 0, lseek(descriptor, end, SEEK_SET) == end else {
            throw DurableFile.Failure.system(operation: "cut the torn line off", path: path, code: errno)
        }
    }

    private static func wholeLinesEnd(of bytes: [UInt8]) -> Int {
        bytes.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
    }
}
