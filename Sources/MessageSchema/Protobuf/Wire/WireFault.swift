/// What can be wrong with a payload.
enum WireFault {
    case truncated
    case varint
    /// Ten bytes, and more than 64 bits in them.
    case wideVarint
    case tag
    case strayGroupEnd
    case openGroup
    case group
    case depth
    case packedLength
    case utf8
    /// With the index of the field.
    case wireType(expected: UInt8, Int)
    case range(Int)
    case enumeration(Int)
    case code(CodeListName)
    /// The field number and the message.
    case unknownField(UInt32, Int)
    case required(Int)

    var rule: String {
        switch self {
        case .truncated, .openGroup: "truncated"
        case .varint, .tag, .packedLength, .strayGroupEnd, .group: "syntax"
        case .depth: "depth"
        case .utf8: "utf8"
        case .wireType: "wire-type"
        case .range, .wideVarint: "range"
        case .enumeration: "enum"
        case .code: "x-codelist"
        case .unknownField: "unknown-field"
        case .required: "required"
        }
    }

    /// Nothing can be told of the value, or nothing of what comes behind it. What else is wrong can still be read, and written as JSON.
    var isUnreadable: Bool {
        switch self {
        case .truncated, .varint, .wideVarint, .tag, .strayGroupEnd, .openGroup, .group, .depth, .packedLength, .utf8, .wireType: true
        case .range, .enumeration, .code, .unknownField, .required: false
        }
    }

    func sentence(_ program: WireProgram) -> String {
        switch self {
        case .truncated: return "the payload ends before this value does"
        case .varint: return "a variable-length integer has at most ten bytes"
        case .wideVarint: return "a variable-length integer has at most 64 bits"
        case .tag: return "this is no field: a tag is a field number from 1 to \(ProtoLimits.fieldNumberMax) and a wire type"
        case .strayGroupEnd: return "a group ends here that was not begun"
        case .openGroup: return "the payload ends inside a group"
        case .group: return "an unknown group does not end, or holds what is no field"
        case .depth: return "messages nest at most \(ProtoLimits.payloadDepthMax) deep"
        case .packedLength: return "a packed list is as long as a whole number of its values"
        case .utf8: return "the string is not UTF-8"
        case .wireType(let expected, let field): return "\(program.fieldTypes[field]) is sent under wire type \(expected)"
        case .range(let field): return "the number does not fit \(program.fieldTypes[field])"
        case .enumeration(let field): return "\(program.fieldTypes[field]) has no value with this number"
        case .code(let list): return "the value is no code of the list \(list)"
        case .unknownField(let number, let message): return "\(program.messageNames[message]) has no field with the number \(number)"
        case .required(let field): return "the required field \(program.fieldNames[field]) is missing"
        }
    }
}

// Everything here runs only once something is wrong.
extension WireWalker {
    /// - Parameters:
    ///   - tag: where the field at fault begins; nil for the message itself.
    ///   - element: the value's place in a packed list.
    /// - Returns: whether to go on.
    @inline(never)
    mutating func violate(_ fault: WireFault, _ depth: Int, _ tag: Cursor?, _ element: Int? = nil) -> Bool {
        guard violations.count < violationsMax else { return false }
        if onlyUnreadable, !fault.isUnreadable { return true }
        violations.append(Violation(path: path(depth, tag, element), rule: fault.rule, message: fault.sentence(program)))
        return violations.count < violationsMax
    }

    /// For what leaves the rest of the payload without meaning.
    @inline(never)
    mutating func stop(_ fault: WireFault, _ depth: Int, _ tag: Cursor?) -> Cursor? {
        _ = violate(fault, depth, tag)
        return nil
    }

    @inline(never)
    mutating func stopped(_ fault: WireFault, _ depth: Int, _ tag: Cursor?, _ element: Int? = nil) -> Bool? {
        _ = violate(fault, depth, tag, element)
        return nil
    }

    func badVarint(_ start: Cursor, _ end: Cursor) -> WireFault {
        let bytes = UnsafeRawBufferPointer(start: start, count: min(10, end - start))
        guard bytes.allSatisfy({ $0 >= 0x80 }) else { return .wideVarint }
        return bytes.count < 10 ? .truncated : .varint
    }

    func badTag(_ start: Cursor, _ end: Cursor) -> WireFault {
        end - start < 5 && UnsafeRawBufferPointer(start: start, count: end - start).allSatisfy { $0 >= 0x80 } ? .truncated : .tag
    }

    /// - Parameter start: where the value begins that could not be passed over.
    func skipFault(_ tag: UInt32, _ start: Cursor, _ end: Cursor) -> WireFault {
        switch UInt8(truncatingIfNeeded: tag & 7) {
        case WireType.startGroup: .group
        case WireType.varint: badVarint(start, end)
        case WireType.fixed32, WireType.fixed64, WireType.lengthDelimited: .truncated
        default: .tag
        }
    }

    /// Down from the payload's root, by what the frames point at. Map entries are counted and never named: their keys are data.
    private func path(_ depth: Int, _ tag: Cursor?, _ element: Int?) -> String {
        var path = ""
        var message = root
        for level in 0...depth {
            let start = base + Int(frames[level].start)
            let place: Cursor
            if level < depth { place = base + Int(frames[level].tag) } else if let tag { place = tag } else { return path }
            var cursor = place
            guard let number = WireCursor.tag(&cursor, cursor + 5) else { return path }
            let index = Int(field(numbered: number >> 3, of: messages[message]))
            guard index >= 0 else { return path }
            if !messages[message].isMapEntry { path += "/" + program.fieldNames[index] }
            if fields[index].isRepeated {
                path += "/\(count(of: number >> 3, from: start, to: place, field: fields[index]) + (level == depth ? element ?? 0 : 0))"
            }
            message = Int(fields[index].target)
        }
        return path
    }

    /// How many values of a repeated field come before a place.
    private func count(of number: UInt32, from start: Cursor, to end: Cursor, field: WireField) -> Int {
        var cursor = start
        var count = 0
        while cursor < end, let tag = WireCursor.tag(&cursor, end) {
            let before = cursor
            guard WireCursor.skip(&cursor, end, tag: tag, depth: 0) else { break }
            guard tag >> 3 == number else { continue }
            let isPacked = UInt8(truncatingIfNeeded: tag & 7) == WireType.lengthDelimited && field.isPackable
            count += isPacked ? values(in: before, cursor, of: field) : 1
        }
        return count
    }

    private func values(in start: Cursor, _ end: Cursor, of field: WireField) -> Int {
        var cursor = start
        guard WireCursor.varint(&cursor, end) != nil else { return 0 }
        switch field.wireType {
        case WireType.fixed32: return (end - cursor) / 4
        case WireType.fixed64: return (end - cursor) / 8
        default: return UnsafeRawBufferPointer(start: cursor, count: end - cursor).count { $0 < 0x80 }
        }
    }
}
