/// Whether what was written under one schema can be read under another (Avro 1.12, "Schema Resolution"), in the words of Apache's
/// SchemaCompatibility, which Confluent's registry answers with.
///
/// Pairs of types are looked at once, however they are reached: first all pairs that matter are collected, each with the pairs that
/// it needs, and then failure spreads from those that cannot be read to those that need them. What does not fail can be read: that
/// gives recursive types the verdict that unfolding them for ever would give.
struct AvroResolution {
    private let reader: AvroSchema
    private let writer: AvroSchema
    private var pairs: [Pair] = []
    private var numbers: [Pair: Int] = [:]
    private var failed: [Bool] = []
    private var needs: [Need] = []
    /// For each pair, the needs that it can meet.
    private var serves: [[Int]] = []
    /// Fields and branches that were looked at.
    private var steps = 0
    private var isTooLarge = false

    private struct Pair: Hashable {
        let reader: Int
        let writer: Int
    }

    /// A pair that cannot be read once none of its alternatives can.
    private struct Need {
        let owner: Int
        var alternatives: Int
    }

    static func obstacles(reader: AvroSchema, writer: AvroSchema) -> [Incompatibility] {
        var resolution = AvroResolution(reader: reader, writer: writer)
        resolution.collect()
        guard !resolution.isTooLarge else {
            let message = "comparing these schemas takes more than \(SchemaLimits.avroComparisonsMax) steps"
            return [Incompatibility(path: "", rule: "TYPE_MISMATCH", message: message)]
        }
        resolution.spread()
        return resolution.report()
    }

    private init(reader: AvroSchema, writer: AvroSchema) {
        self.reader = reader
        self.writer = writer
    }

    // MARK: Collecting

    private mutating func number(of pair: Pair) -> Int {
        if let known = numbers[pair] { return known }
        numbers[pair] = pairs.count
        pairs.append(pair)
        failed.append(false)
        serves.append([])
        return pairs.count - 1
    }

    private mutating func need(_ owner: Int, _ alternatives: [Pair]) {
        needs.append(Need(owner: owner, alternatives: alternatives.count))
        if alternatives.isEmpty { failed[owner] = true }
        for alternative in alternatives { serves[number(of: alternative)].append(needs.count - 1) }
    }

    private mutating func collect() {
        var next = number(of: Pair(reader: reader.root, writer: writer.root))
        while next < pairs.count {
            collect(next)
            next += 1
            guard steps + pairs.count <= SchemaLimits.avroComparisonsMax else {
                isTooLarge = true
                return
            }
        }
    }

    private mutating func collect(_ owner: Int) {
        let pair = pairs[owner]
        switch (reader.types[pair.reader].kind, writer.types[pair.writer].kind) {
        case (_, .union(let branches)):
            for branch in branches { need(owner, [Pair(reader: pair.reader, writer: branch)]) }
        case (.union(let branches), _):
            steps += branches.count
            need(owner, branches.map { Pair(reader: $0, writer: pair.writer) }.filter { obstacle(of: $0) == nil })
        case (.array(let items), .array(let written)): need(owner, [Pair(reader: items, writer: written)])
        case (.map(let values), .map(let written)): need(owner, [Pair(reader: values, writer: written)])
        case (.record(let fields), .record(let written)):
            if obstacle(of: pair) != nil { failed[owner] = true }
            steps += fields.count + written.count
            let written = WrittenFields(written)
            for field in fields {
                switch written.match(field) {
                case .none: if field.fallback == nil { failed[owner] = true }
                case .several: failed[owner] = true
                case .one(let type): need(owner, [Pair(reader: field.type, writer: type)])
                }
            }
        // Any other two kinds.
        default:
            if obstacle(of: pair) != nil { failed[owner] = true }
        }
    }

    private mutating func spread() {
        var ahead = failed.indices.filter { failed[$0] }
        while let index = ahead.popLast() {
            for need in serves[index] {
                needs[need].alternatives -= 1
                let owner = needs[need].owner
                if needs[need].alternatives == 0, !failed[owner] {
                    failed[owner] = true
                    ahead.append(owner)
                }
            }
        }
    }

    private func fails(_ reader: Int, _ writer: Int) -> Bool {
        numbers[Pair(reader: reader, writer: writer)].map { failed[$0] } ?? true
    }

    // MARK: Telling

    /// Goes down from the roots along what fails, each pair once, and tells what stands in the way there.
    private func report() -> [Incompatibility] {
        var found: [Incompatibility] = []
        var seen: Set<Pair> = []
        var ahead = [(Pair(reader: reader.root, writer: writer.root), "")]
        while let (pair, path) = ahead.popLast(), found.count < SchemaLimits.avroIncompatibilitiesMax {
            guard fails(pair.reader, pair.writer), seen.insert(pair).inserted else { continue }
            var inner: [(Pair, String)] = []
            let read = reader.types[pair.reader].kind
            switch (read, writer.types[pair.writer].kind) {
            case (_, .union(let branches)):
                for (number, branch) in branches.enumerated() where fails(pair.reader, branch) {
                    if case .union = read {
                        found.append(missingBranch(for: branch, at: "\(path)/\(number)"))
                    } else {
                        inner.append((Pair(reader: pair.reader, writer: branch), "\(path)/\(number)"))
                    }
                }
            case (.union, _): found.append(missingBranch(for: pair.writer, at: path))
            case (.array(let items), .array(let written)): inner.append((Pair(reader: items, writer: written), path + "/items"))
            case (.map(let values), .map(let written)): inner.append((Pair(reader: values, writer: written), path + "/values"))
            case (.record(let fields), .record(let written)):
                if let obstacle = obstacle(of: pair) { found.append(obstacle.incompatibility(at: path)) }
                let written = WrittenFields(written)
                for (number, field) in fields.enumerated() {
                    let place = "\(path)/fields/\(number)"
                    switch written.match(field) {
                    case .none: if field.fallback == nil { found.append(missingDefault(of: field, at: place)) }
                    case .several: found.append(severalFields(for: field, at: place))
                    case .one(let type): inner.append((Pair(reader: field.type, writer: type), place + "/type"))
                    }
                }
            // Any other two kinds.
            default:
                if let obstacle = obstacle(of: pair) { found.append(obstacle.incompatibility(at: path)) }
            }
            ahead += inner.reversed()
        }
        return found
    }

