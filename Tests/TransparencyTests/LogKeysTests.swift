import Testing
import Transparency

@Suite struct LogKeysTests {
    private static func vkey(_ name: String, _ type: VerifierKey.SignatureType = .ed25519, by key: SigningKey = CheckpointTests.key) -> String {
        key.verifier(KeyName(name)!, type).description  // a name
    }

    @Test("A host's key signs all of its logs, an origin's that one alone")
    func names() throws {
        let signed = Checkpoint(origin: SampleLog.origin, size: 3, root: .zero).signed(by: CheckpointTests.key)
        func verification(_ file: String) throws -> SignedNote.Verification? {
            try LogKeys(file: Array(file.utf8)).log(of: SampleLog.origin)?.verification(of: signed)
        }
        #expect(try verification("# the city's\n\n\(Self.vkey(SampleLog.host))\n") == .signed)
        #expect(try verification("\(Self.vkey(SampleLog.origin.text))\n") == .signed)
        #expect(try verification("\(Self.vkey(SampleLog.host, by: CheckpointTests.witness))\n\(Self.vkey(SampleLog.host))\n") == .signed)
        #expect(try verification("\(Self.vkey(SampleLog.host, by: CheckpointTests.witness))\n") == .unsigned)
        #expect(try verification("\(Self.vkey("other.example"))\n") == nil)
        #expect(try verification("\(Self.vkey(String(SampleLog.origin.text.dropLast()) + "1"))\n") == nil)
        #expect(try verification("\(Self.vkey("tlog"))\n") == nil)
    }

    @Test("A file of another form is refused", arguments: ["", "# nothing\n", "x\n", "no newline", "W\n"])
    func malformed(_ file: String) {
        let text = file.replacing("W", with: Self.vkey("w", .cosignature))
        #expect(throws: FormatFault.self) { try LogKeys(file: Array(text.utf8)) }
    }

    @Test("A file may be as long as a key file and not longer")
    func limit() throws {
        let key = "\n\(Self.vkey("h"))\n"
        let comment = [UInt8](repeating: UInt8(ascii: "#"), count: TransparencyLimits.keyFileBytesMax - key.utf8.count)
        #expect(try LogKeys(file: comment + Array(key.utf8)).keys.count == 1)
        #expect(throws: FormatFault(.tooLong, at: TransparencyLimits.keyFileBytesMax)) { try LogKeys(file: comment + [0x23] + Array(key.utf8)) }
    }
}
