/// The words of the grammar that restrict or allow what only other parts of the broker can enforce. Where those do not, as in a program that
/// decides without them, a set of agreements that uses such a word is refused by name when it would come into force.
public enum UnenforcedWord: String, Hashable, Sendable, CaseIterable, Comparable {
    case fields, `where`
    case erase

    /// What this version refuses: nothing. `erase` is decided like every other right, and asked for by nothing yet.
    public static let refused: Set<UnenforcedWord> = []

    public static func < (left: UnenforcedWord, right: UnenforcedWord) -> Bool { left.rawValue < right.rawValue }

    /// The word behind a right.
    init?(_ right: Right) {
        switch right {
        case .erase: self = .erase
        case .publish, .subscribe, .replay, .administer, .tombstone, .describe: return nil
        }
    }
}

extension PartyRule {
    /// Those of ``UnenforcedWord`` that the rule uses, enforced or not.
    var guardedWords: Set<UnenforcedWord> {
        var words = Set(may.union(deny).compactMap(UnenforcedWord.init))
        if fields != nil { words.insert(.fields) }
        if !rows.isEmpty { words.insert(.where) }
        return words
    }
}

extension Agreement {
    var guardedWords: Set<UnenforcedWord> { parties.reduce(into: []) { $0.formUnion($1.guardedWords) } }
}

/// Thrown where agreements would come into force that this version cannot enforce.
public struct UnenforcedAgreement: Error, Hashable, Sendable, CustomStringConvertible {
    public let agreement: String
    public let words: [UnenforcedWord]

    public init(agreement: String, words: [UnenforcedWord]) {
        self.agreement = agreement
        self.words = words
    }

    public var description: String {
        "agreement \(agreement) uses \(words.map { "“\($0.rawValue)”" }.joined(separator: ", ")), "
            + "which this version of Hanbridge does not enforce yet"
    }
}
