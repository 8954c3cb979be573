import Testing
import Transparency

/// The attacks of EVIDENCE.md, carried out on a log in memory, each with the verdict that it must get.
@Suite struct AuditTests {
    private static let log = PinnedLog(host: SampleLog.host, publicKeys: [CheckpointTests.key.publicKey])!  // a host and a key
    private static let policy = try? TrustPolicy(
        Array("witness W \(CheckpointTests.witness.verifier(CheckpointTests.witnessName, .cosignature))\nquorum W\n".utf8))

    private static func cosigned(_ checkpoint: Checkpoint, by key: SigningKey = CheckpointTests.key, time: Int64 = 1_795_372_801) -> SignedCheckpoint {
        checkpoint.signed(by: key).cosigned(
            Cosignature.sign(checkpoint, by: CheckpointTests.witness, as: CheckpointTests.witnessName, time: time))
    }

    /// What an auditor sees of a log.
    private struct Case {
        var shown: SampleLog
        var head: SignedCheckpoint
        var saved: Checkpoint?
        var trusted: [Checkpoint] = []
        var moments: [CosigningTimes.Moment] = []
        var justifications: [Audit.Justification] = []
        var absent: Set<Int64> = []
        var withheld: Set<Int64> = []

        init(_ log: SampleLog) {
            shown = log
            head = cosigned(log.checkpoint)
        }

        func report() throws -> AuditReport {
            var audit = Audit(
                times: CosigningTimes(moments), tolerance: CosigningTolerance(skewMilliseconds: 1000), justifications: justifications)
            let findings = AuditHead.findings(head, of: SampleLog.origin, log: AuditTests.log, policy: try #require(AuditTests.policy), saved: saved)
            audit.add(findings)
            guard findings.isEmpty else { return audit.finish() }
            var tree = TreeAudit(head.checkpoint, of: shown)
            audit.check(trusted + (saved.map { [$0] } ?? []), in: &tree)
            var offset: Int64 = 0
            while let bundle = Tile(.entries, holding: offset, treeSize: head.checkpoint.size) {
                var entries: [ArraySlice<UInt8>] = []
                for offset in bundle.range where offset < Int64(shown.entries.count) {
                    guard let entry = shown.entries[Int(offset)] else { break }
                    entries.append(entry[...])
                }
                audit.judge(bundle, entries: entries, in: &tree) { offset in
                    if withheld.contains(offset) { return .withheld }
                    guard !absent.contains(offset), offset < Int64(shown.records.count) else { return .absent }
                    return .content(shown.records[Int(offset)].content, salt: shown.records[Int(offset)].salt)
                }
                offset = bundle.range.upperBound
            }
            return audit.finish()
        }

        func bad() throws -> [AuditFinding] { try report().findings.filter(\.verdict.isBad).sorted { $0.offsets.lowerBound < $1.offsets.lowerBound } }
    }

    private static func sample(_ count: Int = 700, seed: UInt64 = 1) -> SampleLog {
        var random = SplitMix64(seed: seed)
        return SampleLog(count, using: &random)
    }

    /// Of three tile levels.
    private static let large = sample(66_000)

    @Test("A whole log is verified, whatever its size", arguments: [1, 255, 256, 257, 700, 66_000])
    func whole(_ count: Int) throws {
        let log = count == 66_000 ? Self.large : Self.sample(count)
        let report = try Case(log).report()
        #expect(report.findings == [AuditFinding(.verified, .contentChecked, 0..<Int64(count))])
        #expect(!report.hasFailed)
    }

    @Test("A log that grew since the last audit is verified against the saved checkpoint")
    func grown() throws {
        var log = Self.sample(300)
        var random = SplitMix64(seed: 99)
        let saved = log.checkpoint
        for _ in 0..<300 { log.append(.init(content: random.bytes(9), salt: random.bytes(16))) }
        var shown = Case(log)
        shown.saved = saved
        #expect(try !shown.report().hasFailed)
    }

    @Test("A flipped bit of a payload, of a salt: that record is altered")
    func payload() throws {
        var shown = Case(Self.sample())
        shown.shown.records[300].content.append(1)
        shown.shown.records[511].salt[3] ^= 1
        #expect(try shown.bad() == [AuditFinding(.altered, .contentChanged, 300..<301), AuditFinding(.altered, .contentChanged, 511..<512)])
        #expect(try shown.report().counts == [.verified: 698, .altered: 2])
    }

