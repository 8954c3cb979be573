import Testing

@testable import MessageSchema

/// What a subscriber sees of an Avro payload, read under the schema that it is said to have.
@Suite("Projections of Avro")
struct AvroProjectionTests {
    private static let person = #"""
        {"type":"record","name":"Person","namespace":"city","fields":[
          {"name":"id","type":"string","x-personal":true},
          {"name":"name","type":["null","string"],"default":null},
          {"name":"born","type":{"type":"int","logicalType":"date"}},
          {"name":"age","type":"int"},
          {"name":"tags","type":{"type":"array","items":"string"}}]}
        """#

    /// 2026-03-14 is day 20526.
    private static let payload =
        AvroBytes.string("048201012345") + [2] + AvroBytes.string("Lê Thị Ánh") + AvroBytes.long(20_526) + AvroBytes.long(41)
        + AvroBytes.long(2) + AvroBytes.string("first") + AvroBytes.string("second") + [0]

    private func shown(_ schema: String, _ payload: [UInt8], _ rules: FieldRules) throws -> String {
        let compiled = try avro(schema)
        do throws(ProjectionError) {
            let projection = try Shown.projection(rules, of: compiled)
            return (try? Shown.text(projection.apply(payload), of: projection, compiled)) ?? "unreadable"
        } catch {
            return error.description
        }
    }

    @Test("Fields are gone from payload and schema")
    func fields() throws {
        #expect(try shown(Self.person, Self.payload, FieldRules(allow: ["age"])) == #"{"age":41}"#)
        #expect(try shown(Self.person, Self.payload, FieldRules(allow: ["tags", "id"])) == #"{"id":"048201012345","tags":["first","second"]}"#)
        #expect(try shown(Self.person, Self.payload, FieldRules(allow: [])) == "{}")
        #expect(try shown(Self.person, Self.payload, FieldRules(masks: ["id": .drop, "name": .drop])) == #"{"born":20526,"age":41,"tags":["first","second"]}"#)
        let projection = try Shown.projection(FieldRules(masks: ["id": .drop]), of: avro(Self.person))
        #expect(
            projection.derivedSchema?.text
                == #"{"type":"record","name":"Person","namespace":"city","fields":[{"name":"name","type":["null","string"],"default":null},{"name":"born","type":{"type":"int","logicalType":"date"}},{"name":"age","type":"int"},{"name":"tags","type":{"type":"array","items":"string"}}]}"#)
    }

    @Test("Masks write values of the type, and the schema stays")
    func masks() throws {
        let schema = try avro(Self.person)
        let rules = FieldRules(masks: ["id": .last4, "name": .redact, "born": .year, "age": .redact, "tags": .redact])
        #expect(try Shown.projection(rules, of: schema).derivedSchema == nil)
        #expect(try shown(Self.person, Self.payload, rules) == #"{"id":"****2345","name":"***","born":20454,"age":0,"tags":["***","***"]}"#)
        let absent = AvroBytes.string("1") + [0] + AvroBytes.long(-1) + AvroBytes.long(0) + [0]
        #expect(try shown(Self.person, absent, rules) == #"{"id":"****","name":null,"born":-365,"age":0,"tags":[]}"#)
    }

    @Test(
        "Every type with what each mask makes of it",
        arguments: [
            (#""boolean""#, [1], FieldRules.Mask.redact, [0]), (#""long""#, AvroBytes.long(-77), .redact, [0]), (#""float""#, AvroBytes.float(1.5), .redact, [0, 0, 0, 0]),
            (#""double""#, AvroBytes.double(1.5), .redact, [0, 0, 0, 0, 0, 0, 0, 0]), (#""bytes""#, AvroBytes.bytes([1, 2]), .redact, [0]),
            (#"{"type":"bytes","logicalType":"decimal","precision":4}"#, AvroBytes.bytes([1, 2]), .redact, [2, 0]),
            (#"{"type":"fixed","name":"F","size":3}"#, [1, 2, 3], .redact, [0, 0, 0]),
            (#"{"type":"enum","name":"E","symbols":["a","b"],"default":"b"}"#, [0], .redact, [2]),
            (#"{"type":"string","logicalType":"uuid"}"#, AvroBytes.string("6ba7b810-9dad-11d1-80b4-00c04fd430c8"), .redact, AvroBytes.string("00000000-0000-0000-0000-000000000000")),
            (#"{"type":"long","logicalType":"timestamp-millis"}"#, AvroBytes.long(1_782_000_000_123), .year, AvroBytes.long(1_767_225_600_000)),
            (#"{"type":"long","logicalType":"local-timestamp-micros"}"#, AvroBytes.long(1_782_000_000_123_456), .year, AvroBytes.long(1_767_225_600_000_000)),
            (#"{"type":"long","logicalType":"timestamp-nanos"}"#, AvroBytes.long(1_782_000_000_123_456_789), .year, AvroBytes.long(1_767_225_600_000_000_000)),
            (#""string""#, AvroBytes.string("2026-03-14T10:00:00Z"), .year, AvroBytes.string("2026-01-01T00:00:00Z")),
        ] as [(String, [UInt8], FieldRules.Mask, [UInt8])])
    func types(_ type: String, _ value: [UInt8], _ mask: FieldRules.Mask, _ masked: [UInt8]) throws {
        let schema = try avro(#"{"type":"record","name":"R","fields":[{"name":"a","type":"int"},{"name":"f","type":\#(type)},{"name":"z","type":"int"}]}"#)
        let projection = try Shown.projection(FieldRules(masks: ["f": mask]), of: schema)
        #expect(projection.derivedSchema == nil)
        let (verdict, output) = projection.apply([2] + value + [4])
        #expect(verdict == .visible)
        #expect(output == [2] + masked + [4])
    }

    @Test("hash: the same value has the same hash in its type's form")
    func hashing() throws {
        let schema = try avro(
            #"{"type":"record","name":"R","fields":[{"name":"s","type":"string"},{"name":"b","type":"bytes"},{"name":"l","type":"long"},{"name":"f","type":{"type":"fixed","name":"F","size":8}},{"name":"u","type":{"type":"string","logicalType":"uuid"}}]}"#)
        let projection = try Shown.projection(FieldRules(masks: ["s": .hash, "b": .hash, "l": .hash, "f": .hash, "u": .hash]), of: schema)
        let payload = AvroBytes.string("12345678") + AvroBytes.bytes(Array("12345678".utf8)) + AvroBytes.long(12_345_678) + Array("12345678".utf8)
            + AvroBytes.string("6ba7b810-9dad-11d1-80b4-00c04fd430c8")
        let code = try #require(Shown.key).code(of: Int64(12_345_678))
        let bytes = code.withBytes { Array($0) }
        let (verdict, output) = projection.apply(payload)
        #expect(verdict == .visible)
        let digits = bytes.prefix(16).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        #expect(Array(output.prefix(33 + 33)) == AvroBytes.string(digits) + AvroBytes.bytes(bytes))
        #expect(Array(output.dropFirst(66).dropLast(37 + 8)) == AvroBytes.long(code.integer53))
        #expect(Array(output.dropLast(37).suffix(8)) == Array(bytes.prefix(8)))
        #expect(output.count == 33 + 33 + AvroBytes.long(code.integer53).count + 8 + 37)
    }

    @Test("Rows: texts, enums, booleans and integers, also in a union and in a field that is gone")
    func rows() throws {
        let schema = #"{"type":"record","name":"R","fields":[{"name":"w","type":["null","string"]},{"name":"e","type":{"type":"enum","name":"E","symbols":["a","b"]}},{"name":"n","type":"long"},{"name":"o","type":"boolean"}]}"#
        let payload = [2] + AvroBytes.string("hai-chau") + [2] + AvroBytes.long(-7) + [1]
        #expect(try shown(schema, payload, FieldRules(allow: ["n"], conditions: ["w": ["son-tra", "hai-chau"], "e": ["b"], "n": ["-7"], "o": ["true"]])) == #"{"n":-7}"#)
        for conditions in [["w": ["x"]], ["e": ["a"]], ["n": ["7"]], ["o": ["false"]], ["w": ["hai-chau"], "e": ["a"]]] {
            #expect(try shown(schema, payload, FieldRules(allow: ["n"], conditions: conditions)) == "hidden")
        }
        #expect(try shown(schema, [0, 0, 0, 0], FieldRules(conditions: ["w": ["", "null"]])) == "hidden")
        let projection = try Shown.projection(FieldRules(conditions: ["o": ["true"]]), of: avro(schema))
        #expect(projection.derivedSchema == nil)
        #expect(projection.apply(payload).1 == payload)
        #expect(projection.rows(payload) == .visible)
        #expect(projection.rows([0, 0, 0, 0]) == .hidden)
        #expect(projection.rows([0, 0, 0, 2]) == .withheld(.malformed))
    }

    @Test("Blocks that name their size are written with the count they have, in arrays and maps, one in the other")
    func blocks() throws {
        let schema = #"{"type":"record","name":"R","fields":[{"name":"m","type":{"type":"map","values":{"type":"array","items":{"type":"record","name":"I","fields":[{"name":"code","type":"string"},{"name":"price","type":"int"}]}}}}]}"#
        let items = AvroBytes.string("secret") + [2] + AvroBytes.string("hidden") + [4]
        let array = AvroBytes.long(-2) + AvroBytes.long(Int64(items.count)) + items + [0]
        let entry = AvroBytes.string("k") + array
        let payload = AvroBytes.long(-1) + AvroBytes.long(Int64(entry.count)) + entry + [0]
        #expect(try shown(schema, payload, FieldRules(allow: ["m.*.price"])) == #"{"m":{"k":[{"price":1},{"price":2}]}}"#)
        #expect(try shown(schema, payload, FieldRules(masks: ["m.*.code": .redact])) == #"{"m":{"k":[{"code":"***","price":1},{"code":"***","price":2}]}}"#)
        let wrong = AvroBytes.long(-1) + AvroBytes.long(Int64(entry.count + 1)) + entry + [0]
        #expect(try shown(schema, wrong, FieldRules(allow: ["m.*.price"])) == "withheld: malformed")
    }

    @Test("A record that is seen in two ways has two names, the first its own; one that is used as it was stays one")
    func names() throws {
        let schema = #"{"type":"record","name":"Case","namespace":"c","fields":[{"name":"owner","type":{"type":"record","name":"P","fields":[{"name":"id","type":"string"},{"name":"n","type":"int"}]}},{"name":"clerk","type":"P"},{"name":"chief","type":["null","P"]}]}"#
        let projection = try Shown.projection(FieldRules(masks: ["owner.id": .drop]), of: avro(schema))
        #expect(
            projection.derivedSchema?.text
                == #"{"type":"record","name":"Case","namespace":"c","fields":[{"name":"owner","type":{"type":"record","name":"P","fields":[{"name":"n","type":"int"}]}},{"name":"clerk","type":{"type":"record","name":"P_2","fields":[{"name":"id","type":"string"},{"name":"n","type":"int"}]}},{"name":"chief","type":["null","P_2"]}]}"#)
        let payload = AvroBytes.string("s") + [2] + AvroBytes.string("t") + [4] + [2] + AvroBytes.string("u") + [6]
        #expect(try shown(schema, payload, FieldRules(masks: ["owner.id": .drop])) == #"{"owner":{"n":1},"clerk":{"id":"t","n":2},"chief":{"id":"u","n":3}}"#)
    }

    @Test("A record that holds itself is followed as far as it goes, and no deeper than the limit")
    func recursion() throws {
        let schema = #"{"type":"record","name":"N","fields":[{"name":"s","type":"string"},{"name":"n","type":["null","N"]}]}"#
        let two = AvroBytes.string("a") + [2] + AvroBytes.string("b") + [0]
        #expect(try shown(schema, two, FieldRules(masks: ["s": .redact])) == #"{"s":"***","n":{"s":"b","n":null}}"#)
        #expect(try shown(schema, two, FieldRules(masks: ["n.s": .drop])) == #"{"s":"a","n":{"n":null}}"#)
        let projection = try Shown.projection(FieldRules(masks: ["s": .redact]), of: avro(schema))
        func nested(_ levels: Int) -> [UInt8] { (1..<levels).flatMap { _ in [0, 2] } + [0, 0] }
        #expect(projection.apply(nested(SchemaLimits.depthMax)).0 == .visible)
        #expect(projection.apply(nested(SchemaLimits.depthMax + 1)).0 == .withheld(.tooDeep))
        #expect(projection.apply(nested(100_000)).0 == .withheld(.tooDeep))
    }

    @Test("Code lists go from masked fields, and the schema with them")
    func codeLists() throws {
        let schema = try avro(
            #"{"type":"record","name":"R","fields":[{"name":"w","type":"string","x-codelist":"wards@1"},{"name":"v","type":{"type":"string","x-codelist":"wards@1"}},{"name":"k","type":"string","x-codelist":"wards@1"}]}"#,
            codes: ["wards@1": ["a"]])
        let projection = try Shown.projection(FieldRules(masks: ["w": .redact, "v": .redact]), of: schema)
        #expect(projection.derivedSchema?.text == #"{"type":"record","name":"R","fields":[{"name":"w","type":"string"},{"name":"v","type":"string"},{"name":"k","type":"string","x-codelist":"wards@1"}]}"#)
        #expect(projection.apply([2, 0x61, 2, 0x61, 2, 0x61]).1 == AvroBytes.string("***") + AvroBytes.string("***") + [2, 0x61])
        #expect(projection.apply([2, 0x61, 2, 0x61, 2, 0x62]).0 == .withheld(.invalid))
    }

    @Test("Items without bytes are counted, not walked")
    func emptyItems() throws {
        let schema = try avro(#"{"type":"record","name":"R","fields":[{"name":"a","type":{"type":"array","items":"null"}},{"name":"s","type":"string"}]}"#)
        let projection = try Shown.projection(FieldRules(masks: ["s": .redact]), of: schema)
        #expect(projection.apply(AvroBytes.long(1_000_000) + [0, 2, 0x61]).0 == .visible)
        #expect(projection.apply(AvroBytes.long(Int64.max) + [0, 2, 0x61]).0 == .withheld(.malformed))
    }
}
