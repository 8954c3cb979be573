import KafkaWire
import NIOCore

/// Fetches a range of a partition round by round, the next ones while the one at hand is used: who reads, who hashes and the broker work
/// side by side.
final class RoundsAhead {
    struct Round: Sendable {
        /// In order, all of the range.
        var records: [DeliveredRecord] = []
        /// Behind what it brought.
        let next: Int64
        /// Of keys and values, uncompressed.
        var bytes: Int { records.reduce(0) { $0 + ($1.record.value?.readableBytes ?? 0) + ($1.record.key?.readableBytes ?? 0) } }
    }

    /// What follows an offset; may bring nothing.
    typealias Fetch = @Sendable (Int64) async throws -> Round

    /// Rounds fetched, or being fetched, before they are asked for.
    static let aheadMax = 2
    /// A round of more bytes, which only compressed ones can have, is used before another one is fetched.
    static let roundBytesMax = 32 << 20

    private let offsets: Range<Int64>
    private let fetch: Fetch
    private var coming: [Task<Round, any Error>] = []
    private var last: Task<Round, any Error>?
    private var isAtEnd: Bool
    private var ahead = RoundsAhead.aheadMax

    init(_ offsets: Range<Int64>, fetch: @escaping Fetch) {
        self.offsets = offsets
        self.fetch = fetch
        isAtEnd = offsets.isEmpty
    }

    deinit { for task in coming { task.cancel() } }

    /// nil after the round that reached the range's end.
    func next() async throws -> Round? {
        guard !isAtEnd else { return nil }
        // One more than those that stay ahead when it is taken.
        while coming.count <= ahead { ask() }
        let round = try await coming.removeFirst().value
        ahead = round.bytes > Self.roundBytesMax ? 0 : Self.aheadMax
        isAtEnd = round.next >= offsets.upperBound
        return round
    }

    /// One after the other: where a round begins the one before it knows.
    private func ask() {
        let task = Task { [offsets, fetch, last] in
            let start = try await last?.value.next ?? offsets.lowerBound
            guard start < offsets.upperBound else { return Round(next: start) }
            try Task.checkCancellation()
            var round = try await fetch(start)
            if round.records.contains(where: { !offsets.contains($0.record.offset) }) {
                round.records.removeAll { !offsets.contains($0.record.offset) }
            }
            return round
        }
        coming.append(task)
        last = task
    }
}