    @Test("A flipped bit of an entry: that offset is altered", arguments: [20, 30, 45, 80, 103])
    func entry(_ byte: Int) throws {
        var shown = Case(Self.sample())
        shown.shown.entries[300]?[byte] ^= 4
        #expect(try shown.bad() == [AuditFinding(.altered, .entryChanged, 300..<301)])
        shown.withheld = Set(0..<700)
        #expect(try shown.bad() == [AuditFinding(.altered, .entryChanged, 300..<301)])
        #expect(try shown.report().counts == [.verified: 699, .altered: 1])
    }

    @Test("A flipped bit of a tile: the offsets that it stands for are altered, wherever it is", arguments: [
        (0, 5, 5..<6), (0, 699, 699..<700), (0, 256, 256..<257), (1, 0, 0..<256), (1, 1, 256..<512),
    ] as [(Int, Int, Range<Int64>)])
    func tile(_ level: Int, _ place: Int, _ offsets: Range<Int64>) throws {
        var shown = Case(Self.sample())
        var bytes = shown.shown.levels[level][place].bytes
        bytes[9] ^= 32
        shown.shown.levels[level][place] = try #require(TreeHash(bytes: bytes))
        #expect(try shown.bad() == [AuditFinding(.altered, .storedHash(level: level), offsets)])
        #expect(try shown.report().counts[.verified] == 700 - Int64(offsets.count))
    }

    @Test("A flipped bit of a tile in a large log costs the place where it is", arguments: [
        (0, 65_000, 65_000..<65_001), (1, 100, 25_600..<25_856), (2, 0, 0..<65_536),
    ] as [(Int, Int, Range<Int64>)])
    func largeTile(_ level: Int, _ place: Int, _ offsets: Range<Int64>) throws {
        var shown = Case(Self.large)
        // The part of the log that shows it.
        shown.withheld = Set(0..<66_000)
        shown.shown.levels[level][place] = .zero
        #expect(try shown.bad() == [AuditFinding(.altered, .storedHash(level: level), offsets)])
    }

    @Test("Flipped bits of entries and of tiles in different places each cost their place alone", arguments: 1...12 as ClosedRange<UInt64>)
    func manyFaults(_ seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        var shown = Case(Self.sample(700, seed: 50))
        var altered: Set<Int64> = []
        // Blocks of 256: of each either a hash or an entry.
        for block in 0..<3 {
            let place = 256 * block + random.below(block == 2 ? 188 : 256)
            switch random.below(3) {
            case 0:
                shown.shown.levels[0][place] = .zero
                altered.insert(Int64(place))
            case 1:
                shown.shown.entries[place]?[72 + random.below(32)] ^= 1
                altered.insert(Int64(place))
            default: break
            }
        }
        if random.below(2) == 0 {
            let place = random.below(2)
            shown.shown.levels[1][place] = .zero
            altered.formUnion(Int64(256 * place)..<Int64(256 * place + 256))
        }
        let found = try shown.bad().reduce(into: Set<Int64>()) { $0.formUnion($1.offsets) }
        #expect(found == altered, "seed \(seed)")
        #expect(try shown.report().counts[.verified, default: 0] == 700 - Int64(altered.count), "seed \(seed)")
    }

    @Test("A record rewritten and the log signed again: the saved checkpoint shows it, and so do cosigned ones")
    func rewritten() throws {
        let log = Self.sample()
        var changed = log
        changed.records[300].content = [1, 2, 3]
        changed = changed.rewritten()
        var prefix = log
        let atHundred = Checkpoint(origin: SampleLog.origin, size: 100, root: TreeState(size: 100, from: &prefix).root)
        let atFourHundred = Checkpoint(origin: SampleLog.origin, size: 400, root: TreeState(size: 400, from: &prefix).root)
        var shown = Case(changed)
        shown.trusted = [atFourHundred, atHundred]
        #expect(try shown.bad() == [AuditFinding(.altered, .otherHistory(checkpointSize: 400), 100..<400)])
        #expect(try shown.report().counts == [.verified: 400, .altered: 300])
        shown.trusted = []
        shown.saved = log.checkpoint
        #expect(try shown.bad() == [AuditFinding(.altered, .otherHistory(checkpointSize: 700), 0..<700)])
        // Nobody cosigned it.
        shown.head = changed.checkpoint.signed(by: CheckpointTests.key)
        #expect(try shown.bad() == [AuditFinding(.altered, .quorumMissing, 0..<700)])
    }

