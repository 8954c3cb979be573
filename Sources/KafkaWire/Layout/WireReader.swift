import NIOCore

/// The walker that decodes. It lives inside one `withUnsafeReadableBytes` and checks every access against the end.
struct WireReader: LayoutWalker {
    typealias Failure = WireError

    /// The buffer's readable bytes, valid while this reader lives.
    private let bytes: UnsafeRawBufferPointer
    /// The same bytes as a buffer, to share slices of.
    private let frame: ByteBuffer
    private var position = 0
    let version: Int16
    var isFlexible: Bool
    private let limits: WireLimits
    private var elementsLeft: Int
    private var tagScope: TagScope?
    /// Sections of the structures around a structure inside a tagged field.
    private var outerTagScopes: [TagScope] = []

    init(bytes: UnsafeRawBufferPointer, frame: ByteBuffer, version: Int16, isFlexible: Bool, limits: WireLimits) {
        self.bytes = bytes
        self.frame = frame
        self.version = version
        self.isFlexible = isFlexible
        self.limits = limits
        self.elementsLeft = limits.elementsMax
    }

    /// Where reading stands, as an index of the buffer.
    var frameOffset: Int { frame.readerIndex + position }

    // MARK: Numbers

    mutating func bool(_ value: inout Bool, _ name: StaticString) throws(WireError) {
        value = try integer(UInt8.self, name) != 0
    }

    mutating func int8(_ value: inout Int8, _ name: StaticString) throws(WireError) { value = try integer(Int8.self, name) }
    mutating func int16(_ value: inout Int16, _ name: StaticString) throws(WireError) { value = try integer(Int16.self, name) }
    mutating func int32(_ value: inout Int32, _ name: StaticString) throws(WireError) { value = try integer(Int32.self, name) }
    mutating func int64(_ value: inout Int64, _ name: StaticString) throws(WireError) { value = try integer(Int64.self, name) }

    mutating func float64(_ value: inout Double, _ name: StaticString) throws(WireError) {
        value = Double(bitPattern: try integer(UInt64.self, name))
    }

    mutating func uuid(_ value: inout UUID128, _ name: StaticString) throws(WireError) {
        let high = try integer(UInt64.self, name)
        value = UUID128(high: high, low: try integer(UInt64.self, name))
    }

    @inline(__always)
    private mutating func integer<Value: FixedWidthInteger & BitwiseCopyable>(
        _: Value.Type, _ name: StaticString
    ) throws(WireError) -> Value {
        let size = MemoryLayout<Value>.size
        guard bytes.count - position >= size else { throw truncated(size, name) }
        let value = bytes.loadUnaligned(fromByteOffset: position, as: Value.self)
        position += size
        return Value(bigEndian: value)
    }

    private mutating func unsignedVarint(_ name: StaticString) throws(WireError) -> UInt32 {
        var result: UInt32 = 0
        var shift: UInt32 = 0
        while position < bytes.count {
            let byte = bytes[position]
            guard shift < 28 || byte < 0x10 else { throw failure(.varintTooLong, name) }
            position += 1
            result |= UInt32(byte & 0x7F) << shift
            if byte < 0x80 { return result }
            shift += 7
        }
        throw truncated(1, name)
    }

    // MARK: Text and bytes

    mutating func string(_ value: inout String, _ name: StaticString) throws(WireError) {
        guard let length = try shortLength(name) else { throw failure(.unexpectedNull, name) }
        value = try text(length, name)
    }

    mutating func string(_ value: inout String?, _ name: StaticString, nullable: Bool) throws(WireError) {
        if let length = try shortLength(name) {
            value = try text(length, name)
        } else if nullable {
            value = nil
        } else {
            throw failure(.unexpectedNull, name)
        }
    }

    mutating func bytes(_ value: inout [UInt8], _ name: StaticString) throws(WireError) {
        guard let length = try longLength(name) else { throw failure(.unexpectedNull, name) }
        value = try take(length, name)
    }

