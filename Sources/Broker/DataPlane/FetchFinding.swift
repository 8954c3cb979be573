import KafkaWire
import NIOCore
import Storage

/// What a fetch found of one partition.
struct FetchFinding {
    var errorCode = ErrorCode.none
    /// -1 with an error.
    var highWatermark: Int64 = -1
    var logStart: Int64 = -1
    var batches: [StoredBatch] = []
    var sizeBytes = 0
    /// The log to wait on, and how large it was; nil with an error.
    var log: (any PartitionLog)?
    var logSizeBytes: Int64 = 0
    /// Whose batches they are, and by what they are read; nil with an error.
    var source: DeliverySource?
    /// Of a restricted reading: up to where the log was looked at, and what was shown.
    var scanned: Scanned?

    static let nothing = FetchFinding(.none)

    init(_ errorCode: ErrorCode) {
        self.errorCode = errorCode
    }

    /// No data, for now.
    init(_ bounds: LogBounds, of log: any PartitionLog, from source: DeliverySource) {
        self.source = source
        highWatermark = bounds.highWatermark.rawValue
        logStart = bounds.logStart.rawValue
        logSizeBytes = bounds.sizeBytes
        self.log = log
    }

    /// With what was found before of the same partition.
    init(_ before: FetchFinding?, _ slice: LogSlice, of log: any PartitionLog, from source: DeliverySource) {
        self.init(slice.bounds, of: log, from: source)
        batches = (before?.batches ?? []) + slice.batches
        sizeBytes = (before?.sizeBytes ?? 0) + slice.sizeBytes
    }

    /// What is handed over with these batches; before the batches that close gaps are among them.
    var delivery: Delivery? {
        guard let source, let first = batches.first, let last = batches.last else { return nil }
        guard let scanned else { return Delivery(source, batches) }
        return Delivery(source, passed: first.baseOffset.rawValue...last.lastOffset.rawValue, shown: scanned.shown, bytes: sizeBytes)
    }

    /// Looked at for a restricted reading, and not sent.
    var hiddenBytes: Int { max(0, (scanned?.readBytes ?? 0) - sizeBytes) }

    /// Of what was found nothing is sent.
    mutating func leaveOut() {
        batches = []
        sizeBytes = 0
        scanned = nil
    }

    /// What comes behind the batches that were found.
    var nextOffset: Offset? { scanned?.to ?? batches.last.map { Offset($0.lastOffset.rawValue + 1) } }
}

/// What a fetch is answered with.
struct FetchAnswer {
    let response: FetchResponse
    /// About how many bytes the answer's body has.
    let bodyBytes: Int
    /// What was read of the log beside what is sent: of restricted readings, whose subscriber is charged for it.
    let hiddenBytes: Int
    /// What it hands over of the first partition.
    let delivery: Delivery?
}

extension FetchResponse.FetchableTopicResponse {
    init(_ reference: TopicReference) {
        self.init()
        switch reference {
        case .name(let name): topic = name
        case .id(let id): topicID = id
        }
    }
}

extension FetchResponse.FetchableTopicResponse.PartitionData {
    init(_ partition: Int32, _ finding: FetchFinding, _ terms: FetchTerms) {
        self.init()
        partitionIndex = partition
        errorCode = finding.errorCode
        highWatermark = finding.highWatermark
        lastStableOffset = finding.highWatermark
        logStartOffset = finding.logStart
        abortedTransactions = terms.readsCommitted ? [] : nil
        // Kafka answers no data with an empty field, not with null, and some clients rely on it.
        if finding.batches.isEmpty {
            records = ByteBuffer()
        } else {
            recordParts = finding.batches.map(\.bytes)
        }
    }
}
