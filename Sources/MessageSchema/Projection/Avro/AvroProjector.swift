/// A plan laid out for one pass over the bytes.
///
/// Sendable because nothing is written after `init`; the memory lives as long as the object.
final class AvroProjector: @unchecked Sendable {
    let nodes: UnsafeMutablePointer<AvroPlan.Node>
    let children: UnsafeMutablePointer<Int32>
    let tests: UnsafeMutablePointer<Int32>
    let symbols: [Int: [[UInt8]]]
    let conditions: [RowCondition]
    let allConditions: UInt64
    let hashKey: HashKey?
    let onlyRows: Bool

    init(_ plan: AvroPlan, _ rules: RuleSet) {
        nodes = FastProgram.copy(plan.nodes)
        children = FastProgram.copy(plan.children)
        tests = FastProgram.copy(plan.tests)
        symbols = plan.symbols
        conditions = rules.conditions
        allConditions = (1 << UInt64(rules.conditions.count)) - 1
        hashKey = rules.hashKey
        onlyRows = !rules.restrictsFields
    }

    deinit {
        nodes.deallocate()
        children.deallocate()
        tests.deallocate()
    }

    func project(_ payload: UnsafeRawBufferPointer, writes: Bool, into output: inout ProjectionBuffer) -> ProjectionVerdict {
        let verdict = payload.withMemoryRebound(to: UInt8.self) { bytes in
            var walk = AvroProjectionWalk(self, bytes, writes: writes && !onlyRows)
            return walk.run(into: &output)
        }
        if verdict == .visible, writes, onlyRows { output.append(payload) }
        return verdict
    }
}
