import MessageSchema
import Testing

@Suite("Avro payloads")
struct AvroPayloadTests {
    private static let enumeration = #"{"type":"enum","name":"E","symbols":["a","b","c"]}"#
    private static let node = #"{"type":"record","name":"Node","fields":[{"name":"next","type":["null","Node"]}]}"#

    @Test(
        "Each type is checked to the last byte",
        arguments: [
            // null, boolean
            (#""null""#, [], []), (#""null""#, [0], [" trailing-bytes"]), (#""boolean""#, [0], []), (#""boolean""#, [1], []),
            (#""boolean""#, [2], [" boolean"]), (#""boolean""#, [], [" truncated"]),
            // int: five bytes, 32 bits
            (#""int""#, [0x7F], []), (#""int""#, [0xFE, 0xFF, 0xFF, 0xFF, 0x0F], []), (#""int""#, [0xFF, 0xFF, 0xFF, 0xFF, 0x0F], []),
            (#""int""#, [0xFF, 0xFF, 0xFF, 0xFF, 0x1F], [" range"]), (#""int""#, [0x80, 0x80, 0x80, 0x80, 0x80, 0x00], [" varint"]),
            (#""int""#, [0x80, 0x80], [" truncated"]), (#""int""#, [], [" truncated"]), (#""int""#, [0, 0], [" trailing-bytes"]),
            // long: ten bytes, 64 bits
            (#""long""#, [0xFE, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01], []),
            (#""long""#, [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x03], [" varint"]),
            (#""long""#, [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00], [" varint"]),
            (#""long""#, [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80], [" truncated"]),
            // A number may be longer than it must be.
            (#""long""#, [0x80, 0x00], []),
            (#""float""#, [1, 2, 3, 4], []), (#""float""#, [1, 2, 3], [" truncated"]), (#""double""#, [1, 2, 3, 4, 5, 6, 7, 8], []),
            (#""double""#, [1, 2, 3, 4, 5, 6, 7], [" truncated"]),
            // bytes, string
            (#""bytes""#, [4, 0xFF, 0x00], []), (#""bytes""#, [4, 0xFF], [" truncated"]), (#""bytes""#, [1], [" length"]),
            (#""bytes""#, [0xFE, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01], [" truncated"]),
            (#""string""#, [6, 0xE1, 0xBB, 0x87], []), (#""string""#, [4, 0xE1, 0xBB], [" utf8"]), (#""string""#, [4, 0xC0, 0x80], [" utf8"]),
            (#""string""#, [6, 0xED, 0xA0, 0x80], [" utf8"]), (#""string""#, [0], []), (#""string""#, [], [" truncated"]),
            // fixed, enum, union
            (#"{"type":"fixed","name":"F","size":3}"#, [1, 2, 3], []), (#"{"type":"fixed","name":"F","size":3}"#, [1, 2], [" truncated"]),
            (enumeration, [4], []), (enumeration, [6], [" enum"]), (enumeration, [1], [" enum"]), (enumeration, [], [" truncated"]),
            (#"["null","int"]"#, [0], []), (#"["null","int"]"#, [2, 8], []), (#"["null","int"]"#, [4], [" union"]), (#"["null","int"]"#, [1], [" union"]),
            (#"["null","int"]"#, [2], [" truncated"]), (#"["int","null"]"#, [0, 8], []), (#"["int","null"]"#, [2], []), (#"["int","null"]"#, [0x82, 0x00], []),
            (#"["int","string","null"]"#, [4], []), (#"["int","string","null"]"#, [2, 2, 0x41], []), (#"["int","string","null"]"#, [6], [" union"]),
            (#"["int","string","null"]"#, [2, 2, 0xFF], [" utf8"]), (#"["null"]"#, [0], []),
        ] as [(String, [UInt8], [String])])
    func values(_ text: String, _ payload: [UInt8], _ faults: [String]) throws {
        let schema = try avro(text)
        #expect(schema.faults(payload) == faults)
        #expect(schema.accepts(payload) == faults.isEmpty)
    }

    @Test(
        "Blocks of arrays and maps have the items and the bytes that they say",
        arguments: [
            (#"{"type":"array","items":"int"}"#, [0], []), (#"{"type":"array","items":"int"}"#, [4, 2, 2, 2, 2, 0], []),
            (#"{"type":"array","items":"int"}"#, [3, 4, 2, 2, 0], []), (#"{"type":"array","items":"int"}"#, [4, 2, 2], [" truncated"]),
            (#"{"type":"array","items":"int"}"#, [3, 6, 2, 2, 0, 0], [" block-size"]), (#"{"type":"array","items":"int"}"#, [3, 2, 2, 2, 0], [" block-size"]),
            (#"{"type":"array","items":"int"}"#, [3, 1, 2, 2, 0], [" block-count"]), (#"{"type":"array","items":"int"}"#, [3, 20, 2, 2, 0], [" truncated"]),
            (#"{"type":"array","items":"int"}"#, [3], [" block-count"]),
            (#"{"type":"array","items":"int"}"#, [4, 2, 0x80], ["/1 truncated"]),
            (#"{"type":"array","items":"string"}"#, [2, 2, 0x41, 4, 2, 0x42, 2, 0xFF, 0], ["/2 utf8"]),
            // 2^62 items, the smallest of longs
            (#"{"type":"array","items":"int"}"#, AvroBytes.long(1 << 62) + [2], [" truncated"]), (#"{"type":"array","items":"int"}"#, AvroBytes.long(.min) + [0, 0], [" block-count"]),
            (#"{"type":"array","items":"null"}"#, AvroBytes.long(1 << 62) + AvroBytes.long(.max) + [0], [" block-count"]),
            (#"{"type":"array","items":"null"}"#, AvroBytes.long(1_000_000) + [0], []), (#"{"type":"array","items":"null"}"#, AvroBytes.long(1_000_001) + [0], [" block-count"]),
            (#"{"type":"array","items":"null"}"#, AvroBytes.long(-1_000_000) + [0] + AvroBytes.long(1) + [0], [" block-count"]),
            (#"{"type":"array","items":"null"}"#, AvroBytes.long(-.max) + [0, 0], [" block-count"]), (#"{"type":"array","items":"null"}"#, [3, 2, 7, 0], [" block-size"]),
            (#"{"type":"array","items":{"type":"record","name":"R","fields":[{"name":"n","type":"null"},{"name":"f","type":{"type":"fixed","name":"F","size":0}}]}}"#, AvroBytes.long(1 << 62) + [0], [" block-count"]),
            (#"{"type":"map","values":"null"}"#, AvroBytes.long(1 << 62) + [0], [" truncated"]),
            (#"{"type":"map","values":"boolean"}"#, [2, 4, 0x61, 0x2F, 1, 0], []), (#"{"type":"map","values":"boolean"}"#, [2, 4, 0x61, 0x2F, 3, 0], ["/a~1 boolean"]),
            (#"{"type":"map","values":"boolean"}"#, [4, 2, 0x61, 7, 2, 0x62, 7, 0], ["/a boolean", "/b boolean"]),
            (#"{"type":"map","values":"boolean"}"#, [2, 2, 0xFF, 1, 0], [" utf8"]), (#"{"type":"map","values":"boolean"}"#, [4, 2, 0x61, 1, 2], [" truncated"]),
        ] as [(String, [UInt8], [String])])
    func blocks(_ text: String, _ payload: [UInt8], _ faults: [String]) throws {
        let schema = try avro(text)
        #expect(schema.faults(payload) == faults)
        #expect(schema.accepts(payload) == faults.isEmpty)
    }

    @Test("A violation is told with the path of fields, items and keys")
    func paths() throws {
        let schema = try avro(
            #"""
            {"type":"record","name":"Top","fields":[
              {"name":"id","type":"string"},
              {"name":"home","type":{"type":"record","name":"Place","fields":[{"name":"lat","type":"double"},{"name":"ok","type":"boolean"}]}},
              {"name":"others","type":{"type":"array","items":"Place"}},
              {"name":"byName","type":{"type":"map","values":["null","Place"]}}
            ]}
            """#)
        let place: [UInt8] = AvroBytes.double(1) + [1]
        let bad: [UInt8] = AvroBytes.double(1) + [9]
        #expect(schema.faults(AvroBytes.string("x") + place + [4] + place + place + [0, 2] + AvroBytes.string("k") + [2] + place + [0]) == [])
        #expect(
            schema.faults([2, 0xFF] + bad + [2] + place + [2] + bad + [0, 4] + AvroBytes.string("k") + [2] + bad + AvroBytes.string("l") + [8]) == [
                "/id utf8", "/home/ok boolean", "/others/1/ok boolean", "/byName/k/ok boolean", "/byName/l union",
            ])
    }

    @Test("No more violations are told than are asked for")
    func violationsMax() throws {
        let schema = try avro(#"{"type":"array","items":"boolean"}"#)
        let payload: [UInt8] = AvroBytes.long(100) + Array(repeating: 2, count: 100) + [0]
        #expect(schema.faults(payload, violationsMax: 1) == ["/0 boolean"])
        #expect(schema.faults(payload).count == SchemaLimits.violationsMax)
    }

    @Test("Values nest up to the limit and no deeper")
    func depth() throws {
        let chain = try avro(Self.node)
        func nodes(_ count: Int) -> [UInt8] { Array(repeating: 2, count: count - 1) + [0] }
        #expect(chain.faults(nodes(SchemaLimits.depthMax)) == [])
        let path = String(repeating: "/next", count: SchemaLimits.depthMax)
        #expect(chain.faults(nodes(SchemaLimits.depthMax + 1)).map { $0.hasSuffix(" depth") } == [true])
        #expect(chain.faults(nodes(1_000_000)).map { $0.hasPrefix(path.prefix(1000)) } == [true])

        let tree = try avro(#"{"type":"record","name":"Tree","fields":[{"name":"children","type":{"type":"array","items":"Tree"}}]}"#)
        func deep(_ count: Int) -> [UInt8] { Array(repeating: 2, count: count) + Array(repeating: 0, count: count + 1) }
        // Each level is a record and an array.
        #expect(tree.faults(deep(SchemaLimits.depthMax / 2 - 1)) == [])
        #expect(tree.faults(deep(SchemaLimits.depthMax / 2)).map { $0.hasSuffix(" depth") } == [true])
        #expect(tree.faults(Array(repeating: 2, count: 100_000)).count == 1)
    }

    private static let decimal = #"{"type":"bytes","logicalType":"decimal","precision":4,"scale":2}"#
    private static let uuid = "6BA7B810-9dad-11d1-80b4-00c04fd430c8"

    @Test(
        "Values of logical types are in their range",
        arguments: [
            (decimal, [4, 0x27, 0x0F], []), (decimal, [4, 0x27, 0x10], [" decimal"]), (decimal, [4, 0xD8, 0xF1], []), (decimal, [4, 0xD8, 0xF0], [" decimal"]),
            (decimal, [8, 0, 0, 0, 1], []), (decimal, [8, 0xFF, 0xFF, 0xFF, 0xFF], []), (decimal, [2, 0x80], []), (decimal, [0], [" decimal"]),
            (#"{"type":"fixed","name":"D","size":2,"logicalType":"decimal","precision":4}"#, [0x27, 0x0F], []),
            (#"{"type":"fixed","name":"D","size":2,"logicalType":"decimal","precision":4}"#, [0x27, 0x10], [" decimal"]),
            (#"{"type":"fixed","name":"D","size":2,"logicalType":"decimal","precision":5}"#, [0x7F, 0xFF], []),
            (#"{"type":"string","logicalType":"uuid"}"#, AvroBytes.string(uuid), []),
            (#"{"type":"string","logicalType":"uuid"}"#, AvroBytes.string(String(uuid.dropLast())), [" uuid"]),
            (#"{"type":"string","logicalType":"uuid"}"#, AvroBytes.string(uuid.replacing("-", with: "0")), [" uuid"]),
            (#"{"type":"string","logicalType":"uuid"}"#, AvroBytes.string(uuid.replacing("9dad", with: "9dag")), [" uuid"]),
            (#"{"type":"int","logicalType":"time-millis"}"#, AvroBytes.long(86_399_999), []), (#"{"type":"int","logicalType":"time-millis"}"#, AvroBytes.long(86_400_000), [" time-millis"]),
            (#"{"type":"int","logicalType":"time-millis"}"#, AvroBytes.long(-1), [" time-millis"]),
            (#"{"type":"long","logicalType":"time-micros"}"#, AvroBytes.long(86_399_999_999), []), (#"{"type":"long","logicalType":"time-micros"}"#, AvroBytes.long(86_400_000_000), [" time-micros"]),
            (#"{"type":"long","logicalType":"timestamp-nanos"}"#, AvroBytes.long(.min), []), (#"{"type":"int","logicalType":"date"}"#, AvroBytes.long(-1), []),
            // An int that is no time of day for having another type is any int.
            (#"{"type":"int","logicalType":"time-micros"}"#, AvroBytes.long(-1), []),
            (#"{"type":"fixed","name":"D","size":12,"logicalType":"duration"}"#, Array(repeating: 0xFF, count: 12), []),
        ] as [(String, [UInt8], [String])])
    func logicalTypes(_ text: String, _ payload: [UInt8], _ faults: [String]) throws {
        let schema = try avro(text)
        #expect(schema.faults(payload) == faults)
        #expect(schema.accepts(payload) == faults.isEmpty)
    }

    @Test("Codes are held to their list, in fields, items and branches of unions")
    func codeLists() throws {
        let text = #"""
            {"type":"record","name":"R","fields":[
              {"name":"ward","type":"string","x-codelist":"wards@3"},
              {"name":"old","type":["null","string"],"x-codelist":"wards@3"},
              {"name":"all","type":{"type":"array","items":{"type":"string","x-codelist":"wards@3"}}},
              {"name":"kind","type":{"type":"enum","name":"K","symbols":["a","b"]},"x-codelist":"kinds@1"}
            ]}
            """#
        let codes = ["wards@3": ["hai-chau", "hòa-khánh"], "kinds@1": ["b", "c"]]
        let schema = try avro(text, codes: codes)
        #expect(Set(schema.codeLists.map(\.description)) == Set(codes.keys))
        let ward = AvroBytes.string("hòa-khánh")
        let other = AvroBytes.string("hoa-khanh")
        #expect(schema.faults(ward + [2] + ward + [2] + ward + [0, 2]) == [])
        #expect(schema.faults(other + [2] + other + [2] + other + [0, 0]) == ["/ward x-codelist", "/old x-codelist", "/all/0 x-codelist", "/kind x-codelist"])
        let error = #expect(throws: SchemaError.self) { try avro(text, codes: ["wards@3": []]) }
        #expect(error?.path == "/fields/3/x-codelist")
        #expect(throws: SchemaError.self) { try avro(#"{"type":"record","name":"R","fields":[{"name":"a","type":"int","x-codelist":"wards@3"}]}"#, codes: codes) }
        #expect(throws: SchemaError.self) { try avro(#"{"type":"record","name":"R","fields":[{"name":"a","type":"string","x-codelist":"wards"}]}"#, codes: codes) }
    }
}
