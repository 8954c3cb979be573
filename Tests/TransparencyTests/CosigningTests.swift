import Testing
import Transparency

@Suite("Cosignatures over a checkpoint's life")
struct CosigningTests {
    private static let log = PinnedLog(host: SampleLog.host, publicKeys: [CheckpointTests.key.publicKey])!  // a host and a key
    private static let names = ["w0.example", "w1.example", "w2.example"].map { KeyName($0)! }  // names
    private static let keys = (0..<3).map { SigningKey(seed: Array(repeating: UInt8($0 + 40), count: 32))! }  // 32 bytes are a seed
    private static let checkpoint = Checkpoint(origin: SampleLog.origin, size: 3, root: .zero)

    private static func vkey(_ index: Int) -> VerifierKey { keys[index].verifier(names[index], .cosignature) }

    private static func line(_ index: Int, _ time: Int64, on checkpoint: Checkpoint = checkpoint) -> NoteSignature {
        Cosignature.sign(checkpoint, by: keys[index], as: names[index], time: time)
    }

    private static func policy(_ quorum: String = "group g 2 w0 w1 w2\nquorum g\n") throws -> TrustPolicy {
        try TrustPolicy(Array(((0..<3).map { "witness w\($0) \(vkey($0))\n" }.joined() + quorum).utf8))
    }

    private static func cosigned(_ lines: [(Int, Int64)], on checkpoint: Checkpoint = checkpoint) -> SignedCheckpoint {
        lines.reduce(checkpoint.signed(by: CheckpointTests.key)) { $0.cosigned(line($1.0, $1.1, on: checkpoint), by: vkey($1.0)) }
    }

    @Test("Of each witness the newest line stays in front and the oldest behind it, however often it cosigns")
    func again() throws {
        let note = Self.cosigned([(0, 100), (1, 101), (0, 3700), (0, 7300), (1, 7301), (0, 7300)])
        let lines = note.note.signatures
        #expect(lines.count == 5 && lines[0].name == SampleLog.origin)
        func times(_ index: Int) -> [Int64?] {
            lines.filter { $0.isNamed(Self.vkey(index)) }.map { Cosignature.time(of: $0, on: Self.checkpoint, by: Self.vkey(index)) }
        }
        #expect(times(0) == [7300, 100] && times(1) == [7301, 101])
        #expect(try SignedCheckpoint(note.bytes) == note)
        // A clock that went back makes an older line the newest: it is the oldest too.
        #expect(note.cosigned(Self.line(0, 50), by: Self.vkey(0)).note.signatures.count { $0.isNamed(Self.vkey(0)) } == 1)
    }

    @Test("A note's window is the medians of its witnesses' first and last times, where the quorum is there")
    func window() throws {
        let policy = try Self.policy()
        #expect(policy.window(of: Self.cosigned([(0, 100)])) == nil)
        let window = try #require(policy.window(of: Self.cosigned([(0, 100), (1, 110), (2, 140), (0, 4000), (2, 5000)])))
        #expect(window == (110, 4000))
        #expect(policy.window(of: Self.cosigned([(0, 100), (1, 110)]), exceptOwn: Self.keys[1].publicKey) == nil)
        #expect(try Self.policy("quorum none\n").window(of: Self.cosigned([])) == nil)
        // A line that claims to be a witness's and is not spoils the note.
        let forged = NoteSignature(name: Self.names[0], keyID: Self.vkey(0).keyID, bytes: Self.line(1, 9).bytes)
        #expect(policy.window(of: Self.cosigned([(1, 110), (2, 140)]).cosigned(forged)) == nil)
    }

    @Test("Only the log's own lines are sent to a witness")
    func ownLines() {
        let signed = Self.checkpoint.signed(by: CheckpointTests.key)
        #expect(Self.cosigned([(0, 100), (1, 101)]).signed(onlyBy: Self.log) == signed)
    }

    @Test("An answer is read as the protocol has it", arguments: [
        (200, "L", "cosigned"), (200, "", "unusable"), (200, "text\n", "unusable"), (409, "12\n", "12"), (409, "0\n", "0"), (409, "12", "unusable"),
        (409, "012\n", "unusable"), (409, "-1\n", "unusable"), (409, "12\n\n", "unusable"), (409, "9223372036854775808\n", "unusable"),
        (422, "", "inconsistent"), (404, "x", "unknown"), (403, "", "untrusted"), (400, "", "unusable"), (500, "", "unusable"), (204, "", "unusable"),
    ])
    func replies(_ status: Int, _ body: String, _ expected: String) {
        let body = body == "L" ? Self.line(0, 7).line : Array(body.utf8)
        let said: String
        switch WitnessReply(status: status, body: body) {
        case .cosigned(let lines): said = lines == [Self.line(0, 7)] ? "cosigned" : "other lines"
        case .conflict(let size): said = "\(size)"
        case .inconsistent: said = "inconsistent"
        case .unknownOrigin: said = "unknown"
        case .untrusted: said = "untrusted"
        case .unusable(let told): said = told == status ? "unusable" : "other status"
        }
        #expect(said == expected)
    }

