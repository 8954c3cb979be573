import ArgumentParser
import Foundation
import MessageSchema
import RecordText
import Sentences

/// How a file holds records.
enum InputFormat: String, CaseIterable, ExpressibleByArgument, Sendable {
    /// One JSON document a line.
    case jsonl
    /// RFC 4180 with a header.
    case csv
    /// The whole file is one record.
    case raw

    /// By the file's name; JSON lines where it says nothing.
    init(fileName: String) {
        switch (fileName as NSString).pathExtension.lowercased() {
        case "csv", "tsv": self = .csv
        default: self = .jsonl
        }
    }
}

struct InputRecord: Equatable, Sendable {
    let line: Int
    /// A string's text, or any other value as it is written.
    let key: [UInt8]?
    /// The key as JSON.
    var keyDocument: [UInt8]?
    let value: [UInt8]
}

/// Cuts bytes into records: feed it chunks, then say that the end was reached. Pure.
struct RecordSplitter {
    private enum Format {
        case lines([UInt8])
        case csv(CSVParser, CSVHeader?)
        case raw([UInt8])
    }

    private var format: Format
    private let keyField: String?
    private let columns: [String: JSONTypeSet]?
    private var line = 1
    /// The first bytes while they may be a byte order mark, which spreadsheets and editors put in front of UTF-8; nil after it.
    private var mark: [UInt8]?
    private static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]

    /// - Parameter columns: what the topic's schema says of a table's columns; nil where it says nothing.
    init(_ format: InputFormat, keyField: String?, columns: [String: JSONTypeSet]? = nil) {
        self.keyField = keyField
        self.columns = columns
        self.format =
            switch format {
            case .jsonl: .lines([])
            case .csv: .csv(CSVParser(), nil)
            case .raw: .raw([])
            }
        mark = format == .raw ? nil : []
    }

    mutating func received(_ chunk: ArraySlice<UInt8>, _ take: (InputRecord) throws -> Void) throws {
        var chunk = chunk
        while let seen = mark, let byte = chunk.first {
            if byte == Self.byteOrderMark[seen.count] {
                chunk.removeFirst()
                mark = seen.count + 1 < Self.byteOrderMark.count ? seen + [byte] : nil
            } else {
                mark = nil
                try cut(seen[...], take)
            }
        }
        try cut(chunk, take)
    }

    private mutating func cut(_ chunk: ArraySlice<UInt8>, _ take: (InputRecord) throws -> Void) throws {
        switch format {
        case .raw(var bytes):
            bytes.append(contentsOf: chunk)
            try checkLength(bytes)
            format = .raw(bytes)
        case .lines(var partial):
            // Emptied so that appending does not copy.
            format = .lines([])
            var rest = chunk
            while let newline = rest.firstIndex(of: UInt8(ascii: "\n")) {
                partial.append(contentsOf: rest[..<newline])
                rest = rest[rest.index(after: newline)...]
                try takeLine(partial, take)
                partial.removeAll(keepingCapacity: true)
                line += 1
            }
            partial.append(contentsOf: rest)
            try checkLength(partial)
            format = .lines(partial)
        case .csv(var parser, var header):
            for byte in chunk {
                guard let row = try parser.received(byte) else { continue }
                try takeRow(row, &header, take)
            }
            format = .csv(parser, header)
        }
    }

    mutating func ended(_ take: (InputRecord) throws -> Void) throws {
        if let seen = mark { try cut(seen[...], take) }
        switch format {
        case .raw(let bytes): try take(InputRecord(line: 1, key: nil, value: bytes))
        case .lines(let partial): try takeLine(partial, take)
        case .csv(var parser, var header):
            if let row = try parser.ended() { try takeRow(row, &header, take) }
        }
    }

    private func checkLength(_ bytes: [UInt8]) throws(InputError) {
        guard bytes.count <= InputLimits.recordBytesMax else {
            throw InputError(line: line, sentence: .recordTooLong(bytesMax: InputLimits.recordBytesMax))
        }
    }

    private func takeLine(_ bytes: [UInt8], _ take: (InputRecord) throws -> Void) throws {
        try checkLength(bytes)
        let value = bytes.last == UInt8(ascii: "\r") ? Array(bytes.dropLast()) : bytes
        if value.allSatisfy({ $0 == 0x20 || $0 == 0x09 }) { return }
        try take(try Self.record(value, keyField: keyField, line: line))
    }

    private func takeRow(_ row: CSVParser.Row, _ header: inout CSVHeader?, _ take: (InputRecord) throws -> Void) throws {
        guard let header else {
            header = try CSVHeader(row, of: columns)
            return
        }
        try take(try Self.record(try header.document(row), keyField: keyField, line: row.line))
    }

    /// A document, with the field that its key is taken from.
    static func record(_ value: [UInt8], keyField: String?, line: Int) throws(InputError) -> InputRecord {
        let range: Range<Int>?
        do {
            range = try JSONScanner.scan(value, member: keyField)
        } catch {
            throw InputError(line: line, sentence: .notJSON(offset: error.offset))
        }
        guard let keyField else { return InputRecord(line: line, key: nil, value: value) }
        guard let range else { throw InputError(line: line, sentence: .keyFieldMissing(keyField)) }
        let document = Array(value[range])
        return InputRecord(line: line, key: text(of: document), keyDocument: document, value: value)
    }

    private static func text(of document: [UInt8]) -> [UInt8] {
        guard document.first == UInt8(ascii: "\"") else { return document }
        guard document.contains(UInt8(ascii: "\\")) else { return Array(document.dropFirst().dropLast()) }
        let decoded = try? JSONDecoder().decode(String.self, from: Data(document))
        return decoded.map { Array($0.utf8) } ?? document
    }
}