    private func missingBranch(for type: Int, at path: String) -> Incompatibility {
        let message = "the reader's union has no branch that reads the writer's \(writer.words(of: type))"
        return Incompatibility(path: path, rule: "MISSING_UNION_BRANCH", message: message)
    }

    private func missingDefault(of field: AvroField, at path: String) -> Incompatibility {
        let message = "the writer has no field \(quoted(field.name)), and the reader's has no default"
        return Incompatibility(path: path, rule: "READER_FIELD_MISSING_DEFAULT_VALUE", message: message)
    }

    private func severalFields(for field: AvroField, at path: String) -> Incompatibility {
        let message = "the name and the aliases of \(quoted(field.name)) fit several fields of the writer"
        return Incompatibility(path: path, rule: "NAME_MISMATCH", message: message)
    }

    // MARK: Two types alone

    /// What stands between two types whatever is inside of them.
    private func obstacle(of pair: Pair) -> AvroObstacle? {
        let read = reader.types[pair.reader]
        let written = writer.types[pair.writer]
        switch (read.kind, written.kind) {
        case (.null, .null), (.boolean, .boolean), (.int, .int), (.long, .long), (.float, .float), (.double, .double), (.string, .string),
            (.array, .array), (.map, .map), (.union, _), (_, .union),
            // What is promoted.
            (.long, .int), (.float, .int), (.float, .long), (.double, .int), (.double, .long), (.double, .float),
            (.string, .bytes), (.bytes, .string):
            return nil
        case (.bytes, .bytes): return decimals(read, written)
        case (.record, .record): return names(read, written)
        case (.enumeration(let symbols), .enumeration(let writtenSymbols)):
            if let obstacle = names(read, written) { return obstacle }
            guard symbols.fallback == nil else { return nil }
            let missing = Set(writtenSymbols.symbols).subtracting(symbols.symbols).sorted()
            return missing.isEmpty ? nil : .symbols(missing)
        case (.fixed(let size), .fixed(let writtenSize)):
            if let obstacle = names(read, written) { return obstacle }
            return size == writtenSize ? decimals(read, written) : .size(reader: size, writer: writtenSize)
        // Any other two kinds.
        default:
            return .kind(reader: read.kind.word, writer: written.kind.word)
        }
    }

    /// Unqualified names match, or an alias of the reader is the writer's full name.
    private func names(_ read: AvroType, _ written: AvroType) -> AvroObstacle? {
        guard let writerName = written.name, read.name?.simple != writerName.simple, !read.aliases.contains(writerName.full) else { return nil }
        return .name(writer: writerName.full)
    }

    /// Two decimals match if their scales and precisions do: 12.50 must not be read as 125.0.
    private func decimals(_ read: AvroType, _ written: AvroType) -> AvroObstacle? {
        guard case .decimal? = read.logicalType, case .decimal? = written.logicalType, read.logicalType != written.logicalType else { return nil }
        return .decimal
    }
}

/// Why two types do not match, whatever is inside of them.
private enum AvroObstacle {
    case kind(reader: String, writer: String)
    case name(writer: String)
    case size(reader: Int, writer: Int)
    case symbols([String])
    case decimal

    func incompatibility(at path: String) -> Incompatibility {
        switch self {
        case .kind(let reader, let writer):
            Incompatibility(path: path, rule: "TYPE_MISMATCH", message: "the reader's type \(reader) does not read the writer's \(writer)")
        case .name(let writer):
            Incompatibility(
                path: path + "/name", rule: "NAME_MISMATCH",
                message: "the writer's type is named \(quoted(writer)), which is neither the name nor an alias of the reader's")
        case .size(let reader, let writer):
            Incompatibility(path: path + "/size", rule: "FIXED_SIZE_MISMATCH", message: "the writer's size is \(writer), the reader's \(reader)")
        case .symbols(let missing):
            Incompatibility(
                path: path + "/symbols", rule: "MISSING_ENUM_SYMBOLS",
                message: "the reader has no default and lacks " + missing.prefix(10).joined(separator: ", ") + (missing.count > 10 ? ", …" : ""))
        case .decimal:
            Incompatibility(path: path, rule: "TYPE_MISMATCH", message: "the decimals have another precision or scale")
        }
    }
}

/// The fields of a written record by name.
private struct WrittenFields {
    private let types: [String: Int]

    enum Match {
        case none
        case one(Int)
        case several
    }

    init(_ fields: [AvroField]) {
        types = Dictionary(fields.map { ($0.name, $0.type) }, uniquingKeysWith: { first, _ in first })
    }

    /// The field that the reader's name or one of its aliases names. Apache's comparison too refuses a choice of several.
    func match(_ field: AvroField) -> Match {
        let found = Set([field.name] + field.aliases).compactMap { types[$0] }
        switch found.count {
        case 0: return .none
        case 1: return .one(found[0])
        default: return .several
        }
    }
}
