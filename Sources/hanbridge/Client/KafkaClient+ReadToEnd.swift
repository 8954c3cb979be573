import KafkaWire

extension KafkaClient {
    /// Fruitless rounds in a row, from which on reading is given up.
    private static let fruitlessRoundsMax = 10

    /// Reads what is in a topic now, all of it: a partition that cannot be read is an error and not an empty one.
    /// - Parameter start: the partitions to read and where to begin; nil for all of them from their beginning.
    nonisolated func readToEnd(
        of topic: String, from start: [Int32: Int64]? = nil, clock: any Clock<Duration> = ContinuousClock(), _ body: (DeliveredRecord) -> Void
    ) async throws(ClientError) {
        let known = try await partitions(of: topic)
        var leaders = known.leaders
        let partitions = known.indexes.filter { start?.keys.contains($0) ?? true }
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
            let trouble: ClientError?
            do throws(ClientError) {
                if backoff.failures > 0 { leaders = try await self.leaders(of: topic) }
                let keyed = Dictionary(uniqueKeysWithValues: leaders.map { (key($0.key), $0.value) })
                let round = try await TopicReader(client: self).fetch(positions, leaders: keyed)
                for record in round.records where record.record.offset < ends[record.partition.partition] ?? 0 { body(record) }
                for (partition, offset) in round.moves { next[partition.partition] = offset }
                // A round that brought something on is none in vain, whatever other partitions say.
                trouble = round.moves.isEmpty ? round.troubled.values.first.map { .refused($0, message: nil) } : nil
            } catch {
                guard error.isRetriable else { throw error }
                trouble = error
            }
            if let trouble {
                guard backoff.failures < Self.fruitlessRoundsMax else { throw trouble }
                try? await clock.sleep(for: backoff.failed(), tolerance: nil)
            } else {
                backoff.succeeded()
            }
        }
    }
}
