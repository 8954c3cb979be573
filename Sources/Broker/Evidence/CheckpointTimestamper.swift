import KafkaWire
import Logging
public import Storage
public import Transparency

/// Has checkpoints time-stamped: once a minute every partition's newest one becomes a leaf of the node's journal, and an authority stamps the
/// journal's signed note (EVIDENCE.md, "Witnesses and time"). One token a minute, however many partitions there are.
///
/// An authority that does not answer delays nothing else: leaves are put down all the same, and the next token covers them all.
public actor CheckpointTimestamper {
    private let host: String
    private let keys: [SigningKey]
    private let services: BrokerServices
    private let journal: any JournalStore
    private let authority: any TimestampAuthority
    /// nil where no witness is asked.
    private let submitter: JournalSubmitter?
    private var origin: KeyName?
    private var tree = TreeState()
    private var note: [UInt8]?
    private var stampedSize: Int64 = 0
    /// The largest checkpoint of each partition that is a leaf.
    private var journalled: [PartitionID: Int64] = [:]
    private var isAlarmed = false
    /// Why it is not the journal that others know: nothing is signed or stamped then.
    private var contradiction: String?

    /// Leaves of one turn: what is beyond them is of the next.
    static let entriesMax = 100_000
    /// How far the authority's clock and ours may be apart before it is told.
    private static let clockSkewMilliseconds: Int64 = 60_000

    /// - Parameter outageMilliseconds: from then on topics that are strict take no records.
    public init(
        host: String, keys: [SigningKey], services: BrokerServices, journal: any JournalStore, authority: any TimestampAuthority,
        outageMilliseconds: Int64, submitter: JournalSubmitter? = nil
    ) {
        self.submitter = submitter
        self.host = host
        self.keys = keys
        self.services = services
        self.journal = journal
        self.authority = authority
        services.timestamps.configure(outageMilliseconds: outageMilliseconds)
    }

    /// At start, before anything is stamped: the journal's stored hashes have to lead to its last note, and the witnesses must know none that
    /// is newer or another.
    public func begin() async throws(BrokerStartError) {
        do throws(StorageError) {
            let head = try await journal.journal()
            guard let origin = LogOrigin(host: host, .journal(id: head.id.hex)) else { throw .corrupt("the journal") }
            self.origin = origin.name
            tree = try await treeState(of: head.size)
            if let note = head.note {
                guard let signed = try? SignedCheckpoint(note), signed.checkpoint.size == tree.size, signed.checkpoint.root == tree.root else {
                    throw .corrupt("the journal of checkpoints is not the one that was signed")
                }
            }
            // Of a journal that was reopened nothing is signed by its new name before it grows.
            note = head.note.flatMap { (try? SignedCheckpoint($0))?.checkpoint.origin == origin.name ? $0 : nil }
            stampedSize = head.stampedSize
            journalled = head.journalled
            services.timestamps.update { $0.waitingSince = head.waitingSince }
        } catch {
            throw BrokerStartError(error)
        }
        await show()
    }

    /// Lets the witnesses judge the newest note.
    private func show() async {
        guard let submitter, let note, let signed = try? SignedCheckpoint(note) else { return }
        let (size, journal) = (tree.size, journal)
        let why = await submitter.contradiction(of: signed) { (old) throws(StorageError) in
            var levels = FetchedLevels()
            for range in ConsistencyProof.ranges(from: old, to: size) { try await levels.fetch(range, from: journal) }
            return try ConsistencyProof.prove(from: old, to: size, from: &levels)
        }
        guard let why else { return }
        let sentence =
            "the journal of checkpoints is not the one that others know: \(why); an older state was restored: restore the newest one, or go on under "
            + "another name (hanbridge log reopen-journal). Until then nothing is time-stamped"
        contradiction = sentence
        services.log.critical("\(sentence)")
        services.timestamps.update { ($0.failure, $0.isContradicted) = (sentence, true) }
    }

    /// Goes on under another name, after it was found not to be the journal that others know: what it holds is the beginning of the next one.
    /// - Returns: the old name's id and the new one's.
    public func reopen(because reason: String?, by peer: Peer) async -> Result<(closed: String, journal: String, size: Int64), AdministrationRefusal> {
        await services.changes.inTurn { await self.reopenInTurn(because: reason, by: peer) }
    }

    private func reopenInTurn(
        because reason: String?, by peer: Peer
    ) async -> Result<(closed: String, journal: String, size: Int64), AdministrationRefusal> {
        guard peer.isOperator else { return .failure(.clusterNotAuthorized) }
        guard let why = contradiction, let origin, let closed = origin.text.split(separator: "/").last.map(String.init) else {
            return .failure(AdministrationRefusal(.policyViolation, "the journal is the one that others know: there is nothing to reopen"))
        }
        let id = UUID128.random()
        guard let next = LogOrigin(host: host, .journal(id: id.hex)) else { preconditionFailure("a host that named one journal names another") }
        do throws(StorageError) {
            var details = [
                "closedJournal": closed, "size": String(tree.size), "root": tree.root.noteText, "journal": id.hex, "why": why,
            ]
            if let reason { details["reason"] = reason }
            try await services.audit.willChange(AuditedChange(action: "journal.reopen", object: "journal", by: peer, details: details))
            try await journal.reopenJournal(as: id)
        } catch {
            return .failure(AdministrationRefusal(error))
        }
        (self.origin, note, contradiction) = (next.name, nil, nil)
        await submitter?.forget()
        services.timestamps.update { ($0.failure, $0.isContradicted) = (nil, false) }
        return .success((closed, id.hex, tree.size))
    }

    private func treeState(of size: Int64) async throws(StorageError) -> TreeState {
        var levels = FetchedLevels()
        for level in 0...Tile.levelMax {
            let count = size >> (Tile.height * level)
            // The right edge: what has no whole tile above it yet.
            try await levels.fetch(level, (count >> Tile.height) << Tile.height..<count, from: journal)
        }
        return try TreeState(size: size, from: &levels)
    }

    // MARK: once a minute

    public func tick() async {
        let now = services.clock.now()
        if let contradiction {
            services.timestamps.update { facts in facts.waitingSince = facts.waitingSince ?? now }
            return alarm(TimestampFailure(contradiction))
        }
        do throws(StorageError) {
            let size = tree.size
            try await journalNewest(at: now)
            // Shown before it is stamped: whoever restores an older journal finds witnesses that know this one.
            if tree.size > size { await show() }
        } catch {
            services.timestamps.update { facts in
                facts.waitingSince = facts.waitingSince ?? now
                facts.failure = error.sentence
            }
            return services.log.error("checkpoints cannot be put into the journal that is time-stamped: \(error)")
        }
        guard contradiction == nil, let note, tree.size > stampedSize else { return }
        await stamp(note, at: now)
    }

    /// The newest checkpoint of each partition becomes a leaf, unless it is one.
    private func journalNewest(at now: Int64) async throws(StorageError) {
        guard let origin else { return }
        let newest = services.checkpoints.partitions.compactMap { services.checkpoints.newest(of: $0) }
            .filter { $0.size > journalled[$0.partition] ?? -1 }
            .sorted { ($0.madeAt, $0.partition.description) < ($1.madeAt, $1.partition.description) }.prefix(Self.entriesMax)
        let leaves = newest.compactMap { checkpoint in
            (try? SignedCheckpoint(checkpoint.note)).map { (checkpoint, leaf: TreeHashing.leaf(of: $0.withoutCosignatures.bytes)) }
        }
        guard !leaves.isEmpty else { return }
        var grown = tree
        let levels = grown.append(leaves.map(\.leaf))
        let checkpoint = Checkpoint(origin: origin, size: grown.size, root: grown.root)
        let signed = SignedNote(text: checkpoint.text, signatures: keys.map { $0.sign(noteText: checkpoint.text, as: origin) }).bytes
        try await journal.append(
            JournalGrowth(
                start: tree.size, entries: leaves.map { JournalGrowth.Entry(partition: $0.0.partition, size: $0.0.size) },
                levels: levels.map { JournalGrowth.Level(level: $0.level, start: $0.start, hashes: $0.hashes.flatMap(\.bytes)) }, note: signed,
                madeAt: now))
        // From here on it is durable: this node signs no other tree of this size.
        tree = grown
        note = signed
        for (checkpoint, _) in leaves { journalled[checkpoint.partition] = checkpoint.size }
        services.timestamps.update { $0.waitingSince = $0.waitingSince ?? now }
    }

    private func stamp(_ note: [UInt8], at began: Int64) async {
        let size = tree.size
        do throws(TimestampFailure) {
            let (token, time) = try await authority.stamp(TreeHashing.hash(of: note).bytes)
            let now = services.clock.now()
            do throws(StorageError) {
                try await journal.putTimestamp(token, ofJournal: size, at: now)
            } catch {
                throw TimestampFailure("the token cannot be kept: \(error.sentence)")
            }
            stampedSize = size
            if abs(time * 1000 - now) > Self.clockSkewMilliseconds {
                services.log.warning("the time-stamp authority's clock and this one are \(abs(time * 1000 - now) / 1000) s apart: one of them is wrong")
            }
            if isAlarmed { services.log.notice("time-stamps come again; the last one covers all that waited") }
            isAlarmed = false
            services.timestamps.update { $0 = TimestampStatus.Facts(waitingSince: nil, lastStampedAt: now, failure: nil) }
        } catch {
            services.timestamps.update { $0.failure = error.description }
            alarm(error)
        }
    }

    /// Told at once, and as an alarm once strict topics stop.
    private func alarm(_ failure: TimestampFailure) {
        guard let facts = services.timestamps.facts, let most = services.timestamps.outageMilliseconds else { return }
        let waited = services.clock.now() - (facts.waitingSince ?? services.clock.now())
        if waited > most, !isAlarmed {
            isAlarmed = true
            services.log.error("no time-stamp has come for \(waited / 60_000) minutes; topics that are strict about them take no records: \(failure)")
        } else {
            services.log.warning("checkpoints could not be time-stamped; it is tried again in a minute: \(failure)")
        }
    }

    // MARK: showing

    /// The smallest time-stamped checkpoint with `size` leaves at least, with its token and the path to what is stamped: `CheckpointTimestamp`'s
    /// bytes. nil where no token covers as many yet.
    func timestamp(of partition: PartitionID, atLeast size: Int64) async throws(StorageError) -> [UInt8]? {
        guard let found = try await journal.timestamp(of: partition, atLeast: size), let checkpoint = try? SignedCheckpoint(found.checkpoint.note),
            let signed = try? SignedCheckpoint(found.journalNote)
        else { return nil }
        var levels = FetchedLevels()
        for range in InclusionProof.ranges(index: found.index, size: found.journalSize) { try await levels.fetch(range, from: journal) }
        let proof = try InclusionProof.prove(index: found.index, size: found.journalSize, from: &levels)
        return CheckpointTimestamp(
            token: found.token, checkpoint: checkpoint.withoutCosignatures, index: found.index, proof: proof, journal: signed
        ).bytes
    }

    /// The journal as others verify it: its newest signed note, and its tiles and entries (C2SP tlog-tiles). An entry is a partition's note
    /// as it was signed.
    func answer(journalID: String, path: String) async throws(StorageError) -> [UInt8]? {
        guard let origin, origin.text == "\(host)/journal/\(journalID)" else { return nil }
        if path == "checkpoint" { return note }
        guard let tile = Tile(path: path) else { return nil }
        switch tile.content {
        case .hashes(let level):
            guard tile.range.upperBound <= tree.size >> (Tile.height * level) else { return nil }
            return try await journal.journalHashes(level: level, tile.range)
        case .entries:
            guard tile.range.upperBound <= tree.size, let entries = try await journal.journalEntries(tile.range) else { return nil }
            var bundle: [UInt8] = []
            for entry in entries {
                guard let note = try? SignedCheckpoint(entry.note).withoutCosignatures.bytes, let length = UInt16(exactly: note.count) else {
                    throw .corrupt("an entry of the journal of checkpoints")
                }
                bundle += [UInt8(length >> 8), UInt8(length & 0xFF)] + note
            }
            return bundle
        }
    }
}

