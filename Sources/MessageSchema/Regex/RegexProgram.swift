/// A pattern as instructions over the bytes of UTF-8 text.
struct RegexProgram: Sendable {
    enum Instruction: Sendable {
        /// Takes one byte of the set.
        case byte(set: Int, next: Int)
        /// Goes both ways, the first one first.
        case split(Int, Int)
        case startOfText(next: Int)
        case endOfText(next: Int)
        case wordBoundary(isNegated: Bool, next: Int)
        case match
        // The following are in programs that backtrack only.
        /// Notes the position in a slot: captures have two each, loops one.
        case save(slot: Int, next: Int)
        /// Forgets captures: each turn of a loop begins without those of the turn before.
        case clear(slots: Range<Int>, next: Int)
        /// Fails where nothing was taken since the slot was noted: a loop does not turn on nothing.
        case progress(slot: Int, next: Int)
        case backReference(slot: Int, isBackward: Bool, next: Int)
        case look(entry: Int, isNegated: Bool, next: Int)
    }

    var instructions: [Instruction] = []
    var sets: [ByteSet] = []
    var start = 0
    var slotCount = 0
    /// For each instruction whether it takes bytes towards the start of the text: inside look-behind.
    var isBackward: [Bool] = []
}
