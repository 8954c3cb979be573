/// Which other versions of a subject a new one must get along with, by the words of Confluent's Schema Registry API.
public enum CompatibilityLevel: String, Hashable, Sendable, CaseIterable {
    case none = "NONE"
    /// The new schema reads what the last one wrote.
    case backward = "BACKWARD"
    case backwardTransitive = "BACKWARD_TRANSITIVE"
    /// The last schema reads what the new one writes.
    case forward = "FORWARD"
    case forwardTransitive = "FORWARD_TRANSITIVE"
    case full = "FULL"
    case fullTransitive = "FULL_TRANSITIVE"

    var isTransitive: Bool {
        switch self {
        case .backwardTransitive, .forwardTransitive, .fullTransitive: true
        case .none, .backward, .forward, .full: false
        }
    }

    var asksBackward: Bool {
        switch self {
        case .backward, .backwardTransitive, .full, .fullTransitive: true
        case .none, .forward, .forwardTransitive: false
        }
    }

    var asksForward: Bool {
        switch self {
        case .forward, .forwardTransitive, .full, .fullTransitive: true
        case .none, .backward, .backwardTransitive: false
        }
    }
}

/// One reason why payloads written under one schema may not be readable under another.
public struct Incompatibility: Hashable, Sendable {
    /// Where in the reader's schema: a JSON pointer, or a field path for Protobuf.
    public let path: String
    /// The rule, in the words that Confluent's registry answers with (`READER_FIELD_MISSING_DEFAULT_VALUE`,
    /// `REQUIRED_ATTRIBUTE_ADDED`, `FIELD_SCALAR_KIND_CHANGED`, …). Stable: programs compare it.
    public let rule: String
    /// A sentence in English.
    public let message: String

    public init(path: String, rule: String, message: String) {
        self.path = path
        self.rule = rule
        self.message = message
    }
}

extension CompiledSchema {
    /// Why this schema may not become the next version after `earlier`, oldest first. Nothing where it may.
    public func incompatibilities(with earlier: [CompiledSchema], at level: CompatibilityLevel) -> [Incompatibility] {
        let compared = level.isTransitive ? earlier[...] : earlier.suffix(1)
        var found: [Incompatibility] = []
        for old in compared.reversed() where level != .none {
            guard old.source.format == source.format else {
                return [Incompatibility(path: "", rule: "SCHEMA_TYPE_CHANGED", message: "the earlier versions are \(old.source.format.rawValue)")]
            }
            if level.asksBackward { found += obstacles(reading: old) }
            if level.asksForward { found += old.obstacles(reading: self) }
            if !found.isEmpty { break }
        }
        return found
    }
}
