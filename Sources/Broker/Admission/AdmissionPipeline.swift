import KafkaWire
import NIOCore
@_spi(Admission) import Storage

// The only way of a record into a log. `AdmittedBatch` can be made through this SPI alone, this file alone imports it (a
// structure test holds that), and only an `AdmittedBatch` can be appended.
//
//     identity → policy → format → size, CRC, offsets, records → time → schema → AdmittedBatch
//
// Identity and policy are decided before: every caller passes an `AdmissionGrant`, which only this file makes, out of a
// topic that `TopicAccess` opened for publishing, or for the broker itself.

/// The right to append to one topic as one writer.
struct AdmissionGrant {
    let topic: Topic
    /// H(DER SubjectPublicKeyInfo) of the publisher's certificate; zero for the broker itself.
    let writer: Digest256

    private init(topic: Topic, writer: Digest256) {
        self.topic = topic
        self.writer = writer
    }

    /// Asks the policy for a publisher. A topic of the broker's own is refused to everyone: the policy says so, and this says
    /// it again.
    static func publishing(
        to name: String, as peer: Peer, access: inout TopicAccess, at moment: RequestMoment, audit: any AccessAuditing
    ) -> Result<AdmissionGrant, AdmissionRefusal> {
        switch access.topic(named: name, for: .publish, by: peer, at: moment, audit: audit) {
        case .open(let topic) where topic.isBrokerOwned:
            return .failure(AdmissionRefusal(.topicAuthorizationFailed, "the broker alone writes here"))
        case .open(let topic):
            return .success(AdmissionGrant(topic: topic, writer: peer.writer))
        case .unknown:
            return .failure(AdmissionRefusal(.unknownTopicOrPartition, "there is no such topic"))
        case .refused:
            return .failure(AdmissionRefusal(.topicAuthorizationFailed, "no agreement in force lets this node publish here"))
        }
    }

    /// For the broker's own topics.
    static func broker(_ topic: Topic) -> AdmissionGrant {
        precondition(topic.isBrokerOwned, "the broker writes to its own topics only, not to \(topic.name)")
        return AdmissionGrant(topic: topic, writer: .zero)
    }
}

enum AdmissionPipeline {
    /// What a caller's protocol allows the records to be.
    struct Format {
        /// Message formats 0 and 1 in place of one record batch: Produce versions 0 to 2.
        let isMessageSet: Bool
        /// KIP-110: Produce from version 7 on.
        let mayBeZstandard: Bool

        static func produce(version: Int16) -> Format { Format(isMessageSet: version < 3, mayBeZstandard: version >= 7) }
    }

    /// Judges what a publisher sent for one partition.
    /// - Parameter now: ms since 1970.
    static func admit(
        _ records: ByteBuffer?, _ grant: AdmissionGrant, format: Format, now: Int64
    ) -> Result<AdmittedBatch, AdmissionRefusal> {
        let configuration = grant.topic.configuration
        guard let records, records.readableBytes > 0 else {
            return .failure(AdmissionRefusal(.invalidRecord, "there are no records"))
        }
        do {
            let bytes = format.isMessageSet ? try converted(records, configuration) : records
            if !format.isMessageSet { try judgeCount(of: bytes) }
            let batch = try RecordBatchValidator(limits: limits(configuration)).validate(bytes)
            try judgeCodec(batch.header, format)
            try judgeTime(batch, configuration, now: now)
            return .success(
                AdmittedBatch(
                    bytes: batch.bytes, header: batch.header, writer: grant.writer, schemaIDs: .none,
                    evidence: configuration.evidenceSettings, stampsAppendTime: configuration.stampsAppendTime))
        } catch let violation as RecordBatchViolation {
            return .failure(AdmissionRefusal(violation))
        } catch let refusal as AdmissionRefusal {
            return .failure(refusal)
        } catch {
            preconditionFailure("admission throws violations and refusals only, not \(error)")
        }
    }

    /// A batch that the broker made itself, for a topic of its own.
    static func admitOwn(_ bytes: ByteBuffer, _ grant: AdmissionGrant) -> AdmittedBatch {
        let configuration = grant.topic.configuration
        guard grant.writer == .zero, let batch = try? RecordBatchValidator(limits: limits(configuration)).validate(bytes) else {
            preconditionFailure("the broker made a batch for \(grant.topic.name) that it would not admit")
        }
        return AdmittedBatch(
            bytes: batch.bytes, header: batch.header, writer: grant.writer, schemaIDs: .none,
            evidence: configuration.evidenceSettings, stampsAppendTime: configuration.stampsAppendTime)
    }

    private static func limits(_ configuration: TopicConfiguration) -> RecordLimits {
        RecordLimits(
            batchBytesMax: configuration.messageBytesMax,
            inflatedBytesMax: max(Limits.inflatedBytesMax, configuration.messageBytesMax))
    }

    private static func converted(_ records: ByteBuffer, _ configuration: TopicConfiguration) throws -> ByteBuffer {
        guard LegacyMessageSet.isLegacy(records) else {
            throw AdmissionRefusal(.invalidRecord, "Produce versions 0 to 2 carry message formats 0 and 1")
        }
        return try LegacyMessageSet(limits: limits(configuration)).convert(records)
    }

    /// KIP-98: one batch a partition. Several are told apart from a damaged length, which is CORRUPT_MESSAGE.
    private static func judgeCount(of bytes: ByteBuffer) throws(AdmissionRefusal) {
        var batches = RecordBatches(bytes)
        if batches.next() != nil, batches.next() != nil {
            throw AdmissionRefusal(.invalidRecord, "one request carries exactly one record batch for each partition")
        }
    }

    private static func judgeCodec(_ header: RecordBatchHeader, _ format: Format) throws(AdmissionRefusal) {
        if header.codec == .zstd, !format.mayBeZstandard {
            throw AdmissionRefusal(.unsupportedCompressionType, "zstd needs Produce version 7 or later")
        }
    }

    /// `message.timestamp.before.max.ms` and `after.max.ms`; without them, as by default, no record is looked at.
    private static func judgeTime(
        _ batch: ValidatedBatch, _ configuration: TopicConfiguration, now: Int64
    ) throws(AdmissionRefusal) {
        let (behind, ahead) = (configuration.timestampBehindMilliseconds, configuration.timestampAheadMilliseconds)
        guard !configuration.stampsAppendTime, behind != .max || ahead != .max else { return }
        let latest = now.addingReportingOverflow(Int64(ahead)).overflow ? Int64.max : now + Int64(ahead)
        let earliest = now.subtractingReportingOverflow(Int64(behind)).overflow ? Int64.min : now - Int64(behind)
        var refused: [AdmissionRefusal.Record] = []
        batch.forEachRecord { index, timestamp, _, _ in
            guard timestamp < earliest || timestamp > latest, refused.count < Limits.recordErrorsMax else { return }
            let side = timestamp < earliest ? "before" : "after"
            refused.append(.init(index: Int32(index), sentence: "its timestamp is further \(side) the broker's time than allowed"))
        }
        guard refused.isEmpty else {
            throw AdmissionRefusal(.invalidTimestamp, "timestamps are outside the topic's limits", records: refused)
        }
    }
}

extension AdmissionRefusal {
    init(_ violation: RecordBatchViolation) {
        let records = violation.recordIndex.map { [Record(index: Int32($0), sentence: violation.description)] } ?? []
        self.init(violation.errorCode, violation.description, records: records)
    }
}
