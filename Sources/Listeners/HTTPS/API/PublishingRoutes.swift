public import Broker
import Foundation
import Hummingbird
import NIOCore
import Sentences

/// What the HTTPS listener asks of the broker to publish records. Tests have their own.
public protocol RecordPublishing: Sendable {
    func publish(_ submission: RecordSubmission, by peer: Peer) async -> Result<SubmissionAnswer, SubmissionRefusal>
}

extension RecordPublisher: RecordPublishing {}

/// The route by which records come in over HTTPS. It translates; the broker decides.
struct PublishingRoutes: Sendable {
    private let publisher: any RecordPublishing

    init(_ publisher: any RecordPublishing) { self.publisher = publisher }

    var all: [Route] { [publish] }

    /// What a body may be.
    private static let forms: [(type: String, form: RecordSubmission.Form)] = [
        ("application/json", .document), ("application/x-ndjson", .lines), ("application/jsonl", .lines), ("text/csv", .table),
        ("application/vnd.hanbridge.records+json", .envelopes), ("application/octet-stream", .raw),
    ]

    private var publish: Route {
        Route(
            method: .post, template: "/v1/topics/{topic}/records",
            summary: "Publish records: the good ones go in, and every bad one is told about. What is answered with an offset is durable",
            query: [
                ("partition", "Where all records go that do not name one; else by key, as Kafka's clients do it"),
                ("key", "The field of each document that becomes the record's key"),
                ("schemaVersion", "The version of the topic's subject that documents are written by; the latest, or the one that the topic is pinned to"),
                ("framed", "true: binary values begin with the registry's magic byte and schema id"),
            ],
            headers: [
                (Self.idempotencyKey, "Names the request: sent again with this key, it gets the first answer and appends nothing"),
                (Self.schemaID, "The id of the schema that documents are written by, in place of schemaVersion"),
            ],
            bodyExample: #"[{"station":"hai-chau-01","pm25":12.4}]"#, bodyTypes: Self.forms.map(\.type),
            // The body, the records cut from it, and their batches.
            bodyCopies: 3,
            statuses: [
                (200, "What became of each record; some may not be in"), (400, "The body is not what its Content-Type says"),
                (403, "No agreement lets you publish here"), (404, "No such topic"), (409, "The same request is being worked on, or a rule of the topic"),
                (413, "Too large"), (415, "The broker takes no such body"),
                (422, "No record is what the topic takes; `records` says why. Or the idempotency key was used for another request"),
                (429, "A quota of yours is used up; Retry-After says for how long"), (503, "The disk, or too much to do; Retry-After says when"),
            ],
            use: .publishing
        ) { call in
            var submission = try Self.submission(call)
            submission.room = call.requestRoom
            switch await publisher.publish(submission, by: call.peer) {
            case .failure(let refusal): throw ProblemDocument(Problem(refusal))
            case .success(let answer):
                guard answer.appendedCount > 0 else { throw ProblemDocument(.noRecordTaken(answer), records: answer.records) }
                return Route.Answer(body: jsonBytes(PublishedDocument(submission.topic, answer, in: call.language)))
            }
        }
    }

    private static let idempotencyKey = "Idempotency-Key"
    private static let schemaID = "Hanbridge-Schema-Id"

    private static func submission(_ call: Route.Call) throws -> RecordSubmission {
        guard let form = forms.first(where: { $0.type == call.contentType })?.form else {
            throw Problem.unsupportedMediaType(accepted: forms.map(\.type))
        }
        return RecordSubmission(
            topic: call.parameters["topic"] ?? "", form: form, body: Array(call.body.readableBytesView),
            partition: try number(call.query["partition"], "partition", from: 0), keyField: call.query["key"],
            schemaID: try number(call.headers[schemaID]?.first, schemaID, from: 1),
            schemaVersion: try number(call.query["schemaVersion"], "schemaVersion", from: 1), isFramed: call.flag("framed"),
            idempotencyKey: try key(call.headers[idempotencyKey] ?? []))
    }

    private static func number(_ text: String?, _ name: String, from least: Int32) throws -> Int32? {
        guard let text else { return nil }
        guard let number = Int32(text), number >= least else { throw Problem.malformed("\(name) is a number from \(least)") }
        return number
    }

    /// draft-ietf-httpapi-idempotency-key-header: a string in double quotes; without them it is taken too.
    private static func key(_ fields: [String]) throws -> String? {
        guard let field = fields.first else { return nil }
        var key = Substring(field.trimmingCharacters(in: .whitespaces))
        if key.count >= 2, key.first == "\"", key.last == "\"" { key = key.dropFirst().dropLast() }
        guard fields.count == 1, (1...Limits.idempotencyKeyBytesMax).contains(key.utf8.count), key.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        else { throw Problem.idempotencyKeyMalformed(bytesMax: Limits.idempotencyKeyBytesMax) }
        return String(key)
    }
}

extension Problem {
    fileprivate init(_ refusal: SubmissionRefusal) {
        switch refusal.kind {
        case .malformed: self = .unreadable(refusal.sentence)
        case .forbidden: self = .forbidden(missing: refusal.sentence)
        case .unknownTopic: self = .noSuchTopic(refusal.sentence)
        case .inFlight: self = .requestInFlight(refusal.sentence)
        case .tooLarge: self = .recordsTooLarge(refusal.sentence)
        case .unprocessable: self = .unprocessable(refusal.sentence)
        case .keyReused: self = .idempotencyKeyReused(refusal.sentence)
        case .overloaded: self = .overloaded()
        case .storage: self = .storageUnavailable(refusal.sentence)
        }
    }

    /// The status of the reason that a publisher can do most about; of a mixture, what the same request may still bring about.
    fileprivate static func noRecordTaken(_ answer: SubmissionAnswer) -> Problem {
        let kinds = Set(answer.records.compactMap { record -> RecordOutcome.Kind? in
            if case .refused(let refused) = record.result { refused.kind } else { nil }
        })
        let sentence = Sentence.noRecordTaken(answer.records.count)
        if !kinds.isDisjoint(with: [.unavailable, .unknown]) { return .storageUnavailable(sentence) }
        if kinds == [.tooLarge] { return .recordsTooLarge(sentence) }
        if kinds == [.topicRule] { return .conflict(sentence) }
        return .recordsRefused(sentence)
    }
}
