public import NIOCore

/// A field of a layout at one version, in the words of Apache's message definitions.
public struct FieldSpecification: Hashable, Sendable {
    public let name: String
    /// `int16`, `string`, `records`, `[]Coordinator` …
    public let type: String
    public let isNullable: Bool
    /// The tag of a tagged field (KIP-482).
    public let tag: UInt32?
    /// The fields of a structure, or of an array's elements.
    public let fields: [FieldSpecification]
}

/// The walker that notes what a layout consists of.
public struct SpecificationRecorder: LayoutWalker {
    public typealias Failure = Never

    public let version: Int16
    public private(set) var fields: [FieldSpecification] = []
    private let isFlexible: Bool
    private var tag: UInt32?

    /// The fields of a message at a version.
    public static func fields<Message: WireMessage>(of type: Message.Type, version: Int16) -> [FieldSpecification] {
        fields(of: type, version: version, isFlexible: version >= Message.flexibleSince)
    }

    private static func fields<Structure: WireStructure>(
        of _: Structure.Type, version: Int16, isFlexible: Bool
    ) -> [FieldSpecification] {
        var recorder = SpecificationRecorder(version: version, isFlexible: isFlexible)
        var empty = Structure()
        Structure.layout(&empty, by: &recorder, version: version)
        return recorder.fields
    }

    private init(version: Int16, isFlexible: Bool) {
        self.version = version
        self.isFlexible = isFlexible
    }

    private func fields<Structure: WireStructure>(of type: Structure.Type) -> [FieldSpecification] {
        Self.fields(of: type, version: version, isFlexible: isFlexible)
    }

    private mutating func record(
        _ name: StaticString, _ type: String, nullable: Bool = false, fields nested: [FieldSpecification] = []
    ) {
        fields.append(
            FieldSpecification(name: name.description, type: type, isNullable: nullable, tag: tag, fields: nested))
    }

    public mutating func bool(_ value: inout Bool, _ name: StaticString) { record(name, "bool") }
    public mutating func int8(_ value: inout Int8, _ name: StaticString) { record(name, "int8") }
    public mutating func int16(_ value: inout Int16, _ name: StaticString) { record(name, "int16") }
    public mutating func int32(_ value: inout Int32, _ name: StaticString) { record(name, "int32") }
    public mutating func int64(_ value: inout Int64, _ name: StaticString) { record(name, "int64") }
    public mutating func float64(_ value: inout Double, _ name: StaticString) { record(name, "float64") }
    public mutating func uuid(_ value: inout UUID128, _ name: StaticString) { record(name, "uuid") }
    public mutating func string(_ value: inout String, _ name: StaticString) { record(name, "string") }
    public mutating func string(_ value: inout String?, _ name: StaticString, nullable: Bool) {
        record(name, "string", nullable: nullable)
    }
    public mutating func bytes(_ value: inout [UInt8], _ name: StaticString) { record(name, "bytes") }
    public mutating func bytes(_ value: inout [UInt8]?, _ name: StaticString, nullable: Bool) {
        record(name, "bytes", nullable: nullable)
    }
    public mutating func records(_ value: inout ByteBuffer?, parts: [ByteBuffer], _ name: StaticString) {
        record(name, "records", nullable: true)
    }
    public mutating func strings(_ values: inout [String], _ name: StaticString) { record(name, "[]string") }
    public mutating func strings(_ values: inout [String]?, _ name: StaticString, nullable: Bool) {
        record(name, "[]string", nullable: nullable)
    }
    public mutating func int32s(_ values: inout [Int32], _ name: StaticString) { record(name, "[]int32") }
    public mutating func array<Element: WireStructure>(_ elements: inout [Element], _ name: StaticString) {
        record(name, "[]\(Element.self)", fields: fields(of: Element.self))
    }
    public mutating func array<Element: WireStructure>(
        _ elements: inout [Element]?, _ name: StaticString, nullable: Bool
    ) {
        record(name, "[]\(Element.self)", nullable: nullable, fields: fields(of: Element.self))
    }
    public mutating func structure<Structure: WireStructure>(_ value: inout Structure?, _ name: StaticString) {
        record(name, "\(Structure.self)", fields: fields(of: Structure.self))
    }

    public mutating func noTags() {}
    public mutating func beginTags() {}
    public mutating func tag(_ number: UInt32, isPresent: Bool) -> Bool {
        tag = number
        return isFlexible
    }
    public mutating func endTags() { tag = nil }
}
