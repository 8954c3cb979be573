/// A plan laid out for one pass over the bytes, beside the wire program that it goes over.
///
/// Sendable because nothing is written after `init`; the memory lives as long as the object.
final class ProtobufProjector: @unchecked Sendable {
    let wire: WireProgram
    let messages: UnsafeMutablePointer<ProtobufPlan.Message>
    let fields: UnsafeMutablePointer<ProtobufPlan.Field>
    let tests: UnsafeMutablePointer<Int32>
    let wireMessages: UnsafeMutablePointer<WireMessage>
    let wireFields: UnsafeMutablePointer<WireField>
    let lookup: UnsafeMutablePointer<Int32>
    let symbols: [[(number: Int32, name: [UInt8])]]
    let conditions: [RowCondition]
    let allConditions: UInt64
    let hashKey: HashKey?
    let onlyRows: Bool
    private let roots: [Int32]

    init(_ plan: ProtobufPlan, _ wire: WireProgram, _ rules: RuleSet) {
        self.wire = wire
        messages = FastProgram.copy(plan.messages)
        fields = FastProgram.copy(plan.fields)
        tests = FastProgram.copy(plan.tests)
        wireMessages = FastProgram.copy(wire.messages)
        wireFields = FastProgram.copy(wire.fields)
        lookup = FastProgram.copy(wire.lookup)
        symbols = plan.symbols
        conditions = rules.conditions
        allConditions = (1 << UInt64(rules.conditions.count)) - 1
        hashKey = rules.hashKey
        onlyRows = !rules.restrictsFields
        roots = plan.roots
    }

    deinit {
        messages.deallocate()
        fields.deallocate()
        tests.deallocate()
        wireMessages.deallocate()
        wireFields.deallocate()
        lookup.deallocate()
    }

    func project(_ payload: UnsafeRawBufferPointer, framing: PayloadFraming, writes: Bool, into output: inout ProjectionBuffer) -> ProjectionVerdict {
        guard payload.count <= Int(UInt32.max) else { return .withheld(.malformed) }
        // An empty payload is a message with no field set, and has no address. Any will do: it is compared with the end and never loaded from.
        let base = payload.baseAddress ?? UnsafeRawPointer(messages)
        let message: Int32
        var start = base
        switch framing {
        case .plain:
            guard let first = wire.roots.first else { return .withheld(.unknownMessage) }
            message = first.message
        case .confluent:
            switch MessageIndexes.read(payload, roots: wire.roots) {
            case .message(let index, let behind): (message, start) = (index, behind)
            case .unreadable: return .withheld(.malformed)
            case .unknown: return .withheld(.unknownMessage)
            }
        }
        guard roots[Int(message)] >= 0 else { return .withheld(.unknownMessage) }
        if writes, !onlyRows { output.append(base, start - base) }
        var walk = ProtobufProjectionWalk(self, start: start, writes: writes && !onlyRows)
        let verdict = walk.run(roots[Int(message)], end: base + payload.count, into: &output)
        if verdict == .visible, writes, onlyRows { output.append(payload) }
        return verdict
    }
}
