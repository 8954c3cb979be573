import Foundation
import Sentences
import Testing

@Suite("Sentences")
struct SentencesTests {
    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// The catalogue's own text: sentences are functions, so what can be said is in the source.
    static let sources: [(name: String, text: String)] = {
        let folder = root.appendingPathComponent("Sources/Sentences")
        let files = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)?.compactMap { $0 as? URL } ?? []
        return files.filter { $0.pathExtension == "swift" }.compactMap { url in
            (try? String(contentsOf: url, encoding: .utf8)).map { (url.lastPathComponent, $0) }
        }
    }()

    @Test("every file of the catalogue is in NFC, so that Vietnamese compares and prints the same everywhere")
    func composed() throws {
        #expect(Self.sources.count > 4)
        for (name, text) in Self.sources {
            #expect(Array(text.utf8) == Array(text.precomposedStringWithCanonicalMapping.utf8), "\(name)")
        }
    }

    @Test("every Vietnamese sentence is Vietnamese: it has at least one letter with a Vietnamese mark")
    func vietnamese() throws {
        var count = 0
        for (name, text) in Self.sources where name != "Sentence.swift" {
            for part in text.components(separatedBy: "vi: \"").dropFirst() {
                let sentence = part.components(separatedBy: "\", en:")[0].components(separatedBy: "\",\n")[0]
                count += 1
                #expect(sentence.decomposedStringWithCanonicalMapping.unicodeScalars.contains { (0x300...0x36F).contains($0.value) } || sentence.contains("đ") || sentence.contains("Đ"), "\(name): \(sentence)")
            }
        }
        #expect(count > 40)
    }

    @Test("a language is read from tags and locales, and an unknown one is nil")
    func tags() {
        #expect(Language(tag: "vi") == .vietnamese)
        #expect(Language(tag: "vi-VN") == .vietnamese)
        #expect(Language(tag: "vi_VN.UTF-8") == .vietnamese)
        #expect(Language(tag: "EN-gb") == .english)
        #expect(Language(tag: "C.UTF-8") == .english)
        #expect(Language(tag: "fr") == nil)
        #expect(Language(tag: "") == nil)
    }

    @Test("LC_ALL comes before LC_MESSAGES and LANG, an empty one is passed over, and what is not spoken is English")
    func locales() {
        #expect(Language(environment: ["LANG": "vi_VN.UTF-8"]) == .vietnamese)
        #expect(Language(environment: ["LANG": "vi_VN.UTF-8", "LC_ALL": "en_US.UTF-8"]) == .english)
        #expect(Language(environment: ["LC_ALL": "", "LANG": "vi_VN"]) == .vietnamese)
        #expect(Language(environment: ["LANG": "fr_FR"]) == .english)
        #expect(Language(environment: [:]) == .english)
    }

    @Test("Accept-Language is answered by weight, the earlier of equals, zero refused")
    func acceptLanguage() {
        #expect(Language(acceptLanguage: "vi-VN,vi;q=0.9,en;q=0.8") == .vietnamese)
        #expect(Language(acceptLanguage: "en;q=0.3, vi;q=0.7") == .vietnamese)
        #expect(Language(acceptLanguage: "fr, en, vi") == .english)
        #expect(Language(acceptLanguage: "vi;q=0") == .english)
        #expect(Language(acceptLanguage: "", otherwise: .vietnamese) == .vietnamese)
        #expect(Language(acceptLanguage: "*", otherwise: .vietnamese) == .vietnamese)
        #expect(Language(acceptLanguage: ";;;,,,q=,vi;q=x") == .vietnamese)
    }

    @Test("of an Accept-Language header the first 16 tags count, and no more")
    func acceptLanguageLimit() {
        let foreign = Array(repeating: "fr", count: Language.acceptedTagsMax - 1).joined(separator: ",")
        #expect(Language(acceptLanguage: foreign + ",vi") == .vietnamese)
        #expect(Language(acceptLanguage: foreign + ",fr,vi") == .english)
    }

    @Test("a problem keeps its status and type in both languages, and carries its argument in both")
    func problems() {
        let problem = Problem.tooLarge(bytesMax: 1_048_576)
        #expect(problem.status == 413)
        #expect(problem.type == "urn:hanbridge:problem:too-large")
        for language in Language.allCases { #expect(problem.detail.text(in: language).contains("1048576")) }
        #expect(Problem.forbidden(missing: nil).detail != Problem.certificateMissing.detail)
    }
}
