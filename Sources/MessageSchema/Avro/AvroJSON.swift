/// A schema's text, or a document that is to be written in binary, as a tree: `JSONDocument` is made for speed, and what reads a schema moves about in it and keeps parts of it.
enum AvroJSON: Sendable {
    case null
    case boolean(Bool)
    /// As it was written.
    case number(String)
    case string(String)
    case array([AvroJSON])
    /// In the order of the text.
    case object([(name: String, value: AvroJSON)])
}

extension AvroJSON {
    /// - Parameter place: of the text, for errors.
    init(parsing text: String, at place: String) throws(SchemaError) {
        do throws(JSONSyntaxError) {
            let document = try JSONDocument(parsing: Array(text.utf8))
            self = document.withView { AvroJSON($0, 0) }
        } catch {
            throw SchemaError(at: place + error.path, error.sentence)
        }
    }

    /// A document that people wrote.
    init(parsing document: [UInt8]) throws(Violation) {
        do throws(JSONSyntaxError) {
            let document = try JSONDocument(parsing: document)
            self = document.withView { AvroJSON($0, 0) }
        } catch {
            throw Violation(path: error.path, rule: error.fault.rule, message: error.sentence)
        }
    }

    /// - Parameter index: of an item; as deep as the document nests, which its parser limits.
    private init(_ view: JSONView, _ index: Int) {
        switch view.kind(index) {
        case .null: self = .null
        case .no: self = .boolean(false)
        case .yes: self = .boolean(true)
        case .number: self = .number(String(decoding: view.bytes(index), as: UTF8.self))
        case .string: self = .string(String(decoding: view.bytes(index), as: UTF8.self))
        case .array:
            var items: [AvroJSON] = []
            var item = index + 1
            for _ in 0..<view.count(index) {
                items.append(AvroJSON(view, item))
                item = view.next(item)
            }
            self = .array(items)
        case .object:
            var members: [(name: String, value: AvroJSON)] = []
            var key = index + 1
            for _ in 0..<view.count(index) {
                let value = view.next(key)
                members.append((String(decoding: view.bytes(key), as: UTF8.self), AvroJSON(view, value)))
                key = view.next(value)
            }
            self = .object(members)
        }
    }
}
