public import AccessPolicy
public import KafkaWire
import MessageSchema
import RecordText
public import NIOCore
public import Sentences
import Storage

/// Reading over HTTPS: a page of a partition's records from an offset on. It is a fetch like any other: the same pipeline decides, reads,
/// waits and decides again, so that a page holds what a Kafka client would get at that moment.
public struct RecordPages: Sendable {
    private let services: BrokerServices

    /// How often a page is read where what it stood on ended before it was told: the reader went elsewhere meanwhile, or another policy is in force.
    private static let readingsMax = 3

    public init(_ services: BrokerServices) { self.services = services }

    /// - Parameters:
    ///   - eventLoop: where the fetch runs.
    ///   - room: the room of what is read and of the page made of it, until that is the caller's; made on the event loop.
    public func page(
        _ wish: RecordPageWish, for peer: Peer, on eventLoop: any EventLoop, room: @escaping @Sendable () -> any AnswerRoom
    ) async -> Result<RecordPage, RecordPageRefusal> {
        var rules: OtherRules?
        if wish.rulesOf != nil || wish.shownTo != nil {
            switch await services.reading(wish.topic, underRulesAt: wish.rulesOf, of: wish.shownTo, for: wish.purpose, by: peer) {
            case .success(let found): rules = found
            case .failure(let refusal): return .failure(refusal)
            }
        }
        for _ in 0..<Self.readingsMax {
            if let page = await page(wish, under: rules, for: peer, on: eventLoop, room: room) { return page }
        }
        return .failure(RecordPageRefusal(.unavailable, .told(StorageError.overloaded.sentence)))
    }

    /// - Returns: nil where what was read may not be sent any more.
    private func page(
        _ wish: RecordPageWish, under rules: OtherRules?, for peer: Peer, on eventLoop: any EventLoop, room: @escaping @Sendable () -> any AnswerRoom
    ) async -> Result<RecordPage, RecordPageRefusal>? {
        let read = await read(wish, under: rules, for: peer, on: eventLoop, room: room)
        defer { eventLoop.execute { read.end.value() } }
        let partition = read.partition
        guard !partition.errorCode.isError else {
            if partition.errorCode == .topicAuthorizationFailed, let sentence = refusalOfPurpose(wish, peer) {
                return .failure(RecordPageRefusal(.forbidden, sentence))
            }
            return .failure(RecordPageRefusal(partition.errorCode, wish, bounds: bounds(of: wish)))
        }
        let page = page(wish, partition)
        guard case .success(let records) = page, let delivery = read.delivery?.cut(to: records) else { return page }
        return await tellLedger(delivery, of: read, on: eventLoop) ? page : nil
    }

    private struct Read: Sendable {
        let partition: FetchResponse.FetchableTopicResponse.PartitionData
        let delivery: Delivery?
        /// Where it is told.
        let account: NIOLoopBound<DeliveryAccount>
        /// Gives back what the page takes; on the event loop.
        let end: NIOLoopBound<() -> Void>
    }

    private func read(
        _ wish: RecordPageWish, under rules: OtherRules?, for peer: Peer, on eventLoop: any EventLoop, room: @escaping @Sendable () -> any AnswerRoom
    ) async -> Read {
        let services = services
        return await withCheckedContinuation { continuation in
            eventLoop.execute {
                // A connection of one request.
                let room = room()
                let account = services.dataPlane(on: eventLoop).deliveries.value.beginPage(of: peer)
                let session = KafkaSession(peer: peer, services: services, eventLoop: eventLoop, answerRoom: room, reader: account)
                session.fetchOnce(wish.request, for: wish.purpose, under: rules) { response, delivery in
                    guard let partition = response.responses.first?.partitions.first else {
                        preconditionFailure("a fetch of one partition was answered without it")
                    }
                    // Before the fetch gives back what it took: the stored bytes, and what they may inflate to on the page.
                    let bytes = response.recordBytes + Limits.pageBytesMax
                    room.charge(bytes)
                    let end = {
                        room.giveBack(bytes)
                        account.pageEnded()
                    }
                    continuation.resume(
                        returning: Read(
                            partition: partition, delivery: delivery, account: NIOLoopBound(account, eventLoop: eventLoop),
                            end: NIOLoopBound(end, eventLoop: eventLoop)))
                    session.close()
                }
            }
        }
    }

    /// What the page holds, which may be less than what was read.
    /// - Returns: false where it may not be sent any more: the access ended meanwhile.
    private func tellLedger(_ delivery: Delivery, of read: Read, on eventLoop: any EventLoop) async -> Bool {
        await withCheckedContinuation { continuation in
            eventLoop.execute {
                let account = read.account.value
                let isCovered = account.isCovered(delivery.source, delivery.passed)
                if isCovered { account.deliver(delivery) }
                continuation.resume(returning: isCovered)
            }
        }
    }

