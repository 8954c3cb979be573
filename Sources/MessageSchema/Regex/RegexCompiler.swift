/// Makes a program out of a pattern, from its end to its start: each part is emitted when what follows it has its place.
struct RegexCompiler {
    private var program = RegexProgram()
    private var setIndexes: [ByteSet: Int] = [:]
    /// Repetition emits the same classes again and again.
    private var knownBranches: [[ScalarSet.ByteSequence]: [Branch]] = [:]
    private let backtracks: Bool
    private let captures: Int
    private var isBackward = false

    static func compile(_ node: RegexNode, captures: Int, backtracks: Bool) throws(PatternError) -> RegexProgram {
        var compiler = RegexCompiler(backtracks: backtracks, captures: captures)
        compiler.program.slotCount = backtracks ? 2 * (captures + 1) : 0
        let end = try compiler.emit(.match)
        compiler.program.start = try compiler.emit(node, then: end)
        return compiler.program
    }

    private init(backtracks: Bool, captures: Int) {
        self.backtracks = backtracks
        self.captures = captures
    }

    private mutating func emit(_ instruction: RegexProgram.Instruction) throws(PatternError) -> Int {
        guard program.instructions.count < RegexLimits.instructionsMax else {
            throw PatternError(position: 0, message: "the pattern is too large: its repetitions multiply")
        }
        program.instructions.append(instruction)
        program.isBackward.append(isBackward)
        return program.instructions.count - 1
    }

    private mutating func emit(_ node: RegexNode, then next: Int) throws(PatternError) -> Int {
        switch node {
        case .empty: return next
        case .scalars(let set): return try emit(set, then: next)
        case .sequence(let parts):
            var entry = next
            for part in isBackward ? parts : parts.reversed() { entry = try emit(part, then: entry) }
            return entry
        case .alternatives(let ways):
            var entry: Int?
            for way in ways.reversed() {
                let place = try emit(way, then: next)
                if let later = entry { entry = try emit(.split(place, later)) } else { entry = place }
            }
            return entry ?? next
        case .repetition(let inner, let min, let max, let isGreedy):
            return try emitRepetition(of: inner, min: min, max: max, isGreedy: isGreedy, then: next)
        case .capture(let inner, let index):
            guard backtracks else { return try emit(inner, then: next) }
            let (first, last) = isBackward ? (2 * index + 1, 2 * index) : (2 * index, 2 * index + 1)
            let close = try emit(.save(slot: last, next: next))
            return try emit(.save(slot: first, next: try emit(inner, then: close)))
        case .startOfText: return try emit(.startOfText(next: next))
        case .endOfText: return try emit(.endOfText(next: next))
        case .wordBoundary(let isNegated): return try emit(.wordBoundary(isNegated: isNegated, next: next))
        case .backReference(let index):
            return try emit(.backReference(slot: 2 * index, isBackward: isBackward, next: next))
        case .look(let inner, let isBehind, let isNegated):
            let outer = isBackward
            isBackward = isBehind
            let entry = try emit(inner, then: try emit(.match))
            isBackward = outer
            return try emit(.look(entry: entry, isNegated: isNegated, next: next))
        }
    }

    // MARK: Repetition

    private mutating func emitRepetition(
        of inner: RegexNode, min: Int, max: Int?, isGreedy: Bool, then next: Int
    ) throws(PatternError) -> Int {
        var entry = next
        if let max {
            // One optional turn within the other, the innermost first.
            for _ in 0..<Swift.max(0, max - min) {
                let turn = try emitTurn(of: inner, then: entry)
                entry = try emit(isGreedy ? .split(turn, next) : .split(next, turn))
            }
        } else {
            entry = try emit(.split(next, next))
            let turn = try emitTurn(of: inner, then: entry)
            program.instructions[entry] = isGreedy ? .split(turn, next) : .split(next, turn)
        }
        for _ in 0..<min { entry = try emitTurn(of: inner, then: entry, isMandatory: true) }
        return entry
    }

