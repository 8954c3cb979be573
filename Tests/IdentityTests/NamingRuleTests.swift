import AccessPolicy
import SwiftASN1
import Testing
import X509

@testable import Identity

@Suite("External authorities are mapped by typed rules")
struct NamingRuleTests {
    private let organization: ASN1ObjectIdentifier = [2, 5, 4, 10]
    private let unitName: ASN1ObjectIdentifier = [2, 5, 4, 11]
    private let serialNumber: ASN1ObjectIdentifier = [2, 5, 4, 5]

    private func rule(_ conditions: [NamingRule.Condition] = []) -> NamingRule {
        NamingRule(
            conditions: conditions, agency: .literal("tax"), unit: .name(.subject(oid: "2.5.4.11")),
            node: .name(.subject(oid: "2.5.4.5")), displayName: .name(.subject(oid: "2.5.4.3")))
    }

    private func leaf(_ change: (inout TestAuthority.Leaf) -> Void = { _ in }) -> TestAuthority.Leaf {
        var leaf = TestAuthority.Leaf()
        leaf.names = [.dnsName("gw.tax.example"), .rfc822Name("gw@tax.example")]
        leaf.subject = [
            (organization, "Cục Thuế"), (unitName, "gateway"), (serialNumber, "gw-7"), (.RDNAttributeType.commonName, "Cổng thuế số 7"),
        ]
        change(&leaf)
        return leaf
    }

    private func verdict(_ rules: [NamingRule], _ leaf: TestAuthority.Leaf) throws -> Result<AuthenticatedNode, PeerRefusal> {
        let authority = try TestAuthority("tax.example")
        let trusted = try authority.trusted(agencies: .listed(["tax"]), naming: .rules(rules))
        return try PeerAuthenticator(trusted).authenticate(chain: try authority.issue(leaf), at: now)
    }

    @Test("a publisher's kept certificate is called by the identity that it carries, one of others by its common name")
    func subjects() throws {
        let authority = try TestAuthority("danang")
        let (own, foreign) = (try authority.issue(), try authority.issue(leaf()))
        #expect(AcceptedCertificates(chain: own, revocationLists: []).subject == "spiffe://danang/health/registry/gateway-1")
        #expect(AcceptedCertificates(chain: foreign, revocationLists: []).subject == "Cổng thuế số 7")
    }

    @Test("components come from attributes and literals")
    func mapped() throws {
        let conditions: [NamingRule.Condition] = [
            .init(.subject(oid: "2.5.4.10"), equals: "Cục Thuế"), .init(.dnsName, equals: "gw.tax.example"), .init(.email, equals: "gw@tax.example"),
        ]
        let node = try verdict([rule(conditions)], leaf()).get()
        #expect(node.identity.spiffeID == "spiffe://tax.example/tax/gateway/gw-7")
        #expect(node.identity.displayName == "Cổng thuế số 7")
        #expect(node.identity.roles == [.member])
    }

    @Test(
        "a condition is equality of text: composed and decomposed letters are the same, and nothing hides in a value",
        arguments: [
            ("Cục Thuế", true), ("Cu\u{323}c Thue\u{302}\u{301}", true), ("Cục Thuế ", false), ("Cục Thuế, OU=x", false), ("cục thuế", false),
            ("Cục Thuế\0", false), ("Cuc Thue", false),
        ])
    func equality(value: String, fits: Bool) throws {
        let answer = try verdict([rule([.init(.subject(oid: "2.5.4.10"), equals: "Cục Thuế")])], leaf { $0.subject[0].1 = value })
        if fits { #expect(throws: Never.self) { try answer.get() } } else { #expect(answer == .failure(.noRuleMatches(authority: "tax.example"))) }
    }

    @Test("a common name that writes attributes of its own is one value: it meets no condition on them, and is no component")
    func commonNameWithAttributes() throws {
        let administrators = rule([.init(.subject(oid: "2.5.4.11"), equals: "admin")])
        for name in ["gw-7,OU=admin", "gw-7/OU=admin", "gw-7+OU=admin", "gw-7\\, OU=admin", "CN=x,OU=admin,O=Cục Thuế"] {
            let crafted = leaf { $0.subject[3].1 = name }
            #expect(try verdict([administrators], crafted) == .failure(.noRuleMatches(authority: "tax.example")))
            var byCommonName = rule()
            byCommonName.node = .name(.subject(oid: "2.5.4.3"))
            guard case .failure(.unusableName) = try verdict([byCommonName], crafted) else { return #expect(Bool(false), "\(name) became a node") }
        }
    }

    @Test("the first rule that fits counts, and none that fits refuses")
    func order() throws {
        var first = rule([.init(.dnsName, equals: "gw.tax.example")])
        first.node = .literal("first")
        #expect(try verdict([first, rule()], leaf()).get().identity.node == "first")
        #expect(try verdict([rule(), first], leaf()).get().identity.node == "gw-7")
        let never = rule([.init(.dnsName, equals: "other.example")])
        #expect(try verdict([never], leaf()) == .failure(.noRuleMatches(authority: "tax.example")))
    }

    @Test("a name that is missing, repeated or outside the alphabet refuses")
    func unusable() throws {
        let cases: [(inout TestAuthority.Leaf) -> Void] = [
            { $0.subject.removeAll { $0.0 == [2, 5, 4, 5] } },
            { $0.subject.append(([2, 5, 4, 5], "gw-8")) },
            { $0.subject[2].1 = "GW 7" },
            { $0.subject[2].1 = "../admin" },
        ]
        for change in cases {
            guard case .failure(.unusableName) = try verdict([rule()], leaf(change)) else {
                Issue.record("\(leaf(change).subject) was taken")
                continue
            }
        }
    }

    @Test("a repeated attribute does not satisfy a condition by one of its values")
    func repeatedCondition() throws {
        let conditions = [NamingRule.Condition(.subject(oid: "2.5.4.10"), equals: "Cục Thuế")]
        let answer = try verdict([rule(conditions)], leaf { $0.subject.append(([2, 5, 4, 10], "Khác")) })
        #expect(answer == .failure(.noRuleMatches(authority: "tax.example")))
    }

    @Test("a SPIFFE id and roles in an external certificate mean nothing")
    func ignored() throws {
        let node = try verdict(
            [rule()],
            leaf {
                $0.names.append(.uniformResourceIdentifier("spiffe://tax.example/tax/root/admin"))
                $0.roles = try? RolesExtension.encode([.operator])
            }
        ).get()
        #expect(node.identity.path == "tax/gateway/gw-7")
        #expect(node.identity.roles == [.member])
    }

    @Test("IP addresses compare in their usual text form")
    func address() throws {
        #expect(InternetAddress.text([192, 0, 2, 7]) == "192.0.2.7")
        #expect(InternetAddress.text([0x20, 1, 0xd, 0xb8] + Array(repeating: 0, count: 11) + [1]) == "2001:db8::1")
        #expect(InternetAddress.text([1, 2, 3]) == nil)
        #expect(InternetAddress.bytes("::1")?.count == 16)
        #expect(InternetAddress.bytes("localhost") == nil)
    }
}
