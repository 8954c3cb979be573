import Atomics
import KafkaWire
import NIOCore

/// How many fetch sessions, and how many partitions in them, all event loops together may keep.
final class FetchSessionBudget: Sendable {
    private let slotsLeft: ManagedAtomic<Int>
    private let partitionsLeft: ManagedAtomic<Int>

    init(slots: Int) {
        slotsLeft = ManagedAtomic(slots)
        partitionsLeft = ManagedAtomic(slots * Limits.fetchSessionPartitionsPerSlot)
    }

    /// - Returns: false, and takes nothing, where there is not enough left.
    func take(slots: Int, partitions: Int) -> Bool {
        guard Self.take(slots, from: slotsLeft) else { return false }
        guard Self.take(partitions, from: partitionsLeft) else {
            slotsLeft.wrappingIncrement(by: slots, ordering: .relaxed)
            return false
        }
        return true
    }

    func give(slots: Int, partitions: Int) {
        slotsLeft.wrappingIncrement(by: slots, ordering: .relaxed)
        partitionsLeft.wrappingIncrement(by: partitions, ordering: .relaxed)
    }

    private static func take(_ count: Int, from pool: ManagedAtomic<Int>) -> Bool {
        let left = pool.wrappingDecrementThenLoad(by: count, ordering: .relaxed)
        guard left < 0 else { return true }
        pool.wrappingIncrement(by: count, ordering: .relaxed)
        return false
    }
}

/// The incremental fetch sessions (KIP-227) of one event loop's connections. Confined to the event loop.
///
/// A session belongs to the connection that made it, one each: it ends with it, and no other node can name it. When the budget
/// of all loops is used up, sessions here that were idle for a while make room; else the client fetches without one.
final class FetchSessionCache {
    private var sessions: [Int32: FetchSession] = [:]
    private let budget: FetchSessionBudget

    init(budget: FetchSessionBudget) { self.budget = budget }

    var count: Int { sessions.count }

    /// The session of this id, if this connection made it.
    func session(_ id: Int32, of connection: KafkaSession) -> FetchSession? {
        guard let session = sessions[id], session.owner == ObjectIdentifier(connection) else { return nil }
        return session
    }

    /// A new session in the place of the connection's earlier one, or nil where there is no room.
    func make(for connection: KafkaSession, items: [FetchItem], usesTopicIDs: Bool, now: NIODeadline) -> FetchSession? {
        removeAll(of: connection)
        guard items.count <= Limits.fetchSessionPartitionsMax, items.allSatisfy(\.isNamedWithinLimits) else { return nil }
        if !budget.take(slots: 1, partitions: items.count) {
            evictIdle(now: now)
            guard budget.take(slots: 1, partitions: items.count) else { return nil }
        }
        let session = FetchSession(
            id: unusedID(), owner: ObjectIdentifier(connection), items: items, usesTopicIDs: usesTopicIDs, now: now)
        sessions[session.id] = session
        return session
    }

    /// - Returns: false where the session would become larger than allowed; it is removed then.
    func charge(_ session: FetchSession, partitionsBefore: Int) -> Bool {
        let grown = session.items.count - partitionsBefore
        if grown <= 0 {
            budget.give(slots: 0, partitions: -grown)
            return true
        }
        guard session.items.count <= Limits.fetchSessionPartitionsMax, budget.take(slots: 0, partitions: grown) else {
            sessions[session.id] = nil
            budget.give(slots: 1, partitions: partitionsBefore)
            return false
        }
        return true
    }

    func remove(_ session: FetchSession) {
        guard sessions.removeValue(forKey: session.id) != nil else { return }
        budget.give(slots: 1, partitions: session.items.count)
    }

    func removeAll(of connection: KafkaSession) {
        guard let id = connection.fetchSessionID else { return }
        connection.fetchSessionID = nil
        if let session = session(id, of: connection) { remove(session) }
    }

    private func evictIdle(now: NIODeadline) {
        let idle = TimeAmount.milliseconds(Int64(Limits.fetchSessionIdleMilliseconds))
        for session in Array(sessions.values) where session.lastUsed + idle <= now { remove(session) }
    }

    private func unusedID() -> Int32 {
        var id = Int32.random(in: 1...Int32.max)
        while sessions[id] != nil { id = Int32.random(in: 1...Int32.max) }
        return id
    }
}
