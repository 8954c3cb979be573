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
        guard origin.rules.keepsRefused, let place = catalogue.quarantine(of: origin.topic, partition) else { return nil }
        (topic, log) = place
        self.origin = origin
        self.partition = partition
        self.catalogue = catalogue
    }

    /// - Returns: the batches to append, and the entries of records that are kept already.
    func keep(_ refused: RefusedBatch, _ memory: QuarantineMemory) -> (keeping: [Keeping], known: [Int32: QuarantineEntry]) {
        var known: [Int32: QuarantineEntry] = [:]
        var batches = QuarantineBatches(topic, log)
        var waiting = refused.records[...]
        refused.batch.forEachRecordView { record in
            guard let next = waiting.first, next.index == record.index else { return }
            waiting.removeFirst()
            let digest = QuarantineRecord.digest(record, topic: origin.topic, principal: origin.principal)
            switch memory.reserve(digest, isThere: catalogue.holds) {
            case .kept(let entry): known[next.index] = entry
            case .pending: break
            case .reserved:
                // With its headers it may be larger than the quarantine takes: it stays refused then, and is not kept.
                if !batches.add(next.index, digest, { append(record, next, digest, to: &$0) }) { memory.released(digest) }
            }
        }
        return (batches.finish(), known)
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

/// Records on their way into a quarantine, in batches as large as it takes.
struct QuarantineBatches {
    private let topic: Topic
    private let log: any PartitionLog
    private var closed: [Quarantine.Keeping] = []
    private var builder = RecordBatchBuilder()
    private var records: [(index: Int32, digest: Digest256)] = []

    init(_ topic: Topic, _ log: any PartitionLog) {
        self.topic = topic
        self.log = log
    }

    /// - Returns: false for a record that is larger than the quarantine takes.
    mutating func add(_ index: Int32, _ digest: Digest256, _ append: (inout RecordBatchBuilder) -> Void) -> Bool {
        var one = RecordBatchBuilder()
        append(&one)
        guard one.uncompressedBytes <= topic.configuration.messageBytesMax else { return false }
        if builder.uncompressedBytes + one.uncompressedBytes > topic.configuration.messageBytesMax { close() }
        append(&builder)
        records.append((index, digest))
        return true
    }

    mutating func finish() -> [Quarantine.Keeping] {
        close()
        return closed
    }

    private mutating func close() {
        guard !records.isEmpty else { return }
        closed.append(
            Quarantine.Keeping(topic: topic, log: log, batch: AdmissionPipeline.admitOwn(builder.build(), .quarantine(topic)), records: records))
        builder = RecordBatchBuilder()
        records = []
    }
}

extension TopicCatalogue {
    /// Where records of a topic's partition are kept; nil where the topic names no quarantine, or one that is gone.
    func quarantine(of topic: Topic, _ partition: Int32) -> (topic: Topic, log: any PartitionLog)? {
        guard let quarantine = self[topic.configuration.quarantine], !quarantine.isBrokerOwned,
            let log = quarantine.partition(partition % Int32(max(1, quarantine.partitions.count)))
        else { return nil }
        return (quarantine, log)
    }

    /// Whether an entry can still be found: a quarantine may be deleted, or its head cut off.
    func holds(_ entry: QuarantineEntry) -> Bool {
        guard let log = self[entry.topicID]?.partition(entry.partition) else { return false }
        return log.bounds.logStart.rawValue <= entry.offset
    }
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
