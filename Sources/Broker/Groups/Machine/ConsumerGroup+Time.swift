import OrderedCollections

extension ConsumerGroup {
    /// Carries out everything that is due. Harmless when nothing is.
    mutating func timePassed(at now: Moment) -> [ConsumerGroupAction] {
        var due = pendingMembers.filter { $0.value <= now.uptime }.keys.sorted()
        due += members.values.filter { isExpired($0, at: now) }.map(\.id)
        var actions = due.isEmpty ? [] : dropMembers(due, at: now)
        actions += phaseDeadlinePassed(at: now)
        wakeUpAt = earliestDeadline(after: now)
        return actions
    }

    private mutating func phaseDeadlinePassed(at now: Moment) -> [ConsumerGroupAction] {
        switch state {
        case .preparingRebalance(let phase) where phase.deadline <= now.uptime:
            return joinDeadlinePassed(phase, at: now)
        case .completingRebalance(let phase) where !phase.unsynced.isEmpty && phase.deadline <= now.uptime,
            .stable(let phase) where !phase.unsynced.isEmpty && phase.deadline <= now.uptime:
            // They were told of a generation and never asked for their part of it.
            return dropMembers(phase.unsynced.sorted(), at: now)
        case .empty, .preparingRebalance, .completingRebalance, .stable, .dead:
            return []
        }
    }

    /// A member whose request waits here is alive as far as anyone can tell, unless it was never in a generation: nobody
    /// would ever end that wait.
    private func isExpired(_ member: GroupMember, at now: Moment) -> Bool {
        guard member.sessionDeadline <= now.uptime else { return false }
        return member.isNew || (member.waitingJoin == nil && member.waitingSync == nil)
    }

    private func earliestDeadline(after now: Moment) -> Int64 {
        var earliest = pendingMembers.values.min() ?? Int64.max
        for member in members.values where member.isNew || (member.waitingJoin == nil && member.waitingSync == nil) {
            earliest = min(earliest, member.sessionDeadline)
        }
        switch state {
        case .preparingRebalance(let phase):
            earliest = min(earliest, phase.deadline)
        case .completingRebalance(let phase), .stable(let phase):
            if !phase.unsynced.isEmpty { earliest = min(earliest, phase.deadline) }
        case .empty, .dead:
            break
        }
        // A time-out of 0 ms may be due at once again: the wake-up is a moment later, never a loop.
        return earliest == Int64.max ? earliest : max(earliest, now.uptime + 1)
    }
}
