import MessageSchema
import RecordText
import Testing

@Suite("Cells of a table")
struct CSVHeaderTests {
    private func document(_ header: [String], _ cells: [String], types: (String) -> JSONTypeSet = { _ in .string }) throws -> String {
        let header = try CSVHeader(CSVParser.Row(line: 1, fields: header), types: types)
        return String(decoding: try header.document(CSVParser.Row(line: 2, fields: cells)), as: UTF8.self)
    }

    @Test("A cell is a string unless the column's name says otherwise, and an empty one is absent")
    func names() throws {
        #expect(try document(["id", "dose:integer", "urgent:boolean", "note"], ["0123", "2", "TRUE", ""]) == #"{"id":"0123","dose":2,"urgent":true}"#)
        #expect(throws: InputError.self) { try document(["dose:integer"], ["two"]) }
        #expect(throws: InputError.self) { try document(["dose:float"], ["2"]) }
    }

    @Test("With a schema a cell becomes what the field may be")
    func typed() throws {
        let types: [String: JSONTypeSet] = [
            "id": .string, "dose": .integer, "pm25": [.number, .null], "urgent": .boolean, "tags": .array, "either": [.string, .integer],
        ]
        let text = try document(
            ["id", "dose", "pm25", "urgent", "tags", "either", "unknown"], ["0123", "2", "0.10", "false", "[\"a\"]", "5", "7"]
        ) { types[$0] ?? .all }
        #expect(text == #"{"id":"0123","dose":2,"pm25":0.10,"urgent":false,"tags":["a"],"either":"5","unknown":"7"}"#)
    }

    @Test("A column that the schema does not name is a mistake, unless its name says what it is, or there is no schema")
    func unknownColumns() throws {
        func names(_ header: [String], of schema: [String: JSONTypeSet]?) throws -> [String] {
            try CSVHeader(CSVParser.Row(line: 1, fields: header), of: schema).columns.map(\.name)
        }
        #expect(try names(["id", "more:integer"], of: ["id": .string]) == ["id", "more"])
        #expect(try names(["id", "more"], of: nil) == ["id", "more"])
        #expect(throws: InputError.self) { try names(["Id"], of: ["id": .string, "dose": .integer]) }
    }

    @Test("What cannot be what the schema wants stays a string, for the schema to refuse")
    func mistyped() throws {
        #expect(try document(["dose"], ["007"]) { _ in .integer } == #"{"dose":"007"}"#)
        #expect(try document(["tags"], ["[a"]) { _ in .array } == #"{"tags":"[a"}"#)
        #expect(try document(["urgent"], ["yes"]) { _ in .boolean } == #"{"urgent":"yes"}"#)
    }

    @Test("A column's name at the limit is taken, one byte longer is refused; none twice")
    func limits() throws {
        let longest = String(repeating: "x", count: InputLimits.columnNameBytesMax)
        #expect(try document([longest], ["1"]).utf8.count == longest.utf8.count + 8)
        #expect(throws: InputError.self) { try document([longest + "x"], ["1"]) }
        #expect(throws: InputError.self) { try document(["a", "a"], ["1", "2"]) }
    }
}
