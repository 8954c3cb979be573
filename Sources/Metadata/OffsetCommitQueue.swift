import GRDB
import Storage
import Synchronization

/// Offset commits that wait while the writer syncs share the next transaction: a thousand consumers that commit at once cost two
/// syncs, not a thousand. Commits are applied in the order in which they came, and answered after the sync.
final class OffsetCommitQueue: Sendable {
    /// Calls and offsets that may wait at once; one more is refused with `.overloaded`, which clients retry.
    static let waitingCallsMax = 8_192
    static let waitingOffsetsMax = 262_144

    private struct Waiting {
        var calls: [Call] = []
        var offsetCount = 0
        var isScheduled = false
        var isClosed = false
    }

    private struct Call: Sendable {
        let group: String
        let offsets: [CommittedOffset]
        let answer: CheckedContinuation<Result<Void, StorageError>, Never>
    }

    private let waiting = Mutex(Waiting())

    func commit(_ offsets: [CommittedOffset], group: String, in pool: DatabasePool) async throws(StorageError) {
        guard !offsets.isEmpty else { return }
        let result: Result<Void, StorageError> = await withCheckedContinuation { continuation in
            let call = Call(group: group, offsets: offsets, answer: continuation)
            switch enqueue(call) {
            case .refused(let error): continuation.resume(returning: .failure(error))
            case .joined: break
            case .mustSchedule: schedule(in: pool)
            }
        }
        try result.get()
    }

    /// Refuses further commits and waits for those that wait.
    func close(in pool: DatabasePool) async {
        waiting.withLock { $0.isClosed = true }
        // The writer works in order: an empty turn ends after every turn scheduled before it.
        await withCheckedContinuation { continuation in
            pool.asyncWriteWithoutTransaction { _ in continuation.resume() }
        }
    }

    private enum Enqueued {
        case refused(StorageError), joined, mustSchedule
    }

    private func enqueue(_ call: Call) -> Enqueued {
        waiting.withLock { waiting in
            guard !waiting.isClosed else { return .refused(.shutDown) }
            guard waiting.calls.count < Self.waitingCallsMax,
                waiting.offsetCount + call.offsets.count <= Self.waitingOffsetsMax
            else { return .refused(.overloaded) }
            waiting.calls.append(call)
            waiting.offsetCount += call.offsets.count
            guard !waiting.isScheduled else { return .joined }
            waiting.isScheduled = true
            return .mustSchedule
        }
    }

    private func schedule(in pool: DatabasePool) {
        pool.asyncWriteWithoutTransaction { database in
            let calls = self.takeAll()
            let result = MetadataDatabase.transaction(in: database) { database in
                for call in calls { try OffsetTable.put(call.offsets, group: call.group, database) }
            }
            for call in calls { call.answer.resume(returning: result) }
        }
    }

    /// Whoever comes from now on needs a turn of its own: it waits behind this one's sync.
    private func takeAll() -> [Call] {
        waiting.withLock { waiting in
            let calls = waiting.calls
            waiting.calls = []
            waiting.offsetCount = 0
            waiting.isScheduled = false
            return calls
        }
    }
}
