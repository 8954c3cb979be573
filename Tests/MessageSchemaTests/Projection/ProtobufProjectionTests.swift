import Testing

@testable import MessageSchema

/// What a subscriber sees of a Protobuf payload.
@Suite("Projections of Protobuf")
struct ProtobufProjectionTests {
    private static let person = """
        syntax = "proto3";
        package city;
        import "google/protobuf/timestamp.proto";
        import "google/protobuf/any.proto";
        import "google/type/date.proto";
        message Person {
          string id = 1;
          string name = 2;
          int32 age = 3;
          repeated sint64 readings = 4;
          Address address = 5;
          map<string, Address> homes = 6;
          google.protobuf.Timestamp seen = 7;
          google.type.Date born = 8;
          google.protobuf.Any extra = 9;
          oneof contact { string mail = 10; string phone = 11; }
          bytes photo = 12;
          Kind kind = 13;
          bool on = 14;
          fixed64 serial = 15;
          double weight = 16;
        }
        message Address { string ward = 1; string street = 2; }
        enum Kind { NONE = 0; CITIZEN = 1; }
        """

    private static func text(_ number: UInt64, _ value: String) -> [UInt8] { Protobuf.field(number, bytes: Array(value.utf8)) }
    private static func varint(_ number: UInt64, _ value: UInt64) -> [UInt8] { Protobuf.varint(number << 3) + Protobuf.varint(value) }

    private func shown(_ payload: [UInt8], _ rules: FieldRules, schema: String = Self.person, framing: PayloadFraming = .plain) throws -> String {
        let compiled = try Protobuf.compile(schema)
        do throws(ProjectionError) {
            let projection = try Shown.projection(rules, of: compiled)
            return (try? Shown.text(projection.apply(payload, framing: framing), of: projection, compiled)) ?? "unreadable"
        } catch {
            return error.description
        }
    }

    @Test("Fields are gone, unknown ones with them")
    func fields() throws {
        let payload = Self.text(1, "048201012345") + Self.text(99, "unknown") + Self.text(2, "Ánh") + Self.varint(3, 41)
        #expect(try shown(payload, FieldRules(allow: ["name"])) == #"{"name":"Ánh"}"#)
        #expect(try shown(payload, FieldRules(allow: [])) == "{}")
        #expect(try shown(payload, FieldRules(masks: ["id": .drop])) == #"{"name":"Ánh","age":41}"#)
        let projection = try Shown.projection(FieldRules(masks: ["photo": .drop]), of: Protobuf.compile(Self.person, unknownFields: .allowed))
        #expect(projection.apply(payload).1 == Self.text(1, "048201012345") + Self.text(2, "Ánh") + Self.varint(3, 41))
    }

