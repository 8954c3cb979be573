import AccessPolicy
import SwiftASN1
import X509

/// The certificate extension that carries a node's roles: DER `SEQUENCE OF UTF8String`, not critical, each role once.
///
/// Its OID is made from the UUID b8e7129b-fe8e-4c42-9566-a93c308a4042 under the arc that Microsoft keeps for identifiers
/// derived from a UUID without registration (the digits cut into groups of 4, 4, 4, 4, 4, 6 and 6). ITU-T X.667's 2.25 would be
/// the first choice, but its one arc of 128 bits overflows many parsers, swift-asn1 among them.
enum RolesExtension {
    static let identifier: ASN1ObjectIdentifier = [
        1, 2, 840, 113556, 1, 8000, 2554, 47335, 4763, 65166, 19522, 38246, 11_090_992, 9_060_418, 1,
    ]
    /// The same as text, for people and for OpenSSL's configuration files.
    static let dottedIdentifier = "1.2.840.113556.1.8000.2554.47335.4763.65166.19522.38246.11090992.9060418.1"

    static func encode(_ roles: Set<Role>) throws -> Certificate.Extension {
        var serializer = DER.Serializer()
        try serializer.serializeSequenceOf(roles.sorted().map { ASN1UTF8String($0.rawValue) })
        return Certificate.Extension(oid: identifier, critical: false, value: serializer.serializedBytes[...])
    }

    /// - Returns: the roles, `member` when the extension is absent.
    static func decode(_ extensions: Certificate.Extensions) throws(PeerRefusal) -> Set<Role> {
        guard let encoded = extensions[oid: identifier] else { return [.member] }
        let names: [ASN1UTF8String]
        do {
            names = try DER.sequence(of: ASN1UTF8String.self, identifier: .sequence, rootNode: try DER.parse(encoded.value))
        } catch {
            throw .badRoles("the extension is not a SEQUENCE OF UTF8String")
        }
        guard names.count <= Role.allCases.count else { throw .badRoles("it names \(names.count) roles, there are \(Role.allCases.count)") }
        var roles: Set<Role> = []
        for name in names {
            let text = String(name)
            guard let role = Role(rawValue: text) else { throw .badRoles("“\(text.prefix(40))” is not a role") }
            guard roles.insert(role).inserted else { throw .badRoles("“\(role.rawValue)” is named twice") }
        }
        return roles.isEmpty ? [.member] : roles
    }
}