    private mutating func emitTurn(of inner: RegexNode, then next: Int, isMandatory: Bool = false) throws(PatternError) -> Int {
        guard backtracks else { return try emit(inner, then: next) }
        var entry: Int
        if isMandatory {
            entry = try emit(inner, then: next)
        } else {
            let slot = program.slotCount
            program.slotCount += 1
            let check = try emit(.progress(slot: slot, next: next))
            entry = try emit(.save(slot: slot, next: try emit(inner, then: check)))
        }
        if let indexes = inner.captureIndexes {
            entry = try emit(.clear(slots: 2 * indexes.lowerBound..<2 * indexes.upperBound + 2, next: entry))
        }
        return entry
    }

    // MARK: Bytes

    private mutating func emit(_ set: ScalarSet, then next: Int) throws(PatternError) -> Int {
        let sequences = set.byteSequences
        return try emit(isBackward ? sequences.map { $0.reversed() } : sequences, then: next)
    }

    private struct Branch {
        let bytes: ByteSet
        let tails: [ScalarSet.ByteSequence]
    }

    private mutating func emit(_ sequences: [ScalarSet.ByteSequence], then next: Int) throws(PatternError) -> Int {
        var entry: Int?
        for branch in branches(of: sequences) {
            let after = branch.tails[0].isEmpty ? next : try emit(branch.tails, then: next)
            let place = try emit(.byte(set: index(of: branch.bytes), next: after))
            if let other = entry { entry = try emit(.split(place, other)) } else { entry = place }
        }
        // The empty class: a byte of no set, which nothing passes.
        if let entry { return entry }
        return try emit(.byte(set: index(of: ByteSet()), next: next))
    }

    /// As a tree: bytes after which the same may follow share one branch.
    private mutating func branches(of sequences: [ScalarSet.ByteSequence]) -> [Branch] {
        if let known = knownBranches[sequences] { return known }
        var heads: [[ScalarSet.ByteSequence]: ByteSet] = [:]
        var order: [[ScalarSet.ByteSequence]] = []
        for byte in UInt8.min...UInt8.max {
            let tails = sequences.filter { $0[0].contains(byte) }.map { Array($0.dropFirst()) }
            guard !tails.isEmpty else { continue }
            if heads[tails] == nil { order.append(tails) }
            heads[tails, default: ByteSet()].insert(byte)
        }
        let branches = order.map { Branch(bytes: heads[$0] ?? ByteSet(), tails: $0) }
        knownBranches[sequences] = branches
        return branches
    }

    private mutating func index(of set: ByteSet) -> Int {
        if let known = setIndexes[set] { return known }
        program.sets.append(set)
        setIndexes[set] = program.sets.count - 1
        return program.sets.count - 1
    }
}

extension RegexNode {
    /// Whether the pattern needs a matcher that tries one way after the other.
    var needsBacktracking: Bool {
        switch self {
        case .look, .backReference: true
        case .empty, .scalars, .startOfText, .endOfText, .wordBoundary: false
        case .sequence(let parts), .alternatives(let parts): parts.contains { $0.needsBacktracking }
        case .repetition(let inner, _, _, _), .capture(let inner, _): inner.needsBacktracking
        }
    }

    /// The captures in it, which have consecutive numbers.
    fileprivate var captureIndexes: ClosedRange<Int>? {
        switch self {
        case .empty, .scalars, .startOfText, .endOfText, .wordBoundary, .backReference: return nil
        case .repetition(let inner, _, _, _), .look(let inner, _, _): return inner.captureIndexes
        case .capture(let inner, let index): return index...max(index, inner.captureIndexes?.upperBound ?? index)
        case .sequence(let parts), .alternatives(let parts):
            let all = parts.compactMap(\.captureIndexes)
            guard let lowest = all.map(\.lowerBound).min(), let highest = all.map(\.upperBound).max() else { return nil }
            return lowest...highest
        }
    }
}
