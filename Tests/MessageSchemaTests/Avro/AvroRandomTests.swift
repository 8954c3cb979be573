import MessageSchema
import Testing

/// Random schemas with random payloads of theirs. A failure prints its seed: `AvroGenerator(seed:)` makes the same again.
@Suite("Random Avro schemas and payloads")
struct AvroRandomTests {
    private static let seed = UInt64.random(in: 0...UInt64.max)

    @Test("What is encoded under a schema is accepted; cut short or continued it is refused")
    func accepted() throws {
        for number in 0..<300 {
            var generator = AvroGenerator(seed: Self.seed &+ UInt64(number))
            let type = generator.type()
            let schema = try avro(type.text)
            for _ in 0..<5 {
                let payload = generator.payload(of: type)
                let place = "seed \(Self.seed) + \(number): \(type.text) \(payload)"
                #expect(schema.faults(payload) == [], "\(place)")
                #expect(schema.faults(payload + [0]) == [" trailing-bytes"], "\(place)")
                for length in 0..<payload.count {
                    // A value in which the last bytes were no more than the end of a sequence is refused for what is missing.
                    let faults = schema.faults(Array(payload[..<length]))
                    #expect(faults.count == 1, "\(place) cut to \(length)")
                }
            }
        }
    }

    @Test("Whatever is changed in a payload, there is a verdict, and one violation and many agree about it")
    func mutated() throws {
        for number in 0..<200 {
            var generator = AvroGenerator(seed: Self.seed &+ UInt64(number))
            let type = generator.type()
            let schema = try avro(type.text)
            let payload = generator.payload(of: type)
            for _ in 0..<50 {
                let mutated = generator.mutation(of: payload)
                let faults = schema.faults(mutated)
                #expect(schema.accepts(mutated) == faults.isEmpty, "seed \(Self.seed) + \(number): \(type.text) \(mutated)")
                #expect(faults.count <= SchemaLimits.violationsMax)
            }
        }
    }

    @Test("A schema reads what it wrote, and its texts mean the same")
    func texts() throws {
        for number in 0..<200 {
            var generator = AvroGenerator(seed: Self.seed &+ UInt64(number))
            let type = generator.type()
            let schema = try avro(type.text)
            let payload = generator.payload(of: type)
            for text in [schema.canonicalText, schema.normalizedText] {
                let same = try avro(text)
                #expect(same.faults(payload) == [], "seed \(Self.seed) + \(number): \(text)")
                #expect(same.normalizedText == schema.normalizedText, "seed \(Self.seed) + \(number): \(text)")
                #expect(same.incompatibilities(with: [schema], at: .full).isEmpty, "seed \(Self.seed) + \(number): \(text)")
            }
        }
    }

    @Test("Whatever is changed in a schema's text, it compiles or is refused")
    func schemaTexts() {
        for number in 0..<300 {
            var generator = AvroGenerator(seed: Self.seed &+ UInt64(number))
            let text = Array(generator.type().text.utf8)
            for _ in 0..<20 {
                let mutated = String(decoding: generator.mutation(of: text), as: UTF8.self)
                do {
                    let schema = try avro(mutated)
                    _ = schema.faults(generator.bytes(20))
                    _ = schema.incompatibilities(with: [schema], at: .full)
                } catch {
                    #expect(!error.message.isEmpty)
                }
            }
        }
    }
}
