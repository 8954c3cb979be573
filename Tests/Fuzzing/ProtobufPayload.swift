import MessageSchema

/// libFuzzer's entry for Protobuf payloads alone, which finds its way into them faster: the schemas are fixed and compiled once.
private let schemas: [CompiledSchema] = {
    let texts = [
        """
        syntax = "proto3"; enum Open { ZERO = 0; ONE = 1; }
        message All { double f1 = 1; float f2 = 2; int64 f3 = 3; uint64 f4 = 4; int32 f5 = 5; fixed64 f6 = 6; fixed32 f7 = 7; bool f8 = 8;
          string f9 = 9; All f11 = 11; bytes f12 = 12; uint32 f13 = 13; Open f14 = 14; sint32 f17 = 17; sint64 f18 = 18; repeated int32 r = 20;
          repeated fixed64 x = 21; map<string, All> m = 30; oneof o { int32 p = 40; All q = 41; } int32 far = 536870911; }
        """,
        """
        enum Closed { A = 1; B = -5; } message M { required int32 a = 1; optional M m = 2; repeated group G = 3 { required bool on = 1; optional M m = 2; }
          optional Closed c = 4; repeated Closed cs = 5; map<string, N> ns = 7; oneof o { N n = 8; int32 i = 9; } optional N single = 10; extensions 100 to 200; }
        message N { required int32 x = 1; required Closed y = 2; } extend M { optional int32 e = 100; }
        """,
    ]
    return texts.flatMap { text in
        SchemaOptions.UnknownFields.allCases.compactMap { unknownFields in
            var options = SchemaOptions()
            options.unknownFields = unknownFields
            return try? CompiledSchema(compiling: SchemaSource(format: .protobuf, text: text), options: options)
        }
    }
}()

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzProtobufPayload(_ start: UnsafeRawPointer, _ count: Int) -> CInt {
    let payload = UnsafeRawBufferPointer(start: start, count: count)
    for schema in schemas {
        for framing in PayloadFraming.allCases {
            let violations = schema.violations(in: payload, framing: framing)
            precondition(violations.isEmpty == schema.violations(in: payload, framing: framing, violationsMax: 1).isEmpty)
            precondition(violations.count <= SchemaLimits.violationsMax)
        }
    }
    return 0
}
