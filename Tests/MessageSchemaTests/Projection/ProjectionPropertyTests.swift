import Testing

@testable import MessageSchema

/// Random schemas, records and rules: nothing hidden occurs in what is shown, which is what a plain reader of the rules makes of the record,
/// and valid. A failure prints its seed: `ProjectionGenerator(seed:)` makes the same again.
@Suite("Random projections")
struct ProjectionPropertyTests {
    private static let seed = UInt64.random(in: 0...UInt64.max)
    private static let rounds = 150

    /// One record under one set of rules.
    private struct Sample {
        let schema: CompiledSchema
        let payload: [UInt8]
        let tree: ProjectionTree
        let shape: ProjectionShape
        let rules: FieldRules
        /// Values of which the schema does not say what they are.
        let unknown: [ProjectionGenerator.Foreign]
        let place: String
        /// It made the sample, and knows the fields.
        let generator: ProjectionGenerator

        /// The document holds what the schema says nothing about, in the place of a field.
        var isForeign: Bool { schema.source.format == .json && unknown.contains(where: \.isInPlace) }
    }

    private func sample(_ format: SchemaFormat, _ number: Int) throws -> (Sample, ProjectionGenerator) {
        var generator = ProjectionGenerator(seed: Self.seed &+ UInt64(number))
        let shape = generator.record()
        let tree = generator.value(of: shape)
        var unknown: [ProjectionGenerator.Foreign] = []
        let text: String
        let payload: [UInt8]
        var options = SchemaOptions()
        switch format {
        case .json:
            text = generator.jsonSchema(shape)
            // A schema that is closed somewhere refuses members that it does not name.
            payload = Array(generator.json(tree, shape, isOpen: !text.contains("false"), unknown: &unknown).utf8)
        case .avro:
            text = generator.avroSchema(shape)
            payload = generator.avro(tree, shape)
        case .protobuf:
            text = generator.protoSchema(shape)
            var markers: [String] = []
            payload = generator.protobuf(tree, shape, unknown: &markers)
            unknown = markers.map { ProjectionGenerator.Foreign(marker: $0, isInPlace: false) }
            options.unknownFields = .allowed
        }
        let schema = try CompiledSchema(compiling: SchemaSource(format: format, text: text), options: options)
        let rules = generator.rules(for: shape, row: tree)
        let place = "seed \(Self.seed) + \(number), \(format.rawValue): \(text) \(rules) \(format == .json ? String(decoding: payload, as: UTF8.self) : "\(payload)")"
        #expect(schema.violations(in: payload) == [], "\(place)")
        return (Sample(schema: schema, payload: payload, tree: tree, shape: shape, rules: rules, unknown: unknown, place: place, generator: generator), generator)
    }

