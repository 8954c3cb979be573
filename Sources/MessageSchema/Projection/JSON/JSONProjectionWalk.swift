/// One pass over a document that writes what may be seen of it. Each `walk` begins at the first byte of a value and ends behind it.
///
/// Stretches that stay are copied as they stand, from `from` up to the next thing that goes; so a document of which little is
/// hidden costs little more than finding that. False means that the record is not shown, and `verdict` says why.
struct JSONProjectionWalk {
    private let projector: JSONProjector
    private let nodes: UnsafeMutablePointer<JSONProjectedNode>
    private var cursor: JSONCursor
    /// Where the bytes begin that are to be copied next.
    private var from: UnsafePointer<UInt8>
    /// Inside of something that is not written.
    private var isSilent: Bool
    private var depth = 0
    private var tested: UInt64 = 0
    private var verdict = ProjectionVerdict.withheld(.malformed)

    init(_ projector: JSONProjector, _ cursor: JSONCursor, writes: Bool) {
        self.projector = projector
        nodes = projector.nodes
        self.cursor = cursor
        from = cursor.at
        isSilent = !writes
    }

    mutating func run(into out: inout ProjectionBuffer) -> ProjectionVerdict {
        cursor.skipWhitespace()
        from = cursor.at
        let writes = !isSilent
        guard walk(0, &out) else { return verdict }
        let end = cursor.at
        cursor.skipWhitespace()
        guard cursor.at == cursor.end else { return .withheld(.malformed) }
        // A condition whose field is missing.
        guard tested == projector.allConditions else { return .hidden }
        if writes { flush(upTo: end, &out) }
        return .visible
    }

    private mutating func fail(_ reason: WithheldReason) -> Bool {
        verdict = .withheld(reason)
        return false
    }

    private mutating func hide() -> Bool {
        verdict = .hidden
        return false
    }

    @inline(__always) private mutating func flush(upTo end: UnsafePointer<UInt8>, _ out: inout ProjectionBuffer) {
        if end > from { out.append(from, end - from) }
    }

    // MARK: values

    private mutating func walk(_ index: Int32, _ out: inout ProjectionBuffer) -> Bool {
        let node = nodes + Int(index)
        switch cursor.byte {
        case 0x7B:
            guard node.pointee.types.contains(.object) else { return fail(.malformed) }
            if node.pointee.copiesObjects { return skip() }
            return walkObject(node, &out)
        case 0x5B:
            guard node.pointee.types.contains(.array) else { return fail(.malformed) }
            if node.pointee.copiesArrays { return skip() }
            return walkArray(node, &out)
        case 0x6E:
            // It says nothing but that there is nothing.
            guard node.pointee.types.contains(.null) else { return fail(.malformed) }
            guard node.pointee.tests.count == 0 else { return hide() }
            return cursor.skipWord("null")
        default: return walkScalar(node, &out)
        }
    }

    private mutating func walkScalar(_ node: UnsafeMutablePointer<JSONProjectedNode>, _ out: inout ProjectionBuffer) -> Bool {
        let first = cursor.at
        switch cursor.byte {
        case 0x22:
            guard node.pointee.types.contains(.string) else { return fail(.malformed) }
            cursor.at += 1
            var text = JSONCursor.Text(first: cursor.at, byteCount: 0, scalarCount: 0, hasEscapes: false)
            guard cursor.scanString(&text) else { return false }
            if node.pointee.tests.count > 0, !test(text, node, &out) { return false }
            guard !isSilent, !node.pointee.isHidden else { return true }
            guard node.pointee.mask != .none else { return node.pointee.isShown || fail(.unmaskable) }
            flush(upTo: first, &out)
            from = cursor.at
            return mask(text, node, &out)
        case 0x74, 0x66:
            guard node.pointee.types.contains(.boolean) else { return fail(.malformed) }
            let value = cursor.byte == 0x74
            guard value ? cursor.skipWord("true") : cursor.skipWord("false") else { return false }
            if node.pointee.tests.count > 0, !test(node, { $0.holds(boolean: value) }) { return false }
            guard !isSilent, !node.pointee.isHidden else { return true }
            guard node.pointee.mask != .none else { return node.pointee.isShown || fail(.unmaskable) }
            guard node.pointee.mask == .redact || node.pointee.mask == .redactUUID else { return fail(.unmaskable) }
            flush(upTo: first, &out)
            from = cursor.at
            out.append("false")
            return true
        default:
            var number = JSONCursor.Number()
            guard cursor.scanNumber(&number) else { return false }
            guard !node.pointee.types.isDisjoint(with: .number) else { return fail(.malformed) }
            if node.pointee.tests.count > 0, !test(node, { $0.holds(number: number.bytes) }) { return false }
            guard !isSilent, !node.pointee.isHidden else { return true }
            guard node.pointee.mask != .none else { return node.pointee.isShown || fail(.unmaskable) }
            flush(upTo: first, &out)
            from = cursor.at
            return mask(number, node, &out)
        }
    }

