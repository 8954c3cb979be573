import Foundation
import Sentences
import Transparency

/// The record that somebody says a receipt is of. People have the document that they published; the log has it behind the frame of its
/// schema, whose id the entry names; an editor has put a line's end behind it. The commitment tells which of these the record is.
struct ClaimedRecord {
    private let key: [UInt8]?
    private let values: [[UInt8]]
    private let headers: [RecordFields.Header]

    /// - Returns: nil for what is too large to be a record.
    init?(key: [UInt8]?, value: [UInt8], headers: [RecordFields.Header]) {
        guard RecordFields(key: key, value: value, headers: headers).content != nil else { return nil }
        self.key = key
        self.headers = headers
        let line = value.dropLast(value.last == UInt8(ascii: "\n") ? 1 : 0)
        let bare = Array(line.dropLast(line.last == UInt8(ascii: "\r") ? 1 : 0))
        values = bare.count == value.count ? [value] : [value, bare]
    }

    /// What the entry's commitment may be of.
    /// - Parameter schemaID: the entry's; negative for none.
    func contents(schemaID: Int32) -> [[UInt8]] {
        let frame: [UInt8]? = schemaID < 0 ? nil : [0] + withUnsafeBytes(of: schemaID.bigEndian) { Array($0) }
        let framed = frame.map { frame in values.map { frame + $0 } } ?? []
        return (values + framed).compactMap { RecordFields(key: key, value: $0, headers: headers).content }
    }
}

extension Receipt {
    func verdict(log: PinnedLog, policy: TrustPolicy, claimed: ClaimedRecord?) -> Verdict {
        guard let claimed else { return verdict(log: log, policy: policy) }
        var verdict = Verdict.refused(.otherContent)
        for content in claimed.contents(schemaID: entry.facts.schemaID) {
            verdict = self.verdict(log: log, policy: policy, content: content)
            guard verdict == .refused(.otherContent) else { break }
        }
        return verdict
    }
}

/// The file that was published, JSON lines, beside the receipts of `publish --receipts`.
struct PublishedLines {
    private let file: String?
    private let lines: [ArraySlice<UInt8>]

    private static let bytesMax = 1 << 30

    /// - Parameter file: nil where the records are not to be compared.
    init(_ file: String?) throws {
        self.file = file
        guard let file else {
            lines = []
            return
        }
        let bytes = try EvidenceFiles.bytes(of: file, bytesMax: Self.bytesMax)
        let body = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes[3...] : bytes[...]
        lines = body.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    }

    func claimed(_ line: ReceiptFile.Line) throws -> ClaimedRecord? {
        guard let file else { return nil }
        let key = line.key.flatMap { Data(base64Encoded: $0) }.map { Array($0) }
        guard lines.indices.contains(line.line - 1) else { throw CommandFailure.refused(.publishedLineMissing(file, line: line.line)) }
        guard let record = ClaimedRecord(key: key, value: Array(lines[line.line - 1]), headers: []) else {
            throw CommandFailure.wrongUsage(.recordTooLarge(file))
        }
        return record
    }
}
