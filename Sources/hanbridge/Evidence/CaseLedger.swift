import Broker
import Foundation
import KafkaWire
import Sentences
import Transparency

/// The delivery ledger in a case: in the folder `ledger/` the log of `_audit.delivery` from before the case's first record on, every entry of it with its
/// content, so that none can be changed, added or left out unseen; and `deliveries.jsonl`, those that tell of the case's records, for reading.
struct CaseLedger {
    static let folder = "ledger/"
    static let extract = "deliveries.jsonl"
    /// A broker with a reader that never stops writes as many in some twelve days.
    static let entriesMax: Int64 = 1 << 20

    /// The records that are asked about.
    struct Records {
        let topic: String
        /// As the ledger writes it.
        let topicID: String
        let partition: Int32
        let offsets: Range<Int64>

        static func all(of manifest: CaseManifest) -> [Records] {
            let id = UUID128(hex: manifest.topicID)?.kafkaText ?? ""
            return manifest.logs.map { Records(topic: manifest.topic, topicID: id, partition: $0.partition, offsets: $0.from..<$0.to) }
        }
    }

    private let records: [Records]
    /// The lines of `deliveries.jsonl`.
    private(set) var lines: [UInt8] = []
    private(set) var count: Int64 = 0

    init(about records: [Records]) { self.records = records }

    /// Takes up an entry where it tells of one of the records, or of times of which nothing is told.
    mutating func take(_ value: [UInt8], at offset: Int64) {
        guard let event = try? JSONDecoder().decode(DeliveryEvent.self, from: Data(value)), concerns(event) else { return }
        lines += Array("{\"offset\":\(offset),\"entry\":".utf8) + value + Array("}\n".utf8)
        count += 1
    }

    private func concerns(_ event: DeliveryEvent) -> Bool {
        guard let items = event.data.deliveries else { return event.kind == .started || event.kind == .stopped }
        return items.contains { item in
            records.contains { record in
                item.topic == record.topic && item.topicId == record.topicID && item.partition == record.partition
                    && item.ranges.contains { $0.overlaps(record.offsets) }
            }
        }
    }
}

/// Puts it into a case.
struct CaseLedgerExport {
    let http: AdministrationClient
    let output: any EvidenceOutput
    let client: KafkaClient

    /// - Parameter time: of the case's first record's appending, ms since 1970.
    /// - Returns: the part of the ledger's log that is there, and what of the ledger is lacking.
    func run(about records: [CaseLedger.Records], since time: Int64) async throws -> (part: CaseManifest.Log?, lacks: String?) {
        var ledger = CaseLedger(about: records)
        do {
            guard let log = try await http.logs(of: AuditTopic.delivery, partition: 0, purpose: nil).first, let head = try await log.cosignedCheckpoint(),
                let first = try await log.firstAppended(atOrAfter: time)
            else { return (nil, "nothing is signed of the ledger") }
            let size = head.checkpoint.size
            // One more in front shows that it begins in time.
            let from = max(0, min(first, size) - 1)
            guard from >= log.logStart else { return (nil, "the ledger's entries of that time are gone") }
            let range = from..<min(size, from + CaseLedger.entriesMax)
            var export = LogExport(log: log, output: output, folder: CaseLedger.folder, contents: .whole(client), offsets: range, head: head)
            export.eachWhole = { offset, fields in fields.value.map { ledger.take($0, at: offset) } }
            try await export.run()
            try output.put(ledger.lines, CaseLedger.extract)
            let part = CaseManifest.Log(partition: 0, origin: head.checkpoint.origin.text, size: size, from: range.lowerBound, to: range.upperBound)
            return (part, range.upperBound < size ? "the ledger's entries from \(range.upperBound) on" : nil)
        } catch let error as ClientError {
            let failure = error.failure(.readingLedger)
            guard failure.status == .refused else { throw failure }
            return (nil, failure.sentence.text(in: .english))
        } catch let failure as CommandFailure where failure.status == .refused {
            return (nil, failure.sentence.text(in: .english))
        }
    }
}
