public import NIOCore

/// Walks a message's layout, field by field in wire order.
///
/// A layout is written once, by hand, as a generic function over walkers. The reader fills the fields, the writer sends
/// them, the recorder notes names and types (to compare with Apache's definitions), and the tests' generator invents
/// values. `Failure` is `Never` for walkers that cannot fail, so that encoding does not throw.
///
/// Each method is called with the field's name in Kafka's message definition: it appears in errors and in recorded
/// specifications, and costs nothing on the way of ordinary data.
public protocol LayoutWalker {
    associatedtype Failure: Error

    /// The message's API version; it decides which fields exist.
    var version: Int16 { get }

    mutating func bool(_ value: inout Bool, _ name: StaticString) throws(Failure)
    mutating func int8(_ value: inout Int8, _ name: StaticString) throws(Failure)
    mutating func int16(_ value: inout Int16, _ name: StaticString) throws(Failure)
    mutating func int32(_ value: inout Int32, _ name: StaticString) throws(Failure)
    mutating func int64(_ value: inout Int64, _ name: StaticString) throws(Failure)
    mutating func float64(_ value: inout Double, _ name: StaticString) throws(Failure)
    mutating func uuid(_ value: inout UUID128, _ name: StaticString) throws(Failure)
    /// An `int16` on the wire.
    mutating func errorCode(_ value: inout ErrorCode, _ name: StaticString) throws(Failure)

    mutating func string(_ value: inout String, _ name: StaticString) throws(Failure)
    /// Where this version has no null, nil travels as the empty string.
    mutating func string(_ value: inout String?, _ name: StaticString, nullable: Bool) throws(Failure)
    mutating func bytes(_ value: inout [UInt8], _ name: StaticString) throws(Failure)
    mutating func bytes(_ value: inout [UInt8]?, _ name: StaticString, nullable: Bool) throws(Failure)

    /// Record data, shared with the frame and not copied when read. A writer sends `parts`, one after the other, where there
    /// are any, and `value` otherwise: stored batches go from the log's buffers into the response in one copy.
    mutating func records(_ value: inout ByteBuffer?, parts: [ByteBuffer], _ name: StaticString) throws(Failure)

    mutating func strings(_ values: inout [String], _ name: StaticString) throws(Failure)
    mutating func strings(_ values: inout [String]?, _ name: StaticString, nullable: Bool) throws(Failure)
    mutating func int32s(_ values: inout [Int32], _ name: StaticString) throws(Failure)

    mutating func array<Element: WireStructure>(_ elements: inout [Element], _ name: StaticString) throws(Failure)
    /// Where this version has no null, nil travels as the empty array.
    mutating func array<Element: WireStructure>(
        _ elements: inout [Element]?, _ name: StaticString, nullable: Bool
    ) throws(Failure)

    /// A structure inside a tagged field; nil means that the field is absent.
    mutating func structure<Structure: WireStructure>(_ value: inout Structure?, _ name: StaticString) throws(Failure)

    /// Opens the tagged fields that end a structure of a flexible version (KIP-482). Nothing happens in other versions.
    mutating func beginTags() throws(Failure)
    /// Whether the tagged field is there and must be walked next: for a reader, when the bytes have it; for a writer, when
    /// `isPresent`. Called in ascending order of tags.
    mutating func tag(_ number: UInt32, isPresent: Bool) throws(Failure) -> Bool
    mutating func endTags() throws(Failure)

    /// The end of a structure without known tagged fields.
    mutating func noTags() throws(Failure)
}

extension LayoutWalker {
    public mutating func errorCode(_ value: inout ErrorCode, _ name: StaticString) throws(Failure) {
        try int16(&value.rawValue, name)
    }

    mutating func string(_ value: inout String?, _ name: StaticString) throws(Failure) {
        try string(&value, name, nullable: true)
    }

    mutating func strings(_ values: inout [String]?, _ name: StaticString) throws(Failure) {
        try strings(&values, name, nullable: true)
    }

    mutating func bytes(_ value: inout [UInt8]?, _ name: StaticString) throws(Failure) {
        try bytes(&value, name, nullable: true)
    }

    mutating func array<Element: WireStructure>(_ elements: inout [Element]?, _ name: StaticString) throws(Failure) {
        try array(&elements, name, nullable: true)
    }

    mutating func records(_ value: inout ByteBuffer?, _ name: StaticString) throws(Failure) {
        try records(&value, parts: [], name)
    }
}