    mutating func bytes(_ value: inout [UInt8]?, _ name: StaticString, nullable: Bool) throws(WireError) {
        if let length = try longLength(name) {
            value = try take(length, name)
        } else if nullable {
            value = nil
        } else {
            throw failure(.unexpectedNull, name)
        }
    }

    mutating func records(_ value: inout ByteBuffer?, parts: [ByteBuffer], _ name: StaticString) throws(WireError) {
        guard let length = try longLength(name) else {
            value = nil
            return
        }
        guard let slice = frame.getSlice(at: frameOffset, length: length) else { throw truncated(length, name) }
        position += length
        value = slice
    }

    /// nil for null.
    private mutating func shortLength(_ name: StaticString) throws(WireError) -> Int? {
        let length = isFlexible ? Int(try unsignedVarint(name)) - 1 : Int(try integer(Int16.self, name))
        return try checked(length, name, limit: limits.stringBytesMax)
    }

    /// nil for null.
    private mutating func longLength(_ name: StaticString) throws(WireError) -> Int? {
        let length = isFlexible ? Int(try unsignedVarint(name)) - 1 : Int(try integer(Int32.self, name))
        return try checked(length, name, limit: Int(Int32.max))
    }

    private func checked(_ length: Int, _ name: StaticString, limit: Int) throws(WireError) -> Int? {
        if length == -1 { return nil }
        guard length >= 0 else { throw failure(.negativeLength(length), name) }
        guard length <= limit else { throw failure(.aboveLimit(found: length, limit: limit), name) }
        guard length <= bytes.count - position else { throw truncated(length, name) }
        return length
    }

    private mutating func text(_ length: Int, _ name: StaticString) throws(WireError) -> String {
        let slice = UnsafeRawBufferPointer(rebasing: bytes[position..<(position + length)])
        guard let text = String(validating: slice, as: UTF8.self) else { throw failure(.invalidUTF8, name) }
        position += length
        return text
    }

    private mutating func take(_ length: Int, _ name: StaticString) throws(WireError) -> [UInt8] {
        let slice = bytes[position..<(position + length)]
        position += length
        return Array(slice)
    }

    // MARK: Arrays

    mutating func strings(_ values: inout [String], _ name: StaticString) throws(WireError) {
        guard let count = try arrayCount(name) else { throw failure(.unexpectedNull, name) }
        values = try stringElements(count, name)
    }

    mutating func strings(_ values: inout [String]?, _ name: StaticString, nullable: Bool) throws(WireError) {
        if let count = try arrayCount(name) {
            values = try stringElements(count, name)
        } else if nullable {
            values = nil
        } else {
            throw failure(.unexpectedNull, name)
        }
    }

    mutating func int32s(_ values: inout [Int32], _ name: StaticString) throws(WireError) {
        guard let count = try arrayCount(name) else { throw failure(.unexpectedNull, name) }
        guard bytes.count - position >= count * 4 else { throw truncated(count * 4, name) }
        values = []
        values.reserveCapacity(count)
        for _ in 0..<count { values.append(try integer(Int32.self, name)) }
    }

    mutating func array<Element: WireStructure>(_ elements: inout [Element], _ name: StaticString) throws(WireError) {
        guard let count = try arrayCount(name) else { throw failure(.unexpectedNull, name) }
        elements = try structures(count)
    }

    mutating func array<Element: WireStructure>(
        _ elements: inout [Element]?, _ name: StaticString, nullable: Bool
    ) throws(WireError) {
        if let count = try arrayCount(name) {
            elements = try structures(count)
        } else if nullable {
            elements = nil
        } else {
            throw failure(.unexpectedNull, name)
        }
    }

    /// nil for null. A count that the bytes left cannot hold (an element has at least one) is refused before any allocation.
    private mutating func arrayCount(_ name: StaticString) throws(WireError) -> Int? {
        let count = isFlexible ? Int(try unsignedVarint(name)) - 1 : Int(try integer(Int32.self, name))
        if count == -1 { return nil }
        guard count >= 0 else { throw failure(.negativeLength(count), name) }
        guard count <= bytes.count - position else { throw truncated(count, name) }
        guard count <= elementsLeft else { throw failure(.aboveLimit(found: count, limit: elementsLeft), name) }
        elementsLeft -= count
        return count
    }

