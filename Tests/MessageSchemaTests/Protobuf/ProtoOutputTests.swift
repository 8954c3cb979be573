import MessageSchema
import Testing

@Suite struct ProtoOutputTests {
    @Test("A text is written in one form, which is read as the same schema", arguments: ProtoTextTests.good)
    func roundTrip(_ text: String) throws {
        let schema = try Protobuf.compile(text)
        let again = try Protobuf.compile(schema.canonicalText)
        #expect(again.canonicalText == schema.canonicalText)
        #expect(again.serializedText == schema.serializedText)
        let normalized = try Protobuf.compile(schema.normalizedText)
        #expect(normalized.normalizedText == schema.normalizedText)
        let fromDescriptor = try Protobuf.compile(#require(schema.serializedText))
        #expect(fromDescriptor.canonicalText == schema.canonicalText)
        #expect(fromDescriptor.serializedText == schema.serializedText)
    }

    @Test("The canonical text has full names, resolved options and no comments, and keeps the order")
    func canonical() throws {
        let schema = try Protobuf.compile("""
            syntax = "proto3"; package a.b; // nothing
            import "hanbridge/options.proto";
            import "google/protobuf/timestamp.proto";
            message M { N n = 2; map<string, N> m = 1 [deprecated=true];
              message N { string id = 1 [(hanbridge.sensitivity) = 'high', (hanbridge.personal) = true]; }
              oneof o { int32 i = 5; google.protobuf.Timestamp t = 4; } optional bool b = 6; reserved 9, 20 to max; reserved "z"; }
            """)
        #expect(schema.canonicalText == """
            syntax = "proto3";
            package a.b;
            import "hanbridge/options.proto";
            import "google/protobuf/timestamp.proto";
            message M {
              .a.b.M.N n = 2;
              map<string, .a.b.M.N> m = 1 [deprecated = true];
              oneof o {
                int32 i = 5;
                .google.protobuf.Timestamp t = 4;
              }
              optional bool b = 6;
              message N {
                string id = 1 [(.hanbridge.personal) = true, (.hanbridge.sensitivity) = "high"];
              }
              reserved 9, 20 to max;
              reserved "z";
            }

            """)
    }

    @Test("Message indexes mean the same in every form", arguments: [
        "message M { map<int32, int32> a = 1; message X { optional int32 a = 1; } map<int32, int32> b = 2; message Y { optional int32 a = 2; } optional group G = 3 { } message Z { optional int32 a = 3; } }",
        "message M { extensions 5 to 9; } message X { } extend M { optional group G = 5 { } optional int32 i = 6; optional group H = 7 { } } message Y { }",
    ])
    func indexes(_ text: String) throws {
        let schema = try Protobuf.compile(text)
        for form in [schema.canonicalText, schema.normalizedText, try #require(schema.serializedText)] {
            #expect(try Protobuf.compile(form).serializedText == schema.serializedText)
        }
    }

    @Test("What has no meaning makes no other normalized text, and what has one does")
    func normalized() throws {
        func normalized(_ body: String) throws -> String { try Protobuf.compile("syntax = \"proto3\"; import \"confluent/meta.proto\"; \(body)").normalizedText }
        let base = try normalized("message M { int32 a = 1; M b = 2 [deprecated = true, (confluent.field_meta).doc = 'x']; reserved 7, 5; }")
        #expect(try normalized("/* a */ message M { reserved 5; reserved 7; .M b = 0x2 [(confluent.field_meta) = { doc: \"\\x78\" }, deprecated = true]; int32 a = 1; }") == base)
        #expect(try normalized("message M { int32 a = 1; M b = 3 [deprecated = true, (confluent.field_meta).doc = 'x']; reserved 7, 5; }") != base)
        #expect(try normalized("message M { int32 a = 1; M b = 2 [deprecated = true, (confluent.field_meta).doc = 'y']; reserved 7, 5; }") != base)
    }

    /// `message Plain { string name = 1; Kind kind = 2; }` and an enum, as protoc writes them.
    @Test("A descriptor in base64 is a schema, as Confluent's Python client registers it")
    func descriptor() throws {
        let schema = try Protobuf.compile("Cgd4LnByb3RvIjAKBVBsYWluEhIKBG5hbWUYASABKAlSBG5hbWUSEwoEa2luZBgCIAEoDjIFLktpbmQqEAoES2luZBIICgROT05FEABiBnByb3RvMw==")
        #expect(Protobuf.verdict([0x0A, 0x01, 0x61], under: schema) == [])
    }

    @Test("What is base64 but no descriptor is refused", arguments: ["AAAA", "////", "CgVhLmIuYw==", "Og==", "IiIiIiIi", "abcd"])
    func noDescriptor(_ text: String) {
        let refusal = Protobuf.refusal(text)
        #expect(refusal == nil || refusal?.hasPrefix("schema.proto") == true)
    }

    @Test("Mutated descriptors never crash", arguments: [1, 2, 3] as [UInt64])
    func mutated(_ seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let text = "syntax = \"proto2\"; package p; import \"hanbridge/options.proto\"; message M { optional group G = 1 { } map<string, M> m = 2; optional E e = 3 [(hanbridge.personal) = true, default = A]; extensions 100 to 200; reserved 7; oneof o { string s = 8; } } enum E { A = 1; } extend M { optional int32 x = 100; } service S { rpc R (M) returns (M); }"
        let serialized = try #require(try Protobuf.compile(text).serializedText)
        let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        for _ in 0..<400 {
            var mutant = Array(serialized.utf8)
            for _ in 0..<Int.random(in: 1...5, using: &random) {
                mutant[Int.random(in: 0..<mutant.count, using: &random)] = digits[Int.random(in: 0..<digits.count, using: &random)]
            }
            _ = Protobuf.refusal(String(decoding: mutant, as: UTF8.self))
        }
    }
}
