import CDigest
import Crypto
import Testing
import Transparency

@Suite struct DigestTests {
    @Test("Digests are FIPS 180's", arguments: [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        ("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"),
        (String(repeating: "a", count: 1_000_000), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"),
    ])
    func known(_ text: String, _ digest: String) {
        #expect(TreeHashing.hash(of: Array(text.utf8)).description == digest)
    }

    @Test("Many messages at once have the digests of each by itself, with the processor's instructions and without", arguments: [21, 22] as [UInt64])
    func many(_ seed: UInt64) {
        var random = SplitMix64(seed: seed)
        for _ in 0..<60 {
            let messages = (0..<random.below(9)).map { _ in random.bytes(random.below(random.below(3) == 0 ? 1000 : 140)) }
            let expected = messages.flatMap { Array(SHA256.hash(data: $0)) }
            let all = messages.flatMap { $0 }
            all.withUnsafeBytes { bytes in
                var start = 0
                let places = messages.map { message in
                    defer { start += message.count }
                    return hb_message(bytes: bytes.baseAddress.map { $0 + start }, count: message.count)
                }
                for hash in [hb_sha256_many, hb_sha256_many_portable] {
                    var digests = [UInt8](repeating: 0, count: 32 * messages.count)
                    hash(places, places.count, &digests)
                    #expect(digests == expected, "seed \(seed)")
                }
            }
        }
    }

    @Test("Prefixed messages of every size that is taken", arguments: [0, 1, 31, 54, 55, 56, 63, 64, 104, 117, 118])
    func prefixed(_ size: Int) {
        var random = SplitMix64(seed: UInt64(size))
        for count in [0, 1, 2, 3, 8] {
            let bytes = random.bytes(size * count)
            var digests = [UInt8](repeating: 0, count: 32 * count)
            hb_sha256_prefixed(1, bytes, size, count, &digests)
            var expected: [UInt8] = []
            for place in 0..<count { expected += Array(SHA256.hash(data: [1] + bytes[(place * size)..<((place + 1) * size)])) }
            #expect(digests == expected)
        }
    }

    @Test("A batch of leaves is what each record makes by itself", arguments: [31, 32, 33] as [UInt64])
    func batch(_ seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var batch = LeafBatch()
        for round in 0..<3 {
            batch.begin()
            var entries: [UInt8] = []
            for offset in 0..<(300 + random.below(300)) {
                let isLarge = random.below(100) == 0
                let value: [UInt8]? = random.below(10) == 0 ? nil : random.bytes(isLarge ? 70_000 : random.below(900))
                let (name, salt) = (random.bytes(random.below(5)), random.bytes(16))
                let facts = Entry.Facts(
                    flags: value == nil ? .nullValue : [], offset: Int64(offset), appendTime: 5, createTime: 4, leaderEpoch: Int32(round),
                    schemaID: 9, contentLength: random.below(2) == 0 ? 0 : Entry.hiddenLength, writer: random.hash())
                name.withUnsafeBytes { name in
                    salt.withUnsafeBytes { saltBytes in
                        func add(_ value: UnsafeRawBufferPointer?) {
                            let content = RecordContent(key: name, value: value, headers: [(name, nil), (name, name)])
                            let isAdded = batch.add(content, salt: saltBytes, facts: facts)
                            #expect(isAdded)
                            let encoded = content.encoded ?? []
                            var own = facts
                            if own.contentLength == 0 { own.contentLength = UInt32(encoded.count) }
                            entries += Entry(facts: own, commitment: Commitment.of(content: encoded, salt: salt)).bytes
                        }
                        if let value { value.withUnsafeBytes { add($0) } } else { add(nil) }
                    }
                }
            }
            batch.finish()
            let (made, leaves) = (batch.entries, batch.leaves)
            #expect(made == entries, "seed \(seed)")
            let expected = stride(from: 0, to: entries.count, by: 104).map { TreeHashing.leaf(of: Array(entries[$0..<($0 + 104)])) }
            #expect(leaves == expected)
        }
    }

    @Test("A record's parts by themselves have the same content as where they stand")
    func fields() throws {
        let (key, value) = ([1, 2] as [UInt8], [3] as [UInt8])
        let headers = [RecordFields.Header(name: key, value: nil), .init(name: [], value: value)]
        key.withUnsafeBytes { key in
            value.withUnsafeBytes { value in
                let empty = UnsafeRawBufferPointer(start: nil, count: 0)
                let content = RecordContent(key: nil, value: value, headers: [(key, nil), (empty, value)])
                #expect(content.encoded == RecordFields(key: nil, value: [3], headers: headers).content)
            }
        }
        #expect(RecordFields(key: nil, value: nil).content == hex("ffffffffffffffff00000000"))
        for fields in [RecordFields(key: nil, value: [3], headers: [.init(name: [1, 2], value: nil), .init(name: [], value: [])]), .init(key: [], value: nil)] {
            let content = try #require(fields.content)
            #expect(RecordFields(content: content) == fields)
            for count in 0..<content.count { #expect(RecordFields(content: Array(content.prefix(count))) == nil) }
            #expect(RecordFields(content: content + [0]) == nil)
        }
        let name = [UInt8](repeating: 1, count: 65_536)
        #expect(RecordFields(key: nil, value: nil, headers: [.init(name: name, value: nil)]).content == nil)
    }

    @Test("A header's name may have 65,535 bytes and not one more")
    func headerName() {
        for (count, isTaken) in [(65_535, true), (65_536, false)] {
            let name = [UInt8](repeating: 0x61, count: count)
            name.withUnsafeBytes { name in
                let content = RecordContent(key: nil, value: nil, headers: [(name, nil)])
                #expect((content.encoded != nil) == isTaken)
            }
        }
    }

    @Test("What was added and never finished is in nothing that is made later")
    func begunAnew() {
        var batch = LeafBatch()
        let facts = Entry.Facts(
            flags: [], offset: 0, appendTime: 1, createTime: 1, leaderEpoch: 0, schemaID: -1, contentLength: 0, writer: .zero)
        func add(_ value: [UInt8]) {
            value.withUnsafeBytes { value in
                [UInt8](repeating: 9, count: 16).withUnsafeBytes { salt in
                    _ = batch.add(RecordContent(key: nil, value: value), salt: salt, facts: facts)
                }
            }
        }
        batch.begin()
        add([2])
        batch.finish()
        let (entries, leaves) = (batch.entries, batch.leaves)
        batch.begin()
        add([1])
        add([3])
        batch.begin()
        add([2])
        batch.finish()
        #expect(batch.entries == entries && batch.leaves == leaves)
    }
}
