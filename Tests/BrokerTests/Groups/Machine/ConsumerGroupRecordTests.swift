import OrderedCollections
import Storage
import Testing

@testable import Broker

@Suite("A consumer group survives a restart")
struct ConsumerGroupRecordTests {
    /// The same bench with the group read back from what was made durable.
    private func restarted(_ bench: GroupBench) throws -> GroupBench {
        var next = bench
        next.now.uptime = 5  // a new machine's clock
        next.now.date += 60_000
        next.group = ConsumerGroup(try #require(bench.stored), rules: bench.group.rules, at: next.now)
        return next
    }

    @Test("Members go on with their generation and assignment, and nobody rebalances")
    func membersGoOn() throws {
        var bench = try restarted(GroupBench.stable(members: 3, instances: [nil, "desk-7"]))
        #expect(bench.group.isStable)
        for member in bench.group.members.values {
            #expect(bench.heartbeat(member.id, instance: member.instance) == nil)
            #expect(bench.commit(member.id, instance: member.instance) == nil)
            #expect(bench.assignedAtOnce(bench.syncRequest(of: member.id)) == member.assignment)
        }
        #expect(bench.group.record == bench.stored)
        #expect(bench.group.memberBytes == bench.group.members.values.reduce(0) { $0 + $1.byteCount })
    }

    @Test("A member that is not heard of after a restart has one session time-out", arguments: [(9_999, true), (10_000, false)])
    func silentMember(silence: Int64, isThere: Bool) throws {
        var bench = try restarted(GroupBench.stable(members: 2))
        bench.pass(silence)
        #expect((bench.group.members.count == 2) == isThere)
    }

    @Test("A newcomer after a restart finds the protocol that was chosen, and the generation rises")
    func newcomer() throws {
        var bench = try restarted(GroupBench.stable(members: 1))
        #expect(bench.joinRefusal(.new(protocols: ["other"])) == .inconsistentProtocol)
        let ticket = bench.join(.new(protocols: ["other", "range"]))
        bench.join(.known("member-1"))
        #expect(bench.joined(ticket)?.generation == 2)
    }

    @Test("A static member that restarts together with the broker gets its assignment without a rebalance")
    func staticMember() throws {
        var bench = try restarted(GroupBench.stable(members: 2, instances: ["desk-1", "desk-2"]))
        #expect(bench.joinedAtOnce(.new(instance: "desk-2"))?.generation == bench.group.generation)
        #expect(bench.group.isStable)
    }

    @Test("An empty group keeps its generation and the moment at which it became empty")
    func emptyGroup() throws {
        var bench = GroupBench.stable(members: 1)
        _ = bench.leave(MemberClaim(memberID: "member-1"))
        let next = try restarted(bench)
        #expect(next.group.isEmpty)
        #expect(next.group.generation == 2)
        #expect(next.group.stateChangedAt == bench.now.date)
        #expect(next.group.protocolType == "consumer")
    }
}
