/// One pass over a payload that writes what may be seen of it. Stretches that stay are copied as they stand, from `from` up to the next
/// thing that goes. False means that the record is not shown, and `verdict` says why.
///
/// Bounded as `AvroMachine` is: every load follows a comparison with `end`, and items without bytes are not walked.
struct AvroProjectionWalk {
    private let projector: AvroProjector
    private let nodes: UnsafeMutablePointer<AvroPlan.Node>
    private var place: UnsafePointer<UInt8>
    private let end: UnsafePointer<UInt8>
    private var from: UnsafePointer<UInt8>
    private var isSilent: Bool
    private var depth = 0
    private var tested: UInt64 = 0
    private var verdict = ProjectionVerdict.withheld(.malformed)

    init(_ projector: AvroProjector, _ payload: UnsafeBufferPointer<UInt8>, writes: Bool) {
        self.projector = projector
        nodes = projector.nodes
        // An empty payload may have no address. Any will do: it is compared with `end` and never loaded from.
        place = payload.baseAddress ?? UnsafePointer(StaticString("-").utf8Start)
        end = place + payload.count
        from = place
        isSilent = !writes
    }

    mutating func run(into out: inout ProjectionBuffer) -> ProjectionVerdict {
        let writes = !isSilent
        guard walk(0, &out) else { return verdict }
        guard place == end else { return .withheld(.malformed) }
        guard tested == projector.allConditions else { return .hidden }
        if writes { flush(upTo: place, &out) }
        return .visible
    }

    private mutating func fail(_ reason: WithheldReason) -> Bool {
        verdict = .withheld(reason)
        return false
    }

    @inline(__always) private func flush(upTo end: UnsafePointer<UInt8>, _ out: inout ProjectionBuffer) {
        if end > from { out.append(from, end - from) }
    }

    // MARK: values

    private mutating func walk(_ index: Int32, _ out: inout ProjectionBuffer) -> Bool {
        let node = nodes + Int(index)
        switch node.pointee.form {
        case .record: return walkRecord(node, &out)
        case .array, .map: return walkBlocks(node, &out)
        case .union: return walkUnion(node, &out)
        case .null:
            // It says nothing but that there is nothing.
            guard node.pointee.tests.count == 0 else {
                verdict = .hidden
                return false
            }
            return true
        case .boolean, .int, .long, .float, .double, .bytes, .string, .fixed, .enumeration: break
        }
        let first = place
        var value: Int64 = 0
        guard read(node, &value) else { return false }
        if node.pointee.tests.count > 0, !test(node, value, first) { return false }
        guard !isSilent, !node.pointee.isHidden else { return true }
        guard node.pointee.mask != .none else { return node.pointee.isShown || fail(.unmaskable) }
        flush(upTo: first, &out)
        from = place
        return mask(node, value, &out)
    }

    /// Reads a value that holds no others.
    /// - Parameter value: the number; for bytes and strings how many, which end at `place`.
    @inline(__always) private mutating func read(_ node: UnsafeMutablePointer<AvroPlan.Node>, _ value: inout Int64) -> Bool {
        switch node.pointee.form {
        case .boolean:
            guard place < end, place.pointee <= 1 else { return false }
            value = Int64(place.pointee)
            place += 1
        case .int, .enumeration:
            guard let raw = AvroNumber.int(&place, end) else { return false }
            value = AvroNumber.signed(raw)
        case .long:
            guard let raw = AvroNumber.long(&place, end) else { return false }
            value = AvroNumber.signed(raw)
        case .float: return advance(4)
        case .double: return advance(8)
        case .fixed:
            value = Int64(node.pointee.children.count)
            return advance(Int(node.pointee.children.count))
        case .bytes, .string:
            guard let count = AvroNumber.length(&place, end) else { return false }
            value = Int64(count)
            place += count
        case .null, .array, .map, .union, .record: return false
        }
        return true
    }

