/// Writes parsed values as JSON again, without whitespace.
struct JSONWriter {
    private var out: [UInt8] = []
    private let view: JSONView
    private let sortsKeys: Bool

    /// Members in their own order.
    static func text(_ view: JSONView, _ item: Int) -> [UInt8] {
        var writer = JSONWriter(view: view, sortsKeys: false)
        writer.write(item)
        return writer.out
    }

    /// Members in the order of their keys' bytes.
    static func sortedText(_ view: JSONView, _ item: Int) -> [UInt8] {
        var writer = JSONWriter(view: view, sortsKeys: true)
        writer.write(item)
        return writer.out
    }

    private init(view: JSONView, sortsKeys: Bool) {
        self.view = view
        self.sortsKeys = sortsKeys
    }

    private mutating func write(_ item: Int) {
        switch view.kind(item) {
        case .null: out += Array("null".utf8)
        case .no: out += Array("false".utf8)
        case .yes: out += Array("true".utf8)
        case .number: out += view.bytes(item)
        case .string: JSONEscapes.write(view.bytes(item), into: &out)
        case .array:
            out.append(0x5B)
            var element = item + 1
            for index in 0..<view.count(item) {
                if index > 0 { out.append(0x2C) }
                write(element)
                element = view.next(element)
            }
            out.append(0x5D)
        case .object:
            out.append(0x7B)
            for (index, key) in keys(item).enumerated() {
                if index > 0 { out.append(0x2C) }
                JSONEscapes.write(view.bytes(key), into: &out)
                out.append(0x3A)
                write(key + 1)
            }
            out.append(0x7D)
        }
    }

    private func keys(_ object: Int) -> [Int] {
        if sortsKeys { return view.membersByKey(object) }
        var keys: [Int] = []
        var key = object + 1
        for _ in 0..<view.count(object) {
            keys.append(key)
            key = view.next(key + 1)
        }
        return keys
    }
}
