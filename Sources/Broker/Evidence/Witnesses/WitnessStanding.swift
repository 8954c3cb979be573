import CoreMetrics
import NIOConcurrencyHelpers
import Storage

/// Which logs no witness has vouched for since the start, and which witnesses answer.
final class WitnessStanding: Sendable {
    private let unconfirmed = NIOLockedValueBox<Set<PartitionID>>([])
    private let gauge = Gauge(label: "hanbridge_logs_unconfirmed")

    var unconfirmedCount: Int { unconfirmed.withLockedValue { $0.count } }
    func isUnconfirmed(_ partition: PartitionID) -> Bool { unconfirmed.withLockedValue { $0.contains(partition) } }

    func began(with partitions: [PartitionID]) { change { $0 = Set(partitions) } }

    /// A witness's word on the log is known, whichever it was; or the log is gone.
    func settled(_ partition: PartitionID) {
        guard isUnconfirmed(partition) else { return }
        change { $0.remove(partition) }
    }

    private func change(_ body: (inout Set<PartitionID>) -> Void) {
        gauge.record(
            unconfirmed.withLockedValue { partitions in
                body(&partitions)
                return partitions.count
            })
    }
}
