/// Keeps what is remembered of idempotent producers bounded, whoever makes up how many ids.
///
/// Who is forgotten is in the position of one whose `producer.id.expiration.ms` is over, as in Kafka: its next batch is taken at any
/// sequence and it goes on; only a repeat of a batch that was appended before would not be known as one. Those silent longest go
/// first, so that between a batch and its repeat there would have to be thirty thousand batches of producers never seen before.
extension LogCore {
    /// After the tail's producers changed.
    func boundProducers(of tail: PartitionTail) {
        tail.producers.trim(countMax: services.settings.producersPerPartitionMax)
        recount(tail)
    }

    /// After a commit group, and at start: beyond the limit a sixteenth goes at once, so that this is rare.
    func boundProducersInAll() {
        let countMax = services.settings.producersMax
        guard producersInAll > countMax else { return }
        var times: [Int64] = []
        times.reserveCapacity(producersInAll)
        for tail in tails.values { times += tail.producers.entries.values.lazy.map(\.lastAppendTime) }
        times.sort()
        let boundary = times[min(times.count - 1, times.count - countMax + countMax / 16)]
        for tail in tails.values where tail.producersCounted > 0 {
            tail.producers.expire(before: boundary)
            recount(tail)
        }
        // Many with the same time: any of them.
        for tail in tails.values where producersInAll > countMax {
            _ = tail.producers.forget(producersInAll - countMax, lastSeenAt: boundary)
            recount(tail)
        }
    }

    /// The tail is on its way out.
    func forgetProducers(of tail: PartitionTail) {
        producersInAll -= tail.producersCounted
        tail.producersCounted = 0
    }

    private func recount(_ tail: PartitionTail) {
        producersInAll += tail.producers.entries.count - tail.producersCounted
        tail.producersCounted = tail.producers.entries.count
    }
}
