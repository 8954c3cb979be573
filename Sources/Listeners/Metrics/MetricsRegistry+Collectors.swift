public import Broker
import Identity
public import Storage

// What is asked at each scrape instead of being counted as it happens.
extension MetricsRegistry {
    /// Connections, nodes and the bytes of requests in flight.
    public func collect(connections registry: ConnectionRegistry) {
        collect { page in
            page.gauge("hanbridge_connections", Double(registry.connectionCount), help: "Connections of the Kafka and HTTPS listeners")
            page.gauge("hanbridge_connections_max", Double(registry.limits.connectionsMax))
            page.gauge("hanbridge_connected_nodes", Double(registry.nodeCount))
            page.gauge("hanbridge_request_bytes_in_flight", Double(registry.requestBytesInFlight))
            page.gauge("hanbridge_request_bytes_in_flight_max", Double(registry.limits.requestBytesMax))
        }
    }

    /// How long the broker's certificate and the revocation lists still last.
    public func collect(trust: TrustInForce, wallClock: @escaping WallClock = systemWallClock) {
        collect { page in
            let now = wallClock()
            func days(until end: Int64) -> Double { Double(end - now) / (24 * 3600 * 1000) }
            page.gauge(
                "hanbridge_certificate_days_left", days(until: trust.certificateNotAfter), help: "Until the broker's own certificate ends")
            page.gauge("hanbridge_trust_generation", Double(trust.generation), help: "Changes of trust since start, beginning at 1")
            for list in trust.revocationLists {
                let labels = [("authority", list.authority), ("issuer", list.issuer)]
                page.gauge("hanbridge_revocation_list_days_left", days(until: list.nextUpdate), labels: labels)
                page.gauge(
                    "hanbridge_revocation_list_life_used", list.fractionOfLifeUsed(at: now), labels: labels,
                    help: "0 when it was made, 1 when it should have been replaced; attention from 0.5")
                page.gauge("hanbridge_revocation_list_entries", Double(list.revokedCount), labels: labels)
            }
        }
    }

    /// Commit groups, bytes, synchronisation and the disk.
    public func collect(store: any PartitionStore) {
        collect { page in
            let statistics = store.statistics()
            page.counter("hanbridge_commit_groups_total", Double(statistics.commitGroups), help: "Groups made durable by one synchronisation")
            page.counter("hanbridge_appended_batches_total", Double(statistics.appendedBatches))
            page.counter("hanbridge_appended_bytes_total", Double(statistics.appendedBytes))
            page.counter("hanbridge_sync_seconds_total", Double(statistics.syncNanoseconds) / 1e9)
            page.gauge("hanbridge_stored_bytes", Double(statistics.storedBytes))
            page.gauge("hanbridge_disk_free_bytes", Double(statistics.diskFreeBytes))
            page.gauge("hanbridge_disk_total_bytes", Double(statistics.diskTotalBytes))
            page.gauge("hanbridge_disk_full", statistics.isFull ? 1 : 0, help: "1 while writes are refused for want of space")
            page.gauge("hanbridge_offline_partitions", Double(statistics.offlinePartitions.count))
        }
    }

    /// How far consumer groups are behind. One series a group and topic.
    public func collect(lags: GroupLagSurvey) {
        collect { page in
            for lag in await lags.lags() {
                for (topic, partitions) in Dictionary(grouping: lag.partitions, by: \.partition.topic).sorted(by: { $0.key < $1.key }) {
                    let labels = [("group", lag.group), ("topic", topic)]
                    page.gauge("hanbridge_group_lag_records", Double(partitions.reduce(0) { $0 + $1.records }), labels: labels)
                    guard let waiting = partitions.compactMap(\.milliseconds).max() else { continue }
                    page.gauge(
                        "hanbridge_group_lag_seconds", Double(waiting) / 1000, labels: labels,
                        help: "How long the first unread record has been waiting")
                }
            }
        }
    }
}

extension Readiness {
    /// Not ready while the disk takes no writes. A partition that is out of service is an alarm (`hanbridge_offline_partitions`), but
    /// the others go on.
    public func check(store: any PartitionStore) {
        check { store.statistics().isFull ? ["disk": "no space is left for records; free some"] : [:] }
    }
}