    @Test("A bundle gives its notes back, and one that is cut off anywhere is refused")
    func bundle() throws {
        let notes = [Self.cosigned([(0, 1)]).bytes, Self.checkpoint.signed(by: CheckpointTests.key).bytes, []]
        let bytes = NoteBundle.encode(notes)
        #expect(try NoteBundle.decode(bytes) == notes)
        #expect(try NoteBundle.decode([]).isEmpty)
        for count in stride(from: 1, to: bytes.count, by: 7) where count != 4 + notes[0].count {
            #expect(throws: FormatFault.self) { try NoteBundle.decode(Array(bytes.prefix(count))) }
        }
        for (length, isTaken) in [(TransparencyLimits.noteBytesMax, true), (TransparencyLimits.noteBytesMax + 1, false)] {
            #expect(((try? NoteBundle.decode(NoteBundle.encode([[UInt8](repeating: 1, count: length)]))) != nil) == isTaken)
        }
    }

    // MARK: what an audit makes of it

    private static func history(_ log: inout SampleLog, _ windows: [(size: Int64, time: Int64)]) throws -> WitnessedHistory {
        var history = WitnessedHistory(of: SampleLog.origin, log: self.log, policy: try policy())
        for (size, time) in windows {
            let checkpoint = Checkpoint(origin: SampleLog.origin, size: size, root: TreeState(size: size, from: &log).root)
            let isTaken = history.take(cosigned([(0, time), (1, time)], on: checkpoint))
            #expect(isTaken)
        }
        return history
    }

    @Test("A head behind what was cosigned is an older state, and the records that it lacks are missing")
    func behind() throws {
        var random = SplitMix64(seed: 5)
        var log = SampleLog(50, using: &random)
        let history = try Self.history(&log, [(20, 100), (50, 200)])
        let old = Checkpoint(origin: SampleLog.origin, size: 30, root: .zero)
        #expect(history.findings(head: old) == [AuditFinding(.missing, .behindWitnesses(checkpointSize: 50), 30..<50)])
        #expect(history.findings(head: log.checkpoint).isEmpty)
        #expect(history.checkpoints.map(\.size) == [20, 50])
    }

    @Test("What no quorum cosigned, another log's, or what the log's key did not sign, is not taken up")
    func notTaken() throws {
        var history = WitnessedHistory(of: SampleLog.origin, log: Self.log, policy: try Self.policy())
        func takes(_ note: SignedCheckpoint, shownBy witness: TrustPolicy.Witness? = nil) -> Bool {
            witness.map { history.take(note, shownBy: $0) } ?? history.take(note)
        }
        #expect(!takes(Self.cosigned([(0, 100)])))
        let other = Checkpoint(origin: KeyName("\(SampleLog.host)/other")!, size: 3, root: .zero)  // a name
        #expect(!takes(Self.cosigned([(0, 100), (1, 100)], on: other)))
        let unsigned = Self.checkpoint.signed(by: SigningKey())
        #expect(!takes(unsigned.cosigned(Self.line(0, 1)).cosigned(Self.line(1, 1))))
        let witness = try #require(try Self.policy().witness(named: "w2"))
        // One witness's own word is enough to notice another history, where it is its own.
        #expect(!takes(Self.cosigned([(0, 100)]), shownBy: witness))
        #expect(history.checkpoints.isEmpty)
        #expect(takes(Self.cosigned([(2, 100)]), shownBy: witness))
        #expect(history.checkpoints == [Self.checkpoint])
    }

    @Test("A record that was appended before witnesses had seen the log without it is back-dated")
    func backdated() throws {
        let policy = try Self.policy()
        let start = SampleLog.startTime / 1000
        for (time, isBackdated) in [(SampleLog.startTime + 700_000, false), (SampleLog.startTime + 689_000, false), (SampleLog.startTime + 684_000, true)] {
            var random = SplitMix64(seed: 6)
            var log = SampleLog(20, using: &random)
            log.append(.init(content: [1], salt: random.bytes(16)), appendTime: time)
            let history = try Self.history(&log, [(20, start + 700), (21, start + 701)])
            var audit = Audit(times: history.times, tolerance: CosigningTolerance(skewMilliseconds: 5000))
            let head = Self.cosigned([(0, start + 701), (1, start + 701)], on: log.checkpoint)
            audit.add(AuditHead.findings(head, of: SampleLog.origin, log: Self.log, policy: policy, saved: nil))
            var tree = TreeAudit(head.checkpoint, of: log)
            audit.check(history.checkpoints, in: &tree)
            let bundle = try #require(Tile(.entries, holding: 0, treeSize: 21))
            audit.judge(bundle, entries: log.entries.compactMap { $0?[...] }, in: &tree) { _ in .withheld }
            let bad = audit.finish().findings.filter(\.verdict.isBad)
            #expect(bad == (isBackdated ? [AuditFinding(.backdated, .beforeWitnesses, 20..<21)] : []), "\(time)")
        }
    }

    @Test("Hexadecimal hashes are read as they are written")
    func hex() {
        let hash = TreeHashing.leaf(of: [1])
        #expect(TreeHash(hex: hash.description) == hash)
        for wrong in ["", hash.description.uppercased(), String(hash.description.dropLast()), hash.description + "0", String(repeating: "g", count: 64)] {
            #expect(TreeHash(hex: wrong) == nil)
        }
    }
}
