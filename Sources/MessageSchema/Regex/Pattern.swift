/// An ECMA-262 pattern (Unicode mode, no flags), compiled. It is searched for anywhere in a text, as JSON Schema's `pattern` wants it.
///
/// A pattern without look-around and back-references runs in time linear in the text: as a table over its bytes where that stays small, else
/// by moving all its threads along at once. The others try one way after the other. Every search has a bound on its steps.
struct Pattern: Sendable {
    private enum Engine: Sendable {
        case automaton(RegexAutomaton)
        case threads(RegexProgram)
        case backtracking(RegexProgram)
    }

    private let engine: Engine

    /// - Throws: for what is no pattern, for one too large, and without `allowsBacktracking` for look-around and back-references.
    init(_ source: String, allowsBacktracking: Bool) throws(PatternError) {
        let (node, captures) = try RegexParser.parse(source)
        if node.needsBacktracking {
            guard allowsBacktracking else {
                throw PatternError(
                    position: 0,
                    message: "look-around and back-references can take a time that grows with the text's length many times over; a steward may allow them")
            }
            engine = .backtracking(try RegexCompiler.compile(node, captures: captures, backtracks: true))
            return
        }
        let program = try RegexCompiler.compile(node, captures: captures, backtracks: false)
        engine = RegexAutomaton(program).map { .automaton($0) } ?? .threads(program)
    }

    /// The table that the pattern is, where it is one.
    var automaton: RegexAutomaton? {
        if case .automaton(let automaton) = engine { automaton } else { nil }
    }

    /// - Parameter text: valid UTF-8.
    func search(in text: UnsafeRawBufferPointer) -> PatternVerdict {
        switch engine {
        case .automaton(let automaton): return automaton.matches(text) ? .found : .absent
        case .threads(let program):
            var simulation = RegexThreads(program)
            return simulation.search(in: text)
        case .backtracking(let program):
            var matcher = RegexBacktracker(program, text: text)
            return matcher.search()
        }
    }
}

enum PatternVerdict: Hashable, Sendable {
    case found, absent
    /// The bound of `RegexLimits.stepsMax` was met: nobody knows.
    case tooManySteps
}
