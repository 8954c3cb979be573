import Testing
import Transparency

@Suite struct WitnessTests {
    private static let log = PinnedLog(host: SampleLog.host, publicKeys: [CheckpointTests.key.publicKey])!  // a host and a key

    private static func request(_ log: inout SampleLog, from old: Int64, to size: Int64, by key: SigningKey = CheckpointTests.key) -> WitnessRequest {
        let checkpoint = Checkpoint(origin: SampleLog.origin, size: size, root: TreeState(size: size, from: &log).root)
        let proof = old > 0 && old < size ? ConsistencyProof.prove(from: old, to: size, from: &log) : []
        return WitnessRequest(oldSize: old, proof: proof, checkpoint: checkpoint.signed(by: key))
    }

    @Test("A witness cosigns what continues what it knows, and answers everything else as the protocol says")
    func decisions() throws {
        var random = SplitMix64(seed: 9)
        var log = SampleLog(100, using: &random)
        var fork = SampleLog(100, using: &random)
        let latest = Self.request(&log, from: 0, to: 40).checkpoint.checkpoint
        func status(_ request: WitnessRequest, _ latest: Checkpoint?, log: PinnedLog? = Self.log) throws -> Int {
            #expect(try WitnessRequest(request.bytes) == request)
            return WitnessDecision.judge(request, log: log, latest: latest).status
        }
        #expect(try status(Self.request(&log, from: 0, to: 40), nil) == 200)
        #expect(try status(Self.request(&log, from: 40, to: 100), latest) == 200)
        #expect(try status(Self.request(&log, from: 40, to: 40), latest) == 200)
        #expect(try status(Self.request(&log, from: 0, to: 0), nil) == 200)
        #expect(try status(Self.request(&log, from: 40, to: 100), latest, log: nil) == 404)
        #expect(try status(Self.request(&log, from: 40, to: 100, by: CheckpointTests.witness), latest) == 403)
        #expect(try status(Self.request(&log, from: 0, to: 100), latest) == 409)
        #expect(try status(Self.request(&log, from: 30, to: 100), latest) == 409)
        #expect(try status(Self.request(&log, from: 40, to: 100), nil) == 409)
        #expect(try status(Self.request(&fork, from: 40, to: 100), latest) == 422)
        #expect(try status(Self.request(&fork, from: 40, to: 40), latest) == 422)
        let shorter = WitnessRequest(oldSize: 41, proof: [], checkpoint: Self.request(&log, from: 0, to: 40).checkpoint)
        #expect(try status(shorter, latest) == 400)
        let restored = Self.request(&log, from: 30, to: 35)
        #expect(WitnessDecision.judge(restored, log: Self.log, latest: latest) == .conflict(size: 40))
        let empty = Checkpoint(origin: SampleLog.origin, size: 0, root: .zero).signed(by: CheckpointTests.key)
        #expect(try status(WitnessRequest(oldSize: 0, proof: [], checkpoint: empty), nil) == 422)
        let first = Self.request(&log, from: 0, to: 40).checkpoint
        #expect(try status(WitnessRequest(oldSize: 0, proof: [.zero], checkpoint: first), nil) == 422)
    }

    @Test("A request of another form is refused with the place", arguments: [
        ("", .tooShort), ("old 1", .missingNewline), ("new 1\n\nC", .malformedLine), ("old\n\nC", .malformedLine), ("old 01\n\nC", .malformedNumber), ("old 1\nAAAA\n\nC", .wrongHashLength),
        ("old 1\nC", .malformedBase64), ("old 1\n\n", .missingNewline),
    ] as [(String, FormatFault.Reason)])
    func malformed(_ text: String, _ reason: FormatFault.Reason) {
        let checkpoint = String(decoding: Checkpoint(origin: SampleLog.origin, size: 1, root: .zero).signed(by: CheckpointTests.key).bytes, as: UTF8.self)
        let fault = #expect(throws: FormatFault.self) { try WitnessRequest(Array(text.replacing("C", with: checkpoint).utf8)) }
        #expect(fault?.reason == reason)
    }

    @Test("63 hashes of a proof are taken, 64 are not")
    func limits() throws {
        let checkpoint = Checkpoint(origin: SampleLog.origin, size: 1, root: .zero).signed(by: CheckpointTests.key)
        for (count, isTaken) in [(63, true), (64, false)] {
            let hashes = [TreeHash](repeating: .zero, count: count)
            let request = WitnessRequest(oldSize: 1, proof: hashes, checkpoint: checkpoint).bytes
            #expect(((try? WitnessRequest(request)) != nil) == isTaken)
            let file = ProofFile(extra: nil, index: 0, proof: hashes, checkpoint: checkpoint).bytes
            #expect(((try? ProofFile(file)) != nil) == isTaken)
        }
    }
}