    @Test("What is shown is what the rules say, valid, and holds nothing of what is hidden", arguments: SchemaFormat.allCases)
    func shown(_ format: SchemaFormat) throws {
        var visible = 0
        for number in 0..<Self.rounds {
            let (sample, _) = try sample(format, number)
            guard !sample.rules.isEmpty else { continue }
            guard let projection = try projection(sample) else { continue }
            let (verdict, output) = projection.apply(sample.payload)
            let naive = NaiveProjection(rules: sample.rules, key: try #require(Shown.key))
            // No branch gives the field such a type, or an element cannot be left out.
            let isRefused = sample.isForeign && [.withheld(.malformed), .withheld(.unmaskable)].contains(verdict)
            guard naive.isRow(sample.tree) else {
                #expect(verdict == .hidden || isRefused, "\(sample.place)")
                continue
            }
            if isRefused { continue }
            #expect(verdict == .visible, "\(sample.place)")
            guard verdict == .visible else { continue }
            visible += 1
            guard sample.rules.restrictsFields else {
                #expect(output == sample.payload)
                continue
            }
            let expected = naive.shown(sample.tree, sample.shape) ?? .object([:])
            let reader = try projection.derivedSchema.map { try CompiledSchema(compiling: $0) } ?? sample.schema
            #expect(reader.violations(in: output) == [], "\(sample.place)")
            if !sample.isForeign { #expect(try ProjectionTree(json: reader.json(of: output)).trimmed == expected.trimmed, "\(sample.place)") }
            try expectNothing(of: sample, expected, in: output)
        }
        #expect(visible > Self.rounds / 4)
    }

    /// nil where the rules leave nothing of an array's items, which Avro cannot say.
    private func projection(_ sample: Sample) throws -> Projection? {
        do throws(ProjectionError) {
            return try Shown.projection(sample.rules, of: sample.schema)
        } catch {
            let isEmptied = error.problems.allSatisfy { $0.message.hasPrefix("nothing would be left of the items") }
            #expect(sample.schema.source.format == .avro && isEmptied, "\(error) \(sample.place)")
            return nil
        }
    }

    /// Markers of what is not shown are nowhere, as bytes or behind escapes.
    private func expectNothing(of sample: Sample, _ expected: ProjectionTree, in output: [UInt8]) throws {
        var shown: Set<String> = []
        Self.texts(of: expected, &shown)
        var published: Set<String> = []
        Self.texts(of: sample.tree, &published)
        let bytes = String(decoding: output, as: UTF8.self)
        var unescaped: Set<String> = []
        if sample.schema.source.format == .json { Self.texts(of: try ProjectionTree(json: output), &unescaped) }
        for marker in published.subtracting(shown).union(sample.unknown.filter { !isNamed($0, in: sample) }.map(\.marker)) where marker.count >= 8 && !marker.hasPrefix(ProjectionGenerator.namePrefix) {
            #expect(!bytes.contains(marker), "\(marker) in \(sample.place)")
            #expect(!unescaped.contains { $0.contains(marker) }, "\(marker) in \(sample.place)")
            guard let number = Int64(marker) else { continue }
            for form in [AvroBytes.long(number), Protobuf.varint(UInt64(number))] {
                #expect(output.firstRange(of: form) == nil, "\(marker) in \(sample.place)")
            }
        }
    }

    /// Whether the allow list names what nobody describes, and no mask leads into it.
    private func isNamed(_ foreign: ProjectionGenerator.Foreign, in sample: Sample) -> Bool {
        guard let field = foreign.field, let path = sample.generator.path(ofField: field, in: sample.shape), let allow = sample.rules.allow else { return false }
        return allow.contains { $0 == path || path.hasPrefix($0 + ".") } && !sample.rules.masks.keys.contains { $0.hasPrefix(path + ".") }
    }

    private static func texts(of tree: ProjectionTree, _ found: inout Set<String>) {
        switch tree {
        case .null, .flag: break
        case .text(let text): found.insert(text)
        case .list(let elements): for element in elements { texts(of: element, &found) }
        case .object(let members):
            for (key, value) in members {
                found.insert(key)
                texts(of: value, &found)
            }
        }
    }

    @Test("Whatever is changed in a payload, what is shown of it is valid, and what the rules say of the record that it then is", arguments: SchemaFormat.allCases)
    func damaged(_ format: SchemaFormat) throws {
        var visible = 0
        for number in 0..<Self.rounds {
            var (sample, generator) = try sample(format, number)
            guard sample.rules.restrictsFields else { continue }
            guard let projection = try projection(sample) else { continue }
            let naive = NaiveProjection(rules: sample.rules, key: try #require(Shown.key))
            let reader = try projection.derivedSchema.map { try CompiledSchema(compiling: $0) } ?? sample.schema
            for _ in 0..<20 {
                var payload = sample.payload
                for _ in 0..<1 + generator.count(1) { JSONMutationTests.mutate(&payload, &generator.random) }
                let (verdict, output) = projection.apply(payload)
                _ = projection.rows(payload)
                _ = projection.apply(payload, framing: .confluent)
                guard verdict == .visible else { continue }
                visible += 1
                #expect(reader.violations(in: output) == [], "\(sample.place) damaged: \(payload)")
                // A reader of the published schema may see less of a damaged record, and never less than is shown.
                guard !sample.isForeign, sample.schema.violations(in: payload).isEmpty, let tree = try? ProjectionTree(json: sample.schema.json(of: payload)) else { continue }
                let expected = naive.shown(tree, sample.shape) ?? .object([:])
                #expect(try ProjectionTree(json: reader.json(of: output)).trimmed == expected.trimmed, "\(sample.place) damaged: \(payload)")
            }
        }
        #expect(visible > Self.rounds / 4)
    }

    @Test("Bytes without any sense never crash, and an empty payload is what the format makes of it", arguments: SchemaFormat.allCases)
    func noise(_ format: SchemaFormat) throws {
        for number in 0..<40 {
            var (sample, generator) = try sample(format, number)
            guard !sample.rules.isEmpty else { continue }
            guard let projection = try projection(sample) else { continue }
            for _ in 0..<50 {
                let noise = (0..<generator.count(60)).map { _ in UInt8.random(in: 0...255, using: &generator.random) }
                for framing in PayloadFraming.allCases {
                    _ = projection.apply(noise, framing: framing)
                    _ = projection.rows(noise, framing: framing)
                }
            }
            for length in 0..<sample.payload.count {
                let (verdict, output) = projection.apply(Array(sample.payload[..<length]))
                #expect(verdict == .visible || output.isEmpty)
                if format != .protobuf { #expect(verdict != .visible || !sample.rules.restrictsFields || length > 0) }
            }
        }
    }

    @Test("A second mask on a value does not compile, however its path is written", arguments: SchemaFormat.allCases)
    func twice(_ format: SchemaFormat) throws {
        var found = 0
        for number in 0..<Self.rounds {
            var (sample, generator) = try sample(format, number)
            guard try projection(sample) != nil, let path = sample.rules.masks.keys.sorted().first else { continue }
            found += 1
            var rules = sample.rules
            rules.masks[generator.otherSpelling(of: path)] = generator.chance(2) ? .drop : rules.masks[path]
            let problems = Shown.problems(rules, under: sample.schema)
            #expect(problems.contains { $0.contains("another mask is on the same value") }, "\(rules) \(sample.place)")
        }
        #expect(found > Self.rounds / 4)
    }
}
