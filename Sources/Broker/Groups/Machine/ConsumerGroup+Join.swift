import OrderedCollections

extension ConsumerGroup {
    /// A JoinGroup request arrived.
    /// - Parameter freshMemberID: what a member without an id becomes; random, so that nobody can guess another's.
    mutating func joinRequested(
        _ request: JoinRequest, ticket: RequestTicket, freshMemberID: String, at now: Moment
    ) -> [ConsumerGroupAction] {
        if let refusal = refusal(of: request) {
            // KIP-389: a member beyond a lowered limit is told so and does not hold up the others.
            var actions = refusal == .groupFull ? dropMembers([request.memberID], at: now) : []
            actions.append(.answerJoin(ticket, .refused(refusal, memberID: request.memberID)))
            return actions
        }
        if request.memberID.isEmpty { return newMemberJoined(request, ticket, freshMemberID, now) }
        if pendingMembers[request.memberID] != nil, request.instance == nil {
            return addMember(request, id: request.memberID, knowsItsID: true, ticket, now)
        }
        if let refusal = refusal(ofMember: request.memberID, instance: request.instance) {
            return [.answerJoin(ticket, .refused(refusal, memberID: request.memberID))]
        }
        return knownMemberJoined(request, ticket, now)
    }

    private func refusal(of request: JoinRequest) -> GroupRefusal? {
        guard !isDead else { return .notAvailable }
        guard rules.sessionTimeouts.contains(request.sessionTimeout) else { return .invalidSessionTimeout }
        guard request.protocols.count <= rules.protocolsPerMemberMax else { return .limitReached }
        let bytes = request.protocols.reduce(0) { $0 + $1.name.utf8.count + $1.metadata.count }
        guard bytes <= rules.memberMetadataBytesMax else { return .limitReached }
        guard hasRoom(for: request) else { return .groupFull }
        return agrees(with: request) ? nil : .inconsistentProtocol
    }

    /// KIP-389. While members are being gathered those who came first are in; otherwise those who are in stay in.
    private func hasRoom(for request: JoinRequest) -> Bool {
        // A process that takes the place of its predecessor needs no room.
        let memberID = request.instance.flatMap { staticMembers[$0] } ?? request.memberID
        switch state {
        case .empty, .dead:
            return pendingMembers[memberID] != nil || pendingMembers.count < rules.membersMax
        case .preparingRebalance:
            if members[memberID]?.waitingJoin != nil { return true }
            return membersWaitingToJoin + (members[memberID] == nil ? pendingCount(without: memberID) : 0) < rules.membersMax
        case .completingRebalance, .stable:
            return members[memberID] != nil || members.count + pendingCount(without: memberID) < rules.membersMax
        }
    }

    private func pendingCount(without memberID: String) -> Int {
        pendingMembers.count - (pendingMembers[memberID] == nil ? 0 : 1)
    }

    /// At least one protocol of the request is one that every other member supports too: so the group can always choose one.
    private func agrees(with request: JoinRequest) -> Bool {
        guard !request.protocolType.isEmpty, !request.protocols.isEmpty else { return false }
        let itself = request.instance.flatMap { staticMembers[$0] } ?? request.memberID
        let others = members.values.lazy.filter { $0.id != itself }
        guard !members.isEmpty else { return true }
        guard request.protocolType == protocolType else { return false }
        return request.protocols.contains { candidate in others.allSatisfy { $0.supports(candidate.name) } }
    }

    private mutating func newMemberJoined(
        _ request: JoinRequest, _ ticket: RequestTicket, _ freshMemberID: String, _ now: Moment
    ) -> [ConsumerGroupAction] {
        if let instance = request.instance {
            if let former = staticMembers[instance] {
                return replaceStaticMember(former, by: freshMemberID, request, ticket, now)
            }
            return addMember(request, id: freshMemberID, knowsItsID: false, ticket, now)
        }
        guard request.needsKnownMemberID else {
            return addMember(request, id: freshMemberID, knowsItsID: false, ticket, now)
        }
        let deadline = now.uptime + request.sessionTimeout
        pendingMembers[freshMemberID] = deadline
        wakeUp(by: deadline)
        return [.answerJoin(ticket, .refused(.memberIDRequired, memberID: freshMemberID))]
    }

