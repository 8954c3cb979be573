import Foundation
import NIOConcurrencyHelpers
import Transparency
import Witnessing

/// Contradictions as files: a folder for each, with `cosigned`, the note that the witness had cosigned, and `refused`, the request as it came,
/// which ends with the note that contradicts it. Both are plain C2SP texts that any verifier reads.
final class ForkFolder: ForkKeeping {
    private let directory: String
    private let counts: NIOLockedValueBox<[String: Int]>

    init(_ directory: String) throws {
        self.directory = directory
        let files = FileManager.default
        try files.createDirectory(atPath: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        var counts: [String: Int] = [:]
        for name in try files.contentsOfDirectory(atPath: directory) {
            guard let bytes = try? EvidenceFiles.bytes(of: "\(directory)/\(name)/cosigned", bytesMax: TransparencyLimits.noteBytesMax),
                let note = try? SignedCheckpoint(bytes)
            else { continue }
            counts[String(note.checkpoint.origin.text.prefix { $0 != "/" }), default: 0] += 1
        }
        self.counts = NIOLockedValueBox(counts)
    }

    func count(ofHost host: String) -> Int { counts.withLockedValue { $0[host] ?? 0 } }

    func keep(_ fork: ForkEvidence) throws -> Bool {
        let (place, draft) = ("\(directory)/\(fork.name)", "\(directory)/.\(fork.name).new")
        let files = FileManager.default
        guard !files.fileExists(atPath: place) else { return false }
        try? files.removeItem(atPath: draft)
        try files.createDirectory(atPath: draft, withIntermediateDirectories: false)
        for (name, bytes) in [("cosigned", fork.cosigned.bytes), ("refused", fork.refused.bytes)] {
            try Data(bytes).write(to: URL(fileURLWithPath: "\(draft)/\(name)"))
            let handle = try FileHandle(forUpdating: URL(fileURLWithPath: "\(draft)/\(name)"))
            try handle.synchronize()
            try handle.close()
        }
        try files.moveItem(atPath: draft, toPath: place)
        counts.withLockedValue { $0[fork.host, default: 0] += 1 }
        return true
    }
}
