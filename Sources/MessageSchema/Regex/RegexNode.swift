/// A pattern as it was read (ECMA-262, section 22.2.1).
indirect enum RegexNode: Sendable {
    case empty
    case scalars(ScalarSet)
    case sequence([RegexNode])
    case alternatives([RegexNode])
    /// - max: nil for no bound.
    case repetition(RegexNode, min: Int, max: Int?, isGreedy: Bool)
    /// - index: from 1.
    case capture(RegexNode, index: Int)
    case startOfText
    case endOfText
    case wordBoundary(isNegated: Bool)
    case look(RegexNode, isBehind: Bool, isNegated: Bool)
    case backReference(Int)
}
