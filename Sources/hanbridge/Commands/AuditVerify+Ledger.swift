import Broker
import Foundation
import Sentences
import Transparency

// The delivery ledger in a case, held against its own log.
extension AuditVerify {
    /// Each entry of the part is there with its content and leads to the ledger's signed root; the part begins before the case's first record; and
    /// what is for reading is what these entries say.
    /// - Parameter time: of the case's first record, ms since 1970.
    func judgeLedger(_ source: any EvidenceSource, _ manifest: CaseManifest, since time: Int64?, _ keys: LogKeys, _ policy: TrustPolicy) throws {
        guard let part = manifest.ledger, let time else { return }
        let log = LogFolder(source: source, folder: CaseLedger.folder)
        let head = try log.checkpoint()
        let origin = head.checkpoint.origin
        guard let name = LogOrigin(origin.text), case .partition(AuditTopic.delivery, _, 0) = name.log,
            manifest.logs.allSatisfy({ LogOrigin($0.origin)?.host == name.host })
        else { throw CommandFailure.refused(.caseOtherLog(folder, log: origin.text)) }
        guard let pinned = keys.log(of: origin) else { throw CommandFailure.refused(.receiptRefused(Receipt.Refusal.unknownLog.rawValue)) }
        var history = WitnessedHistory(of: origin, log: pinned, policy: policy)
        for note in try log.cosigned + [head] { history.take(note) }
        let range = (part.from..<part.to).clamped(to: 0..<head.checkpoint.size)
        var times: [Int64] = []
        var noTimestamps: LogTimestamps?
        let line = try LogLine(log.reopenings, before: origin, keys, policy)
        let report = try audit(log, head, origin, pinned, policy, nil, line, history, range, isServed: false, justifications: [], &noTimestamps) { entry in
            if let time = (try? Entry(Array(entry)))?.facts.appendTime { times.append(time) }
        }
        // Contents are there whole: one that were left out could be one that tells of these records.
        guard report.findings == [AuditFinding(.verified, .contentChecked, range)], let first = times.first, let last = times.last,
            part.from == 0 || first < time
        else { throw CommandFailure.refused(.ledgerRefused(origin.text)) }
        let ledger = CaseLedger(log, range, about: manifest)
        guard source.bytes(CaseLedger.extract, bytesMax: CaseManifest.bytesMax(of: CaseLedger.extract)) == ledger.lines else {
            throw CommandFailure.refused(.caseMemberWrong(folder, member: CaseLedger.extract))
        }
        let (from, to) = (EvidenceFiles.time(milliseconds: first), EvidenceFiles.time(milliseconds: last))
        switch options.output {
        case .table: StandardStream.output.writeLine(Sentence.ledgerHeld(entries: Int64(range.count), about: ledger.count, from: from, to: to).text(in: options.language))
        case .json:
            StandardStream.output.writeLine(
                JSONText.object([
                    ("ledger", .string(origin.text)), ("entries", .integer(Int64(range.count))), ("about", .integer(ledger.count)), ("since", .string(from)),
                    ("until", .string(to)),
                ]).description)
        }
    }
}

extension CaseLedger {
    /// Made of what an audited part of the ledger's log shows.
    init(_ log: LogFolder, _ range: Range<Int64>, about manifest: CaseManifest) {
        self.init(about: Records.all(of: manifest))
        var offset = range.lowerBound
        while offset < range.upperBound, let bundle = Tile(.entries, holding: offset, treeSize: range.upperBound) {
            for (offset, shown) in zip(bundle.range, log.shown(bundle)) where range.contains(offset) {
                if case .content(let content, _) = shown, let value = RecordFields(content: content)?.value { take(value, at: offset) }
            }
            offset = bundle.range.upperBound
        }
    }
}
