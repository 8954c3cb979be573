import Broker
import Foundation
import Hummingbird
import NIOCore
public import Sentences

/// An error as HTTPS answers it: `application/problem+json` (RFC 9457), with a list of what is wrong where there is one.
public struct ProblemDocument: Error, Sendable {
    /// One thing wrong in a file that was sent.
    public struct Fault: Sendable, Hashable {
        public var file: String
        /// 1 for the first line; nil where the fault is of the whole file.
        public var line: Int?
        public var message: Sentence

        public init(file: String, line: Int?, message: Sentence) {
            self.file = file
            self.line = line
            self.message = message
        }
    }

    public let problem: Problem
    /// The extension member `errors`.
    public let faults: [Fault]
    /// The extension member `records`: what became of each.
    let records: [RecordOutcome]
    let allow: [String]

    public init(_ problem: Problem, faults: [Fault] = []) {
        self.problem = problem
        self.faults = faults
        records = []
        allow = []
    }

    init(_ problem: Problem, records: [RecordOutcome] = [], allow: [String] = []) {
        self.problem = problem
        faults = []
        self.records = records
        self.allow = allow
    }

    private struct Document: Encodable {
        let type: String
        let title: String
        let status: Int
        let detail: String
        let errors: [Entry]?
        let records: [RecordDocument]?

        struct Entry: Encodable {
            let file: String
            let line: Int?
            let message: String
        }
    }

    func response(in language: Language) -> RenderedAnswer {
        let document = Document(
            type: problem.type, title: problem.title.text(in: language), status: problem.status,
            detail: problem.detail.text(in: language), errors: faults.isEmpty
                ? nil : faults.map { .init(file: $0.file, line: $0.line, message: $0.message.text(in: language)) },
            records: records.isEmpty ? nil : records.map { RecordDocument($0, in: language) })
        var response = RenderedAnswer(
            status: .init(code: problem.status),
            headers: [
                .contentType: "application/problem+json", .contentLanguage: language.rawValue, .cacheControl: "no-store",
            ],
            body: jsonBytes(document))
        if let seconds = problem.retryAfterSeconds { response.headers[.retryAfter] = "\(seconds)" }
        if !allow.isEmpty { response.headers[.allow] = allow.joined(separator: ", ") }
        return response
    }
}

/// A document of ours as JSON, its keys in a fixed order so that two answers compare.
func jsonBytes(_ document: some Encodable) -> ByteBuffer {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    do {
        return ByteBuffer(bytes: try encoder.encode(document))
    } catch {
        preconditionFailure("a document of strings, numbers and lists cannot be written as JSON: \(error)")
    }
}
