import OrderedCollections
import Storage

/// Partitions whose newest checkpoint is still to be sent to a witness, each at most once, however fast checkpoints are made: what waits is a
/// set of names, and so has a largest size. No partition is handed out twice at a time.
actor SubmissionQueue {
    private var waiting: OrderedSet<PartitionID> = []
    /// Handed out; true where it is to be handed out again.
    private var inWork: [PartitionID: Bool] = [:]
    private var takers: [CheckedContinuation<PartitionID?, Never>] = []
    private var isClosed = false

    var count: Int { waiting.count + inWork.count }

    func put(_ partitions: some Sequence<PartitionID>) {
        for partition in partitions {
            if inWork[partition] != nil {
                inWork[partition] = true
            } else {
                waiting.append(partition)
            }
        }
        while !takers.isEmpty, let next = takeWaiting() { takers.removeFirst().resume(returning: next) }
    }

    /// Waits for one. nil once the queue is closed.
    func take() async -> PartitionID? {
        if isClosed { return nil }
        if let next = takeWaiting() { return next }
        return await withCheckedContinuation { takers.append($0) }
    }

    /// Of one that was taken.
    func done(_ partition: PartitionID) {
        guard inWork.removeValue(forKey: partition) == true else { return }
        put([partition])
    }

    func close() {
        isClosed = true
        for taker in takers { taker.resume(returning: nil) }
        takers = []
    }

    private func takeWaiting() -> PartitionID? {
        guard !waiting.isEmpty else { return nil }
        let next = waiting.removeFirst()
        inWork[next] = false
        return next
    }
}
