/// Finds required fields that are missing, as Protobuf means it: occurrences of the same single message are one message, and a oneof
/// holds its last member only. It runs where the walker saw an occurrence that lacks something, over a payload known to be whole.
struct WireRequired {
    typealias Cursor = UnsafeRawPointer

    let walker: WireWalker
    let violationsMax: Int
    var violations: [Violation] = []

    /// - Parameter parts: what makes up the message, in order.
    mutating func check(_ message: Int, parts: [(start: Cursor, end: Cursor)], path: String) {
        var seen: Set<Int> = []
        /// Of single messages, the parts that count.
        var inner: [Int: [(start: Cursor, end: Cursor)]] = [:]
        var members: [Int32: Int] = [:]
        var counts: [Int: Int] = [:]
        for part in parts {
            var cursor = part.start
            while cursor < part.end, violations.count < violationsMax {
                guard let (index, content) = next(&cursor, part.end, of: message) else { continue }
                let field = walker.fields[index]
                if field.oneof >= 0, let other = members.updateValue(index, forKey: field.oneof), other != index { inner[other] = nil }
                seen.insert(index)
                guard let content, walker.messages[Int(field.target)].reachesRequired else { continue }
                if field.isRepeated {
                    let element = counts[index, default: 0]
                    counts[index] = element + 1
                    check(Int(field.target), parts: [content], path: self.path(path, message, index) + "/\(element)")
                } else {
                    inner[index, default: []].append(content)
                }
            }
        }
        for index in walker.messages[message].fields where violations.count < violationsMax {
            if walker.fields[index].isRequired, !seen.contains(index) {
                violations.append(Violation(path: path, rule: WireFault.required(index).rule, message: WireFault.required(index).sentence(walker.program)))
            }
            if let parts = inner[index] { check(Int(walker.fields[index].target), parts: parts, path: self.path(path, message, index)) }
        }
    }

    private func path(_ path: String, _ message: Int, _ field: Int) -> String {
        walker.messages[message].isMapEntry ? path : path + "/" + walker.program.fieldNames[field]
    }

    /// The next field that sets something, with the bytes of its message if it is one.
    private func next(_ cursor: inout Cursor, _ end: Cursor, of message: Int) -> (field: Int, content: (start: Cursor, end: Cursor)?)? {
        guard let tag = WireCursor.tag(&cursor, end) else {
            cursor = end
            return nil
        }
        let start = cursor
        guard WireCursor.skip(&cursor, end, tag: tag, depth: 0) else {
            cursor = end
            return nil
        }
        let index = Int(walker.field(numbered: tag >> 3, of: walker.messages[message]))
        guard index >= 0, walker.fields[index].wireType == UInt8(truncatingIfNeeded: tag & 7) else { return nil }
        var content = start
        switch walker.fields[index].kind {
        case .closedEnum:
            guard let value = WireCursor.varint(&content, cursor), walker.isKnown(value, walker.fields + index) else { return nil }
            return (index, nil)
        case .message:
            _ = WireCursor.varint(&content, cursor)
            return (index, (content, cursor))
        case .group:
            var contentEnd = cursor - 1
            while contentEnd > start, (contentEnd - 1).load(as: UInt8.self) >= 0x80 { contentEnd -= 1 }
            return (index, (start, contentEnd))
        case .varint64, .int32, .unsigned32, .bool, .openEnum, .fixed32, .fixed64, .text, .bytes:
            return (index, nil)
        }
    }
}