    // MARK: masks

    private mutating func mask(
        _ text: JSONCursor.Text, _ node: UnsafeMutablePointer<JSONProjectedNode>, _ out: inout ProjectionBuffer
    ) -> Bool {
        out.append(0x22)
        switch node.pointee.mask {
        case .none: return fail(.unmaskable)
        case .redact: out.append(TextMask.redacted)
        case .redactUUID: out.append(TextMask.nilUUID)
        case .hash, .hashUUID:
            guard let key = projector.hashKey else { return fail(.unmaskable) }
            let code = withPlain(text, &out) { bytes, _ in key.code(of: bytes) }
            if node.pointee.mask == .hash { code.writeText(into: &out) } else { code.writeUUID(into: &out) }
        case .last4: maskAllButLastFour(text, &out)
        case .year: guard maskAllButYear(text, &out) else { return fail(.unmaskable) }
        }
        out.append(0x22)
        return true
    }

    private mutating func maskAllButLastFour(_ text: JSONCursor.Text, _ out: inout ProjectionBuffer) {
        out.append("****")
        guard text.scalarCount >= TextMask.lastFourLengthMin else { return }
        guard text.hasEscapes else {
            if let start = TextMask.lastFour(of: text.bytes) { out.append(UnsafeRawBufferPointer(rebasing: text.bytes[start...])) }
            return
        }
        // The last four as they are written, escapes and all.
        var place = JSONScalars(text.bytes)
        for _ in 0..<text.scalarCount - 4 { place.step() }
        out.append(UnsafeRawBufferPointer(rebasing: text.bytes[place.offset...]))
    }

    private func maskAllButYear(_ text: JSONCursor.Text, _ out: inout ProjectionBuffer) -> Bool {
        guard text.hasEscapes else { return TextMask.writeYear(of: text.bytes, into: &out) }
        let start = out.count
        // Room for both, so that the text stays where it is while it is read.
        out.reserve(text.byteCount + TextMask.yearBytesMax)
        JSONEscapes.resolve(text.bytes) { out.append($0) }
        let plain = out.tail(from: start)
        guard TextMask.writeYear(of: plain, into: &out) else { return false }
        out.remove(at: start, plain.count)
        return true
    }

    private mutating func mask(
        _ number: JSONCursor.Number, _ node: UnsafeMutablePointer<JSONProjectedNode>, _ out: inout ProjectionBuffer
    ) -> Bool {
        switch node.pointee.mask {
        case .redact, .redactUUID: out.append(0x30)
        case .hash, .hashUUID:
            guard let key = projector.hashKey, number.fractionCount == 0, !number.hasExponent else { return fail(.unmaskable) }
            out.appendDecimal(key.code(of: number.bytes).integer53)
        case .none, .last4, .year: return fail(.unmaskable)
        }
        return true
    }

    /// Hands out the text without escapes, which stands in the buffer meanwhile if it has any.
    private func withPlain<Result>(
        _ text: JSONCursor.Text, _ out: inout ProjectionBuffer, _ body: (UnsafeRawBufferPointer, JSONProjector) -> Result
    ) -> Result {
        guard text.hasEscapes else { return body(text.bytes, projector) }
        let start = out.count
        out.reserve(text.byteCount)
        JSONEscapes.resolve(text.bytes) { out.append($0) }
        let result = body(out.tail(from: start), projector)
        out.truncate(to: start)
        return result
    }

    // MARK: conditions

    private mutating func test(_ text: JSONCursor.Text, _ node: UnsafeMutablePointer<JSONProjectedNode>, _ out: inout ProjectionBuffer) -> Bool {
        let start = out.count
        if text.hasEscapes { JSONEscapes.resolve(text.bytes) { out.append($0) } }
        let bytes = text.hasEscapes ? out.tail(from: start) : text.bytes
        let holds = test(node) { $0.holds(text: bytes) }
        if text.hasEscapes { out.truncate(to: start) }
        return holds
    }

