import Foundation
import MessageSchema
import RecordText
import Sentences
import Testing

@testable import hanbridge

@Suite("Reading records")
struct InputTests {
    private func read(_ text: String, _ format: InputFormat, key: String? = nil, columns: [String: JSONTypeSet]? = nil, chunk: Int = .max) throws -> [InputRecord] {
        var splitter = RecordSplitter(format, keyField: key, columns: columns)
        var records: [InputRecord] = []
        var rest = ArraySlice(Array(text.utf8))
        while !rest.isEmpty {
            try splitter.received(rest.prefix(chunk)) { records.append($0) }
            rest = rest.dropFirst(chunk)
        }
        try splitter.ended { records.append($0) }
        return records
    }

    private func values(_ records: [InputRecord]) -> [String] { records.map { String(decoding: $0.value, as: UTF8.self) } }

    @Test("JSON lines are cut at line breaks however the bytes arrive, empty lines left out")
    func lines() throws {
        let text = "{\"a\":1}\n\r\n{\"a\":\"Đà\"}\r\n  \n[1]"
        for chunk in 1...text.utf8.count {
            let records = try read(text, .jsonl, chunk: chunk)
            #expect(values(records) == ["{\"a\":1}", "{\"a\":\"Đà\"}", "[1]"])
            #expect(records.map(\.line) == [1, 3, 5])
        }
    }

    @Test("what is not JSON is refused with its line", arguments: ["{", "{\"a\":}", "{'a':1}", "01", "\"\u{1}\"", "1 2", "{\"a\":1,}", "nul", "\"\\x\""])
    func notJSON(document: String) {
        #expect { try read("{}\n\(document)\n", .jsonl) } throws: { ($0 as? InputError)?.line == 2 }
    }

    @Test("documents are nested up to the limit and not one deeper")
    func nesting() {
        func nested(_ depth: Int) -> [UInt8] { Array((String(repeating: "[", count: depth) + String(repeating: "]", count: depth)).utf8) }
        #expect(JSONScanner.isDocument(nested(InputLimits.nestingMax + 1)))
        #expect(!JSONScanner.isDocument(nested(InputLimits.nestingMax + 2)))
    }

    @Test("a line is as long as the limit and not a byte longer")
    func lineLength() throws {
        let most = "\"" + String(repeating: "x", count: InputLimits.recordBytesMax - 2) + "\""
        #expect(try read(most, .jsonl).count == 1)
        #expect(throws: InputError.self) { try read("\"x" + most.dropFirst() , .jsonl) }
    }

