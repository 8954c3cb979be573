public import AccessPolicy

/// How certificates of an external authority become identities: equality on typed names, never a pattern over a printed one.
public struct NamingRule: Sendable, Hashable {
    /// All must hold. Empty: every certificate of the authority.
    public var conditions: [Condition]
    public var agency: Source
    public var unit: Source
    public var node: Source
    public var displayName: Source?
    public var roles: Set<Role>

    /// Holds when the certificate has exactly one value under this name and it equals `value` as Unicode text: Vietnamese letters
    /// may be composed in the configuration and decomposed in the certificate, nothing else may differ.
    public struct Condition: Sendable, Hashable {
        public var name: CertificateName
        public var value: String

        public init(_ name: CertificateName, equals value: String) {
            self.name = name
            self.value = value
        }
    }

    /// Where a component comes from.
    public enum Source: Sendable, Hashable {
        case literal(String)
        /// The one value under this name; none or several refuse the certificate.
        case name(CertificateName)
    }

    public init(
        conditions: [Condition], agency: Source, unit: Source, node: Source, displayName: Source? = nil,
        roles: Set<Role> = [.member]
    ) {
        self.conditions = conditions
        self.agency = agency
        self.unit = unit
        self.node = node
        self.displayName = displayName
        self.roles = roles
    }
}

/// A place in a certificate that holds names.
public enum CertificateName: Sendable, Hashable {
    /// A subject attribute by its dotted OID, `2.5.4.10` for O.
    case subject(oid: String)
    case dnsName
    case email
    case uri
    /// In the usual text form, `192.0.2.7` or `2001:db8::1`.
    case ipAddress
}
