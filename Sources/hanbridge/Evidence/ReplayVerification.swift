import KafkaWire
import Sentences
import Transparency

/// Holds records against the log's signed tree before they are handed on: what does not fit is never printed. What the log says of them is
/// read while the records are, and let go bundle by bundle.
///
/// Almost every bundle passes, and is proven by making its leaves anew of the records and of little besides (`LeafFacts`). One that does not
/// is judged by the log's entries, which tell what is wrong with which record.
final class ReplayVerification {
    /// Those of the replay that the checkpoint covers.
    let offsets: Range<Int64>
    /// Below it no further record comes.
    private var next: Int64
    private let language: Language
    private let bundles: BundlesAhead
    private let shown: ShownTree
    private var tree: TreeAudit<ShownTree>
    private var leaves = LeafBatch()
    private var audit = Audit(times: CosigningTimes([]), tolerance: CosigningTolerance(skewMilliseconds: 0))

    /// - Throws: where the log's newest checkpoint is not to be believed.
    convenience init(_ log: LogReader, _ offsets: Range<Int64>, _ keys: LogKeys, _ policy: TrustPolicy) async throws {
        guard let head = try await log.checkpoint(), let signed = try? SignedCheckpoint(head.bytes) else {
            throw CommandFailure.refused(.recordNotInLog("\(log.topic)/\(log.partition)"))
        }
        let origin = signed.checkpoint.origin
        guard let pinned = keys.log(of: origin), AuditHead.findings(signed, of: origin, log: pinned, policy: policy, saved: nil).isEmpty else {
            throw CommandFailure.refused(.auditFailed(origin.text))
        }
        try await self.init(signed.checkpoint, offsets, log.http.language) { try await log.read($0) }
    }

    /// - Parameter read: what the log serves under a path; nil where that is nothing.
    init(_ checkpoint: Checkpoint, _ offsets: Range<Int64>, _ language: Language, read: @escaping BundlesAhead.Read) async throws {
        self.language = language
        self.offsets = min(offsets.lowerBound, checkpoint.size)..<min(offsets.upperBound, checkpoint.size)
        next = self.offsets.lowerBound
        bundles = BundlesAhead(self.offsets, size: checkpoint.size, read: read)
        shown = ShownTree(edge: try await bundles.edge())
        tree = TreeAudit(checkpoint, of: shown)
    }

    /// - Parameter records: of one bundle, in order; bundles come in order, and those of which nothing came are judged too.
    /// - Throws: `auditFailed` after every finding was told.
    func judge(_ records: ArraySlice<DeliveredRecord>) async throws {
        guard let first = records.first?.record.offset else { return }
        for offset in records.map(\.record.offset) {
            guard offset >= next, offsets.contains(offset) else { throw failure([AuditFinding(.reordered, .otherOffset(offset), next..<next + 1)]) }
            next = offset + 1
        }
        while let bundle = try await bundles.next() {
            guard first >= bundle.tile.range.upperBound else { return try await judge(bundle, records) }
            try await judge(bundle, [])
        }
    }

    /// Judges what is left: offsets of which no record came.
    func finish() async throws {
        while let bundle = try await bundles.next() { try await judge(bundle, []) }
    }

    private func judge(_ bundle: BundlesAhead.Bundle, _ records: ArraySlice<DeliveredRecord>) async throws {
        shown.show(bundle.above)
        if !passes(bundle, records) {
            let opened = if let opened = bundle.opened { opened } else { try await bundles.opened(bundle.tile) }
            judge(bundle.tile, opened, records)
        }
        let report = audit.finish()
        if report.hasFailed { throw failure(report.findings.filter(\.verdict.isBad)) }
    }

    /// Tells of the findings.
    private func failure(_ findings: [AuditFinding]) -> CommandFailure {
        for finding in findings {
            let sentence = "\(finding.verdict.rawValue)  \(finding.offsets.lowerBound)–\(finding.offsets.upperBound - 1)"
            StandardStream.error.writeLine("\(sentence)  \(finding.cause.sentence.text(in: language))")
        }
        return .refused(.auditFailed(tree.checkpoint.origin.text))
    }

