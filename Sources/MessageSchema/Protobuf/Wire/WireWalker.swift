/// Goes over a payload once and holds every byte of it to the program. It allocates nothing while the payload is valid.
///
/// Source: https://protobuf.dev/programming-guides/encoding/. It is stricter than Protobuf's own parsers in what these would silently
/// change: a value beyond its type (they cut it), and a known field under another wire type (they take it for an unknown one).
struct WireWalker {
    typealias Cursor = UnsafeRawPointer

    /// Where the walk is in one of the messages inside each other, as offsets from the payload's start. Eight bytes, so that a
    /// hundred of them fit the stack.
    struct Frame {
        var start: UInt32
        var tag: UInt32
    }

    let program: WireProgram
    let messages: UnsafePointer<WireMessage>
    let fields: UnsafePointer<WireField>
    let lookup: UnsafePointer<Int32>
    /// Offsets count from here.
    let base: Cursor
    let root: Int
    /// For depths 0 to `ProtoLimits.payloadDepthMax`.
    let frames: UnsafeMutablePointer<Frame>
    let violationsMax: Int
    /// Of faults that leave the payload readable nothing is written down.
    let onlyUnreadable: Bool
    var violations: [Violation] = []
    /// Some occurrence of a message lacks a required field. Another occurrence of the same field may have it, so this decides nothing.
    var lacksRequired = false

    /// - Parameter group: the number of the group that this is, 0 for a message of known length.
    /// - Returns: where the message ends, behind the end tag of a group; nil where the walk is over.
    mutating func walk(_ message: Int, _ start: Cursor, _ end: Cursor, group: UInt32, depth: Int) -> Cursor? {
        let shape = messages[message]
        frames[depth].start = UInt32(truncatingIfNeeded: start - base)
        var cursor = start
        var seen: UInt64 = 0
        while cursor < end {
            let tagStart = cursor
            guard let tag = WireCursor.tag(&cursor, end), tag >> 3 != 0 else { return stop(badTag(tagStart, end), depth, nil) }
            let wireType = UInt8(truncatingIfNeeded: tag & 7)
            if wireType == WireType.endGroup {
                guard group != 0, tag >> 3 == group else { return stop(.strayGroupEnd, depth, nil) }
                return finish(shape, seen, at: cursor)
            }
            let index = field(numbered: tag >> 3, of: shape)
            guard index >= 0 else {
                guard unknown(&cursor, end, tag: tag, tagStart: tagStart, depth: depth, message: message) else { return nil }
                continue
            }
            let field = fields + Int(index)
            if field.pointee.wireType == wireType {
                let isKept: Bool?
                switch field.pointee.kind {
                case .varint64, .int32, .unsigned32, .bool, .openEnum, .closedEnum:
                    isKept = varint(field, &cursor, end, tagStart: tagStart, depth: depth, element: nil)
                case .fixed32:
                    isKept = WireCursor.advance(&cursor, end, 4) ? true : stopped(.truncated, depth, tagStart)
                case .fixed64:
                    isKept = WireCursor.advance(&cursor, end, 8) ? true : stopped(.truncated, depth, tagStart)
                case .text, .bytes:
                    isKept = bytes(field, &cursor, end, tagStart: tagStart, depth: depth)
                case .message, .group:
                    isKept = inner(field, &cursor, end, tag: tag, tagStart: tagStart, depth: depth)
                }
                guard let isKept else { return nil }
                if isKept { seen |= field.pointee.requiredBit }
            } else if wireType == WireType.lengthDelimited, field.pointee.isPackable {
                guard packed(field, &cursor, end, tagStart: tagStart, depth: depth) else { return nil }
            } else {
                guard violate(.wireType(expected: field.pointee.wireType, Int(index)), depth, tagStart) else { return nil }
                let valueStart = cursor
                guard WireCursor.skip(&cursor, end, tag: tag, depth: depth) else { return stop(skipFault(tag, valueStart, end), depth, tagStart) }
            }
        }
        guard group == 0 else { return stop(.openGroup, depth, nil) }
        return finish(shape, seen, at: cursor)
    }

    @inline(__always)
    private mutating func finish(_ shape: WireMessage, _ seen: UInt64, at cursor: Cursor) -> Cursor {
        if seen & shape.requiredBits != shape.requiredBits || shape.hasMoreRequired { lacksRequired = true }
        return cursor
    }

    @inline(__always)
    func field(numbered number: UInt32, of shape: WireMessage) -> Int32 {
        if number < UInt32(bitPattern: shape.denseCount) { return lookup[Int(shape.denseStart) + Int(number)] }
        if shape.sparseCount == 0 { return -1 }
        return sparseField(numbered: number, of: shape)
    }

    private func sparseField(numbered number: UInt32, of shape: WireMessage) -> Int32 {
        let count = Int(shape.sparseCount)
        let index = lowerBound(of: Int32(bitPattern: number), at: Int(shape.sparseStart), count: count)
        guard index < count, lookup[Int(shape.sparseStart) + index] == Int32(bitPattern: number) else { return -1 }
        return lookup[Int(shape.sparseStart) + count + index]
    }

