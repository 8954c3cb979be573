import KafkaWire
import NIOConcurrencyHelpers
import NIOCore
import Sentences
import Transparency

/// One partition's records between two positions.
struct ReplayReading {
    let log: LogReader
    let client: KafkaClient

    /// What one request brings: small, so that the pace is even.
    private static let fetchBytes: Int32 = 4 << 20
    private static let fruitlessRoundsMax = 10

    func offsets(from: StartPosition, to: StartPosition) async throws -> Range<Int64> {
        let first = try await offset(at: .position(.earliest)), end = try await offset(at: .position(.latest))
        let lower = min(max(try await offset(at: from), first), end)
        return lower..<max(lower, min(try await offset(at: to), end))
    }

    private func offset(at position: StartPosition) async throws -> Int64 {
        if case .position(.time(let time)) = position, let found = try await log.firstAppended(atOrAfter: time) { return found }
        return try await client.offsets(of: log.topic, partitions: [log.partition], at: position)[log.partition] ?? 0
    }

    /// Hands the records over in order, bundle by bundle of the log (256 offsets).
    func read(_ offsets: Range<Int64>, _ pace: inout Pace, _ body: (ArraySlice<DeliveredRecord>) async throws -> Void) async throws {
        let key = TopicPartition(topic: log.topic, partition: log.partition)
        let (client, leader) = (client, NIOLockedValueBox<HostAndPort?>(nil))
        let rounds = RoundsAhead(offsets) { try await Self.fetch($0, of: key, client, leader) }
        var parts = BundleParts()
        while let round = try await rounds.next() {
            await pace.pass(round.bytes)
            for bundle in parts.take(round.records, before: round.next < offsets.upperBound ? round.next : .max) { try await body(bundle) }
        }
    }

    /// - Parameter leader: once it is known, and until it is in trouble.
    private static func fetch(
        _ offset: Int64, of key: TopicPartition, _ client: KafkaClient, _ leader: NIOLockedValueBox<HostAndPort?>
    ) async throws -> RoundsAhead.Round {
        var reader = TopicReader(client: client)
        reader.settings.partitionMaxBytes = fetchBytes
        var backoff = Backoff()
        while true {
            do throws(ClientError) {
                var address = leader.withLockedValue { $0 }
                if address == nil { address = try await client.leaders(of: key.topic)[key.partition] }
                guard let address else { throw .refused(.leaderNotAvailable, message: nil) }
                let round = try await reader.fetch(PartitionPositions([key: offset]), leaders: [key: address])
                if let trouble = round.troubled.values.first { throw .refused(trouble, message: nil) }
                leader.withLockedValue { $0 = address }
                return RoundsAhead.Round(records: round.records, next: max(round.moves[key] ?? offset, offset))
            } catch {
                leader.withLockedValue { $0 = nil }
                guard error.isRetriable, backoff.failures < Self.fruitlessRoundsMax else { throw error }
                try await Task.sleep(for: backoff.failed())
            }
        }
    }
}

/// Puts the records of rounds together to bundles of the log.
struct BundleParts {
    /// Of a bundle whose rest is to come.
    private var begun: [DeliveredRecord] = []

    /// - Parameters:
    ///   - records: what follows those of before, in order.
    ///   - next: up to where records have come; what is before it has come, or never will.
    /// - Returns: the bundles of which nothing is to come any more, those that have records.
    mutating func take(_ records: [DeliveredRecord], before next: Int64) -> [ArraySlice<DeliveredRecord>] {
        var bundles: [ArraySlice<DeliveredRecord>] = []
        var rest = records[...]
        if let first = begun.first {
            begun += Self.removeFirst(Self.bundle(first), of: &rest)
            guard Self.bundle(first) < next >> Tile.height else { return [] }
            bundles.append(begun[...])
            begun = []
        }
        while let first = rest.first, Self.bundle(first) < next >> Tile.height {
            bundles.append(Self.removeFirst(Self.bundle(first), of: &rest))
        }
        begun = Array(rest)
        return bundles
    }

    private static func bundle(_ delivered: DeliveredRecord) -> Int64 { delivered.record.offset >> Tile.height }

    private static func removeFirst(_ bundle: Int64, of records: inout ArraySlice<DeliveredRecord>) -> ArraySlice<DeliveredRecord> {
        let end = records.firstIndex { Self.bundle($0) != bundle } ?? records.endIndex
        defer { records = records[end...] }
        return records[..<end]
    }
}