/// Hashes of the journal, fetched before the tree asks for them: a tree asks at once, a store answers later.
private struct FetchedLevels: LevelHashes {
    private var fetched: [Int: [(range: Range<Int64>, hashes: [TreeHash])]] = [:]

    mutating func fetch(_ level: Int, _ range: Range<Int64>, from journal: any JournalStore) async throws(StorageError) {
        guard !range.isEmpty else { return }
        guard let bytes = try await journal.journalHashes(level: level, range) else { throw .corrupt("hashes of the journal of checkpoints are missing") }
        fetched[level, default: []].append((range, bytes.withUnsafeBytes { TreeHash.array(reading: $0) }))
    }

    /// What makes up the hash of a range of leaves.
    mutating func fetch(_ leaves: Range<Int64>, from journal: any JournalStore) async throws(StorageError) {
        for node in TreeNode.covering(leaves) {
            let (level, range) = node.tileHashes
            try await fetch(level, range, from: journal)
        }
    }

    mutating func hashes(level: Int, _ range: Range<Int64>) throws(StorageError) -> [TreeHash] {
        guard let found = fetched[level]?.first(where: { $0.range.lowerBound <= range.lowerBound && range.upperBound <= $0.range.upperBound }) else {
            throw .corrupt("hashes of the journal of checkpoints are missing")
        }
        let start = Int(range.lowerBound - found.range.lowerBound)
        return Array(found.hashes[start..<start + range.count])
    }
}
