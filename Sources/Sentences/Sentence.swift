/// Something said to a person, in every language that Hanbridge speaks.
public struct Sentence: Hashable, Sendable {
    public let vietnamese: String
    public let english: String

    /// Both languages are parameters, so a missing translation is a compile error.
    public init(vi vietnamese: String, en english: String) {
        self.vietnamese = vietnamese
        self.english = english
    }

    public func text(in language: Language) -> String {
        switch language {
        case .vietnamese: vietnamese
        case .english: english
        }
    }

    /// Words that a parser, a file system or a peer said, which are the same in every language.
    public static func verbatim(_ words: String) -> Sentence { Sentence(vi: words, en: words) }

    public static func + (left: Sentence, right: Sentence) -> Sentence {
        Sentence(vi: "\(left.vietnamese) \(right.vietnamese)", en: "\(left.english) \(right.english)")
    }
}
