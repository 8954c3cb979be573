import CoreMetrics
import KafkaWire
import Logging
import Storage

/// Lets entries and tiles go when a topic's audit retention ends (EVIDENCE.md, "Expiry and erasure"): of records that were deleted, in
/// whole tiles, from the beginning on. Each advance is a record of `_audit.access` before it is made, a leaf of that topic's own tree: it
/// justifies what an auditor does not find any more. What a case holds stays.
///
/// A consistency proof begins at what is left or behind it, so whoever knows the log shorter than that could never be shown that it goes on.
/// Each witness has to know as much before anything goes.
public actor EvidencePruning {
    private let services: BrokerServices
    /// nil where no witness is asked.
    private let witnesses: WitnessSubmitter?
    /// Logs that wait, by the witness for which they do.
    private var waiting: [String: Int] = [:]

    /// What the audit calls it; auditors look for it.
    public static let action = "evidence.prune"
    public static let setting = "hanbridge.audit.retention.ms"

    public init(_ services: BrokerServices, witnesses: WitnessSubmitter? = nil) {
        self.services = services
        self.witnesses = witnesses
        for name in witnesses?.names ?? [] { Self.gauge(name).record(0) }
    }

    private static func gauge(_ witness: String) -> Gauge { Gauge(label: "hanbridge_pruning_waiting", dimensions: [("witness", witness)]) }

    /// - Returns: how many logs were pruned.
    @discardableResult
    public func tick() async -> Int {
        var count = 0
        let waited = waiting
        waiting = [:]
        for topic in services.catalogue.value.topics where topic.configuration.auditRetentionMilliseconds >= 0 {
            for partition in topic.partitions.indices {
                // One at a time with other changes: a hold that is placed is heeded from then on.
                if await services.changes.inTurn({ await self.prune(topic.id, Int32(partition)) }) { count += 1 }
            }
        }
        for name in Set(waiting.keys).union(waited.keys) {
            Self.gauge(name).record(waiting[name] ?? 0)
            guard let logs = waiting[name], waited[name] == nil else { continue }
            services.log.warning("the evidence of \(logs) logs is not pruned: witness \(name) does not know as much of them yet")
        }
        return count
    }

    private func prune(_ id: UUID128, _ partition: Int32) async -> Bool {
        guard let topic = services.catalogue.value[id], let log = topic.partition(partition), let evidence = log.evidence,
            topic.configuration.holds.isEmpty, topic.configuration.auditRetentionMilliseconds >= 0, case .online = log.bounds.state
        else { return false }
        let object = "topic:\(topic.name)"
        let retention = topic.configuration.auditRetentionMilliseconds
        do throws(StorageError) {
            let before = try await evidence.prunableIndex(appendedBefore: services.clock.now() - Int64(clamping: retention))
            let from = evidence.minimumIndex
            // A signed checkpoint has to lead to what is left.
            guard before > from, let newest = services.checkpoints.newest(of: topic.log(of: partition)), newest.size >= before else { return false }
            let behind = await witnesses?.behind(topic.log(of: partition), size: before) ?? []
            guard behind.isEmpty else {
                for name in behind { waiting[name, default: 0] += 1 }
                return false
            }
            try await services.audit.willChange(
                AuditedChange(
                    byBroker: Self.action, object: object,
                    details: [
                        "topicId": id.hex, "partition": String(partition), "from": String(from), "before": String(before),
                        "policy": "\(Self.setting)=\(retention)",
                    ]))
            do throws(StorageError) {
                try await evidence.prune(before: before)
            } catch {
                try? await services.audit.willChange(
                    AuditedChange(byBroker: "\(Self.action).failed", object: object, details: ["partition": String(partition), "why": error.sentence]))
                throw error
            }
            services.log.notice("\(topic.name)/\(partition): the evidence of offsets \(from) to \(before - 1) was pruned after the audit retention")
            return true
        } catch {
            services.log.warning("\(topic.name)/\(partition): the evidence was not pruned: \(error)")
            return false
        }
    }
}
