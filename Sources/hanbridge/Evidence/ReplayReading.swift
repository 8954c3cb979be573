import KafkaWire
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
    func read(_ offsets: Range<Int64>, _ pace: inout Pace, _ body: ([DeliveredRecord]) async throws -> Void) async throws {
        let key = TopicPartition(topic: log.topic, partition: log.partition)
        var next = offsets.lowerBound
        var waiting: [DeliveredRecord] = []
        var reader = TopicReader(client: client)
        reader.settings.partitionMaxBytes = Self.fetchBytes
        var backoff = Backoff()
        while next < offsets.upperBound {
            let round: TopicReader.Round
            do throws(ClientError) {
                guard let leader = try await client.leaders(of: log.topic)[log.partition] else { throw .refused(.leaderNotAvailable, message: nil) }
                round = try await reader.fetch(PartitionPositions([key: next]), leaders: [key: leader])
                if let trouble = round.troubled.values.first { throw .refused(trouble, message: nil) }
            } catch {
                guard error.isRetriable, backoff.failures < Self.fruitlessRoundsMax else { throw error }
                try? await Task.sleep(for: backoff.failed())
                continue
            }
            backoff.succeeded()
            waiting += round.records.filter { offsets.contains($0.record.offset) }
            next = max(round.moves[key] ?? next, next)
            await pace.pass(round.records.reduce(0) { $0 + ($1.record.value?.readableBytes ?? 0) + ($1.record.key?.readableBytes ?? 0) })
            waiting = try await handOver(waiting, before: next, isEnd: next >= offsets.upperBound, body)
        }
    }

    /// Whole bundles; what is left of the last one stays.
    private func handOver(
        _ records: [DeliveredRecord], before next: Int64, isEnd: Bool, _ body: ([DeliveredRecord]) async throws -> Void
    ) async throws -> [DeliveredRecord] {
        let whole = isEnd ? Int64.max : (next >> Tile.height) << Tile.height
        let ready = records.prefix { $0.record.offset < whole }
        var start = ready.startIndex
        while start < ready.endIndex {
            let bundle = ready[start].record.offset >> Tile.height
            let end = ready[start...].firstIndex { $0.record.offset >> Tile.height != bundle } ?? ready.endIndex
            try await body(Array(ready[start..<end]))
            start = end
        }
        return Array(records.dropFirst(ready.count))
    }
}
