import NIOCore

/// The walker that counts the errors that a response tells: of the whole, or of a topic, partition or group in it.
struct ErrorCounter: LayoutWalker {
    typealias Failure = Never

    let version: Int16
    private(set) var errors = 0

    init(version: Int16) { self.version = version }

    mutating func errorCode(_ value: inout ErrorCode, _ name: StaticString) {
        if value.isError { errors += 1 }
    }

    mutating func array<Element: WireStructure>(_ elements: inout [Element], _ name: StaticString) {
        for element in elements { walk(element) }
    }

    mutating func array<Element: WireStructure>(_ elements: inout [Element]?, _ name: StaticString, nullable: Bool) {
        for element in elements ?? [] { walk(element) }
    }

    /// Walks a copy, as the writer does.
    private mutating func walk<Element: WireStructure>(_ element: Element) {
        var element = element
        Element.layout(&element, by: &self, version: version)
    }

    mutating func bool(_ value: inout Bool, _ name: StaticString) {}
    mutating func int8(_ value: inout Int8, _ name: StaticString) {}
    mutating func int16(_ value: inout Int16, _ name: StaticString) {}
    mutating func int32(_ value: inout Int32, _ name: StaticString) {}
    mutating func int64(_ value: inout Int64, _ name: StaticString) {}
    mutating func float64(_ value: inout Double, _ name: StaticString) {}
    mutating func uuid(_ value: inout UUID128, _ name: StaticString) {}
    mutating func string(_ value: inout String, _ name: StaticString) {}
    mutating func string(_ value: inout String?, _ name: StaticString, nullable: Bool) {}
    mutating func bytes(_ value: inout [UInt8], _ name: StaticString) {}
    mutating func bytes(_ value: inout [UInt8]?, _ name: StaticString, nullable: Bool) {}
    mutating func records(_ value: inout ByteBuffer?, parts: [ByteBuffer], _ name: StaticString) {}
    mutating func strings(_ values: inout [String], _ name: StaticString) {}
    mutating func strings(_ values: inout [String]?, _ name: StaticString, nullable: Bool) {}
    mutating func int32s(_ values: inout [Int32], _ name: StaticString) {}
    mutating func structure<Structure: WireStructure>(_ value: inout Structure?, _ name: StaticString) {}
    mutating func beginTags() {}
    mutating func tag(_ number: UInt32, isPresent: Bool) -> Bool { isPresent }
    mutating func endTags() {}
    mutating func noTags() {}
}
