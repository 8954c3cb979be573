extension NamingRule {
    /// A rule as broker.yaml has it.
    /// - Throws: ``TrustError`` naming the attribute or name that is not known.
    init(_ rule: IdentitySettings.Rule) throws(TrustError) {
        self.init(
            conditions: try (rule.where ?? []).map { condition throws(TrustError) in try Condition(condition, of: rule.authority) },
            agency: try Source(rule.agency, of: rule.authority), unit: try Source(rule.unit, of: rule.authority),
            node: try Source(rule.node, of: rule.authority),
            displayName: try rule.displayName.map { source throws(TrustError) in try Source(source, of: rule.authority) },
            roles: try TrustFiles.roles(rule.roles, "a rule of “\(rule.authority)”"))
    }
}

extension NamingRule.Condition {
    fileprivate init(_ condition: IdentitySettings.Condition, of authority: String) throws(TrustError) {
        switch (condition.subject, condition.san) {
        case (let attribute?, nil): self.init(try CertificateName(subject: attribute, of: authority), equals: condition.equals)
        case (nil, let kind?): self.init(try CertificateName(san: kind, of: authority), equals: condition.equals)
        case (nil, nil), (.some, .some):
            throw TrustError("a condition of “\(authority)” needs either subject or san, beside equals")
        }
    }
}

extension NamingRule.Source {
    fileprivate init(_ source: IdentitySettings.Source, of authority: String) throws(TrustError) {
        switch source {
        case .literal(let text): self = .literal(text)
        case .subject(let attribute): self = .name(try CertificateName(subject: attribute, of: authority))
        case .san(let kind): self = .name(try CertificateName(san: kind, of: authority))
        }
    }
}

extension CertificateName {
    /// Short names of subject attributes (RFC 4519, X.520; `organizationIdentifier` carries a tax code under ETSI EN 319 412-1).
    static let attributes: [String: String] = [
        "CN": "2.5.4.3", "SN": "2.5.4.4", "serialNumber": "2.5.4.5", "C": "2.5.4.6", "L": "2.5.4.7", "ST": "2.5.4.8",
        "STREET": "2.5.4.9", "O": "2.5.4.10", "OU": "2.5.4.11", "title": "2.5.4.12", "name": "2.5.4.41",
        "givenName": "2.5.4.42", "organizationIdentifier": "2.5.4.97", "UID": "0.9.2342.19200300.100.1.1",
        "DC": "0.9.2342.19200300.100.1.25", "email": "1.2.840.113549.1.9.1",
    ]

    fileprivate init(subject attribute: String, of authority: String) throws(TrustError) {
        if let identifier = Self.attributes[attribute] {
            self = .subject(oid: identifier)
            return
        }
        let arcs = attribute.split(separator: ".", omittingEmptySubsequences: false)
        guard arcs.count > 1, arcs.allSatisfy({ UInt($0).map(String.init) == String($0) }) else {
            let known = Self.attributes.keys.sorted().joined(separator: ", ")
            throw TrustError("a rule of “\(authority)” names the subject attribute “\(attribute)”; use one of \(known), or a dotted OID")
        }
        self = .subject(oid: attribute)
    }

    fileprivate init(san kind: String, of authority: String) throws(TrustError) {
        switch kind {
        case "dns": self = .dnsName
        case "email": self = .email
        case "uri": self = .uri
        case "ip": self = .ipAddress
        default: throw TrustError("a rule of “\(authority)” names the SAN type “\(kind)”; the types are dns, email, uri and ip")
        }
    }
}
