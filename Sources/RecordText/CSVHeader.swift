public import MessageSchema
import Sentences

/// The first row of a CSV file: the names of the fields, and what a cell becomes.
///
/// A column's name may say it (`dose:integer`, `pm25:number`, `urgent:boolean`); else the schema of the records does, where there is
/// one; else a cell is a string: an identity number that looks like a number must not become one. An empty cell is an absent field.
public struct CSVHeader: Equatable, Sendable {
    public enum Kind: String, Sendable { case string, integer, number, boolean }

    /// What the cells of a column become.
    public enum Rule: Equatable, Sendable {
        /// As the column's name says: what cannot become that is wrong in the file.
        case written(Kind)
        /// As the schema has the field: what cannot become that stays a string, and the schema says what is wrong with it.
        case typed(JSONTypeSet)
    }

    public struct Column: Equatable, Sendable {
        public let name: String
        public let rule: Rule
        /// The name as JSON, with the colon.
        fileprivate let opening: [UInt8]
    }

    public let columns: [Column]

    /// - Parameter types: what the schema lets a field be; `.all` where it does not say.
    public init(_ row: CSVParser.Row, types: (String) -> JSONTypeSet = { _ in .string }) throws(InputError) {
        var columns: [Column] = []
        var names: Set<String> = []
        for cell in row.fields {
            let parts = cell.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map { $0.trimmingSpaces() }
            guard let name = parts.first, !name.isEmpty, name.utf8.count <= InputLimits.columnNameBytesMax, names.insert(name).inserted else {
                throw InputError(line: row.line, sentence: .csvHeaderName(cell))
            }
            let kind = parts.count == 1 ? nil : Kind(rawValue: parts[1])
            guard parts.count == 1 || kind != nil else { throw InputError(line: row.line, sentence: .csvHeaderKind(cell)) }
            var opening: [UInt8] = []
            JSONQuoting.append(name, to: &opening)
            opening.append(UInt8(ascii: ":"))
            columns.append(Column(name: name, rule: kind.map(Rule.written) ?? .typed(types(name)), opening: opening))
        }
        self.columns = columns
    }

    /// A table for a topic.
    /// - Parameter schema: the fields that the topic's schema names; nil where it names none. A column that is not among them is a mistake,
    ///   unless its name says what it is.
    public init(_ row: CSVParser.Row, of schema: [String: JSONTypeSet]?) throws(InputError) {
        try self.init(row) { schema?[$0] ?? .string }
        guard let schema else { return }
        for column in columns where schema[column.name] == nil {
            guard case .typed = column.rule else { continue }
            throw InputError(line: row.line, sentence: .csvColumnUnknown(column.name, known: schema.keys.sorted()))
        }
    }

    /// A row as a JSON document, fields in the file's order.
    public func document(_ row: CSVParser.Row) throws(InputError) -> [UInt8] {
        guard row.fields.count == columns.count else {
            throw InputError(line: row.line, sentence: .csvColumnCount(found: row.fields.count, expected: columns.count))
        }
        var document = [UInt8(ascii: "{")]
        for (column, cell) in zip(columns, row.fields) where !cell.isEmpty {
            if document.count > 1 { document.append(UInt8(ascii: ",")) }
            document += column.opening
            switch column.rule {
            case .typed(let types): Self.append(cell, types, to: &document)
            case .written(let kind):
                guard Self.append(cell, kind, to: &document) else {
                    throw InputError(line: row.line, sentence: .csvCell(column.name, kind: kind.rawValue))
                }
            }
        }
        document.append(UInt8(ascii: "}"))
        return document
    }

    /// - Returns: false, and nothing is appended, for a cell that is not of the kind.
    private static func append(_ cell: String, _ kind: Kind, to document: inout [UInt8]) -> Bool {
        switch kind {
        case .string: JSONQuoting.append(cell, to: &document)
        case .integer:
            guard let value = Int64(cell) else { return false }
            document += String(value).utf8
        case .number:
            guard isNumber(cell) else { return false }
            document += cell.utf8
        case .boolean:
            guard let value = boolean(cell) else { return false }
            document += (value ? "true" : "false").utf8
        }
        return true
    }

    private static func append(_ cell: String, _ types: JSONTypeSet, to document: inout [UInt8]) {
        if types.contains(.string) {
            JSONQuoting.append(cell, to: &document)
        } else if !types.isDisjoint(with: .number), isNumber(cell) {
            document += cell.utf8
        } else if types.contains(.boolean), let value = boolean(cell) {
            document += (value ? "true" : "false").utf8
        } else if !types.isDisjoint(with: [.array, .object]), cell.hasPrefix("[") || cell.hasPrefix("{"), JSONScanner.isDocument(Array(cell.utf8)) {
            document += cell.utf8
        } else {
            JSONQuoting.append(cell, to: &document)
        }
    }

    /// Checked as JSON and passed on as written: 0.10 stays 0.10.
    private static func isNumber(_ cell: String) -> Bool {
        cell.utf8.first.map { $0 == 0x2D || (0x30...0x39).contains($0) } == true && JSONScanner.isDocument(Array(cell.utf8))
    }

    private static func boolean(_ cell: String) -> Bool? {
        switch cell.lowercased() {
        case "true", "1": true
        case "false", "0": false
        default: nil
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