    /// Where only the purpose is missing, the purposes that the reader may declare.
    private func refusalOfPurpose(_ wish: RecordPageWish, _ peer: Peer) -> Sentence? {
        let reading = Administration(services).reading(wish.topic, for: wish.purpose, by: peer)
        guard !reading.isAllowed, !reading.purposes.isEmpty || reading.isFree else { return nil }
        return switch wish.purpose {
        case .none: .purposeHeaderNeeded(wish.topic, purposes: reading.purposes)
        case .purpose(let id): .purposeNotAgreed(id, wish.topic, purposes: reading.purposes)
        case .unreadable: .purposeHeaderUnreadable(purposes: reading.purposes)
        }
    }

    private func bounds(of wish: RecordPageWish) -> LogBounds? { services.catalogue.value[wish.topic]?.partition(wish.partition)?.bounds }

    private func page(
        _ wish: RecordPageWish, _ partition: FetchResponse.FetchableTopicResponse.PartitionData
    ) -> Result<RecordPage, RecordPageRefusal> {
        var records: [RecordPage.Entry] = []
        var bytes = 0
        var next = wish.offset
        let framing = framing(of: wish.topic)
        let limits = services.catalogue.value[wish.topic].map { AdmissionPipeline.limits($0.configuration) } ?? RecordLimits()
        let parts = partition.records.map { [$0] } ?? partition.recordParts
        reading: for batch in parts.flatMap({ RecordBatches($0).map { $0 } }) {
            // One that cannot be read is told about by the page that begins with it.
            guard records.count < wish.limit, let reader = try? RecordReader(batch: batch, limits: limits) else { break }
            let end = reader.header.baseOffset + Int64(reader.header.lastOffsetDelta) + 1
            // It closes a stretch of records that the reader may not see.
            if reader.header.isControl {
                next = max(next, end)
                continue
            }
            for record in reader where record.offset >= wish.offset {
                bytes += record.pageBytes
                guard records.count < wish.limit, records.isEmpty || bytes <= Limits.pageBytesMax else { break reading }
                records.append(entry(record, framing))
                next = record.offset + 1
            }
            // Behind its last record that the reader may see there may be others.
            next = max(next, end)
        }
        // An empty page would be asked for again for ever.
        guard !records.isEmpty || next > wish.offset || parts.allSatisfy({ $0.readableBytes == 0 }) else {
            return .failure(RecordPageRefusal(.unavailable, .told(StorageError.corrupt("").sentence)))
        }
        return .success(
            RecordPage(records: records, nextOffset: next, logStart: partition.logStartOffset, highWatermark: partition.highWatermark))
    }

    /// nil for an untyped topic.
    private func framing(of name: String) -> PayloadFraming? {
        guard let configuration = services.catalogue.value[name]?.configuration, configuration.valueSubject(ofTopic: name) != nil else { return nil }
        return configuration.payloadFraming
    }

    /// Takes the registry's frame off, and writes Avro and Protobuf as JSON where that can be done.
    private func entry(_ record: Record, _ framing: PayloadFraming?) -> RecordPage.Entry {
        guard let value = record.value else { return RecordPage.Entry(record: record, schemaID: nil, document: nil) }
        guard framing == .confluent, value.getInteger(at: value.readerIndex, as: UInt8.self) == 0,
            let id = value.getInteger(at: value.readerIndex + 1, as: Int32.self), let schema = services.registry.value.compiled(id: id)
        else { return RecordPage.Entry(record: record, schemaID: nil, document: Self.document(Array(value.readableBytesView))) }
        let payload = Array(value.readableBytesView.dropFirst(SubjectRule.frameBytes))
        let document = schema.format == .json ? Self.document(payload) : try? schema.compiled?.json(of: payload, framing: .confluent)
        return RecordPage.Entry(record: record, schemaID: id, document: document)
    }

    private static func document(_ bytes: [UInt8]) -> [UInt8]? { JSONScanner.isDocument(bytes) ? bytes : nil }
}

extension Delivery {
    /// What a page holds of it, each record under the form in which it was read; nil for nothing.
    fileprivate func cut(to page: RecordPage) -> Delivery? {
        guard let first = page.records.first, let last = page.records.last else { return nil }
        let portions = portions.map { portion in
            var held = Portion(form: portion.form, offsets: OffsetRuns(), bytes: 0, schemaIDs: [])
            var runs = portion.offsets.runs[...]
            // Both ascend.
            for entry in page.records {
                let offset = entry.record.offset
                while let run = runs.first, run.upperBound < offset { runs.removeFirst() }
                guard runs.first?.contains(offset) == true else { continue }
                held.offsets.append(offset...offset)
                held.bytes += entry.record.pageBytes
                if let id = entry.schemaID { held.schemaIDs.add(id) }
            }
            return held
        }
        return Delivery(source, passed: first.record.offset...last.record.offset, portions: portions)
    }
}

