/// Runs a program with look-around and back-references: one way after the other, its choices on a stack of its own and its steps bounded.
struct RegexBacktracker {
    private enum Entry {
        case choice(place: Int, position: Int)
        /// What a slot held before, to be put back on the way to an earlier choice.
        case slot(Int, was: Int)
    }

    private let program: RegexProgram
    private let text: UnsafeRawBufferPointer
    private var stack: [Entry] = []
    /// Positions; -1 for none.
    private var slots: [Int]
    private var steps = 0

    init(_ program: RegexProgram, text: UnsafeRawBufferPointer) {
        self.program = program
        self.text = text
        self.slots = [Int](repeating: -1, count: program.slotCount)
    }

    private struct TooManySteps: Error {}

    mutating func search() -> PatternVerdict {
        do {
            for position in 0...text.count {
                // A match begins at a scalar, never inside one.
                if position < text.count, text[position] & 0xC0 == 0x80 { continue }
                if try run(from: program.start, at: position) { return .found }
            }
            return .absent
        } catch {
            return .tooManySteps
        }
    }

    /// Leaves the slots as the match found them, and the stack without choices of its own.
    private mutating func run(from entry: Int, at start: Int) throws(TooManySteps) -> Bool {
        let base = stack.count
        var place = entry
        var position = start
        while true {
            steps += 1
            guard steps <= RegexLimits.stepsMax, stack.count <= RegexLimits.backtrackingDepthMax else { throw TooManySteps() }
            switch try step(&place, &position) {
            case .goesOn: continue
            case .matched:
                dropChoices(downTo: base)
                return true
            case .failed:
                guard let (earlier, there) = backtrack(downTo: base) else { return false }
                (place, position) = (earlier, there)
            }
        }
    }

    private enum Step { case goesOn, matched, failed }

    private mutating func step(_ place: inout Int, _ position: inout Int) throws(TooManySteps) -> Step {
        switch program.instructions[place] {
        case .match: return .matched
        case .byte(let set, let next):
            let isBackward = program.isBackward[place]
            let index = isBackward ? position - 1 : position
            guard text.indices.contains(index), program.sets[set].contains(text[index]) else { return .failed }
            position += isBackward ? -1 : 1
            place = next
        case .split(let first, let second):
            stack.append(.choice(place: second, position: position))
            place = first
        case .startOfText(let next):
            guard position == 0 else { return .failed }
            place = next
        case .endOfText(let next):
            guard position == text.count else { return .failed }
            place = next
        case .wordBoundary(let isNegated, let next):
            guard text.isWordBoundary(at: position) != isNegated else { return .failed }
            place = next
        case .save(let slot, let next):
            set(slot, to: position)
            place = next
        case .clear(let range, let next):
            for slot in range where slots[slot] != -1 { set(slot, to: -1) }
            place = next
        case .progress(let slot, let next):
            guard slots[slot] != position else { return .failed }
            place = next
        case .backReference(let slot, let isBackward, let next):
            guard repeats(slot, isBackward: isBackward, at: &position) else { return .failed }
            place = next
        case .look(let entry, let isNegated, let next):
            let base = stack.count
            let isThere = try run(from: entry, at: position)
            if isNegated { _ = backtrack(downTo: base) }
            guard isThere != isNegated else { return .failed }
            place = next
        }
        return .goesOn
    }

    private mutating func set(_ slot: Int, to position: Int) {
        stack.append(.slot(slot, was: slots[slot]))
        slots[slot] = position
    }

    /// A group that took no part matches nothing at all, which always succeeds (ECMA-262, 22.2.2.7.2).
    private mutating func repeats(_ slot: Int, isBackward: Bool, at position: inout Int) -> Bool {
        let (first, last) = (slots[slot], slots[slot + 1])
        guard first >= 0, last >= first else { return true }
        let length = last - first
        let from = isBackward ? position - length : position
        guard from >= 0, from + length <= text.count else { return false }
        steps += length
        for index in 0..<length where text[first + index] != text[from + index] { return false }
        position = isBackward ? from : from + length
        return true
    }

    /// Back to the last choice above `base`, with the slots as they were; nil where there is none.
    private mutating func backtrack(downTo base: Int) -> (place: Int, position: Int)? {
        while stack.count > base, let entry = stack.popLast() {
            switch entry {
            case .slot(let slot, let was): slots[slot] = was
            case .choice(let place, let position): return (place, position)
            }
        }
        return nil
    }

    /// What an assertion matched stands; its slots are still put back when an earlier choice is taken.
    private mutating func dropChoices(downTo base: Int) {
        var kept = base
        for index in base..<stack.count {
            if case .slot = stack[index] {
                stack[kept] = stack[index]
                kept += 1
            }
        }
        stack.removeSubrange(kept...)
    }
}