    /// One value decides: a second one under the same key is no JSON of ours.
    private mutating func test(_ node: UnsafeMutablePointer<JSONProjectedNode>, _ holds: (borrowing RowCondition) -> Bool) -> Bool {
        for position in 0..<Int(node.pointee.tests.count) {
            let index = Int(projector.indices[Int(node.pointee.tests.start) + position])
            let bit: UInt64 = 1 << UInt64(index)
            guard tested & bit == 0 else { return fail(.malformed) }
            guard holds(projector.conditions[index]) else { return hide() }
            tested |= bit
        }
        return true
    }

    // MARK: objects

    private mutating func walkObject(_ node: UnsafeMutablePointer<JSONProjectedNode>, _ out: inout ProjectionBuffer) -> Bool {
        guard depth < SchemaLimits.depthMax else { return fail(.tooDeep) }
        depth += 1
        defer { depth -= 1 }
        cursor.at += 1
        cursor.skipWhitespace()
        if cursor.byte == 0x7D {
            cursor.at += 1
            return true
        }
        let writes = !isSilent && !node.pointee.isHidden
        // Bytes from `from` on are to be copied; false after a member that was dropped.
        var isCopying = true
        var hasWritten = false
        var comma = cursor.at
        var expected: Int32 = 0
        // Conditions inside of the members so far.
        var passed: UInt64 = 0
        while true {
            let first = cursor.at
            guard cursor.byte == 0x22 else { return false }
            cursor.at += 1
            let value = findMember(node, &expected, &out)
            if value == Self.noKey { return false }
            cursor.skipWhitespace()
            guard cursor.byte == 0x3A else { return false }
            cursor.at += 1
            cursor.skipWhitespace()
            if value >= 0 {
                // Of two members of one name nobody may choose the one that meets a condition.
                let inside = nodes[Int(value)].conditionsInside
                guard passed & inside == 0 else { return fail(.malformed) }
                passed |= inside
            }
            let isKept = value >= 0 && !nodes[Int(value)].isHidden
            if !writes {
                guard value >= 0 ? walk(value, &out) : skip() else { return false }
            } else if isKept {
                if !isCopying {
                    from = hasWritten ? comma : first
                    isCopying = true
                }
                hasWritten = true
                guard walk(value, &out) else { return false }
            } else {
                if isCopying {
                    flush(upTo: hasWritten ? comma : first, &out)
                    isCopying = false
                }
                isSilent = true
                let isRead = value >= 0 ? walk(value, &out) : skip()
                isSilent = false
                guard isRead else { return false }
            }
            cursor.skipWhitespace()
            switch cursor.byte {
            case 0x2C:
                comma = cursor.at
                cursor.at += 1
                cursor.skipWhitespace()
            case 0x7D:
                if !isCopying { from = cursor.at }
                cursor.at += 1
                return true
            default: return false
            }
        }
    }

    private static let noKey: Int32 = -2

    /// Steps over a key behind its opening quote.
    /// - Returns: the node of its value, -1 where it is dropped.
    @inline(__always) private mutating func findMember(
        _ node: UnsafeMutablePointer<JSONProjectedNode>, _ expected: inout Int32, _ out: inout ProjectionBuffer
    ) -> Int32 {
        let keys = projector.keys + Int(node.pointee.keys.start)
        let count = node.pointee.plainKeys
        let left = cursor.end - cursor.at
        var position = expected
        for _ in 0..<count {
            if position >= count { position = 0 }
            if matches(keys + Int(position), left) {
                cursor.at += Int(keys[Int(position)].byteCount)
                expected = position + 1
                return keys[Int(position)].node
            }
            position += 1
        }
        return findRareMember(node, &out)
    }

    @inline(__always) private func matches(_ key: UnsafeMutablePointer<FastKey>, _ left: Int) -> Bool {
        let count = Int(key.pointee.byteCount)
        if left >= 8 {
            guard JSONCursor.eight(cursor.at) & key.pointee.mask == key.pointee.word else { return false }
            if count <= 8 { return true }
        }
        guard count <= left else { return false }
        return JSONBytes.isEqual(UnsafeRawPointer(cursor.at), UnsafeRawPointer(projector.bytes + Int(key.pointee.start)), count)
    }

