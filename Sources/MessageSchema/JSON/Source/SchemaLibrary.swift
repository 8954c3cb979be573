/// The texts that one compilation reads, with what can be referred to in them: resources by URI, anchors by name.
struct SchemaLibrary {
    /// A schema with a URI of its own: the root of a text, or a subschema with `$id`.
    struct Resource {
        let uri: URIReference
        let text: Int
        let item: Int
        let dialect: Dialect
        var anchors: [String: Int] = [:]
        var dynamicAnchors: Set<String> = []
        /// `$recursiveAnchor` (2019-09).
        var isRecursiveAnchor = false
    }

    struct Location: Hashable {
        let text: Int
        let item: Int
        let resource: Int
    }

    private(set) var texts: [SchemaText] = []
    private(set) var resources: [Resource] = []
    private var resourceByURI: [String: Int] = [:]
    private var resourceByName: [String: Int] = [:]
    /// For each text, the resource of each item that is a schema; -1 elsewhere.
    private var resourceOfItem: [[Int32]] = []

    /// Where a schema without `$id` is taken to be, so that relative names resolve against something.
    static let defaultBase = URIReference("registry:///")

    init(_ source: SchemaSource) throws(SchemaError) {
        var names: [(SchemaText, Dialect)] = []
        let main = try SchemaText(name: "", text: source.text)
        var references: [SchemaText] = []
        for reference in source.references { references.append(try SchemaText(name: reference.name, text: reference.text)) }
        // A reference that does not say which draft it is written in is taken for one of the family.
        let dialect = try Self.dialect(of: main, item: 0, among: references) ?? .standard
        for text in [main] + references { names.append((text, try Self.dialect(of: text, item: 0, among: references) ?? dialect)) }
        let base = main.stringMember("$id", of: 0).map { URIReference($0).resolved(against: Self.defaultBase) } ?? Self.defaultBase
        for (index, (text, dialect)) in names.enumerated() {
            let retrieval = index == 0 ? Self.defaultBase : URIReference(text.name).resolved(against: base)
            let resource = try add(text, at: retrieval, dialect, among: references)
            if index > 0 { resourceByName[text.name] = resource }
        }
    }

    func resource(of location: Location) -> Resource { resources[location.resource] }

    /// A subschema of one that stands under `resource`.
    func location(text: Int, item: Int, within resource: Int) -> Location {
        let own = resourceOfItem[text][item]
        return Location(text: text, item: item, resource: own >= 0 ? Int(own) : resource)
    }

    /// All schemas of a text, the root first.
    func schemas(of text: Int) -> [Location] {
        resourceOfItem[text].indices.compactMap { item in
            resourceOfItem[text][item] >= 0 ? Location(text: text, item: item, resource: Int(resourceOfItem[text][item])) : nil
        }
    }

    func error(_ location: Location, at item: Int? = nil, _ message: String) -> SchemaError {
        texts[location.text].error(at: item ?? location.item, message)
    }

    // MARK: indexing

    @discardableResult
    private mutating func add(_ text: SchemaText, at retrieval: URIReference, _ dialect: Dialect, among references: [SchemaText]) throws(SchemaError)
        -> Int
    {
        let index = texts.count
        texts.append(text)
        resourceOfItem.append([Int32](repeating: -1, count: text.document.items.count))
        let root = try addResource(text: index, item: 0, uri: retrieval, dialect)
        try walk(index, 0, root, isRoot: true, references)
        return root
    }

    private mutating func addResource(text: Int, item: Int, uri: URIReference, _ dialect: Dialect) throws(SchemaError) -> Int {
        var uri = uri
        // In draft 7 the siblings of `$ref` mean nothing, `$id` included.
        if let id = id(text, item, dialect) {
            uri = URIReference(id).resolved(against: uri)
            if let fragment = uri.fragment, !fragment.isEmpty, dialect.draft > .draft7 {
                throw texts[text].error(at: item, "$id has no fragment; name a place with $anchor")
            }
        }
        uri.fragment = nil
        let name = uri.withoutFragment
        if let other = resourceByURI[name], resources[other].text != text || resources[other].item != item {
            guard resources[other].text == text else {
                throw texts[text].error(at: item, "another of the schemas that belong together has the same URI, \(name)")
            }
            throw texts[text].error(at: item, "two schemas in this text have the same $id")
        }
        let resource = resources.count
        resources.append(Resource(uri: uri, text: text, item: item, dialect: dialect))
        resourceByURI[name] = resource
        return resource
    }

