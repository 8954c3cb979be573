import RecordText
import Testing

@Suite("Where the parts of a JSON document stand")
struct JSONScannerTests {
    private func elements(_ text: String, partsMax: Int = 100) throws -> [String]? {
        let bytes = Array(text.utf8)
        guard case .elements(let ranges) = try JSONScanner.parts(of: bytes, partsMax: partsMax) else { return nil }
        return ranges.map { String(decoding: bytes[$0], as: UTF8.self) }
    }

    private func members(_ text: String) throws -> [String: String]? {
        let bytes = Array(text.utf8)
        guard case .members(let members) = try JSONScanner.parts(of: bytes, partsMax: 100) else { return nil }
        return Dictionary(
            uniqueKeysWithValues: members.map {
                (JSONQuoting.text(of: bytes[$0.name]) ?? "?", String(decoding: bytes[$0.value], as: UTF8.self))
            })
    }

    @Test("The elements of an array stand where they were written, spaces left out")
    func arrays() throws {
        #expect(try elements(" [ {\"a\": [1, 2]} ,\n [3] , \"x\" ,null ] ") == ["{\"a\": [1, 2]}", "[3]", "\"x\"", "null"])
        #expect(try elements("[]") == [])
        #expect(try elements("{}") == nil)
        #expect(try elements("[1,2,3]", partsMax: 2) == ["1", "2"])
    }

    @Test("The members of an object, and those of the outermost one only")
    func objects() throws {
        #expect(try members("{\"a\":{\"b\":1}, \"b\" : [2]}") == ["a": "{\"b\":1}", "b": "[2]"])
        #expect(try members(#"{"kh\u00f3a":1}"#) == ["khóa": "1"])
        #expect(try members("[1]") == nil)
    }

    @Test("A document inside others is read in its own range")
    func ranges() throws {
        let bytes = Array("[[1,2],3]".utf8)
        #expect(try JSONScanner.parts(of: bytes, in: 1..<6, partsMax: 9) == .elements([2..<3, 4..<5]))
        #expect(throws: JSONScanner.Failure.self) { try JSONScanner.parts(of: bytes, in: 1..<5, partsMax: 9) }
    }

    @Test("What is no document is refused at the byte that is wrong")
    func failures() {
        for (text, offset) in [("[1,]", 3), ("{\"a\" 1}", 5), ("[1] 2", 4), ("", 0), ("[\"a", 3)] {
            #expect(throws: JSONScanner.Failure.self, "\(text) is wrong at \(offset)") { try JSONScanner.parts(of: Array(text.utf8), partsMax: 9) }
        }
    }

    @Test("Quoting and reading a string give the text back", arguments: ["", "khóa", "a\"b\\c", "\u{1}\n\t\r", "👍🏽", "\u{7F}"])
    func quoting(_ text: String) {
        var bytes: [UInt8] = []
        JSONQuoting.append(text, to: &bytes)
        #expect(JSONQuoting.text(of: bytes) == text)
        #expect(JSONScanner.isDocument(bytes))
    }

    @Test("Escapes are read as RFC 8259 has them, and half a surrogate pair is no text")
    func escapes() {
        #expect(JSONQuoting.text(of: Array(#""\u0111\/\b\f\"\\""#.utf8)) == "đ/\u{8}\u{c}\"\\")
        #expect(JSONQuoting.text(of: Array(#""\ud83d\udc4d""#.utf8)) == "👍")
        #expect(JSONQuoting.text(of: Array(#""\ud83d""#.utf8)) == nil)
        #expect(JSONQuoting.text(of: Array("1".utf8)) == nil)
    }
}
