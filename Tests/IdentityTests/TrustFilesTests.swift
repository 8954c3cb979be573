import AccessPolicy
import Foundation
import SwiftASN1
import Testing
import X509
import Yams

@testable import Identity

@Suite("The files of broker.yaml's identity section")
struct TrustFilesTests {
    private func settings(_ yaml: String) throws -> IdentitySettings { try YAMLDecoder().decode(IdentitySettings.self, from: yaml) }

    private func prepare(_ path: String) throws -> TestAuthority {
        let authority = try TestAuthority("tax.example")
        let certificate = PEMDocument(type: "CERTIFICATE", derBytes: try authority.der).pemString
        try certificate.write(toFile: "\(path)/ca.pem", atomically: true, encoding: .utf8)
        let list = try authority.list()
        try PEMDocument(type: "X509 CRL", derBytes: list).pemString.write(toFile: "\(path)/crl.pem", atomically: true, encoding: .utf8)
        try Data(list).write(to: URL(fileURLWithPath: "\(path)/crl.der"))
        return authority
    }

    private let head = "certificate: broker.pem\nkey: broker.key\n"

    @Test("certificates, lists in PEM or DER, agencies, roles and rules are read as they are documented")
    func load() throws {
        let directory = try TemporaryDirectory()
        let authority = try prepare(directory.path)
        for list in ["crl.pem", "crl.der"] {
            let settings = try settings(
                """
                \(head)
                crlGraceHours: 1.5
                authorities:
                  - name: tax.example
                    certificates: [ca.pem]
                    crls: [\(list)]
                    agencies: [tax]
                    roles: [auditor]
                rules:
                  - authority: tax.example
                    where:
                      - { subject: CN, equals: Cổng thuế }
                      - { san: dns, equals: gw.tax.example }
                    agency: tax
                    unit: { subject: 2.5.4.11 }
                    node: { san: dns }
                    displayName: { subject: CN }
                    roles: [auditor]
                """)
            let configuration = try TrustFiles.load(settings, relativeTo: directory.path)
            #expect(configuration.revocationGraceMilliseconds == 3 * hour / 2)
            #expect(TrustFiles.paths(of: settings, relativeTo: directory.path) == ["\(directory.path)/ca.pem", "\(directory.path)/\(list)"])
            var leaf = TestAuthority.Leaf()
            leaf.names = [.dnsName("gw.tax.example")]
            leaf.subject = [(.RDNAttributeType.commonName, "Cổng thuế"), (.RDNAttributeType.organizationalUnitName, "gateway")]
            let node = try PeerAuthenticator(configuration).authenticate(chain: try authority.issue(leaf), at: now).get()
            #expect(node.identity.principal == "User:tax/gateway/gw.tax.example")
            #expect(node.identity.roles == [.auditor])
        }
    }

    @Test("`crls: none` is the only way to go without lists")
    func none() throws {
        let directory = try TemporaryDirectory()
        _ = try prepare(directory.path)
        func load(_ crls: String) throws -> TrustConfiguration {
            try TrustFiles.load(
                try settings("\(head)authorities: [{ name: a, certificates: [ca.pem], \(crls) agencies: [\"*\"] }]"), relativeTo: directory.path)
        }
        #expect(throws: Never.self) { try PeerAuthenticator(try load("crls: none,")) }
        #expect(throws: TrustError.self) { try load("crls: [],") }
        #expect(throws: DecodingError.self) { try load("") }
        #expect(throws: DecodingError.self) { try load("crls: never,") }
    }