    private mutating func structures<Element: WireStructure>(_ count: Int) throws(WireError) -> [Element] {
        var elements: [Element] = []
        // The count may still be a lie: room is made for as many as there are, in steps.
        elements.reserveCapacity(min(count, 64))
        for _ in 0..<count {
            var element = Element()
            try Element.layout(&element, by: &self, version: version)
            elements.append(element)
        }
        return elements
    }

    private mutating func stringElements(_ count: Int, _ name: StaticString) throws(WireError) -> [String] {
        var values: [String] = []
        values.reserveCapacity(min(count, 64))
        for _ in 0..<count {
            guard let length = try shortLength(name) else { throw failure(.unexpectedNull, name) }
            values.append(try text(length, name))
        }
        return values
    }

    mutating func structure<Structure: WireStructure>(
        _ value: inout Structure?, _ name: StaticString
    ) throws(WireError) {
        var structure = Structure()
        try Structure.layout(&structure, by: &self, version: version)
        value = structure
    }

    // MARK: Tagged fields

    /// The tagged-field section being read.
    private struct TagScope {
        var left = 0
        /// The tag and length that were read and not yet used.
        var pending: (number: UInt32, length: Int)?
        /// The field being walked: where it starts and how long it said it is.
        var open: (start: Int, length: Int)?
        var lastNumber: UInt32?
    }

    mutating func noTags() throws(WireError) {
        guard isFlexible else { return }
        if position < bytes.count, bytes[position] == 0 {
            position += 1
            return
        }
        try beginTags()
        try endTags()
    }

    mutating func beginTags() throws(WireError) {
        guard isFlexible else { return }
        let count = Int(try unsignedVarint("tagged fields"))
        guard count <= limits.tagsMax else {
            throw failure(.aboveLimit(found: count, limit: limits.tagsMax), "tagged fields")
        }
        if let tagScope { outerTagScopes.append(tagScope) }
        tagScope = TagScope(left: count)
    }

    mutating func tag(_ number: UInt32, isPresent: Bool) throws(WireError) -> Bool {
        guard isFlexible else { return false }
        try closeTag()
        while let next = try nextTag() {
            if next.number < number {
                position += next.length
            } else if next.number > number {
                tagScope?.pending = next
                return false
            } else {
                tagScope?.open = (position, next.length)
                return true
            }
        }
        return false
    }

    mutating func endTags() throws(WireError) {
        guard isFlexible else { return }
        try closeTag()
        while let unknown = try nextTag() { position += unknown.length }
        tagScope = outerTagScopes.popLast()
    }

    private mutating func closeTag() throws(WireError) {
        guard let open = tagScope?.open else { return }
        guard position - open.start == open.length else {
            throw failure(.tagLengthMismatch(declared: open.length, read: position - open.start), "tagged field")
        }
        tagScope?.open = nil
    }

    private mutating func nextTag() throws(WireError) -> (number: UInt32, length: Int)? {
        if let pending = tagScope?.pending {
            tagScope?.pending = nil
            return pending
        }
        guard let scope = tagScope, scope.left > 0 else { return nil }
        let number = try unsignedVarint("tag")
        if let last = scope.lastNumber, number <= last { throw failure(.tagsOutOfOrder(found: number), "tag") }
        let length = Int(try unsignedVarint("tag length"))
        guard length <= bytes.count - position else { throw truncated(length, "tag length") }
        tagScope?.left = scope.left - 1
        tagScope?.lastNumber = number
        return (number, length)
    }

    // MARK: Errors

    @inline(never)
    private func truncated(_ needed: Int, _ name: StaticString) -> WireError {
        failure(.truncated(neededBytes: needed, availableBytes: bytes.count - position), name)
    }

    @inline(never)
    private func failure(_ reason: WireError.Reason, _ name: StaticString) -> WireError {
        WireError(offset: frameOffset, field: name.description, reason: reason)
    }
}
