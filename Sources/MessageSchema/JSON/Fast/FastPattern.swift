/// A pattern as the fast walk matches it. One that is an automaton has its table laid out here: an entry is where the next state's row
/// begins, so that between two bytes there is one load and nothing else.
struct FastPattern {
    /// nil where the pattern is no automaton, and `Pattern` searches.
    private let table: Table?

    private struct Table {
        let classOfByte: UnsafeMutablePointer<UInt8>
        /// A row a state: the next row for each class of bytes, and behind them whether a text may end here.
        let rows: UnsafeMutablePointer<UInt32>
        let classCount: Int
        let start: Int
        /// Row of the state from which every text matches; only that of the state from which none does comes before it.
        let found: Int
    }

    /// The owner calls `deallocate` once.
    init(_ automaton: RegexAutomaton?) {
        guard let automaton else {
            table = nil
            return
        }
        let width = automaton.classCount + 1
        var rows: [UInt32] = []
        for (state, matchesAtEnd) in automaton.matchesAtEnd.enumerated() {
            rows += automaton.next[state * automaton.classCount..<(state + 1) * automaton.classCount].map { UInt32(Int($0) * width) }
            rows.append(matchesAtEnd ? 1 : 0)
        }
        table = Table(
            classOfByte: FastProgram.copy(automaton.classOfByte), rows: FastProgram.copy(rows), classCount: automaton.classCount,
            start: Int(automaton.start) * width, found: Int(RegexAutomaton.found) * width)
    }

    func deallocate() {
        table?.classOfByte.deallocate()
        table?.rows.deallocate()
    }

    /// - Returns: nil where `Pattern` has to search.
    @inline(__always) func isFound(in text: UnsafeRawBufferPointer) -> Bool? {
        guard let table else { return nil }
        var row = table.start
        if row <= table.found { return row == table.found }
        for byte in text {
            row = Int(table.rows[row + Int(table.classOfByte[Int(byte)])])
            if row <= table.found { return row == table.found }
        }
        return table.rows[row + table.classCount] != 0
    }
}
