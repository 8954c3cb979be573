@testable import MessageSchema
import Testing

/// Avro payloads as JSON, and JSON as Avro payloads.
@Suite("Avro as JSON")
struct AvroJSONTests {
    private func json(_ schema: CompiledSchema, _ payload: [UInt8]) throws(Violation) -> String {
        String(decoding: try schema.json(of: payload), as: UTF8.self)
    }

    private func payload(_ schema: CompiledSchema, _ text: String) throws(Violation) -> [UInt8] { try schema.payload(ofJSON: Array(text.utf8)) }

    private static let optional = #"["null", "string"]"#
    private static let decimal = #"{"type": "bytes", "logicalType": "decimal", "precision": 30, "scale": 2}"#
    private static let fixedDecimal = #"{"type": "fixed", "name": "D", "size": 4, "logicalType": "decimal", "precision": 9, "scale": 3}"#
    private static let record = #"{"type": "record", "name": "a.R", "fields": [{"name": "x", "type": "int"}, {"name": "y", "type": ["null", "a.R"], "default": null}]}"#

    @Test(
        "each kind of value is written and read as the JSON that people expect of it",
        arguments: [
            (#""null""#, "null"), (#""boolean""#, "true"), (#""int""#, "-2147483648"), (#""long""#, "9223372036854775807"),
            (#""float""#, "0.1"), (#""double""#, "1e-07"), (#""double""#, #""NaN""#), (#""float""#, #""-Infinity""#),
            (#""string""#, #""Hải Châu \"1\"\n""#), (#""bytes""#, #""ÿ\u0000a""#), (optional, "null"), (optional, #""x""#),
            (#"{"type": "fixed", "name": "F", "size": 2}"#, #""ab""#), (#"{"type": "enum", "name": "E", "symbols": ["a", "b"]}"#, #""b""#),
            (#"{"type": "array", "items": "int"}"#, "[1,2,3]"), (#"{"type": "array", "items": "null"}"#, "[]"),
            (#"{"type": "map", "values": {"type": "array", "items": "boolean"}}"#, #"{"a":[true],"b":[]}"#),
            (record, #"{"x":1,"y":{"x":2,"y":null}}"#), (#"["int", "string"]"#, #"{"int":5}"#), (#"["null", "int", "long"]"#, #"{"long":5}"#),
            (#"["null", {"type": "map", "values": "string"}]"#, #"{"map":"x"}"#),
            (decimal, #""0.00""#), (decimal, #""-0.01""#), (decimal, #""-1.28""#), (decimal, #""1.28""#), (decimal, #""123456789012345678901234567.89""#),
            (fixedDecimal, #""-999999.999""#), (fixedDecimal, #""0.255""#),
        ])
    func roundTrip(type: String, text: String) throws {
        let schema = try avro(type)
        let payload = try payload(schema, text)
        #expect(schema.accepts(payload))
        #expect(try json(schema, payload) == text)
    }

    @Test("people leave out what has a default or may be null, write values of unions bare, and decimals as numbers")
    func lenient() throws {
        let schema = try avro(
            #"""
            {"type": "record", "name": "R", "fields": [
                {"name": "n", "type": "int", "default": 7}, {"name": "s", "type": ["null", "string"]}, {"name": "u", "type": ["int", "string"]},
                {"name": "d", "type": {"type": "bytes", "logicalType": "decimal", "precision": 4, "scale": 2}}]}
            """#)
        let payload = try payload(schema, #"{"u": "x", "d": 1.5}"#)
        #expect(try json(schema, payload) == #"{"n":7,"s":null,"u":{"string":"x"},"d":"1.50"}"#)
        #expect(try json(schema, self.payload(schema, #"{"s": {"string": "y"}, "u": {"int": 3}, "d": 12}"#)) == #"{"n":7,"s":"y","u":{"int":3},"d":"12.00"}"#)
    }

    @Test(
        "what does not fit is refused with its place and the rule",
        arguments: [
            (#""int""#, "2147483648", " range"), (#""int""#, "1.0", " range"), (#""int""#, #""1""#, " type"), (#""string""#, "1", " type"),
            (#""double""#, #""1""#, " type"), (#""double""#, "1e999", " type"), (#""bytes""#, #""ư""#, " type"),
            (#"{"type": "enum", "name": "E", "symbols": ["a"]}"#, #""b""#, " enum"), (#"{"type": "fixed", "name": "F", "size": 2}"#, #""abc""#, " length"),
            (#"{"type": "array", "items": "int"}"#, #"[1, "2"]"#, "/1 type"), (record, #"{"y": null}"#, " required"),
            (record, #"{"x": 1, "y": {"x": true}}"#, "/y/x type"), (record, #"{"x": 1, "z~/": 1}"#, "/z~0~1 unknown-field"),
            (#"["null", "int"]"#, "true", " type"), (#"["null", "int", "string"]"#, "true", " union"),
            (decimal, #""1.234""#, " decimal"), (decimal, "1e2", " decimal"), (fixedDecimal, #""99999999.000""#, " decimal"),
            (#""int""#, "{", " truncated"), (record, #"{"x": 1, "x": 2}"#, "/x duplicate-key"),
        ])
    func refused(type: String, text: String, fault: String) throws {
        let schema = try avro(type)
        #expect { try payload(schema, text) } throws: { error in
            guard let violation = error as? Violation else { return false }
            #expect("\(violation.path) \(violation.rule)" == fault)
            return true
        }
    }

    @Test("a payload that is not valid is not written as JSON, and one that would be endless neither")
    func unreadable() throws {
        let schema = try avro(#"{"type": "array", "items": {"type": "array", "items": "null"}}"#)
        #expect(throws: Violation.self) { try json(schema, [0x02]) }
        #expect { try json(schema, [0x02] + AvroBytes.long(1 << 61) + [0, 0]) } throws: { ($0 as? Violation)?.rule == "block-count" }
    }

    @Test("a document is as large as it may be, and not a value larger")
    func size() throws {
        let schema = try AvroSchemaParser.parse(SchemaSource(format: .avro, text: #"{"type": "array", "items": "null"}"#, references: []))
        let payload = AvroBytes.long(4) + [0]
        func json(bytesMax: Int) throws -> String {
            let bytes = try payload.withUnsafeBytes { bytes in Result { try AvroDecoding.json(of: bytes, schema, bytesMax: bytesMax) } }.get()
            return String(decoding: bytes, as: UTF8.self)
        }
        // What stands before the last value.
        let bytes = "[null,null,null,".utf8.count
        #expect(try json(bytesMax: bytes) == "[null,null,null,null]")
        #expect { try json(bytesMax: bytes - 1) } throws: { ($0 as? Violation)?.rule == "size" }
    }

    @Test("each symbol of a large enum has its own index, whichever it is")
    func symbols() throws {
        let symbols = (0..<2000).map { "s\($0)" }
        let schema = try avro(#"{"type": "array", "items": {"type": "enum", "name": "e", "symbols": ["# + symbols.map { "\"\($0)\"" }.joined(separator: ",") + "]}}")
        let text = "[" + symbols.reversed().map { "\"\($0)\"" }.joined(separator: ",") + "]"
        #expect(try json(schema, payload(schema, text)) == text)
        #expect(throws: Violation.self) { try payload(schema, #"["s2000"]"#) }
    }

    @Test("random payloads of random schemas survive the way to JSON and back")
    func random() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        for number in 0..<400 {
            var generator = AvroGenerator(seed: seed &+ UInt64(number))
            let type = generator.type()
            let schema = try avro(type.text)
            let original = generator.payload(of: type)
            let place = "seed \(seed) + \(number): \(type.text) \(original)"
            let text = try json(schema, original)
            // Whatever the bytes are, there is an answer.
            _ = try? schema.json(of: generator.mutation(of: original))
            do throws(Violation) {
                let again = try payload(schema, text)
                #expect(schema.faults(again) == [], "\(place)")
                #expect(try json(schema, again) == text, "\(place)")
            } catch {
                // The entries of a map may repeat a key; JSON has no word for it.
                #expect(error.rule == "duplicate-key", "\(place): \(error)")
            }
        }
    }

    @Test("the columns of a record are its fields")
    func columns() throws {
        let schema = try avro(
            #"""
            {"type": "record", "name": "R", "fields": [
                {"name": "i", "type": "int"}, {"name": "d", "type": ["null", "double"]}, {"name": "b", "type": "boolean"}, {"name": "s", "type": "string"},
                {"name": "a", "type": {"type": "array", "items": "int"}}]}
            """#)
        #expect(schema.columns == ["i": .integer, "d": [.null, .number], "b": .boolean, "s": .string, "a": .array])
        #expect(try avro(#""int""#).columns == nil)
    }

    private static func decimal(_ precision: Int, _ scale: Int) -> String {
        #"{"type":"bytes","logicalType":"decimal","precision":\#(precision),"scale":\#(scale)}"#
    }

    @Test(
        "decimals keep every digit, both ways",
        arguments: [
            "0.00", "-0.01", "0.01", "1.28", "-1.28", "-1.27", "2.55", "-2.56", "42949672.95", "42949672.96", "-42949672.96", "21474836.48",
            "9999999.99", "10000000.00", "1000000000.00", "-184467440737095516.16", "184467440737095516.15", "123456789012345678901234567890.12",
        ])
    func decimals(text: String) throws {
        let schema = try avro(Self.decimal(40, 2))
        let bytes = try payload(schema, "\"\(text)\"")
        #expect(schema.faults(bytes) == [])
        #expect(try json(schema, bytes) == "\"\(text)\"")
        // The same behind bytes that only repeat its sign.
        let number = bytes.dropFirst()
        let padding = [UInt8](repeating: (number.first ?? 0) >= 0x80 ? 0xFF : 0, count: 1_000_000)
        #expect(try json(schema, AvroBytes.bytes(padding + number)) == "\"\(text)\"")
    }

    @Test("a decimal has as many digits as its precision, zeros in front not counted; more are refused without work", .timeLimit(.minutes(1)))
    func longDecimals() throws {
        let schema = try avro(Self.decimal(5, 2))
        #expect(try json(schema, payload(schema, #""\#(String(repeating: "0", count: 1_000_000))123.45""#)) == #""123.45""#)
        let million = String(repeating: "9", count: 1_000_000)
        for text in ["1234.56", "12345", "-1234.5", million, "-\(million)", "0.\(million)", "\(million).99"] {
            #expect { try payload(schema, "\"\(text)\"") } throws: { ($0 as? Violation)?.rule == "decimal" }
        }
        let wide = try avro(Self.decimal(SchemaLimits.avroPrecisionMax, 0))
        let widest = String(repeating: "9", count: SchemaLimits.avroPrecisionMax)
        #expect(try json(wide, payload(wide, "\"-\(widest)\"")) == "\"-\(widest)\"")
        #expect { try payload(wide, "\"\(widest)0\"") } throws: { ($0 as? Violation)?.rule == "decimal" }
        #expect(throws: Violation.self) { try json(wide, AvroBytes.bytes([UInt8](repeating: 0x55, count: 1_000_000))) }
    }

    @Test("what its schema refuses and can be read is written as it is")
    func invalid() throws {
        #expect(try json(try avro(#""int""#), AvroBytes.long(1 << 31)) == "2147483648")
        #expect(try json(try avro(#"{"type":"int","logicalType":"time-millis"}"#), AvroBytes.long(-1)) == "-1")
        #expect(try json(try avro(Self.decimal(3, 2)), AvroBytes.bytes([0x40, 0, 0])) == #""41943.04""#)
        let uuid = try avro(#"{"type":"string","logicalType":"uuid"}"#)
        #expect(try json(uuid, AvroBytes.string("x")) == #""x""#)
        #expect(uuid.faults([0x02, 0xFF]) == [" utf8"])
        #expect(throws: Violation.self) { try json(uuid, [0x02, 0xFF]) }
        let coded = try avro(#"{"type":"string","x-codelist":"wards@1"}"#, codes: ["wards@1": ["a"]])
        #expect(try json(coded, AvroBytes.string("b")) == #""b""#)
    }
}
