import AccessPolicy
import Foundation
import Testing
import X509

@testable import Identity

@Suite("Paths through intermediate authorities")
struct PathTests {
    private func chainOf(_ count: Int, under root: TestAuthority) throws -> (last: TestAuthority, lists: [[UInt8]]) {
        var lists = [try root.list()]
        var last = root
        for number in 0..<count {
            last = try last.subordinate("intermediate \(number)")
            lists.append(try last.list())
        }
        return (last, lists)
    }

    /// Lists must be signed by configured certificates, so the intermediates are configured too.
    private func authenticator(_ root: TestAuthority, _ last: TestAuthority, _ lists: [[UInt8]]) throws -> PeerAuthenticator {
        try PeerAuthenticator(try root.trusted(lists: lists, intermediates: last.chain))
    }

    @Test("intermediates sent by the peer, in any order, complete the path")
    func sent() throws {
        let root = try TestAuthority()
        let (last, lists) = try chainOf(2, under: root)
        let chain = try last.issue()
        let authenticator = try authenticator(root, last, lists)
        #expect(authenticator.verdict(chain) == "health/registry/gateway-1")
        #expect(authenticator.verdict([chain[0], chain[2], chain[1]]) == "health/registry/gateway-1")
    }

    @Test("configured intermediates complete what the peer, or its resumed session, leaves out")
    func configured() throws {
        let root = try TestAuthority()
        let (last, lists) = try chainOf(2, under: root)
        #expect(try authenticator(root, last, lists).verdict([try last.issue()[0]]) == "health/registry/gateway-1")
    }

    @Test("a path of the most intermediates is accepted, one more is not")
    func depth() throws {
        let root = try TestAuthority()
        for (count, expected) in [
            (PeerAuthenticator.intermediatesMax, "health/registry/gateway-1"),
            (PeerAuthenticator.intermediatesMax + 1, "invalid-path"),
        ] {
            let (last, lists) = try chainOf(count, under: root)
            let verdict = try authenticator(root, last, lists).verdict(try last.issue())
            #expect(verdict == expected)
        }
    }

    @Test("a peer may send the limit of certificates and bytes, and no more")
    func limits() throws {
        let authority = try TestAuthority()
        let authenticator = try PeerAuthenticator(authority.trusted())
        let chain = try authority.issue()
        let filler = Array(repeating: try authority.der, count: PeerAuthenticator.chainCertificatesMax - 1)
        #expect(authenticator.verdict(chain + filler) == "health/registry/gateway-1")
        #expect(try PeerAuthenticator(authority.trusted()).verdict(chain + filler + [chain[0]]) == "chain-too-long")
        let large = [UInt8](repeating: 0x30, count: PeerAuthenticator.chainBytesMax - chain[0].count)
        #expect(try PeerAuthenticator(authority.trusted()).verdict(chain + [large]) == "malformed")
        #expect(try PeerAuthenticator(authority.trusted()).verdict(chain + [large + [0]]) == "chain-too-long")
    }

    @Test("an authority whose path length forbids it has no subordinate")
    func pathLength() throws {
        let root = try TestAuthority(pathLength: 0)
        let (last, lists) = try chainOf(1, under: root)
        #expect(try authenticator(root, last, lists).verdict(try last.issue()) == "invalid-path")
    }

    @Test("a node cannot sign for another node")
    func leafSigns() throws {
        let authority = try TestAuthority()
        let node = try authority.subordinate("pretender")
        // The pretender's certificate is made again as a node's, with the same key and name.
        var leaf = TestAuthority.Leaf()
        leaf.key = node.key.publicKey
        leaf.subject = [(.RDNAttributeType.commonName, "pretender")]
        let chain = [try node.issue()[0], try authority.certificate(leaf).derBytes()]
        #expect(try PeerAuthenticator(authority.trusted()).verdict(chain) == "invalid-path")
    }

    @Test("an expired intermediate ends the path when it ends")
    func intermediateExpires() throws {
        let root = try TestAuthority()
        let middle = try root.subordinate("middle", notAfter: now + hour)
        let authenticator = try authenticator(root, middle, [try root.list(), try middle.list()])
        let chain = try middle.issue()
        #expect(authenticator.verdict(chain) == "health/registry/gateway-1")
        #expect(authenticator.verdict(chain, at: now + hour) == "expired")
    }

    @Test("one subordinate of a root can be trusted without the root")
    func partial() throws {
        let root = try TestAuthority()
        let trusted = try root.subordinate("trusted")
        let sibling = try root.subordinate("sibling")
        let authenticator = try PeerAuthenticator(trusted.trusted())
        #expect(authenticator.verdict(try trusted.issue()) == "health/registry/gateway-1")
        #expect(authenticator.verdict(try sibling.issue()) == "unknown-authority")
    }

    @Test("where one authority trusts a root and another its subordinate, the nearest anchor speaks")
    func nearest() throws {
        let root = try TestAuthority("national")
        let middle = try root.subordinate("tax")
        let tax = TrustedAuthority(
            name: "tax", anchors: [try middle.der], revocation: .lists([try middle.list()]), agencies: .listed(["tax"]))
        let national = try root.trusted(lists: [try root.list(), try middle.list()], intermediates: [try middle.der])
        let chain = try middle.issue(.init(uri: "spiffe://tax/tax/office/one"))
        for order in [[national, tax], [tax, national]] {
            let node = try PeerAuthenticator(TrustConfiguration(authorities: order)).authenticate(chain: chain, at: now).get()
            #expect(node.authority == "tax")
        }
    }

    @Test("what one authority knows as revoked is revoked, whoever else would take it")
    func revokedByOne() throws {
        let root = try TestAuthority("national")
        let middle = try root.subordinate("tax")
        let leaf = TestAuthority.Leaf(uri: "spiffe://tax/tax/office/one")
        let tax = TrustedAuthority(
            name: "tax", anchors: [try middle.der], revocation: .lists([try middle.list(revoking: [Array(leaf.serial.bytes)])]),
            agencies: .listed(["tax"]))
        let national = try root.trusted(lists: [try root.list(), try middle.list()], intermediates: [try middle.der])
        for order in [[national, tax], [tax, national]] {
            let authenticator = try PeerAuthenticator(TrustConfiguration(authorities: order))
            #expect(authenticator.verdict(try middle.issue(leaf)) == "revoked")
        }
    }
}