    /// Whether the leaves that follow from all of the bundle's records are the tree's.
    private func passes(_ bundle: BundlesAhead.Bundle, _ records: ArraySlice<DeliveredRecord>) -> Bool {
        guard let facts = bundle.facts, records.count == bundle.tile.width else { return false }
        leaves.begin()
        var next = records.startIndex
        for run in facts {
            for offset in run.offsets.clamped(to: bundle.tile.range) {
                guard next < records.endIndex, records[next].record.offset == offset, add(records[next].record, run) else { return false }
                next += 1
            }
        }
        leaves.finish()
        return audit.passes(bundle.tile, entries: leaves.entries, leaves: leaves.leaves, in: &tree)
    }

    private func add(_ record: Record, _ facts: LeafFacts) -> Bool {
        record.withContent { content in
            facts.withFacts(of: record.offset, createTime: record.timestamp, isNull: record.value == nil) { facts, salt in
                leaves.add(content, salt: salt, facts: facts)
            }
        }
    }

    private func judge(_ bundle: Tile, _ opened: BundlesAhead.Opened, _ records: ArraySlice<DeliveredRecord>) {
        shown.show(opened, of: bundle)
        var next = records.startIndex
        audit.judge(bundle, entries: shown.entries, in: &tree) { offset in
            guard offsets.contains(offset) else { return .withheld }
            while next < records.endIndex, records[next].record.offset < offset { next += 1 }
            guard next < records.endIndex, records[next].record.offset == offset, let content = RecordFields(records[next].record).content else {
                return .absent
            }
            let place = Int(offset - bundle.range.lowerBound)
            // The commitment is none to the time: that is the entry's own.
            guard shown.hasTime(records[next].record.timestamp, at: place) else { return .masked(time: nil) }
            return .content(content, salt: Array(opened.salts.dropFirst(place * Commitment.saltBytes).prefix(Commitment.saltBytes)))
        }
    }
}

/// The right edge of a log, and the way from the bundle at hand to its root.
private final class ShownTree: AuditedTree {
    private let edge: [Tile: [TreeHash]]
    /// One a level, from level 1 on.
    private var above: [Int: (tile: Tile, hashes: [TreeHash])] = [:]
    private var bundle: Tile?
    private(set) var entries: [ArraySlice<UInt8>] = []
    private var leaves: [TreeHash] = []

    init(edge: [Tile: [TreeHash]]) { self.edge = edge }

    func show(_ hashes: [Tile: [TreeHash]]) {
        for (tile, hashes) in hashes {
            if case .hashes(let level) = tile.content { above[level] = (tile, hashes) }
        }
    }

    func show(_ opened: BundlesAhead.Opened, of bundle: Tile) {
        self.bundle = bundle
        entries = stride(from: opened.entries.startIndex, to: opened.entries.endIndex, by: Entry.sizeBytes).map {
            opened.entries[$0..<$0 + Entry.sizeBytes]
        }
        leaves = opened.entries.withUnsafeBytes { TreeHashing.leaves(of: $0) }
    }

    /// Whether a record with this time is the one of an entry: its producer's, or the broker's where the topic has that.
    func hasTime(_ time: Int64, at place: Int) -> Bool {
        guard place < entries.count, let facts = try? Entry(Array(entries[place])).facts else { return true }
        return time == facts.createTime || time == facts.appendTime
    }

    /// Of the lowest level the entries' own hashes: the stored ones are for an audit of the log, here it is the records that are judged.
    func storedHashes(_ tile: Tile) -> [TreeHash]? {
        if let hashes = edge[tile] { return hashes }
        guard case .hashes(let level) = tile.content else { return nil }
        if level == 0 { return tile.index == bundle?.index && leaves.count >= tile.width ? leaves : nil }
        return above[level].flatMap { $0.tile == tile ? $0.hashes : nil }
    }

    func entryLeaves(_ bundle: Tile) -> [TreeHash]? { bundle == self.bundle ? leaves : nil }
}
