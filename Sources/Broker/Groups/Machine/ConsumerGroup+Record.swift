import OrderedCollections
import Storage

extension ConsumerGroup {
    /// What must survive a restart.
    var record: GroupRecord {
        GroupRecord(
            group: id, protocolType: protocolType, generation: generation, protocolName: protocolName, leader: leader,
            stateChangedAt: stateChangedAt, members: members.values.map { GroupRecord.Member($0, protocolName: protocolName) })
    }

    /// The group as it was stored. Its members have a full session time-out to be heard of again, and go on without a
    /// rebalance when they are: nobody lost anything but a connection.
    init(_ record: GroupRecord, rules: ConsumerGroupRules, at now: Moment) {
        self.init(id: record.group, rules: rules, at: now)
        generation = record.generation
        protocolType = record.protocolType
        protocolName = record.protocolName
        stateChangedAt = record.stateChangedAt
        for stored in record.members {
            let member = GroupMember(stored, protocolName: record.protocolName ?? "", at: now)
            members[member.id] = member
            memberBytes += member.byteCount
            if let instance = member.instance { staticMembers[instance] = member.id }
            wakeUp(by: member.sessionDeadline)
        }
        guard !members.isEmpty else { return }
        leader = record.leader.flatMap { members[$0]?.id } ?? members.keys.first
        state = .stable(SyncPhase(unsynced: [], deadline: now.uptime, isStoring: false))
    }
}

extension GroupRecord.Member {
    fileprivate init(_ member: GroupMember, protocolName: String?) {
        self.init(
            memberID: member.id, groupInstanceID: member.instance, clientID: member.clientID, clientHost: member.clientHost,
            principal: member.principal, sessionTimeoutMilliseconds: Int32(clamping: member.sessionTimeout),
            rebalanceTimeoutMilliseconds: Int32(clamping: member.rebalanceTimeout),
            subscription: member.metadata(of: protocolName), assignment: member.assignment)
    }
}

extension GroupMember {
    /// Only the metadata under the chosen protocol was stored: a member that joins again says the rest.
    fileprivate init(_ stored: GroupRecord.Member, protocolName: String, at now: Moment) {
        self.init(
            id: stored.memberID, instance: stored.groupInstanceID, clientID: stored.clientID, clientHost: stored.clientHost,
            principal: stored.principal, sessionTimeout: Int64(stored.sessionTimeoutMilliseconds),
            rebalanceTimeout: Int64(stored.rebalanceTimeoutMilliseconds),
            protocols: [AssignmentProtocol(name: protocolName, metadata: stored.subscription)], assignment: stored.assignment,
            sessionDeadline: now.uptime + Int64(stored.sessionTimeoutMilliseconds), isNew: false, knowsItsID: true)
    }
}
