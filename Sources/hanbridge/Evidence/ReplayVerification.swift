import Foundation
import KafkaWire
import Sentences
import Transparency

/// Holds records against the log's signed tree before they are handed on: what does not fit is never printed.
struct ReplayVerification {
    private let log: LogReader
    private let offsets: Range<Int64>
    private let folder: String
    private let size: Int64
    private var tree: TreeAudit<LogFolder>

    /// - Parameter offsets: cut to what a checkpoint covers.
    init(_ log: LogReader, _ offsets: inout Range<Int64>, _ keys: LogKeys, _ policy: TrustPolicy) async throws {
        guard let head = try await log.checkpoint(), let signed = try? SignedCheckpoint(head.bytes) else {
            throw CommandFailure.refused(.recordNotInLog("\(log.topic)/\(log.partition)"))
        }
        let origin = signed.checkpoint.origin
        guard let pinned = keys.log(of: origin), AuditHead.findings(signed, of: origin, log: pinned, policy: policy, saved: nil).isEmpty else {
            throw CommandFailure.refused(.auditFailed(origin.text))
        }
        offsets = min(offsets.lowerBound, signed.checkpoint.size)..<min(offsets.upperBound, signed.checkpoint.size)
        self.log = log
        self.offsets = offsets
        size = signed.checkpoint.size
        folder = FileManager.default.temporaryDirectory.appending(path: "hanbridge-replay-\(UUID().uuidString)").path
        do {
            // What grew meanwhile is of no interest: the tiles are those of this checkpoint.
            try await LogExport(log: log, output: EvidenceFolderOutput(folder), folder: "", offsets: offsets, head: head, isCase: false).run()
        } catch {
            try? FileManager.default.removeItem(atPath: folder)
            throw error
        }
        tree = TreeAudit(signed.checkpoint, of: LogFolder(source: EvidenceFolder(path: folder)))
    }

    func remove() { try? FileManager.default.removeItem(atPath: folder) }

    /// Records of one bundle, in order.
    mutating func judge(_ records: [DeliveredRecord]) throws {
        guard let first = records.first?.record.offset, let bundle = Tile(.entries, holding: first, treeSize: size) else { return }
        let salts = try? EvidenceFiles.bytes(of: "\(folder)/\(LogExport.openings(bundle.index))", bytesMax: Tile.widthMax * Commitment.saltBytes)
        var contents: [Int64: [UInt8]] = [:]
        for delivered in records { contents[delivered.record.offset] = RecordFields(delivered.record).content }
        var audit = Audit(times: CosigningTimes([]), tolerance: CosigningTolerance(skewMilliseconds: 0))
        let entries = tree.tree.entries(bundle) ?? []
        let shown = offsets
        audit.judge(bundle, entries: entries, in: &tree) { offset in
            guard shown.contains(offset) else { return .withheld }
            let place = Int(offset - bundle.range.lowerBound) * Commitment.saltBytes
            guard let content = contents[offset] else { return .absent }
            return .content(content, salt: Array((salts ?? []).dropFirst(place).prefix(Commitment.saltBytes)))
        }
        let report = audit.finish()
        guard report.hasFailed else { return }
        for finding in report.findings where finding.verdict.isBad {
            let sentence = "\(finding.verdict.rawValue)  \(finding.offsets.lowerBound)–\(finding.offsets.upperBound - 1)"
            StandardStream.error.writeLine("\(sentence)  \(finding.cause.sentence.text(in: log.http.language))")
        }
        throw CommandFailure.refused(.auditFailed(tree.checkpoint.origin.text))
    }
}
