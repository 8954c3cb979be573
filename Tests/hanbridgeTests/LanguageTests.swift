import ArgumentParser
import Foundation
import Sentences
import Testing

@testable import hanbridge

@Suite("The language of the command line")
struct LanguageTests {
    /// Every command, parents before children.
    private static let commands: [any ParsableCommand.Type] = {
        func below(_ command: any ParsableCommand.Type) -> [any ParsableCommand.Type] {
            [command] + command.configuration.subcommands.flatMap(below)
        }
        return below(Hanbridge.self)
    }()

    private static func helpLines(of command: any ParsableCommand.Type, in language: Language) -> [String] {
        Language.$spoken.withValue(language) {
            ParserPage.text(Hanbridge.helpMessage(for: command, columns: 2000), in: language).components(separatedBy: "\n")
        }
    }

    /// What a command line that the parser does not take is answered.
    private static func answer(_ arguments: [String], in language: Language) -> [String] {
        Language.$spoken.withValue(language) {
            do {
                _ = try Hanbridge.parseAsRoot(arguments)
                return []
            } catch {
                return hanbridge.ExitStatus.words(of: error, Hanbridge.self).components(separatedBy: "\n")
            }
        }
    }

    @Test("every command says what it is for, in both languages, and the Vietnamese is not the English")
    func abstracts() {
        #expect(Self.commands.count > 30)
        for command in Self.commands {
            let (vietnamese, english) = (
                Language.$spoken.withValue(.vietnamese) { command.configuration }, Language.$spoken.withValue(.english) { command.configuration }
            )
            #expect(!english.abstract.isEmpty && !vietnamese.abstract.isEmpty, "\(command)")
            #expect(vietnamese.abstract != english.abstract, "\(command)")
            #expect(english.discussion.isEmpty == vietnamese.discussion.isEmpty, "\(command)")
            #expect(english.discussion.isEmpty || english.discussion != vietnamese.discussion, "\(command)")
        }
    }

    @Test("no line of a Vietnamese help page explains in English: no explanation stands in both languages' pages")
    func pages() {
        /// An explanation stands behind its option's label, or below it where the label is long.
        func explains(_ line: String) -> Bool {
            line.firstMatch(of: /^\s{20,}\S/) != nil || line.firstMatch(of: /^  \S.*\s{2,}\S/) != nil
        }
        for command in Self.commands {
            let english = Set(Self.helpLines(of: command, in: .english).filter(explains))
            #expect(!english.isEmpty)
            for line in Self.helpLines(of: command, in: .vietnamese) { #expect(!english.contains(line), "\(command): \(line)") }
        }
    }

    @Test(
        "what is wrong with a command line is said in Vietnamese",
        arguments: [
            ("topic list --no-such-option", "Không có tùy chọn “--no-such-option”"),
            ("topic list --profil x", "Không có tùy chọn “--profil”. Có phải ý bạn là “--profile”?"),
            ("topic create", "Thiếu đối số “<topic>”"),
            ("topic list --profile", "Thiếu giá trị cho “--profile <file>”"),
            ("topic list extra", "Thừa đối số “extra”"),
            ("topic list a b c", "Thừa 3 đối số: 'a', 'b', 'c'"),
            ("topic create t --partitions many", "Giá trị “many” không hợp lệ cho “--partitions <partitions>”"),
            ("topic list --output xml", "Giá trị “xml” không hợp lệ cho “--output <output>”. Hãy chọn table hoặc json."),
            ("topic list --lang fr", "Giá trị “fr” không hợp lệ cho “--lang <lang>”: không có ngôn ngữ “fr”: hãy chọn vi hoặc en"),
            ("topic create t --if-not-exists=yes", "Tùy chọn “--if-not-exists” không nhận giá trị, nhưng lệnh ghi “yes”."),
            ("publish t --format xls", "Giá trị “xls” không hợp lệ cho “--format <format>”. Hãy chọn jsonl, csv hoặc raw."),
            ("no-such-command", "Không có lệnh “no-such-command”"),
            ("topic no-such-command", "Không có lệnh “no-such-command”"),
            ("sample no-such-type", "Giá trị “no-such-type” không hợp lệ cho “<type>”. Hãy chọn một trong các giá trị sau:"),
            ("subscribe t --max 0", "--max phải ít nhất là 1."),
            ("topic alter t", "Hãy ghi điều cần sửa: --config tên=giá-trị, --delete tên, hoặc --partitions N."),
        ])
    func wrongUsage(line: String, expected: String) {
        let arguments = line.split(separator: " ").map(String.init)
        let told = Self.answer(arguments, in: .vietnamese)
        #expect(told.first == "Lỗi: " + expected)
        #expect(told.contains { $0.hasPrefix("Cách dùng: hanbridge ") })
        #expect(Self.answer(arguments, in: .english).first?.hasPrefix("Error: ") == true)
    }

    @Test("the language is that of --lang, in either spelling, else the locale's; behind -- nothing is an option")
    func choice() {
        let vietnamese = ["LANG": "vi_VN.UTF-8"]
        #expect(Language(arguments: ["hanbridge", "topic", "--lang", "vi"], environment: [:]) == .vietnamese)
        #expect(Language(arguments: ["hanbridge", "--lang=en"], environment: vietnamese) == .english)
        #expect(Language(arguments: ["hanbridge", "--lang"], environment: vietnamese) == .vietnamese)
        #expect(Language(arguments: ["hanbridge", "publish", "--", "--lang", "en"], environment: vietnamese) == .vietnamese)
        #expect(Language(arguments: ["hanbridge", "--lang", "fr"], environment: vietnamese) == .vietnamese)
    }

    @Test("--version names the program and its version")
    func version() {
        #expect(Self.answer(["--version"], in: .english) == ["hanbridge \(Version.current)"])
        #expect(Version.current.wholeMatch(of: /\d+\.\d+\.\d+(-[a-z0-9.]+)?/) != nil)
    }
}
