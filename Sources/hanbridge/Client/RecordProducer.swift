import DequeModule
import KafkaWire
import NIOConcurrencyHelpers
import NIOCore
import Sentences

/// Publishes records to one topic: idempotent, batched, in order for each partition, acknowledged only when durable. Records that the
/// broker names as bad are left out and told of; what was in a batch with them is sent again.
actor RecordProducer {
    struct Settings: Sendable {
        var codec = Codec.lz4
        /// A batch is sent before it has more bytes than this before compression, or when ``flush()`` is called.
        var batchBytes = 256 << 10
        /// Batches that are made and not acknowledged, over all partitions; beyond it ``send`` waits.
        var pendingBatchesMax = 64
        /// From the first failure of a batch to giving up.
        var deliveryTimeout: Duration = .seconds(120)
        /// The summary says where each record is.
        var keepsPlaces = false
    }

    /// What became of it.
    struct Summary: Sendable {
        var records = 0
        /// Records that were refused for what they are.
        var refused = 0
        /// The last acknowledged offset of each partition.
        var lastOffsets: [Int32: Int64] = [:]
        /// Where each acknowledged record is, where that was asked for.
        var places: [AcknowledgedRecord] = []
    }

    private struct Lane {
        var window = ProducerWindow<[OutgoingRecord]>()
        var open: [OutgoingRecord] = []
        var openBytes = 0
        /// What its batches in flight were sent over.
        var connection: KafkaConnection?
        /// Why what came back waits before it is sent again.
        var trouble: ClientError?
        /// Since when nothing of it was acknowledged although it was tried.
        var failingSince: (any InstantToken)?
    }

    private struct Answer {
        let item: ProducerWindow<[OutgoingRecord]>.Item
        let partition: Int32
        let result: Result<ProduceResponse, ClientError>
    }

    private let client: KafkaClient
    private let topic: String
    private let settings: Settings
    private let clock: any Clock<Duration>
    private let onRefusal: @Sendable (RefusedRecord) -> Void
    private let producerID: Int64
    private let producerEpoch: Int16
    /// Those of the start: a key's partition does not change while records are on their way.
    private let partitions: Set<Int32>
    private var leaders: [Int32: HostAndPort]
    private var partitioner: Partitioner
    private var lanes: [Int32: Lane] = [:]
    private var pendingBatches = 0
    private var isPumping = false
    private var needsPump = false
    private var failure: ClientError?
    /// What is acknowledged so far, also after a failure.
    private(set) var summary = Summary()
    private var backoff = Backoff()
    private var waiters: [CheckedContinuation<Void, Never>] = []
    /// Answers in the order in which they came, at most one for each batch in flight: windows count on that order.
    private let answers = NIOLockedValueBox(Deque<Answer>())

    /// Learns the topic's partitions and gets a producer id.
    /// - Parameter onRefusal: called for each record that is left out, in no order across partitions.
    static func start(
        _ client: KafkaClient, topic: String, settings: Settings = Settings(), clock: any Clock<Duration> = ContinuousClock(),
        onRefusal: @escaping @Sendable (RefusedRecord) -> Void
    ) async throws(ClientError) -> RecordProducer {
        let partitions = try await client.partitions(of: topic)
        guard !partitions.indexes.isEmpty else { throw .refused(.unknownTopicOrPartition, message: nil) }
        let identity = try await client.call(InitProducerIdRequest { $0.transactionTimeoutMilliseconds = 60_000 })
        try identity.errorCode.check()
        return RecordProducer(
            client: client, topic: topic, settings: settings, clock: clock, onRefusal: onRefusal,
            identity: (identity.producerID, identity.producerEpoch), partitions: partitions)
    }

    private init(
        client: KafkaClient, topic: String, settings: Settings, clock: any Clock<Duration>,
        onRefusal: @escaping @Sendable (RefusedRecord) -> Void, identity: (Int64, Int16), partitions: TopicPartitions
    ) {
        self.client = client
        self.topic = topic
        self.settings = settings
        self.clock = clock
        self.onRefusal = onRefusal
        (producerID, producerEpoch) = identity
        self.partitions = Set(partitions.indexes)
        leaders = partitions.leaders
        partitioner = Partitioner(partitionCount: Int32(partitions.indexes.count))
    }

    /// Takes a record; returns at once unless too many batches wait.
    func send(_ record: OutgoingRecord) async throws(ClientError) {
        if let failure { throw failure }
        if record.key == nil {
            // Nothing binds it to a partition that is offline.
            for _ in partitions where leaders[partitioner.partition(forKey: nil)] == nil { partitioner.batchEnded() }
        }
        let partition = record.partition ?? partitioner.partition(forKey: record.key)
        guard partitions.contains(partition) else { throw .refused(.unknownTopicOrPartition, message: nil) }
        var lane = lanes[partition] ?? Lane()
        let isFull = !lane.open.isEmpty && lane.openBytes + record.estimatedBytes > settings.batchBytes
        if isFull { seal(&lane) }
        lane.open.append(record)
        lane.openBytes += record.estimatedBytes
        lanes[partition] = lane
        guard isFull else { return }
        if record.key == nil { partitioner.batchEnded() }
        await pump()
        while pendingBatches >= settings.pendingBatchesMax, failure == nil { await answerArrives() }
        if let failure { throw failure }
    }

    /// Sends what is left and waits until everything is acknowledged or refused.
    func flush() async throws(ClientError) -> Summary {
        for (partition, var lane) in lanes where !lane.open.isEmpty {
            seal(&lane)
            lanes[partition] = lane
        }
        await pump()
        while pendingBatches > 0, failure == nil { await answerArrives() }
        if let failure { throw failure }
        return summary
    }

    private func seal(_ lane: inout Lane) {
        lane.window.batchMade(lane.open, recordCount: Int32(lane.open.count))
        lane.open = []
        lane.openBytes = 0
        pendingBatches += 1
    }

    /// Sends whatever the windows allow, and tries again where a partition has no leader or its broker cannot be reached. Frames of a
    /// connection are handed over in the order of these calls.
    private func pump() async {
        needsPump = true
        // A second call while this one waits for a connection would interleave batches of a partition: it leaves a note instead.
        guard !isPumping else { return }
        isPumping = true
        defer { isPumping = false }
        while needsPump, failure == nil {
            needsPump = false
            var troubled: [Int32: ClientError] = [:]
            for partition in lanes.keys.sorted() where lanes[partition]?.window.isEmpty == false {
                if let trouble = lanes[partition]?.trouble {
                    lanes[partition]?.trouble = nil
                    troubled[partition] = trouble
                    continue
                }
                // The others go on meanwhile.
                guard let leader = leaders[partition] else {
                    troubled[partition] = .refused(.leaderNotAvailable, message: nil)
                    continue
                }
                do throws(ClientError) {
                    let connection = try await client.connection(to: leader)
                    // What is in flight over a connection that broke comes back first: a batch that overtook it would leave a gap, which
                    // a log that does not know the producer yet would not see.
                    if lanes[partition]?.window.hasInFlight == true, lanes[partition]?.connection !== connection { continue }
                    lanes[partition]?.connection = connection
                    while let item = lanes[partition]?.window.nextToSend() { transmit(item, partition, connection) }
                } catch {
                    troubled[partition] = error
                    break
                }
            }
            if !troubled.isEmpty {
                await waitForRepair(troubled)
                needsPump = true
            }
        }
    }

    private func transmit(_ item: ProducerWindow<[OutgoingRecord]>.Item, _ partition: Int32, _ connection: KafkaConnection) {
        var builder = RecordBatchBuilder(codec: settings.codec)
        builder.producerID = producerID
        builder.producerEpoch = producerEpoch
        builder.baseSequence = item.baseSequence
        for record in item.batch {
            record.value.withUnsafeBytes { value in
                if let key = record.key {
                    key.withUnsafeBytes { builder.append(key: $0, value: value, headers: record.headers, timestamp: record.timestamp) }
                } else {
                    builder.append(key: UnsafeRawBufferPointer?.none, value: value, headers: record.headers, timestamp: record.timestamp)
                }
            }
        }
        let records = builder.build()
        let request = ProduceRequest {
            $0.acks = -1
            $0.timeoutMilliseconds = 30_000
            $0.topicData = [
                .init {
                    $0.name = topic
                    $0.partitionData = [
                        .init {
                            $0.index = partition
                            $0.records = records
                        }
                    ]
                }
            ]
        }
        connection.start(request) { result in
            let answer = Answer(item: item, partition: partition, result: result)
            let isFirst = self.answers.withLockedValue { answers in
                answers.append(answer)
                return answers.count == 1
            }
            // Whoever takes the first takes those behind it as well.
            if isFirst { Task { await self.takeAnswers() } }
        }
    }

    private func takeAnswers() async {
        while let answer = answers.withLockedValue({ $0.popFirst() }) { answered(answer.item, answer.partition, answer.result) }
        wakeWaiters()
        await pump()
    }

    private func answered(
        _ item: ProducerWindow<[OutgoingRecord]>.Item, _ partition: Int32, _ result: Result<ProduceResponse, ClientError>
    ) {
        switch result {
        case .failure(let error): batchFailed(item, partition, error)
        case .success(let response):
            guard let answer = response.responses.first?.partitionResponses.first else {
                return batchFailed(item, partition, .malformed("a produce answer without the partition"))
            }
            // A batch that is there already was acknowledged in an answer that never arrived.
            if answer.errorCode == .none || answer.errorCode == .duplicateSequenceNumber {
                acknowledged(item, partition, baseOffset: answer.baseOffset)
            } else if let refused = Self.refusals(answer, of: item.batch) {
                leftOut(refused, of: item, partition)
            } else {
                batchFailed(item, partition, .refused(answer.errorCode, message: Self.words(of: answer)))
            }
        }
    }

    private func acknowledged(_ item: ProducerWindow<[OutgoingRecord]>.Item, _ partition: Int32, baseOffset: Int64) {
        lanes[partition]?.window.acknowledged(item.number)
        lanes[partition]?.failingSince = nil
        pendingBatches -= 1
        backoff.succeeded()
        summary.records += item.batch.count
        if baseOffset >= 0 {
            let last = baseOffset + Int64(item.batch.count) - 1
            summary.lastOffsets[partition] = max(last, summary.lastOffsets[partition] ?? -1)
            guard settings.keepsPlaces else { return }
            for (place, record) in item.batch.enumerated() {
                summary.places.append(AcknowledgedRecord(line: record.line, key: record.key, partition: partition, offset: baseOffset + Int64(place)))
            }
        }
    }

    /// The records that made the broker refuse a batch whole, by their place in it; nil where it refused it for anything else.
    private static func refusals(
        _ answer: ProduceResponse.TopicProduceResponse.PartitionProduceResponse, of batch: [OutgoingRecord]
    ) -> [Int: String]? {
        switch answer.errorCode {
        case .invalidRecord, .invalidTimestamp:
            let named = answer.recordErrors.map { (Int($0.batchIndex), $0.batchIndexErrorMessage ?? answer.errorMessage ?? "") }
            let refused = Dictionary(named.filter { batch.indices.contains($0.0) }, uniquingKeysWith: { first, _ in first })
            return refused.isEmpty ? nil : refused
        case .messageTooLarge where batch.count == 1: return [0: answer.errorMessage ?? ErrorCode.messageTooLarge.description]
        default: return nil
        }
    }

    private func leftOut(_ refused: [Int: String], of item: ProducerWindow<[OutgoingRecord]>.Item, _ partition: Int32) {
        var rest: [OutgoingRecord] = []
        rest.reserveCapacity(item.batch.count - refused.count)
        for (place, record) in item.batch.enumerated() {
            if let words = refused[place] {
                onRefusal(RefusedRecord(line: record.line, reason: RefusalReason(words)))
            } else {
                rest.append(record)
            }
        }
        summary.refused += refused.count
        lanes[partition]?.window.refused(item.number, rest: rest.isEmpty ? nil : (rest, Int32(rest.count)))
        lanes[partition]?.failingSince = nil
        if rest.isEmpty { pendingBatches -= 1 }
        backoff.succeeded()
    }

    private func batchFailed(_ item: ProducerWindow<[OutgoingRecord]>.Item, _ partition: Int32, _ error: ClientError) {
        let isOutOfOrder: Bool
        if case .refused(.outOfOrderSequenceNumber, _) = error { isOutOfOrder = true } else { isOutOfOrder = false }
        switch lanes[partition]?.window.failed(item.number, isRetriable: error.isRetriable, isOutOfOrder: isOutOfOrder) {
        case .follow: return
        case .retry, nil: lanes[partition]?.trouble = error
        case .giveUp: failure = failure ?? error
        }
    }

    /// Waits a little and learns the leaders again, or gives up where this has gone on for too long.
    private func waitForRepair(_ troubled: [Int32: ClientError]) async {
        for (partition, error) in troubled.sorted(by: { $0.key < $1.key }) {
            let since = lanes[partition]?.failingSince ?? InstantTokenNow.on(clock)
            lanes[partition]?.failingSince = since
            if !Self.isWorthAnotherTry(error) || since.elapsed >= settings.deliveryTimeout { failure = failure ?? error }
        }
        guard failure == nil else { return wakeWaiters() }
        try? await clock.sleep(for: backoff.failed(), tolerance: nil)
        if let found = try? await client.partitions(of: topic) { leaders = found.leaders }
    }

    /// A gap behind a batch that did not fail is the window's to judge: what it gives back is sent again.
    private static func isWorthAnotherTry(_ error: ClientError) -> Bool {
        if case .refused(.outOfOrderSequenceNumber, _) = error { return true }
        return error.isRetriable
    }

    private func answerArrives() async {
        await withCheckedContinuation { waiters.append($0) }
        await pump()
    }

    private func wakeWaiters() {
        let sleeping = waiters
        waiters = []
        for waiter in sleeping { waiter.resume() }
    }

    /// The broker's words, with those about single records (KIP-467).
    private static func words(of answer: ProduceResponse.TopicProduceResponse.PartitionProduceResponse) -> String? {
        let records = answer.recordErrors.prefix(5).map { "#\($0.batchIndex): \($0.batchIndexErrorMessage ?? "")" }
        let parts = [answer.errorMessage].compactMap { $0 } + records
        return parts.isEmpty ? nil : parts.joined(separator: "; ")
    }
}

/// A record that was published, and where it is.
struct AcknowledgedRecord: Hashable, Sendable {
    /// ``OutgoingRecord/line``
    let line: Int
    let key: [UInt8]?
    let partition: Int32
    let offset: Int64
}

/// A moment of a clock whose type is not known, so that what passed since can be asked.
protocol InstantToken: Sendable {
    var elapsed: Duration { get }
}

enum InstantTokenNow {
    static func on(_ clock: any Clock<Duration>) -> any InstantToken { open(clock) }

    private static func open<C: Clock<Duration>>(_ clock: C) -> any InstantToken { Token(clock: clock, start: clock.now) }

    private struct Token<C: Clock<Duration>>: InstantToken {
        let clock: C
        let start: C.Instant
        var elapsed: Duration { start.duration(to: clock.now) }
    }
}
