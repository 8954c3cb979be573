import KafkaWire
import NIOCore
import Storage

/// Keeps the refused records of one batch in the quarantine that their topic names, each once.
struct Quarantine {
    /// Records on their way into the quarantine.
    struct Keeping {
        let topic: Topic
        let log: any PartitionLog
        let batch: AdmittedBatch
        /// In the order of the batch: the record's index in the refused batch, and its digest.
        let records: [(index: Int32, digest: Digest256)]
    }

    let topic: Topic
    private let log: any PartitionLog
    private let origin: AdmissionGrant
    private let partition: Int32
    private let catalogue: TopicCatalogue

    /// - Returns: nil where the topic names no quarantine, or one that is gone.
    init?(of origin: AdmissionGrant, partition: Int32, _ catalogue: TopicCatalogue) {
        guard origin.rules.keepsRefused, let topic = catalogue[origin.topic.configuration.quarantine], !topic.isBrokerOwned,
            let log = topic.partition(partition % Int32(max(1, topic.partitions.count)))
        else { return nil }
        self.topic = topic
        self.log = log
        self.origin = origin
        self.partition = partition
        self.catalogue = catalogue
    }

    /// - Returns: the batches to append, and the entries of records that are kept already.
    func keep(_ refused: RefusedBatch, _ memory: QuarantineMemory) -> (keeping: [Keeping], known: [Int32: QuarantineEntry]) {
        var known: [Int32: QuarantineEntry] = [:]
        var keeping: [Keeping] = []
        var builder = RecordBatchBuilder()
        var records: [(index: Int32, digest: Digest256)] = []
        func close() {
            guard !records.isEmpty else { return }
            keeping.append(Keeping(topic: topic, log: log, batch: AdmissionPipeline.admitOwn(builder.build(), .quarantine(topic)), records: records))
            builder = RecordBatchBuilder()
            records = []
        }
        var waiting = refused.records[...]
        refused.batch.forEachRecordView { record in
            guard let next = waiting.first, next.index == record.index else { return }
            waiting.removeFirst()
            let digest = QuarantineRecord.digest(record, topic: origin.topic, principal: origin.principal)
            switch memory.reserve(digest, isThere: isThere) {
            case .kept(let entry): known[next.index] = entry
            case .pending: break
            case .reserved:
                var one = RecordBatchBuilder()
                append(record, next, digest, to: &one)
                guard one.uncompressedBytes <= topic.configuration.messageBytesMax else {
                    // With its headers it is larger than the quarantine takes: it stays refused, and is not kept.
                    memory.released(digest)
                    return
                }
                if builder.uncompressedBytes + one.uncompressedBytes > topic.configuration.messageBytesMax { close() }
                append(record, next, digest, to: &builder)
                records.append((next.index, digest))
            }
        }
        close()
        return (keeping, known)
    }

    private func isThere(_ entry: QuarantineEntry) -> Bool {
        guard let log = catalogue[entry.topicID]?.partition(entry.partition) else { return false }
        return log.bounds.logStart.rawValue <= entry.offset
    }

    private func append(_ record: RecordView, _ refused: RefusedRecord, _ digest: Digest256, to builder: inout RecordBatchBuilder) {
        builder.append(
            key: ByteBuffer(string: digest.hex), value: record.value.map { ByteBuffer(bytes: $0) },
            headers: QuarantineRecord.headers(
                of: record, refused.violations, topic: origin.topic.name, partition: partition, principal: origin.principal),
            timestamp: record.timestamp)
    }

    /// Told to the publisher beside the violations of the record.
    static func sentence(_ entry: QuarantineEntry) -> String { "kept as \(entry)" }
}

extension Quarantine.Keeping {
    /// The records are durable, or could not be kept.
    /// - Returns: their entries, by the index in the refused batch.
    func ended(_ outcome: AppendOutcome, _ memory: QuarantineMemory) -> [Int32: QuarantineEntry] {
        guard case .appended(let base, _, _) = outcome else {
            for record in records { memory.released(record.digest) }
            return [:]
        }
        var entries: [Int32: QuarantineEntry] = [:]
        for (place, record) in records.enumerated() {
            let entry = QuarantineEntry(
                topic: topic.name, topicID: topic.id, partition: log.id.partition, offset: base.rawValue + Int64(place))
            memory.kept(record.digest, as: entry)
            entries[record.index] = entry
        }
        return entries
    }
}
