public import Sentences

/// What became of one record of a submission.
public struct RecordOutcome: Sendable, Hashable, Codable {
    /// Its place among the records of the body, from 0.
    public let index: Int
    /// Where it begins, from 1, in a body that has lines.
    public let line: Int?
    public var result: Result

    public enum Result: Sendable, Hashable, Codable {
        /// It is durable.
        case appended(partition: Int32, offset: Int64)
        case refused(Refused)
    }

    public struct Refused: Sendable, Hashable, Codable {
        public let kind: Kind
        public let faults: [RecordFault]
        /// `<topic>/<partition>/<offset>` where the topic's quarantine keeps it.
        public var quarantine: String?

        public init(_ kind: Kind, _ faults: [RecordFault]) {
            self.kind = kind
            self.faults = faults
        }
    }

    /// Why a record is not in the log; the publisher does something different about each.
    public enum Kind: String, Sendable, Hashable, Codable, CaseIterable {
        /// It is not what the topic takes: correct it.
        case content
        case tooLarge
        case topicRule
        /// The broker could not take it: the same again may do.
        case unavailable
        /// Nobody knows yet whether it is there.
        case unknown
    }

    public init(index: Int, line: Int?, result: Result) {
        self.index = index
        self.line = line
        self.result = result
    }

    public var isAppended: Bool {
        if case .appended = result { true } else { false }
    }
}

/// One thing that is wrong with a record.
public struct RecordFault: Sendable, Hashable {
    /// A JSON pointer into the value; empty for the whole record.
    public let path: String
    /// Stays the same for ever and in every language.
    public let rule: String
    public let message: Sentence

    public init(path: String = "", rule: String, message: Sentence) {
        self.path = path
        self.rule = rule
        self.message = message
    }
}

extension RecordFault: Codable {
    private enum CodingKeys: String, CodingKey { case path, rule, vietnamese, english }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        path = try container.decode(String.self, forKey: .path)
        rule = try container.decode(String.self, forKey: .rule)
        message = Sentence(vi: try container.decode(String.self, forKey: .vietnamese), en: try container.decode(String.self, forKey: .english))
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(path, forKey: .path)
        try container.encode(rule, forKey: .rule)
        try container.encode(message.vietnamese, forKey: .vietnamese)
        try container.encode(message.english, forKey: .english)
    }
}

/// Why nothing of a submission was looked at: nothing was appended, and the same request may be sent again.
public struct SubmissionRefusal: Error, Sendable, Hashable {
    public enum Kind: Sendable, Hashable, CaseIterable {
        /// The body is not what it is said to be.
        case malformed
        case forbidden
        case unknownTopic
        /// The same request is being worked on.
        case inFlight
        case tooLarge
        case unprocessable
        /// The idempotency key was used for another request.
        case keyReused
        case overloaded
        case storage
    }

    public let kind: Kind
    public let sentence: Sentence

    public init(_ kind: Kind, _ sentence: Sentence) {
        self.kind = kind
        self.sentence = sentence
    }
}

/// What a submission is answered with once its records were looked at.
public struct SubmissionAnswer: Sendable, Hashable, Codable {
    /// Every record of the body, in its order.
    public let records: [RecordOutcome]

    public init(records: [RecordOutcome]) { self.records = records }

    public var appendedCount: Int { records.count(where: \.isAppended) }
}
