import Storage

/// Stands in the catalogue for a partition that could not be opened at start, so that one lost partition keeps neither the others
/// nor the broker from serving. It answers everything with why, and is not made anew: an empty log in the place of a lost one would
/// give its offsets to other records.
final class OfflinePartition: PartitionLog {
    let id: PartitionID
    private let why: String

    init(_ id: PartitionID, because why: String) {
        self.id = id
        self.why = why
    }

    var bounds: LogBounds {
        LogBounds(logStart: .zero, highWatermark: .zero, leaderEpoch: 0, sizeBytes: 0, state: .offline(why))
    }

    func append(_ batch: AdmittedBatch, ticket: AppendTicket, completions: (any AppendCompletionQueue)?) {
        completions?.complete([(ticket, .failed(.offline(why)))])
    }

    func read(_ request: LogReadRequest, completion: @escaping @Sendable (Result<LogSlice, StorageError>) -> Void) {
        completion(.failure(.offline(why)))
    }

    func lookUp(_ query: OffsetQuery) async throws(StorageError) -> TimestampedOffset? { throw .offline(why) }
    func endOffset(ofEpoch epoch: Int32) -> (epoch: Int32, endOffset: Offset)? { nil }
    func truncateHead(before offset: Offset) async throws(StorageError) -> Offset { throw .offline(why) }
    func apply(_ settings: PartitionSettings) async throws(StorageError) { throw .offline(why) }
}
