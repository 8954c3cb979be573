import KafkaWire

/// Reads the partitions of a topic outside of groups, and follows them. A partition that is offline is told of and not read; one that goes
/// offline on the way is told of and waited for.
struct LoneReader {
    let client: KafkaClient
    let topic: String
    let start: StartPosition
    /// Ends at the end that the topic has now.
    var untilEnd = false
    var recordsMax = Int.max
    var clock: any Clock<Duration> = ContinuousClock()
    /// Called once for each partition that goes out of service, or is already.
    var offline: (Int32) -> Void = { _ in }

    /// Failures in a row after which it is given up; where it follows the topic, only those of the whole broker.
    private static let failuresMax = 10
    /// Others may go on while one partition is in trouble: they are not kept waiting for longer.
    private static let pauseMax = Duration.seconds(1)

    /// - Throws: what trying again does not repair. Where `untilEnd` found an offline partition, once the others have been read.
    func run(_ body: (DeliveredRecord) async throws -> Void) async throws {
        let known = try await client.partitions(of: topic)
        let partitions = known.leaders.keys.sorted()
        var leaders = known.leaders
        var missing = Set(known.indexes).subtracting(partitions)
        for partition in missing.sorted() { offline(partition) }
        let isPartial = !missing.isEmpty
        guard !partitions.isEmpty else { throw ClientError.refused(.leaderNotAvailable, message: nil) }
        var positions = PartitionPositions(keyed(try await client.offsets(of: topic, partitions: partitions, at: start)))
        let ends = untilEnd ? keyed(try await client.offsets(of: topic, partitions: partitions, at: .latest)) : [:]
        var delivered = 0
        var backoff = Backoff()
        while !SignalFlag.current.isRaised, delivered < recordsMax {
            if untilEnd, positions.next.allSatisfy({ $0.value >= ends[$0.key] ?? 0 }) {
                guard !isPartial else { throw ClientError.refused(.leaderNotAvailable, message: nil) }
                return
            }
            let round: TopicReader.Round
            do throws(ClientError) {
                round = try await TopicReader(client: client).fetch(positions, leaders: keyed(leaders))
                if !round.troubled.isEmpty { leaders = try await client.leaders(of: topic) }
            } catch {
                guard error.isRetriable, backoff.failures < Self.failuresMax else { throw error }
                try? await clock.sleep(for: backoff.failed(), tolerance: nil)
                continue
            }
            for record in round.records where delivered < recordsMax {
                if untilEnd, record.record.offset >= ends[record.partition] ?? 0 { continue }
                try await body(record)
                positions.delivered(record.record.offset, of: record.partition)
                delivered += 1
            }
            guard delivered < recordsMax else { return }
            for (partition, offset) in round.moves { positions.moved(to: offset, of: partition) }
            tell(of: partitions, leaders, &missing)
            // Nobody waited at the broker for a partition in trouble, so we do.
            guard let trouble = round.troubled.values.first, round.records.isEmpty, round.moves.isEmpty else {
                backoff.succeeded()
                continue
            }
            guard !untilEnd || backoff.failures < Self.failuresMax else { throw ClientError.refused(trouble, message: nil) }
            try? await clock.sleep(for: min(backoff.failed(), Self.pauseMax), tolerance: nil)
        }
    }

    private func tell(of partitions: [Int32], _ leaders: [Int32: HostAndPort], _ missing: inout Set<Int32>) {
        for partition in partitions {
            if leaders[partition] != nil {
                missing.remove(partition)
            } else if missing.insert(partition).inserted {
                offline(partition)
            }
        }
    }

    private func keyed<Value>(_ values: [Int32: Value]) -> [TopicPartition: Value] {
        Dictionary(uniqueKeysWithValues: values.map { (TopicPartition(topic: topic, partition: $0.key), $0.value) })
    }
}
