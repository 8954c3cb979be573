import Broker
import Sentences

/// The answer to `POST /v1/topics/{topic}/records`. Field names stay put: programs read them.
struct PublishedDocument: Encodable {
    let topic: String
    /// How many records are in, and how many are not.
    let appended: Int
    let refused: Int
    let records: [RecordDocument]

    init(_ topic: String, _ answer: SubmissionAnswer, in language: Language) {
        self.topic = topic
        appended = answer.appendedCount
        refused = answer.records.count - appended
        records = answer.records.map { RecordDocument($0, in: language) }
    }
}

/// What became of one record: a partition and an offset, or a status and what is wrong.
struct RecordDocument: Encodable {
    let index: Int
    let line: Int?
    var partition: Int32?
    var offset: Int64?
    /// What the request would have been answered with, had it been this record alone.
    var status: Int?
    var errors: [Fault]?
    /// `<topic>/<partition>/<offset>` of the quarantine's entry.
    var quarantine: String?

    struct Fault: Encodable {
        let path: String
        let rule: String
        let message: String
    }

    init(_ outcome: RecordOutcome, in language: Language) {
        index = outcome.index
        line = outcome.line
        switch outcome.result {
        case .appended(let partition, let offset):
            self.partition = partition
            self.offset = offset
        case .refused(let refused):
            status =
                switch refused.kind {
                case .content: 422
                case .tooLarge: 413
                case .topicRule: 409
                case .unavailable, .unknown: 503
                }
            errors = refused.faults.map { Fault(path: $0.path, rule: $0.rule, message: $0.message.text(in: language)) }
            quarantine = refused.quarantine
        }
    }
}
