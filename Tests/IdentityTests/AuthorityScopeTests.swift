import AccessPolicy
import SwiftASN1
import Testing
import X509

@testable import Identity

@Suite("What an authority may say")
struct AuthorityScopeTests {
    @Test("an authority speaks only for its agencies, and the rest for what nobody lists")
    func agencies() throws {
        let city = try TestAuthority("danang")
        let tax = try TestAuthority("tax.example")
        let authenticator = try PeerAuthenticator(city.trusted(), tax.trusted(agencies: .listed(["tax", "customs"])))
        #expect(authenticator.verdict(try city.issue(.init(uri: "spiffe://danang/health/a/b"))) == "health/a/b")
        #expect(authenticator.verdict(try city.issue(.init(uri: "spiffe://danang/tax/a/b"))) == "agency-of-another-authority")
        #expect(authenticator.verdict(try tax.issue(.init(uri: "spiffe://tax.example/customs/a/b"))) == "customs/a/b")
        #expect(authenticator.verdict(try tax.issue(.init(uri: "spiffe://tax.example/health/a/b"))) == "agency-of-another-authority")
    }

    @Test("an authority cannot sign under another's name")
    func mismatch() throws {
        let city = try TestAuthority("danang")
        let tax = try TestAuthority("tax.example")
        let authenticator = try PeerAuthenticator(city.trusted(), tax.trusted(agencies: .listed(["tax"])))
        #expect(authenticator.verdict(try tax.issue(.init(uri: "spiffe://danang/tax/a/b"))) == "authority-mismatch")
    }

    @Test("an authority grants only the roles that it may grant")
    func roles() throws {
        let authority = try TestAuthority()
        var leaf = TestAuthority.Leaf()
        leaf.roles = try RolesExtension.encode([.operator, .member])
        let authenticator = try PeerAuthenticator(authority.trusted(roles: [.auditor]))
        #expect(
            authenticator.authenticate(chain: try authority.issue(leaf), at: now)
                == .failure(.roleNotGranted(.operator, authority: "danang")))
        leaf.roles = try RolesExtension.encode([.auditor, .member])
        #expect(authenticator.verdict(try authority.issue(leaf)) == "health/registry/gateway-1")
    }

    @Test("roles survive the way through a certificate, in every combination")
    func roundTrip() throws {
        let all = Role.allCases
        for bits in 1..<(1 << all.count) {
            let roles = Set(all.indices.filter { bits & (1 << $0) != 0 }.map { all[$0] })
            let decoded = try RolesExtension.decode(try Certificate.Extensions([try RolesExtension.encode(roles)]))
            #expect(decoded == roles)
        }
        #expect(RolesExtension.identifier.description == RolesExtension.dottedIdentifier)
    }

    @Test(
        "an unknown, repeated or unreadable role refuses the certificate",
        arguments: [
            [0x30, 0x06, 0x0c, 0x04] + Array("king".utf8), [0x30, 0x14, 0x0c, 0x08] + Array("operator".utf8) + [0x0c, 0x08] + Array("operator".utf8),
            [0x0c, 0x08] + Array("operator".utf8), [0x30, 0x02, 0x02, 0x00], [], [0x30, 0x05, 0x0c, 0x10, 0x41, 0x41, 0x41],
        ] as [[UInt8]])
    func badRoles(encoded: [UInt8]) throws {
        let authority = try TestAuthority()
        var leaf = TestAuthority.Leaf()
        leaf.roles = Certificate.Extension(oid: RolesExtension.identifier, critical: false, value: encoded[...])
        #expect(try PeerAuthenticator(authority.trusted()).verdict(try authority.issue(leaf)) == "bad-roles")
    }

    @Test("a configuration that could not work is refused by name")
    func configuration() throws {
        let city = try TestAuthority("danang")
        let tax = try TestAuthority("tax.example")
        var shared = try tax.trusted(agencies: .listed(["tax"]))
        shared.anchors = [try city.der]
        var unnamed = try city.trusted()
        unnamed.name = "Đà Nẵng"
        var leafAnchor = try city.trusted()
        leafAnchor.anchors = [try city.issue()[0]]
        var broken = try city.trusted()
        broken.anchors = [[1, 2, 3]]
        let operatorRule = NamingRule(
            conditions: [], agency: .literal("tax"), unit: .literal("a"), node: .literal("b"), roles: [.operator])
        let strangeRule = NamingRule(conditions: [], agency: .literal("health"), unit: .literal("a"), node: .literal("b"))
        let cases: [([TrustedAuthority], String)] = [
            ([], "no node could connect"),
            ([try city.trusted(), try city.trusted(agencies: .listed(["a"]))], "twice"),
            ([try city.trusted(), try tax.trusted()], "only one authority can"),
            ([try city.trusted(agencies: .listed(["tax"])), try tax.trusted(agencies: .listed(["tax"]))], "both claim the agency “tax”"),
            ([try city.trusted(agencies: .listed([]))], "may speak for no agency"),
            ([try city.trusted(agencies: .listed(["Y tế"]))], "Y tế"),
            ([try city.trusted(), shared], "share a certificate"),
            ([unnamed], "Đà Nẵng"),
            ([leafAnchor], "not an authority's certificate"),
            ([broken], "not a DER certificate"),
            ([try tax.trusted(agencies: .listed(["tax"]), roles: [.member], naming: .rules([operatorRule]))], "operator"),
            ([try tax.trusted(agencies: .listed(["tax"]), naming: .rules([strangeRule]))], "“health”"),
            ([try tax.trusted(naming: .rules([]))], "no rule"),
        ]
        for (authorities, words) in cases {
            let error = #expect(throws: TrustError.self) { try PeerAuthenticator(TrustConfiguration(authorities: authorities)) }
            #expect(error?.description.contains(words) == true, "\(words): \(String(describing: error))")
        }
    }

    @Test("64 authorities are accepted, 65 are not")
    func authorityLimit() throws {
        let key = try TestAuthority().key
        var authorities: [TrustedAuthority] = []
        for number in 0...TrustConfiguration.authoritiesMax {
            let authority = try TestAuthority("a\(number)", key: key)
            authorities.append(try authority.trusted(agencies: .listed(["agency\(number)"])))
        }
        #expect(throws: TrustError.self) { try PeerAuthenticator(TrustConfiguration(authorities: authorities)) }
        authorities.removeLast()
        #expect(throws: Never.self) { try PeerAuthenticator(TrustConfiguration(authorities: authorities)) }
    }
}