    /// The `$id` of a schema where it names a resource.
    private func id(_ text: Int, _ item: Int, _ dialect: Dialect) -> String? {
        guard let id = texts[text].stringMember("$id", of: item) else { return nil }
        if dialect.draft == .draft7, texts[text].member("$ref", of: item) != nil || id.hasPrefix("#") { return nil }
        return id
    }

    private mutating func walk(_ text: Int, _ item: Int, _ outer: Int, isRoot: Bool, _ references: [SchemaText]) throws(SchemaError) {
        let source = texts[text]
        guard source.kind(item) == .object else {
            resourceOfItem[text][item] = Int32(outer)
            return
        }
        var resource = outer
        if !isRoot, id(text, item, resources[outer].dialect) != nil {
            let dialect = try Self.dialect(of: source, item: item, among: references) ?? resources[outer].dialect
            resource = try addResource(text: text, item: item, uri: resources[outer].uri, dialect)
        }
        resourceOfItem[text][item] = Int32(resource)
        try addAnchors(source, item, resource)
        let dialect = resources[resource].dialect
        for (key, value) in source.members(item) {
            guard let keyword = SubschemaKeyword(source.string(key), dialect) else { continue }
            for child in Self.subschemas(keyword, source, value) { try walk(text, child, resource, isRoot: false, references) }
        }
    }

    private static func subschemas(_ keyword: SubschemaKeyword, _ source: SchemaText, _ value: Int) -> [Int] {
        switch (keyword, source.kind(value)) {
        case (.schema, _), (.schemaOrArray, .object), (.schemaOrArray, .yes), (.schemaOrArray, .no): [value]
        case (.array, .array), (.schemaOrArray, .array): source.elements(value)
        case (.map, .object): source.members(value).map(\.value)
        case (.dependencies, .object): source.members(value).map(\.value).filter { source.kind($0) != .array }
        default: []
        }
    }

    private mutating func addAnchors(_ source: SchemaText, _ item: Int, _ resource: Int) throws(SchemaError) {
        let draft = resources[resource].dialect.draft
        var names: [String] = []
        if draft == .draft7, let id = source.stringMember("$id", of: item), id.hasPrefix("#"), source.member("$ref", of: item) == nil {
            names.append(String(id.dropFirst()))
        }
        if draft > .draft7, let anchor = source.stringMember("$anchor", of: item) { names.append(anchor) }
        if draft == .draft2020, let anchor = source.stringMember("$dynamicAnchor", of: item) {
            names.append(anchor)
            resources[resource].dynamicAnchors.insert(anchor)
        }
        if draft == .draft2019, let flag = source.member("$recursiveAnchor", of: item), source.kind(flag) == .yes, item == resources[resource].item {
            resources[resource].isRecursiveAnchor = true
        }
        for name in names where !name.isEmpty {
            if let other = resources[resource].anchors.updateValue(item, forKey: name), other != item {
                throw source.error(at: item, "the anchor `\(name)` stands twice in one schema")
            }
        }
    }

    // MARK: resolving

    /// Where `reference`, standing in a schema of `resource`, leads; nil where nothing answers to it.
    mutating func resolve(_ reference: String, from resource: Int) throws(SchemaError) -> Location? {
        let target = URIReference(reference).resolved(against: resources[resource].uri)
        guard let fragment = target.decodedFragment, let found = try find(target, named: reference) else { return nil }
        if fragment.isEmpty { return Location(text: resources[found].text, item: resources[found].item, resource: found) }
        if fragment.hasPrefix("/") { return follow(fragment, from: found) }
        return resources[found].anchors[fragment].map { Location(text: resources[found].text, item: $0, resource: found) }
    }

    private mutating func find(_ target: URIReference, named reference: String) throws(SchemaError) -> Int? {
        let uri = target.withoutFragment
        if let found = resourceByURI[uri] { return found }
        if let found = resourceByName[String(reference.prefix { $0 != "#" })] ?? resourceByName[uri] { return found }
        guard let metaschema = Metaschema.text(of: uri) else { return nil }
        let text = try SchemaText(name: uri, text: metaschema)
        return try add(text, at: target, try Self.dialect(of: text, item: 0, among: []) ?? .standard, among: [])
    }

