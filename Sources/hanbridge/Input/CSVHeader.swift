import Sentences

/// The first row of a CSV file: the names of the fields, and what a cell becomes.
///
/// A cell is a string unless the name says otherwise (`dose:integer`, `pm25:number`, `urgent:boolean`): an identity number
/// that looks like a number must not become one. An empty cell is an absent field.
struct CSVHeader: Equatable, Sendable {
    enum Kind: String, Sendable { case string, integer, number, boolean }

    let columns: [(name: String, kind: Kind)]

    static func == (left: CSVHeader, right: CSVHeader) -> Bool {
        left.columns.elementsEqual(right.columns) { $0.name == $1.name && $0.kind == $1.kind }
    }

    init(_ row: CSVParser.Row) throws(InputError) {
        var columns: [(name: String, kind: Kind)] = []
        for cell in row.fields {
            let parts = cell.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map { $0.trimmingSpaces() }
            guard let name = parts.first, !name.isEmpty, !columns.contains(where: { $0.name == name }) else {
                throw InputError(line: row.line, sentence: .csvHeaderName(cell))
            }
            guard let kind = parts.count == 1 ? .string : Kind(rawValue: parts[1]) else {
                throw InputError(line: row.line, sentence: .csvHeaderKind(cell))
            }
            columns.append((name, kind))
        }
        self.columns = columns
    }

    /// A row as a JSON document, fields in the file's order.
    func document(_ row: CSVParser.Row) throws(InputError) -> JSONText {
        guard row.fields.count == columns.count else {
            throw InputError(line: row.line, sentence: .csvColumnCount(found: row.fields.count, expected: columns.count))
        }
        var fields: [(String, JSONText)] = []
        for (column, cell) in zip(columns, row.fields) where !cell.isEmpty {
            guard let value = Self.value(cell, column.kind) else {
                throw InputError(line: row.line, sentence: .csvCell(column.name, kind: column.kind.rawValue))
            }
            fields.append((column.name, value))
        }
        return .object(fields)
    }

    private static func value(_ cell: String, _ kind: Kind) -> JSONText? {
        switch kind {
        case .string: return .string(cell)
        case .integer: return Int64(cell).map(JSONText.integer)
        case .number:
            // Checked as JSON and passed on as written: 0.10 stays 0.10.
            guard cell.utf8.first.map({ $0 == 0x2D || (0x30...0x39).contains($0) }) == true,
                JSONScanner.isDocument(Array(cell.utf8))
            else { return nil }
            return .raw(cell)
        case .boolean:
            switch cell.lowercased() {
            case "true", "1": return true
            case "false", "0": return false
            default: return nil
            }
        }
    }
}

extension StringProtocol {
    func trimmingSpaces() -> String {
        var text = Substring(self)
        while text.first == " " || text.first == "\t" { text.removeFirst() }
        while text.last == " " || text.last == "\t" { text.removeLast() }
        return String(text)
    }
}