    @Test("what is wrong is told by file or word", arguments: [
        ("certificates: [missing.pem], crls: [crl.pem], agencies: [tax]", "", "missing.pem cannot be read"),
        ("certificates: [crl.pem], crls: [crl.pem], agencies: [tax]", "", "crl.pem has no “BEGIN CERTIFICATE”, only X509 CRL"),
        ("certificates: [ca.pem], crls: [ca.pem], agencies: [tax]", "", "ca.pem has no “BEGIN X509 CRL”"),
        ("certificates: [empty], crls: [crl.pem], agencies: [tax]", "", "empty has no “BEGIN CERTIFICATE”"),
        ("certificates: [torn.pem], crls: [crl.pem], agencies: [tax]", "", "torn.pem"),
        ("certificates: [ca.pem], crls: [crl.pem], agencies: [tax, \"*\"]", "", "beside other agencies"),
        ("certificates: [ca.pem], crls: [crl.pem], agencies: [tax], roles: [king]", "", "“king”"),
        ("certificates: [ca.pem], crls: [crl.pem], agencies: [tax]", "crlGraceHours: -1", "crlGraceHours"),
        ("certificates: [ca.pem], crls: [crl.pem], agencies: [tax]", "rules: [{authority: other, agency: a, unit: b, node: c}]", "“other”"),
        ("certificates: [ca.pem], crls: [crl.pem], agencies: [tax]", "rules: [{authority: tax.example, agency: tax, unit: {subject: Q}, node: c}]", "“Q”"),
        ("certificates: [ca.pem], crls: [crl.pem], agencies: [tax]", "rules: [{authority: tax.example, agency: tax, unit: {san: x400}, node: c}]", "“x400”"),
        ("certificates: [ca.pem], crls: [crl.pem], agencies: [tax]", "rules: [{authority: tax.example, where: [{equals: a}], agency: tax, unit: b, node: c}]", "either subject or san"),
    ])
    func errors(authority: String, more: String, words: String) throws {
        let directory = try TemporaryDirectory()
        _ = try prepare(directory.path)
        _ = try directory.write("empty", "")
        _ = try directory.write("torn.pem", "-----BEGIN CERTIFICATE-----\nMIIB")
        let settings = try settings("\(head)authorities: [{ name: tax.example, \(authority) }]\n\(more)\n")
        let error = #expect(throws: TrustError.self) { try TrustFiles.load(settings, relativeTo: directory.path) }
        #expect(error?.description.contains(words) == true, "\(String(describing: error))")
    }

    @Test("a certificate or list that is PEM and still none is told by its file, not only by its authority", arguments: [
        ("certificates: [ca.pem, bad.pem], crls: [crl.pem]", "bad.pem) cannot be read: it is not a DER certificate"),
        ("certificates: [ca.pem], intermediates: [bad.pem], crls: [crl.pem]", "bad.pem) cannot be read: it is not a DER certificate"),
        ("certificates: [ca.pem, leaf.pem], crls: [crl.pem]", "leaf.pem) under the authority “tax.example” is not an authority's"),
        ("certificates: [ca.pem], crls: [crl.pem, bad-crl.pem]", "revocation list 2 (", ),
        ("certificates: [ca.pem], crls: [bad-crl.pem]", "bad-crl.pem) of the authority “tax.example” cannot be read"),
    ])
    func errorsOfDocuments(authority: String, words: String) throws {
        let directory = try TemporaryDirectory()
        let leaf = try prepare(directory.path).issue(TestAuthority.Leaf())
        _ = try directory.write("bad.pem", PEMDocument(type: "CERTIFICATE", derBytes: [0x30, 3, 1, 2, 3]).pemString)
        _ = try directory.write("bad-crl.pem", PEMDocument(type: "X509 CRL", derBytes: [0x30, 3, 1, 2, 3]).pemString)
        _ = try directory.write("leaf.pem", PEMDocument(type: "CERTIFICATE", derBytes: try #require(leaf.first)).pemString)
        let settings = try settings("\(head)authorities: [{ name: tax.example, \(authority), agencies: [tax] }]\n")
        let configuration = try TrustFiles.load(settings, relativeTo: directory.path)
        let error = #expect(throws: TrustError.self) { try PeerAuthenticator(configuration) }
        #expect(error?.description.contains(words) == true, "\(String(describing: error))")
    }

    @Test("the settings survive being written and read")
    func roundTrip() throws {
        let yaml = """
            \(head)pki: pki
            authorities:
              - { name: a, certificates: [ca.pem], intermediates: [i.pem], crls: none, agencies: ["*"], roles: [member] }
            rules:
              - { authority: a, where: [{ subject: O, equals: b }], agency: c, unit: { subject: OU }, node: { san: dns } }
            """
        let first = try settings(yaml)
        #expect(try settings(try YAMLEncoder().encode(first)) == first)
    }
}
