import Testing
import Transparency

@Suite struct NoteTests {
    /// The example of C2SP signed-note.
    private static let vkey = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
    private static let note = """
        This is an example message.

        — example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=

        """

    private static let key = SigningKey(seed: Array(0..<32))!  // 32 bytes are a seed
    private static let name = KeyName("log.example/one")!  // a name

    @Test("The example of the specification verifies, and reads back")
    func example() throws {
        let (key, note) = (try VerifierKey(vkey: Self.vkey), try SignedNote(Array(Self.note.utf8)))
        #expect(note.verification(by: key) == .signed)
        #expect(String(decoding: note.text, as: UTF8.self) == "This is an example message.\n")
        #expect(note.bytes == Array(Self.note.utf8))
        #expect(key.description == Self.vkey)
    }

    @Test("No single changed bit of a signed note verifies")
    func flippedBits() throws {
        let text = Array("line one\n\nline two\n".utf8)
        let bytes = SignedNote(text: text, signatures: [Self.key.sign(noteText: text, as: Self.name)]).bytes
        let verifier = Self.key.verifier(Self.name, .ed25519)
        #expect(try SignedNote(bytes).verification(by: verifier) == .signed)
        for bit in 0..<bytes.count * 8 {
            var changed = bytes
            changed[bit / 8] ^= 1 << UInt8(bit % 8)
            if let note = try? SignedNote(changed) { #expect(note.verification(by: verifier) != .signed, "bit \(bit)") }
        }
    }

    @Test("Signatures of other keys are passed over, a forged one of a known key refuses the note")
    func others() throws {
        let other = try #require(SigningKey(seed: Array(repeating: 7, count: 32)))
        let text = Array("text\n".utf8)
        let verifier = Self.key.verifier(Self.name, .ed25519)
        let (own, foreign) = (Self.key.sign(noteText: text, as: Self.name), other.sign(noteText: text, as: Self.name))
        #expect(SignedNote(text: text, signatures: [foreign]).verification(by: verifier) == .unsigned)
        #expect(SignedNote(text: text, signatures: [foreign, own]).verification(by: verifier) == .signed)
        let forged = NoteSignature(name: own.name, keyID: own.keyID, bytes: foreign.bytes)
        #expect(SignedNote(text: text, signatures: [own, forged]).verification(by: verifier) == .forged)
    }

    @Test("What is no note is refused with the reason", arguments: [
        ("", .missingNewline), ("text\n\n— a AAAAAAA=", .missingNewline), ("text\n— a AAAAAAA=\n", .missingBlankLine),
        ("text\n\n", .tooShort), ("text\n\n- a AAAAAAA=\n", .malformedLine), ("text\n\n— aAAAAAAA=\n", .malformedLine),
        ("text\n\n— a+b AAAAAAA=\n", .malformedName), ("text\n\n—  AAAAAAA=\n", .malformedName), ("text\n\n— a\u{2003}b AAAAAAA=\n", .malformedName),
        ("text\n\n— a AAAAAA=\n", .malformedBase64), ("text\n\n— a AAAAAAB=\n", .malformedBase64), ("text\n\n— a AAAA AAA=\n", .malformedBase64),
        ("text\n\n— a AAAAAA==\n", .tooShort), ("te\txt\n\n— a AAAAAAA=\n", .controlCharacter), ("text\r\n\n— a AAAAAAA=\n", .controlCharacter),
        ("text\n\n— a \n", .tooShort),
    ] as [(String, FormatFault.Reason)])
    func malformed(_ text: String, _ reason: FormatFault.Reason) {
        let fault = #expect(throws: FormatFault.self) { try SignedNote(Array(text.utf8)) }
        #expect(fault?.reason == reason)
    }

    @Test("What is not UTF-8 is refused")
    func notUTF8() {
        let fault = #expect(throws: FormatFault.self) { try SignedNote([0xFF, 0x0A, 0x0A] + Array("— a AAAAAAA=\n".utf8)) }
        #expect(fault?.reason == .notUTF8)
    }

    @Test("Limits hold, and not one before")
    func limits() throws {
        let line = "— a AAAAAAA=\n"
        func note(signatures: Int, padding: Int = 0) -> [UInt8] {
            Array((String(repeating: "x", count: padding) + "\n\n" + String(repeating: line, count: signatures)).utf8)
        }
        #expect(try SignedNote(note(signatures: TransparencyLimits.signaturesMax)).signatures.count == TransparencyLimits.signaturesMax)
        #expect(throws: FormatFault.self) { try SignedNote(note(signatures: TransparencyLimits.signaturesMax + 1)) }
        let room = TransparencyLimits.noteBytesMax - note(signatures: 1).count
        #expect(try SignedNote(note(signatures: 1, padding: room)).bytes.count == TransparencyLimits.noteBytesMax)
        #expect(throws: FormatFault(.tooLong, at: TransparencyLimits.noteBytesMax)) { try SignedNote(note(signatures: 1, padding: room + 1)) }
        #expect(KeyName(String(repeating: "a", count: TransparencyLimits.nameBytesMax)) != nil)
        #expect(KeyName(String(repeating: "a", count: TransparencyLimits.nameBytesMax + 1)) == nil)
        func signature(_ bytes: Int) -> [UInt8] {
            Array("x\n\n".utf8) + NoteSignature(name: Self.name, keyID: 1, bytes: [UInt8](repeating: 1, count: bytes)).line
        }
        #expect(try SignedNote(signature(TransparencyLimits.signatureBytesMax)).signatures[0].bytes.count == TransparencyLimits.signatureBytesMax)
        #expect(throws: FormatFault.self) { try SignedNote(signature(TransparencyLimits.signatureBytesMax + 1)) }
    }

    @Test("Names are compared byte by byte")
    func names() throws {
        let (composed, decomposed) = (try #require(KeyName("\u{E9}")), try #require(KeyName("e\u{301}")))
        #expect(composed != decomposed)
        #expect(Set([composed, decomposed]).count == 2)
    }

    @Test("What is no verifier key is refused", arguments: [
        ("", .malformedKey), ("a", .malformedKey), ("a+00000000", .malformedKey), ("a b+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k", .malformedName),
        ("+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k", .malformedName), ("example.com/foo+530d903b+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k", .keyIDMismatch),
        ("example.com/foo+530D903A+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k", .keyIDMismatch), ("example.com/foo+530d903a+BukyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k", .unknownKeyType),
        ("example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3Q==", .malformedKey), ("example.com/foo+530d903a+", .malformedBase64), ("example.com/foo+530d903a+Ae=", .malformedBase64),
    ] as [(String, FormatFault.Reason)])
    func malformedKeys(_ text: String, _ reason: FormatFault.Reason) {
        let fault = #expect(throws: FormatFault.self) { try VerifierKey(vkey: text) }
        #expect(fault?.reason == reason)
    }

    @Test("A key file is what openssl writes, and reads back")
    func keyFile() throws {
        let text = """
            -----BEGIN PRIVATE KEY-----
            MC4CAQAwBQYDK2VwBCIEIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f
            -----END PRIVATE KEY-----

            """
        #expect(String(decoding: Self.key.keyFile, as: UTF8.self) == text)
        #expect(try SigningKey(keyFile: Array(text.utf8)).publicKey == Self.key.publicKey)
        for bad in ["", text + "\n", String(text.dropLast()), text.replacing("MC4", with: "MC5"), text.replacing("PRIVATE", with: "PUBLIC")] {
            #expect(throws: FormatFault.self) { try SigningKey(keyFile: Array(bad.utf8)) }
        }
        #expect(throws: FormatFault(.tooLong, at: TransparencyLimits.keyFileBytesMax)) {
            try SigningKey(keyFile: [UInt8](repeating: 0x2D, count: TransparencyLimits.keyFileBytesMax + 1))
        }
    }

    @Test("Base64 has one spelling", arguments: ["A", "AA", "AAA", "AA=", "A===", "====", "AB==", "AAB=", "AA==AA==", "AA=A", "A-_A", "AAAA\n", " AAA"])
    func base64(_ text: String) {
        #expect(Base64.decode(Array(text.utf8)) == nil)
    }

    @Test("Base64 of any bytes reads back")
    func base64Back() {
        var random = SplitMix64(seed: 4)
        for count in 0..<100 {
            let bytes = random.bytes(count)
            #expect(Base64.decode(Base64.encode(bytes)) == bytes)
        }
        #expect(Base64.text(Array("any carnal pleas".utf8)) == "YW55IGNhcm5hbCBwbGVhcw==")
    }
}
