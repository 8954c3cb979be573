/// The bound of everything that a pattern could make large.
enum RegexLimits {
    /// Bytes of a pattern.
    static let patternBytesMax = 4096
    /// Groups within groups.
    static let depthMax = 50
    /// Instructions of a program: counted repetition multiplies them.
    static let instructionsMax = 20_000
    /// States of a pattern's automaton; beyond them its threads are simulated.
    static let statesMax = 512
    /// Steps of one match: a thread moved by a byte, or a way tried.
    static let stepsMax = 2_000_000
    /// Places that a backtracking match remembers to come back to.
    static let backtrackingDepthMax = 100_000
}
