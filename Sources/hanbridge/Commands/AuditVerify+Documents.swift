import Foundation
import Sentences
import Transparency

// The agreements and schemas of a case, held against the audit topic's records of their application and registration.
extension AuditVerify {
    /// Tells of each document whether it is proven. One that is another than its record has fails the case.
    func judgeDocuments(
        _ source: any EvidenceSource, _ manifest: CaseManifest, _ mentions: EntryMentions, _ keys: LogKeys, _ policy: TrustPolicy
    ) throws {
        let host = try manifest.logs.first.map { try LogFolder(source: source, folder: $0.folder).checkpoint() }
            .flatMap { LogOrigin($0.checkpoint.origin.text)?.host }
        guard let host else { return }
        let lines = source.bytes(DocumentRecords.file, bytesMax: CaseManifest.bytesMax(of: DocumentRecords.file))
        let records = DocumentRecords(lines, host: host, keys, policy)
        var other: String?
        let names = manifest.digests.keys.filter { $0.hasPrefix("agreements/") || $0.hasPrefix("schemas/") }
        for name in names.sorted() {
            guard let content = source.bytes(name, bytesMax: CaseManifest.bytesMax(of: name)) else { continue }
            switch records.judge(name, content) {
            case .proven(let event, let place):
                told(
                    .documentProven(name, at: event.time, by: event.node, record: place),
                    [("proven", .string(name)), ("since", .string(event.time)), ("record", .string(place))])
            case .notProven(let why): notProven(name, why)
            case .other(let place):
                notProven(name, .unprovenOtherDocument(place))
                other = other ?? name
            }
        }
        tellUnprovenVersions(names.compactMap { DocumentRecords.version(ofAgreements: $0) }.sorted(), records, mentions)
        if let other { throw CommandFailure.refused(.caseMemberWrong(folder, member: other)) }
    }

    /// Of the versions of the agreements one could have been left out: before the first, between two, or after the last.
    private func tellUnprovenVersions(_ versions: [Int64], _ records: DocumentRecords, _ mentions: EntryMentions) {
        guard let first = versions.first, let last = versions.last else { return notProven("agreements", .unprovenNoAgreements) }
        for missing in Set(first...min(last, first + Int64(CaseManifest.logsMax))).subtracting(versions).sorted() {
            notProven("agreements/\(missing).json", .unprovenNoDocument)
        }
        guard let firstTime = mentions.firstTime, let lastTime = mentions.lastTime else { return }
        if !(records.appliedAt(first).map { $0 <= firstTime } ?? false) { notProven("agreements", .unprovenBefore(version: first)) }
        if !(records.appliedAt(last + 1).map { $0 >= lastTime } ?? false) { notProven("agreements", .unprovenAfter(version: last)) }
    }
}
