import OrderedCollections

extension ConsumerGroup {
    /// - Returns: nil when the member is well and may go on.
    mutating func heartbeatReceived(
        from claim: MemberClaim, generation claimed: Int32, at now: Moment
    ) -> GroupRefusal? {
        guard !isDead else { return .notAvailable }
        if let refusal = refusal(ofMember: claim.memberID, instance: claim.instance) { return refusal }
        guard claimed == generation else { return .illegalGeneration }
        switch state {
        case .empty, .dead:
            return .unknownMember
        case .preparingRebalance:
            restartSession(of: claim.memberID, at: now)
            return .rebalanceInProgress
        case .completingRebalance, .stable:
            // Members send heartbeats as soon as they have joined, before the leader's assignment is there.
            restartSession(of: claim.memberID, at: now)
            return nil
        }
    }

    /// A LeaveGroup request arrived; one rebalance follows for all who left.
    /// - Returns: for each claim nil when it left, and what follows.
    mutating func leaveRequested(
        _ claims: [MemberClaim], at now: Moment
    ) -> (verdicts: [GroupRefusal?], actions: [ConsumerGroupAction]) {
        guard !isDead else { return (claims.map { _ in .notAvailable }, []) }
        var verdicts: [GroupRefusal?] = []
        var leavers: OrderedSet<String> = []
        for claim in claims {
            let (memberID, refusal) = leaver(claim)
            let isRepeated = memberID.map { !leavers.append($0).inserted } ?? false
            verdicts.append(isRepeated ? .unknownMember : refusal)
        }
        return (verdicts, dropMembers(Array(leavers), at: now))
    }

    /// An administrator names a static member by its instance id alone (KIP-345); a process names itself.
    private func leaver(_ claim: MemberClaim) -> (memberID: String?, refusal: GroupRefusal?) {
        if claim.memberID.isEmpty {
            guard let instance = claim.instance, let memberID = staticMembers[instance] else { return (nil, .unknownMember) }
            return (memberID, nil)
        }
        if claim.instance == nil, pendingMembers[claim.memberID] != nil { return (claim.memberID, nil) }
        if let refusal = refusal(ofMember: claim.memberID, instance: claim.instance) { return (nil, refusal) }
        return (claim.memberID, nil)
    }

    /// Removes members and pending ids, answers what they wait for, and lets the others rebalance once.
    mutating func dropMembers(_ leavers: [String], at now: Moment) -> [ConsumerGroupAction] {
        var actions: [ConsumerGroupAction] = []
        var changed = false
        var pendingLeft = false
        for memberID in leavers {
            if pendingMembers.removeValue(forKey: memberID) != nil { pendingLeft = true }
            guard let member = members[memberID] else { continue }
            if let waiting = member.waitingJoin {
                actions.append(.answerJoin(waiting, .refused(.unknownMember, memberID: memberID)))
            }
            if let waiting = member.waitingSync { actions.append(.answerSync(waiting, .refused(.unknownMember))) }
            forget(memberID)
            changed = true
        }
        if changed { return actions + rebalance(at: now) }
        // An id that was handed out and never used no longer holds up the others.
        return pendingLeft ? actions + completeJoinIfAllJoined(at: now) : actions
    }

    /// Removes a member for which nothing waits.
    mutating func forget(_ memberID: String) {
        guard let member = members.removeValue(forKey: memberID) else { return }
        memberBytes -= member.byteCount
        if let instance = member.instance, staticMembers[instance] == memberID { staticMembers[instance] = nil }
        if leader == memberID { leader = members.keys.first }
        switch state {
        case .completingRebalance(var phase):
            phase.unsynced.remove(memberID)
            state = .completingRebalance(phase)
        case .stable(var phase):
            phase.unsynced.remove(memberID)
            state = .stable(phase)
        case .empty, .preparingRebalance, .dead:
            break
        }
    }

    /// The connection of a waiting request is gone. Its member has a session time-out to come back in; one that was never
    /// told its id cannot, and is forgotten. The shard releases the request itself.
    mutating func requestAbandoned(_ ticket: RequestTicket, at now: Moment) -> [ConsumerGroupAction] {
        guard let member = members.values.first(where: { $0.waitingJoin == ticket || $0.waitingSync == ticket }) else { return [] }
        if member.waitingJoin == ticket {
            members[member.id]?.waitingJoin = nil
            if member.isNew, !member.knowsItsID, member.instance == nil { return dropMembers([member.id], at: now) }
        } else {
            members[member.id]?.waitingSync = nil
        }
        restartSession(of: member.id, at: now)
        return []
    }

    /// An administrator deletes the group, or it has nothing left. It is dead from now on; `deletionFailed` undoes that.
    mutating func deletionRequested() -> GroupRefusal? {
        switch state {
        case .dead:
            return .groupNotFound
        case .preparingRebalance, .completingRebalance, .stable:
            return .groupNotEmpty
        case .empty:
            pendingMembers = [:]
            state = .dead
            return nil
        }
    }

    mutating func deletionFailed() {
        precondition(isDead && members.isEmpty, "group \(id): a deletion failed that never began")
        state = .empty
    }
}
