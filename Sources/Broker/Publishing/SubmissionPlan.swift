import AccessPolicy
import KafkaWire
import MessageSchema
import NIOCore
import Sentences
import Storage

/// The records of one submission on their way through admission: which of them go into which batch of which partition, and what
/// became of the others.
///
/// Over Kafka a bad record refuses its batch, whose offsets and sequences a producer has counted already. Here nobody has: what the
/// pipeline refuses is taken out of the batch, and the rest is judged again.
struct SubmissionPlan {
    /// A batch that is to be appended.
    struct Append {
        let log: any PartitionLog
        let batch: AdmittedBatch
        /// By the record's place in the batch, or among those that a quarantine keeps: its index in the submission.
        let indices: [Int]
        /// What it is where it goes into a quarantine.
        var keeping: Quarantine.Keeping?
    }

    /// A record with its frame.
    private struct Item {
        let index: Int
        let key: ByteBuffer?
        let value: ByteBuffer?
        let headers: [Record.Header]
        let timestamp: Int64

        var corrects: Bool { headers.contains { $0.key == RecordHeaders.corrects } }
    }

    private let grant: AdmissionGrant
    private let moment: RequestMoment
    private let quarantineMemory: QuarantineMemory
    private let writers: WriterDirectory
    private let quotas: Quotas
    /// What marks the batches of this submission in the log; -1 where nothing needs to.
    private let producerID: Int64
    /// The next sequence in each partition.
    private var sequences: [Int32: Int32] = [:]
    private var originals: [RecordPlace: OriginalWriter] = [:]
    private(set) var appends: [Append] = []
    /// Partitions whose log may hold more of these records than it said.
    private(set) var uncertain: Set<PartitionID> = []
    /// By index; what is on its way has none yet.
    private(set) var results: [Int: RecordOutcome.Result] = [:]

    init(_ grant: AdmissionGrant, _ moment: RequestMoment, producerID: Int64, _ services: BrokerServices) {
        self.grant = grant
        self.moment = moment
        self.producerID = producerID
        quarantineMemory = services.quarantineMemory
        writers = services.writers
        quotas = services.quotas
    }

    // MARK: Places

    /// Admits what can be.
    /// - Parameters:
    ///   - partition: for records that name none.
    ///   - keyless: for records that name none and have no key: one partition for all of a submission (KIP-480).
    mutating func admit(
        _ records: [CutRecord], values: RecordFramer, keys: RecordFramer, partition: Int32?, keyless: Int32
    ) async {
        var lanes: [Int32: [Item]] = [:]
        var order: [Int32] = []
        for record in records {
            do throws(RecordFault) {
                let draft = try record.content.get()
                let item = try item(draft, record.index, values, keys)
                let place = draft.partition ?? partition ?? self.partition(ofKey: item.key) ?? keyless
                guard grant.topic.partition(place) != nil else {
                    throw RecordFault(path: "/partition", rule: "partition", message: .noSuchPartition(place, of: grant.topic.name))
                }
                if lanes[place] == nil { order.append(place) }
                lanes[place, default: []].append(item)
            } catch {
                refuse(record.index, .content, [error])
            }
        }
        for place in order {
            guard let log = grant.topic.partition(place), let items = lanes[place] else { continue }
            await admit(items[...], into: log)
        }
    }

    private func item(_ draft: RecordDraft, _ index: Int, _ values: RecordFramer, _ keys: RecordFramer) throws(RecordFault) -> Item {
        let key: [UInt8]? = if let key = draft.key { try keys.keyPayload(key) } else { nil }
        let value: [UInt8]? = if let value = draft.value { try values.payload(value, path: "") } else { nil }
        return Item(
            index: index, key: key.map { ByteBuffer(bytes: $0) }, value: value.map { ByteBuffer(bytes: $0) }, headers: draft.headers,
            timestamp: draft.timestamp ?? moment.now)
    }

    /// As Kafka's default partitioner has it, so that a key's records meet in one partition whoever sends them.
    private func partition(ofKey key: ByteBuffer?) -> Int32? {
        key.map { Murmur2.partition(forKey: Array($0.readableBytesView), count: Int32(grant.topic.partitions.count)) }
    }

    // MARK: Batches

    private mutating func admit(_ items: ArraySlice<Item>, into log: any PartitionLog) async {
        var rest = items
        while !rest.isEmpty {
            let count = countOfBatch(rest)
            await admitBatch(Array(rest.prefix(count)), into: log)
            rest = rest.dropFirst(count)
        }
    }

