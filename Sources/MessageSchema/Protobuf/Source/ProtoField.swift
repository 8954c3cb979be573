/// A field of a message, or an extension of one.
struct ProtoField: Sendable {
    enum Label: Int, Sendable {
        case optional = 1, required, repeated
    }

    var name: String
    var position = ProtoPosition()
    var number: Int32
    var numberPosition = ProtoPosition()
    var label: Label
    var type: ProtoFieldType
    var typePosition = ProtoPosition()
    /// Index in the message's `oneofs`.
    var oneof: Int?
    /// The message that an extension extends.
    var extendee: ProtoName?
    /// As a descriptor has it: the text of a number, `true`, an enum value's name, a string, bytes with C escapes.
    var defaultValue: String?
    var defaultPosition = ProtoPosition()
    /// Only where the text gives one.
    var jsonName: String?
    var jsonNamePosition = ProtoPosition()
    /// `optional` written in proto3.
    var isProto3Optional = false
    var options = ProtoOptions()
}

enum ProtoFieldType: Hashable, Sendable {
    case scalar(ProtoScalar)
    /// A name that is not resolved yet; nothing is known about its kind, unless a descriptor says so.
    case named(String)
    /// Resolved, full names without a leading dot.
    case message(String)
    case group(String)
    case enumeration(String)
}

/// The types that are no messages and no enums, with their numbers in FieldDescriptorProto.Type.
enum ProtoScalar: Int, Hashable, Sendable, CaseIterable {
    case double = 1, float, int64, uint64, int32, fixed64, fixed32, bool, string
    case bytes = 12
    case uint32 = 13
    case sfixed32 = 15
    case sfixed64, sint32, sint64

    /// The keyword of the language.
    var word: String {
        switch self {
        case .double: "double"
        case .float: "float"
        case .int64: "int64"
        case .uint64: "uint64"
        case .int32: "int32"
        case .fixed64: "fixed64"
        case .fixed32: "fixed32"
        case .bool: "bool"
        case .string: "string"
        case .bytes: "bytes"
        case .uint32: "uint32"
        case .sfixed32: "sfixed32"
        case .sfixed64: "sfixed64"
        case .sint32: "sint32"
        case .sint64: "sint64"
        }
    }

    static let byWord = Dictionary(uniqueKeysWithValues: allCases.map { ($0.word, $0) })

    /// Signed, unsigned, or no integer.
    var integerRange: (low: Int64, high: UInt64)? {
        switch self {
        case .int32, .sint32, .sfixed32: (Int64(Int32.min), UInt64(Int32.max))
        case .uint32, .fixed32: (0, UInt64(UInt32.max))
        case .int64, .sint64, .sfixed64: (Int64.min, UInt64(Int64.max))
        case .uint64, .fixed64: (0, UInt64.max)
        case .double, .float, .bool, .string, .bytes: nil
        }
    }

    /// Repeated fields of it may be packed.
    var isPackable: Bool { self != .string && self != .bytes }
}