    private func lowerBound(of number: Int32, at start: Int, count: Int) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if lookup[start + middle] < number { low = middle + 1 } else { high = middle }
        }
        return low
    }

    // MARK: - Values. Each answers whether the field is set by it; nil where the walk is over.

    @inline(__always)
    private mutating func varint(
        _ field: UnsafePointer<WireField>, _ cursor: inout Cursor, _ end: Cursor, tagStart: Cursor, depth: Int, element: Int?
    ) -> Bool? {
        let start = cursor
        guard let value = WireCursor.varint(&cursor, end) else { return stopped(badVarint(start, end), depth, tagStart, element) }
        if fits(value, field) { return true }
        let isEnum = field.pointee.kind == .closedEnum && Int32(exactly: Int64(bitPattern: value)) != nil
        // Protobuf keeps a value that a closed enum does not have among the unknown fields.
        if isEnum, program.allowsUnknownFields { return false }
        return violate(isEnum ? .enumeration(field - fields) : .range(field - fields), depth, tagStart, element) ? true : nil
    }

    @inline(__always)
    private func fits(_ value: UInt64, _ field: UnsafePointer<WireField>) -> Bool {
        switch field.pointee.kind {
        case .varint64: true
        case .bool: value <= 1
        case .unsigned32: value <= UInt64(UInt32.max)
        case .int32, .openEnum: Int32(exactly: Int64(bitPattern: value)) != nil
        case .closedEnum: isKnown(value, field)
        case .fixed32, .fixed64, .text, .bytes, .message, .group: true
        }
    }

    func isKnown(_ value: UInt64, _ field: UnsafePointer<WireField>) -> Bool {
        guard let number = Int32(exactly: Int64(bitPattern: value)) else { return false }
        let start = Int(field.pointee.target)
        let count = Int(field.pointee.targetCount)
        let index = lowerBound(of: number, at: start, count: count)
        return index < count && lookup[start + index] == number
    }

    @inline(__always)
    private mutating func bytes(_ field: UnsafePointer<WireField>, _ cursor: inout Cursor, _ end: Cursor, tagStart: Cursor, depth: Int) -> Bool? {
        let lengthStart = cursor
        guard let length = WireCursor.varint(&cursor, end) else { return stopped(badVarint(lengthStart, end), depth, tagStart) }
        let start = cursor
        guard WireCursor.advance(&cursor, end, length) else { return stopped(.truncated, depth, tagStart) }
        if field.pointee.checksUTF8, !WireText.isUTF8(start, cursor) {
            return violate(.utf8, depth, tagStart) ? true : nil
        }
        if field.pointee.codeTable >= 0 {
            let table = program.codeTables[Int(field.pointee.codeTable)]
            if !table.contains(UnsafeRawBufferPointer(start: start, count: cursor - start)) {
                return violate(.code(table.name), depth, tagStart) ? true : nil
            }
        }
        return true
    }

    @inline(__always)
    private mutating func inner(
        _ field: UnsafePointer<WireField>, _ cursor: inout Cursor, _ end: Cursor, tag: UInt32, tagStart: Cursor, depth: Int
    ) -> Bool? {
        guard depth < ProtoLimits.payloadDepthMax else { return stopped(.depth, depth, tagStart) }
        var innerEnd = end
        var group: UInt32 = 0
        if field.pointee.kind == .message {
            let lengthStart = cursor
            guard let length = WireCursor.varint(&cursor, end) else { return stopped(badVarint(lengthStart, end), depth, tagStart) }
            guard length <= UInt64(end - cursor) else { return stopped(.truncated, depth, tagStart) }
            innerEnd = cursor + Int(length)
        } else {
            group = tag >> 3
        }
        frames[depth].tag = UInt32(truncatingIfNeeded: tagStart - base)
        guard let next = walk(Int(field.pointee.target), cursor, innerEnd, group: group, depth: depth + 1) else { return nil }
        cursor = next
        return true
    }

    /// Several numbers under one tag. Parsers take them so wherever the field is repeated, declared packed or not.
    private mutating func packed(_ field: UnsafePointer<WireField>, _ cursor: inout Cursor, _ end: Cursor, tagStart: Cursor, depth: Int) -> Bool {
        let lengthStart = cursor
        guard let length = WireCursor.varint(&cursor, end) else { return stopped(badVarint(lengthStart, end), depth, tagStart) != nil }
        guard length <= UInt64(end - cursor) else { return stopped(.truncated, depth, tagStart) != nil }
        let innerEnd = cursor + Int(length)
        switch field.pointee.kind {
        case .fixed32, .fixed64:
            guard length % (field.pointee.kind == .fixed32 ? 4 : 8) == 0 else { return stopped(.packedLength, depth, tagStart) != nil }
            cursor = innerEnd
        default:
            var element = 0
            while cursor < innerEnd {
                guard varint(field, &cursor, innerEnd, tagStart: tagStart, depth: depth, element: element) != nil else { return false }
                element += 1
            }
        }
        return true
    }

    @inline(never)
    private mutating func unknown(
        _ cursor: inout Cursor, _ end: Cursor, tag: UInt32, tagStart: Cursor, depth: Int, message: Int
    ) -> Bool {
        if !program.allowsUnknownFields {
            guard violate(.unknownField(tag >> 3, message), depth, nil) else { return false }
        }
        let valueStart = cursor
        guard WireCursor.skip(&cursor, end, tag: tag, depth: depth) else { return stop(skipFault(tag, valueStart, end), depth, nil) != nil }
        return true
    }
}
