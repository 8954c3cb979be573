import KafkaWire
import NIOConcurrencyHelpers
import Storage

/// How much the topics of each agency hold, for agencies that have a quota of it. Counted again at most once a second, and between two counts
/// by what is admitted; so the quota may be passed by what is refused later, and comes back a second after space was made.
final class StoredBytes: Sendable {
    private struct Count {
        var bytes: Int64
        let time: Int64
    }

    private let counts = NIOLockedValueBox<[String: Count]>([:])
    private static let millisecondsMax: Int64 = 1000
    private let metrics: QuotaMetrics

    init(_ metrics: QuotaMetrics) { self.metrics = metrics }

    /// - Returns: why a batch of so many bytes may not be appended to the topic, or nil; then it is counted.
    func refusal(_ bytes: Int, to topic: Topic, _ catalogue: TopicCatalogue, _ quotas: QuotaTable, now: Int64) -> AdmissionRefusal? {
        let agency = topic.configuration.owner
        guard !agency.isEmpty, let quota = quotas.limit(.storedBytes, ofAgency: agency) else { return nil }
        let stored = counts.withLockedValue { counts -> Int64 in
            var count = counts[agency] ?? Count(bytes: 0, time: .min)
            if count.time == .min || now < count.time || now - count.time >= Self.millisecondsMax {
                count = Count(bytes: Self.bytes(of: agency, catalogue), time: now)
            }
            let stored = count.bytes
            if Double(stored) + Double(bytes) <= quota { count.bytes += Int64(bytes) }
            counts[agency] = count
            return stored
        }
        guard Double(stored) + Double(bytes) > quota else { return nil }
        metrics.refused(agency, .storedBytes)
        return AdmissionRefusal(
            .policyViolation,
            "the topics of agency \(agency) hold \(stored) bytes and may hold \(Int64(quota)) (\(QuotaKey.storedBytes.rawValue)); delete records, or ask for a larger quota")
    }

    private static func bytes(of agency: String, _ catalogue: TopicCatalogue) -> Int64 {
        catalogue.topics.reduce(0) { sum, topic in
            guard topic.configuration.owner == agency else { return sum }
            return topic.partitions.reduce(sum) { $0 + max(0, $1.bounds.sizeBytes) }
        }
    }
}
