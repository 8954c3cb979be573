/// One pass over a payload that writes what may be seen of it. Stretches that stay are copied as they stand, from `from` up to the next
/// thing that goes; nil and false mean that the record is not shown, and `verdict` says why.
///
/// What the schema does not know under a number and wire type goes. A field that stands several times is masked each time, so that it does
/// not matter which one a reader takes; messages that a reader merges are projected each by itself, which comes to the same.
struct ProtobufProjectionWalk {
    typealias Cursor = UnsafeRawPointer

    private let projector: ProtobufProjector
    private var from: Cursor
    private var isSilent: Bool
    private var tested: UInt64 = 0
    private var verdict = ProjectionVerdict.withheld(.malformed)

    init(_ projector: ProtobufProjector, start: Cursor, writes: Bool) {
        self.projector = projector
        from = start
        isSilent = !writes
    }

    mutating func run(_ message: Int32, end: Cursor, into out: inout ProjectionBuffer) -> ProjectionVerdict {
        let writes = !isSilent
        guard let last = walk(message, from, end, group: 0, depth: 0, &out) else { return verdict }
        guard tested == projector.allConditions else { return .hidden }
        if writes { flush(upTo: last, &out) }
        return .visible
    }

    private mutating func fail(_ reason: WithheldReason) -> Bool {
        verdict = .withheld(reason)
        return false
    }

    @inline(__always) private func flush(upTo end: Cursor, _ out: inout ProjectionBuffer) {
        if end > from { out.append(from, end - from) }
    }

    // MARK: messages

    /// - Returns: where the message ends, behind the end tag of a group.
    private mutating func walk(
        _ message: Int32, _ start: Cursor, _ end: Cursor, group: UInt32, depth: Int, _ out: inout ProjectionBuffer
    ) -> Cursor? {
        guard depth <= ProtoLimits.payloadDepthMax else {
            _ = fail(.tooDeep)
            return nil
        }
        let place = projector.messages + Int(message)
        let shape = projector.wireMessages + Int(place.pointee.message)
        var cursor = start
        while cursor < end {
            let tagStart = cursor
            guard let tag = WireCursor.tag(&cursor, end), tag >> 3 != 0 else { return nil }
            let wireType = UInt8(truncatingIfNeeded: tag & 7)
            if wireType == WireType.endGroup { return group != 0 && tag >> 3 == group ? cursor : nil }
            let index = field(numbered: tag >> 3, of: shape)
            let wire = projector.wireFields + Int(max(0, index))
            let isPacked = wireType == WireType.lengthDelimited && wire.pointee.isPackable
            guard index >= 0, wire.pointee.wireType == wireType || isPacked else {
                guard drop(&cursor, end, tag: tag, tagStart: tagStart, depth: depth, &out) else { return nil }
                continue
            }
            let field = projector.fields + (Int(place.pointee.firstField) + Int(index) - shape.pointee.fields.lowerBound)
            tested &= ~field.pointee.clears
            let isRead =
                isSilent || field.pointee.treatment == .drop
                ? pass(field, wire, &cursor, end, tag: tag, tagStart: tagStart, depth: depth, &out)
                : write(field, wire, &cursor, end, tag: tag, isPacked: isPacked, depth: depth, &out)
            guard isRead else { return nil }
        }
        return group == 0 ? cursor : nil
    }

    @inline(__always) private func field(numbered number: UInt32, of shape: UnsafeMutablePointer<WireMessage>) -> Int32 {
        if number < UInt32(bitPattern: shape.pointee.denseCount) { return projector.lookup[Int(shape.pointee.denseStart) + Int(number)] }
        return shape.pointee.sparseCount == 0 ? -1 : sparseField(numbered: Int32(bitPattern: number), of: shape)
    }

    private func sparseField(numbered number: Int32, of shape: UnsafeMutablePointer<WireMessage>) -> Int32 {
        let numbers = projector.lookup + Int(shape.pointee.sparseStart)
        var low = 0
        var high = Int(shape.pointee.sparseCount)
        while low < high {
            let middle = (low + high) / 2
            if numbers[middle] < number { low = middle + 1 } else { high = middle }
        }
        guard low < Int(shape.pointee.sparseCount), numbers[low] == number else { return -1 }
        return numbers[Int(shape.pointee.sparseCount) + low]
    }

