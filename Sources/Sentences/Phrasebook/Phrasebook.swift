/// Vietnamese for words that reach us in English only: an answer over the Kafka protocol, whose one string knows no language; a
/// library's error; the reason that a module gives which speaks to no person itself. Whoever shows such words to a person says
/// ``Sentence/told(_:)``.
///
/// Phrases are templates, looked up by their English as gettext does: `{}` stands for whatever was put in, and what was put in
/// is looked up in turn, so that a phrase may stand inside another. Of several that fit, the one with the most words of its own
/// is taken. What no phrase fits stays English: better than nothing said.
///
/// A test reads the literals of the modules that speak through it and fails for one that has no phrase here.
public struct Phrasebook: Sendable {
    struct Phrase: Sendable {
        /// The English around the holes: one more than there are holes.
        let pieces: [String]
        /// Vietnamese around its holes, each with the number of the English hole that fills it.
        let answer: [Part]
        /// Stands inside other phrases only: by itself it would fit too much.
        let isInner: Bool

        enum Part: Hashable, Sendable {
            case words(String)
            case hole(Int)
        }

        var ownCharacters: Int { pieces.reduce(0) { $0 + $1.utf8.count } }
    }

    let phrases: [Phrase]

    /// Everything that Hanbridge translates by its words.
    public static let all = Phrasebook([agreements, identity, storage, broker, registry, compatibility, violations, transcoding, projections, program, evidence, parser].joined(separator: "\n"))

    /// - Parameter text: an English line, then a Vietnamese one that is indented, and so on; empty lines are passed over. The
    ///   holes of the Vietnamese are filled in order, or by number: `{2}`. An English line that begins with `…` stands inside other phrases only.
    init(_ text: String) {
        var phrases: [Phrase] = []
        var english: Substring?
        for line in text.split(separator: "\n") {
            if let question = english, line.hasPrefix("  ") {
                phrases.append(
                    Phrase(
                        pieces: Self.pieces(question.hasPrefix(Self.inner) ? question.dropFirst(Self.inner.count) : question),
                        answer: Self.parts(line.drop { $0 == " " }), isInner: question.hasPrefix(Self.inner)))
                english = nil
            } else {
                precondition(english == nil && !line.hasPrefix(" "), "A phrase has an English and a Vietnamese line: \(line)")
                english = line
            }
        }
        precondition(english == nil, "The last phrase has no Vietnamese.")
        self.phrases = phrases
    }

    /// - Returns: nil where no phrase fits.
    public func vietnamese(for english: String) -> String? { translate(english[...], depth: 0) }

    /// Phrases inside one another.
    private static let depthMax = 4
    /// What an English line begins with that only stands inside others.
    private static let inner = "… "

    private func translate(_ words: Substring, depth: Int) -> String? {
        guard depth < Self.depthMax else { return nil }
        var best: (phrase: Phrase, holes: [Substring])?
        for phrase in phrases where phrase.ownCharacters > best?.phrase.ownCharacters ?? 0 && !(phrase.isInner && depth == 0) {
            if let holes = Self.holes(of: phrase.pieces, in: words) { best = (phrase, holes) }
        }
        guard let best else { return nil }
        return best.phrase.answer.map { part in
            switch part {
            case .words(let words): words
            case .hole(let number): fill(best.holes[number], depth: depth + 1)
            }
        }.joined()
    }

    /// What was put in, in Vietnamese where it is a phrase; the space around it stays.
    private func fill(_ hole: Substring, depth: Int) -> String {
        let front = hole.prefix { $0 == " " }
        let middle = hole.dropFirst(front.count)
        return front + (translate(middle, depth: depth) ?? String(middle))
    }

    /// What stands in the holes, or nil where the words do not fit: pieces are found from left to right, the last one at the end.
    private static func holes(of pieces: [String], in words: Substring) -> [Substring]? {
        guard words.hasPrefix(pieces[0]) else { return nil }
        guard pieces.count > 1, let last = pieces.last else { return words == pieces[0] ? [] : nil }
        var rest = words.dropFirst(pieces[0].count)
        var holes: [Substring] = []
        for piece in pieces.dropFirst().dropLast() {
            guard let place = rest.firstRange(of: piece), place.lowerBound > rest.startIndex else { return nil }
            holes.append(rest[..<place.lowerBound])
            rest = rest[place.upperBound...]
        }
        guard rest.hasSuffix(last), rest.count > last.count else { return nil }
        return holes + [rest.dropLast(last.count)]
    }

    private static func pieces(_ line: Substring) -> [String] {
        var pieces: [String] = []
        var rest = line
        while let hole = rest.firstRange(of: "{}") {
            pieces.append(String(rest[..<hole.lowerBound]))
            rest = rest[hole.upperBound...]
        }
        return pieces + [String(rest)]
    }

    private static func parts(_ line: Substring) -> [Phrase.Part] {
        var parts: [Phrase.Part] = []
        var rest = line
        var next = 0
        while let open = rest.firstIndex(of: "{"), let close = rest[open...].firstIndex(of: "}") {
            let inside = rest[rest.index(after: open)..<close]
            // Other braces are the sentence's own: `{"files": …}`.
            guard inside.allSatisfy(\.isWholeNumber) else {
                parts.append(.words(String(rest[...open])))
                rest = rest[rest.index(after: open)...]
                continue
            }
            parts.append(.words(String(rest[..<open])))
            parts.append(.hole(Int(inside).map { $0 - 1 } ?? next))
            next += 1
            rest = rest[rest.index(after: close)...]
        }
        return parts + [.words(String(rest))]
    }
}

extension Sentence {
    /// Words that came in English: in Vietnamese as the ``Phrasebook`` has them, and as they are where it has not.
    public static func told(_ english: String) -> Sentence { Sentence(vi: english.vietnamese, en: english) }
}

extension String {
    /// Of words that came in English.
    var vietnamese: String { Phrasebook.all.vietnamese(for: self) ?? self }
}
