import AccessPolicy
import Crypto
import Foundation
import Testing
import X509

@testable import Identity

@Suite("Revocation lists")
struct RevocationTests {
    @Test("a revoked certificate is refused and its live connection ended; another is not")
    func revoked() throws {
        let authority = try TestAuthority()
        let leaf = TestAuthority.Leaf()
        let chain = try authority.issue(leaf)
        let node = try PeerAuthenticator(authority.trusted()).authenticate(chain: chain, at: now).get()
        let after = try PeerAuthenticator(authority.trusted(lists: [try authority.list(revoking: [Array(leaf.serial.bytes)])]))
        #expect(after.verdict(chain) == "revoked")
        #expect(after.recheck(node, at: now) == .ended(.revoked))
        #expect(after.verdict(try authority.issue()) == "health/registry/gateway-1")
    }

    @Test("a revoked intermediate revokes what it signed")
    func revokedIntermediate() throws {
        let root = try TestAuthority()
        let middle = try root.subordinate("middle")
        let lists = [try root.list(revoking: [Array(middle.certificate.serialNumber.bytes)]), try middle.list()]
        let authenticator = try PeerAuthenticator(try root.trusted(lists: lists, intermediates: middle.chain))
        #expect(authenticator.verdict(try middle.issue()) == "revoked")
    }

    @Test("an intermediate without a list is refused")
    func missing() throws {
        let root = try TestAuthority()
        let middle = try root.subordinate("middle")
        #expect(try PeerAuthenticator(root.trusted()).verdict(try middle.issue()) == "crl-missing")
    }

    @Test("a stale list lets new connections in within the grace, none after, and never ends live ones")
    func stale() throws {
        let authority = try TestAuthority()
        let nextUpdate = now + 2 * hour
        let trusted = try authority.trusted(lists: [try authority.list(nextUpdate: nextUpdate)])
        let authenticator = try PeerAuthenticator(trusted, graceMilliseconds: day)
        let chain = try authority.issue()
        let node = try authenticator.authenticate(chain: chain, at: now).get()
        #expect(authenticator.verdict(chain, at: nextUpdate + day - 1) == "health/registry/gateway-1")
        #expect(authenticator.authenticate(chain: chain, at: nextUpdate + day) == .failure(.revocationListStale(since: nextUpdate)))
        #expect(authenticator.recheck(node, at: nextUpdate + 10 * day) == .stillValid)
        // The same without anything remembered.
        let fresh = try PeerAuthenticator(trusted, graceMilliseconds: day)
        #expect(fresh.recheck(node, at: nextUpdate + 10 * day) == .stillValid)
        #expect(fresh.verdict(try authority.issue(), at: nextUpdate + day) == "crl-stale")
        #expect(try PeerAuthenticator(trusted, graceMilliseconds: 0).verdict(chain, at: nextUpdate) == "crl-stale")
    }

    @Test("a stale list still revokes")
    func staleRevokes() throws {
        let authority = try TestAuthority()
        let leaf = TestAuthority.Leaf()
        let list = try authority.list(revoking: [Array(leaf.serial.bytes)], nextUpdate: now - hour)
        #expect(try PeerAuthenticator(authority.trusted(lists: [list])).verdict(try authority.issue(leaf)) == "revoked")
    }

    @Test("of two lists of one issuer, the one in time counts")
    func twoLists() throws {
        let authority = try TestAuthority()
        let leaf = TestAuthority.Leaf()
        let old = try authority.list(number: 1, thisUpdate: now - 10 * day, nextUpdate: now - 3 * day)
        let new = try authority.list(revoking: [Array(leaf.serial.bytes)], number: 2)
        let authenticator = try PeerAuthenticator(authority.trusted(lists: [old, new]), graceMilliseconds: 0)
        #expect(authenticator.verdict(try authority.issue(leaf)) == "revoked")
        #expect(authenticator.verdict(try authority.issue()) == "health/registry/gateway-1")
    }

    @Test("a list that is not yet valid is not used")
    func early() throws {
        let authority = try TestAuthority()
        let list = try authority.list(thisUpdate: now + hour, nextUpdate: now + 2 * hour)
        #expect(try PeerAuthenticator(authority.trusted(lists: [list])).verdict(try authority.issue()) == "crl-unusable")
    }

