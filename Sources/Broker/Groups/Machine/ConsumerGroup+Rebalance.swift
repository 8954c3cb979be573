import OrderedCollections

extension ConsumerGroup {
    /// Something about the members has changed: begin to gather them anew, or see whether all are there.
    mutating func rebalance(at now: Moment) -> [ConsumerGroupAction] {
        var actions: [ConsumerGroupAction] = []
        let timeout = rebalanceTimeout
        switch state {
        case .preparingRebalance, .dead:
            return completeJoinIfAllJoined(at: now)
        case .empty:
            let delay = min(rules.initialRebalanceDelay, timeout)
            let initialDelay = delay > 0 ? InitialDelay(remaining: timeout - delay, memberAdded: false) : nil
            state = .preparingRebalance(
                JoinPhase(deadline: now.uptime + (delay > 0 ? delay : timeout), initialDelay: initialDelay))
            stateChangedAt = now.date
        case .completingRebalance:
            actions = refuseWaitingSyncs(.rebalanceInProgress, at: now)
            state = .preparingRebalance(JoinPhase(deadline: now.uptime + timeout))
        case .stable:
            state = .preparingRebalance(JoinPhase(deadline: now.uptime + timeout))
        }
        if case .preparingRebalance(let phase) = state { wakeUp(by: phase.deadline) }
        return actions + completeJoinIfAllJoined(at: now)
    }

    /// The generation that was being handed out will not come to be.
    mutating func refuseWaitingSyncs(_ refusal: GroupRefusal, at now: Moment) -> [ConsumerGroupAction] {
        var actions: [ConsumerGroupAction] = []
        for index in members.values.indices {
            memberBytes -= members.values[index].assignment.count
            members.values[index].assignment = []
            guard let waiting = members.values[index].waitingSync else { continue }
            members.values[index].waitingSync = nil
            actions.append(.answerSync(waiting, .refused(refusal)))
            restartSession(of: members.keys[index], at: now)
        }
        return actions
    }

    mutating func completeJoinIfAllJoined(at now: Moment) -> [ConsumerGroupAction] {
        guard case .preparingRebalance(let phase) = state, phase.initialDelay == nil, pendingMembers.isEmpty,
            members.values.allSatisfy({ $0.waitingJoin != nil })
        else { return [] }
        return completeJoin(at: now)
    }

    /// The time for joining is over.
    mutating func joinDeadlinePassed(_ phase: JoinPhase, at now: Moment) -> [ConsumerGroupAction] {
        if var delay = phase.initialDelay, delay.memberAdded, delay.remaining > 0 {
            // KIP-134: they are still arriving; wait a little more, at most a rebalance time-out in all.
            let more = min(rules.initialRebalanceDelay, delay.remaining)
            delay.remaining -= more
            delay.memberAdded = false
            state = .preparingRebalance(JoinPhase(deadline: now.uptime + more, initialDelay: delay))
            wakeUp(by: now.uptime + more)
            return []
        }
        return completeJoin(at: now)
    }

    private mutating func completeJoin(at now: Moment) -> [ConsumerGroupAction] {
        // A static member keeps its place until its session ends (KIP-345); the others had their chance.
        for member in members.values where member.waitingJoin == nil && member.instance == nil { forget(member.id) }

        if members.isEmpty { return becomeEmpty(at: now) }
        guard electLeader() else {
            // Only absent static members: nobody could assign. Each of them comes back or its session ends.
            let deadline = now.uptime + max(rebalanceTimeout, 1)
            state = .preparingRebalance(JoinPhase(deadline: deadline))
            wakeUp(by: deadline)
            return []
        }
        return beginGeneration(at: now)
    }

    private mutating func becomeEmpty(at now: Moment) -> [ConsumerGroupAction] {
        advanceGeneration()
        protocolName = nil
        leader = nil
        state = .empty
        stateChangedAt = now.date
        return [.store(record, .becameEmpty)]
    }

    private mutating func beginGeneration(at now: Moment) -> [ConsumerGroupAction] {
        advanceGeneration()
        protocolName = chosenProtocol()
        let deadline = now.uptime + rebalanceTimeout
        state = .completingRebalance(SyncPhase(unsynced: Set(members.keys), deadline: deadline, isStoring: false))
        wakeUp(by: deadline)
        var actions: [ConsumerGroupAction] = []
        for memberID in Array(members.keys) {
            guard let waiting = members[memberID]?.waitingJoin else { continue }
            members[memberID]?.waitingJoin = nil
            members[memberID]?.isNew = false
            members[memberID]?.knowsItsID = true
            restartSession(of: memberID, at: now)
            actions.append(.answerJoin(waiting, currentGeneration(for: memberID)))
        }
        return actions
    }

    /// The leader stays if it joined; else the first who did. False when nobody did.
    private mutating func electLeader() -> Bool {
        if let leader, members[leader]?.waitingJoin != nil { return true }
        guard let first = members.values.first(where: { $0.waitingJoin != nil }) else { return false }
        leader = first.id
        return true
    }

    private mutating func advanceGeneration() {
        // A member that rejoins without end must not reach a number that cannot be counted on from.
        generation = generation == Int32.max ? 1 : generation + 1
    }

    /// Each member votes for the first of its protocols that all support; most votes win, and among equals the one that the
    /// first member prefers.
    func chosenProtocol() -> String? {
        guard let first = members.values.first else { return nil }
        let candidates = first.protocols.map(\.name).filter { name in members.values.allSatisfy { $0.supports(name) } }
        var votes: [String: Int] = [:]
        for member in members.values {
            if let vote = member.protocols.first(where: { candidates.contains($0.name) }) { votes[vote.name, default: 0] += 1 }
        }
        let most = votes.values.max()
        return candidates.first { votes[$0] == most }
    }
}
