public import AccessPolicy
import Foundation
public import KafkaWire
public import Logging
import NIOConcurrencyHelpers
import NIOCore
public import Storage

/// Writes `_audit.access`: refusals and accesses soon, changes before they are made.
///
/// Decisions come on event loops: they are noted in a ``DecisionLedger`` under a short lock, and a task of this log writes what
/// has come since it last wrote. Where the disk refuses, they wait, bounded and counted, until it takes them. A change is written
/// by its own task, which goes on only when the entry is durable: a change that cannot be recorded is not made.
public final class AuditLog: AccessAuditing {
    private let topic: Topic
    private let appends: AuditAppends
    private let source: String
    private let clock: any BrokerClock
    private let log: Logger
    private let decisions = NIOLockedValueBox(Decisions())
    private let tasks = NIOLockedValueBox<[Task<Void, Never>]>([])
    private let wakeReaders = NIOLockedValueBox<@Sendable () -> Void>({})
    /// One element at most waits: it says only that there is something to do.
    private let wakeUps: AsyncStream<Void>
    private let wakeUp: AsyncStream<Void>.Continuation

    private struct Decisions {
        var refusals = DecisionLedger(.refusals)
        var accesses = DecisionLedger(.accesses)
        var signIns = DecisionLedger(.signIns)
        /// The disk refused: nothing is tried before the next tick, however many decisions come.
        var waitsForTick = false

        var isAnyWaiting: Bool { !refusals.waiting.isEmpty || !accesses.waiting.isEmpty || !signIns.waiting.isEmpty }
        var hasOpenCounts: Bool { refusals.hasOpenCounts || accesses.hasOpenCounts || signIns.hasOpenCounts }

        mutating func take(atMost count: Int, at now: Int64) -> [AuditEntry] {
            var taken = refusals.take(atMost: count, at: now)
            taken += signIns.take(atMost: count - taken.count, at: now)
            return taken + accesses.take(atMost: count - taken.count, at: now)
        }

        mutating func putBack(_ entries: [AuditEntry]) {
            refusals.putBack(entries.filter { ![.access, .signIn].contains($0.kind) })
            signIns.putBack(entries.filter { $0.kind == .signIn })
            accesses.putBack(entries.filter { $0.kind == .access })
        }
    }

    /// Entries taken from the ledger at once.
    static let entriesTakenMax = 200
    /// Bytes of the entries of one batch before another batch is begun: with the largest entry added, a batch stays below the
    /// topic's `max.message.bytes`.
    static let batchBytesSoftMax = 448 * 1024
    private static let tickInterval = Duration.seconds(1)

