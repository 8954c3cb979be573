/// `agency/unit/node` with `*` for any value of a whole level.
public struct NodePattern: Hashable, Sendable, CustomStringConvertible {
    /// nil for `*`, here and below.
    public let agency: String?
    public let unit: String?
    public let node: String?

    /// - Throws: ``PatternError`` unless the text has exactly three levels, each an identity component or `*`.
    public init(_ text: String) throws(PatternError) {
        let levels = text.split(separator: "/", omittingEmptySubsequences: false)
        guard levels.count == 3 else { throw PatternError("“\(text)” is not agency/unit/node") }
        for level in levels where level != "*" && !NodeIdentity.isComponent(String(level)) {
            throw PatternError("“\(level)” in “\(text)” is neither '*' nor a name of a-z, 0-9, '.', '_' and '-'")
        }
        func component(_ level: Substring) -> String? { level == "*" ? nil : String(level) }
        self.agency = component(levels[0])
        self.unit = component(levels[1])
        self.node = component(levels[2])
    }

    public func matches(_ identity: NodeIdentity) -> Bool {
        (agency == nil || agency == identity.agency) && (unit == nil || unit == identity.unit)
            && (node == nil || node == identity.node)
    }

    /// Whether every node that the other matches is matched by this one too.
    public func covers(_ other: NodePattern) -> Bool {
        (agency == nil || agency == other.agency) && (unit == nil || unit == other.unit) && (node == nil || node == other.node)
    }

    /// Whether one node could match both.
    public func overlaps(_ other: NodePattern) -> Bool {
        func meet(_ left: String?, _ right: String?) -> Bool { left == nil || right == nil || left == right }
        return meet(agency, other.agency) && meet(unit, other.unit) && meet(node, other.node)
    }

    public var description: String { "\(agency ?? "*")/\(unit ?? "*")/\(node ?? "*")" }
}
