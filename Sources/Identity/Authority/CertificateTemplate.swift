import AccessPolicy
import Foundation
import SwiftASN1
import X509

/// The three kinds of certificate that the built-in authority signs, and what stands in each.
enum CertificateTemplate {
    /// The authority's own: signs certificates and lists, and nothing below it may sign (path length 0). The SPIFFE id of the
    /// trust domain alone is how the directory knows the authority's name.
    static func authorityExtensions(name: String, key: Certificate.PublicKey) throws -> Certificate.Extensions {
        try Certificate.Extensions {
            Critical(BasicConstraints.isCertificateAuthority(maxPathLength: 0))
            Critical(KeyUsage(keyCertSign: true, cRLSign: true))
            SubjectKeyIdentifier(hash: key)
            SubjectAlternativeNames([.uniformResourceIdentifier("spiffe://\(name)")])
        }
    }

    static func authoritySubject(name: String) throws -> DistinguishedName {
        try DistinguishedName {
            OrganizationName(name)
            CommonName("Hanbridge CA")
        }
    }

    static func subject(_ subject: CertificateRequest.Subject) throws -> DistinguishedName {
        switch subject {
        case .node(let identity):
            var attributes = [
                RelativeDistinguishedName.Attribute(type: .RDNAttributeType.organizationName, utf8String: identity.agency),
                RelativeDistinguishedName.Attribute(type: .RDNAttributeType.organizationalUnitName, utf8String: identity.unit),
                RelativeDistinguishedName.Attribute(type: .RDNAttributeType.commonName, utf8String: identity.node),
            ]
            if let shown = identity.displayName {
                attributes.append(RelativeDistinguishedName.Attribute(type: NamedIdentity.displayNameAttribute, utf8String: shown))
            }
            return try DistinguishedName(attributes)
        case .server(let hosts):
            // X.520 ends a common name at 64 characters; hosts are read from the SAN anyway.
            return try DistinguishedName { CommonName(String((hosts.first ?? "").prefix(64))) }
        }
    }

    static func extensions(
        _ subject: CertificateRequest.Subject, key: Certificate.PublicKey, issuerKeyIdentifier: [UInt8]
    ) throws -> Certificate.Extensions {
        var extensions = try Certificate.Extensions {
            Critical(BasicConstraints.notCertificateAuthority)
            Critical(KeyUsage(digitalSignature: true))
            SubjectKeyIdentifier(hash: key)
            AuthorityKeyIdentifier(keyIdentifier: issuerKeyIdentifier[...])
        }
        switch subject {
        case .node(let identity):
            try extensions.append(try Certificate.Extension(ExtendedKeyUsage([.clientAuth]), critical: false))
            try extensions.append(
                try Certificate.Extension(
                    SubjectAlternativeNames([.uniformResourceIdentifier(identity.spiffeID)]), critical: false))
            try extensions.append(try RolesExtension.encode(identity.roles))
        case .server(let hosts):
            try extensions.append(try Certificate.Extension(ExtendedKeyUsage([.serverAuth]), critical: false))
            let names = hosts.map { host -> GeneralName in
                if let address = InternetAddress.bytes(host) { return .ipAddress(ASN1OctetString(contentBytes: address[...])) }
                return .dnsName(host)
            }
            try extensions.append(try Certificate.Extension(SubjectAlternativeNames(names), critical: false))
        }
        return extensions
    }

    /// A DNS name (RFC 1123) or an IP address.
    static func isHost(_ text: String) -> Bool {
        if InternetAddress.bytes(text) != nil { return true }
        let labels = text.split(separator: ".", omittingEmptySubsequences: false)
        return text.utf8.count <= 253 && !labels.isEmpty
            && labels.allSatisfy { label in
                (1...63).contains(label.utf8.count) && label.first != "-" && label.last != "-"
                    && label.utf8.allSatisfy { byte in
                        switch byte {
                        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"):
                            true
                        default: false
                        }
                    }
            }
    }
}
