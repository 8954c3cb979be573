import MessageSchema
import RecordText
import Sentences

/// Writes documents as a topic's subject wants them: in its schema's language, in Confluent's frame or bare.
///
/// What it writes is checked by admission like anything else: it says what a document is meant to be, not that it is that.
struct RecordFramer {
    /// nil for an untyped topic, or one whose keys are not typed.
    let schema: RegisteredSchema?
    private let framing: PayloadFraming
    /// Bytes come with their frame.
    private let isFramed: Bool

    /// Of a topic's values.
    static func values(of topic: Topic, _ submission: RecordSubmission, _ registry: SchemaRegistry) throws(SubmissionRefusal) -> RecordFramer {
        let configuration = topic.configuration
        guard let subject = configuration.valueSubject(ofTopic: topic.name) else {
            guard submission.schemaID == nil, submission.schemaVersion == nil else {
                throw SubmissionRefusal(.unprocessable, .topicUntyped(topic.name))
            }
            return RecordFramer(schema: nil, framing: .plain, isFramed: true)
        }
        let schema: RegisteredSchema?
        if let id = submission.schemaID {
            schema = registry.compiled(id: id).flatMap { $0.isVersion(of: subject) ? $0 : nil }
        } else if let version = submission.schemaVersion ?? Int32(configuration.schemaVersion) {
            schema = registry.version(subject: subject, version)
        } else {
            schema = registry.latest(subject: subject)
        }
        guard let schema else { throw SubmissionRefusal(.unprocessable, .noSuchSchema(subject: subject)) }
        return RecordFramer(schema: schema, framing: configuration.payloadFraming, isFramed: submission.isFramed)
    }

    /// Of a topic's keys: they have a schema only where the topic names a subject for them.
    static func keys(of topic: Topic, _ submission: RecordSubmission, _ registry: SchemaRegistry) throws(SubmissionRefusal) -> RecordFramer {
        let configuration = topic.configuration
        guard configuration.keySubject != "none" else { return RecordFramer(schema: nil, framing: .plain, isFramed: true) }
        guard let schema = registry.latest(subject: configuration.keySubject) else {
            throw SubmissionRefusal(.unprocessable, .noSuchSchema(subject: configuration.keySubject))
        }
        return RecordFramer(schema: schema, framing: configuration.payloadFraming, isFramed: submission.isFramed)
    }

    /// What the schema lets a column of a table be; nil where it says nothing.
    var columns: [String: JSONTypeSet]? { schema?.compiled?.columns }

    func payload(_ content: RecordDraft.Content, path: String) throws(RecordFault) -> [UInt8] {
        switch content {
        case .document(let document):
            do throws(Violation) {
                return framed(try schema?.compiled?.payload(ofJSON: document, framing: framing) ?? document, hasIndexes: true)
            } catch {
                throw RecordFault(path: path + error.path, rule: error.rule, message: .told(error.message))
            }
        case .bytes(let bytes): return isFramed ? bytes : framed(bytes, hasIndexes: false)
        }
    }

    /// A key that is not typed: a string is its text, anything else as it is written.
    func keyPayload(_ content: RecordDraft.Content) throws(RecordFault) -> [UInt8] {
        if schema == nil, case .document(let document) = content {
            return JSONQuoting.text(of: document).map { Array($0.utf8) } ?? document
        }
        return try payload(content, path: "/key")
    }

    /// - Parameter hasIndexes: a Protobuf message has them in front already.
    private func framed(_ document: [UInt8], hasIndexes: Bool) -> [UInt8] {
        guard let schema, framing == .confluent else { return document }
        var payload: [UInt8] = [0]
        payload.reserveCapacity(document.count + 6)
        for shift in [24, 16, 8, 0] { payload.append(UInt8(truncatingIfNeeded: schema.id >> shift)) }
        // The first message of the file: its path of indexes is [0], which is written as one zero.
        if schema.format == .protobuf, !hasIndexes { payload.append(0) }
        return payload + document
    }
}

extension TopicConfiguration {
    var payloadFraming: PayloadFraming { schemaFraming == "plain" ? .plain : .confluent }
}
