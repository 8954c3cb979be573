/// One step of checking a payload. Types without bytes (`null`, a fixed of size 0, a record of such) need none.
struct AvroInstruction: Sendable {
    var operation: AvroOperation
    /// A count, a size or the start of a table: see `AvroOperation`.
    var operand: Int32 = 0
    /// The instruction to go on with, or a second number.
    var target: Int32 = 0
}

enum AvroOperation: UInt8, Sendable {
    case boolean, int, long, float, double, bytes, string
    /// `operand` bytes.
    case fixed
    /// An index below `operand`.
    case enumeration
    /// The same, where only some symbols are codes of a list: the table at `target` has 1 for these.
    case enumerationCode
    /// Text that is one of the code list `operand`.
    case stringCode
    /// Bytes, or `target` bytes of a fixed, that are a decimal within the bounds `operand`.
    case decimalBytes, decimalFixed
    case uuid, timeMillis, timeMicros
    /// A union of null and one other, whose code follows. `operand` is the index of null; `target` comes after the union.
    case optional
    /// A union of `target` branches; the table at `operand` has the first instruction of each.
    case union
    /// Goes on at `target`.
    case jump
    /// The code of one item follows, up to `end`; `target` comes after that. An `operand` of 1 says that items have no bytes.
    case array
    /// The same; the code of one entry begins with `key`.
    case map
    case key
    /// A record whose code stands at `target`, up to `end`.
    case record
    /// The end of an item, an entry, a record or the payload.
    case end
}

/// A schema as a list of instructions with the tables that they need. A class, so that checking a payload counts one reference.
final class AvroCode: Sendable {
    let instructions: [AvroInstruction]
    /// The `end` of the payload; the records that are called stand after it.
    let payloadEnd: Int
    let tables: [Int32]
    let bounds: [DecimalBounds]
    let codeLists: [NameMap]
    /// The codes of all lists.
    let codes: NameTable
    /// For each instruction its place within its item, entry or record, in `places`; 0 is the item itself.
    private let placeOfInstruction: [Int32]
    private let places: [AvroPlace]

    init(
        instructions: [AvroInstruction], payloadEnd: Int, tables: [Int32], bounds: [DecimalBounds], codeLists: [NameMap], codes: NameTable,
        placeOfInstruction: [Int32], places: [AvroPlace]
    ) {
        self.instructions = instructions
        self.payloadEnd = payloadEnd
        self.tables = tables
        self.bounds = bounds
        self.codeLists = codeLists
        self.codes = codes
        self.placeOfInstruction = placeOfInstruction
        self.places = places
    }

    /// The fields that lead from the item, entry or record around an instruction to the value that it checks.
    func fields(to instruction: Int) -> [String] {
        var fields: [String] = []
        var place = Int(placeOfInstruction[instruction])
        while place > 0 {
            fields.append(places[place].field)
            place = Int(places[place].parent)
        }
        return fields.reversed()
    }
}

/// A field, and the place of the record that it is in.
struct AvroPlace: Sendable {
    let parent: Int32
    let field: String
}
