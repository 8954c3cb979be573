/// What an agreement's `groups` says: one group id, or every id with a prefix.
public enum GroupPattern: Hashable, Sendable, CustomStringConvertible {
    case literal(String)
    /// Without the `*`.
    case prefix(String)

    /// The longest id or prefix accepted, in bytes.
    public static let bytesMax = 249

    /// - Throws: ``PatternError`` when it is empty, too long, a bare `*`, or has a control character.
    public init(_ text: String) throws(PatternError) {
        let isPrefix = text.hasSuffix("*")
        let name = isPrefix ? String(text.dropLast()) : text
        // A bare `*` would name every group of the city that belongs to no agency.
        guard !name.isEmpty else { throw PatternError("a group needs at least one character before any '*'") }
        guard name.utf8.count <= Self.bytesMax else { throw PatternError("a group id has at most \(Self.bytesMax) bytes") }
        guard name.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7F }) else {
            throw PatternError("a group id has a control character")
        }
        self = isPrefix ? .prefix(name) : .literal(name)
    }

    public func matches(_ group: String) -> Bool {
        switch self {
        case .literal(let name): name == group
        case .prefix(let prefix): group.hasPrefix(prefix)
        }
    }

    /// Whether every group that the other matches is matched by this one too.
    public func covers(_ other: GroupPattern) -> Bool {
        switch (self, other) {
        case (_, .literal(let name)): matches(name)
        case (.literal, .prefix): false
        case (.prefix(let prefix), .prefix(let longer)): longer.hasPrefix(prefix)
        }
    }

    public var description: String {
        switch self {
        case .literal(let name): name
        case .prefix(let prefix): "\(prefix)*"
        }
    }
}