    private mutating func addMember(
        _ request: JoinRequest, id: String, knowsItsID: Bool, _ ticket: RequestTicket, _ now: Moment
    ) -> [ConsumerGroupAction] {
        let member = GroupMember(
            id: id, instance: request.instance, clientID: request.clientID, clientHost: request.clientHost,
            principal: request.principal, sessionTimeout: request.sessionTimeout,
            rebalanceTimeout: rebalanceTimeout(of: request), protocols: request.protocols,
            sessionDeadline: now.uptime + rules.newMemberTimeout, waitingJoin: ticket, isNew: true, knowsItsID: knowsItsID)
        if members.isEmpty { protocolType = request.protocolType }
        pendingMembers[id] = nil
        members[id] = member
        memberBytes += member.byteCount
        if let instance = request.instance { staticMembers[instance] = id }
        if leader == nil { leader = id }
        if case .preparingRebalance(var phase) = state {
            phase.initialDelay?.memberAdded = true
            state = .preparingRebalance(phase)
        }
        wakeUp(by: member.sessionDeadline)
        return rebalance(at: now)
    }

    private mutating func knownMemberJoined(
        _ request: JoinRequest, _ ticket: RequestTicket, _ now: Moment
    ) -> [ConsumerGroupAction] {
        switch state {
        case .preparingRebalance:
            return updateMember(request, ticket, now) + completeJoinIfAllJoined(at: now)
        case .completingRebalance:
            // The answer to its join was lost: it gets it again. Otherwise what was voted on has changed.
            if members[request.memberID]?.protocols == request.protocols {
                return [.answerJoin(ticket, currentGeneration(for: request.memberID))]
            }
            return updateMember(request, ticket, now) + rebalance(at: now)
        case .stable:
            // A leader joins again to have partitions assigned anew, for example when a topic has grown.
            if leader == request.memberID || members[request.memberID]?.protocols != request.protocols {
                return updateMember(request, ticket, now) + rebalance(at: now)
            }
            restartSession(of: request.memberID, at: now)
            return [.answerJoin(ticket, currentGeneration(for: request.memberID))]
        case .empty, .dead:
            return [.answerJoin(ticket, .refused(.unknownMember, memberID: request.memberID))]
        }
    }

    /// Takes over what a member's new join says and lets it wait. An older join of it that still waits is answered.
    mutating func updateMember(_ request: JoinRequest, _ ticket: RequestTicket, _ now: Moment) -> [ConsumerGroupAction] {
        guard var member = members[request.memberID] else { return [] }
        var actions: [ConsumerGroupAction] = []
        if let displaced = member.waitingJoin {
            actions.append(.answerJoin(displaced, .refused(.rebalanceInProgress, memberID: member.id)))
        }
        memberBytes -= member.byteCount
        member.clientID = request.clientID
        member.clientHost = request.clientHost
        member.principal = request.principal
        member.sessionTimeout = request.sessionTimeout
        member.rebalanceTimeout = rebalanceTimeout(of: request)
        member.protocols = request.protocols
        member.waitingJoin = ticket
        memberBytes += member.byteCount
        if member.isNew { member.sessionDeadline = now.uptime + rules.newMemberTimeout }
        members[member.id] = member
        if !member.isNew { restartSession(of: member.id, at: now) }
        return actions
    }

    func currentGeneration(for memberID: String) -> JoinAnswer {
        .joined(
            JoinAnswer.Joined(
                memberID: memberID, generation: generation, protocolType: protocolType, protocolName: protocolName ?? "",
                leader: leader ?? "", skipsAssignment: false, members: memberID == leader ? participants : []))
    }

    var participants: [JoinAnswer.Participant] {
        members.values.map {
            JoinAnswer.Participant(memberID: $0.id, instance: $0.instance, metadata: $0.metadata(of: protocolName))
        }
    }

    private func rebalanceTimeout(of request: JoinRequest) -> Int64 {
        min(max(request.rebalanceTimeout, 0), rules.rebalanceTimeoutMax)
    }
}