    /// A JSON pointer from the root of a resource, through resources embedded in it.
    private mutating func follow(_ pointer: String, from resource: Int) -> Location? {
        let text = resources[resource].text
        var item = resources[resource].item
        var current = resource
        for token in pointer.dropFirst().split(separator: "/", omittingEmptySubsequences: false) {
            guard let next = step(text, item, token) else { return nil }
            item = next
            if resourceOfItem[text][item] >= 0 { current = Int(resourceOfItem[text][item]) }
        }
        return Location(text: text, item: item, resource: current)
    }

    private mutating func step(_ text: Int, _ item: Int, _ token: Substring) -> Int? {
        let source = texts[text]
        switch source.kind(item) {
        case .object:
            let name = Self.unescape(token)
            guard source.count(item) > Self.smallCount else { return source.member(name, of: item) }
            return children(text, item)[Array(name.utf8)]
        case .array:
            guard let index = Int(token), String(index) == token, index >= 0, index < source.count(item) else { return nil }
            guard source.count(item) > Self.smallCount else { return source.elements(item)[index] }
            return children(text, item)[Array(token.utf8)]
        default: return nil
        }
    }

    private static let smallCount = 16

    /// The children of a large container by key or index, made once: ten thousand pointers into ten thousand definitions stay linear.
    private mutating func children(_ text: Int, _ item: Int) -> [[UInt8]: Int] {
        let source = texts[text]
        if let known = childrenOfLarge[SIMD2(text, item)] { return known }
        var children: [[UInt8]: Int] = [:]
        if source.kind(item) == .object {
            for (key, value) in source.members(item) { children[source.bytes(key)] = value }
        } else {
            for (index, element) in source.elements(item).enumerated() { children[Array(String(index).utf8)] = element }
        }
        childrenOfLarge[SIMD2(text, item)] = children
        return children
    }

    private var childrenOfLarge: [SIMD2<Int>: [[UInt8]: Int]] = [:]

    private static func unescape(_ token: Substring) -> String {
        guard token.contains("~") else { return String(token) }
        var text = ""
        var tilde = false
        for scalar in token.unicodeScalars {
            if tilde {
                text.unicodeScalars.append(scalar == "0" ? "~" : scalar == "1" ? "/" : scalar)
                tilde = false
            } else if scalar == "~" {
                tilde = true
            } else {
                text.unicodeScalars.append(scalar)
            }
        }
        return text
    }

    // MARK: dialects

    /// The dialect that a schema's `$schema` names; nil where it names none.
    private static func dialect(of text: SchemaText, item: Int, among references: [SchemaText], _ seen: Set<String> = []) throws(SchemaError) -> Dialect? {
        guard let value = text.member("$schema", of: item) else { return nil }
        guard text.kind(value) == .string else { throw text.error(at: value, "$schema must be a URI") }
        var uri = text.string(value)
        if uri.hasSuffix("#") { uri.removeLast() }
        if let draft = Dialect.Draft(uri: uri) { return Dialect(draft) }
        guard !seen.contains(uri) else { throw text.error(at: value, "the metaschemas refer to each other in a circle") }
        guard let metaschema = references.first(where: { $0.name == uri || $0.stringMember("$id", of: 0) == uri }) else {
            throw text.error(
                at: value,
                "this $schema is not known: use \(Dialect.Draft.allCases.reversed().map(\.uri).joined(separator: ", ")), or a metaschema among the references")
        }
        let parent = try dialect(of: metaschema, item: 0, among: references, seen.union([uri])) ?? .standard
        return try vocabularies(of: metaschema, parent)
    }

    private static func vocabularies(of metaschema: SchemaText, _ parent: Dialect) throws(SchemaError) -> Dialect {
        guard parent.draft > .draft7, let table = metaschema.member("$vocabulary", of: 0), metaschema.kind(table) == .object else { return parent }
        var vocabularies: Dialect.Vocabularies = .core
        for (key, value) in metaschema.members(table) {
            if let known = Dialect.Vocabularies(uri: metaschema.string(key), in: parent.draft) {
                vocabularies.formUnion(known)
            } else if metaschema.kind(value) == .yes {
                throw metaschema.error(at: value, "the metaschema requires a vocabulary that is not known here")
            }
        }
        return Dialect(parent.draft, vocabularies)
    }
}
