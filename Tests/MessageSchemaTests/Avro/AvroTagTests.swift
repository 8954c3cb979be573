import MessageSchema
import Testing

@Suite("Tags of Avro fields")
struct AvroTagTests {
    @Test("Tagged fields are told by the path in a payload")
    func paths() throws {
        let schema = try avro(
            #"""
            {"type":"record","name":"R","fields":[
              {"name":"citizenId","type":"string","x-personal":true,"x-sensitivity":"high"},
              {"name":"note","type":"string","x-personal":false},
              {"name":"parents","type":{"type":"array","items":{"type":"record","name":"P","fields":[{"name":"name","type":["null","string"],"x-personal":true}]}}},
              {"name":"byRole","type":["null",{"type":"map","values":"P"}]}
            ]}
            """#)
        #expect(
            schema.taggedFields == [
                TaggedField(path: "/citizenId", isPersonal: true, sensitivity: "high"), TaggedField(path: "/parents/*/name", isPersonal: true, sensitivity: nil),
                TaggedField(path: "/byRole/*/name", isPersonal: true, sensitivity: nil),
            ])
    }

    @Test("Where a type contains itself the field that leads back is tagged with all that is inside")
    func recursion() throws {
        let schema = try avro(
            #"""
            {"type":"record","name":"P","fields":[
              {"name":"id","type":"string","x-personal":true,"x-sensitivity":"high"},
              {"name":"children","type":{"type":"array","items":"P"}},
              {"name":"size","type":"int"}
            ]}
            """#)
        #expect(
            schema.taggedFields == [
                TaggedField(path: "/id", isPersonal: true, sensitivity: "high"), TaggedField(path: "/children/*", isPersonal: true, sensitivity: "high"),
            ])
    }

    @Test("More paths to tagged fields than the limit are refused")
    func limit() {
        // Each level is reached twice from the one above it.
        var text = #"{"type":"record","name":"R0","fields":[{"name":"id","type":"int","x-personal":true}]}"#
        for level in 1...20 {
            text = #"{"type":"record","name":"R\#(level)","fields":[{"name":"a","type":\#(text)},{"name":"b","type":"R\#(level - 1)"}]}"#
        }
        #expect(throws: SchemaError.self) { try avro(text) }
    }

    @Test("A path to a tagged field that is too long to be kept whole is refused, never cut")
    func longPath() throws {
        func text(_ length: Int) -> String { #"{"type":"record","name":"R","fields":[{"name":"\#(String(repeating: "f", count: length))","type":{"type":"record","name":"S","fields":[{"name":"id","type":"int","x-personal":true}]}}]}"# }
        let longest = SchemaLimits.pathBytesMax - "//id".utf8.count
        #expect(try avro(text(longest)).taggedFields.map(\.path.utf8.count) == [SchemaLimits.pathBytesMax])
        #expect(throws: SchemaError.self) { try avro(text(longest + 1)) }
    }

    @Test("Tags have the right types", arguments: [#""x-personal":"yes""#, #""x-sensitivity":3"#])
    func types(_ tag: String) {
        #expect(throws: SchemaError.self) { try avro(#"{"type":"record","name":"R","fields":[{"name":"a","type":"int",\#(tag)}]}"#) }
    }
}
