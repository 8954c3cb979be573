import Testing
import Transparency

@Suite struct ReceiptTests {
    private static let log = PinnedLog(host: SampleLog.host, publicKeys: [CheckpointTests.key.publicKey])!  // a host and a key
    private static let policy = try? TrustPolicy(
        Array("witness W \(CheckpointTests.witness.verifier(CheckpointTests.witnessName, .cosignature))\nquorum W\n".utf8))

    private struct Sample {
        var receipt: Receipt
        var content: [UInt8]
        var log: SampleLog
    }

    private static func sample(_ seed: UInt64) throws -> Sample {
        var random = SplitMix64(seed: seed)
        var log = SampleLog(300, using: &random)
        let index = random.below(300)
        let checkpoint = log.checkpoint
        let signed = checkpoint.signed(by: CheckpointTests.key)
            .cosigned(Cosignature.sign(checkpoint, by: CheckpointTests.witness, as: CheckpointTests.witnessName, time: 1_795_372_801))
        let entry = try Entry(try #require(log.entries[index]))
        let proof = InclusionProof.prove(index: Int64(index), size: 300, from: &log)
        let receipt = Receipt(entry: entry, salt: log.records[index].salt, proof: proof, checkpoint: signed)
        return Sample(receipt: receipt, content: log.records[index].content, log: log)
    }

    @Test("A receipt reads back and verifies, with the record and without")
    func verifies() throws {
        let policy = try #require(Self.policy)
        let sample = try Self.sample(1)
        let receipt = try Receipt(sample.receipt.bytes)
        #expect(receipt == sample.receipt)
        guard case .verified(let cosigned, true) = receipt.verdict(log: Self.log, policy: policy, content: sample.content) else {
            Issue.record("not verified")
            return
        }
        #expect(cosigned.time == 1_795_372_801)
        guard case .verified(_, false) = receipt.verdict(log: Self.log, policy: policy) else {
            Issue.record("not verified without the record")
            return
        }
    }

    @Test("What it is refused for is named")
    func refusals() throws {
        let policy = try #require(Self.policy)
        let sample = try Self.sample(2)
        let receipt = sample.receipt
        func refusal(_ receipt: Receipt, log: PinnedLog = Self.log, policy: TrustPolicy? = nil, content: [UInt8]? = nil) -> Receipt.Refusal? {
            guard case .refused(let refusal) = receipt.verdict(log: log, policy: policy ?? Self.policy ?? .withoutWitnesses, content: content) else { return nil }
            return refusal
        }
        #expect(refusal(receipt) == nil)
        #expect(refusal(receipt, content: sample.content + [0]) == .otherContent)
        let file = receipt.file
        let checkpoint = file.checkpoint.checkpoint
        func with(proof: [TreeHash]? = nil, entry: Entry? = nil, checkpoint: SignedCheckpoint? = nil, salt: [UInt8]? = nil) -> Receipt {
            Receipt(entry: entry ?? receipt.entry, salt: salt, proof: proof ?? file.proof, checkpoint: checkpoint ?? file.checkpoint)
        }
        #expect(refusal(with(), content: sample.content) == .missingSalt)
        #expect(refusal(with(proof: Array(file.proof.dropLast()))) == .notIncluded)
        var entry = receipt.entry
        entry.facts.appendTime -= 1
        #expect(refusal(with(entry: entry)) == .notIncluded)
        #expect(refusal(with(checkpoint: checkpoint.signed(by: CheckpointTests.key))) == .missingQuorum)
        #expect(refusal(with(checkpoint: checkpoint.signed(by: CheckpointTests.witness))) == .unsigned)
        #expect(refusal(receipt, log: try #require(PinnedLog(host: "other", publicKeys: [CheckpointTests.key.publicKey]))) == .unknownLog)
        let other = Checkpoint(origin: checkpoint.origin, size: 301, root: checkpoint.root)
        let misplaced = Cosignature.sign(other, by: CheckpointTests.witness, as: CheckpointTests.witnessName, time: 1)
        #expect(refusal(with(checkpoint: checkpoint.signed(by: CheckpointTests.key).cosigned(misplaced))) == .forgedCosignature)
        let swapped = ProofFile(
            extra: receipt.entry.bytes, index: (file.index + 1) % 300, proof: file.proof, checkpoint: file.checkpoint)
        #expect(refusal(try Receipt(swapped.bytes), policy: policy) == .otherOffset)
    }

    @Test("No single changed bit of a receipt verifies")
    func flippedBits() throws {
        let policy = try #require(Self.policy)
        let sample = try Self.sample(3)
        let bytes = sample.receipt.bytes
        var passed = 0
        // Each byte has two or three of its bits changed: all of them take long in a debug build.
        for bit in stride(from: 0, to: bytes.count * 8, by: 3) {
            var changed = bytes
            changed[bit / 8] ^= 1 << UInt8(bit % 8)
            guard let receipt = try? Receipt(changed) else { continue }
            if case .verified = receipt.verdict(log: Self.log, policy: policy, content: sample.content) { passed += 1 }
        }
        #expect(passed == 0)
    }

    @Test("A file of another form is refused with the place", arguments: [
        ("", .tooShort), ("c2sp.org/tlog-proof@v2\nindex 0\n\nC", .unknownVersion), ("c2sp.org/tlog-proof@v1\n", .tooShort), ("c2sp.org/tlog-proof@v1\nindex 0\n", .tooShort),
        ("c2sp.org/tlog-proof@v1\nindex 00\n\nC", .malformedNumber), ("c2sp.org/tlog-proof@v1\nextra A\nindex 0\n\nC", .malformedBase64),
        ("c2sp.org/tlog-proof@v1\nindex 0\nextra AAAA\n\nC", .malformedBase64), ("c2sp.org/tlog-proof@v1\nindex 0\nAAAA\n\nC", .wrongHashLength),
        ("c2sp.org/tlog-proof@v1\nindex 0\n\nC\n", .tooShort),
    ] as [(String, FormatFault.Reason)])
    func malformed(_ text: String, _ reason: FormatFault.Reason) {
        let checkpoint = String(decoding: Checkpoint(origin: SampleLog.origin, size: 1, root: .zero).signed(by: CheckpointTests.key).bytes, as: UTF8.self)
        let fault = #expect(throws: FormatFault.self) { try ProofFile(Array(text.replacing("C", with: checkpoint).utf8)) }
        #expect(fault?.reason == reason)
    }

    @Test("The extra data has a limit, and a receipt's is an entry with or without a salt")
    func extra() throws {
        let sample = try Self.sample(4)
        func file(extra: Int) -> [UInt8] {
            ProofFile(extra: [UInt8](repeating: 1, count: extra), index: 0, proof: [], checkpoint: sample.receipt.file.checkpoint).bytes
        }
        #expect(try ProofFile(file(extra: TransparencyLimits.proofExtraBytesMax)).extra?.count == TransparencyLimits.proofExtraBytesMax)
        #expect(throws: FormatFault.self) { try ProofFile(file(extra: TransparencyLimits.proofExtraBytesMax + 1)) }
        #expect(throws: FormatFault.self) { try ProofFile([UInt8](repeating: 0x61, count: TransparencyLimits.proofBytesMax + 1)) }
        for count in [0, 103, 105, 119, 121] {
            let fault = #expect(throws: FormatFault.self) { try Receipt(file(extra: count)) }
            #expect(fault?.reason == .contradiction)
        }
        let without = ProofFile(extra: nil, index: 0, proof: [], checkpoint: sample.receipt.file.checkpoint)
        #expect(try ProofFile(without.bytes) == without)
        #expect(throws: FormatFault.self) { try Receipt(without.bytes) }
    }
}
