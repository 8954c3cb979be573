import Atomics
import CLinux
import Logging
import NIOConcurrencyHelpers
import Storage

#if canImport(Glibc)
import Glibc
#endif

/// Makes the trees grow, behind the acknowledgements: the log thread names partitions whose log grew, one thread hashes what they have.
final class EvidenceKeeper: Sendable {
    private struct State {
        var waiting: [Partition] = []
        /// What could not be hashed, to be tried again.
        var failed: [PartitionID: Partition] = [:]
        var grown: [PartitionID: Partition] = [:]
        /// With the tree's size when maintenance last looked.
        var unmarked: [PartitionID: (partition: Partition, size: Int64)] = [:]
        var isClosed = false
        var sleeps = false
        var isRunning = false
    }

    private let logger: Logger
    private let state = NIOLockedValueBox(State())
    private let bell = Bell()
    private let ended = Bell()

    /// What comes in this time is hashed together: many small commits cost little more than one. It is in memory still.
    private static let gatheringMicroseconds: UInt32 = 20_000
    /// Trees marked in one round of maintenance because they have come to rest.
    private static let marksPerRound = 64

    init(logger: Logger, isStepped: Bool) {
        self.logger = logger
        guard !isStepped else { return }
        state.withLockedValue { $0.isRunning = true }
        startThread(name: "log-evidence") { [self] in run() }
    }

    /// The partition's log grew. From the log thread, so it is brief.
    func note(_ partition: Partition) {
        guard !partition.isTreeWaiting.exchange(true, ordering: .acquiringAndReleasing) else { return }
        let wakes = state.withLockedValue { state -> Bool in
            state.waiting.append(partition)
            defer { state.sleeps = false }
            return state.sleeps
        }
        if wakes { bell.ring() }
    }

    private func run() {
        var maker = FrameEntries()
        var hasMore = false
        while true {
            let reading = bell.reading
            let (isEmpty, isClosed) = state.withLockedValue { state in
                state.sleeps = state.waiting.isEmpty
                return (state.waiting.isEmpty, state.isClosed)
            }
            if isEmpty {
                if isClosed { break }
                bell.wait(after: reading)
                continue
            }
            if !isClosed, !hasMore { usleep(Self.gatheringMicroseconds) }
            hasMore = growWaiting(&maker)
        }
        state.withLockedValue { $0.isRunning = false }
        ended.ring()
    }

    /// On the calling thread, for a store without threads.
    func runWaiting() {
        var maker = FrameEntries()
        while growWaiting(&maker) {}
    }

    /// One piece of each partition that waits, by turns.
    /// - Returns: whether some have more.
    func growWaiting(_ maker: inout FrameEntries) -> Bool {
        let waiting = state.withLockedValue { state -> [Partition] in
            defer { state.waiting = [] }
            return state.waiting
        }
        var hasMore = false
        for partition in waiting {
            // Before it is looked at: what grows from here on is a reason to look again.
            partition.isTreeWaiting.store(false, ordering: .sequentiallyConsistent)
            if grow(partition, &maker) {
                note(partition)
                hasMore = true
            }
        }
        return hasMore
    }

    /// - Returns: whether the partition has more.
    private func grow(_ partition: Partition, _ maker: inout FrameEntries) -> Bool {
        let before = partition.head
        do throws(Partition.TreeFailure) {
            let growth = try partition.growTree(&maker)
            let head = partition.head
            state.withLockedValue { state in
                if head != before { state.grown[partition.id] = partition }
                if case .done(isUnmarked: false) = growth {
                    state.unmarked[partition.id] = nil
                } else if state.unmarked[partition.id] == nil {
                    state.unmarked[partition.id] = (partition, -1)
                }
            }
            if case .hasMore = growth { return true }
        } catch {
            let trouble = SegmentFrames(partition).storageError(error)
            // Told once a round of maintenance: a log that goes on growing meets it with every commit.
            if state.withLockedValue({ $0.failed.updateValue(partition, forKey: partition.id) }) == nil {
                logger.error("partition \(partition.id): the tree does not grow: \(trouble)")
            }
        }
        return false
    }

    func takeGrown() -> [GrownTree] {
        let grown = state.withLockedValue { state -> [PartitionID: Partition] in
            defer { state.grown = [:] }
            return state.grown
        }
        return grown.map { GrownTree(partition: $0.key, head: $0.value.head) }
    }

    /// Tries again what failed, and marks trees that did not grow since the last call.
    func maintain() {
        let (failed, resting) = state.withLockedValue { state -> ([Partition], [Partition]) in
            var resting: [Partition] = []
            for (id, (partition, size)) in state.unmarked {
                let now = partition.head.size
                if size == now, resting.count < Self.marksPerRound {
                    resting.append(partition)
                    state.unmarked[id] = nil
                } else {
                    state.unmarked[id] = (partition, now)
                }
            }
            defer { state.failed = [:] }
            return (Array(state.failed.values), resting)
        }
        for partition in failed { note(partition) }
        for partition in resting { mark(partition) }
    }

    private func mark(_ partition: Partition) {
        do throws(Partition.TreeFailure) {
            try partition.markTree()
        } catch {
            logger.warning("partition \(partition.id): no mark of its tree was put down: \(SegmentFrames(partition).storageError(error))")
        }
    }

    func forget(_ partition: Partition) {
        state.withLockedValue { state in
            state.grown[partition.id] = nil
            state.unmarked[partition.id] = nil
            state.waiting.removeAll { $0 === partition }
            state.failed[partition.id] = nil
        }
    }

    /// Finishes what waits and puts a mark under every tree, so that the next start has nothing to hash.
    func close(_ crew: SyncCrew) {
        state.withLockedValue { $0.isClosed = true }
        bell.ring()
        while true {
            let reading = ended.reading
            if !state.withLockedValue({ $0.isRunning }) { break }
            ended.wait(after: reading)
        }
        runWaiting()
        let unmarked = state.withLockedValue { state -> [Partition] in
            defer { state.unmarked = [:] }
            return state.unmarked.values.map(\.partition)
        }
        crew.forEach(unmarked.count) { [self] index in mark(unmarked[index]) }
    }
}
