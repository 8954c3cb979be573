import Testing
import Transparency

@Suite struct TrustPolicyTests {
    private static let keys = (0..<6).map { SigningKey(seed: Array(repeating: UInt8($0 + 1), count: 32))! }  // 32 bytes are a seed
    private static func name(_ index: Int) -> KeyName { KeyName("w\(index).example")! }  // a name
    private static func vkey(_ index: Int, _ type: VerifierKey.SignatureType = .cosignature) -> String {
        keys[index].verifier(name(index), type).description
    }

    /// The example of C2SP tlog-policy.
    private static let example = """
        # two of X and one of Y

        log \(vkey(5, .ed25519)) https://log.example/
        witness X1 \(vkey(0))
        witness X2 \(vkey(1))  https://x2.example/
        \twitness X3 \(vkey(2))\t
        group X-witnesses 2 X1 X2 X3
        witness Y1 \(vkey(3))
        witness Y2 \(vkey(4))
        group Y-witnesses any Y1 Y2
        group X-and-Y all X-witnesses Y-witnesses
        quorum X-and-Y

        """

    private static func cosigned(by witnesses: [Int]) -> SignedCheckpoint {
        let checkpoint = Checkpoint(origin: SampleLog.origin, size: 3, root: .zero)
        return witnesses.reduce(checkpoint.signed(by: CheckpointTests.key)) { signed, index in
            signed.cosigned(Cosignature.sign(checkpoint, by: keys[index], as: name(index), time: 100 + Int64(index)))
        }
    }

    @Test("The example's quorum is two of X and one of Y", arguments: [
        ([], false), ([0, 1], false), ([0, 1, 2], false), ([0, 3], false), ([3, 4], false), ([0, 1, 3], true), ([2, 0, 4], true), ([0, 1, 2, 3, 4], true), ([5], false),
    ] as [([Int], Bool)])
    func quorum(_ witnesses: [Int], _ isQuorum: Bool) throws {
        let judgement = try TrustPolicy(Array(Self.example.utf8)).judge(Self.cosigned(by: witnesses))
        #expect(judgement.isQuorum == isQuorum)
        #expect(!judgement.isForged)
        #expect(judgement.cosigned.map(\.time) == witnesses.filter { $0 < 5 }.sorted().map { 100 + Int64($0) })
    }

    @Test("The quorum's time is the median, of an even number the lower one")
    func median() throws {
        let policy = try TrustPolicy(Array(Self.example.utf8))
        #expect(policy.judge(Self.cosigned(by: [0, 4, 1])).time == 101)
        #expect(policy.judge(Self.cosigned(by: [4, 3, 1, 0])).time == 101)
        #expect(policy.judge(Self.cosigned(by: [])).time == nil)
    }

    @Test("One's own witness never counts")
    func own() throws {
        let policy = try TrustPolicy(Array(Self.example.utf8))
        let checkpoint = Self.cosigned(by: [0, 1, 3])
        #expect(policy.judge(checkpoint).isQuorum)
        #expect(!policy.judge(checkpoint, exceptOwn: Self.keys[3].publicKey).isQuorum)
    }

    @Test("A known witness's signature that does not hold refuses the note")
    func forged() throws {
        let policy = try TrustPolicy(Array(Self.example.utf8))
        let other = Checkpoint(origin: SampleLog.origin, size: 4, root: .zero)
        let misplaced = Cosignature.sign(other, by: Self.keys[2], as: Self.name(2), time: 5)
        #expect(policy.judge(Self.cosigned(by: [0, 1, 3]).cosigned(misplaced)).isForged)
    }

    @Test("No witness is asked for where the quorum is none")
    func none() throws {
        let policy = try TrustPolicy(Array("quorum none\n".utf8))
        #expect(policy.judge(Self.cosigned(by: [])).isQuorum)
        #expect(TrustPolicy.withoutWitnesses.judge(Self.cosigned(by: [])).isQuorum)
    }

    @Test("A file that the format would not have is refused with the reason", arguments: [
        ("", .missingQuorum), ("quorum none\nquorum none\n", .missingQuorum), ("quorum none", .missingNewline), ("quorum X\n", .undefinedName), ("quorum\n", .malformedLine),
        ("quorum none x\n", .malformedLine), ("nonsense\n", .malformedLine), ("Quorum none\n", .malformedLine), ("witness A\n", .malformedLine), ("witness A V0 u v\n", .malformedLine),
        ("witness A V0\nwitness A V1\n", .duplicateName), ("witness A V0\nwitness B V0\n", .duplicateKey), ("witness none V0\n", .duplicateName), ("witness A L0\n", .unknownKeyType),
        ("log V0\n", .unknownKeyType), ("log L0\nlog L0\n", .duplicateKey), ("log\n", .malformedLine), ("witness A x+y\n", .malformedKey), ("group G any\n", .malformedLine),
        ("group G any A\n", .undefinedName), ("group G any G\n", .undefinedName), ("witness A V0\ngroup G 2 A\n", .threshold), ("witness A V0\ngroup G 0 A\n", .threshold),
        ("witness A V0\ngroup G 01 A\n", .threshold), ("witness A V0\ngroup G some A\n", .threshold), ("witness A V0\ngroup G any A A\n", .usedTwice),
        ("witness A V0\ngroup G any A\ngroup H any A\n", .usedTwice), ("witness A V0\ngroup A any A\n", .duplicateName), ("witness A V0\ngroup none any A\n", .duplicateName),
        ("group G any none\n", .undefinedName), ("quorum none\r\n", .controlCharacter), ("# \u{7F}\nquorum none\n", .controlCharacter),
    ] as [(String, FormatFault.Reason)])
    func malformed(_ text: String, _ reason: FormatFault.Reason) {
        let file = text.replacing("V0", with: Self.vkey(0)).replacing("V1", with: Self.vkey(1)).replacing("L0", with: Self.vkey(0, .ed25519))
        let fault = #expect(throws: FormatFault.self) { try TrustPolicy(Array(file.utf8)) }
        #expect(fault?.reason == reason)
    }

    @Test("Names are octets")
    func octets() throws {
        let policy = try TrustPolicy(Array("witness ".utf8) + [0xFF, 0xFE] + Array(" \(Self.vkey(0))\nquorum ".utf8) + [0xFF, 0xFE, 0x0A])
        #expect(policy.judge(Self.cosigned(by: [0])).isQuorum)
    }

    @Test("Limits hold, and not one before")
    func limits() throws {
        func file(witnesses count: Int) -> [UInt8] {
            Array(
                ((0..<count).map { index in
                    let key = SigningKey(seed: [UInt8(index >> 8), UInt8(index & 255)] + [UInt8](repeating: 9, count: 30))!  // 32 bytes are a seed
                    return "witness n\(index) \(key.verifier(Self.name(0), .cosignature))\n"
                }.joined() + "quorum none\n").utf8)
        }
        #expect(try TrustPolicy(file(witnesses: TransparencyLimits.policyNamesMax)).witnesses.count == TransparencyLimits.policyNamesMax)
        let fault = #expect(throws: FormatFault.self) { try TrustPolicy(file(witnesses: TransparencyLimits.policyNamesMax + 1)) }
        #expect(fault?.reason == .tooMany)
        let comment = [UInt8](repeating: UInt8(ascii: "#"), count: TransparencyLimits.policyBytesMax - 13)
        _ = try TrustPolicy(comment + Array("\nquorum none\n".utf8))
        #expect(throws: FormatFault(.tooLong, at: TransparencyLimits.policyBytesMax)) { try TrustPolicy([0x23] + comment + Array("\nquorum none\n".utf8)) }
    }
}
