/// What is wrong with a record batch, and which Kafka error answers it.
public struct RecordBatchViolation: Error, Hashable, Sendable, CustomStringConvertible {
    /// The record, counted from 0, where it is one record's fault.
    public let recordIndex: Int?
    public let reason: Reason

    public enum Reason: Hashable, Sendable {
        case empty
        case truncatedHeader(bytes: Int)
        case wrongMagic(UInt8)
        /// The length field and the bytes that came differ.
        case lengthMismatch(declaredBytes: Int, foundBytes: Int)
        case batchTooLarge(bytes: Int, bytesMax: Int)
        case wrongChecksum(declared: UInt32, computed: UInt32)
        case unknownAttributes(UInt16)
        case unknownCodec(UInt8)
        case controlBatch
        case transactional
        /// A producer claims the broker's timestamp.
        case appendTimeFromProducer
        case deleteHorizonFromProducer
        case recordCount(declared: Int32, lastOffsetDelta: Int32)
        case tooManyRecords(declared: Int32, recordsMax: Int)
        case offsetDelta(found: Int64, expected: Int32)
        /// A record is not built as it should be; `field` names where it stops making sense.
        case malformedRecord(field: String)
        case bytesAfterRecords(Int)
        case maxTimestamp(declared: Int64, computed: Int64)
        case producerFields
        case inflatedTooLarge(bytesMax: Int)
        case malformedCompression(Codec)
        case outOfMemory
        /// Message formats 0 and 1: a compressed message inside a compressed message.
        case nestedCompression
    }

    public init(_ reason: Reason, recordIndex: Int? = nil) {
        self.reason = reason
        self.recordIndex = recordIndex
    }

    public var errorCode: ErrorCode {
        switch reason {
        case .wrongChecksum, .lengthMismatch, .truncatedHeader, .malformedCompression: .corruptMessage
        case .batchTooLarge, .inflatedTooLarge, .tooManyRecords: .messageTooLarge
        case .unknownCodec: .unsupportedCompressionType
        case .appendTimeFromProducer, .maxTimestamp: .invalidTimestamp
        case .outOfMemory: .unknownServerError
        case .empty, .wrongMagic, .unknownAttributes, .controlBatch, .transactional, .deleteHorizonFromProducer, .recordCount,
            .offsetDelta, .malformedRecord, .bytesAfterRecords, .producerFields, .nestedCompression:
            .invalidRecord
        }
    }

    public var description: String {
        guard let recordIndex else { return reason.sentence }
        return "record \(recordIndex): \(reason.sentence)"
    }
}

extension RecordBatchViolation.Reason {
    fileprivate var sentence: String {
        switch self {
        case .empty: "the batch has no records"
        case .truncatedHeader(let bytes): "\(bytes) bytes are too few for a record batch"
        case .wrongMagic(let magic): "message format \(magic) is not allowed here"
        case .lengthMismatch(let declared, let found): "the batch says it has \(declared) bytes, \(found) came"
        case .batchTooLarge(let bytes, let bytesMax): "\(bytes) bytes are more than the \(bytesMax) allowed"
        case .wrongChecksum: "the checksum does not match the bytes; they were damaged on the way"
        case .unknownAttributes(let attributes): "the attributes 0x\(String(attributes, radix: 16)) have bits that mean nothing"
        case .unknownCodec(let number): "compression \(number) is not known"
        case .controlBatch: "only brokers write control records"
        case .transactional: "transactions are not offered"
        case .appendTimeFromProducer: "only the broker sets append times; send create times"
        case .deleteHorizonFromProducer: "only brokers set a delete horizon"
        case .recordCount(let declared, let delta): "\(declared) records do not fit a last offset delta of \(delta)"
        case .tooManyRecords(let declared, let recordsMax): "\(declared) records are more than the \(recordsMax) allowed in a batch"
        case .offsetDelta(let found, let expected): "the offset delta is \(found) and should be \(expected)"
        case .malformedRecord(let field): "the record is malformed at its \(field)"
        case .bytesAfterRecords(let count): "\(count) bytes follow the last record"
        case .maxTimestamp(let declared, let computed): "the largest timestamp is \(computed), the batch says \(declared)"
        case .producerFields: "producer id, epoch and sequence do not fit together"
        case .inflatedTooLarge(let bytesMax): "the batch inflates to more than the \(bytesMax) bytes allowed"
        case .malformedCompression(let codec): "the batch is not valid \(codec)"
        case .outOfMemory: "there is no memory to inflate the batch"
        case .nestedCompression: "a compressed message contains a compressed message"
        }
    }
}

extension RecordBatchViolation {
    public init(_ error: InflateError) {
        switch error {
        case .malformed(let codec): self.init(.malformedCompression(codec))
        case .aboveLimit(let bytesMax): self.init(.inflatedTooLarge(bytesMax: bytesMax))
        case .outOfMemory: self.init(Reason.outOfMemory)
        }
    }
}
