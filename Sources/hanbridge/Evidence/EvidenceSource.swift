import Foundation
import Sentences
import ZipArchive

/// Where exported evidence is read from: a folder, or the case file that was made of it. Names are paths below it, with slashes.
protocol EvidenceSource {
    /// At most one byte more than `bytesMax`. nil where there is nothing of this name, or nothing that can be read.
    func bytes(_ name: String, bytesMax: Int) -> [UInt8]?
}

struct EvidenceFolder: EvidenceSource {
    let path: String

    func bytes(_ name: String, bytesMax: Int) -> [UInt8]? { try? EvidenceFiles.bytes(of: "\(path)/\(name)", bytesMax: bytesMax) }
}

/// A case file, read where it lies: nothing of it is unpacked, so none of its names becomes a file's.
final class CaseArchive: EvidenceSource {
    let path: String
    private let reader: ZipReader<ArchiveBytes>
    var names: some Collection<String> { reader.names }
    /// The first member that was asked for and is not what the archive says it is.
    private(set) var fault: ZipFault?

    init(_ path: String) throws(CommandFailure) {
        self.path = path
        guard let file = FileHandle(forReadingAtPath: path), let length = try? file.seekToEnd(), let length = Int64(exactly: length) else {
            throw .wrongUsage(.fileUnreadable(path))
        }
        do throws(ZipFault) {
            reader = try ZipReader(ArchiveBytes(file: file, length: length))
        } catch {
            throw .refused(.evidenceFileRefused(path, why: error.description))
        }
    }

    func bytes(_ name: String, bytesMax: Int) -> [UInt8]? {
        do throws(ZipFault) {
            return try reader.content(of: name, bytesMax: bytesMax)
        } catch {
            fault = fault ?? error
            return nil
        }
    }

    private struct ArchiveBytes: ZipBytes {
        let file: FileHandle
        let length: Int64

        func bytes(_ range: Range<Int64>) -> [UInt8]? {
            guard range.lowerBound >= 0, range.upperBound <= length else { return nil }
            guard (try? file.seek(toOffset: UInt64(range.lowerBound))) != nil else { return nil }
            var bytes: [UInt8] = []
            bytes.reserveCapacity(range.count)
            while bytes.count < range.count {
                guard let data = try? file.read(upToCount: range.count - bytes.count), !data.isEmpty else { return nil }
                bytes += data
            }
            return bytes
        }
    }
}
