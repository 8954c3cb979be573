/// What the argument parser prints, a help page or what is wrong with a command line, in a language of ours. Commands and options
/// explain themselves in it already (``Help``); the parser's own words around them are English, and are put right here, line by line.
public enum ParserPage {
    public static func text(_ page: String, in language: Language) -> String {
        let page = namingCommands(page)
        return switch language {
        case .english: page
        case .vietnamese: page.split(separator: "\n", omittingEmptySubsequences: false).map { vietnamese(of: String($0)) }.joined(separator: "\n")
        }
    }

    /// What stands where a command should, the parser calls an unexpected argument.
    private static func namingCommands(_ page: String) -> String {
        let argument = "Error: Unexpected argument '"
        guard page.hasPrefix(argument), page.contains(" <subcommand>\n") else { return page }
        return "Error: There is no command '" + page.dropFirst(argument.count)
    }

    /// Lines that are these words.
    private static let headings = [
        "ARGUMENTS:": "ĐỐI SỐ:", "OPTIONS:": "TÙY CHỌN:", "SUBCOMMANDS:": "LỆNH CON:",
    ]

    /// Lines that begin with these words.
    private static let beginnings = [
        ("OVERVIEW: ", "GIỚI THIỆU: "), ("USAGE: ", "CÁCH DÙNG: "), ("Usage: ", "Cách dùng: "), ("Help:  ", "Giải thích:  "),
    ]

    /// Wherever they stand: behind the explanation of an option, or instead of one.
    private static let insertions = [
        ("(default:", "(mặc định:"), ("(values:", "(giá trị:"), ("; default:", "; mặc định:"),
        ("Show help information.", "Xem trợ giúp."), ("Show the version.", "Xem phiên bản."),
        ("Show subcommand help information.", "Xem trợ giúp của lệnh con."),
        (" <subcommand>", " <lệnh-con>"), (" <options>", " <tùy-chọn>"),
    ]

    /// Where the page's lines are broken in front of these words.
    private static let continuations = [("default: ", "mặc định: "), ("(default: ", "(mặc định: ")]

    private static func vietnamese(of line: String) -> String {
        if let heading = headings[line] { return heading }
        if line.hasPrefix("Error: ") { return "Lỗi: " + String(line.dropFirst(7)).vietnamese }
        if line.hasPrefix("  See '") {
            return line.replacing("  See '", with: "  Xem '", maxReplacements: 1)
                .replacing("' for more information.", with: "' để biết thêm.").replacing("' for detailed help.", with: "' để xem chi tiết.")
                .replacing("<subcommand>", with: "<lệnh-con>")
        }
        var line = line
        for (english, vietnamese) in beginnings where line.hasPrefix(english) {
            line = vietnamese + line.dropFirst(english.count)
        }
        let words = line.drop { $0 == " " }
        for (english, vietnamese) in continuations where words.startIndex > line.startIndex && words.hasPrefix(english) && words.hasSuffix(")") {
            line = String(line.prefix(upTo: words.startIndex)) + vietnamese + words.dropFirst(english.count)
        }
        for (english, vietnamese) in insertions { line = line.replacing(english, with: vietnamese) }
        return line
    }
}
