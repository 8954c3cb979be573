public import AccessPolicy
import KafkaWire
public import Storage
public import Transparency

/// What is shown of the trees, and to whom: the paths of C2SP tlog-tiles below a log's name, and ours beside them (EVIDENCE.md, "The
/// checkpoint"). Nothing is shown that no checkpoint covers.
public struct EvidenceService: Sendable {
    private let services: BrokerServices
    private let host: String
    private let keys: [SigningKey]
    /// nil where no authority is configured.
    private let timestamper: CheckpointTimestamper?

    public init(_ services: BrokerServices, host: String, keys: [SigningKey], timestamper: CheckpointTimestamper? = nil) {
        self.timestamper = timestamper
        self.services = services
        self.host = host
        self.keys = keys
    }

    /// A log as a path names it.
    public struct LogName: Hashable, Sendable {
        public let topic: String
        /// The log's: the topic's, unless the log was reopened. 32 hexadecimal digits.
        public let topicID: String
        public let partition: Int32

        public init(topic: String, topicID: String, partition: Int32) {
            self.topic = topic
            self.topicID = topicID
            self.partition = partition
        }
    }

    public enum Answer: Sendable {
        /// - Parameter isFinal: it never changes: whoever has it need not ask again.
        case text([UInt8], isFinal: Bool)
        case bytes([UInt8], isFinal: Bool = true)
        /// No such log, nothing under this path in it, or not for this peer to know of.
        case notFound
        /// The records are there, and no checkpoint covers them yet: in a second one does.
        case notYet
        /// The sentence says which right is missing.
        case forbidden(String)
    }

    /// The keys that sign, by the host's name: what an auditor pins.
    public var logKeys: [UInt8] {
        guard let name = KeyName(host) else { return [] }
        return Array(keys.map { "\($0.verifier(name, .ed25519))\n" }.joined().utf8)
    }

    /// The certificates with which the key of this hash first published, and the revocation lists of that moment, as PEM; for auditors, who meet the hash in entries.
    public func certificates(ofWriter hash: String, for peer: Peer) async throws(StorageError) -> Answer {
        guard hash.utf8.count == 64, isAuditor(peer), let key = Digest256(hex: hash) else { return .notFound }
        let found = try await services.writers.certificates(of: key)
        let text = found.chain.map { CertificateText.pem($0, .certificate) } + found.revocationLists.map { CertificateText.pem($0.bytes, .revocationList) }
        return found.chain.isEmpty ? .notFound : .text(Array(text.joined().utf8), isFinal: true)
    }

    /// - Parameters:
    ///   - path: below the log's name, such as `tile/0/000.p/12`.
    ///   - purpose: what salts are asked for.
    public func answer(
        _ name: LogName, path: String, purpose: PurposeDeclaration, for peer: Peer
    ) async throws(StorageError) -> Answer {
        guard mayDescribe(name.topic, peer), let topic = services.catalogue.value[name.topic],
            let log = topic.partition(name.partition), let evidence = log.evidence, let shown = try await shown(name, topic)
        else { return .notFound }
        guard let newest = shown.newest else {
            return path.hasPrefix("proof/") && !shown.isClosed && log.bounds.highWatermark > .zero ? .notYet : .notFound
        }
        if path == "checkpoint" { return .text(newest.note, isFinal: false) }
        if let tile = Tile(path: path) { return try await answer(tile, evidence, size: newest.size) }
        if let size = Self.stampedSize(path) {
            guard let found = try await timestamper?.timestamp(of: shown.log, atLeast: size) else { return .notFound }
            return .text(found, isFinal: true)
        }
        if let (kind, offsets) = Self.stretch(path) {
            if let missing = missingRight(topic.name, purpose, peer) { return .forbidden(missing) }
            guard offsets.upperBound <= newest.size else { return .notFound }
            switch kind {
            case .whole: return try await stretch(offsets, from: log.bounds.logStart.rawValue, evidence)
            case .facts: return try await evidence.facts(of: offsets).map { .bytes($0) } ?? .notFound
            }
        }
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let number = Int64(parts[1]), number >= 0, parts[1] == String(number) else { return .notFound }
        switch parts[0] {
        case "checkpoints":
            guard let found = try await services.metadata.checkpoint(of: shown.log, atLeast: number), found.size == number, number <= newest.size
            else { return .notFound }
            return .text(found.note, isFinal: false)
        case "cosigned": return try await cosigned(shown.log, from: number, to: newest.size)
        case "proof": return try await receipt(of: number, topic, log, shown, evidence, size: newest.size, purpose, peer)
        case "openings":
            if let missing = missingRight(topic.name, purpose, peer) { return .forbidden(missing) }
            guard let bundle = Tile(.entries, holding: number << Tile.height, treeSize: newest.size) else { return .notFound }
            return try await salts(of: bundle.range, from: log.bounds.logStart.rawValue, evidence).map { .bytes($0) } ?? .notFound
        default: return .notFound
        }
    }

