/// A program as a table: a state and a byte give the next state. Made once, whole, where it has few enough states.
struct RegexAutomaton: Sendable {
    /// No text that goes on from here matches.
    private static let dead: UInt16 = 0
    /// Every text that goes on from here matches.
    static let found: UInt16 = 1

    /// Bytes that no instruction tells apart are one class.
    let classOfByte: [UInt8]
    let classCount: Int
    /// `state * classCount + class`
    let next: [UInt16]
    let matchesAtEnd: [Bool]
    let start: UInt16

    /// - Returns: nil where the program looks around itself for words, or has too many states.
    init?(_ program: RegexProgram) {
        let looksForWords = program.instructions.contains { if case .wordBoundary = $0 { true } else { false } }
        guard !looksForWords else { return nil }
        let (classOfByte, representatives) = Self.classes(of: program.sets)
        var building = RegexAutomatonBuilding(program, representatives: representatives)
        guard let start = building.build() else { return nil }
        self.classOfByte = classOfByte
        self.classCount = representatives.count
        self.next = building.next
        self.matchesAtEnd = building.matchesAtEnd
        self.start = start
    }

    func matches(_ text: UnsafeRawBufferPointer) -> Bool {
        guard start > Self.found else { return start == Self.found }
        return classOfByte.withUnsafeBufferPointer { classes in
            next.withUnsafeBufferPointer { next in
                var state = Int(start)
                for byte in text {
                    state = Int(next[state * classCount + Int(classes[Int(byte)])])
                    if state <= 1 { return state == 1 }
                }
                return matchesAtEnd[state]
            }
        }
    }

    private static func classes(of sets: [ByteSet]) -> (classOfByte: [UInt8], representatives: [UInt8]) {
        var known: [[Bool]: UInt8] = [:]
        var representatives: [UInt8] = []
        let classOfByte = (UInt8.min...UInt8.max).map { byte in
            let signature = sets.map { $0.contains(byte) }
            if let index = known[signature] { return index }
            // 256 bytes have at most 256 classes, numbered from 0.
            let index = UInt8(representatives.count)
            known[signature] = index
            representatives.append(byte)
            return index
        }
        return (classOfByte, representatives)
    }
}

/// The subset construction: a state is the set of instructions at which the threads of a search stand.
private struct RegexAutomatonBuilding {
    private let program: RegexProgram
    private let representatives: [UInt8]
    private var numbers: [[Int]: UInt16] = [:]
    private var states: [[Int]] = []
    private(set) var next: [UInt16] = []
    private(set) var matchesAtEnd: [Bool] = []
    /// Instructions looked at, so that a large program with few states ends too.
    private var steps = 0

    init(_ program: RegexProgram, representatives: [UInt8]) {
        self.program = program
        self.representatives = representatives
    }

    mutating func build() -> UInt16? {
        let classCount = representatives.count
        add([], matchesAtEnd: false)
        add([-1], matchesAtEnd: true)
        // The text's start is a state by itself, since `^` holds there only.
        let opening = closure([program.start], isAtStart: true)
        if contains(match: opening) { return 1 }
        states.append(opening)
        matchesAtEnd.append(contains(match: closure(opening, isAtStart: true, isAtEnd: true)))
        next += [UInt16](repeating: 0, count: classCount)
        let later = closure([program.start], isAtStart: false)
        var current = 2
        while current < states.count {
            for (column, byte) in representatives.enumerated() {
                let moved = move(states[current], over: byte)
                let target = closure(moved + later, isAtStart: false)
                guard let number = number(of: target), steps < RegexLimits.stepsMax else { return nil }
                next[current * classCount + column] = number
            }
            current += 1
        }
        return 2
    }

    private mutating func add(_ state: [Int], matchesAtEnd: Bool) {
        let number = UInt16(states.count)
        numbers[state] = number
        states.append(state)
        self.matchesAtEnd.append(matchesAtEnd)
        next += [UInt16](repeating: number, count: representatives.count)
    }

    private mutating func number(of state: [Int]) -> UInt16? {
        if contains(match: state) { return 1 }
        if let known = numbers[state] { return known }
        guard states.count < RegexLimits.statesMax else { return nil }
        let atEnd = contains(match: closure(state, isAtStart: false, isAtEnd: true))
        add(state, matchesAtEnd: atEnd)
        return UInt16(states.count - 1)
    }

    private func contains(match state: [Int]) -> Bool {
        state.contains { if case .match = program.instructions[$0] { true } else { false } }
    }

    private mutating func move(_ state: [Int], over byte: UInt8) -> [Int] {
        steps += state.count
        return state.compactMap { place in
            guard case .byte(let set, let next) = program.instructions[place], program.sets[set].contains(byte) else { return nil }
            return next
        }
    }

    /// Everything that is reached without a byte, as far as it waits for one, for the end, or is a match.
    private mutating func closure(_ places: [Int], isAtStart: Bool, isAtEnd: Bool = false) -> [Int] {
        var seen: Set<Int> = []
        var waiting: Set<Int> = []
        var open = places
        while let place = open.popLast() {
            guard seen.insert(place).inserted else { continue }
            steps += 1
            switch program.instructions[place] {
            case .byte, .match: waiting.insert(place)
            case .split(let first, let second): open += [first, second]
            case .startOfText(let next): if isAtStart { open.append(next) }
            case .endOfText(let next):
                waiting.insert(place)
                if isAtEnd { open.append(next) }
            case .wordBoundary, .save, .clear, .progress, .backReference, .look:
                preconditionFailure("no automaton is made of a program with these")
            }
        }
        return waiting.sorted()
    }
}
