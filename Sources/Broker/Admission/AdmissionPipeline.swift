import KafkaWire
import MessageSchema
import NIOCore
@_spi(Admission) import Storage

// The only way of a record into a log. `AdmittedBatch` can be made through this SPI alone, this file alone imports it (a
// structure test holds that), and only an `AdmittedBatch` can be appended.
//
//     identity → policy → format → size, CRC, offsets, records → time → schema → AdmittedBatch
//
// Identity and policy are decided before: every caller passes an `AdmissionGrant`.

enum AdmissionPipeline {
    /// What a caller's protocol allows the records to be.
    struct Format {
        /// Message formats 0 and 1 in place of one record batch: Produce versions 0 to 2.
        let isMessageSet: Bool
        /// KIP-110: Produce from version 7 on.
        let mayBeZstandard: Bool

        /// What the broker itself has made a batch of.
        static let current = Format(isMessageSet: false, mayBeZstandard: true)
        static func produce(version: Int16) -> Format { Format(isMessageSet: version < 3, mayBeZstandard: version >= 7) }
    }

    enum Outcome {
        case admitted(AdmittedBatch)
        /// With the batch and its bad records, where it is single records that are refused.
        case refused(AdmissionRefusal, RefusedBatch?)
        /// The same again once it is known who wrote these.
        case needsOriginals(Set<RecordPlace>)
    }

    /// Judges what a publisher sent for one partition.
    /// - Parameters:
    ///   - now: ms since 1970.
    ///   - originals: who wrote the records that these correct, as far as it is known.
    static func admit(
        _ records: ByteBuffer?, _ grant: AdmissionGrant, format: Format, now: Int64, originals: [RecordPlace: OriginalWriter] = [:]
    ) -> Outcome {
        let configuration = grant.topic.configuration
        guard let records, records.readableBytes > 0 else {
            return .refused(AdmissionRefusal(.invalidRecord, "there are no records"), nil)
        }
        do {
            let bytes = format.isMessageSet ? try converted(records, configuration) : records
            if !format.isMessageSet { try judgeCount(of: bytes) }
            let batch = try RecordBatchValidator(limits: limits(configuration)).validate(bytes)
            try judgeCodec(batch.header, format)
            if let refusal = judgeTime(batch, configuration, now: now) {
                return .refused(refusal, RefusedBatch(batch: batch, records: []))
            }
            return try judgeRecords(of: batch, grant, originals)
        } catch let violation as RecordBatchViolation {
            return .refused(AdmissionRefusal(violation), nil)
        } catch let refusal as AdmissionRefusal {
            return .refused(refusal, nil)
        } catch {
            preconditionFailure("admission throws violations and refusals only, not \(error)")
        }
    }

    private static func judgeRecords(
        of batch: ValidatedBatch, _ grant: AdmissionGrant, _ originals: [RecordPlace: OriginalWriter]
    ) throws(AdmissionRefusal) -> Outcome {
        for obstacle in [grant.rules.value?.obstacle, grant.rules.key?.obstacle] {
            if let obstacle { throw AdmissionRefusal(.invalidRecord, obstacle) }
        }
        switch RecordCheck.judge(batch, grant, originals: originals) {
        case .valid(let schemaIDs):
            return .admitted(admitted(batch, grant, schemaIDs))
        case .refused(let records):
            return .refused(AdmissionRefusal(records), RefusedBatch(batch: batch, records: records))
        case .needsOriginals(let places):
            return .needsOriginals(places)
        case .unreadable(let error):
            return .refused(AdmissionRefusal(error), RefusedBatch(batch: batch, records: []))
        }
    }

    /// A batch that the broker made itself, for a topic of its own or a quarantine.
    static func admitOwn(_ bytes: ByteBuffer, _ grant: AdmissionGrant) -> AdmittedBatch {
        guard grant.writer == .zero, let batch = try? RecordBatchValidator(limits: limits(grant.topic.configuration)).validate(bytes)
        else { preconditionFailure("the broker made a batch for \(grant.topic.name) that it would not admit") }
        return admitted(batch, grant, .none)
    }

    private static func admitted(_ batch: ValidatedBatch, _ grant: AdmissionGrant, _ schemaIDs: SchemaIDs) -> AdmittedBatch {
        let configuration = grant.topic.configuration
        return AdmittedBatch(
            bytes: batch.bytes, header: batch.header, writer: grant.writer, schemaIDs: schemaIDs,
            evidence: configuration.evidenceSettings, stampsAppendTime: configuration.stampsAppendTime,
            acknowledgement: configuration.acknowledged)
    }

    /// What a batch of the topic may be, and may inflate to.
    static func limits(_ configuration: TopicConfiguration) -> RecordLimits {
        RecordLimits(
            batchBytesMax: configuration.messageBytesMax,
            inflatedBytesMax: max(Limits.inflatedBytesMax, configuration.messageBytesMax))
    }

    /// What a stored batch may be: what the topic's configuration let in when it came, whatever that says today.
    static let limitsOfStored = RecordLimits(batchBytesMax: .max, inflatedBytesMax: TopicConfiguration.messageBytesLimit)

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
    private static func judgeTime(_ batch: ValidatedBatch, _ configuration: TopicConfiguration, now: Int64) -> AdmissionRefusal? {
        let (behind, ahead) = (configuration.timestampBehindMilliseconds, configuration.timestampAheadMilliseconds)
        guard !configuration.stampsAppendTime, behind != .max || ahead != .max else { return nil }
        let latest = now.addingReportingOverflow(Int64(ahead)).overflow ? Int64.max : now + Int64(ahead)
        let earliest = now.subtractingReportingOverflow(Int64(behind)).overflow ? Int64.min : now - Int64(behind)
        var refused: [AdmissionRefusal.Record] = []
        batch.forEachRecord { index, timestamp, _, _ in
            guard timestamp < earliest || timestamp > latest, refused.count < Limits.recordErrorsMax else { return }
            let side = timestamp < earliest ? "before" : "after"
            refused.append(.init(index: Int32(index), sentence: "its timestamp is further \(side) the broker's time than allowed"))
        }
        guard !refused.isEmpty else { return nil }
        return AdmissionRefusal(.invalidTimestamp, "timestamps are outside the topic's limits", records: refused)
    }
}

/// A batch of which single records are refused, whole in itself.
struct RefusedBatch {
    let batch: ValidatedBatch
    /// Empty where they are refused for something else than their content.
    let records: [RefusedRecord]
}

extension AdmissionRefusal {
    init(_ violation: RecordBatchViolation) {
        let records = violation.recordIndex.map { [Record(index: Int32($0), sentence: violation.description)] } ?? []
        self.init(violation.errorCode, violation.description, records: records)
    }

    /// For records whose content the topic's rules do not allow.
    init(_ refused: [RefusedRecord]) {
        let named = refused.prefix(Limits.recordErrorsMax).map { Record(index: $0.index, sentence: $0.sentence) }
        self.init(.invalidRecord, "\(named.count < refused.count ? "more than " : "")\(named.count) of the batch's records are not valid", records: named)
    }
}

extension RefusedRecord {
    /// Path, rule and sentence of each violation.
    var sentence: String {
        violations.map { "\($0.path.isEmpty ? "" : "\($0.path): ")\($0.message) (\($0.rule))" }.joined(separator: "; ")
            .cut(to: Limits.recordErrorBytesMax)
    }
}
