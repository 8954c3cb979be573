import OrderedCollections

extension ConsumerGroup {
    /// KIP-345: a process with a known `group.instance.id` came back without its member id. It takes its predecessor's place
    /// under a new id, and whatever still waits under the old one is fenced.
    mutating func replaceStaticMember(
        _ former: String, by memberID: String, _ request: JoinRequest, _ ticket: RequestTicket, _ now: Moment
    ) -> [ConsumerGroupAction] {
        guard let place = members.index(forKey: former) else { return [] }
        var member = members.remove(at: place).value
        var actions: [ConsumerGroupAction] = []
        if let waiting = member.waitingJoin {
            actions.append(.answerJoin(waiting, .refused(.fencedInstance, memberID: former)))
        }
        if let waiting = member.waitingSync { actions.append(.answerSync(waiting, .refused(.fencedInstance))) }
        let formerSubscription = GroupSubscription(member.metadata(of: protocolName), protocolType: protocolType)
        let formerLeader = leader

        memberBytes += memberID.utf8.count - former.utf8.count
        member.id = memberID
        member.waitingJoin = nil
        member.waitingSync = nil
        members.updateValue(member, forKey: memberID, insertingAt: place)
        staticMembers[request.instance ?? ""] = memberID
        if leader == former { leader = memberID }
        exchangeUnsynced(former, memberID)

        var renamed = request
        renamed.memberID = memberID
        actions += updateMember(renamed, ticket, now)

        switch state {
        case .stable:
            let subscription = GroupSubscription(
                members[memberID]?.metadata(of: protocolName) ?? [], protocolType: protocolType)
            // Its assignment still fits: storing the new id is enough, and nobody else notices the restart.
            if chosenProtocol() == protocolName, subscription.wantsTheSame(as: formerSubscription) {
                actions.append(
                    .store(
                        record,
                        .staticMemberReplaced(
                            ticket, memberID: memberID, formerLeader: formerLeader, skipsAssignment: request.canSkipAssignment)))
                return actions
            }
            return actions + rebalance(at: now)
        case .completingRebalance, .preparingRebalance:
            return actions + rebalance(at: now)
        case .empty, .dead:
            preconditionFailure("group \(id): a static member exists in a group without members")
        }
    }

    /// The record with the new id is durable, or could not be stored.
    mutating func staticReplacementStored(
        _ ticket: RequestTicket, memberID: String, formerLeader: String?, skipsAssignment: Bool, succeeded: Bool, at now: Moment
    ) -> [ConsumerGroupAction] {
        // A rebalance that began meanwhile answers the join with its own generation.
        guard isStable, members[memberID]?.waitingJoin == ticket else { return [] }
        members[memberID]?.waitingJoin = nil
        restartSession(of: memberID, at: now)
        guard succeeded else { return [.answerJoin(ticket, .refused(.notAvailable, memberID: memberID))] }

        let leads = leader == memberID
        members[memberID]?.isNew = false
        let joined = JoinAnswer.Joined(
            memberID: memberID, generation: generation, protocolType: protocolType, protocolName: protocolName ?? "",
            // A leader that cannot skip would assign anew and be refused its sync's effect: before version 9 it is told
            // that its predecessor leads, so it takes what it is given.
            leader: (skipsAssignment ? leader : formerLeader) ?? "",
            skipsAssignment: skipsAssignment && leads,
            members: skipsAssignment && leads ? participants : [])
        return [.answerJoin(ticket, .joined(joined))]
    }

    private mutating func exchangeUnsynced(_ former: String, _ memberID: String) {
        switch state {
        case .completingRebalance(var phase):
            if phase.unsynced.remove(former) != nil { phase.unsynced.insert(memberID) }
            state = .completingRebalance(phase)
        case .stable(var phase):
            if phase.unsynced.remove(former) != nil { phase.unsynced.insert(memberID) }
            state = .stable(phase)
        case .empty, .preparingRebalance, .dead:
            break
        }
    }
}
