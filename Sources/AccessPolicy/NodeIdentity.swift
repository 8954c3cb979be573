/// Who a node is: the four components that its certificate proves, and its roles.
///
/// Components are ASCII `[a-z0-9._-]`, 1 to 63 characters; `.` and `..` alone are refused. `agency/unit/node` is unique
/// across the city because each agency belongs to exactly one configured authority.
public struct NodeIdentity: Hashable, Sendable {
    public let authority: String
    public let agency: String
    public let unit: String
    public let node: String
    public let roles: Set<Role>
    /// A name for people, in Vietnamese as a rule. Never used in a decision.
    public let displayName: String?

    /// The longest component accepted, in bytes. Four of these fit the 250 characters Kafka tools print of a principal.
    public static let componentBytesMax = 63

    /// - Throws: ``IdentityError`` naming the component that is empty, too long or has a character outside the alphabet.
    public init(
        authority: String, agency: String, unit: String, node: String,
        roles: Set<Role> = [.member], displayName: String? = nil
    ) throws(IdentityError) {
        for (name, component) in [("authority", authority), ("agency", agency), ("unit", unit), ("node", node)] {
            guard Self.isComponent(component) else { throw IdentityError(component: name, value: component) }
        }
        self.authority = authority
        self.agency = agency
        self.unit = unit
        self.node = node
        self.roles = roles
        self.displayName = displayName
    }

    /// `agency/unit/node`, as agreements name it.
    public var path: String { "\(agency)/\(unit)/\(node)" }
    /// The Kafka principal, `User:<agency>/<unit>/<node>`.
    public var principal: String { "User:\(path)" }
    /// The one URI in the certificate's SAN.
    public var spiffeID: String { "spiffe://\(authority)/\(agency)/\(unit)/\(node)" }

    /// Whether a text can be one of the four components.
    public static func isComponent(_ text: String) -> Bool {
        guard !text.isEmpty, text.utf8.count <= componentBytesMax, text != ".", text != ".." else { return false }
        return text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
            case UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"): true
            default: false
            }
        }
    }
}

/// A component of an identity that is not `[a-z0-9._-]{1,63}`.
public struct IdentityError: Error, Hashable, Sendable, CustomStringConvertible {
    public let component: String
    public let value: String

    public init(component: String, value: String) {
        self.component = component
        self.value = value
    }

    public var description: String {
        "\(component) “\(value)” is not 1 to \(NodeIdentity.componentBytesMax) characters of a-z, 0-9, '.', '_' and '-'"
    }
}

/// What a certificate's role extension grants: administration, never payloads.
public enum Role: String, Hashable, Sendable, CaseIterable, Comparable {
    /// Topics, groups, quotas, certificates.
    case `operator`
    /// Schemas and agreements of the topics that its agency owns.
    case steward
    /// Tiles, proofs, audit topics, explanations.
    case auditor
    /// Nothing beyond what agreements grant.
    case member

    public static func < (left: Role, right: Role) -> Bool { left.rawValue < right.rawValue }
}