    @Test("A record dropped: its offset is missing, and what closed the gap is misplaced")
    func dropped() throws {
        var shown = Case(Self.sample())
        shown.absent = [300]
        #expect(try shown.bad() == [AuditFinding(.missing, .recordAbsent, 300..<301)])
        shown = Case(Self.sample())
        shown.shown.entries.remove(at: 699)
        shown.shown.records.remove(at: 699)
        #expect(try shown.bad() == [AuditFinding(.missing, .entryAbsent, 699..<700)])
        shown = Case(Self.sample())
        shown.shown.entries.remove(at: 690)
        let findings = try shown.bad()
        #expect(findings.first == AuditFinding(.reordered, .otherOffset(691), 690..<691))
        #expect(findings.last == AuditFinding(.missing, .entryAbsent, 699..<700))
        #expect(try shown.report().counts == [.verified: 690, .reordered: 9, .missing: 1])
    }

    @Test("Two records swapped, with their salts or without, under their old entries or under new ones")
    func swapped() throws {
        let expected = [AuditFinding(.reordered, .otherOffset(450), 300..<301), AuditFinding(.reordered, .otherOffset(300), 450..<451)]
        for movesSalts in [true, false] {
            var shown = Case(Self.sample())
            shown.shown.records.swapAt(300, 450)
            if !movesSalts { (shown.shown.records[300].salt, shown.shown.records[450].salt) = (shown.shown.records[450].salt, shown.shown.records[300].salt) }
            #expect(try shown.bad() == expected)
            // Entries that a broker makes of the frames as they are now.
            let made = shown.shown.rewritten()
            shown.shown.entries[300] = made.entries[300]
            shown.shown.entries[450] = made.entries[450]
            #expect(try shown.bad() == expected)
        }
        var shown = Case(Self.sample())
        shown.shown.entries.swapAt(300, 450)
        #expect(try shown.bad() == expected)
    }

    @Test("A split view, a stale checkpoint and a restored backup, a topic made again, a key swapped")
    func heads() throws {
        let log = Self.sample()
        var shown = Case(Self.sample(700, seed: 2))
        shown.saved = log.checkpoint
        #expect(try shown.bad() == [AuditFinding(.altered, .otherHistory(checkpointSize: 700), 0..<700)])
        shown = Case(Self.sample(600))
        shown.saved = log.checkpoint
        #expect(try shown.bad() == [AuditFinding(.missing, .shorterThanBefore, 600..<700)])
        shown = Case(log)
        let remade = try #require(
            LogOrigin(host: SampleLog.host, .partition(topic: "permits", topicID: "ffffffffffffffffffffffffffffffff", partition: 0)))
        shown.head = Self.cosigned(Checkpoint(origin: remade.name, size: 700, root: log.checkpoint.root))
        #expect(try shown.bad() == [AuditFinding(.altered, .otherLog, 0..<700)])
        shown.saved = log.checkpoint
        #expect(try shown.bad() == [AuditFinding(.missing, .otherLog, 0..<700)])
        shown = Case(log)
        shown.head = Self.cosigned(log.checkpoint, by: CheckpointTests.witness)
        #expect(try shown.bad() == [AuditFinding(.altered, .logUnsigned, 0..<700)])
        let other = Checkpoint(origin: SampleLog.origin, size: 701, root: .zero).signed(by: CheckpointTests.key).note.signatures
        shown.head = try SignedCheckpoint(note: SignedNote(text: log.checkpoint.text, signatures: other))
        #expect(try shown.bad() == [AuditFinding(.altered, .logSignatureForged, 0..<700)])
        let cosignature = Cosignature.sign(
            Checkpoint(origin: SampleLog.origin, size: 701, root: .zero), by: CheckpointTests.witness, as: CheckpointTests.witnessName, time: 1)
        shown.head = log.checkpoint.signed(by: CheckpointTests.key).cosigned(cosignature)
        #expect(try shown.bad() == [AuditFinding(.altered, .cosignatureForged, 0..<700)])
    }