    @Test("what came before a bad line is handed over before the error")
    func recordsBeforeAnError() async throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "hanbridge-\(UUID()).jsonl")
        defer { try? FileManager.default.removeItem(at: file) }
        for (text, line) in [("{\"a\":1}\n{\"a\":2}\n{\"a\":\n{\"a\":4}\n", 3), ("{\"a\":1}\n{\"a\":2}\nx", 3)] {
            try Data(text.utf8).write(to: file)
            var taken: [Int] = []
            do {
                try await RecordSource(path: file.path, format: nil, keyField: nil).read { records, _ in taken += records.map(\.line) }
                Issue.record("the bad line is taken")
            } catch let error as InputError {
                #expect(error.line == line)
            }
            #expect(taken == [1, 2])
        }
    }

    @Test("the key is the field's text, or another value as it is written; its absence is refused")
    func keys() throws {
        let records = try read("{\"x\":{\"k\":9},\"k\":\"A\\u0042\"}\n{\"k\":12}\n{\"k\":\"ư\"}\n", .jsonl, key: "k")
        #expect(records.map { $0.key.map { String(decoding: $0, as: UTF8.self) } } == ["AB", "12", "ư"])
        #expect { try read("{\"k\":1}\n{\"x\":{\"k\":1}}", .jsonl, key: "k") } throws: { ($0 as? InputError)?.line == 2 }
    }

    @Test("CSV follows RFC 4180, byte by byte: quotes, doubled quotes, line breaks in quotes, CRLF, a byte order mark")
    func csv() throws {
        let text = "\u{FEFF}ward,note,dose:integer,pm25:number,ok:boolean\r\nhai-chau,\"a \"\"b\"\",\nc\",2,0.10,true\r\nsơn,,,,\n"
        for chunk in [1, 7, .max] {
            let records = try read(text, .csv, key: "ward", chunk: chunk)
            #expect(values(records) == ["{\"ward\":\"hai-chau\",\"note\":\"a \\\"b\\\",\\nc\",\"dose\":2,\"pm25\":0.10,\"ok\":true}", "{\"ward\":\"sơn\"}"])
            #expect(records.map(\.line) == [2, 4])
        }
    }

    @Test("the first separator of the header is the file's: comma, semicolon or tab", arguments: [",", ";", "\t"])
    func csvSeparators(separator: String) throws {
        let other = separator == ";" ? "," : ";"
        let text = "\u{FEFF}\"Họ và tên\"\(separator)ward\r\n\"Lê \(separator)C\"\(separator)a\(other)b\r\n"
        for chunk in 1...text.utf8.count {
            let name = separator == "\t" ? "Lê \\tC" : "Lê \(separator)C"
            #expect(values(try read(text, .csv, chunk: chunk)) == ["{\"Họ và tên\":\"\(name)\",\"ward\":\"a\(other)b\"}"])
        }
        #expect(throws: InputError.self) { try read("one\na,b", .csv) }
    }

    @Test("a byte order mark in front of JSON lines is none of the record, and a part of one is refused")
    func byteOrderMark() throws {
        let text = "\u{FEFF}{\"a\":1}\n"
        for chunk in 1...text.utf8.count { #expect(values(try read(text, .jsonl, chunk: chunk)) == ["{\"a\":1}"]) }
        var splitter = RecordSplitter(.jsonl, keyField: nil)
        try splitter.received([0xEF, 0xBB]) { _ in }
        #expect(throws: InputError.self) { try splitter.ended { _ in } }
        var raw = RecordSplitter(.raw, keyField: nil)
        var kept: [UInt8] = []
        try raw.received([0xEF, 0xBB, 0xBF, 0x31]) { _ in }
        try raw.ended { kept = $0.value }
        #expect(kept == [0xEF, 0xBB, 0xBF, 0x31])
    }

    @Test("a cell that looks like a number stays text unless its column says otherwise")
    func csvText() throws {
        #expect(values(try read("citizenId\n148190001234", .csv)) == ["{\"citizenId\":\"148190001234\"}"])
    }

    @Test("the topic's schema says what cells are; a column that it does not have is refused unless its name says what it is")
    func csvColumnsOfASchema() throws {
        let columns: [String: JSONTypeSet] = ["ward": .string, "dose": .integer, "pm25": .number, "ok": .boolean, "place": .object]
        let text = "ward,dose,pm25,ok,place\n7,2,0.10,1,\"{\"\"lat\"\":16.1}\"\n"
        #expect(values(try read(text, .csv, columns: columns)) == ["{\"ward\":\"7\",\"dose\":2,\"pm25\":0.10,\"ok\":true,\"place\":{\"lat\":16.1}}"])
        #expect { try read("ward,dosis\na,1", .csv, columns: columns) } throws: {
            ($0 as? InputError) == InputError(line: 1, sentence: .csvColumnUnknown("dosis", known: ["dose", "ok", "place", "pm25", "ward"]))
        }
        #expect(values(try read("ward,extra:integer,dose:string\na,1,2", .csv, columns: columns)) == ["{\"ward\":\"a\",\"extra\":1,\"dose\":\"2\"}"])
        #expect(values(try read("place,dose\n{,x", .csv, columns: columns)) == ["{\"place\":\"{\",\"dose\":\"x\"}"], "the schema says what is wrong")
    }

    @Test("a key is kept as JSON too, for topics whose keys are typed")
    func keyDocuments() throws {
        let records = try read("{\"k\":\"A\\u0042\"}\n{\"k\":12}\n", .jsonl, key: "k")
        #expect(records.map { $0.keyDocument.map { String(decoding: $0, as: UTF8.self) } } == ["\"A\\u0042\"", "12"])
    }

    @Test(
        "broken CSV is refused with its line",
        arguments: ["a\n\"x", "a\nx\"y", "a\n\"x\"y", "a,b\n1", "a,a\n1,2", ",b\n1,2", "a:date\nx", "a:integer\n1.5", "a:number\n01", "a:number\nNaN", "a:boolean\nyes", "a\nb\rc"])
    func brokenCSV(text: String) {
        #expect(throws: InputError.self) { try read(text, .csv) }
    }

    @Test("a CSV row has as many columns as the limit and not one more")
    func csvColumns() throws {
        func header(_ count: Int) -> String { (0..<count).map { "c\($0)" }.joined(separator: ",") }
        #expect(try read(header(InputLimits.columnsMax), .csv).isEmpty)
        #expect(throws: InputError.self) { try read(header(InputLimits.columnsMax + 1), .csv) }
    }

    @Test("raw is one record, whatever its bytes")
    func raw() throws {
        #expect(values(try read("a\nb\n", .raw)) == ["a\nb\n"])
    }
}
