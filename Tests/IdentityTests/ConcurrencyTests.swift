import Testing
import X509

@testable import Identity

@Suite("One authenticator on all event loops at once")
struct ConcurrencyTests {
    @Test("threads that validate, remember and forget at once come to the same answers")
    func threads() async throws {
        let authority = try TestAuthority()
        let revoked = TestAuthority.Leaf()
        let bad = try authority.issue(revoked)
        // Enough other revocations that the first look-ups race to sort the list.
        let serials = (0..<2000).map { _ in Array(CertificateAuthority.randomSerial().bytes) } + [Array(revoked.serial.bytes)]
        let good = try (0..<8).map { try authority.issue(.init(uri: "spiffe://danang/health/registry/node-\($0)")) }
        for _ in 0..<10 {
            let authenticator = try PeerAuthenticator(authority.trusted(lists: [try authority.list(revoking: serials)]))
            await withTaskGroup(of: Void.self) { group in
                for task in 0..<8 {
                    group.addTask { @concurrent in
                        for round in 0..<8 {
                            let number = (task + round) % 8
                            #expect(authenticator.verdict(good[number]) == "health/registry/node-\(number)")
                            #expect(authenticator.verdict(bad) == "revoked")
                        }
                    }
                }
            }
        }
    }
}
