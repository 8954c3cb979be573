import KafkaWire

/// Reads a quarantine: what is in it, and what became of that. Two passes in place of one table of everything, because a publisher that
/// went wrong at night may have left a million entries.
struct QuarantineReader: Sendable {
    let client: KafkaClient

    /// The quarantine that a topic's refused records go to, or the topic itself where it names none.
    func quarantine(of topic: String) async throws(ClientError) -> String {
        try await client.typing(of: topic).quarantine ?? topic
    }

    /// Everything that was resolved, from these offsets on.
    func resolutions(in topic: String, from start: [Int32: Int64]? = nil) async throws(ClientError) -> [QuarantinePlace: Resolution] {
        var found: [QuarantinePlace: Resolution] = [:]
        try await client.readToEnd(of: topic, from: start) { delivered in
            guard let (partition, offset) = Resolution.place(in: delivered.record), let resolution = Resolution(delivered.record) else { return }
            found[QuarantinePlace(topic: topic, partition: partition, offset: offset)] = resolution
        }
        return found
    }

    func forEachEntry(of topic: String, _ body: (QuarantinedRecord) -> Void) async throws(ClientError) {
        try await client.readToEnd(of: topic) { delivered in
            if let entry = QuarantinedRecord(delivered) { body(entry) }
        }
    }

    /// - Returns: nil where there is no entry; the resolution is nil while it is open.
    func entry(_ place: QuarantinePlace) async throws(ClientError) -> (entry: QuarantinedRecord, resolution: Resolution?)? {
        var entry: QuarantinedRecord?
        var resolution: Resolution?
        try await client.readToEnd(of: place.topic, from: [place.partition: place.offset]) { delivered in
            if delivered.partition.partition == place.partition, delivered.record.offset == place.offset { entry = QuarantinedRecord(delivered) }
            if let resolved = Resolution.place(in: delivered.record), resolved == (place.partition, place.offset) {
                resolution = Resolution(delivered.record)
            }
        }
        return entry.map { ($0, resolution) }
    }
}

extension KafkaClient {
    /// Reads what is in a topic now.
    /// - Parameter start: the partitions to read and where to begin; nil for all of them from their beginning.
    nonisolated func readToEnd(
        of topic: String, from start: [Int32: Int64]? = nil, _ body: (DeliveredRecord) -> Void
    ) async throws(ClientError) {
        var leaders = try await leaders(of: topic)
        let partitions = start.map { $0.keys.filter { leaders[$0] != nil }.sorted() } ?? leaders.keys.sorted()
        guard !partitions.isEmpty else { return }
        let ends = try await offsets(of: topic, partitions: partitions, at: .latest)
        var next = try await offsets(of: topic, partitions: partitions, at: .earliest)
        for (partition, offset) in start ?? [:] where next[partition] != nil { next[partition] = min(max(offset, next[partition] ?? 0), ends[partition] ?? 0) }
        func key(_ partition: Int32) -> TopicPartition { TopicPartition(topic: topic, partition: partition) }
        var backoff = Backoff()
        while true {
            let open = next.filter { $0.value < ends[$0.key] ?? 0 }
            guard !open.isEmpty else { return }
            let positions = PartitionPositions(Dictionary(uniqueKeysWithValues: open.map { (key($0.key), $0.value) }))
            do throws(ClientError) {
                let keyed = Dictionary(uniqueKeysWithValues: leaders.map { (key($0.key), $0.value) })
                let round = try await TopicReader(client: self).fetch(positions, leaders: keyed)
                for record in round.records where record.record.offset < ends[record.partition.partition] ?? 0 { body(record) }
                for (partition, offset) in round.moves { next[partition.partition] = offset }
                if !round.troubled.isEmpty { leaders = try await self.leaders(of: topic) }
                backoff.succeeded()
            } catch {
                guard error.isRetriable, backoff.failures < 10 else { throw error }
                try? await Task.sleep(for: backoff.failed())
            }
        }
    }
}
