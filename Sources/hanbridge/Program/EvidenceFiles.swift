import Foundation
import Sentences
import Transparency

/// Files of evidence as commands are given them.
enum EvidenceFiles {
    /// Reads a file that holds one thing, and never more of it than that thing can be.
    static func read<Value>(_ path: String, bytesMax: Int, as parse: ([UInt8]) throws(FormatFault) -> Value) throws(CommandFailure) -> Value {
        let bytes = try bytes(of: path, bytesMax: bytesMax)
        do throws(FormatFault) {
            return try parse(bytes)
        } catch {
            throw .refused(.evidenceFileRefused(path, why: error.description))
        }
    }

    /// Whose checkpoints are believed.
    static func logKeys(_ path: String) throws(CommandFailure) -> LogKeys {
        try read(path, bytesMax: TransparencyLimits.keyFileBytesMax) { bytes throws(FormatFault) in try LogKeys(file: bytes) }
    }

    /// Whose cosignatures count.
    static func policy(_ path: String) throws(CommandFailure) -> TrustPolicy {
        try read(path, bytesMax: TransparencyLimits.policyBytesMax) { bytes throws(FormatFault) in try TrustPolicy(bytes) }
    }

    /// A file's bytes; one byte more than the limit where there are more, so that the parser says so.
    static func bytes(of path: String, bytesMax: Int) throws(CommandFailure) -> [UInt8] {
        guard let handle = FileHandle(forReadingAtPath: path), let data = try? handle.read(upToCount: bytesMax + 1) ?? Data() else {
            throw .wrongUsage(.fileUnreadable(path))
        }
        return [UInt8](data)
    }

    /// ms since 1970 as RFC 3339 has it, in UTC.
    static func time(milliseconds: Int64) -> String {
        Date(timeIntervalSince1970: Double(milliseconds) / 1000).formatted(
            Date.ISO8601FormatStyle(includingFractionalSeconds: true, timeZone: .gmt))
    }

    static func time(seconds: Int64) -> String {
        Date(timeIntervalSince1970: Double(seconds)).formatted(Date.ISO8601FormatStyle(timeZone: .gmt))
    }
}