    private struct Shown {
        let log: PartitionID
        /// nil where there is none (yet).
        let newest: StoredCheckpoint?
        let isClosed: Bool
    }

    /// A log of the partition: the one that is signed with its newest checkpoint, or a closed one with its last. nil where it has none such.
    private func shown(_ name: LogName, _ topic: Topic) async throws(StorageError) -> Shown? {
        let logs = topic.logs(of: name.partition)
        if logs.current.topic.hex == name.topicID {
            return Shown(log: logs.current, newest: services.checkpoints.newest(of: logs.current), isClosed: false)
        }
        guard let closed = logs.closed.first(where: { $0.log.topic.hex == name.topicID }) else { return nil }
        let last = try await services.metadata.checkpoint(of: closed.log, atLeast: closed.size)
        return Shown(log: closed.log, newest: last?.size == closed.size ? last : nil, isClosed: true)
    }

    /// Of `checkpoints/<size>.tsr`.
    private static func stampedSize(_ path: String) -> Int64? {
        guard path.hasPrefix("checkpoints/"), path.hasSuffix(".tsr") else { return nil }
        let number = path.dropFirst("checkpoints/".count).dropLast(".tsr".count)
        guard let size = Int64(number), size > 0, number == String(size) else { return nil }
        return size
    }

    /// The node's journal of checkpoints, whose notes are time-stamped: its newest note and its tiles, for auditors.
    public func journal(_ id: String, path: String, for peer: Peer) async throws(StorageError) -> Answer {
        guard isAuditor(peer), let bytes = try await timestamper?.answer(journalID: id, path: path) else { return .notFound }
        return path == "checkpoint" ? .text(bytes, isFinal: false) : .bytes(bytes)
    }

    /// What a verified replay asks of many records at once, in one answer.
    public enum Stretch: String, Sendable, CaseIterable {
        /// Entries and salts.
        case whole = "stretch"
        /// What entries hold besides what the records say, and salts (`LeafFacts`): far less, and nothing is hashed for it.
        case facts = "facts"

        public func path(_ offsets: Range<Int64>) -> String { "\(rawValue)/\(offsets.lowerBound)-\(offsets.upperBound)" }
    }

    /// Records of which a stretch says something at most: half a megabyte of entries and salts.
    public static let stretchRecordsMax: Int64 = 4096

    /// Of `stretch/<from>-<to>` and `facts/<from>-<to>`, the latter excluded.
    private static func stretch(_ path: String) -> (Stretch, Range<Int64>)? {
        guard let kind = Stretch.allCases.first(where: { path.hasPrefix("\($0.rawValue)/") }) else { return nil }
        let bounds = path.dropFirst(kind.rawValue.count + 1).split(separator: "-").compactMap { Int64($0) }
        guard bounds.count == 2, bounds[0] < bounds[1], bounds[1] - bounds[0] <= stretchRecordsMax, path == kind.path(bounds[0]..<bounds[1])
        else { return nil }
        return (kind, bounds[0]..<bounds[1])
    }

    /// Entries, 104 bytes each, and behind them the salts.
    private func stretch(
        _ offsets: Range<Int64>, from logStart: Int64, _ evidence: any PartitionEvidence
    ) async throws(StorageError) -> Answer {
        guard let entries = try await evidence.entries(of: offsets), let salts = try await salts(of: offsets, from: logStart, evidence) else {
            return .notFound
        }
        return .bytes(entries + salts)
    }

    /// Of records that were deleted the salts are gone too: zeros stand in their places. nil where all are.
    private func salts(
        of offsets: Range<Int64>, from logStart: Int64, _ evidence: any PartitionEvidence
    ) async throws(StorageError) -> [UInt8]? {
        let there = min(max(logStart, offsets.lowerBound), offsets.upperBound)..<offsets.upperBound
        guard !there.isEmpty, let salts = try await evidence.salts(of: there) else { return nil }
        return [UInt8](repeating: 0, count: Int(there.lowerBound - offsets.lowerBound) * Commitment.saltBytes) + salts
    }