    @inline(__always) private mutating func advance(_ count: Int) -> Bool {
        guard end - place >= count else { return false }
        place += count
        return true
    }

    private mutating func walkRecord(_ node: UnsafeMutablePointer<AvroPlan.Node>, _ out: inout ProjectionBuffer) -> Bool {
        guard depth < SchemaLimits.depthMax else { return fail(.tooDeep) }
        depth += 1
        defer { depth -= 1 }
        let writes = !isSilent && !node.pointee.isHidden
        let fields = projector.children + Int(node.pointee.children.start)
        for position in 0..<Int(node.pointee.children.count) {
            let field = fields[position]
            guard writes, nodes[Int(field)].isHidden else {
                guard walk(field, &out) else { return false }
                continue
            }
            flush(upTo: place, &out)
            isSilent = true
            let isRead = walk(field, &out)
            isSilent = false
            guard isRead else { return false }
            from = place
        }
        return true
    }

    private mutating func walkUnion(_ node: UnsafeMutablePointer<AvroPlan.Node>, _ out: inout ProjectionBuffer) -> Bool {
        guard let raw = AvroNumber.int(&place, end) else { return false }
        let branch = AvroNumber.signed(raw)
        guard branch >= 0, branch < Int64(node.pointee.children.count) else { return false }
        return walk(projector.children[Int(node.pointee.children.start) + Int(branch)], &out)
    }

    /// Blocks of an array or a map. A block that says how many bytes it has is written without that, since they may become others.
    private mutating func walkBlocks(_ node: UnsafeMutablePointer<AvroPlan.Node>, _ out: inout ProjectionBuffer) -> Bool {
        guard depth < SchemaLimits.depthMax else { return fail(.tooDeep) }
        depth += 1
        defer { depth -= 1 }
        let inner = projector.children[Int(node.pointee.children.start)]
        let isMap = node.pointee.form == .map
        let writes = !isSilent && !node.pointee.isHidden
        guard !writes || !nodes[Int(inner)].isHidden else { return fail(.unmaskable) }
        var emptyItems: Int64 = 0
        while true {
            let first = place
            guard let raw = AvroNumber.long(&place, end) else { return false }
            var count = AvroNumber.signed(raw)
            if count == 0 { return true }
            var blockEnd: UnsafePointer<UInt8>?
            if count < 0 {
                guard count != .min, let raw = AvroNumber.long(&place, end) else { return false }
                let size = AvroNumber.signed(raw)
                guard size >= 0, size <= end - place else { return false }
                blockEnd = place + Int(size)
                count = -count
                if writes, !node.pointee.isWhole {
                    flush(upTo: first, &out)
                    out.appendZigzag(count)
                    from = place
                }
            }
            if isMap || node.pointee.hasBytes {
                guard count <= end - place else { return false }
                for _ in 0..<count {
                    if isMap {
                        guard let bytes = AvroNumber.length(&place, end) else { return false }
                        place += bytes
                    }
                    guard walk(inner, &out) else { return false }
                }
            } else {
                emptyItems += count
                guard emptyItems <= SchemaLimits.avroEmptyItemsMax else { return false }
            }
            guard blockEnd == nil || blockEnd == place else { return false }
        }
    }

    // MARK: conditions

    private mutating func test(_ node: UnsafeMutablePointer<AvroPlan.Node>, _ value: Int64, _ first: UnsafePointer<UInt8>) -> Bool {
        for position in 0..<Int(node.pointee.tests.count) {
            let index = Int(projector.tests[Int(node.pointee.tests.start) + position])
            let condition = projector.conditions[index]
            let holds: Bool
            switch node.pointee.form {
            case .boolean: holds = condition.holds(boolean: value == 1)
            case .int, .long: holds = condition.holds(integer: value)
            case .string: holds = condition.holds(text: UnsafeRawBufferPointer(start: place - Int(value), count: Int(value)))
            case .enumeration:
                guard let symbols = projector.symbols[node.pointee.type], symbols.indices.contains(Int(truncatingIfNeeded: value)) else { return false }
                holds = symbols[Int(value)].withUnsafeBytes { condition.holds(text: $0) }
            case .null, .float, .double, .bytes, .fixed, .array, .map, .union, .record: holds = false
            }
            guard holds else {
                verdict = .hidden
                return false
            }
            tested |= 1 << UInt64(index)
        }
        return true
    }

