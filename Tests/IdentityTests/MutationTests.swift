import AccessPolicy
import Testing

@testable import Identity

@Suite("Bytes that nobody meant")
struct MutationTests {
    struct Generator: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state &+= 0x9e37_79b9_7f4a_7c15
            var mixed = state
            mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
            return mixed ^ (mixed >> 31)
        }
    }

    @Test("a certificate cut off anywhere is refused")
    func truncation() throws {
        let authority = try TestAuthority()
        let authenticator = try PeerAuthenticator(authority.trusted())
        let leaf = try authority.issue()[0]
        for count in 0..<leaf.count { #expect(authenticator.verdict([Array(leaf.prefix(count))]) == "malformed") }
        #expect(authenticator.verdict([leaf + [0]]) == "malformed")
    }

    @Test("no changed byte of a certificate lets anything in, and none brings the program down")
    func mutation() throws {
        let seed = UInt64.random(in: .min ... .max)
        print("seed \(seed)")
        var generator = Generator(state: seed)
        let authority = try TestAuthority()
        let authenticator = try PeerAuthenticator(authority.trusted())
        let leaf = try authority.issue()[0]
        for _ in 0..<3000 {
            var bytes = leaf
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                bytes[Int.random(in: bytes.indices, using: &generator)] = UInt8.random(in: .min ... .max, using: &generator)
            }
            guard bytes != leaf else { continue }
            if case .success(let node) = authenticator.authenticate(chain: [bytes], at: now) {
                Issue.record("seed \(seed): a changed certificate passed as \(node.identity.path)")
            }
        }
    }

    @Test("random certificates, intermediates and lists are refused, not crashed on")
    func garbage() throws {
        let seed = UInt64.random(in: .min ... .max)
        print("seed \(seed)")
        var generator = Generator(state: seed)
        let authority = try TestAuthority()
        let authenticator = try PeerAuthenticator(authority.trusted())
        let list = try authority.list(revoking: [[1, 2, 3], [4, 5, 6]])
        let chain = try authority.issue()
        for _ in 0..<1000 {
            let bytes = (0..<Int.random(in: 0...200, using: &generator)).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
            #expect(authenticator.verdict([[0x30] + bytes]) == "malformed")
            var changed = list
            changed[Int.random(in: changed.indices, using: &generator)] ^= UInt8.random(in: 1...255, using: &generator)
            #expect(throws: TrustError.self, "seed \(seed)") { try PeerAuthenticator(authority.trusted(lists: [changed])) }
            var middle = try authority.der
            middle[Int.random(in: middle.indices, using: &generator)] ^= UInt8.random(in: 1...255, using: &generator)
            _ = try PeerAuthenticator(authority.trusted()).verdict(chain + [middle])
        }
    }
}
