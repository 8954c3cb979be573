/// One edition of JSON Schema, with the vocabularies in force.
struct Dialect: Hashable, Sendable {
    enum Draft: Int, Comparable, Hashable, Sendable, CaseIterable {
        case draft7 = 7
        case draft2019 = 2019
        case draft2020 = 2020

        static func < (left: Draft, right: Draft) -> Bool { left.rawValue < right.rawValue }

        /// The `$schema` that names it.
        var uri: String {
            switch self {
            case .draft7: "http://json-schema.org/draft-07/schema"
            case .draft2019: "https://json-schema.org/draft/2019-09/schema"
            case .draft2020: "https://json-schema.org/draft/2020-12/schema"
            }
        }

        init?(uri: String) {
            guard let draft = Self.allCases.first(where: { $0.uri == uri }) else { return nil }
            self = draft
        }
    }

    struct Vocabularies: OptionSet, Hashable, Sendable {
        let rawValue: UInt16
        static let core = Vocabularies(rawValue: 1)
        static let applicator = Vocabularies(rawValue: 2)
        static let unevaluated = Vocabularies(rawValue: 4)
        static let validation = Vocabularies(rawValue: 8)
        static let formatAnnotation = Vocabularies(rawValue: 16)
        static let formatAssertion = Vocabularies(rawValue: 32)
        static let content = Vocabularies(rawValue: 64)
        static let metadata = Vocabularies(rawValue: 128)

        init(rawValue: UInt16) { self.rawValue = rawValue }

        /// What a `$vocabulary` of the draft may name.
        init?(uri: String, in draft: Draft) {
            let prefix = draft == .draft2019 ? "https://json-schema.org/draft/2019-09/vocab/" : "https://json-schema.org/draft/2020-12/vocab/"
            guard uri.hasPrefix(prefix) else { return nil }
            switch (uri.dropFirst(prefix.count), draft) {
            case ("core", _): self = .core
            case ("applicator", .draft2019): self = [.applicator, .unevaluated]
            case ("applicator", _): self = .applicator
            case ("unevaluated", .draft2020): self = .unevaluated
            case ("validation", _): self = .validation
            case ("format", .draft2019), ("format-annotation", .draft2020): self = .formatAnnotation
            case ("format-assertion", .draft2020): self = .formatAssertion
            case ("content", _): self = .content
            case ("meta-data", _): self = .metadata
            default: return nil
            }
        }
    }

    let draft: Draft
    let vocabularies: Vocabularies

    init(_ draft: Draft, _ vocabularies: Vocabularies = [.core, .applicator, .unevaluated, .validation, .formatAnnotation, .content, .metadata]) {
        self.draft = draft
        self.vocabularies = vocabularies
    }

    static let standard = Dialect(.draft2020)
}

/// Keywords that hold schemas, and how.
enum SubschemaKeyword {
    case schema
    case array
    case map
    /// `items` before 2020-12: a schema or an array of them.
    case schemaOrArray
    /// `dependencies`: each value a schema or an array of names.
    case dependencies

    init?(_ keyword: String, _ dialect: Dialect) {
        let draft = dialect.draft
        switch keyword {
        case "additionalProperties", "contains", "else", "if", "not", "propertyNames", "then": self = .schema
        case "additionalItems" where draft < .draft2020: self = .schema
        case "unevaluatedItems" where draft > .draft7, "unevaluatedProperties" where draft > .draft7, "contentSchema" where draft > .draft7:
            self = .schema
        case "items": self = draft < .draft2020 ? .schemaOrArray : .schema
        case "allOf", "anyOf", "oneOf": self = .array
        case "prefixItems" where draft == .draft2020: self = .array
        case "$defs" where draft > .draft7, "definitions", "properties", "patternProperties": self = .map
        case "dependentSchemas" where draft > .draft7: self = .map
        // 2019-09 and 2020-12 keep it for schemas of older drafts.
        case "dependencies": self = .dependencies
        default: return nil
        }
    }
}
