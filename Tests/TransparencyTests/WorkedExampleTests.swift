import Testing
import Transparency

/// The worked example of EVIDENCE.md, which two independent verifiers accepted, byte for byte.
@Suite struct WorkedExampleTests {
    private static let salt = hex("dc90cf07de907ccc64636ceddb38e552")
    private static let content = hex(
        "00000003502d32000000227b227065726d6974223a22502d32222c22737461747573223a22697373756564227d00000000")
    private static let entry = hex(
        """
        010000010000000000000001000001a2048ed801000001a2048ed7fc00000003000000110000003146bb571b77d800ac
        814880e6f7279e5527ba2895f31dcd12b228f24a7bd92bcbbb876b56f644e9930c27d1f9b6e3c265808999b58f0d9cba836b9fa4b1eccb16
        """)
    private static let facts = Entry.Facts(
        flags: [], offset: 1, appendTime: 1_795_372_800_001, createTime: 1_795_372_799_996, leaderEpoch: 3, schemaID: 17,
        contentLength: 49, writer: TreeHashing.hash(of: Array("SPKI-DER-of-producer-cert".utf8)))

    @Test("The content is key, value and headers with their lengths")
    func content() {
        let (key, value) = (Array("P-2".utf8), Array(#"{"permit":"P-2","status":"issued"}"#.utf8))
        let encoded = key.withUnsafeBytes { key in value.withUnsafeBytes { RecordContent(key: key, value: $0).encoded } }
        #expect(encoded == Self.content)
    }

    @Test("The commitment is salted")
    func commitment() {
        let commitment = Commitment.of(content: Self.content, salt: Self.salt)
        #expect(commitment.description == "bb876b56f644e9930c27d1f9b6e3c265808999b58f0d9cba836b9fa4b1eccb16")
    }

    @Test("The entry is these 104 bytes, and reads back")
    func entry() throws {
        let entry = Entry(facts: Self.facts, commitment: Commitment.of(content: Self.content, salt: Self.salt))
        #expect(hex(entry.bytes) == hex(Self.entry))
        #expect(try Entry(Self.entry) == entry)
        #expect(entry.leaf.description == "1dd0908288bda9ca46ef3119b2a00524493d52af647030053014dfe5c6293aa2")
    }

    @Test("A batch of records makes the same entry and leaf")
    func batch() {
        var batch = LeafBatch()
        let (key, value) = (Array("P-2".utf8), Array(#"{"permit":"P-2","status":"issued"}"#.utf8))
        key.withUnsafeBytes { key in
            value.withUnsafeBytes { value in
                Self.salt.withUnsafeBytes { salt in
                    let isAdded = batch.add(RecordContent(key: key, value: value), salt: salt, facts: Self.facts)
                    #expect(isAdded)
                }
            }
        }
        batch.finish()
        let (entries, leaves) = (batch.entries, batch.leaves)
        #expect(hex(entries) == hex(Self.entry))
        #expect(leaves.map(\.description) == ["1dd0908288bda9ca46ef3119b2a00524493d52af647030053014dfe5c6293aa2"])
    }

    @Test("The log's key is named after its origin")
    func verifierKey() throws {
        let key = try #require(SigningKey(seed: Array(0..<32)))
        let origin = try #require(
            LogOrigin(
                host: "tlog.interior.gov.example",
                .partition(topic: "permits.issued", topicID: "0b9e7a52c4d14e6f8a3b5c6d7e8f9a01", partition: 0)))
        #expect(origin.description == "tlog.interior.gov.example/permits.issued/0b9e7a52c4d14e6f8a3b5c6d7e8f9a01/0")
        let vkey = "\(origin)+3ed857a2+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4"
        #expect(key.verifier(origin.name, .ed25519).description == vkey)
        #expect(try VerifierKey(vkey: vkey) == key.verifier(origin.name, .ed25519))
    }
}
