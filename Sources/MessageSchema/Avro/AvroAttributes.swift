/// The members of one schema or field object, read by name.
struct AvroAttributes {
    let members: [(name: String, value: AvroJSON)]
    /// JSON pointer of the object.
    let place: String

    init(_ members: [(name: String, value: AvroJSON)], at place: String) {
        self.members = members
        self.place = place
    }

    subscript(name: String) -> AvroJSON? { members.first { $0.name == name }?.value }

    func required(_ name: String) throws(SchemaError) -> AvroJSON {
        guard let value = self[name] else { throw SchemaError(at: place, "\"\(name)\" is missing") }
        return value
    }

    func string(_ name: String, _ what: String) throws(SchemaError) -> String? {
        switch self[name] {
        case nil: return nil
        case .string(let text)?: return text
        case .null?, .boolean?, .number?, .array?, .object?: throw SchemaError(at: "\(place)/\(name)", "this is a string: \(what)")
        }
    }

    func requiredString(_ name: String, _ what: String) throws(SchemaError) -> String {
        guard let text = try string(name, what) else { throw SchemaError(at: place, "\"\(name)\" is missing: \(what)") }
        return text
    }

    func boolean(_ name: String) throws(SchemaError) -> Bool? {
        switch self[name] {
        case nil: return nil
        case .boolean(let value)?: return value
        case .null?, .string?, .number?, .array?, .object?: throw SchemaError(at: "\(place)/\(name)", "this is true or false")
        }
    }

    /// - Returns: nothing where there is no such member.
    func strings(_ name: String) throws(SchemaError) -> [String] {
        guard let value = self[name] else { return [] }
        guard case .array(let items) = value else { throw SchemaError(at: "\(place)/\(name)", "this is an array of strings") }
        var texts: [String] = []
        for (number, item) in items.enumerated() {
            guard case .string(let text) = item else { throw SchemaError(at: "\(place)/\(name)/\(number)", "this is a string") }
            texts.append(text)
        }
        return texts
    }

    func codeList() throws(SchemaError) -> CodeListName? {
        guard let text = try string("x-codelist", "the subject of a code list and its version, such as wards@3") else { return nil }
        guard let name = CodeListName(text) else {
            throw SchemaError(at: place + "/x-codelist", "a code list is named by its subject and version, such as wards@3")
        }
        return name
    }

    /// Documentation is for people: where it is not a string it is no documentation, and no error either.
    var documentation: String? {
        guard case .string(let text)? = self["doc"] else { return nil }
        return text
    }

    /// What the specification gives no meaning in a schema object.
    var properties: [(name: String, value: AvroJSON)] { members.filter { !Self.ofSchemas.contains($0.name) } }

    /// What the specification gives no meaning in a field.
    var fieldProperties: [(name: String, value: AvroJSON)] { members.filter { !Self.ofFields.contains($0.name) } }

    private static let ofSchemas: Set = ["type", "name", "namespace", "doc", "aliases", "fields", "symbols", "items", "values", "size"]
    private static let ofFields: Set = ["type", "name", "doc", "aliases", "default", "order"]
}
