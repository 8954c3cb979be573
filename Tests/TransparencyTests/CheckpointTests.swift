import Testing
import Transparency

@Suite struct CheckpointTests {
    static let key = SigningKey(seed: Array(0..<32))!  // 32 bytes are a seed
    static let witness = SigningKey(seed: Array(32..<64))!  // 32 bytes are a seed
    static let witnessName = KeyName("witness.example/w1")!  // a name
    private static let checkpoint = Checkpoint(
        origin: KeyName("example.com/behind-the-sofa")!, size: 20_852_163,  // a name
        root: TreeHash(bytes: Base64.decode(Array("CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=".utf8))!)!)  // 32 bytes in base64

    @Test("The text is that of tlog-checkpoint's example")
    func text() throws {
        let text = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
        #expect(String(decoding: Self.checkpoint.text, as: UTF8.self) == text)
        #expect(try Checkpoint(text: Array(text.utf8)) == Self.checkpoint)
    }

    @Test("A text of another form is refused with the place", arguments: [
        ("", .tooShort), ("a\n", .tooShort), ("a\n1\n", .tooShort), ("\n1\nR\n", .malformedName), ("a b\n1\nR\n", .malformedName),
        ("a\n01\nR\n", .malformedNumber), ("a\n+1\nR\n", .malformedNumber), ("a\n-1\nR\n", .malformedNumber), ("a\n\nR\n", .malformedNumber),
        ("a\n9223372036854775808\nR\n", .malformedNumber), ("a\n1\nR\nextension\n", .extensionLines), ("a\n1\nAAAA\n", .wrongHashLength),
        ("a\n1\nAAA\n", .malformedBase64), ("a\n1\nR", .missingNewline), ("a\n 1\nR\n", .malformedNumber),
    ] as [(String, FormatFault.Reason)])
    func malformed(_ text: String, _ reason: FormatFault.Reason) {
        let root = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I="
        let fault = #expect(throws: FormatFault.self) { try Checkpoint(text: Array(text.replacing("R", with: root).utf8)) }
        #expect(fault?.reason == reason)
    }

    @Test("The largest size is 2^63 - 1")
    func largest() throws {
        let largest = Checkpoint(origin: Self.checkpoint.origin, size: .max, root: .zero)
        #expect(try Checkpoint(text: largest.text) == largest)
    }

    @Test("A signed checkpoint reads back, and a pinned log's key signed it")
    func signed() throws {
        let checkpoint = Checkpoint(origin: SampleLog.origin, size: 3, root: .zero)
        let signed = checkpoint.signed(by: Self.key)
        #expect(try SignedCheckpoint(signed.bytes) == signed)
        let log = try #require(PinnedLog(host: SampleLog.host, publicKeys: [Self.key.publicKey]))
        #expect(log.verification(of: signed) == .signed)
        let later = try #require(PinnedLog(host: SampleLog.host, publicKeys: [Self.witness.publicKey, Self.key.publicKey]))
        #expect(later.verification(of: signed) == .signed)
        let other = try #require(PinnedLog(host: SampleLog.host, publicKeys: [Self.witness.publicKey]))
        #expect(other.verification(of: signed) == .unsigned)
        for host in ["tlog", "tlog.example2", "other.example"] {
            #expect(try #require(PinnedLog(host: host, publicKeys: [Self.key.publicKey])).verification(of: signed) == .unsigned)
        }
        #expect(PinnedLog(host: "", publicKeys: [Self.key.publicKey]) == nil)
        #expect(PinnedLog(host: "a/b", publicKeys: [Self.key.publicKey]) == nil)
        #expect(PinnedLog(host: "a", publicKeys: []) == nil)
        #expect(PinnedLog(host: "a", publicKeys: [[1]]) == nil)
    }

    @Test("A cosignature is a witness's, of a time, on one checkpoint")
    func cosignature() throws {
        let signature = Cosignature.sign(Self.checkpoint, by: Self.witness, as: Self.witnessName, time: 1_679_315_147)
        let verifier = Self.witness.verifier(Self.witnessName, .cosignature)
        #expect(Cosignature.time(of: signature, on: Self.checkpoint, by: verifier) == 1_679_315_147)
        let other = Checkpoint(origin: Self.checkpoint.origin, size: 20_852_164, root: Self.checkpoint.root)
        #expect(Cosignature.time(of: signature, on: other, by: verifier) == nil)
        #expect(Cosignature.time(of: signature, on: Self.checkpoint, by: Self.witness.verifier(Self.witnessName, .ed25519)) == nil)
        for bit in 0..<signature.bytes.count * 8 {
            var bytes = signature.bytes
            bytes[bit / 8] ^= 1 << UInt8(bit % 8)
            let changed = NoteSignature(name: signature.name, keyID: signature.keyID, bytes: bytes)
            #expect(Cosignature.time(of: changed, on: Self.checkpoint, by: verifier) == nil, "bit \(bit)")
        }
        let short = NoteSignature(name: signature.name, keyID: signature.keyID, bytes: Array(signature.bytes.dropLast()))
        #expect(Cosignature.time(of: short, on: Self.checkpoint, by: verifier) == nil)
        let line = try SignedNote.signatures(in: signature.line)
        #expect(line == [signature])
        let cosigned = Self.checkpoint.signed(by: Self.key).cosigned(signature)
        #expect(cosigned.cosigned(signature) == cosigned)
        #expect(try SignedCheckpoint(cosigned.bytes) == cosigned)
    }

    @Test("An origin is host, topic, UUID and partition, or a journal's", arguments: [
        ("h/t/0b9e7a52c4d14e6f8a3b5c6d7e8f9a01/0", true), ("h/journal/0b9e7a52c4d14e6f8a3b5c6d7e8f9a01", true),
        ("h/journal/0b9e7a52c4d14e6f8a3b5c6d7e8f9a01/7", true), ("h/t/0b9e7a52c4d14e6f8a3b5c6d7e8f9a01/2147483647", true),
        ("h/t/0b9e7a52c4d14e6f8a3b5c6d7e8f9a01/2147483648", false), ("h/t/0b9e7a52c4d14e6f8a3b5c6d7e8f9a01/01", false),
        ("h/t/0b9e7a52c4d14e6f8a3b5c6d7e8f9a01", false), ("h/t/0B9E7A52c4d14e6f8a3b5c6d7e8f9a01/0", false), ("h/t/0b9e/0", false), ("h//0b9e7a52c4d14e6f8a3b5c6d7e8f9a01/0", false),
        ("/t/0b9e7a52c4d14e6f8a3b5c6d7e8f9a01/0", false), ("h/t t/0b9e7a52c4d14e6f8a3b5c6d7e8f9a01/0", false), ("h/t/0b9e7a52c4d14e6f8a3b5c6d7e8f9a01/0/", false), ("", false),
    ])
    func origins(_ text: String, _ isOne: Bool) {
        let origin = LogOrigin(text)
        #expect((origin != nil) == isOne)
        if let origin { #expect(origin.description == text) }
    }
}
