import Sentences

/// Reads comma-separated values (RFC 4180), a byte at a time: quoted fields, doubled quotes, line breaks inside quotes, CRLF
/// or LF. Pure; the limits are ``InputLimits``.
///
/// The first comma, semicolon or tab outside quotes in the header is the file's separator: a spreadsheet set to Vietnamese, where
/// the comma is the decimal sign, writes semicolons, and calls that CSV too.
public struct CSVParser: Sendable {
    private enum State: Equatable { case fieldStart, plain, quoted, quoteInQuoted, carriageReturn }

    private var separator: UInt8?
    private var state = State.fieldStart
    private var field: [UInt8] = []
    private var row: [String] = []
    private var rowBytes = 0
    /// The line being read, from 1, and the one on which the row began.
    public private(set) var line = 1
    private var rowLine = 1
    /// Where the quote that is open was opened.
    private var quoteLine = 1

    private static let separators: Set<UInt8> = [UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "\t")]

    public struct Row: Equatable, Sendable {
        public let line: Int
        public let fields: [String]

        public init(line: Int, fields: [String]) {
            self.line = line
            self.fields = fields
        }
    }

    public init() {}

    /// - Returns: the row that this byte ends.
    public mutating func received(_ byte: UInt8) throws(InputError) -> Row? {
        rowBytes += 1
        guard rowBytes <= InputLimits.recordBytesMax else { throw failure(.recordTooLong(bytesMax: InputLimits.recordBytesMax)) }
        switch state {
        case .carriageReturn where byte == UInt8(ascii: "\n"):
            state = .fieldStart
            line += 1
            rowLine = line
            rowBytes = 0
            return nil
        case .carriageReturn: throw failure(.csvStrayCarriageReturn)
        case .fieldStart where byte == UInt8(ascii: "\""):
            state = .quoted
            quoteLine = line
            return nil
        case .fieldStart, .plain: return try plain(byte)
        case .quoted:
            if byte == UInt8(ascii: "\"") {
                state = .quoteInQuoted
            } else {
                if byte == UInt8(ascii: "\n") { line += 1 }
                field.append(byte)
            }
            return nil
        case .quoteInQuoted where byte == UInt8(ascii: "\""):
            field.append(byte)
            state = .quoted
            return nil
        case .quoteInQuoted:
            guard isSeparator(byte) || byte == UInt8(ascii: "\r") || byte == UInt8(ascii: "\n") else {
                throw failure(.csvTextAfterQuote)
            }
            return try plain(byte)
        }
    }

    /// The last row, where the file does not end with a line break.
    public mutating func ended() throws(InputError) -> Row? {
        switch state {
        case .quoted: throw InputError(line: quoteLine, sentence: .csvQuoteOpen)
        case .carriageReturn: return nil
        case .fieldStart where row.isEmpty: return nil
        case .fieldStart, .plain, .quoteInQuoted:
            try endField()
            return endRow()
        }
    }

    private mutating func isSeparator(_ byte: UInt8) -> Bool {
        if let separator { return byte == separator }
        guard Self.separators.contains(byte) else { return false }
        separator = byte
        return true
    }

    private mutating func plain(_ byte: UInt8) throws(InputError) -> Row? {
        switch byte {
        case _ where isSeparator(byte):
            try endField()
            state = .fieldStart
            return nil
        case UInt8(ascii: "\n"):
            try endField()
            let row = endRow()
            line += 1
            rowLine = line
            rowBytes = 0
            return row
        case UInt8(ascii: "\r"):
            try endField()
            let row = endRow()
            state = .carriageReturn
            return row
        case UInt8(ascii: "\""): throw failure(.csvQuoteInPlain)
        default:
            field.append(byte)
            state = .plain
            return nil
        }
    }

    private mutating func endField() throws(InputError) {
        guard row.count < InputLimits.columnsMax else { throw failure(.csvTooManyColumns(InputLimits.columnsMax)) }
        guard let text = String(validating: field, as: UTF8.self) else { throw failure(.notUTF8) }
        row.append(text)
        field.removeAll(keepingCapacity: true)
    }

    /// A row of one empty field is an empty line: nothing.
    private mutating func endRow() -> Row? {
        state = .fieldStart
        defer { row.removeAll(keepingCapacity: true) }
        // A header of one column.
        if separator == nil, row != [""] { separator = UInt8(ascii: ",") }
        return row == [""] ? nil : Row(line: rowLine, fields: row)
    }

    private func failure(_ sentence: Sentence) -> InputError { InputError(line: line, sentence: sentence) }
}
