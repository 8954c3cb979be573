/// Reads a whole document into items: RFC 8259 to the letter, and beyond it no duplicate keys, no lone surrogates, bounded nesting.
/// Time is linear in the bytes but for sorting the keys of an object.
struct JSONParser {
    private let text: UnsafeRawBufferPointer
    private(set) var items: [JSONItem] = []
    private(set) var unescaped: [UInt8] = []
    /// The items of the arrays and objects around the current place.
    private var open: [Int] = []

    init(_ text: UnsafeRawBufferPointer) {
        self.text = text
    }

    /// - Returns: nil where the text is one JSON document.
    mutating func parse() -> JSONSyntaxError? {
        guard text.count <= SchemaLimits.jsonBytesMax else { return JSONSyntaxError(fault: .tooLong, offset: SchemaLimits.jsonBytesMax, path: "") }
        guard var cursor = JSONCursor(text) else { return JSONSyntaxError(fault: .truncated, offset: 0, path: "") }
        items.reserveCapacity(text.count / 16 + 1)
        guard parse(&cursor) else {
            return JSONSyntaxError(fault: cursor.fault, offset: cursor.offset, path: path(of: cursor.fault))
        }
        return nil
    }

    private mutating func parse(_ cursor: inout JSONCursor) -> Bool {
        if cursor.byte == 0xEF { return cursor.fail(.byteOrderMark) }
        cursor.skipWhitespace()
        repeat {
            guard parseValueOrOpening(&cursor) else { return false }
        } while !open.isEmpty
        cursor.skipWhitespace()
        return cursor.at == cursor.end || cursor.fail(.trailingBytes)
    }

    /// Reads one value, or the opening of a container that is not empty, and then all closings and the separator that follow.
    private mutating func parseValueOrOpening(_ cursor: inout JSONCursor) -> Bool {
        switch cursor.byte {
        case 0x7B:
            guard openContainer(.object, &cursor) else { return false }
            if cursor.byte != 0x7D { return parseKey(&cursor) }
        case 0x5B:
            guard openContainer(.array, &cursor) else { return false }
            if cursor.byte != 0x5D { return true }
        case 0x22:
            guard parseString(&cursor) else { return false }
            countValue()
        case 0x74:
            guard cursor.skipWord("true") else { return false }
            appendWord(.yes)
        case 0x66:
            guard cursor.skipWord("false") else { return false }
            appendWord(.no)
        case 0x6E:
            guard cursor.skipWord("null") else { return false }
            appendWord(.null)
        default:
            guard parseNumber(&cursor) else { return false }
            countValue()
        }
        return parseSeparators(&cursor)
    }

    private mutating func openContainer(_ kind: JSONItem.Kind, _ cursor: inout JSONCursor) -> Bool {
        guard open.count < SchemaLimits.depthMax else { return cursor.fail(.tooDeep) }
        open.append(items.count)
        items.append(JSONItem(kind: kind, isUnescaped: false, start: 0, count: 0, next: 0))
        cursor.at += 1
        cursor.skipWhitespace()
        return true
    }

    private mutating func parseKey(_ cursor: inout JSONCursor) -> Bool {
        guard cursor.byte == 0x22 else { return cursor.failUnexpected() }
        guard parseString(&cursor) else { return false }
        cursor.skipWhitespace()
        guard cursor.byte == 0x3A else { return cursor.failUnexpected() }
        cursor.at += 1
        cursor.skipWhitespace()
        return true
    }

    /// Closes what closes here, and reads a comma (and the key after it) where the innermost container goes on.
    private mutating func parseSeparators(_ cursor: inout JSONCursor) -> Bool {
        while let container = open.last {
            cursor.skipWhitespace()
            let isObject = items[container].kind == .object
            switch cursor.byte {
            case 0x2C where items[container].count > 0:
                cursor.at += 1
                cursor.skipWhitespace()
                return isObject ? parseKey(&cursor) : true
            case isObject ? 0x7D : 0x5D:
                if isObject, let duplicate = duplicateKey(of: container) {
                    cursor.at = cursor.start + duplicate
                    return cursor.fail(.duplicateKey)
                }
                cursor.at += 1
                items[container].next = UInt32(truncatingIfNeeded: items.count)
                open.removeLast()
                countValue()
            default:
                return cursor.failUnexpected()
            }
        }
        return true
    }

    /// Counts the value that was just completed in the container around it.
    private mutating func countValue() {
        if let container = open.last { items[container].count += 1 }
    }

