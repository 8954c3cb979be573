import Sentences

/// What a command found: one row a thing, the same facts as a table for people and as JSON lines for programs.
struct Report: Sendable {
    struct Column: Sendable {
        /// The key in JSON.
        let key: String
        let title: Sentence

        init(_ key: String, _ title: Sentence) {
            self.key = key
            self.title = title
        }
    }

    let columns: [Column]
    private(set) var rows: [[JSONText]] = []

    init(columns: [Column]) { self.columns = columns }

    mutating func add(_ row: [JSONText]) {
        precondition(row.count == columns.count, "A report's row has one cell for each column.")
        rows.append(row)
    }

    func write(as format: OutputFormat, in language: Language) {
        switch format {
        case .json:
            for row in rows {
                StandardStream.output.writeLine(JSONText.object(Array(zip(columns.map(\.key), row))).description)
            }
        case .table: StandardStream.output.write(table(in: language))
        }
    }

    /// Columns are as wide as their widest cell, counted in characters; numbers lie on the right.
    func table(in language: Language) -> String {
        let titles = columns.map { $0.title.text(in: language) }
        let cells = rows.map { $0.map { Self.plain($0, language) } }
        let widths = titles.indices.map { column in
            max(titles[column].count, cells.map { $0[column].count }.max() ?? 0)
        }
        let numeric = titles.indices.map { column in rows.contains { Self.isNumber($0[column]) } }
        func line(_ values: [String]) -> String {
            let padded = values.enumerated().map { column, value in
                let padding = String(repeating: " ", count: widths[column] - value.count)
                return numeric[column] ? padding + value : value + padding
            }
            let text = padded.joined(separator: "  ")
            return String(text.reversed().drop { $0 == " " }.reversed()) + "\n"
        }
        return ([line(titles)] + cells.map(line)).joined()
    }

    private static func plain(_ cell: JSONText, _ language: Language) -> String {
        switch cell {
        case .null: "–"
        case .string(let text): text
        case .bool(let isSo): Sentence.yesOrNo(isSo).text(in: language)
        case .number(let value): value.magnitude < 1e15 && value == value.rounded() ? String(Int64(value)) : String((value * 100).rounded() / 100)
        case .array(let values): values.map { plain($0, language) }.joined(separator: ", ")
        case .integer, .object, .raw: cell.description
        }
    }

    private static func isNumber(_ cell: JSONText) -> Bool {
        switch cell {
        case .integer, .number: true
        case .null, .bool, .string, .array, .object, .raw: false
        }
    }
}

extension JSONText {
    /// A word of a closed set: people read it in their language, programs as it is.
    static func word(_ code: String, _ sentence: Sentence, _ options: CommonOptions) -> JSONText {
        switch options.output {
        case .table: .string(sentence.text(in: options.language))
        case .json: .string(code)
        }
    }
}