    @Test("A signed root that neither tiles nor entries lead to")
    func notInTree() throws {
        var shown = Case(Self.sample())
        shown.head = Self.cosigned(Checkpoint(origin: SampleLog.origin, size: 700, root: .zero))
        #expect(try shown.bad() == [AuditFinding(.altered, .notInTree, 0..<700)])
        shown.head = Self.cosigned(Checkpoint(origin: SampleLog.origin, size: 800, root: .zero))
        #expect(try shown.report().counts == [.altered: 700, .missing: 100])
    }

    @Test("A record back-dated: before what was cosigned without it, behind what was cosigned with it, before the one before it")
    func backdated() throws {
        var random = SplitMix64(seed: 3)
        let start = SampleLog.startTime
        func report(appendTime: Int64, moments: [CosigningTimes.Moment]) throws -> AuditReport {
            var log = Self.sample(100)
            log.append(.init(content: [1], salt: random.bytes(16)), appendTime: appendTime)
            log.append(.init(content: [1], salt: random.bytes(16)), appendTime: max(appendTime, start + 100_000))
            var shown = Case(log)
            shown.moments = moments
            return try shown.report()
        }
        // Cosigned at 100 s with 100 leaves: the record came after, and 11 s are tolerated.
        let before = [CosigningTimes.Moment(size: 100, time: start / 1000 + 100)]
        #expect(try !report(appendTime: start + 89_000, moments: before).hasFailed)
        let early = try report(appendTime: start + 88_999, moments: before).findings.filter(\.verdict.isBad)
        #expect(early == [AuditFinding(.backdated, .beforeWitnesses, 100..<101)])
        let after = [CosigningTimes.Moment(size: 101, time: start / 1000 + 50), .init(size: 102, time: start / 1000 + 200)]
        #expect(try !report(appendTime: start + 51_999, moments: after).hasFailed)
        let late = try report(appendTime: start + 52_000, moments: after).findings.filter(\.verdict.isBad)
        #expect(late == [AuditFinding(.backdated, .afterWitnesses, 100..<101)])
        let decreasing = try report(appendTime: start + 98, moments: []).findings.filter(\.verdict.isBad)
        #expect(decreasing == [AuditFinding(.backdated, .timeDecreasing, 100..<101)])
        #expect(try !report(appendTime: start + 99, moments: []).hasFailed)
    }