    /// Leaves out a field that the schema does not know.
    private mutating func drop(
        _ cursor: inout Cursor, _ end: Cursor, tag: UInt32, tagStart: Cursor, depth: Int, _ out: inout ProjectionBuffer
    ) -> Bool {
        if !isSilent { flush(upTo: tagStart, &out) }
        guard WireCursor.skip(&cursor, end, tag: tag, depth: depth) else { return false }
        if !isSilent { from = cursor }
        return true
    }

    // MARK: fields

    /// Reads a field of which nothing is written, for conditions on it and inside of it.
    private mutating func pass(
        _ field: UnsafeMutablePointer<ProtobufPlan.Field>, _ wire: UnsafeMutablePointer<WireField>, _ cursor: inout Cursor, _ end: Cursor,
        tag: UInt32, tagStart: Cursor, depth: Int, _ out: inout ProjectionBuffer
    ) -> Bool {
        let wasSilent = isSilent
        if !wasSilent { flush(upTo: tagStart, &out) }
        isSilent = true
        let valueStart = cursor
        var isRead: Bool
        if field.pointee.inner >= 0 {
            isRead = enter(field, wire, &cursor, end, tag: tag, depth: depth, &out)
        } else {
            isRead = WireCursor.skip(&cursor, end, tag: tag, depth: depth)
            if isRead, field.pointee.tests.count > 0 { isRead = test(field, wire, valueStart, cursor) }
        }
        isSilent = wasSilent
        if !wasSilent { from = cursor }
        return isRead
    }

    private mutating func write(
        _ field: UnsafeMutablePointer<ProtobufPlan.Field>, _ wire: UnsafeMutablePointer<WireField>, _ cursor: inout Cursor, _ end: Cursor,
        tag: UInt32, isPacked: Bool, depth: Int, _ out: inout ProjectionBuffer
    ) -> Bool {
        let valueStart = cursor
        switch field.pointee.treatment {
        case .drop: return false
        case .copy:
            guard WireCursor.skip(&cursor, end, tag: tag, depth: depth) else { return false }
            return field.pointee.tests.count == 0 || test(field, wire, valueStart, cursor)
        case .message:
            guard wire.pointee.kind == .message else { return enter(field, wire, &cursor, end, tag: tag, depth: depth, &out) }
            flush(upTo: valueStart, &out)
            var content = cursor
            guard WireCursor.varint(&content, end) != nil else { return false }
            let place = beginLength(content - valueStart, &out)
            from = content
            guard enter(field, wire, &cursor, end, tag: tag, depth: depth, &out) else { return false }
            flush(upTo: cursor, &out)
            from = cursor
            endLength(place, &out)
            return true
        case .mask:
            guard WireCursor.skip(&cursor, end, tag: tag, depth: depth) else { return false }
            if field.pointee.tests.count > 0, !test(field, wire, valueStart, cursor) { return false }
            flush(upTo: valueStart, &out)
            from = cursor
            return isPacked ? maskPacked(field, wire, valueStart, cursor, &out) : mask(field, wire, valueStart, cursor, &out)
        }
    }

    /// Walks the message or group of a field and ends behind it.
    private mutating func enter(
        _ field: UnsafeMutablePointer<ProtobufPlan.Field>, _ wire: UnsafeMutablePointer<WireField>, _ cursor: inout Cursor, _ end: Cursor,
        tag: UInt32, depth: Int, _ out: inout ProjectionBuffer
    ) -> Bool {
        var innerEnd = end
        var group: UInt32 = 0
        if wire.pointee.kind == .message {
            guard let length = WireCursor.varint(&cursor, end), length <= UInt64(end - cursor) else { return false }
            innerEnd = cursor + Int(length)
        } else {
            group = tag >> 3
        }
        guard let next = walk(field.pointee.inner, cursor, innerEnd, group: group, depth: depth + 1, &out) else { return false }
        cursor = next
        return true
    }

    // MARK: lengths

    /// Where a length is written once it is known, and the bytes that are kept for it: as many as it had.
    private struct LengthPlace {
        let start: Int
        let bytes: Int
    }

    @inline(__always) private func beginLength(_ bytes: Int, _ out: inout ProjectionBuffer) -> LengthPlace {
        defer { out.appendZeros(bytes) }
        return LengthPlace(start: out.count, bytes: bytes)
    }

