import KafkaWire
import Storage

/// Why records are not admitted: a value, in the protocol's code and a sentence for the publisher (DESIGN.md, "Refusals").
/// Never a payload.
struct AdmissionRefusal: Error, Hashable {
    struct Record: Hashable {
        /// The record's place in its batch.
        let index: Int32
        let sentence: String
    }

    let errorCode: ErrorCode
    let sentence: String
    /// The records that caused it, where single ones did (KIP-467).
    let records: [Record]

    init(_ errorCode: ErrorCode, _ sentence: String, records: [Record] = []) {
        self.errorCode = errorCode
        self.sentence = sentence
        self.records = records
    }

    /// The environment does not let it be decided, or done.
    init(_ error: StorageError) { self.init(ErrorCode(error), error.sentence) }
}
