import Logging
import Storage
import Transparency

/// Puts cosignatures to their checkpoints: into the journal, synced, and then before everybody's eyes. Those that come while a write is under
/// way share the next one.
actor CosignatureJournal {
    private struct Name: Hashable {
        let partition: PartitionID
        let size: Int64
    }

    private struct Kept {
        var checkpoint: StoredCheckpoint
        var touchedAt: Int64
    }

    private let policy: TrustPolicy
    /// The public key of the broker's own witness, which never counts for its own logs.
    private let own: [UInt8]?
    private let services: BrokerServices
    /// Checkpoints that other witnesses may still cosign, so that one's line does not overwrite another's.
    private var recent: [Name: Kept] = [:]
    private var unwritten: Set<Name> = []
    private var isWriting = false

    /// No longer than a cosignature can take, and some more.
    private static let keptMilliseconds = 3 * Cosigning.delayMaxMilliseconds
    /// With these waiting the disk is what is slow, and further cosignatures come with later checkpoints.
    static let unwrittenMax = 100_000

    init(policy: TrustPolicy, own: [UInt8]?, services: BrokerServices) {
        self.policy = policy
        self.own = own
        self.services = services
    }

    /// Nothing waits for the disk.
    var isIdle: Bool { !isWriting }

    /// - Precondition: the signature is the witness's over this checkpoint.
    func add(_ signature: NoteSignature, by witness: VerifierKey, to checkpoint: StoredCheckpoint) {
        guard unwritten.count < Self.unwrittenMax else { return }
        let name = Name(partition: checkpoint.partition, size: checkpoint.size)
        var next = recent[name]?.checkpoint ?? checkpoint
        guard let signed = try? SignedCheckpoint(next.note).cosigned(signature, by: witness) else { return }
        next.note = signed.bytes
        if policy.window(of: signed, exceptOwn: own) != nil { next.isWitnessed = true }
        recent[name] = Kept(checkpoint: next, touchedAt: services.clock.now())
        unwritten.insert(name)
        guard !isWriting else { return }
        isWriting = true
        Task { await write() }
    }

    private func write() async {
        while !unwritten.isEmpty {
            let batch = unwritten.compactMap { recent[$0]?.checkpoint }
            unwritten = []
            do throws(StorageError) {
                try await services.metadata.keepCosigned(batch)
                services.checkpoints.publish(cosigned: batch)
            } catch {
                services.log.error("cosignatures cannot be put down, and are not shown: \(error)")
            }
            let oldest = services.clock.now() - Self.keptMilliseconds
            recent = recent.filter { $0.value.touchedAt >= oldest || unwritten.contains($0.key) }
        }
        isWriting = false
    }
}
