import NIOCore

/// The walker that encodes. It cannot fail: what a version has no room for is left out or cut.
struct WireWriter: LayoutWalker {
    typealias Failure = Never

    var buffer = ByteBuffer()
    let version: Int16
    private let isFlexible: Bool
    private var tagSection: TagSection?
    /// Sections of the structures around a structure inside a tagged field.
    private var outerTagSections: [TagSection] = []

    static let stringBytesMax = Int(Int16.max)

    init(version: Int16, isFlexible: Bool) {
        self.version = version
        self.isFlexible = isFlexible
    }

    mutating func bool(_ value: inout Bool, _ name: StaticString) { buffer.writeInteger(value ? 1 as UInt8 : 0) }
    mutating func int8(_ value: inout Int8, _ name: StaticString) { buffer.writeInteger(value) }
    mutating func int16(_ value: inout Int16, _ name: StaticString) { buffer.writeInteger(value) }
    mutating func int32(_ value: inout Int32, _ name: StaticString) { buffer.writeInteger(value) }
    mutating func int64(_ value: inout Int64, _ name: StaticString) { buffer.writeInteger(value) }
    mutating func float64(_ value: inout Double, _ name: StaticString) { buffer.writeInteger(value.bitPattern) }
    mutating func uuid(_ value: inout UUID128, _ name: StaticString) { buffer.writeMultipleIntegers(value.high, value.low) }

    mutating func string(_ value: inout String, _ name: StaticString) { write(value) }

    mutating func string(_ value: inout String?, _ name: StaticString, nullable: Bool) {
        if let value { write(value) } else if nullable { shortLength(-1) } else { shortLength(0) }
    }

    mutating func bytes(_ value: inout [UInt8], _ name: StaticString) {
        longLength(value.count)
        buffer.writeBytes(value)
    }

    mutating func bytes(_ value: inout [UInt8]?, _ name: StaticString, nullable: Bool) {
        longLength(value?.count ?? (nullable ? -1 : 0))
        if let value { buffer.writeBytes(value) }
    }

    mutating func records(_ value: inout ByteBuffer?, parts: [ByteBuffer], _ name: StaticString) {
        if parts.isEmpty {
            longLength(value?.readableBytes ?? -1)
            if let value { buffer.writeImmutableBuffer(value) }
        } else {
            longLength(parts.reduce(0) { $0 + $1.readableBytes })
            for part in parts { buffer.writeImmutableBuffer(part) }
        }
    }

    mutating func strings(_ values: inout [String], _ name: StaticString) {
        longLength(values.count)
        for value in values { write(value) }
    }

    mutating func strings(_ values: inout [String]?, _ name: StaticString, nullable: Bool) {
        longLength(values?.count ?? (nullable ? -1 : 0))
        for value in values ?? [] { write(value) }
    }

    mutating func int32s(_ values: inout [Int32], _ name: StaticString) {
        longLength(values.count)
        for value in values { buffer.writeInteger(value) }
    }

    mutating func array<Element: WireStructure>(_ elements: inout [Element], _ name: StaticString) {
        longLength(elements.count)
        for element in elements { write(element) }
    }

    mutating func array<Element: WireStructure>(_ elements: inout [Element]?, _ name: StaticString, nullable: Bool) {
        longLength(elements?.count ?? (nullable ? -1 : 0))
        for element in elements ?? [] { write(element) }
    }

    mutating func structure<Structure: WireStructure>(_ value: inout Structure?, _ name: StaticString) {
        write(value ?? Structure())
    }

    /// Walks a copy: the walk never changes it, and taking it out of the array by reference would copy the whole array.
    private mutating func write<Element: WireStructure>(_ element: Element) {
        var element = element
        Element.layout(&element, by: &self, version: version)
    }

    private mutating func write(_ text: String) {
        let count = text.utf8.count
        guard count <= Self.stringBytesMax else { return write(text.cut(toUTF8Bytes: Self.stringBytesMax)) }
        shortLength(count)
        buffer.writeString(text)
    }

    /// -1 for null.
    private mutating func shortLength(_ length: Int) {
        if isFlexible { unsignedVarint(UInt32(length + 1)) } else { buffer.writeInteger(Int16(length)) }
    }

    /// -1 for null.
    private mutating func longLength(_ length: Int) {
        if isFlexible { unsignedVarint(UInt32(length + 1)) } else { buffer.writeInteger(Int32(length)) }
    }

    private mutating func unsignedVarint(_ value: UInt32) {
        var rest = value
        while rest >= 0x80 {
            buffer.writeInteger(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        buffer.writeInteger(UInt8(rest))
    }

    // MARK: Tagged fields

    mutating func noTags() {
        if isFlexible { buffer.writeInteger(0 as UInt8) }
    }

    mutating func beginTags() {
        guard isFlexible else { return }
        if let tagSection { outerTagSections.append(tagSection) }
        tagSection = TagSection()
    }

    mutating func tag(_ number: UInt32, isPresent: Bool) -> Bool {
        guard isFlexible else { return false }
        closeTag()
        guard isPresent else { return false }
        // The content goes to a buffer of its own first: its length comes before it.
        var outer = ByteBuffer()
        swap(&outer, &buffer)
        tagSection?.open = (number, outer)
        return true
    }

    mutating func endTags() {
        guard isFlexible else { return }
        closeTag()
        unsignedVarint(tagSection?.count ?? 0)
        if let fields = tagSection?.fields { buffer.writeImmutableBuffer(fields) }
        tagSection = outerTagSections.popLast()
    }

    private mutating func closeTag() {
        guard let open = tagSection?.open else { return }
        let content = buffer
        buffer = tagSection?.fields ?? ByteBuffer()
        tagSection?.fields = nil
        unsignedVarint(open.number)
        unsignedVarint(UInt32(content.readableBytes))
        buffer.writeImmutableBuffer(content)
        tagSection?.fields = buffer
        tagSection?.count += 1
        tagSection?.open = nil
        buffer = open.outerBuffer
    }

    /// The tagged fields of a structure being written: their count must precede them. Most structures have none, and cost
    /// nothing but the count.
    private struct TagSection {
        var count: UInt32 = 0
        var fields: ByteBuffer?
        /// The field being written, and what was being written before it.
        var open: (number: UInt32, outerBuffer: ByteBuffer)?
    }
}

extension String {
    /// The longest prefix of whole characters within the limit.
    fileprivate func cut(toUTF8Bytes limit: Int) -> String {
        var end = utf8.index(startIndex, offsetBy: limit)
        while end.samePosition(in: self) == nil { end = utf8.index(before: end) }
        return String(self[..<end])
    }
}
