/// What becomes of the values of a payload: its types once more, each as often as the rules tell it apart.
struct AvroPlan {
    struct Node: Sendable {
        /// In the schema.
        var type: Int
        var form: AvroForm
        /// Fields, branches, items or values. -1 for a field of which nothing is read but where it ends.
        var children = FastRange(start: 0, count: 0)
        /// Items take bytes.
        var hasBytes = true
        /// Nothing in it is changed.
        var isWhole = false
        /// Nothing in it is written.
        var isHidden = false
        var isShown = true
        var mask = AvroMask.none
        var tests = FastRange(start: 0, count: 0)
    }

    var nodes: [Node] = []
    var children: [Int32] = []
    /// Indices of conditions.
    var tests: [Int32] = []
    /// Symbols of enums that conditions compare, by type.
    var symbols: [Int: [[UInt8]]] = [:]
    let root: Int32 = 0
}

/// How a value is written.
enum AvroForm: UInt8, Sendable {
    case null, boolean, int, long, float, double, bytes, string, fixed, enumeration, array, map, union, record
}

/// What is written in the place of a value.
enum AvroMask: Hashable, Sendable {
    case none
    /// Zero, false, no bytes.
    case zero
    /// A decimal of one byte.
    case zeroDecimal
    case redactedText, nilUUID
    case symbol(Int32)
    case hashText, hashUUID, hashBytes, hashInteger
    case lastFour
    case yearText, yearDate
    case yearInstant(unitsPerSecond: Int64)
}
