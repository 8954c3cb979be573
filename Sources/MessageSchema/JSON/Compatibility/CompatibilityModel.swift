/// Schemas as the registry's rules see them: each keyword group is a part of its own (what an object must be, what a string must be), and a
/// schema with several is the `allOf` of its parts. The parts of both versions live in one arena, made when they are first asked for.
struct CompatibilityModel {
    enum Criterion: String {
        case allOf, anyOf, oneOf
    }

    /// Parts are compared kind by kind; two of different kinds have different types.
    enum Kind: Equatable {
        case empty, never, string, boolean, null, constant, enumeration, codeList, object, array, conditional
        case number(isInteger: Bool)
        case combined(Criterion, [Int])
        case not(Int)

        func isLike(_ other: Kind) -> Bool {
            switch (self, other) {
            case (.number, .number), (.combined, .combined), (.not, .not): true
            default: self == other
            }
        }
    }

    struct Part {
        let kind: Kind
        let place: Place
    }

    /// A schema of one of the two versions.
    struct Place: Hashable {
        let version: Int
        let location: SchemaLibrary.Location
    }

    private(set) var parts: [Part] = []
    private var partOf: [Place: Int] = [:]
    private var libraries: [SchemaLibrary]

    init(_ libraries: [SchemaLibrary]) { self.libraries = libraries }

    mutating func root(_ version: Int) -> Int {
        part(Place(version: version, location: SchemaLibrary.Location(text: 0, item: 0, resource: 0)))
    }

    func text(_ place: Place) -> SchemaText { libraries[place.version].texts[place.location.text] }
    func dialect(_ place: Place) -> Dialect { libraries[place.version].resource(of: place.location).dialect }

    /// The value of a keyword.
    func value(_ keyword: String, _ place: Place) -> Int? { text(place).member(keyword, of: place.location.item) }

    func child(_ item: Int, _ place: Place) -> Place {
        let location = libraries[place.version].location(text: place.location.text, item: item, within: place.location.resource)
        return Place(version: place.version, location: location)
    }

    /// The part for the schema under a keyword; nil without one.
    mutating func part(_ keyword: String, _ place: Place) -> Int? {
        value(keyword, place).map { part(child($0, place)) }
    }

    mutating func part(_ place: Place) -> Int {
        if let known = partOf[place] { return known }
        var found = extract(place)
        let index: Int
        switch found.count {
        case 0: index = add(.empty, place)
        case 1: index = found.removeLast()
        default: index = add(.combined(.allOf, found), place)
        }
        partOf[place] = index
        return index
    }

    private mutating func add(_ kind: Kind, _ place: Place) -> Int {
        parts.append(Part(kind: kind, place: place))
        return parts.count - 1
    }

    // MARK: from keywords to parts

    private static let keywordsOf: [(kind: Kind, keywords: [String])] = [
        (.array, ["items", "additionalItems", "prefixItems", "minItems", "maxItems", "uniqueItems", "contains", "unevaluatedItems"]),
        (
            .object,
            [
                "properties", "required", "minProperties", "maxProperties", "patternProperties", "additionalProperties", "propertyNames",
                "dependencies", "dependentRequired", "dependentSchemas", "unevaluatedProperties",
            ]
        ),
        (.number(isInteger: false), ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"]),
        (.string, ["minLength", "maxLength", "pattern", "format"]),
    ]

    private mutating func extract(_ place: Place) -> [Int] {
        let text = text(place)
        switch text.kind(place.location.item) {
        case .yes: return []
        case .no: return [add(.never, place)]
        case .object: break
        case .null, .number, .string, .array: return []
        }
        var found: [Int] = []
        for keyword in ["$ref", "$dynamicRef", "$recursiveRef"] {
            guard let target = target(keyword, place) else { continue }
            if dialect(place).draft == .draft7 { return [part(target)] }
            found.append(part(target))
        }
        if value("enum", place) != nil { found.append(add(.enumeration, place)) }
        for criterion in [Criterion.allOf, .anyOf, .oneOf] {
            guard let array = value(criterion.rawValue, place) else { continue }
            let subschemas = text.elements(array).map { part(child($0, place)) }
            found.append(add(.combined(criterion, subschemas), place))
        }
        if let not = part("not", place) { found.append(add(.not(not), place)) }
        if value("const", place) != nil { found.append(add(.constant, place)) }
        if value("x-codelist", place) != nil { found.append(add(.codeList, place)) }
        let types = typed(place, &found)
        for (kind, keywords) in Self.keywordsOf where !types.contains(where: { $0.isLike(kind) }) {
            if keywords.contains(where: { value($0, place) != nil }) { found.append(add(kind, place)) }
        }
        if ["if", "then", "else"].contains(where: { value($0, place) != nil }) { found.append(add(.conditional, place)) }
        return found
    }

    /// Adds the part for `type`. Several types are alternatives.
    private mutating func typed(_ place: Place, _ found: inout [Int]) -> [Kind] {
        guard let item = value("type", place) else { return [] }
        let text = text(place)
        let names = text.kind(item) == .array ? text.elements(item).map { text.string($0) } : [text.string(item)]
        let kinds = names.map(Self.kind)
        let alternatives = kinds.map { add($0, place) }
        found.append(text.kind(item) == .array ? add(.combined(.anyOf, alternatives), place) : alternatives[0])
        return kinds
    }

    private static func kind(of type: String) -> Kind {
        switch type {
        case "string": .string
        case "number": .number(isInteger: false)
        case "integer": .number(isInteger: true)
        case "boolean": .boolean
        case "array": .array
        case "object": .object
        default: .null
        }
    }

    private mutating func target(_ keyword: String, _ place: Place) -> Place? {
        let text = text(place)
        guard let reference = text.stringMember(keyword, of: place.location.item) else { return nil }
        // It led somewhere when the schema was compiled.
        guard let location = try? libraries[place.version].resolve(reference, from: place.location.resource) else { return nil }
        return Place(version: place.version, location: location)
    }
}
