/// The flat form of a schema's messages: what the walker reads while it goes over a payload. Immutable.
final class WireProgram: Sendable {
    let messages: [WireMessage]
    let fields: [WireField]
    /// Slices of it belong to messages (field numbers to fields) and to closed enums (the numbers they have).
    let lookup: [Int32]
    let codeTables: [WireCodeTable]
    /// For each message, its full name; for each field, its name in paths. For sentences only.
    let messageNames: [String]
    let fieldNames: [String]
    /// How sentences call the field: `field severity (int32)`.
    let fieldTypes: [String]
    let allowsUnknownFields: Bool
    /// The messages of the file, in its order, each with those inside it: what message indexes choose from.
    let roots: [Root]

    struct Root: Sendable {
        let message: Int32
        let nested: [Root]
    }

    init(
        messages: [WireMessage], fields: [WireField], lookup: [Int32], codeTables: [WireCodeTable], messageNames: [String],
        fieldNames: [String], fieldTypes: [String], allowsUnknownFields: Bool, roots: [Root]
    ) {
        self.messages = messages
        self.fields = fields
        self.lookup = lookup
        self.codeTables = codeTables
        self.messageNames = messageNames
        self.fieldNames = fieldNames
        self.fieldTypes = fieldTypes
        self.allowsUnknownFields = allowsUnknownFields
        self.roots = roots
    }
}

struct WireMessage: Sendable {
    /// `lookup[denseStart + number]` is the index of the field with that number, -1 for none; for numbers below `denseCount`.
    var denseStart: Int32 = 0
    var denseCount: Int32 = 0
    /// Larger numbers: `sparseCount` numbers in order at `sparseStart`, then as many indexes.
    var sparseStart: Int32 = 0
    var sparseCount: Int32 = 0
    /// A bit for each required field, the first 64 of them.
    var requiredBits: UInt64 = 0
    /// More required fields than bits: the careful check decides.
    var hasMoreRequired = false
    var isMapEntry = false
    /// It or a message in it has a required field.
    var reachesRequired = false
    var fields = 0..<0
}

struct WireField: Sendable {
    enum Kind: UInt8, Sendable {
        case varint64, int32, unsigned32, bool, openEnum, closedEnum, fixed32, fixed64, text, bytes, message, group
    }

    var number: Int32
    var kind: Kind
    /// The wire type of one value.
    var wireType: UInt8
    var isRepeated: Bool
    var isMap = false
    var isRequired = false
    /// proto3 strings are UTF-8; Protobuf does not look at those of proto2.
    var checksUTF8 = false
    /// Of a required field, in its message's `requiredBits`; 0 for others.
    var requiredBit: UInt64 = 0
    /// The message, or where the closed enum's numbers begin in `lookup`.
    var target: Int32 = -1
    /// How many numbers the closed enum has.
    var targetCount: Int32 = 0
    /// Index in `codeTables`.
    var codeTable: Int32 = -1
    /// The oneof in its message; members of one push each other out.
    var oneof: Int32 = -1

    var isPackable: Bool { isRepeated && wireType != WireType.lengthDelimited && kind != .group }
}

/// https://protobuf.dev/programming-guides/encoding/#structure
enum WireType {
    static let varint: UInt8 = 0
    static let fixed64: UInt8 = 1
    static let lengthDelimited: UInt8 = 2
    static let startGroup: UInt8 = 3
    static let endGroup: UInt8 = 4
    static let fixed32: UInt8 = 5
}
