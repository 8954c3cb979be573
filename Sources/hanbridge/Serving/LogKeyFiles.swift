import Foundation
import Sentences
import Transparency

/// The keys that sign the checkpoints of this broker's logs: those that broker.yaml names, else one of the broker's own, made at its
/// first start. Readable by their owner alone.
struct LogKeyFiles {
    private let paths: [String]
    private let own: String

    init(_ configuration: BrokerConfiguration) {
        own = configuration.ownLogKeyFile
        paths = configuration.evidence.keys.isEmpty ? [own] : configuration.evidence.keys
    }

    private static let ownerOnly = 0o600

    func keys() throws(CommandFailure) -> [SigningKey] {
        if paths == [own], !FileManager.default.fileExists(atPath: own) { try makeOwn() }
        var keys: [SigningKey] = []
        for path in paths { keys.append(try Self.key(path)) }
        return keys
    }

    static func key(_ path: String) throws(CommandFailure) -> SigningKey {
        let attributes = try? FileManager.default.attributesOfItem(atPath: path)
        if let mode = attributes?[.posixPermissions] as? Int, mode & 0o077 != 0 { throw .refused(.logKeyExposed(path)) }
        let bytes = try EvidenceFiles.bytes(of: path, bytesMax: TransparencyLimits.keyFileBytesMax)
        do throws(FormatFault) {
            return try SigningKey(keyFile: bytes)
        } catch {
            throw .refused(.logKeyUnreadable(path, why: error.description))
        }
    }

    /// Whole or not at all, and never over one that is there: a key that signed is not to be lost.
    private func makeOwn() throws(CommandFailure) {
        try Self.write(SigningKey(), to: "\(own).new")
        do {
            try FileManager.default.moveItem(atPath: "\(own).new", toPath: own)
        } catch {
            throw .refused(.evidenceFileNotWritten(own))
        }
    }

    /// A key in a file of its owner's alone, durable, in place of whatever was there.
    static func write(_ key: SigningKey, to path: String) throws(CommandFailure) {
        let files = FileManager.default
        do {
            try files.createDirectory(
                atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            try? files.removeItem(atPath: path)
            guard files.createFile(atPath: path, contents: Data(key.keyFile), attributes: [.posixPermissions: ownerOnly]) else {
                throw CommandFailure.refused(.evidenceFileNotWritten(path))
            }
            let handle = try FileHandle(forUpdating: URL(fileURLWithPath: path))
            try handle.synchronize()
            try handle.close()
        } catch {
            throw .refused(.evidenceFileNotWritten(path))
        }
    }
}
