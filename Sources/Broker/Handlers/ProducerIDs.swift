import Storage

/// Hands out producer ids from blocks that the metadata store reserved: no id twice, also after a crash, which loses at most
/// the rest of a block.
actor ProducerIDs {
    private let metadata: any MetadataStore
    private var block: Range<Int64> = 0..<0

    init(metadata: any MetadataStore) { self.metadata = metadata }

    /// For one HTTPS request with an idempotency key. Nothing is ever sent again under such an id.
    func nextOfRequests() async throws(StorageError) -> Int64 { ProducerIDRange.firstOfRequests + (try await next()) }

    func next() async throws(StorageError) -> Int64 {
        // Two callers may both reserve while the block is empty; ids are many, and each is used once still.
        if block.isEmpty { block = try await metadata.reserveProducerIDs(count: Limits.producerIDBlock) }
        guard let id = block.first else { throw .io(operation: "reserving producer ids: the store gave an empty block", errno: 0) }
        block = (id + 1)..<block.upperBound
        return id
    }
}