    private func endLength(_ place: LengthPlace, _ out: inout ProjectionBuffer) {
        let length = UInt64(out.count - place.start - place.bytes)
        let needed = ProjectionBuffer.varintBytes(length)
        if needed < place.bytes { out.remove(at: place.start, place.bytes - needed) }
        if needed > place.bytes { out.open(at: place.start, needed - place.bytes) }
        out.writeVarint(length, at: place.start)
    }

    // MARK: conditions

    /// The last value of a field is the one that it has.
    private mutating func test(
        _ field: UnsafeMutablePointer<ProtobufPlan.Field>, _ wire: UnsafeMutablePointer<WireField>, _ start: Cursor, _ end: Cursor
    ) -> Bool {
        for position in 0..<Int(field.pointee.tests.count) {
            let index = Int(projector.tests[Int(field.pointee.tests.start) + position])
            let bit: UInt64 = 1 << UInt64(index)
            guard let holds = holds(projector.conditions[index], field, wire, start, end) else { return false }
            tested = holds ? tested | bit : tested & ~bit
        }
        return true
    }

    private func holds(
        _ condition: RowCondition, _ field: UnsafeMutablePointer<ProtobufPlan.Field>, _ wire: UnsafeMutablePointer<WireField>, _ start: Cursor,
        _ end: Cursor
    ) -> Bool? {
        var cursor = start
        switch wire.pointee.kind {
        case .text:
            guard let length = WireCursor.varint(&cursor, end) else { return nil }
            return condition.holds(text: UnsafeRawBufferPointer(start: cursor, count: Int(length)))
        case .fixed32:
            let raw = UInt32(littleEndian: start.loadUnaligned(as: UInt32.self))
            return field.pointee.isUnsigned ? condition.holds(unsigned: UInt64(raw)) : condition.holds(integer: Int64(Int32(bitPattern: raw)))
        case .fixed64:
            let raw = UInt64(littleEndian: start.loadUnaligned(as: UInt64.self))
            return field.pointee.isUnsigned ? condition.holds(unsigned: raw) : condition.holds(integer: Int64(bitPattern: raw))
        case .varint64, .int32, .unsigned32, .bool, .openEnum, .closedEnum:
            guard let raw = WireCursor.varint(&cursor, end) else { return nil }
            if wire.pointee.kind == .bool { return condition.holds(boolean: raw != 0) }
            if field.pointee.symbols >= 0 {
                let names = projector.symbols[Int(field.pointee.symbols)]
                return names.contains { $0.number == Int32(truncatingIfNeeded: raw) && $0.name.withUnsafeBytes { condition.holds(text: $0) } }
            }
            if field.pointee.isZigzag { return condition.holds(integer: Int64(bitPattern: raw >> 1) ^ -Int64(bitPattern: raw & 1)) }
            return field.pointee.isUnsigned ? condition.holds(unsigned: raw) : condition.holds(integer: Int64(bitPattern: raw))
        case .bytes, .message, .group: return false
        }
    }

    // MARK: masks

    /// Elements under one tag, each masked.
    private mutating func maskPacked(
        _ field: UnsafeMutablePointer<ProtobufPlan.Field>, _ wire: UnsafeMutablePointer<WireField>, _ start: Cursor, _ end: Cursor,
        _ out: inout ProjectionBuffer
    ) -> Bool {
        var cursor = start
        guard WireCursor.varint(&cursor, end) != nil else { return false }
        let place = beginLength(cursor - start, &out)
        let tag = UInt32(wire.pointee.wireType)
        while cursor < end {
            let element = cursor
            guard WireCursor.skip(&cursor, end, tag: tag, depth: 0), mask(field, wire, element, cursor, &out) else { return false }
        }
        endLength(place, &out)
        return true
    }