    private func answer(_ tile: Tile, _ evidence: any PartitionEvidence, size: Int64) async throws(StorageError) -> Answer {
        let bytes: [UInt8]?
        switch tile.content {
        case .hashes(let level):
            guard tile.range.upperBound <= size >> (Tile.height * level) else { return .notFound }
            bytes = try await evidence.hashes(level: level, tile.range)
        case .entries:
            guard tile.range.upperBound <= size else { return .notFound }
            bytes = try await evidence.entries(of: tile.range).map { EntryBundle.encode($0[...]) }
        }
        return bytes.map { .bytes($0) } ?? .notFound
    }

    // MARK: receipts

    /// With the smallest checkpoint that covers the record, so that asking again answers the same.
    private func receipt(
        of offset: Int64, _ topic: Topic, _ log: any PartitionLog, _ shown: Shown, _ evidence: any PartitionEvidence, size: Int64,
        _ purpose: PurposeDeclaration, _ peer: Peer
    ) async throws(StorageError) -> Answer {
        guard offset < size else { return !shown.isClosed && offset < log.bounds.highWatermark.rawValue ? .notYet : .notFound }
        guard let stored = try await covering(offset, shown.log), stored.size <= min(size, evidence.head.size) else { return .notFound }
        let isFinal = stored.isWitnessed || !services.settings.hasWitnessQuorum
        if !isFinal, services.clock.now() - stored.madeAt < Self.cosigningMilliseconds { return .notYet }
        guard let checkpoint = try? SignedCheckpoint(stored.note), let opening = try await evidence.opening(of: offset),
            let entry = try? Entry(opening.entry)
        else { return .notFound }
        let proof = try await evidence.inclusionProof(of: offset, in: stored.size)
        // With the salt the record itself can be shown to be the one: for who wrote it, and for who may read it.
        let maySeeSalt = entry.facts.writer.bytes == peer.writer.bytes || missingRight(topic.name, purpose, peer) == nil
        let salt = maySeeSalt ? opening.salt : nil
        return .text(Receipt(entry: entry, salt: salt, proof: proof, checkpoint: checkpoint).bytes, isFinal: isFinal)
    }

    /// A receipt waits so long for the witnesses, and is given without them where they do not answer.
    private static let cosigningMilliseconds: Int64 = 3_000

    /// The smallest checkpoint that covers the record, of those that witnesses cosigned where there are such.
    private func covering(_ offset: Int64, _ id: PartitionID) async throws(StorageError) -> StoredCheckpoint? {
        if services.settings.hasWitnessQuorum,
            let witnessed = try await services.metadata.witnessedCheckpoints(of: id, atLeast: offset + 1, limit: 1).first
        {
            return witnessed
        }
        return try await services.metadata.checkpoint(of: id, atLeast: offset + 1)
    }

    // MARK: cosigned checkpoints

    /// Notes of one answer.
    private static let cosignedAtOnce = 256

    /// The windows that an audit holds append times against: the first cosigned checkpoints from a size on, as a bundle of notes.
    private func cosigned(_ id: PartitionID, from size: Int64, to last: Int64) async throws(StorageError) -> Answer {
        let found = try await services.metadata.witnessedCheckpoints(of: id, atLeast: size, limit: Self.cosignedAtOnce).filter { $0.size <= last }
        // More may come behind them.
        return found.isEmpty ? .notFound : .bytes(NoteBundle.encode(found.map(\.note)), isFinal: false)
    }

    // MARK: rights

    private func mayDescribe(_ topic: String, _ peer: Peer) -> Bool {
        isAuditor(peer) || services.decide(.describe(topic: topic), for: peer).isAllowed
    }

    private func isAuditor(_ peer: Peer) -> Bool {
        services.policy.value.decide(.audit, for: peer.identity, at: services.clock.now()).isAllowed
    }

    /// nil where the peer may read the records whole, in a group or again.
    private func missingRight(_ topic: String, _ purpose: PurposeDeclaration, _ peer: Peer) -> String? {
        let questions: [AccessQuestion] = [.subscribe(topic: topic, purpose: purpose), .replay(topic: topic, purpose: purpose)]
        for question in questions {
            let decision = services.policy.value.decide(question, for: peer.identity, at: services.clock.now())
            if decision.isAllowed, decision.records == .unrestricted { return nil }
        }
        return "content is held against its entries (by their salts) only for those who may read it: an agreement must let you subscribe to \(topic) or replay it, without fields and where"
    }
}
