import KafkaWire
import NIOCore
import Storage
import Testing

@testable import Broker

extension BrokerFixture {
    /// `health.records` with JSON values of schema 1.
    static func typed(partitions: Int32 = 1, configuration: [String: String] = [:], agreements: String = BrokerFixture.agreements) throws -> BrokerFixture {
        try BrokerFixture(
            partitions: partitions, configuration: ["hanbridge.schema.subject": ""].merging(configuration) { $1 }, agreements: agreements,
            schemas: [.count("\(topic)-value"), .count("\(topic)-value", version: 2), .count("other-value")],
            moreTopics: ["health.quarantine": [:]])
    }

    func publish(_ submission: RecordSubmission, as path: String = BrokerFixture.ward) async throws -> Result<SubmissionAnswer, SubmissionRefusal> {
        await RecordPublisher(services).publish(submission, by: try Self.peer(path))
    }

    /// The same while the test goes on.
    func begin(_ submission: RecordSubmission, as path: String = BrokerFixture.ward) throws -> Task<Result<SubmissionAnswer, SubmissionRefusal>, Never> {
        let (publisher, peer) = (RecordPublisher(services), try Self.peer(path))
        return Task { await publisher.publish(submission, by: peer) }
    }

    func records(of topic: String = BrokerFixture.topic, partition: Int32 = 0) throws -> [Record] {
        try log(partition, of: topic).snapshot.stored.flatMap { Array(try RecordReader(batch: $0.bytes)) }
    }
}

extension RecordSubmission {
    static func json(_ body: String, _ form: Form = .document, key: String? = nil, idempotencyKey: String? = nil) -> RecordSubmission {
        RecordSubmission(topic: BrokerFixture.topic, form: form, body: Array(body.utf8), keyField: key, idempotencyKey: idempotencyKey)
    }

    func with(_ change: (inout RecordSubmission) -> Void) -> RecordSubmission {
        var copy = self
        change(&copy)
        return copy
    }
}

extension RecordOutcome {
    var place: String? {
        if case .appended(let partition, let offset) = result { "\(partition)/\(offset)" } else { nil }
    }
    var refusal: Refused? {
        if case .refused(let refused) = result { refused } else { nil }
    }
}

extension Result where Failure == SubmissionRefusal {
    var refusal: SubmissionRefusal? {
        if case .failure(let refusal) = self { refusal } else { nil }
    }
}

enum Documents {
    static let good = #"{"ward":"Hải Châu","count":3}"#
    static let bad = #"{"ward":"Hải Châu","count":-1}"#

    static func framed(_ document: String, id: Int32 = 2) -> ByteBuffer {
        var buffer = ByteBuffer(integer: 0 as UInt8)
        buffer.writeInteger(id)
        buffer.writeString(document)
        return buffer
    }
}
