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
            page.gauge("hanbridge_answer_bytes_waiting", Double(registry.answerBytesWaiting))
            page.gauge("hanbridge_answer_bytes_waiting_max", Double(registry.limits.answerBytesMax))
        }
    }
}

extension Readiness {
    /// Not ready while the disk takes no writes. A partition that is out of service is an alarm (`hanbridge_offline_partitions`), but
    /// the others go on.
    public func check(store: any PartitionStore) {
        check {
            let statistics = store.statistics()
            if statistics.isReadOnly { return ["disk": "the file system takes no writes; look at the disk, then restart"] }
            return statistics.isFull ? ["disk": "no space is left for records; free some"] : [:]
        }
    }
}
