import Foundation

/// The string literals of Swift source, as templates: what is interpolated stands as `{}`, and literals that `+` joins are one.
struct LiteralScanner {
    struct Literal {
        let template: String
        /// The line of source on which it begins.
        let line: String
    }

    private let text: [Character]
    private var place = 0

    static func literals(of source: String) -> [Literal] {
        var scanner = LiteralScanner(text: Array(source))
        return scanner.scan()
    }

    private init(text: [Character]) { self.text = text }

    private mutating func scan() -> [Literal] {
        var found: [(start: Int, end: Int, template: String)] = []
        while place < text.count {
            if starts(with: "//") {
                while place < text.count, text[place] != "\n" { place += 1 }
            } else if text[place] == "\"" {
                let start = place
                let template = literal()
                if let last = found.last, text[last.end..<start].filter({ !$0.isWhitespace }) == ["+"] {
                    found[found.count - 1] = (last.start, place, last.template + template)
                } else {
                    found.append((start, place, template))
                }
            } else {
                place += 1
            }
        }
        return found.map { Literal(template: $0.template, line: line(around: $0.start)) }
    }

    /// From the opening quote to behind the closing one.
    private mutating func literal() -> String {
        let quote = starts(with: "\"\"\"") ? "\"\"\"" : "\""
        place += quote.count
        var template = ""
        while place < text.count, !starts(with: quote) {
            if starts(with: "\\(") {
                place += 2
                skipInterpolation()
                template += "{}"
            } else if text[place] == "\\" {
                template.append(text[place + 1] == "n" ? "\n" : text[place + 1])
                place += 2
            } else {
                template.append(text[place])
                place += 1
            }
        }
        place += quote.count
        return template
    }

    private mutating func skipInterpolation() {
        var depth = 1
        while place < text.count, depth > 0 {
            switch text[place] {
            case "\"": _ = literal()
            case "(": (depth, place) = (depth + 1, place + 1)
            case ")": (depth, place) = (depth - 1, place + 1)
            default: place += 1
            }
        }
    }

    private func starts(with word: String) -> Bool { text[place...].starts(with: word) }

    private func line(around place: Int) -> String {
        let start = text[..<place].lastIndex(of: "\n").map { $0 + 1 } ?? 0
        return String(text[start..<(text[place...].firstIndex(of: "\n") ?? text.count)])
    }
}