    /// - Parameter topic: `_audit.access`, open.
    public init(topic: Topic, clusterID: UUID128, clock: any BrokerClock, log: Logger) {
        precondition(topic.name == AuditTopic.access, "the audit of access is written to \(AuditTopic.access)")
        guard let partition = topic.partition(0) else { preconditionFailure("\(topic.name) has no partition 0") }
        self.topic = topic
        appends = AuditAppends(to: partition)
        source = "/hanbridge/\(clusterID.kafkaText)"
        self.clock = clock
        self.log = log
        (wakeUps, wakeUp) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Begins to write decisions. Once.
    public func start() {
        tasks.withLockedValue { tasks in
            precondition(tasks.isEmpty, "the audit log was started twice")
            tasks = [Task { await self.writeDecisions() }, Task { await self.tick() }]
        }
    }

    public func refused(
        _ question: AccessQuestion, refusal: Decision.Refusal, policyVersion: Int64, peer: Peer
    ) {
        var subject = subject(question, reason: refusal.auditWord, peer)
        // Only an id is written down: what else a client may have said is its own.
        if case .purpose(let id) = question.purpose { subject.purpose = AgreedPurpose(id: id, isImplied: false) }
        note { $0.refusals.decided(subject, policyVersion: policyVersion, address: peer.remoteAddress, at: $1) }
    }

    public func allowed(_ question: AccessQuestion, by decision: Decision, peer: Peer) {
        guard case .allowed(let ground) = decision.outcome else { preconditionFailure("a refusal was to be audited as an access") }
        var subject = subject(question, reason: ground.auditWord, peer)
        subject.purpose = decision.purpose
        note { $0.accesses.decided(subject, policyVersion: decision.policyVersion, address: peer.remoteAddress, at: $1) }
    }

    public func signedIn(_ peer: Peer, listener: String) {
        let subject = DecisionLedger.Subject(
            node: peer.identity.path, certificate: peer.certificateFingerprint, action: "sign-in", resource: "listener:\(listener)", reason: "certificate")
        note { $0.signIns.decided(subject, policyVersion: nil, address: peer.remoteAddress, at: $1) }
    }

    public func signInRefused(node: String?, listener: String, reason: String, remoteAddress: String) {
        let subject = DecisionLedger.Subject(
            node: node ?? "", certificate: nil, action: "sign-in", resource: "listener:\(listener)", reason: reason.cut(to: AuditEntry.textBytesMax))
        note { $0.refusals.decided(subject, policyVersion: nil, address: remoteAddress, at: $1) }
    }

    public func wakesReaders(by wake: @escaping @Sendable () -> Void) -> Bool {
        wakeReaders.withLockedValue { $0 = wake }
        return true
    }

    private func subject(_ question: AccessQuestion, reason: String, _ peer: Peer) -> DecisionLedger.Subject {
        let words = question.auditWords
        return DecisionLedger.Subject(
            node: peer.identity.path, certificate: peer.certificateFingerprint, action: words.action,
            resource: words.resource.cut(to: AuditEntry.textBytesMax), reason: reason)
    }

    private func note(_ write: (inout Decisions, _ now: Int64) -> Void) {
        let now = clock.now()
        let mustWrite = decisions.withLockedValue { decisions in
            write(&decisions, now)
            return decisions.isAnyWaiting && !decisions.waitsForTick
        }
        if mustWrite { wakeUp.yield() }
    }

    public func willChange(_ change: AuditedChange) async throws(StorageError) {
        let entry = AuditEntry(
            kind: .change, time: clock.now(), node: change.node, certificate: change.certificateFingerprint,
            address: change.remoteAddress, action: change.action, resource: change.object, details: change.details)
        do {
            for batch in batches(of: [entry]) { try await appends.append(batch) }
            wakeReaders.withLockedValue { $0 }()
        } catch {
            log.error("a change was not made because it could not be audited: \(change.action): \(error)")
            throw error
        }
    }

    public func shutDown() async {
        let running = tasks.withLockedValue { $0 }
        for task in running { task.cancel() }
        wakeUp.finish()
        for task in running { await task.value }
        secondPassed()
        await writeWaiting()
    }

    /// Writes everything that waits now, until it is written or the disk refuses.
    func writeWaiting() async {
        while true {
            let now = clock.now()
            let entries = decisions.withLockedValue { decisions in
                decisions.waitsForTick ? [] : decisions.take(atMost: Self.entriesTakenMax, at: now)
            }
            guard !entries.isEmpty else { return }
            do {
                for batch in batches(of: entries) { try await appends.append(batch) }
                if entries.contains(where: { !$0.isQuiet }) { wakeReaders.withLockedValue { $0 }() }
            } catch {
                // A batch of them that was written already is written again then: never lost, at worst told twice.
                decisions.withLockedValue { decisions in
                    decisions.putBack(entries)
                    decisions.waitsForTick = true
                }
                log.warning("refusals and accesses could not be audited and wait: \(error)")
                return
            }
        }
    }

    private func writeDecisions() async {
        for await _ in wakeUps { await writeWaiting() }
    }

    private func tick() async {
        while !Task.isCancelled {
            try? await Task.sleep(for: Self.tickInterval)
            if secondPassed() { wakeUp.yield() }
        }
    }

    /// Lets the writer try again, and count what a second closed.
    /// - Returns: whether there is something for it to do.
    @discardableResult
    func secondPassed() -> Bool {
        decisions.withLockedValue { decisions in
            decisions.waitsForTick = false
            return decisions.hasOpenCounts || decisions.isAnyWaiting
        }
    }

    private func batches(of entries: [AuditEntry]) -> [AdmittedBatch] {
        let contentType = Record.Header(key: "content-type", value: ByteBuffer(string: "application/cloudevents+json"))
        var batches: [AdmittedBatch] = []
        var builder = RecordBatchBuilder()
        func close() {
            batches.append(AdmissionPipeline.admitOwn(builder.build(), .broker(topic)))
            builder = RecordBatchBuilder()
        }
        for entry in entries {
            let value = entry.encoded(source: source, id: UUID().uuidString.lowercased())
            if builder.recordCount > 0, builder.uncompressedBytes + value.readableBytes > Self.batchBytesSoftMax { close() }
            builder.append(key: nil, value: value, headers: [contentType], timestamp: entry.time)
        }
        close()
        return batches
    }
}

/// The topics of the audit.
public enum AuditTopic {
    public static let access = "_audit.access"
    public static let delivery = "_audit.delivery"
    static let all = [access, delivery]

    /// Kept for ever whatever the broker's defaults are, and wide enough for the largest batch of entries.
    static let configuration = ["retention.ms": "-1", "retention.bytes": "-1", "max.message.bytes": "1048588"]
}
