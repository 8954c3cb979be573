import MessageSchema
import Testing

/// Payloads made to break the checker: each is answered in bounded time.
@Suite struct WireHostilityTests {
    static let recursive = "syntax = \"proto3\"; message M { M m = 1; repeated M ms = 2; string s = 3; map<string, M> map = 4; repeated int32 r = 5; }"

    private static func nested(_ depth: Int) -> [UInt8] {
        var payload: [UInt8] = []
        for _ in 0..<depth { payload = Protobuf.field(1, bytes: payload) }
        return payload
    }

    @Test("A hundred messages inside each other pass, one more does not")
    func depth() throws {
        let schema = try Protobuf.compile(Self.recursive)
        #expect(Protobuf.verdict(Self.nested(100), under: schema) == [])
        #expect(Protobuf.verdict(Self.nested(101), under: schema).first?.hasSuffix("/m depth") == true)
        #expect(Protobuf.verdict(Self.nested(20_000), under: schema).first?.hasSuffix("/m depth") == true)
    }

    @Test("Groups count too, known and unknown, 100,000 of them")
    func groups() throws {
        let schema = try Protobuf.compile("message M { optional group G = 1 { optional M m = 1; } }", unknownFields: .allowed)
        for (start, end) in [(UInt8(0x0B), UInt8(0x0C)), (0x13, 0x14)] {
            func payload(_ depth: Int) -> [UInt8] { Array(repeating: start, count: depth) + Array(repeating: end, count: depth) }
            #expect(!Protobuf.verdict(payload(100_000), under: schema).isEmpty)
            #expect(!Protobuf.verdict(Array(repeating: start, count: 100_000), under: schema).isEmpty)
        }
        let unknown = [UInt8](repeating: 0x13, count: 100) + [UInt8](repeating: 0x14, count: 100)
        #expect(Protobuf.verdict(unknown, under: schema) == [])
        #expect(Protobuf.verdict([0x13] + unknown + [0x14], under: schema) == [" syntax"])
    }

    @Test("Ten megabytes of unknown fields are passed over, or refused at the first ones")
    func unknownFields() throws {
        let payload = Array(repeatElement([0xF8, 0x01, 0x01] as [UInt8], count: 3_500_000).joined())
        #expect(Protobuf.verdict(payload, under: try Protobuf.compile(Self.recursive)).count == SchemaLimits.violationsMax)
        #expect(Protobuf.verdict(payload, under: try Protobuf.compile(Self.recursive, unknownFields: .allowed)) == [])
    }

    @Test("Many missing required fields deep inside are found in time that grows with the payload")
    func required() throws {
        let schema = try Protobuf.compile("message M { repeated M ms = 1; optional M m = 2; required int32 r = 3; }")
        let leaf: [UInt8] = [0x18, 0x01]
        var payload = leaf
        for _ in 0..<99 { payload = Protobuf.field(2, bytes: payload) + leaf }
        payload = Array(repeatElement(Protobuf.field(1, bytes: payload), count: 2_000).joined()) + Protobuf.field(1, bytes: [])
        #expect(Protobuf.verdict(payload, under: schema) == ["/ms/2000 required", " required"])
    }

    @Test("A payload cut at any byte is refused, or is whole without its last fields")
    func cut() throws {
        let schema = try Protobuf.compile(WireTests.text)
        let payload = WireTests.cases.filter(\.1.isEmpty).flatMap { Protobuf.bytes($0.0) }
        #expect(Protobuf.verdict(payload, under: schema) == [])
        for length in 0..<payload.count {
            let verdict = Protobuf.verdict(Array(payload[..<length]), under: schema)
            #expect(verdict.isEmpty || verdict.count == 1 && verdict[0].hasSuffix("truncated"), "\(length): \(verdict)")
        }
    }

    @Test("Mutated payloads never crash", arguments: [1, 2, 3] as [UInt64])
    func mutated(_ seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let schemas = try [WireTests.text, Self.recursive, WireTests.proto2].flatMap { text in
            [try Protobuf.compile(text), try Protobuf.compile(text, unknownFields: .allowed)]
        }
        let payload = WireTests.cases.filter(\.1.isEmpty).flatMap { Protobuf.bytes($0.0) }
        for _ in 0..<4_000 {
            var mutant = payload
            for _ in 0..<Int.random(in: 1...6, using: &random) {
                let place = Int.random(in: 0..<mutant.count, using: &random)
                switch Int.random(in: 0..<4, using: &random) {
                case 0: mutant[place] = UInt8.random(in: 0...255, using: &random)
                case 1: mutant[place] ^= 1 << UInt8.random(in: 0...7, using: &random)
                case 2: mutant.remove(at: place)
                default: mutant.insert(UInt8.random(in: 0...255, using: &random), at: place)
                }
            }
            for schema in schemas {
                #expect(Protobuf.verdict(mutant, under: schema, framing: .plain).count <= SchemaLimits.violationsMax)
                _ = Protobuf.verdict(mutant, under: schema, framing: .confluent, violationsMax: 1)
            }
        }
    }

    @Test("Mutated texts and descriptors never crash", arguments: [1, 2] as [UInt64])
    func mutatedTexts(_ seed: UInt64) {
        var random = SplitMix64(seed: seed)
        for text in ProtoTextTests.good where !text.isEmpty {
            for _ in 0..<40 {
                var mutant = Array(text.utf8)
                for _ in 0..<Int.random(in: 1...4, using: &random) {
                    let place = Int.random(in: 0..<mutant.count, using: &random)
                    mutant[place] = UInt8.random(in: 0x09...0x7E, using: &random)
                }
                _ = Protobuf.refusal(String(decoding: mutant, as: UTF8.self))
            }
        }
    }
}
