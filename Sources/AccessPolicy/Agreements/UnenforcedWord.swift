/// The words of the grammar that this version parses and does not enforce yet. A set of agreements that uses one is refused by
/// name when it would come into force. The version that enforces a word removes its case here, and nothing else of the refusal.
public enum UnenforcedWord: String, Hashable, Sendable, CaseIterable, Comparable {
    case fields, `where`
    case erase

    public static func < (left: UnenforcedWord, right: UnenforcedWord) -> Bool { left.rawValue < right.rawValue }

    /// The word behind a right, for the rights that are not enforced yet.
    init?(_ right: Right) {
        switch right {
        case .erase: self = .erase
        case .publish, .subscribe, .replay, .administer, .tombstone: return nil
        }
    }
}

extension PartyRule {
    public var unenforcedWords: Set<UnenforcedWord> {
        var words = Set(may.union(deny).compactMap(UnenforcedWord.init))
        if fields != nil { words.insert(.fields) }
        if !rows.isEmpty { words.insert(.where) }
        return words
    }
}

extension Agreement {
    public var unenforcedWords: Set<UnenforcedWord> { parties.reduce(into: []) { $0.formUnion($1.unenforcedWords) } }
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
