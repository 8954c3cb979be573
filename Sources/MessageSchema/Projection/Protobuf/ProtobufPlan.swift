/// What becomes of the fields of a payload: the messages of a schema once more, each as often as the rules tell it apart.
struct ProtobufPlan {
    struct Message: Sendable {
        /// In the wire program.
        var message: Int32
        /// Where its fields stand in `fields`, in the order of the wire program.
        var firstField: Int32 = 0
        var isHidden = false
    }

    struct Field: Sendable {
        var treatment = Treatment.drop
        /// Of a message or group that is looked into; -1 for none.
        var inner: Int32 = -1
        var mask = ProtobufMask.none
        var tests = FastRange(start: 0, count: 0)
        /// Bits of conditions on the other members of its oneof, which it pushes out.
        var clears: UInt64 = 0
        /// Where the names of the enum stand that conditions compare; -1 for none.
        var symbols: Int32 = -1
        /// Negative numbers are few bytes too (sint32, sint64).
        var isZigzag = false
        var isUnsigned = false
    }

    enum Treatment: UInt8, Sendable {
        /// It is not written. Looked into where `inner` says so.
        case drop
        /// As it stands.
        case copy
        /// Field by field.
        case message
        case mask
    }

    var messages: [Message] = []
    var fields: [Field] = []
    var tests: [Int32] = []
    /// Numbers and names of enums that conditions compare.
    var symbols: [[(number: Int32, name: [UInt8])]] = []
    /// For each message of the wire program that a payload can be, its place here; -1 for one under which the rules do not hold.
    var roots: [Int32]
}

/// What is written in the place of a value.
enum ProtobufMask: Hashable, Sendable {
    case none
    /// Zero, false, no bytes.
    case zero
    case redactedText
    /// An enum's first value.
    case number(Int32)
    case hashText, hashBytes, hashInteger
    case lastFour
    case yearText
    /// Of a google.protobuf.Timestamp.
    case yearTimestamp
}
