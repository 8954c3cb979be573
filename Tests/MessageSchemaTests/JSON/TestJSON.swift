@testable import MessageSchema

/// JSON for tests that read their vectors from files or texts.
struct TestJSON {
    private let document: JSONDocument
    private let item: Int

    init(text: String) throws {
        document = try JSONDocument(parsing: Array(text.utf8))
        item = 0
    }

    private init(_ document: JSONDocument, _ item: Int) {
        self.document = document
        self.item = item
    }

    /// Written again, without whitespace.
    var text: String { String(decoding: document.withView { JSONWriter.text($0, item) }, as: UTF8.self) }
    var string: String { document.string(item) }

    var elements: [TestJSON] {
        var elements: [TestJSON] = []
        var index = item + 1
        for _ in 0..<document.items[item].count {
            elements.append(TestJSON(document, index))
            index = Int(document.items[index].next)
        }
        return elements
    }

    subscript(key: String) -> TestJSON {
        var index = item + 1
        for _ in 0..<document.items[item].count {
            if document.string(index) == key { return TestJSON(document, index + 1) }
            index = Int(document.items[index + 1].next)
        }
        preconditionFailure("no member \(key)")
    }
}

extension CompiledSchema {
    init(json text: String, references: [String: String] = [:]) throws {
        try self.init(
            compiling: SchemaSource(format: .json, text: text, references: references.map { SchemaSource.Reference(name: $0.key, text: $0.value) }))
    }

    func violations(in text: String) -> [Violation] { violations(in: Array(text.utf8)) }
    func violations(in bytes: [UInt8]) -> [Violation] { bytes.withUnsafeBytes { violations(in: $0) } }
}
