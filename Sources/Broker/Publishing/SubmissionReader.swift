import Foundation
import KafkaWire
import MessageSchema
import NIOCore
import RecordText
import Sentences

/// One record as a body has it.
struct RecordDraft {
    /// A key or a value as it was written.
    enum Content: Hashable {
        /// A JSON document: the frame of the topic's schema goes around it.
        case document([UInt8])
        /// Bytes of any kind.
        case bytes([UInt8])
    }

    /// nil for none; a document that is a string is its text where keys are not typed.
    var key: Content?
    /// nil for a tombstone.
    var value: Content?
    var headers: [Record.Header] = []
    var partition: Int32?
    /// ms since 1970; nil for the moment in which it is published.
    var timestamp: Int64?
}

/// A record of a body, or what is wrong with it.
struct CutRecord {
    let index: Int
    let line: Int?
    let content: Result<RecordDraft, RecordFault>
}

/// Cuts the body of a submission into records. What cannot be cut at all is a refusal; what is wrong with one record is that record's.
struct SubmissionReader {
    private let submission: RecordSubmission
    /// The fields that the records' schema names; asked for by a table alone.
    private let fields: () -> [String: JSONTypeSet]?
    private var records: [CutRecord] = []
    private var bytesCut = 0

    static func read(
        _ submission: RecordSubmission, fields: @escaping () -> [String: JSONTypeSet]?
    ) throws(SubmissionRefusal) -> [CutRecord] {
        var reader = SubmissionReader(submission: submission, fields: fields)
        switch submission.form {
        case .document: try reader.cutDocuments { $0.draft(ofDocument: $1) }
        case .envelopes: try reader.cutDocuments { EnvelopeReader(body: $0.submission.body).draft($1) }
        case .lines: try reader.cutLines()
        case .table: try reader.cutTable()
        case .raw: try reader.add(line: nil, bytes: submission.body.count, .success(RecordDraft(value: .bytes(submission.body))))
        }
        guard !reader.records.isEmpty else { throw SubmissionRefusal(.malformed, .submissionEmpty) }
        return reader.records
    }

    private init(submission: RecordSubmission, fields: @escaping () -> [String: JSONTypeSet]?) {
        self.submission = submission
        self.fields = fields
    }

    private mutating func add(line: Int?, bytes: Int, _ content: Result<RecordDraft, RecordFault>) throws(SubmissionRefusal) {
        guard records.count < Limits.submissionRecordsMax else {
            throw SubmissionRefusal(.tooLarge, .tooManyRecords(max: Limits.submissionRecordsMax))
        }
        // A table's header is repeated in each record, so that a small one may become much.
        bytesCut += bytes
        guard bytesCut <= Limits.submissionBytesMax else {
            throw SubmissionRefusal(.tooLarge, .recordsTooLarge(bytesMax: Limits.submissionBytesMax))
        }
        records.append(CutRecord(index: records.count, line: line, content: content))
    }

    // MARK: JSON

    private mutating func cutDocuments(
        _ draft: (SubmissionReader, Range<Int>) -> Result<RecordDraft, RecordFault>
    ) throws(SubmissionRefusal) {
        let ranges: [Range<Int>]
        do throws(JSONScanner.Failure) {
            switch try JSONScanner.parts(of: submission.body, partsMax: Limits.submissionRecordsMax + 1) {
            case .elements(let elements): ranges = elements
            case .members, .value: ranges = [submission.body.jsonRange]
            }
        } catch {
            throw SubmissionRefusal(.malformed, .notJSON(offset: error.offset))
        }
        for range in ranges { try add(line: nil, bytes: range.count, draft(self, range)) }
    }

    private mutating func cutLines() throws(SubmissionRefusal) {
        var line = 0
        for bytes in submission.body.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            line += 1
            if bytes.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }) { continue }
            let content: Result<RecordDraft, RecordFault>
            do throws(JSONScanner.Failure) {
                _ = try JSONScanner.parts(of: submission.body, in: bytes.indices, partsMax: 0)
                content = draft(ofDocument: bytes.jsonRange)
            } catch {
                content = .failure(RecordFault(rule: "syntax", message: .notJSON(offset: error.offset - bytes.startIndex)))
            }
            try add(line: line, bytes: bytes.count, content)
        }
    }

    private func draft(ofDocument range: Range<Int>) -> Result<RecordDraft, RecordFault> {
        draft(of: Array(submission.body[range]))
    }

    private func draft(of document: [UInt8]) -> Result<RecordDraft, RecordFault> {
        var draft = RecordDraft(value: .document(document))
        if let field = submission.keyField {
            guard let key = document.member(field) else {
                return .failure(RecordFault(rule: "key", message: .keyFieldMissing(field)))
            }
            draft.key = .document(key)
        }
        return .success(draft)
    }

    // MARK: CSV

    private mutating func cutTable() throws(SubmissionRefusal) {
        var parser = CSVParser()
        var header: CSVHeader?
        // Spreadsheets put a byte order mark in front of UTF-8.
        let body = submission.body.starts(with: [0xEF, 0xBB, 0xBF]) ? submission.body[3...] : submission.body[...]
        do {
            for byte in body {
                if let row = try parser.received(byte) { try take(row, &header) }
            }
            if let row = try parser.ended() { try take(row, &header) }
        } catch let error as InputError {
            // Where the quotes are wrong nobody knows where rows end, so nothing of it is taken.
            throw SubmissionRefusal(.malformed, .tableLine(error.line, why: error.sentence))
        } catch let refusal as SubmissionRefusal {
            throw refusal
        } catch {
            preconditionFailure("reading a table throws its own errors only, not \(error)")
        }
    }

    private mutating func take(_ row: CSVParser.Row, _ header: inout CSVHeader?) throws {
        guard let columns = header else {
            header = try CSVHeader(row, of: fields())
            return
        }
        let content: Result<RecordDraft, RecordFault>
        var bytes = 0
        do throws(InputError) {
            let document = try columns.document(row)
            bytes = document.count
            content = draft(of: document)
        } catch {
            content = .failure(RecordFault(rule: "csv", message: error.sentence))
        }
        try add(line: row.line, bytes: bytes, content)
    }
}

extension RandomAccessCollection<UInt8> where Index == Int {
    /// Without the white space around it.
    var jsonRange: Range<Int> {
        func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }
        guard let first = firstIndex(where: { !isSpace($0) }), let last = lastIndex(where: { !isSpace($0) }) else { return startIndex..<startIndex }
        return first..<last + 1
    }
}

extension [UInt8] {
    /// The value of a member of the object that this is, as it is written; nil where there is none.
    fileprivate func member(_ name: String) -> [UInt8]? {
        guard case .members(let members)? = try? JSONScanner.parts(of: self, partsMax: InputLimits.columnsMax) else { return nil }
        return members.first { JSONQuoting.text(of: self[$0.name]) == name }.map { Array(self[$0.value]) }
    }
}
