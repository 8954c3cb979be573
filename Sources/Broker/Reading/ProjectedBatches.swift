import DequeModule
import KafkaWire
import NIOConcurrencyHelpers
import Storage

/// Batches as they were made for restricted subscribers, so that the members of a group, and the agencies under one rule, cost one projection.
///
/// A batch of the log never changes, so what was made of it holds as long as the restriction's edition does. Bounded in bytes: the oldest goes first.
/// The lock is held for a look-up, once a batch.
final class ProjectedBatches: Sendable {
    private struct Place: Hashable {
        let edition: Restriction.Edition
        let partition: PartitionID
        let baseOffset: Int64
    }

    private struct State {
        var batches: [Place: ProjectedBatch] = [:]
        var order: Deque<Place> = []
        var bytes = 0
        /// Restrictions of an older one are not kept for.
        var generation: UInt64 = 0
    }

    private let state = NIOLockedValueBox(State())
    private let bytesMax: Int

    init(bytesMax: Int = ReadingLimits.projectedBytesMax) { self.bytesMax = bytesMax }

    var bytes: Int { state.withLockedValue { $0.bytes } }
    var count: Int { state.withLockedValue { $0.batches.count } }

    func find(_ stored: StoredBatch, of partition: PartitionID, under edition: Restriction.Edition) -> ProjectedBatch? {
        let place = Place(edition: edition, partition: partition, baseOffset: stored.baseOffset.rawValue)
        return state.withLockedValue { $0.batches[place] }
    }

    func keep(_ batch: ProjectedBatch, of partition: PartitionID, under edition: Restriction.Edition) {
        let place = Place(edition: edition, partition: partition, baseOffset: batch.baseOffset.rawValue)
        guard batch.keptBytes <= bytesMax else { return }
        state.withLockedValue { state in
            guard edition.generation == state.generation, state.batches.updateValue(batch, forKey: place) == nil else { return }
            state.order.append(place)
            state.bytes += batch.keptBytes
            while state.bytes > bytesMax, let oldest = state.order.popFirst(), let gone = state.batches.removeValue(forKey: oldest) {
                state.bytes -= gone.keptBytes
            }
        }
    }

    /// Nothing of what was made under an older policy is kept, and nothing of it comes in any more.
    func begin(generation: UInt64) {
        state.withLockedValue { state in
            state.batches = [:]
            state.order = []
            state.bytes = 0
            state.generation = generation
        }
    }
}