    /// Writes what stands in the place of the value from `start` to `end`.
    private mutating func mask(
        _ field: UnsafeMutablePointer<ProtobufPlan.Field>, _ wire: UnsafeMutablePointer<WireField>, _ start: Cursor, _ end: Cursor,
        _ out: inout ProjectionBuffer
    ) -> Bool {
        switch field.pointee.mask {
        case .none: return fail(.unmaskable)
        case .zero:
            switch wire.pointee.wireType {
            case WireType.fixed32: out.appendZeros(4)
            case WireType.fixed64: out.appendZeros(8)
            default: out.append(0)
            }
        case .number(let number): out.appendVarint(UInt64(bitPattern: Int64(number)))
        case .redactedText:
            out.appendVarint(UInt64(TextMask.redacted.utf8CodeUnitCount))
            out.append(TextMask.redacted)
        case .hashText, .hashBytes:
            guard let key = projector.hashKey, let bytes = bytes(start, end) else { return fail(.unmaskable) }
            let code = key.code(of: bytes)
            out.append(32)
            if field.pointee.mask == .hashText { code.writeText(into: &out) } else { code.write(SHA256.digestBytes, into: &out) }
        case .hashInteger:
            guard let key = projector.hashKey else { return fail(.unmaskable) }
            return hash(field, wire, start, end, key, &out)
        case .lastFour:
            guard let text = bytes(start, end) else { return false }
            let first = TextMask.lastFour(of: text)
            out.appendVarint(UInt64(4 + (first.map { text.count - $0 } ?? 0)))
            out.append("****")
            if let first { out.append(UnsafeRawBufferPointer(rebasing: text[first...])) }
        case .yearText:
            guard let text = bytes(start, end) else { return false }
            let place = out.count
            // One byte of length is enough for any of its forms.
            out.append(0)
            guard TextMask.writeYear(of: text, into: &out) else { return fail(.unmaskable) }
            out.write(UInt8(out.count - place - 1), at: place)
        case .yearTimestamp: return maskTimestamp(start, end, &out)
        }
        return true
    }

    private func bytes(_ start: Cursor, _ end: Cursor) -> UnsafeRawBufferPointer? {
        var cursor = start
        guard WireCursor.varint(&cursor, end) != nil else { return nil }
        return UnsafeRawBufferPointer(start: cursor, count: end - cursor)
    }

    private mutating func hash(
        _ field: UnsafeMutablePointer<ProtobufPlan.Field>, _ wire: UnsafeMutablePointer<WireField>, _ start: Cursor, _ end: Cursor,
        _ key: HashKey, _ out: inout ProjectionBuffer
    ) -> Bool {
        if wire.pointee.wireType == WireType.fixed64 {
            let raw = UInt64(littleEndian: start.loadUnaligned(as: UInt64.self))
            let code = field.pointee.isUnsigned ? key.code(of: raw) : key.code(of: Int64(bitPattern: raw))
            var bits = UInt64(bitPattern: code.integer53)
            for _ in 0..<8 {
                out.append(UInt8(truncatingIfNeeded: bits))
                bits >>= 8
            }
            return true
        }
        var cursor = start
        guard let raw = WireCursor.varint(&cursor, end) else { return false }
        let code =
            field.pointee.isZigzag ? key.code(of: Int64(bitPattern: raw >> 1) ^ -Int64(bitPattern: raw & 1))
            : field.pointee.isUnsigned ? key.code(of: raw) : key.code(of: Int64(bitPattern: raw))
        if field.pointee.isZigzag { out.appendZigzag(code.integer53) } else { out.appendVarint(UInt64(bitPattern: code.integer53)) }
        return true
    }

    /// google.protobuf.Timestamp: seconds are field 1. Without them, in a message that others are merged with, nothing is said.
    private mutating func maskTimestamp(_ start: Cursor, _ end: Cursor, _ out: inout ProjectionBuffer) -> Bool {
        var cursor = start
        guard WireCursor.varint(&cursor, end) != nil else { return false }
        var seconds: Int64?
        while cursor < end {
            guard let tag = WireCursor.tag(&cursor, end), tag >> 3 != 0 else { return false }
            if tag == 1 << 3 | UInt32(WireType.varint) {
                guard let raw = WireCursor.varint(&cursor, end) else { return false }
                seconds = Int64(bitPattern: raw)
            } else {
                guard WireCursor.skip(&cursor, end, tag: tag, depth: 0) else { return false }
            }
        }
        guard let seconds else {
            out.append(0)
            return true
        }
        guard let first = CivilYear.firstInstant(ofYearOf: seconds, unitsPerSecond: 1) else { return fail(.unmaskable) }
        let raw = UInt64(bitPattern: first)
        out.append(UInt8(1 + ProjectionBuffer.varintBytes(raw)))
        out.append(1 << 3)
        out.appendVarint(raw)
        return true
    }
}