extension Record {
    /// What it counts for in a page: a header takes memory however short it is.
    fileprivate var pageBytes: Int {
        headers.reduce((key?.readableBytes ?? 0) + (value?.readableBytes ?? 0)) { bytes, header in
            bytes + MemoryLayout<Header>.stride + header.key.utf8.count + (header.value?.readableBytes ?? 0)
        }
    }
}

/// What is asked for, within the limits.
public struct RecordPageWish: Sendable, Hashable {
    public let topic: String
    public let partition: Int32
    public let offset: Int64
    public let limit: Int
    public let waitMilliseconds: Int
    /// What the records are for.
    public let purpose: PurposeDeclaration
    /// ms since 1970: show what the rules in force then showed; nil for today's.
    public let rulesOf: Int64?
    /// Show what rules show this node; nil for the reader itself.
    public let shownTo: NodeIdentity?

    /// - Parameters:
    ///   - limit: records of a page; more than ``Limits/pageRecordsMax`` is shortened to it.
    ///   - waitMilliseconds: how long to wait where there is none yet; shortened likewise.
    public init(
        topic: String, partition: Int32, offset: Int64, limit: Int, waitMilliseconds: Int, purpose: PurposeDeclaration = .none, rulesOf: Int64? = nil,
        shownTo: NodeIdentity? = nil
    ) {
        self.rulesOf = rulesOf
        self.shownTo = shownTo
        self.topic = topic
        self.partition = partition
        self.offset = offset
        self.limit = min(limit, Limits.pageRecordsMax)
        self.waitMilliseconds = min(waitMilliseconds, Limits.pageWaitMillisecondsMax)
        self.purpose = purpose
    }

    fileprivate var request: FetchRequest {
        FetchRequest { request in
            request.maxWaitMilliseconds = Int32(waitMilliseconds)
            request.minBytes = waitMilliseconds > 0 ? 1 : 0
            request.maxBytes = Int32(Limits.pageBytesMax)
            request.topics = [
                .init { topic in
                    topic.topic = self.topic
                    topic.partitions = [
                        .init {
                            $0.partition = partition
                            $0.fetchOffset = offset
                            $0.partitionMaxBytes = Int32(Limits.pageBytesMax)
                        }
                    ]
                }
            ]
        }
    }
}

public struct RecordPage: Sendable, Hashable {
    public struct Entry: Sendable, Hashable {
        public let record: Record
        /// What the value's frame names.
        public let schemaID: Int32?
        /// The value as JSON, where it is any or can be written so.
        public let document: [UInt8]?

        public init(record: Record, schemaID: Int32?, document: [UInt8]?) {
            self.record = record
            self.schemaID = schemaID
            self.document = document
        }
    }

    public let records: [Entry]
    /// Where the next page begins: the same offset again where there was nothing.
    public let nextOffset: Int64
    public let logStart: Int64
    public let highWatermark: Int64

    public init(records: [Entry], nextOffset: Int64, logStart: Int64, highWatermark: Int64) {
        self.records = records
        self.nextOffset = nextOffset
        self.logStart = logStart
        self.highWatermark = highWatermark
    }
}

/// Why there is no page.
public struct RecordPageRefusal: Error, Sendable, Hashable {
    public enum Kind: Sendable, Hashable {
        case forbidden, notFound, outOfRange, unavailable
        /// There is no room for it now.
        case overloaded
    }

    public let kind: Kind
    public let sentence: Sentence

    public init(_ kind: Kind, _ sentence: Sentence) {
        self.kind = kind
        self.sentence = sentence
    }

    init(_ errorCode: ErrorCode, _ wish: RecordPageWish, bounds: LogBounds?) {
        switch errorCode {
        case .topicAuthorizationFailed:
            self.init(.forbidden, .noAgreement(action: "subscribe", topic: String(wish.topic.prefix(Limits.topicNameLengthMax))))
        case .unknownTopicOrPartition: self.init(.notFound, .noSuchPartition(wish.partition, of: wish.topic))
        case .offsetOutOfRange:
            self.init(.outOfRange, .offsetOutOfRange(from: bounds?.logStart.rawValue ?? 0, to: bounds?.highWatermark.rawValue ?? 0))
        case .throttlingQuotaExceeded: self.init(.overloaded, .told(StorageError.overloaded.sentence))
        default: self.init(.unavailable, .told(StorageError.overloaded.sentence))
        }
    }
}