    private mutating func append(_ kind: JSONItem.Kind, isUnescaped: Bool, start: Int, count: Int) {
        items.append(
            JSONItem(
                kind: kind, isUnescaped: isUnescaped, start: UInt32(truncatingIfNeeded: start), count: UInt32(truncatingIfNeeded: count),
                next: UInt32(truncatingIfNeeded: items.count + 1)))
    }

    private mutating func appendWord(_ kind: JSONItem.Kind) {
        append(kind, isUnescaped: false, start: 0, count: 0)
        countValue()
    }

    private mutating func parseNumber(_ cursor: inout JSONCursor) -> Bool {
        let first = cursor.at
        var number = JSONCursor.Number()
        guard cursor.scanNumber(&number) else { return false }
        append(.number, isUnescaped: false, start: first - cursor.start, count: number.byteCount)
        return true
    }

    private mutating func parseString(_ cursor: inout JSONCursor) -> Bool {
        cursor.at += 1
        var string = JSONCursor.Text(first: cursor.at, byteCount: 0, scalarCount: 0, hasEscapes: false)
        guard cursor.scanString(&string) else { return false }
        if string.hasEscapes {
            let start = unescaped.count
            JSONEscapes.resolve(string.bytes) { unescaped.append($0) }
            append(.string, isUnescaped: true, start: start, count: unescaped.count - start)
        } else {
            append(.string, isUnescaped: false, start: string.first - cursor.start, count: string.byteCount)
        }
        return true
    }

    // MARK: keys

    private func bytes(_ index: Int, _ body: (UnsafeRawBufferPointer) -> Void) {
        let item = items[index]
        let range = Int(item.start)..<Int(item.start) + Int(item.count)
        if item.isUnescaped {
            unescaped.withUnsafeBytes { body(UnsafeRawBufferPointer(rebasing: $0[range])) }
        } else {
            body(UnsafeRawBufferPointer(rebasing: text[range]))
        }
    }

    private func isEqual(_ left: Int, _ right: Int) -> Bool {
        guard items[left].count == items[right].count else { return false }
        var equal = false
        bytes(left) { left in bytes(right) { right in equal = JSONBytes.isEqual(left, right) } }
        return equal
    }

    /// Few keys are compared with each other; many are sorted by a hash whose seed no sender knows, so that the time stays
    /// n log n whatever they send.
    /// - Returns: where in the text the second of two equal keys stands, or for one with escapes the end of the object.
    private mutating func duplicateKey(of object: Int) -> Int? {
        let count = Int(items[object].count)
        guard count > 1 else { return nil }
        var keys: [(hash: Int, item: Int)] = []
        keys.reserveCapacity(count)
        var index = object + 1
        for _ in 0..<count {
            keys.append((0, index))
            index = index + 1 < items.count ? Int(items[index + 1].next) : items.count
        }
        var duplicates: [Int] = []
        if count <= 8 {
            for later in 1..<count {
                for earlier in 0..<later where isEqual(keys[earlier].item, keys[later].item) { duplicates.append(keys[later].item) }
            }
        } else {
            for position in keys.indices {
                var hasher = Hasher()
                bytes(keys[position].item) { hasher.combine(bytes: $0) }
                keys[position].hash = hasher.finalize()
            }
            keys.sort { $0.hash != $1.hash ? $0.hash < $1.hash : $0.item < $1.item }
            for later in 1..<count {
                var earlier = later - 1
                while earlier >= 0, keys[earlier].hash == keys[later].hash {
                    if isEqual(keys[earlier].item, keys[later].item) { duplicates.append(keys[later].item); break }
                    earlier -= 1
                }
            }
        }
        guard let duplicate = duplicates.min() else { return nil }
        duplicateItem = duplicate
        return items[duplicate].isUnescaped ? 0 : Int(items[duplicate].start) - 1
    }

    private var duplicateItem = 0

    // MARK: where a fault is

    private func path(of fault: JSONFault) -> String {
        var path = JSONPointer()
        for (level, container) in open.enumerated() {
            let isInnermost = level == open.count - 1
            if items[container].kind == .array {
                path.append(index: Int(items[container].count))
            } else if isInnermost, fault == .duplicateKey {
                bytes(duplicateItem) { path.append(key: $0) }
            } else if let key = currentKey(of: container) {
                bytes(key) { path.append(key: $0) }
            }
        }
        return path.text
    }

    /// The key whose value is being read; nil where a key is.
    private func currentKey(of object: Int) -> Int? {
        var index = object + 1
        for _ in 0..<items[object].count { index = Int(items[index + 1].next) }
        return index < items.count ? index : nil
    }
}