    /// How many of the items make one batch: one at least, however large.
    private func countOfBatch(_ items: ArraySlice<Item>) -> Int {
        var builder = RecordBatchBuilder()
        for (count, item) in items.enumerated() {
            builder.append(key: item.key, value: item.value, headers: item.headers, timestamp: item.timestamp)
            if builder.uncompressedBytes > grant.topic.configuration.messageBytesMax { return max(1, count) }
        }
        return items.count
    }

    private func bytes(of items: [Item], in partition: Int32) -> ByteBuffer {
        var builder = RecordBatchBuilder(codec: items.count > 1 ? .lz4 : .none)
        for item in items {
            builder.append(key: item.key, value: item.value, headers: item.headers, timestamp: item.timestamp)
        }
        if producerID >= 0 {
            builder.producerID = producerID
            builder.producerEpoch = 0
            builder.baseSequence = sequences[partition, default: 0]
        }
        return builder.build()
    }

    private mutating func admitBatch(_ items: [Item], into log: any PartitionLog) async {
        var items = items
        while !items.isEmpty {
            switch AdmissionPipeline.admit(
                bytes(of: items, in: log.id.partition), grant, format: .current, now: moment.now, originals: originals)
            {
            case .admitted(let batch):
                if let refusal = quotas.storedBytes.refusal(
                    batch.bytes.readableBytes, to: grant.topic, moment.catalogue, quotas.table.value, now: moment.now)
                {
                    let out = await refuse(items, refusal, nil, log)
                    items.removeAll { out.contains($0.index) }
                    continue
                }
                appends.append(Append(log: log, batch: batch, indices: items.map(\.index)))
                sequences[log.id.partition, default: 0] += Int32(items.count)
                return
            case .needsOriginals(let places):
                guard originals.count + places.count <= Limits.correctionsMax else {
                    for item in items where item.corrects {
                        refuse(item.index, .content, [RecordFault(rule: RecordHeaders.corrects, message: .tooManyCorrections(max: Limits.correctionsMax))])
                    }
                    items.removeAll { $0.corrects }
                    continue
                }
                for place in places { originals[place] = await OriginalWriter.find(place, in: grant.topic, writers, own: grant.writer) }
            case .refused(let refusal, _) where refusal.errorCode == .messageTooLarge && items.count > 1:
                // Compressed it is a little larger than it was.
                await admitBatch(Array(items[..<(items.count / 2)]), into: log)
                await admitBatch(Array(items[(items.count / 2)...]), into: log)
                return
            case .refused(let refusal, let refused):
                let out = await refuse(items, refusal, refused, log)
                items.removeAll { out.contains($0.index) }
            }
        }
    }

    // MARK: Refusals

    /// - Returns: the indices of those that are out, one at least.
    private mutating func refuse(
        _ items: [Item], _ refusal: AdmissionRefusal, _ refused: RefusedBatch?, _ log: any PartitionLog
    ) async -> Set<Int> {
        if let refused, !refused.records.isEmpty {
            for record in refused.records {
                refuse(
                    items[Int(record.index)].index, .content,
                    record.violations.map { RecordFault(path: $0.path, rule: $0.rule, message: .told($0.message)) })
            }
            await keep(refused, items, log)
            return Set(refused.records.map { items[Int($0.index)].index })
        }
        let rule = refusal.errorCode.publishingRule
        guard refusal.records.isEmpty else {
            for record in refusal.records {
                refuse(items[Int(record.index)].index, rule.kind, [RecordFault(rule: rule.word, message: .told(record.sentence))])
            }
            return Set(refusal.records.map { items[Int($0.index)].index })
        }
        for item in items { refuse(item.index, rule.kind, [RecordFault(rule: rule.word, message: .told(refusal.sentence))]) }
        return Set(items.map(\.index))
    }

    private mutating func refuse(_ index: Int, _ kind: RecordOutcome.Kind, _ faults: [RecordFault]) {
        results[index] = .refused(RecordOutcome.Refused(kind, faults))
    }

    /// What is kept is reserved in the quarantine's memory until its append has ended.
    private mutating func keep(_ refused: RefusedBatch, _ items: [Item], _ log: any PartitionLog) async {
        guard let quarantine = Quarantine(of: grant, partition: log.id.partition, moment.catalogue) else { return }
        await quarantineMemory.read(quarantine.topic)
        let (keeping, known) = quarantine.keep(refused, quarantineMemory)
        for (index, entry) in known { note(entry, items[Int(index)].index) }
        appends += keeping.map { Append(log: $0.log, batch: $0.batch, indices: items.map(\.index), keeping: $0) }
    }