    @Test("The schema of what is shown has no such fields, and keeps their numbers and names from being used again")
    func derived() throws {
        let schema = try Protobuf.compile(
            """
            syntax = "proto2"; package p; import "hanbridge/options.proto";
            message M { required string id = 1 [(hanbridge.personal) = true]; required int32 n = 2; map<string, string> m = 3; message Inner { optional string a = 1; }
              oneof o { string x = 4; string y = 5; } optional group G = 6 { optional string s = 1; optional string t = 2; } reserved 9; }
            """)
        let projection = try Shown.projection(FieldRules(masks: ["id": .drop, "m": .drop, "x": .drop, "g.s": .drop]), of: schema)
        #expect(
            projection.derivedSchema?.text == """
                syntax = "proto2";
                package p;
                import "hanbridge/options.proto";
                message M {
                  required int32 n = 2;
                  oneof o {
                    string y = 5;
                  }
                  message MEntry {
                  }
                  message Inner {
                    optional string a = 1;
                  }
                  optional group G = 6 {
                    optional string t = 2;
                    reserved 1;
                    reserved "s";
                  }
                  reserved 9, 1, 3, 4;
                  reserved "id", "m", "x";
                }

                """)
        let payload = Self.text(1, "secret") + Self.varint(2, 7) + Protobuf.bytes("33") + Self.text(1, "secret") + Self.text(2, "t") + Protobuf.bytes("34")
        #expect(projection.apply(payload).1 == Self.varint(2, 7) + Protobuf.bytes("33") + Self.text(2, "t") + Protobuf.bytes("34"))
        #expect(projection.exposedTaggedFields.isEmpty)
    }

    @Test("A required field that is gone in one place and not in another becomes optional")
    func required() throws {
        let schema = try Protobuf.compile(#"syntax = "proto2"; message M { optional P a = 1; optional P b = 2; } message P { required string id = 1; }"#)
        let projection = try Shown.projection(FieldRules(masks: ["a.id": .drop]), of: schema)
        #expect(projection.derivedSchema?.text.contains("optional string id = 1;") == true)
        let inner = Protobuf.field(1, bytes: Self.text(1, "s"))
        #expect(projection.apply(inner + Protobuf.field(2, bytes: Self.text(1, "s"))).1 == [0x0A, 0] + Protobuf.field(2, bytes: Self.text(1, "s")))
    }

    @Test("Masks write values of the type, and the schema stays")
    func masks() throws {
        let payload = Self.text(1, "048201012345") + Self.varint(3, 41) + Protobuf.field(4, bytes: [2, 4, 6]) + Self.varint(4, 9) + Protobuf.field(12, bytes: [1, 2])
            + Self.varint(13, 1) + Self.varint(14, 1) + Protobuf.bytes("79 0102030405060708") + Protobuf.bytes("8101 0102030405060708")
        let rules = FieldRules(
            masks: ["id": .redact, "age": .redact, "readings": .redact, "photo": .redact, "kind": .redact, "on": .redact, "serial": .redact, "weight": .redact])
        // Without the Any, which is gone wherever fields are masked.
        let projection = try Shown.projection(rules, of: Protobuf.compile(Self.person.replacing("google.protobuf.Any extra = 9;", with: "")))
        #expect(projection.derivedSchema == nil)
        #expect(
            projection.apply(payload).1
                == Self.text(1, "***") + Self.varint(3, 0) + Protobuf.field(4, bytes: [0, 0, 0]) + Self.varint(4, 0) + Protobuf.field(12, bytes: [])
                + Self.varint(13, 0) + Self.varint(14, 0) + Protobuf.bytes("79 0000000000000000") + Protobuf.bytes("8101 0000000000000000"))
        #expect(try shown(payload, FieldRules(allow: ["id"], masks: ["id": .last4])) == #"{"id":"****2345"}"#)
    }

    @Test("hash in texts, bytes and integers of 64 bits, packed too")
    func hashing() throws {
        let projection = try Shown.projection(FieldRules(allow: ["id", "readings", "serial", "photo"], masks: ["id": .hash, "readings": .hash, "serial": .hash, "photo": .hash]), of: Protobuf.compile(Self.person))
        let key = try #require(Shown.key)
        let code = key.code(of: Int64(5))
        let bytes = code.withBytes { Array($0) }
        let digits = bytes.prefix(16).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        let number = Protobuf.varint(UInt64(code.integer53) << 1)
        #expect(projection.apply(Self.text(1, "5")).1 == Self.text(1, digits))
        #expect(projection.apply(Protobuf.field(12, bytes: [0x35])).1 == Protobuf.field(12, bytes: bytes))
        #expect(projection.apply(Self.varint(4, 10)).1 == Protobuf.varint(4 << 3) + number)
        #expect(projection.apply(Protobuf.field(4, bytes: [10, 10])).1 == Protobuf.field(4, bytes: number + number))
        #expect(projection.apply(Protobuf.bytes("79 0500000000000000")).1 == [0x79] + (0..<8).map { UInt8(truncatingIfNeeded: code.integer53 >> (8 * $0)) })
    }

    @Test("year of a Timestamp, a Date and a text")
    func years() throws {
        let seen = Protobuf.field(7, bytes: Self.varint(1, 1_782_000_000) + Self.varint(2, 5))
        #expect(try shown(seen, FieldRules(allow: ["seen"], masks: ["seen": .year])) == #"{"seen":"2026-01-01T00:00:00Z"}"#)
        let born = Protobuf.field(8, bytes: Self.varint(1, 1985) + Self.varint(2, 3) + Self.varint(3, 14))
        #expect(try shown(born, FieldRules(allow: ["born"], masks: ["born": .year])) == #"{"born":{"year":1985}}"#)
        #expect(try shown(Self.text(1, "1985-03-14"), FieldRules(allow: ["id"], masks: ["id": .year])) == #"{"id":"1985-01-01"}"#)
        // Before 1970 seconds are negative, ten bytes of them.
        let before = Protobuf.field(7, bytes: Self.varint(1, UInt64(bitPattern: -1)))
        #expect(try shown(before, FieldRules(masks: ["seen": .year])) == #"{"seen":"1969-01-01T00:00:00Z"}"#)
        // Two that a reader merges: the second says nothing of seconds, and must not bring back 1970.
        let merged = seen + Protobuf.field(7, bytes: Self.varint(2, 9))
        #expect(try shown(merged, FieldRules(masks: ["seen": .year])) == #"{"seen":"2026-01-01T00:00:00Z"}"#)
    }

    @Test("Messages inside: lengths are written anew, also where they grow past a byte")
    func messages() throws {
        let address = Self.text(1, "hai-chau") + Self.text(2, "12 Lê Lợi")
        #expect(try shown(Protobuf.field(5, bytes: address), FieldRules(allow: ["address.ward"])) == #"{"address":{"ward":"hai-chau"}}"#)
        let home = Protobuf.field(6, bytes: Self.text(1, "k") + Protobuf.field(2, bytes: address))
        #expect(try shown(home, FieldRules(allow: ["homes.*.ward"])) == #"{"homes":{"k":{"ward":"hai-chau"}}}"#)
        #expect(try shown(home, FieldRules(masks: ["homes.*.street": .redact])) == #"{"homes":{"k":{"ward":"hai-chau","street":"***"}}}"#)
        let schema = #"syntax = "proto3"; message M { I i = 1; } message I { repeated string s = 1; string t = 2; }"#
        let short = Protobuf.field(1, bytes: (0..<10).flatMap { _ in Self.text(1, "ab") })
        let grown = try Shown.projection(FieldRules(masks: ["i.s": .hash]), of: Protobuf.compile(schema)).apply(short)
        #expect(grown.1.count == 3 + 10 * 34)
        let long = Protobuf.field(1, bytes: Self.text(2, String(repeating: "x", count: 300)) + Self.text(1, "a"))
        #expect(try Shown.projection(FieldRules(masks: ["i.t": .drop]), of: Protobuf.compile(schema)).apply(long).1 == Protobuf.field(1, bytes: Self.text(1, "a")))
    }

    @Test("Any is shown only where the allow list names it")
    func any() throws {
        let extra = Protobuf.field(9, bytes: Self.text(1, "type.googleapis.com/city.Person") + Protobuf.field(2, bytes: Self.text(1, "048201012345")))
        let projection = try Shown.projection(FieldRules(masks: ["id": .redact]), of: Protobuf.compile(Self.person))
        #expect(projection.apply(extra).1 == [])
        #expect(projection.droppedFields == ["extra"])
        #expect(try Shown.projection(FieldRules(allow: ["extra"]), of: Protobuf.compile(Self.person)).apply(extra).1 == extra)
    }

    @Test("Rows: the last value of a field counts, and the last member of a oneof")
    func rows() throws {
        let rules = FieldRules(allow: ["age"], conditions: ["mail": ["a"]])
        #expect(try shown(Self.varint(3, 1) + Self.text(10, "a"), rules) == #"{"age":1}"#)
        #expect(try shown(Self.text(10, "b") + Self.text(10, "a"), rules) == "{}")
        #expect(try shown(Self.text(10, "a") + Self.text(10, "b"), rules) == "hidden")
        #expect(try shown(Self.text(10, "a") + Self.text(11, "a"), rules) == "hidden")
        #expect(try shown(Self.text(11, "a") + Self.text(10, "a"), rules) == "{}")
        #expect(try shown([], rules) == "hidden")
        let inner = FieldRules(allow: ["age"], conditions: ["address.ward": ["x"]])
        #expect(try shown(Protobuf.field(5, bytes: Self.text(1, "x")) + Protobuf.field(5, bytes: Self.text(2, "y")), inner) == "{}")
        #expect(try shown(Protobuf.field(5, bytes: Self.text(1, "x")) + Protobuf.field(5, bytes: Self.text(1, "y")), inner) == "hidden")
        for (conditions, payload) in [
            (["kind": ["CITIZEN"]], Self.varint(13, 1)), (["on": ["true"]], Self.varint(14, 1)), (["age": ["-3"]], Self.varint(3, UInt64(bitPattern: -3))),
            (["serial": ["5"]], Protobuf.bytes("79 0500000000000000")),
        ] {
            #expect(try shown(payload, FieldRules(conditions: conditions)) != "hidden")
            #expect(try shown([], FieldRules(conditions: conditions)) == "hidden")
        }
    }

    @Test("Message indexes choose the message; under one that lacks the fields nothing is shown")
    func indexes() throws {
        let schema = #"syntax = "proto3"; message Other { int32 n = 1; } message M { string id = 1; message In { string id = 1; string x = 2; } }"#
        let projection = try Shown.projection(FieldRules(masks: ["id": .redact]), of: Protobuf.compile(schema))
        #expect(projection.apply([2, 2] + Self.text(1, "s"), framing: .confluent).1 == [2, 2] + Self.text(1, "***"))
        #expect(projection.apply([4, 2, 0] + Self.text(1, "s") + Self.text(2, "t"), framing: .confluent).1 == [4, 2, 0] + Self.text(1, "***") + Self.text(2, "t"))
        #expect(projection.apply([0] + Self.varint(1, 5), framing: .confluent).0 == .withheld(.unknownMessage))
        #expect(projection.apply([8, 2], framing: .confluent).0 == .withheld(.malformed))
        #expect(projection.apply(Self.varint(1, 5)).0 == .withheld(.unknownMessage))
    }

    @Test("A known field under another wire type is taken for an unknown one")
    func wireTypes() throws {
        #expect(try shown(Self.varint(1, 77) + Self.text(2, "a"), FieldRules(masks: ["id": .redact])) == #"{"name":"a"}"#)
    }

    @Test("Depth: at the limit shown, past it withheld")
    func depth() throws {
        let projection = try Shown.projection(FieldRules(masks: ["s": .redact]), of: Protobuf.compile(#"syntax = "proto3"; message N { N n = 1; string s = 2; }"#))
        func nested(_ levels: Int) -> [UInt8] { (0..<levels).reduce([]) { inner, _ in Protobuf.field(1, bytes: inner) } }
        #expect(projection.apply(nested(ProtoLimits.payloadDepthMax)).0 == .visible)
        #expect(projection.apply(nested(ProtoLimits.payloadDepthMax + 1)).0 == .withheld(.tooDeep))
    }
}
