import AccessPolicy
import SwiftASN1
import X509

/// From the names in a certificate to an identity, in the way the authority is configured for.
enum NamedIdentity {
    /// The subject attribute `name` (X.520, 2.5.4.41): the display name of our own certificates.
    static let displayNameAttribute: ASN1ObjectIdentifier = [2, 5, 4, 41]
    /// Characters of a display name.
    static let displayNameCharactersMax = 200

    static func read(_ certificate: PeerCertificate, of authority: CompiledAuthority) throws(PeerRefusal) -> NodeIdentity {
        switch authority.naming {
        case .spiffe: try fromSpiffeID(certificate, of: authority)
        case .rules(let rules): try fromRules(rules, certificate, of: authority)
        }
    }

    // MARK: Our own certificates

    private static func fromSpiffeID(_ certificate: PeerCertificate, of authority: CompiledAuthority) throws(PeerRefusal) -> NodeIdentity {
        let identity = try fromSpiffeID(certificate)
        guard identity.authority == authority.name else {
            throw .authorityMismatch(named: identity.authority, signedBy: authority.name)
        }
        return identity
    }

    /// What one of our own certificates says of itself; whether its signer may say so is another question.
    static func fromSpiffeID(_ certificate: PeerCertificate) throws(PeerRefusal) -> NodeIdentity {
        let uris = certificate.uris
        guard let uri = uris.first else { throw .badSpiffeID("it has no URI") }
        guard uris.count == 1 else { throw .badSpiffeID("it has \(uris.count) URIs") }
        let names = try components(of: uri)
        let roles = try RolesExtension.decode(certificate.certificate.extensions)
        let shown = certificate.values(of: .subject(oid: displayNameAttribute.description)).first
        do {
            return try NodeIdentity(
                authority: names[0], agency: names[1], unit: names[2], node: names[3], roles: roles,
                displayName: shown.flatMap(displayable))
        } catch {
            throw .badSpiffeID(error.description)
        }
    }

    /// Exactly `spiffe://authority/agency/unit/node`. The alphabet of the components leaves no room for a port, an escape, a
    /// query or a fragment, so that cutting at slashes is all there is to it.
    private static func components(of uri: String) throws(PeerRefusal) -> [String] {
        let scheme = "spiffe://"
        guard uri.hasPrefix(scheme) else { throw .badSpiffeID("“\(uri.prefix(80))” does not begin with \(scheme)") }
        let names = uri.dropFirst(scheme.count).split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard names.count == 4 else { throw .badSpiffeID("“\(uri.prefix(80))” has \(names.count) components, not 4") }
        return names
    }

    // MARK: External authorities

    private static func fromRules(
        _ rules: [NamingRule], _ certificate: PeerCertificate, of authority: CompiledAuthority
    ) throws(PeerRefusal) -> NodeIdentity {
        let fitting = rules.first { rule in
            rule.conditions.allSatisfy { certificate.values(of: $0.name) == [$0.value] }
        }
        guard let rule = fitting else { throw .noRuleMatches(authority: authority.name) }
        let agency = try component("agency", rule.agency, certificate)
        let unit = try component("unit", rule.unit, certificate)
        let node = try component("node", rule.node, certificate)
        let shown: String? = try rule.displayName.map { source throws(PeerRefusal) in try component("displayName", source, certificate) }
        do {
            return try NodeIdentity(
                authority: authority.name, agency: agency, unit: unit, node: node, roles: rule.roles,
                displayName: shown.flatMap(displayable))
        } catch {
            throw .unusableName(error.description)
        }
    }

    private static func component(
        _ name: String, _ source: NamingRule.Source, _ certificate: PeerCertificate
    ) throws(PeerRefusal) -> String {
        switch source {
        case .literal(let text): return text
        case .name(let place):
            let values = certificate.values(of: place)
            guard values.count == 1 else { throw .unusableName("\(name) is taken from a name that the certificate has \(values.count) times, not once") }
            return values[0]
        }
    }

    /// Text for people goes to terminals and web pages: no control characters, and no more than a line of it.
    static func displayable(_ text: String) -> String? {
        let kept = text.unicodeScalars.filter { !$0.properties.isDefaultIgnorableCodePoint && $0.properties.generalCategory != .control }
        let cut = String(String(String.UnicodeScalarView(kept)).prefix(displayNameCharactersMax))
        return cut.isEmpty ? nil : cut
    }
}
