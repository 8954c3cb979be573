import Foundation
import Testing

@testable import Sentences

@Suite("Phrasebook")
struct PhrasebookTests {
    @Test("what was put in is put in again, phrases inside phrases are translated, and space around them stays")
    func holes() {
        let book = Phrasebook(
            """
            {} is not {}
              {} không phải là {}
            … a list
              danh sách
            in the file {} there is {}
              {2} trong tệp {1}
            """)
        #expect(book.vietnamese(for: "a.b is not a list") == "a.b không phải là danh sách")
        #expect(book.vietnamese(for: "in the file f there is  x is not 5") == " x không phải là 5 trong tệp f")
        #expect(book.vietnamese(for: "something else") == nil)
        #expect(book.vietnamese(for: " is not ") == nil, "a hole is never empty")
        #expect(book.vietnamese(for: "a list") == nil, "an inner phrase does not stand alone")
    }

    @Test("of the phrases that fit, the one with the most words of its own speaks")
    func mostSpecific() {
        let book = Phrasebook("{}: {}\n  {}: {}\npartition {}: {} is gone\n  phân vùng {}: mất {}")
        #expect(book.vietnamese(for: "partition 3: x is gone") == "phân vùng 3: mất x")
    }

    @Test("words nobody translated stay as they are, in both languages")
    func unknown() {
        #expect(Sentence.told("kein Wort davon") == .verbatim("kein Wort davon"))
    }

    @Test("every phrase has the same holes in both languages, each once, and stands once")
    func samePlaces() {
        var seen: Set<[String]> = []
        for phrase in Phrasebook.all.phrases {
            let holes = phrase.answer.compactMap { part -> Int? in if case .hole(let number) = part { number } else { nil } }
            #expect(holes.sorted() == Array(0..<(phrase.pieces.count - 1)), "\(phrase.pieces)")
            #expect(seen.insert(phrase.pieces).inserted, "\(phrase.pieces) stands twice")
        }
    }

    /// Modules that give their reasons in English, and do not speak to people themselves.
    static let speakers = [
        "AccessPolicy", "Broker", "CommitLog", "Identity", "KafkaWire", "Metadata", "Transparency", "ZipArchive", "MessageSchema/JSON/Evaluation", "MessageSchema/Protobuf/Transcoding",
        "MessageSchema/Projection", "MessageSchema/JSON/Compatibility", "MessageSchema/Protobuf/Compatibility",
    ]
    /// Not for people: the rows of the README's tables of limits, and why a connection was closed, which the log alone tells.
    static let unspoken = [
        "Broker/Limits.swift", "Broker/Delivery/DeliveryLimits.swift", "Broker/Groups/GroupSettings.swift", "Broker/Reading/ReadingLimits.swift",
        "Broker/Session/", "CommitLog/Append/FrameDraft.swift",
    ]

    @Test("every reason that a module gives in English has a phrase", arguments: speakers)
    func complete(module: String) throws {
        let sources = SentencesTests.root.appendingPathComponent("Sources")
        let files = FileManager.default.enumerator(atPath: sources.appendingPathComponent(module).path)
        var count = 0
        while let file = files?.nextObject() as? String {
            guard file.hasSuffix(".swift"), !Self.unspoken.contains(where: "\(module)/\(file)".hasPrefix) else { continue }
            let source = try String(contentsOf: sources.appendingPathComponent("\(module)/\(file)"), encoding: .utf8)
            for literal in LiteralScanner.literals(of: source) where Self.isReason(literal) {
                count += 1
                let words = literal.template.trimmingCharacters(in: .whitespaces)
                let sample = words.replacing("{}", with: "x") + (words.hasSuffix(":") ? " x" : "")
                // Behind a colon inner phrases count as well.
                let isTranslated = Sentence.told(sample).vietnamese != sample || Sentence.told("y: \(sample)").vietnamese != "y: \(sample)"
                #expect(isTranslated, "\(module)/\(file): “\(literal.template)” has no Vietnamese in Sources/Sentences/Phrasebook")
            }
        }
        #expect(count > 5)
    }

    /// Reasons are several words and begin with a small letter, a quotation or a name put in; log lines, SQL, documentation with its full
    /// stop and what only a bug says are none.
    private static func isReason(_ literal: LiteralScanner.Literal) -> Bool {
        let template = literal.template
        guard template.count(where: { $0 == " " }) >= 2, !template.contains("\n"), !template.contains("SELECT"), !template.hasSuffix("."),
            let first = template.first, first.isLowercase || first == "“" || first == "{"
        else { return false }
        let words = template.split { !$0.isLetter }.filter { $0.count > 1 }
        let internalUses = ["logger.", "log.error", "log.warning", "log.notice", "log.info", "log.debug", "precondition", "fatalError", "assert", "label:", "Row(", "errorType:"]
        return words.count >= 2 && !internalUses.contains(where: literal.line.contains)
    }
}
