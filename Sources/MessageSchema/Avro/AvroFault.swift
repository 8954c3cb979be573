/// What can be wrong with a payload.
enum AvroFault: Sendable {
    case truncated, number, range, boolean, length, utf8, symbol, branch, blockCount, blockSize, emptyItems, depth
    case decimal, uuid, timeMillis, timeMicros, code
    case trailingBytes

    /// `Violation.rule`.
    var rule: String {
        switch self {
        case .truncated: "truncated"
        case .number: "varint"
        case .range: "range"
        case .boolean: "boolean"
        case .length: "length"
        case .utf8: "utf8"
        case .symbol: "enum"
        case .branch: "union"
        case .blockCount: "block-count"
        case .blockSize: "block-size"
        case .emptyItems: "block-count"
        case .depth: "depth"
        case .decimal: "decimal"
        case .uuid: "uuid"
        case .timeMillis: "time-millis"
        case .timeMicros: "time-micros"
        case .code: "x-codelist"
        case .trailingBytes: "trailing-bytes"
        }
    }

    /// Nothing can be told of the value, or nothing of what comes behind it. What else is wrong can still be read, and written as JSON.
    var isUnreadable: Bool {
        switch self {
        case .truncated, .number, .boolean, .length, .utf8, .symbol, .branch, .blockCount, .blockSize, .emptyItems, .depth, .trailingBytes: true
        case .range, .decimal, .uuid, .timeMillis, .timeMicros, .code: false
        }
    }

    /// What would be right, without what is there.
    func sentence(for instruction: AvroInstruction, of code: AvroCode) -> String {
        switch self {
        case .truncated: "the payload ends before its value is complete"
        case .number: "a number has at most 10 bytes of seven bits, an int or an index at most 5"
        case .range: "an int is from \(Int32.min) to \(Int32.max)"
        case .boolean: "a boolean is a byte of 0 or 1"
        case .length: "a length in bytes is not negative"
        case .utf8: "text is in UTF-8"
        case .symbol: "an index from 0 to \(instruction.operand - 1) names one of the symbols"
        case .branch: "an index from 0 to \(instruction.operation == .optional ? 1 : instruction.target - 1) names one of the branches"
        case .blockCount: "a block that begins with a negative count names its size in bytes next, which is not negative"
        case .blockSize: "a block has as many bytes as it says"
        case .emptyItems: "an array has at most \(SchemaLimits.avroEmptyItemsMax) items that take no bytes"
        case .depth: "records, arrays and maps nest at most \(SchemaLimits.depthMax) deep"
        case .decimal: "the decimal has at most \(code.bounds[Int(instruction.operand)].precision) digits, in at least one byte"
        case .uuid: "a UUID is written as 8, 4, 4, 4 and 12 hexadecimal digits joined by hyphens (RFC 4122)"
        case .timeMillis: "a time of day is from 0 to 86399999 milliseconds"
        case .timeMicros: "a time of day is from 0 to 86399999999 microseconds"
        case .code: "the value is one of the field's code list"
        case .trailingBytes: "nothing may follow the value"
        }
    }
}
