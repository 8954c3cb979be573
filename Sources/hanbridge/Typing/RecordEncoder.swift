import MessageSchema
import NIOCore
import Sentences

/// Makes of documents what a topic takes: in its schema's format, behind the frame that it wants.
struct RecordEncoder: Sendable {
    private let typing: TopicTyping
    private let value: RegistrySchema?
    private let key: RegistrySchema?

    /// For topics without types: everything as it is.
    static let asItIs = RecordEncoder(.untyped, value: nil, key: nil)

    /// Asks the registry, where the topic is typed.
    static func of(_ topic: String, _ typing: TopicTyping, _ options: CommonOptions) async throws -> RecordEncoder {
        guard typing.isTyped else { return asItIs }
        return try await AdministrationClient.run(options) { http in
            let registry = RegistryReader(http: http)
            func schema(_ subject: String?, _ version: String) async throws -> RegistrySchema? {
                guard let subject else { return nil }
                do {
                    return try await waitingForBroker { try await registry.schema(of: subject, version: version) }
                } catch let failure as CommandFailure where failure.status == .refused {
                    throw CommandFailure.refused(.topicSchemaUnreadable(topic, subject: subject, why: failure.sentence))
                }
            }
            return RecordEncoder(
                typing, value: try await schema(typing.valueSubject, typing.version), key: try await schema(typing.keySubject, "latest"))
        }
    }

    /// The broker has just answered over Kafka: where it cannot be reached now, it is starting again.
    private static func waitingForBroker<Result>(_ body: () async throws -> Result) async throws -> Result {
        var backoff = Backoff()
        let start = ContinuousClock.now
        while true {
            do {
                return try await body()
            } catch let failure as CommandFailure where failure.status == .brokerUnreachable && start.duration(to: .now) < restartDuration {
                try await Task.sleep(for: backoff.failed())
            }
        }
    }

    private static let restartDuration = Duration.seconds(10)

    init(_ typing: TopicTyping, value: RegistrySchema?, key: RegistrySchema?) {
        self.typing = typing
        self.value = value
        self.key = key
    }

    /// What the columns of a table may be; nil where the schema does not say.
    var columns: [String: JSONTypeSet]? { value?.compiled.columns }

    /// The value's bytes.
    /// - Throws: where the document cannot be written in the schema's format. Whether it is valid, the broker says.
    func value(_ document: [UInt8]) throws(Violation) -> [UInt8] { try encoded(document, value) }

    /// The same of a document on any number of lines, judged here first, as far as that can be done without the broker: so that a correction
    /// that is none does not become an entry of the quarantine itself.
    func judgedValue(_ document: [UInt8]) throws(Violation) -> [UInt8] {
        guard let value else { return document }
        let document = value.format == .json ? try value.compiled.json(of: document) : document
        let payload = try value.compiled.payload(ofJSON: document, framing: typing.framing)
        let violations = payload.withUnsafeBytes { value.compiled.violations(in: $0, framing: typing.framing) }
        // Where more than one unknown list lets a value pass, `oneOf` and `not` say nothing.
        let judgedByBroker: Set<String> = value.compiled.codeLists.isEmpty ? [] : ["oneOf", "not"]
        if let violation = violations.first(where: { !judgedByBroker.contains($0.rule) }) { throw violation }
        return try encoded(document, value)
    }

    /// - Parameters:
    ///   - text: a string's text, or any other value as it is written.
    ///   - document: the same as JSON.
    func key(_ text: [UInt8]?, document: [UInt8]?) throws(Violation) -> [UInt8]? {
        guard key != nil else { return text }
        guard let document else { return nil }
        do throws(Violation) {
            return try encoded(document, key)
        } catch {
            throw Violation(path: "key:\(error.path)", rule: error.rule, message: error.message)
        }
    }

    private func encoded(_ document: [UInt8], _ schema: RegistrySchema?) throws(Violation) -> [UInt8] {
        guard let schema else { return document }
        let payload = try schema.compiled.payload(ofJSON: document, framing: typing.framing)
        guard typing.framing == .confluent else { return payload }
        return Frame.bytes(id: schema.id) + payload
    }
}

/// Confluent's wire format: a zero byte and the schema's id, big-endian.
enum Frame {
    static let bytes = 5

    static func bytes(id: Int32) -> [UInt8] { [0] + withUnsafeBytes(of: id.bigEndian) { Array($0) } }

    /// - Returns: nil where there is no frame.
    static func id(of payload: ByteBuffer) -> Int32? {
        guard payload.readableBytes >= bytes, payload.getInteger(at: payload.readerIndex, as: UInt8.self) == 0 else { return nil }
        return payload.getInteger(at: payload.readerIndex + 1)
    }
}
