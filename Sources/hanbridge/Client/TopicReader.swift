import KafkaWire
import NIOCore

/// Reads partitions from given offsets on, one fetch at a time for each leader.
struct TopicReader: Sendable {
    struct Settings: Sendable {
        var maxWaitMilliseconds: Int32 = 500
        var minBytes: Int32 = 1
        var maxBytes: Int32 = 16 << 20
        var partitionMaxBytes: Int32 = 4 << 20
        /// What one batch may inflate to.
        var recordLimits = RecordLimits(batchBytesMax: 64 << 20, inflatedBytesMax: 128 << 20, recordsMax: 5_000_000)
    }

    /// What one round of fetches brought.
    struct Round: Sendable {
        var records: [DeliveredRecord] = []
        /// Where to go on although nothing was delivered: behind control batches, or at a log start that moved up.
        var moves: [TopicPartition: Int64] = [:]
        /// Partitions whose end was reached.
        var atEnd: Set<TopicPartition> = []
        /// Errors that a new look at the metadata may repair.
        var troubled: [TopicPartition: ErrorCode] = [:]
    }

    let client: KafkaClient
    var settings = Settings()

    /// - Throws: errors that trying again does not repair.
    func fetch(_ positions: PartitionPositions, leaders: [TopicPartition: HostAndPort]) async throws(ClientError) -> Round {
        var round = Round()
        let byLeader = Dictionary(grouping: positions.partitions) { leaders[$0] }
        for (leader, partitions) in byLeader {
            guard let leader else {
                for partition in partitions { round.troubled[partition] = .leaderNotAvailable }
                continue
            }
            let wait = byLeader.count == 1 ? settings.maxWaitMilliseconds : min(50, settings.maxWaitMilliseconds)
            let response = try await client.connection(to: leader).call(request(partitions, positions, wait: wait))
            try response.errorCode.check()
            for topic in response.responses {
                for answer in topic.partitions {
                    try take(answer, TopicPartition(topic: topic.topic, partition: answer.partitionIndex), positions, &round)
                }
            }
        }
        return round
    }

    private func request(_ partitions: [TopicPartition], _ positions: PartitionPositions, wait: Int32) -> FetchRequest {
        FetchRequest {
            $0.replicaID = -1
            $0.maxWaitMilliseconds = wait
            $0.minBytes = settings.minBytes
            $0.maxBytes = settings.maxBytes
            $0.topics = Dictionary(grouping: partitions, by: \.topic).map { topic, partitions in
                .init {
                    $0.topic = topic
                    $0.partitions = partitions.map { partition in
                        .init {
                            $0.partition = partition.partition
                            $0.fetchOffset = positions.next[partition] ?? 0
                            $0.partitionMaxBytes = settings.partitionMaxBytes
                        }
                    }
                }
            }
        }
    }

    private func take(
        _ answer: FetchResponse.FetchableTopicResponse.PartitionData, _ partition: TopicPartition, _ positions: PartitionPositions,
        _ round: inout Round
    ) throws(ClientError) {
        switch answer.errorCode {
        case .none: break
        case .offsetOutOfRange where answer.logStartOffset > (positions.next[partition] ?? 0):
            round.moves[partition] = answer.logStartOffset
            return
        case let error where error.isRetriable || error == .unknownTopicOrPartition:
            round.troubled[partition] = error
            return
        case let error: throw .refused(error, message: nil)
        }
        var position = positions.next[partition] ?? 0
        if let records = answer.records {
            for batch in RecordBatches(records) { try deliver(batch, partition, &position, &round) }
        }
        if position > positions.next[partition] ?? 0 { round.moves[partition] = position }
        if position >= answer.highWatermark { round.atEnd.insert(partition) }
    }

    private func deliver(_ batch: ByteBuffer, _ partition: TopicPartition, _ position: inout Int64, _ round: inout Round) throws(ClientError) {
        guard RecordBatches.hasValidChecksum(batch) else {
            throw .malformed("the checksum of a batch of \(partition.topic)-\(partition.partition) at \(position)")
        }
        let reader: RecordReader
        do {
            reader = try RecordReader(batch: batch, limits: settings.recordLimits)
        } catch {
            throw .malformed(String(describing: error))
        }
        let end = reader.header.baseOffset + Int64(reader.header.lastOffsetDelta) + 1
        // Bit 5: markers of transactions, nobody's records.
        if reader.header.attributes & 0x20 == 0 {
            for record in reader where record.offset >= position {
                round.records.append(DeliveredRecord(partition: partition, record: record))
            }
        }
        position = max(position, end)
    }
}
