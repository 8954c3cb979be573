/// Runs a program without backtracking: all its threads move along the text together, and two threads at one instruction are one. Time is at
/// most the text's length times the program's.
struct RegexThreads {
    private let program: RegexProgram
    private var steps = 0
    private var current: [Int] = []
    /// The position at which a thread came to each instruction last, so that none is there twice.
    private var reached: [Int]

    init(_ program: RegexProgram) {
        self.program = program
        self.reached = [Int](repeating: -1, count: program.instructions.count)
    }

    mutating func search(in text: UnsafeRawBufferPointer) -> PatternVerdict {
        for position in 0...text.count {
            // A match begins at a scalar: inside one `\B` would hold where no position is.
            if position == text.count || text[position] & 0xC0 != 0x80 { current.append(program.start) }
            var waiting: [Int] = []
            if follow(current, to: &waiting, in: text, at: position) { return .found }
            guard steps <= RegexLimits.stepsMax else { return .tooManySteps }
            guard position < text.count else { break }
            current.removeAll(keepingCapacity: true)
            for place in waiting {
                if case .byte(let set, let next) = program.instructions[place], program.sets[set].contains(text[position]) {
                    current.append(next)
                }
            }
        }
        return .absent
    }

    /// - Returns: whether a thread has matched.
    private mutating func follow(_ places: [Int], to waiting: inout [Int], in text: UnsafeRawBufferPointer, at position: Int) -> Bool {
        var open = places
        while let place = open.popLast() {
            guard reached[place] != position else { continue }
            reached[place] = position
            steps += 1
            switch program.instructions[place] {
            case .match: return true
            case .byte: waiting.append(place)
            case .split(let first, let second): open += [second, first]
            case .startOfText(let next): if position == 0 { open.append(next) }
            case .endOfText(let next): if position == text.count { open.append(next) }
            case .wordBoundary(let isNegated, let next):
                if text.isWordBoundary(at: position) != isNegated { open.append(next) }
            case .save, .clear, .progress, .backReference, .look:
                preconditionFailure("a program with these backtracks")
            }
        }
        return false
    }
}

extension UnsafeRawBufferPointer {
    /// ECMA-262, IsWordChar without flags: word characters are ASCII, so that bytes tell.
    func isWordBoundary(at position: Int) -> Bool {
        (position > 0 && self[position - 1].isWordByte) != (position < count && self[position].isWordByte)
    }
}

extension UInt8 {
    fileprivate var isWordByte: Bool {
        switch self {
        case 0x30...0x39, 0x41...0x5A, 0x5F, 0x61...0x7A: true
        default: false
        }
    }
}
