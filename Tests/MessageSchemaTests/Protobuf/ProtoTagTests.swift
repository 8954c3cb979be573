import MessageSchema
import Testing

@Suite struct ProtoTagTests {
    static let text = """
        syntax = "proto3";
        import "hanbridge/options.proto"; import "confluent/meta.proto";
        message Enrolment {
          string pupil = 1 [(hanbridge.personal) = true, (hanbridge.sensitivity) = "high"];
          repeated Parent parents = 2; map<string, Parent> guardians = 3;
          string school = 4 [(hanbridge.sensitivity) = "low"];
          string phone = 5 [(confluent.field_meta).tags = "PII"];
          string address = 6 [(confluent.field_meta) = { tags: ["internal"], params: [{ key: "x-personal", value: "true" }, { key: "x-sensitivity", value: "high" }] }];
          string ward = 7 [(hanbridge.codelist) = "wards@3"];
          repeated string wards = 8 [(confluent.field_meta).params = { key: "x-codelist" value: "wards@3" }];
          bool plain = 9 [(hanbridge.personal) = false];
          message Parent { string citizen_id = 1 [(hanbridge.personal) = true]; Enrolment other = 2; }
        }
        """

    @Test("Options tag fields, ours and Confluent's, and types inside themselves are followed once")
    func tags() throws {
        let schema = try Protobuf.compile(Self.text, codes: ["wards@3": ["hai-chau"]])
        #expect(schema.taggedFields.map { "\($0.path) \($0.isPersonal) \($0.sensitivity ?? "-")" } == [
            "/pupil true high", "/parents/*/citizen_id true -", "/guardians/*/citizen_id true -", "/school false low", "/phone true -", "/address true high",
        ])
        #expect(schema.codeLists == [CodeListName(subject: "wards", version: 3)])
    }

    @Test("The same tags are read from a descriptor")
    func descriptor() throws {
        let codes: [String: Set<String>] = ["wards@3": ["hai-chau"]]
        let schema = try Protobuf.compile(Self.text, codes: codes)
        let same = try Protobuf.compile(#require(schema.serializedText), codes: codes)
        #expect(same.taggedFields == schema.taggedFields)
        #expect(same.codeLists == schema.codeLists)
    }

    @Test("Values are held to the code list, each element of a repeated field too")
    func codes() throws {
        let many = Set((0..<1_000).map { "code-\($0)" }).union(["hai-chau", ""])
        let schema = try Protobuf.compile(Self.text, codes: ["wards@3": many])
        func ward(_ text: String) -> [UInt8] { Protobuf.field(7, bytes: Array(text.utf8)) }
        for code in many { #expect(Protobuf.verdict(ward(code), under: schema) == []) }
        #expect(Protobuf.verdict(ward("son-tra"), under: schema) == ["/ward x-codelist"])
        #expect(Protobuf.verdict(ward("hai-cha"), under: schema) == ["/ward x-codelist"])
        #expect(Protobuf.verdict(Protobuf.field(8, bytes: Array("hai-chau".utf8)) + Protobuf.field(8, bytes: [0x78]), under: schema) == ["/wards/1 x-codelist"])
        #expect(Protobuf.verdict([], under: schema) == [])
        let none = try Protobuf.compile(Self.text, codes: ["wards@3": []])
        #expect(Protobuf.verdict(ward("hai-chau"), under: none) == ["/ward x-codelist"])
    }

    @Test("A code list must be there, have a version and stand at a text", arguments: [
        ("string w = 1 [(hanbridge.codelist) = 'nowhere@1'];", "there is no code list nowhere@1"), ("string w = 1 [(hanbridge.codelist) = 'wards'];", "with its version"),
        ("int32 w = 1 [(hanbridge.codelist) = 'wards@3'];", "of type string"),
    ])
    func refusals(_ field: String, _ reason: String) throws {
        let text = "syntax = \"proto3\"; import \"hanbridge/options.proto\"; message M { \(field) }"
        #expect(try #require(Protobuf.refusal(text)).contains(reason))
    }

    @Test("Types that hold each other in many ways multiply the paths up to a limit")
    func manyPaths() {
        let levels = (0..<20).map { "message L\($0) { L\($0 + 1) a = 1; L\($0 + 1) b = 2; }" }.joined()
        let text = "syntax = \"proto3\"; import \"hanbridge/options.proto\"; \(levels) message L20 { string s = 1 [(hanbridge.personal) = true]; }"
        #expect(Protobuf.refusal(text)?.contains("at most 10000 paths") == true)
        #expect(Protobuf.refusal(text.replacing(" [(hanbridge.personal) = true]", with: "")) == nil)
    }

    @Test("Types that all hold each other, one of them tagged, are given up on in bounded time")
    func denseTypes() {
        let fields = (0..<18).map { "M\($0) f\($0) = \($0 + 1);" }.joined()
        let messages = (0..<18).map { "message M\($0) { \($0 == 0 ? "string s = 99 [(hanbridge.personal) = true];" : "") \(fields) }" }.joined()
        #expect(Protobuf.refusal("syntax = \"proto3\"; import \"hanbridge/options.proto\"; \(messages)")?.contains("paths to fields") == true)
    }
}
