import KafkaWire

/// Reads a quarantine: what is in it, and what became of that. Two passes in place of one table of everything, because a publisher that
/// went wrong at night may have left a million entries.
struct QuarantineReader: Sendable {
    let client: KafkaClient
    /// A partition's newest records, among which an earlier correction is looked for.
    var correctionsLookedAtMax: Int64 = 1_000_000

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

    enum Correction: Equatable, Sendable {
        case found(QuarantinePlace)
        /// - Parameter isCertain: everything was looked at that may be one.
        case none(isCertain: Bool)
    }

    /// What an entry's origin has of a correction: whoever published one may have been stopped before saying so in the quarantine. It
    /// carries the entry's time, so nothing before that is looked at.
    func correction(of entry: QuarantinedRecord) async throws(ClientError) -> Correction {
        let topic = entry.originTopic
        let partitions = try await client.partitions(of: topic).indexes
        // Below 0 a time is none, and means something else to ListOffsets.
        let since: OffsetPosition = entry.timestamp >= 0 ? .time(entry.timestamp) : .earliest
        let ends = try await client.offsets(of: topic, partitions: partitions, at: .latest)
        var isCertain = true
        var start: [Int32: Int64] = [:]
        for (partition, offset) in try await client.offsets(of: topic, partitions: partitions, at: since) {
            let first = max(offset, (ends[partition] ?? 0) - correctionsLookedAtMax)
            if first > offset { isCertain = false }
            start[partition] = first
        }
        var found: QuarantinePlace?
        try await client.readToEnd(of: topic, from: start) { delivered in
            guard delivered.record.header(Resolution.linkHeader) == entry.place.description else { return }
            found = found ?? QuarantinePlace(topic: topic, partition: delivered.partition.partition, offset: delivered.record.offset)
        }
        return found.map { .found($0) } ?? .none(isCertain: isCertain)
    }
}
