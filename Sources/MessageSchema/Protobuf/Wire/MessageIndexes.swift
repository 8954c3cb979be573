/// Which message of the file a payload is, as Confluent's wire format says it in front: a count and as many indexes, from the file's
/// messages inward, all zigzag varints; a single 0 stands for the first message.
/// Source: https://docs.confluent.io/platform/current/schema-registry/fundamentals/serdes-develop/index.html#messages-wire-format
enum MessageIndexes {
    enum Reading {
        case message(Int32, start: UnsafeRawPointer)
        case unreadable
        case unknown
    }

    static func read(_ payload: UnsafeRawBufferPointer, roots: [WireProgram.Root]) -> Reading {
        guard var cursor = payload.baseAddress else { return .unreadable }
        let end = cursor + payload.count
        guard let count = integer(&cursor, end) else { return .unreadable }
        guard count != 0 else { return roots.first.map { .message($0.message, start: cursor) } ?? .unknown }
        guard count > 0, count <= Int64(ProtoParser.nestingMax) else { return .unknown }
        var choices = roots
        var chosen: WireProgram.Root?
        for _ in 0..<count {
            guard let index = integer(&cursor, end) else { return .unreadable }
            guard index >= 0, index < Int64(choices.count) else { return .unknown }
            chosen = choices[Int(index)]
            choices = choices[Int(index)].nested
        }
        return chosen.map { .message($0.message, start: cursor) } ?? .unknown
    }

    private static func integer(_ cursor: inout UnsafeRawPointer, _ end: UnsafeRawPointer) -> Int64? {
        guard let raw = WireCursor.varint(&cursor, end) else { return nil }
        return Int64(bitPattern: raw >> 1) ^ -Int64(bitPattern: raw & 1)
    }
}