    @Test("a list that another key signed, a missing list and bytes that are no list are refused with a sentence")
    func badLists() throws {
        let authority = try TestAuthority()
        let other = Certificate.PrivateKey(P256.Signing.PrivateKey())
        for (lists, words) in [
            ([try authority.list(signedBy: other)], "signed by none"), ([try TestAuthority("hue").list()], "signed by none"),
            ([], "no revocation list"), ([[0x30, 0x00]], "not a DER revocation list"), ([try authority.list() + [0]], "not a DER"),
        ] {
            let error = #expect(throws: TrustError.self) { try PeerAuthenticator(authority.trusted(lists: lists)) }
            #expect(error?.description.contains(words) == true, "\(String(describing: error))")
            #expect(error?.description.contains("danang") == true)
        }
    }

    @Test("an authority without lists is trusted only where that is written out")
    func notChecked() throws {
        let authority = try TestAuthority()
        let trusted = TrustedAuthority(name: "danang", anchors: [try authority.der], revocation: .notChecked, agencies: .rest)
        let authenticator = try PeerAuthenticator(trusted)
        #expect(authenticator.verdict(try authority.issue(), at: now + 30 * day) == "health/registry/gateway-1")
        #expect(authenticator.revocationLists.isEmpty)
    }

    @Test("a list of 10,000 revocations finds each of them and no other")
    func many() throws {
        let authority = try TestAuthority()
        let serials = (0..<10_000).map { _ in Array(CertificateAuthority.randomSerial().bytes) }
        let authenticator = try PeerAuthenticator(authority.trusted(lists: [try authority.list(revoking: serials)]))
        #expect(authenticator.revocationLists.first?.revokedCount == 10_000)
        for index in [0, 1, 4999, 9999] {
            var leaf = TestAuthority.Leaf()
            leaf.serial = Certificate.SerialNumber(bytes: serials[index])
            #expect(authenticator.verdict(try authority.issue(leaf)) == "revoked")
        }
        #expect(authenticator.verdict(try authority.issue()) == "health/registry/gateway-1")
    }

    @Test("the status warns from half of a list's life")
    func status() throws {
        let authority = try TestAuthority()
        let list = try authority.list(thisUpdate: now, nextUpdate: now + 10 * hour)
        let status = try #require(try PeerAuthenticator(authority.trusted(lists: [list])).revocationLists.first)
        #expect(status.authority == "danang")
        #expect(status.issuer == "danang root")
        #expect(status.thisUpdate == now)
        #expect(status.nextUpdate == now + 10 * hour)
        #expect(status.fractionOfLifeUsed(at: now + 5 * hour) == 0.5)
        #expect(!status.needsAttention(at: now + 5 * hour - second))
        #expect(status.needsAttention(at: now + 5 * hour))
    }

    @Test("a live connection ends when its certificate expires, its authority goes, or its name changes")
    func recheck() throws {
        let authority = try TestAuthority()
        var leaf = TestAuthority.Leaf()
        leaf.notAfter = now + hour
        let authenticator = try PeerAuthenticator(authority.trusted())
        let node = try authenticator.authenticate(chain: try authority.issue(leaf), at: now).get()
        #expect(authenticator.recheck(node, at: now + hour - 1) == .stillValid)
        #expect(authenticator.recheck(node, at: now + hour) == .ended(.expired(at: now + hour)))
        #expect(try PeerAuthenticator(TestAuthority("hue").trusted()).recheck(node, at: now) == .ended(.unknownAuthority))
        let narrowed = try PeerAuthenticator(authority.trusted(agencies: .listed(["education"])))
        #expect(narrowed.recheck(node, at: now) == .ended(.agencyOfAnotherAuthority(agency: "health", authority: "danang")))
        let rule = NamingRule(conditions: [], agency: .literal("health"), unit: .literal("registry"), node: .literal("other"))
        let renamed = try PeerAuthenticator(authority.trusted(naming: .rules([rule])))
        #expect(renamed.recheck(node, at: now) == .ended(.identityChanged))
    }
}
