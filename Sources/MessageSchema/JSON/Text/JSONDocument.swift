/// One value of a parsed document. The items of a document stand in the order of its text: an array is followed by its elements, an
/// object by key, value, key, value.
struct JSONItem: Sendable {
    enum Kind: UInt8, Sendable {
        case null, no, yes, number, string, array, object
    }

    let kind: Kind
    /// The string had escapes: its text is in `JSONDocument.unescaped`.
    let isUnescaped: Bool
    /// Where a string's or number's text begins.
    let start: UInt32
    /// Bytes of a string or number; elements of an array; members of an object.
    var count: UInt32
    /// The index of the first item after this one and all that it holds.
    var next: UInt32
}

/// A parsed document that owns its text: a schema, or the constants of a program.
struct JSONDocument: Sendable {
    let text: [UInt8]
    /// The texts of strings that had escapes, resolved.
    let unescaped: [UInt8]
    let items: [JSONItem]

    init(parsing text: [UInt8]) throws(JSONSyntaxError) {
        var unescaped: [UInt8] = []
        var items: [JSONItem] = []
        let error: JSONSyntaxError? = text.withUnsafeBytes { bytes in
            var parser = JSONParser(bytes)
            let error = parser.parse()
            unescaped = parser.unescaped
            items = parser.items
            return error
        }
        if let error { throw error }
        self.text = text
        self.unescaped = unescaped
        self.items = items
    }

    /// The view is valid within `body` only.
    func withView<Result>(_ body: (JSONView) -> Result) -> Result {
        text.withUnsafeBytes { text in
            unescaped.withUnsafeBytes { unescaped in
                items.withUnsafeBufferPointer { items in
                    body(JSONView(text: text, unescaped: unescaped, items: items))
                }
            }
        }
    }

    func string(_ index: Int) -> String { withView { String(decoding: $0.bytes(index), as: UTF8.self) } }
}

/// A parsed document whose bytes someone else keeps alive.
struct JSONView {
    let text: UnsafeRawBufferPointer
    let unescaped: UnsafeRawBufferPointer
    let items: UnsafeBufferPointer<JSONItem>

    @inline(__always) func kind(_ index: Int) -> JSONItem.Kind { items[index].kind }
    @inline(__always) func count(_ index: Int) -> Int { Int(items[index].count) }
    @inline(__always) func next(_ index: Int) -> Int { Int(items[index].next) }

    /// A string without quotes, escapes resolved; a number as written.
    @inline(__always) func bytes(_ index: Int) -> UnsafeRawBufferPointer {
        let item = items[index]
        let from = item.isUnescaped ? unescaped : text
        return UnsafeRawBufferPointer(rebasing: from[Int(item.start)..<Int(item.start + item.count)])
    }

    func number(_ index: Int) -> JSONNumber { JSONNumber(bytes(index)) }
}