    @Test("What an order or a policy allows to be gone is erased or expired; what none allows is missing")
    func justified() throws {
        var shown = Case(Self.sample())
        shown.absent = Set(100..<110).union(Set(200..<220)).union([500])
        shown.justifications = [
            .init(.erased, 100..<110, reference: "order 7"), .init(.expired, 200..<220, reference: "retention 30 d"),
            .init(.expired, 490..<500, reference: "other"),
        ]
        let findings = try shown.report().findings.filter { $0.verdict != .verified }
        #expect(findings == [
            AuditFinding(.erased, .justified(by: "order 7"), 100..<110), AuditFinding(.expired, .justified(by: "retention 30 d"), 200..<220),
            AuditFinding(.missing, .recordAbsent, 500..<501),
        ])
        #expect(try shown.report().counts == [.verified: 669, .erased: 10, .expired: 20, .missing: 1])
    }

    @Test("Pruned entries are expired where the audit topic says so, and missing where it does not")
    func pruned() throws {
        var shown = Case(Self.sample())
        for offset in 0..<256 { shown.shown.entries[offset] = nil }
        shown.absent = Set(0..<256)
        #expect(try shown.bad() == [AuditFinding(.missing, .entryAbsent, 0..<256)])
        shown.justifications = [.init(.pruned, 0..<256, reference: "audit retention 10 y")]
        let report = try shown.report()
        #expect(!report.hasFailed)
        #expect(report.counts == [.expired: 256, .verified: 444])
    }

    @Test("Who may not read the content has the entries checked")
    func withheld() throws {
        var shown = Case(Self.sample())
        shown.withheld = Set(0..<700)
        shown.shown.records[300].content.append(1)
        #expect(try shown.report().findings == [AuditFinding(.verified, .entryChecked, 0..<700)])
    }

    @Test("Of the times of one size the last is before a record, the first after it")
    func cosigningTimes() {
        let times = CosigningTimes([.init(size: 5, time: 30), .init(size: 5, time: 10), .init(size: 9, time: 50), .init(size: 9, time: 40)])
        #expect(times.around(4) == (nil, 10))
        #expect(times.around(5) == (30, 40))
        #expect(times.around(8) == (30, 40))
        #expect(times.around(9) == (50, nil))
        #expect(CosigningTimes([]).around(0) == (nil, nil))
    }

    @Test("A report keeps findings up to its limit, and counts beyond it")
    func reportLimit() {
        var report = AuditReport()
        let count = Int64(TransparencyLimits.auditFindingsMax)
        for offset in 0...count { report.add(AuditFinding(offset % 2 == 0 ? .verified : .altered, .entryChecked, offset * 2..<offset * 2 + 1)) }
        #expect(report.findings.count == TransparencyLimits.auditFindingsMax)
        #expect(report.findingsLeftOut == 1)
        #expect(report.counts == [.verified: count / 2 + 1, .altered: count / 2])
    }

    @Test("Records beyond the suspects' room are altered too")
    func suspects() throws {
        var shown = Case(Self.sample())
        for place in 0..<100 { shown.shown.records[place].content.append(1) }
        #expect(try shown.report().counts == [.verified: 600, .altered: 100])
        shown = Case(Self.sample(10))
        shown.shown.records[3].content = [UInt8](repeating: 1, count: TransparencyLimits.auditSuspectBytesMax + 1)
        #expect(try shown.report().counts == [.verified: 9, .altered: 1])
    }

    /// A bundle's entries as they are made of its records, and their leaves.
    private static func made(_ log: SampleLog, _ bundle: Tile) -> (entries: [UInt8], leaves: [TreeHash]) {
        let entries = log.entries[Int(bundle.range.lowerBound)..<Int(bundle.range.upperBound)].flatMap { $0 ?? [] }
        return (entries, entries.withUnsafeBytes { TreeHashing.leaves(of: $0) })
    }

    @Test("Bundles whose leaves lead to the root pass and are verified, as the slow way says", arguments: [1, 255, 256, 257, 700, 66_000])
    func passing(_ count: Int) throws {
        let log = count == 66_000 ? Self.large : Self.sample(count)
        var audit = Audit(times: CosigningTimes([]), tolerance: CosigningTolerance(skewMilliseconds: 0))
        var tree = TreeAudit(log.checkpoint, of: log)
        var offset: Int64 = 0
        while let bundle = Tile(.entries, holding: offset, treeSize: log.size) {
            let (entries, leaves) = Self.made(log, bundle)
            let passes = audit.passes(bundle, entries: entries, leaves: leaves, in: &tree)
            #expect(passes)
            offset = bundle.range.upperBound
        }
        #expect(audit.finish().findings == [AuditFinding(.verified, .contentChecked, 0..<Int64(count))])
    }

    @Test("A bundle with one wrong leaf, too few of them, or a time before the last one's does not pass, and is judged afterwards as if it had not been tried")
    func notPassing() throws {
        var log = Self.sample(300)
        let sound = log
        log.append(.init(content: [1], salt: [UInt8](repeating: 0, count: 16)), appendTime: SampleLog.startTime)
        for (log, place) in [(sound, 0), (sound, 255), (sound, 256), (sound, 299), (log, 300)] {
            var audit = Audit(times: CosigningTimes([]), tolerance: CosigningTolerance(skewMilliseconds: 0))
            var tree = TreeAudit(log.checkpoint, of: log)
            var offset: Int64 = 0
            while let bundle = Tile(.entries, holding: offset, treeSize: log.size) {
                offset = bundle.range.upperBound
                var (entries, leaves) = Self.made(log, bundle)
                if place < 300, bundle.range.contains(Int64(place)) { leaves[place & 255] = .zero }
                let passes = audit.passes(bundle, entries: entries, leaves: leaves, in: &tree)
                #expect(passes == !bundle.range.contains(Int64(place)))
                let withFewer = audit.passes(bundle, entries: entries, leaves: Array(leaves.dropLast()), in: &tree)
                entries.removeLast(104)
                let ofFewer = audit.passes(bundle, entries: entries, leaves: leaves, in: &tree)
                #expect(!withFewer && !ofFewer)
                guard !passes else { continue }
                audit.judge(bundle, entries: bundle.range.map { log.entries[Int($0)]![...] }, in: &tree) { offset in  // none is gone
                    .content(log.records[Int(offset)].content, salt: log.records[Int(offset)].salt)
                }
            }
            let report = audit.finish()
            #expect(report.counts[.verified] == 300)
            #expect(report.counts[.backdated] == (place == 300 ? 1 : nil))
        }
    }
}
