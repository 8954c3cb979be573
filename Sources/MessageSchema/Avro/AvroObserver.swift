/// Who hears of a payload's faults while it is read. The machine is compiled once for each: for the verdict alone, where all of this
/// costs nothing, and for telling what is wrong and where.
protocol AvroObserver {
    /// An item of an array, an entry of a map or a record that stands at `instruction` is being read, until `left`.
    mutating func entered(_ instruction: Int)
    mutating func left()
    /// The items of the innermost array begin at this number, or the next one begins.
    mutating func item(_ number: Int)
    /// The key of the entry that is being read.
    mutating func key(_ bytes: UnsafeRawBufferPointer)
    /// - Returns: whether to go on looking, where the rest can still be read.
    mutating func found(_ fault: AvroFault, at instruction: Int) -> Bool
}

/// Only the verdict: the first fault ends it.
struct AvroVerdict: AvroObserver {
    @inline(__always) func entered(_ instruction: Int) {}
    @inline(__always) func left() {}
    @inline(__always) func item(_ number: Int) {}
    @inline(__always) func key(_ bytes: UnsafeRawBufferPointer) {}
    @inline(__always) func found(_ fault: AvroFault, at instruction: Int) -> Bool { false }
}

/// Keeps what leads to the current place, and writes down what is found there.
struct AvroReport: AvroObserver {
    private(set) var violations: [Violation] = []
    private let code: AvroCode
    private let violationsMax: Int
    private let onlyUnreadable: Bool
    private var steps: [Step] = []

    private struct Step {
        let instruction: Int
        var item: Int?
        var key: UnsafeRawBufferPointer?
    }

    /// - Parameter onlyUnreadable: of faults that leave the payload readable nothing is written down.
    init(code: AvroCode, violationsMax: Int, onlyUnreadable: Bool = false) {
        self.code = code
        self.violationsMax = violationsMax
        self.onlyUnreadable = onlyUnreadable
    }

    mutating func entered(_ instruction: Int) { steps.append(Step(instruction: instruction)) }
    mutating func left() { steps.removeLast() }

    mutating func item(_ number: Int) {
        // The payload as a whole is no item.
        guard !steps.isEmpty else { return }
        steps[steps.count - 1].item = number
        steps[steps.count - 1].key = nil
    }

    mutating func key(_ bytes: UnsafeRawBufferPointer) { steps[steps.count - 1].key = bytes }

    mutating func found(_ fault: AvroFault, at instruction: Int) -> Bool {
        if onlyUnreadable, !fault.isUnreadable { return true }
        var path = JSONPointer()
        for step in steps {
            for field in code.fields(to: step.instruction) { path.append(key: field) }
            switch code.instructions[step.instruction].operation {
            case .array: if let item = step.item { path.append(index: item) }
            case .map: if let key = step.key { path.append(key: key) }
            case .boolean, .int, .long, .float, .double, .bytes, .string, .fixed, .enumeration, .enumerationCode, .stringCode, .decimalBytes,
                .decimalFixed, .uuid, .timeMillis, .timeMicros, .optional, .union, .jump, .key, .record, .end:
                break
            }
        }
        for field in code.fields(to: instruction) { path.append(key: field) }
        let sentence = fault.sentence(for: code.instructions[instruction], of: code)
        violations.append(Violation(path: path.text, rule: fault.rule, message: sentence))
        return violations.count < violationsMax
    }
}