    // MARK: masks

    /// Writes what stands in the place of the value that ends at `place`.
    private mutating func mask(_ node: UnsafeMutablePointer<AvroPlan.Node>, _ value: Int64, _ out: inout ProjectionBuffer) -> Bool {
        let isFixed = node.pointee.form == .fixed
        switch node.pointee.mask {
        case .none: return fail(.unmaskable)
        case .zero:
            switch node.pointee.form {
            case .float: out.appendZeros(4)
            case .double: out.appendZeros(8)
            case .fixed: out.appendZeros(Int(value))
            case .boolean, .int, .long, .bytes, .string, .enumeration, .null, .array, .map, .union, .record: out.append(0)
            }
        case .zeroDecimal:
            out.appendZigzag(1)
            out.append(0)
        case .redactedText: append(TextMask.redacted, &out)
        case .nilUUID: append(TextMask.nilUUID, &out)
        case .symbol(let index): out.appendZigzag(Int64(index))
        case .hashText, .hashUUID, .hashBytes:
            guard let key = projector.hashKey else { return fail(.unmaskable) }
            append(key.code(of: bytes(value)), node.pointee.mask, isFixed ? Int(value) : nil, &out)
        case .hashInteger:
            guard let key = projector.hashKey else { return fail(.unmaskable) }
            out.appendZigzag(key.code(of: value).integer53)
        case .lastFour:
            let text = bytes(value)
            let start = TextMask.lastFour(of: text)
            out.appendZigzag(Int64(4 + (start.map { text.count - $0 } ?? 0)))
            out.append("****")
            if let start { out.append(UnsafeRawBufferPointer(rebasing: text[start...])) }
        case .yearText:
            let start = out.count
            // One byte of length is enough for any of its forms.
            out.append(0)
            guard TextMask.writeYear(of: bytes(value), into: &out) else { return fail(.unmaskable) }
            out.write(UInt8(out.count - start - 1) << 1, at: start)
        case .yearDate:
            guard let day = CivilYear.firstDay(ofYearOf: value), Int32(exactly: day) != nil else { return fail(.unmaskable) }
            out.appendZigzag(day)
        case .yearInstant(let unitsPerSecond):
            guard let instant = CivilYear.firstInstant(ofYearOf: value, unitsPerSecond: unitsPerSecond) else { return fail(.unmaskable) }
            out.appendZigzag(instant)
        }
        return true
    }

    private func bytes(_ count: Int64) -> UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: place - Int(count), count: Int(count)) }

    private func append(_ text: StaticString, _ out: inout ProjectionBuffer) {
        out.appendZigzag(Int64(text.utf8CodeUnitCount))
        out.append(text)
    }

    /// - Parameter fixedBytes: of a fixed, which has no length in front.
    private func append(_ code: MessageCode, _ mask: AvroMask, _ fixedBytes: Int?, _ out: inout ProjectionBuffer) {
        if let fixedBytes {
            if mask == .hashUUID { code.writeUUIDBytes(into: &out) } else { code.write(fixedBytes, into: &out) }
        } else if mask == .hashText {
            out.appendZigzag(32)
            code.writeText(into: &out)
        } else if mask == .hashUUID {
            out.appendZigzag(36)
            code.writeUUID(into: &out)
        } else {
            out.appendZigzag(Int64(SHA256.digestBytes))
            code.write(SHA256.digestBytes, into: &out)
        }
    }
}