/// Reads a file or stdin.
struct RecordSource: Sendable {
    /// nil for stdin.
    let path: String?
    let format: InputFormat
    let keyField: String?

    /// - Parameter path: `-` and nil are stdin.
    init(path: String?, format: InputFormat?, keyField: String?) {
        self.path = path == "-" ? nil : path
        self.format = format ?? path.map(InputFormat.init(fileName:)) ?? .jsonl
        self.keyField = keyField
    }

    /// Bytes of the file, for progress; nil for what is no ordinary file.
    var sizeBytes: Int? {
        guard let path, let attributes = try? FileManager.default.attributesOfItem(atPath: path),
            attributes[.type] as? FileAttributeType == .typeRegular
        else { return nil }
        return attributes[.size] as? Int
    }

    /// Calls `take` with the records of each chunk read and the bytes read so far; before an error, with those that came before it.
    func read(columns: [String: JSONTypeSet]? = nil, _ take: (_ records: [InputRecord], _ bytesRead: Int) async throws -> Void) async throws {
        let file = try open()
        defer { if path != nil { close(file) } }
        var splitter = RecordSplitter(format, keyField: keyField, columns: columns)
        var buffer = [UInt8](repeating: 0, count: InputLimits.chunkBytes)
        var total = 0
        while true {
            let count = buffer.withUnsafeMutableBytes { Foundation.read(file, $0.baseAddress, $0.count) }
            if count < 0 {
                if errno == EINTR { continue }
                throw CommandFailure.wrongUsage(.fileUnreadable(path ?? "stdin"))
            }
            total += count
            var records: [InputRecord] = []
            var problem: (any Error)?
            do {
                if count == 0 {
                    try splitter.ended { records.append($0) }
                } else {
                    try splitter.received(buffer[..<count]) { records.append($0) }
                }
            } catch {
                problem = error
            }
            try await take(records, total)
            if let problem { throw problem }
            if count == 0 { return }
        }
    }

    private func open() throws(CommandFailure) -> Int32 {
        guard let path else { return 0 }
        let file = Foundation.open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw .wrongUsage(.fileUnreadable(path)) }
        return file
    }
}