    /// A key that the schema does not name as it is written: by its meaning, where it has escapes.
    private mutating func findRareMember(_ node: UnsafeMutablePointer<JSONProjectedNode>, _ out: inout ProjectionBuffer) -> Int32 {
        var text = JSONCursor.Text(first: cursor.at, byteCount: 0, scalarCount: 0, hasEscapes: false)
        guard cursor.scanString(&text) else { return Self.noKey }
        guard text.hasEscapes else { return projector.other(node, text.bytes) }
        let range = node.pointee.keys
        return withPlain(text, &out) { name, projector in
            for position in 0..<Int(range.count) {
                let key = projector.keys + Int(range.start) + position
                let known = UnsafeRawBufferPointer(start: projector.bytes + Int(key.pointee.start), count: Int(key.pointee.byteCount) - 1)
                if JSONBytes.isEqual(known, name) { return key.pointee.node }
            }
            return projector.other(node, name)
        }
    }

    // MARK: arrays

    private mutating func walkArray(_ node: UnsafeMutablePointer<JSONProjectedNode>, _ out: inout ProjectionBuffer) -> Bool {
        guard depth < SchemaLimits.depthMax else { return fail(.tooDeep) }
        depth += 1
        defer { depth -= 1 }
        cursor.at += 1
        cursor.skipWhitespace()
        if cursor.byte == 0x5D {
            cursor.at += 1
            return true
        }
        let writes = !isSilent && !node.pointee.isHidden
        let prefix = node.pointee.prefix
        var position: Int32 = 0
        while true {
            let element = position < prefix.count ? projector.indices[Int(prefix.start + position)] : node.pointee.items
            position &+= 1
            if element >= 0, !(writes && nodes[Int(element)].isHidden) {
                guard walk(element, &out) else { return false }
            } else {
                // An element cannot be left out: those behind it would move up.
                guard !writes else { return fail(.unmaskable) }
                guard skip() else { return false }
            }
            cursor.skipWhitespace()
            switch cursor.byte {
            case 0x2C:
                cursor.at += 1
                cursor.skipWhitespace()
            case 0x5D:
                cursor.at += 1
                return true
            default: return false
            }
        }
    }

    // MARK: what is not looked at

    /// Steps over a value, holding it to the syntax alone.
    private mutating func skip() -> Bool {
        switch cursor.byte {
        case 0x22:
            cursor.at += 1
            var text = JSONCursor.Text(first: cursor.at, byteCount: 0, scalarCount: 0, hasEscapes: false)
            return cursor.scanString(&text)
        case 0x7B, 0x5B: return skipContainer()
        case 0x74: return cursor.skipWord("true")
        case 0x66: return cursor.skipWord("false")
        case 0x6E: return cursor.skipWord("null")
        default:
            var number = JSONCursor.Number()
            return cursor.scanNumber(&number)
        }
    }

    private mutating func skipContainer() -> Bool {
        guard depth < SchemaLimits.depthMax else { return fail(.tooDeep) }
        depth += 1
        defer { depth -= 1 }
        let isObject = cursor.byte == 0x7B
        let closing: UInt8 = isObject ? 0x7D : 0x5D
        cursor.at += 1
        cursor.skipWhitespace()
        if cursor.byte == closing {
            cursor.at += 1
            return true
        }
        while true {
            if isObject {
                guard cursor.byte == 0x22, skip() else { return false }
                cursor.skipWhitespace()
                guard cursor.byte == 0x3A else { return false }
                cursor.at += 1
                cursor.skipWhitespace()
            }
            guard skip() else { return false }
            cursor.skipWhitespace()
            let byte = cursor.byte
            guard byte == 0x2C || byte == closing else { return false }
            cursor.at += 1
            if byte == closing { return true }
            cursor.skipWhitespace()
        }
    }
}

/// The scalars of a string whose syntax has been checked, as they are written.
struct JSONScalars {
    private let text: UnsafeRawBufferPointer
    private(set) var offset = 0

    init(_ text: UnsafeRawBufferPointer) { self.text = text }

    mutating func step() {
        guard text[offset] == 0x5C else {
            offset += 1
            while offset < text.count, text[offset] & 0xC0 == 0x80 { offset += 1 }
            return
        }
        guard text[offset + 1] == 0x75 else {
            offset += 2
            return
        }
        // A scalar past U+FFFF is written as two.
        let isHighSurrogate = text[offset + 2] | 0x20 == 0x64 && (0x38...0x39).contains(text[offset + 3]) || text[offset + 2] | 0x20 == 0x64 && (0x61...0x62).contains(text[offset + 3] | 0x20)
        offset += isHighSurrogate ? 12 : 6
    }
}
