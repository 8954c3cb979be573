/// A plan laid out for one pass over raw bytes, reached by pointers as `FastProgram` is.
///
/// Sendable because nothing is written after `init`; the memory lives as long as the object.
final class JSONProjector: @unchecked Sendable {
    let nodes: UnsafeMutablePointer<JSONProjectedNode>
    let keys: UnsafeMutablePointer<FastKey>
    /// For each key the bits of the conditions that lead through it.
    let bytes: UnsafeMutablePointer<UInt8>
    let indices: UnsafeMutablePointer<Int32>
    let conditions: [RowCondition]
    let patterns: [Pattern]
    /// A bit for each condition.
    let allConditions: UInt64
    let hashKey: HashKey?
    /// Nothing is written but whole records.
    let onlyRows: Bool

    init(_ plan: JSONPlan, _ code: SchemaCode, _ rules: RuleSet) {
        var layout = Layout()
        for node in plan.nodes { layout.add(node, code, rules) }
        nodes = FastProgram.copy(layout.nodes)
        keys = FastProgram.copy(layout.keys)
        bytes = FastProgram.copy(layout.bytes + [UInt8](repeating: 0, count: 8))
        indices = FastProgram.copy(layout.indices)
        conditions = rules.conditions
        patterns = code.patterns
        allConditions = (1 << UInt64(rules.conditions.count)) - 1
        hashKey = rules.hashKey
        onlyRows = !rules.restrictsFields
    }

    deinit {
        nodes.deallocate()
        keys.deallocate()
        bytes.deallocate()
        indices.deallocate()
    }

    /// - Returns: `visible` with what is shown in `output`; otherwise what stands in `output` behind its beginning means nothing.
    func project(_ payload: UnsafeRawBufferPointer, writes: Bool, into output: inout ProjectionBuffer) -> ProjectionVerdict {
        guard payload.count <= SchemaLimits.jsonBytesMax, let cursor = JSONCursor(payload) else { return .withheld(.malformed) }
        var walk = JSONProjectionWalk(self, cursor, writes: writes && !onlyRows)
        let verdict = walk.run(into: &output)
        if verdict == .visible, writes, onlyRows { output.append(payload) }
        return verdict
    }

    /// The node of a member whose name the schema does not have; -1 where it is dropped.
    func other(_ node: UnsafeMutablePointer<JSONProjectedNode>, _ name: UnsafeRawBufferPointer) -> Int32 {
        let range = node.pointee.otherPatterns
        guard range.count > 0, node.pointee.other >= 0 else { return node.pointee.other }
        for position in Int(range.start)..<Int(range.start + range.count) where patterns[Int(indices[position])].search(in: name) == .found {
            return node.pointee.other
        }
        return -1
    }

    private struct Layout {
        var nodes: [JSONProjectedNode] = []
        var keys: [FastKey] = []
        var bytes: [UInt8] = []
        var indices: [Int32] = []

        mutating func add(_ node: JSONPlan.Node, _ code: SchemaCode, _ rules: RuleSet) {
            var flat = JSONProjectedNode(types: node.types)
            flat.isHidden = node.treatment == .hide
            flat.isShown = node.state.isShown
            if case .mask(let mask) = node.treatment { flat.mask = JSONProjectedNode.Mask(mask, isUUID: node.isUUID) }
            flat.conditionsInside = rules.conditions(inside: node.state)
            // Whole what the schema does not describe and the rules name, unless a mask of theirs leads into it: where another branch or
            // another place of a tuple describes the masked field, it may stand here as well.
            let copies = node.state.isNamed && node.treatment == .show && node.tests.isEmpty && !rules.masks(inside: node.state)
            flat.copiesObjects = copies && !node.describesMembers
            flat.copiesArrays = copies && !node.describesElements
            // Keys that a document has to write with escapes come last, where they are looked for by their meaning.
            let names = node.members.map { (bytes: Array(code.names.bytes[code.names.range($0.name)]), node: $0.node) }
            let plain = names.filter { Self.isPlain($0.bytes) }
            let all = (plain + names.filter { !Self.isPlain($0.bytes) }).map { key($0.bytes, node: $0.node) }
            flat.keys = FastRange(start: Int32(keys.count), count: Int32(all.count))
            flat.plainKeys = Int32(plain.count)
            keys += all
            flat.other = node.other
            flat.otherPatterns = range(node.otherPatterns)
            flat.prefix = range(node.prefix)
            flat.items = node.items
            flat.tests = range(node.tests)
            nodes.append(flat)
        }

        private mutating func range(_ values: [Int32]) -> FastRange {
            defer { indices += values }
            return FastRange(start: Int32(indices.count), count: Int32(values.count))
        }

        private static func isPlain(_ name: [UInt8]) -> Bool { name.allSatisfy { $0 >= 0x20 && $0 != 0x22 && $0 != 0x5C } }

        private mutating func key(_ name: [UInt8], node: Int32) -> FastKey {
            let written = name + [0x22]
            defer { bytes += written }
            var word: UInt64 = 0
            for (index, byte) in written.prefix(8).enumerated() { word |= UInt64(byte) << UInt64(index * 8) }
            let mask = written.count >= 8 ? UInt64.max : (1 << UInt64(written.count * 8)) - 1
            return FastKey(word: word, mask: mask, start: Int32(bytes.count), byteCount: Int32(written.count), node: node)
        }
    }
}

/// One place of a document.
struct JSONProjectedNode {
    enum Mask: UInt8 {
        case none, redact, redactUUID, hash, hashUUID, last4, year

        init(_ mask: FieldRules.Mask, isUUID: Bool) {
            switch mask {
            // Not reached: what is dropped has no place.
            case .drop, .redact: self = isUUID ? .redactUUID : .redact
            case .hash: self = isUUID ? .hashUUID : .hash
            case .last4: self = .last4
            case .year: self = .year
            }
        }
    }

    var types: JSONTypeSet
    var mask = Mask.none
    /// Nothing in it is written.
    var isHidden = false
    /// A value that is no container is shown.
    var isShown = false
    var copiesObjects = false
    var copiesArrays = false
    /// The node of a key is -1 where its member is dropped.
    var keys = FastRange(start: 0, count: 0)
    var plainKeys: Int32 = 0
    var other: Int32 = -1
    /// Indices of patterns, one of which finds the name of such a member; none where any name will do.
    var otherPatterns = FastRange(start: 0, count: 0)
    var prefix = FastRange(start: 0, count: 0)
    var items: Int32 = -1
    /// Indices of conditions.
    var tests = FastRange(start: 0, count: 0)
    /// A bit for each condition on a field inside.
    var conditionsInside: UInt64 = 0
}
