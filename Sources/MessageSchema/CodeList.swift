/// The name of one version of a code list, as a schema writes it: `x-codelist: wards@3`. A version is never changed, so that what was
/// valid stays valid.
public struct CodeListName: Hashable, Sendable, CustomStringConvertible {
    /// The registry subject.
    public let subject: String
    /// From 1.
    public let version: Int32

    public init(subject: String, version: Int32) {
        self.subject = subject
        self.version = version
    }

    /// - Returns: nil unless `text` is `subject@version`, subject not empty, version from 1 in decimal digits.
    public init?(_ text: String) {
        guard let at = text.lastIndex(of: "@"), at != text.startIndex else { return nil }
        let digits = text[text.index(after: at)...]
        guard digits.utf8.allSatisfy({ (48...57).contains($0) }), let version = Int32(digits), version >= 1 else { return nil }
        self.init(subject: String(text[..<at]), version: version)
    }

    public var description: String { "\(subject)@\(version)" }
}

/// The codes that a field may have. In the registry it is a JSON Schema of its own subject with nothing but strings in `enum` (or
/// `oneOf` of `const` and `title`, where codes have names), so that any registry client can read and write it.
public struct CodeList: Hashable, Sendable {
    public let codes: Set<String>
    /// It stands for a list that is not at hand, and every value is one of its codes.
    let isUnknown: Bool

    public init(codes: Set<String>) { self.init(codes: codes, isUnknown: false) }

    private init(codes: Set<String>, isUnknown: Bool) {
        self.codes = codes
        self.isUnknown = isUnknown
    }

    /// For readers that have a schema and not its lists: nothing is refused by this one.
    public static let unknown = CodeList(codes: [], isUnknown: true)
}

extension CodeList {
    /// Reads a list from its schema: `{"enum": ["a", "b"]}`, or `{"oneOf": [{"const": "a", "title": "A"}]}`. Other annotations may stand
    /// beside it, and a `type` of `string`.
    public init(parsing text: String) throws(SchemaError) {
        guard text.utf8.count <= SchemaLimits.textBytesMax else {
            throw SchemaError(at: "", "a code list has at most \(SchemaLimits.textBytesMax) bytes")
        }
        let schema = try SchemaText(name: "", text: text)
        guard schema.kind(0) == .object else { throw SchemaError(at: "", "a code list is a JSON Schema: an object with `enum` or `oneOf`") }
        if let type = schema.member("type", of: 0), schema.kind(type) != .string || schema.string(type) != "string" {
            throw schema.error(at: type, "the type of a code list is `string`")
        }
        let items: [Int]
        switch (schema.member("enum", of: 0), schema.member("oneOf", of: 0)) {
        case (let values?, nil): items = try schema.array(values)
        case (nil, let alternatives?): items = try schema.array(alternatives).map { item throws(SchemaError) in try schema.code(item) }
        default: throw SchemaError(at: "", "a code list has either `enum` or `oneOf`")
        }
        try self.init(schema, items)
    }

    private init(_ schema: SchemaText, _ items: [Int]) throws(SchemaError) {
        guard items.count <= SchemaLimits.codesMax else { throw SchemaError(at: "", "a code list has at most \(SchemaLimits.codesMax) codes") }
        var codes = Set<String>(minimumCapacity: items.count)
        for item in items {
            guard schema.kind(item) == .string else { throw schema.error(at: item, "a code is a string") }
            // `Set` takes two spellings of one text in Unicode for equal, and so do readers: no list may have both.
            guard codes.insert(schema.string(item)).inserted else { throw schema.error(at: item, "this code stands in the list twice") }
        }
        self.init(codes: codes)
    }
}

extension SchemaText {
    fileprivate func array(_ item: Int) throws(SchemaError) -> [Int] {
        guard kind(item) == .array, count(item) > 0 else { throw error(at: item, "the codes stand in an array, at least one") }
        return elements(item)
    }

    /// The item of the code of one alternative.
    fileprivate func code(_ item: Int) throws(SchemaError) -> Int {
        guard let code = member("const", of: item) else { throw error(at: item, "an alternative has a `const`, and may have a `title`") }
        for (key, _) in members(item) where !["const", "title", "description", "deprecated", "$comment"].contains(string(key)) {
            throw error(at: item, "an alternative has nothing but `const`, `title`, `description`, `deprecated` and `$comment`")
        }
        return code
    }
}
