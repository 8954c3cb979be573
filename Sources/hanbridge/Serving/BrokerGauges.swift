import AccessPolicy
import Broker
import Identity
import Listeners
import NIOConcurrencyHelpers
import Storage

/// What the control plane measured last of how far groups are behind. Written by one timer, read by each scrape.
final class LagSnapshot: Sendable {
    private let box = NIOLockedValueBox<[GroupLag]>([])

    var value: [GroupLag] { box.withLockedValue { $0 } }
    func replace(with lags: [GroupLag]) { box.withLockedValue { $0 = lags } }
}

/// The state that a scrape asks for: disk, certificates, catalogue, lags.
struct BrokerGauges: Sendable {
    let services: BrokerServices
    let registry: ConnectionRegistry
    let lags: LagSnapshot

    /// Groups shown; the page's own limit on series holds beside it.
    private static let groupsMax = 200
    private static let millisecondsADay = 86_400_000.0

    func install(in metrics: MetricsRegistry) {
        metrics.collect { page in
            store(&page)
            trust(&page)
            timestamps(&page)
            deliveries(&page)
            for lag in lags.value.prefix(Self.groupsMax) {
                page.gauge(
                    "hanbridge_group_lag_records", Double(lag.records), labels: [("group", lag.group)],
                    help: "Records that a group has not read yet.")
                if let milliseconds = lag.milliseconds {
                    page.gauge(
                        "hanbridge_group_lag_seconds", Double(milliseconds) / 1000, labels: [("group", lag.group)],
                        help: "How long the oldest record that a group has not read has been waiting.")
                }
            }
        }
    }

    private func store(_ page: inout MetricsPage) {
        let statistics = services.store.statistics()
        page.gauge("hanbridge_disk_free_bytes", Double(statistics.diskFreeBytes), help: "Free on the disk of the store.")
        page.gauge("hanbridge_disk_total_bytes", Double(statistics.diskTotalBytes), help: "Size of the disk of the store.")
        page.gauge("hanbridge_stored_bytes", Double(statistics.storedBytes), help: "Bytes of all partitions.")
        page.gauge("hanbridge_disk_full", statistics.isFull ? 1 : 0, help: "1 while records are refused for want of space.")
        page.gauge(
            "hanbridge_idempotent_producers", Double(statistics.producers), help: "Producers whose sequences are remembered.")
        page.gauge(
            "hanbridge_offline_partitions", Double(services.offlinePartitions.count), help: "Partitions out of service.")
        let catalogue = services.catalogue.value
        let now = services.clock.now()
        let emergencies = services.policy.value.agreements.count { $0.isEmergency && $0.term.contains(now) }
        page.gauge("hanbridge_emergencies_open", Double(emergencies), help: "Accesses that two people opened in an emergency, and that have not ended.")
        page.gauge("hanbridge_topics", Double(catalogue.count), help: "Topics.")
        page.gauge("hanbridge_partitions", Double(catalogue.partitionCount), help: "Partitions of all topics.")
        page.gauge("hanbridge_policy_version", Double(services.policy.value.version), help: "The version of the agreements in force.")
    }

    private func deliveries(_ page: inout MetricsPage) {
        let statistics = services.deliveries.statistics
        page.counter("hanbridge_delivery_entries_total", Double(statistics.entries), help: "Entries written to the delivery ledger.")
        page.counter(
            "hanbridge_delivery_ledger_seconds_total", statistics.spentSeconds, help: "Processor time that telling deliveries took.")
        page.gauge("hanbridge_delivery_waiting_bytes", Double(statistics.waitingBytes), help: "Bytes of entries that wait for the disk.")
        page.gauge("hanbridge_delivery_refused", statistics.isRefused ? 1 : 0, help: "1 while the delivery ledger cannot be written.")
    }

    private func timestamps(_ page: inout MetricsPage) {
        guard let facts = services.timestamps.facts else { return }
        let now = services.clock.now()
        let waiting = facts.waitingSince.map { Double(max(0, now - $0)) / 1000 } ?? 0
        page.gauge("hanbridge_timestamp_waiting_seconds", waiting, help: "How long the oldest checkpoint without a time-stamp has waited for one.")
        let most = services.timestamps.outageMilliseconds.map { Double($0) / 1000 } ?? .infinity
        page.gauge("hanbridge_timestamp_overdue", waiting > most ? 1 : 0, help: "1 while topics that are strict about time-stamps take no records.")
        if let last = facts.lastStampedAt {
            page.gauge("hanbridge_timestamp_age_seconds", Double(max(0, now - last)) / 1000, help: "Since the last time-stamp came.")
        }
        page.gauge(
            "hanbridge_journal_contradicted", facts.isContradicted ? 1 : 0,
            help: "1 where the journal that is time-stamped is not the one that witnesses know: nothing is stamped.")
        page.gauge("hanbridge_timestamp_failing", facts.failure == nil ? 0 : 1, help: "1 where the last attempt brought no time-stamp.")
    }

    private func trust(_ page: inout MetricsPage) {
        let now = services.clock.now()
        page.gauge(
            "hanbridge_certificate_days_left", Double(registry.trust.certificateNotAfter - now) / Self.millisecondsADay,
            help: "Until the broker's own certificate ends.")
        for list in registry.trust.revocationLists {
            page.gauge(
                "hanbridge_revocation_list_life_used", list.fractionOfLifeUsed(at: now),
                labels: [("authority", list.authority), ("issuer", list.issuer)],
                help: "0 when a revocation list was made, 1 when it should be replaced; see to it from 0.5 on.")
        }
    }
}
