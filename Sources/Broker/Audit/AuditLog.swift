public import AccessPolicy
import Foundation
public import KafkaWire
public import Logging
import NIOConcurrencyHelpers
import NIOCore
public import Storage

/// Writes `_audit.access`: refusals soon, changes before they are made.
///
/// Refusals come on event loops: they are noted in the ``RefusalLedger`` under a short lock, and a task of this log writes what
/// has come since it last wrote. Where the disk refuses, they wait, bounded and counted, until it takes them. A change is written
/// by its own task, which goes on only when the entry is durable: a change that cannot be recorded is not made.
public final class AuditLog: AccessAuditing {
    private let topic: Topic
    private let appends: AuditAppends
    private let source: String
    private let clock: any BrokerClock
    private let log: Logger
    private let refusals = NIOLockedValueBox(Refusals())
    private let tasks = NIOLockedValueBox<[Task<Void, Never>]>([])
    /// One element at most waits: it says only that there is something to do.
    private let wakeUps: AsyncStream<Void>
    private let wakeUp: AsyncStream<Void>.Continuation

    private struct Refusals {
        var ledger = RefusalLedger()
        /// The disk refused: nothing is tried before the next tick, however many refusals come.
        var waitsForTick = false
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

    /// Begins to write refusals. Once.
    public func start() {
        tasks.withLockedValue { tasks in
            precondition(tasks.isEmpty, "the audit log was started twice")
            tasks = [Task { await self.writeRefusals() }, Task { await self.tick() }]
        }
    }

    public func refused(
        _ question: AccessQuestion, refusal: Decision.Refusal, policyVersion: Int64, peer: Peer
    ) {
        let words = question.auditWords
        let subject = RefusalLedger.Subject(
            node: peer.identity.path, certificate: peer.certificateFingerprint, action: words.action,
            resource: words.resource.cut(to: AuditEntry.textBytesMax), reason: refusal.auditWord)
        let now = clock.now()
        let mustWrite = refusals.withLockedValue { refusals in
            refusals.ledger.refused(subject, policyVersion: policyVersion, address: peer.remoteAddress, at: now)
            return !refusals.ledger.waiting.isEmpty && !refusals.waitsForTick
        }
        if mustWrite { wakeUp.yield() }
    }

    public func willChange(_ change: AuditedChange) async throws(StorageError) {
        let entry = AuditEntry(
            kind: .change, time: clock.now(), node: change.node, certificate: change.certificateFingerprint,
            address: change.remoteAddress, action: change.action, resource: change.object, details: change.details)
        do {
            for batch in batches(of: [entry]) { try await appends.append(batch) }
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
            let entries = refusals.withLockedValue { refusals in
                refusals.waitsForTick ? [] : refusals.ledger.take(atMost: Self.entriesTakenMax, at: now)
            }
            guard !entries.isEmpty else { return }
            do {
                for batch in batches(of: entries) { try await appends.append(batch) }
            } catch {
                // A batch of them that was written already is written again then: never lost, at worst told twice.
                refusals.withLockedValue { refusals in
                    refusals.ledger.putBack(entries)
                    refusals.waitsForTick = true
                }
                log.warning("refusals could not be audited and wait: \(error)")
                return
            }
        }
    }

    private func writeRefusals() async {
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
        refusals.withLockedValue { refusals in
            refusals.waitsForTick = false
            return refusals.ledger.hasOpenCounts || !refusals.ledger.waiting.isEmpty
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

    /// Kept for ever whatever the broker's defaults are, and wide enough for the largest batch of entries.
    static let configuration = ["retention.ms": "-1", "retention.bytes": "-1", "max.message.bytes": "1048588"]
}
