import OrderedCollections

extension ConsumerGroup {
    /// A SyncGroup request arrived: from the leader with everyone's assignment, from the others to fetch theirs.
    mutating func syncRequested(
        _ request: SyncRequest, ticket: RequestTicket, at now: Moment
    ) -> [ConsumerGroupAction] {
        if let refusal = refusal(of: request) { return [.answerSync(ticket, .refused(refusal))] }
        switch state {
        case .empty, .dead:
            return [.answerSync(ticket, .refused(.unknownMember))]
        case .preparingRebalance:
            return [.answerSync(ticket, .refused(.rebalanceInProgress))]
        case .completingRebalance(var phase):
            var actions: [ConsumerGroupAction] = []
            if let displaced = members[request.memberID]?.waitingSync {
                actions.append(.answerSync(displaced, .refused(.rebalanceInProgress)))
            }
            let assigns = leader == request.memberID && !phase.isStoring
            if assigns, request.assignments.values.contains(where: { $0.count > rules.assignmentBytesMax }) {
                return actions + [.answerSync(ticket, .refused(.limitReached))]
            }
            members[request.memberID]?.waitingSync = ticket
            phase.unsynced.remove(request.memberID)
            phase.isStoring = phase.isStoring || assigns
            state = .completingRebalance(phase)
            if assigns {
                assign(request.assignments)
                actions.append(.store(record, .assignment(generation: generation)))
            }
            return actions
        case .stable(var phase):
            phase.unsynced.remove(request.memberID)
            state = .stable(phase)
            restartSession(of: request.memberID, at: now)
            return [.answerSync(ticket, assignment(of: request.memberID))]
        }
    }

    private func refusal(of request: SyncRequest) -> GroupRefusal? {
        guard !isDead else { return .notAvailable }
        if let refusal = refusal(ofMember: request.memberID, instance: request.instance) { return refusal }
        guard request.generation == generation else { return .illegalGeneration }
        // KIP-559: from version 5 the member says what it believes was chosen.
        if let type = request.protocolType, type != protocolType { return .inconsistentProtocol }
        if let name = request.protocolName, name != protocolName { return .inconsistentProtocol }
        return nil
    }

    /// Who the leader left out gets nothing to do; who is not a member gets nothing.
    private mutating func assign(_ assignments: [String: [UInt8]]) {
        for index in members.values.indices {
            let assignment = assignments[members.keys[index]] ?? []
            memberBytes += assignment.count - members.values[index].assignment.count
            members.values[index].assignment = assignment
        }
    }

    /// A record is durable, or could not be stored.
    mutating func recordStored(_ purpose: StorePurpose, succeeded: Bool, at now: Moment) -> [ConsumerGroupAction] {
        switch purpose {
        case .becameEmpty:
            return []
        case .staticMemberReplaced(let ticket, let memberID, let formerLeader, let skipsAssignment):
            return staticReplacementStored(
                ticket, memberID: memberID, formerLeader: formerLeader, skipsAssignment: skipsAssignment,
                succeeded: succeeded, at: now)
        case .assignment(let storedGeneration):
            // A rebalance that began meanwhile has already refused the waiting syncs.
            guard case .completingRebalance(var phase) = state, phase.isStoring, generation == storedGeneration else { return [] }
            phase.isStoring = false
            guard succeeded else {
                state = .completingRebalance(phase)
                return refuseWaitingSyncs(.notAvailable, at: now) + rebalance(at: now)
            }
            state = .stable(phase)
            var actions: [ConsumerGroupAction] = []
            for memberID in Array(members.keys) {
                guard let waiting = members[memberID]?.waitingSync else { continue }
                members[memberID]?.waitingSync = nil
                restartSession(of: memberID, at: now)
                actions.append(.answerSync(waiting, assignment(of: memberID)))
            }
            return actions
        }
    }

    private func assignment(of memberID: String) -> SyncAnswer {
        .assigned(members[memberID]?.assignment ?? [], protocolType: protocolType, protocolName: protocolName)
    }
}
