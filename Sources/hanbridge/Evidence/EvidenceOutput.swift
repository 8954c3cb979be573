import Foundation
import Sentences
import Transparency
import ZipArchive

/// Where exported evidence is put: the counterpart of ``EvidenceSource``.
protocol EvidenceOutput: AnyObject {
    /// - Parameter isCompressible: hashes and salts are not.
    func put(_ bytes: [UInt8], _ name: String, isCompressible: Bool) throws
    /// Nothing is there before it.
    func finish() throws
}

extension EvidenceOutput {
    func put(_ bytes: [UInt8], _ name: String) throws { try put(bytes, name, isCompressible: true) }
}

final class EvidenceFolderOutput: EvidenceOutput {
    private let path: String

    init(_ path: String) { self.path = path }

    func put(_ bytes: [UInt8], _ name: String, isCompressible: Bool) throws {
        let file = "\(path)/\(name)"
        do {
            try FileManager.default.createDirectory(atPath: (file as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
            try Data(bytes).write(to: URL(fileURLWithPath: file))
        } catch {
            throw CommandFailure.refused(.evidenceFileNotWritten(file))
        }
    }

    func finish() throws {}
}

/// Passes on what is put, and remembers of what no log's tree proves the SHA-256.
final class DigestedOutput: EvidenceOutput {
    private let output: any EvidenceOutput
    private(set) var digests: [String: String] = [:]

    init(_ output: any EvidenceOutput) { self.output = output }

    func put(_ bytes: [UInt8], _ name: String, isCompressible: Bool) throws {
        try output.put(bytes, name, isCompressible: isCompressible)
        let inLog = name.drop { $0 != "/" }.dropFirst()
        if !CaseManifest.isProven(inLog) { digests[name] = TreeHashing.hash(of: bytes).description }
    }

    func finish() throws { try output.finish() }
}

/// A case file, under its name once it is whole and synced.
final class CaseFileOutput: EvidenceOutput {
    private let path: String
    private let file: FileHandle
    private var writer = ZipWriter()

    private var unfinishedPath: String { "\(path).unfinished" }

    init(_ path: String) throws {
        self.path = path
        guard FileManager.default.createFile(atPath: "\(path).unfinished", contents: nil),
            let file = FileHandle(forWritingAtPath: "\(path).unfinished")
        else { throw CommandFailure.refused(.evidenceFileNotWritten(path)) }
        self.file = file
    }

    func put(_ bytes: [UInt8], _ name: String, isCompressible: Bool) throws {
        do throws(ZipFault) {
            try write(try writer.add(name, bytes, isCompressible: isCompressible))
        } catch {
            throw CommandFailure.refused(.caseNotWritten(path, why: error.description))
        }
    }

    private func write(_ bytes: [UInt8]) throws(ZipFault) {
        do { try file.write(contentsOf: Data(bytes)) } catch { throw .unreadable }
    }

    func finish() throws {
        do {
            try file.write(contentsOf: Data(writer.finish()))
            try file.synchronize()
            try file.close()
        } catch {
            throw CommandFailure.refused(.evidenceFileNotWritten(path))
        }
        guard rename(unfinishedPath, path) == 0 else { throw CommandFailure.refused(.evidenceFileNotWritten(path)) }
    }

    deinit {
        // Where something failed before the end.
        try? FileManager.default.removeItem(atPath: unfinishedPath)
    }
}
