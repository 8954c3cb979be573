import Storage

extension GroupShard {
    /// Queues a write of a group. It reaches the store after all earlier ones of the same group.
    func write(_ write: GroupWriteQueue.Write, _ waiter: GroupWriteQueue.Waiter, for entry: GroupEntry) {
        entry.writes.append(write, waiter)
        guard !entry.writes.isDraining else { return }
        entry.writes.isDraining = true
        Task { await drain(entry) }
    }

    /// The same, and waits. nil: it is durable.
    func writeAndWait(_ write: GroupWriteQueue.Write, for entry: GroupEntry) async -> StorageError? {
        await withCheckedContinuation { self.write(write, .request($0), for: entry) }
    }

    private func drain(_ entry: GroupEntry) async {
        while let item = entry.writes.next() {
            let failure = await execute(item.write, group: entry.group.id)
            if failure == nil { take(item.write, into: entry) }
            for waiter in item.waiters {
                switch waiter {
                case .machine(let purpose):
                    perform(on: entry) { $0.recordStored(purpose, succeeded: failure == nil, at: clock.now()) }
                case .request(let continuation):
                    continuation.resume(returning: failure)
                case .nobody:
                    break
                }
            }
        }
        entry.writes.isDraining = false
        settle(entry)
    }

    private func execute(_ write: GroupWriteQueue.Write, group id: String) async -> StorageError? {
        do throws(StorageError) {
            switch write {
            case .putGroup(let record): try await store.apply(.putGroup(record))
            case .commit(let offsets): try await store.commit(Array(offsets.values), group: id)
            case .deleteOffsets(let partitions): try await store.apply(.deleteOffsets(group: id, partitions: partitions))
            case .deleteGroup: try await store.apply(.deleteGroup(id))
            }
            return nil
        } catch {
            return error
        }
    }

    /// The commit point: what the store has made durable becomes what is served.
    private func take(_ write: GroupWriteQueue.Write, into entry: GroupEntry) {
        let before = entry.offsets.count
        switch write {
        case .putGroup:
            entry.isStored = true
        case .commit(let offsets):
            entry.offsets.merge(offsets) { $1 }
        case .deleteOffsets(let partitions):
            for partition in partitions { entry.offsets[partition] = nil }
        case .deleteGroup:
            entry.offsets = [:]
            entry.isStored = false
            if groups[entry.group.id] === entry { groups[entry.group.id] = nil }
            deadlines.set(Int64.max, for: entry.group.id)
        }
        offsetCount += entry.offsets.count - before
    }
}