    private mutating func note(_ entry: QuarantineEntry, _ index: Int) {
        guard case .refused(var refused)? = results[index] else { return }
        refused.quarantine = entry.description
        results[index] = .refused(refused)
    }

    // MARK: Outcomes

    /// Where the records are going to be, should nobody tell afterwards. To be asked before the appends.
    func pending(producerID: Int64) -> [SubmissionState.Pending] {
        var indices: [PartitionID: [Int]] = [:]
        var logs: [any PartitionLog] = []
        for append in appends where append.keeping == nil {
            if indices[append.log.id] == nil { logs.append(append.log) }
            indices[append.log.id, default: []] += append.indices
        }
        return logs.map { log in
            SubmissionState.Pending(
                topic: [log.id.topic.high, log.id.topic.low], partition: log.id.partition, from: log.bounds.highWatermark.rawValue,
                producerID: producerID, indices: indices[log.id] ?? [])
        }
    }

    /// What became of an append of this plan.
    mutating func ended(_ append: Append, _ outcome: AppendOutcome) {
        if let keeping = append.keeping {
            for (place, entry) in keeping.ended(outcome, quarantineMemory) { note(entry, append.indices[Int(place)]) }
            return
        }
        switch outcome {
        case .appended(let base, _, _), .duplicate(let base, _, _):
            for (place, index) in append.indices.enumerated() {
                results[index] = .appended(partition: append.log.id.partition, offset: base.rawValue + Int64(place))
            }
        case .failed(let error):
            if error.mayHaveWritten { uncertain.insert(append.log.id) }
            for index in append.indices { refuse(index, .unavailable, [RecordFault(rule: "storage", message: .told(error.sentence))]) }
        case .outOfOrderSequence, .staleProducerEpoch:
            // The producer id is this submission's alone: the log has lost what it knew of it, or another append of ours failed.
            for index in append.indices { refuse(index, .unavailable, [RecordFault(rule: "storage", message: .told(StorageError.overloaded.sentence))]) }
        }
    }
}

extension ErrorCode {
    /// What a refusal of admission is to somebody who publishes over HTTPS.
    fileprivate var publishingRule: (kind: RecordOutcome.Kind, word: String) {
        switch self {
        case .messageTooLarge: (.tooLarge, "too-large")
        case .policyViolation: (.topicRule, "topic-rule")
        case .invalidTimestamp: (.content, "timestamp")
        case .kafkaStorageError, .notLeaderOrFollower, .unknownTopicOrPartition, .offsetOutOfRange, .invalidRequest: (.unavailable, "storage")
        default: (.content, "record")
        }
    }
}

extension StorageError {
    /// An append that ended so may be in the log all the same, once the partition is read again: what the disk refused half-way, for want
    /// of room too, may stand in the journal and be replayed at the next start.
    fileprivate var mayHaveWritten: Bool {
        switch self {
        case .io, .corrupt, .offline, .diskFull, .readOnly: true
        case .overloaded, .offsetOutOfRange, .unknownPartition, .conflict, .newerFormat, .shutDown: false
        }
    }
}

extension OriginalWriter {
    /// Who wrote a record that another one corrects.
    /// - Parameter own: the key of whoever asks, of which nothing more needs to be known.
    static func find(_ place: RecordPlace, in topic: Topic, _ writers: WriterDirectory, own: Digest256) async -> OriginalWriter {
        guard let log = topic.partition(place.partition) else { return .noSuchRecord }
        let offset = Offset(place.offset)
        let read = await withCheckedContinuation { continuation in
            log.read(LogReadRequest(from: offset, bytesMax: 1, firstBatchWhole: true)) { continuation.resume(returning: $0) }
        }
        do throws(StorageError) {
            guard let key = try read.get().batches.first(where: { $0.baseOffset <= offset && offset <= $0.lastOffset })?.writer else {
                return .noSuchRecord
            }
            return .publisher(key: key, principals: key == own || key == .zero ? [] : try await writers.findPrincipals(of: key))
        } catch {
            if case .offsetOutOfRange = error { return .noSuchRecord }
            return .unreadable(error)
        }
    }
}
