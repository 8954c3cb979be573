import OrderedCollections
import Storage
import Testing

@testable import Broker

@Suite("Static members keep their place (KIP-345)")
struct ConsumerGroupStaticMembersTests {
    private let desks: [String?] = ["desk-1", "desk-2"]

    @Test("A restarted follower gets its generation and its assignment without a rebalance")
    func followerRestarts() throws {
        var bench = GroupBench.stable(members: 2, instances: desks)
        let former = try #require(bench.group.staticMembers["desk-2"])
        let generation = bench.group.generation
        let ticket = bench.join(.new(instance: "desk-2"))
        let joined = try #require(bench.joined(ticket))
        #expect(joined.memberID != former)
        #expect(joined.generation == generation)
        #expect(joined.leader == bench.group.leader)
        #expect(!joined.skipsAssignment)
        #expect(joined.members == [])
        #expect(bench.group.isStable)
        #expect(bench.stored?.members.map(\.memberID).contains(joined.memberID) == true)
        let sync = bench.sync(bench.syncRequest(of: joined.memberID))
        #expect(bench.assignment(sync) == Array(former.utf8))
    }

    @Test("A restarted leader skips the assignment from version 9 (KIP-814)")
    func leaderRestarts() throws {
        var bench = GroupBench.stable(members: 2, instances: desks)
        let ticket = bench.join(.new(instance: "desk-1"))
        let joined = try #require(bench.joined(ticket))
        #expect(joined.leader == joined.memberID)
        #expect(joined.skipsAssignment)
        #expect(joined.members.count == 2)
        #expect(bench.group.isStable)
    }

    @Test("An older client that leads is told that its former self does, so that it takes what it is given")
    func oldLeaderRestarts() throws {
        var bench = GroupBench.stable(members: 2, instances: desks)
        let former = try #require(bench.group.leader)
        let ticket = bench.join(.new(instance: "desk-1", canSkipAssignment: false))
        let joined = try #require(bench.joined(ticket))
        #expect(joined.leader == former)
        #expect(joined.memberID != former)
        #expect(joined.members == [])
        #expect(!joined.skipsAssignment)
        #expect(bench.group.leader == joined.memberID)
    }

    @Test("What a cooperative member owned does not count as a change; its topics do")
    func subscriptionDecides() {
        func restart(_ metadata: [UInt8]) -> String {
            var bench = GroupBench.stable(members: 2, instances: desks)
            var request = JoinRequest.new(instance: "desk-2")
            request.protocols = [.init(name: "range", metadata: metadata)]
            bench.join(request)
            return bench.group.stateName
        }
        #expect(restart(JoinRequest.subscription(to: ["t"], ownedGeneration: 9)) == "Stable")
        #expect(restart(JoinRequest.subscription(to: ["t", "u"])) == "PreparingRebalance")
        #expect(restart([0xFF]) == "PreparingRebalance")
    }

    @Test("A restart that changes the protocol to be chosen rebalances")
    func changedProtocol() {
        var bench = GroupBench.stable(members: 1, instances: ["desk-1"])
        let ticket = bench.join(.new(instance: "desk-1", protocols: ["sticky"]))
        #expect(bench.joined(ticket)?.protocolName == "sticky")
        #expect(bench.group.generation == 2)
    }

    @Test("The older of two processes with one instance id is fenced, also in its waits")
    func fenced() throws {
        var bench = GroupBench.stable(members: 2, instances: desks)
        let former = try #require(bench.group.staticMembers["desk-2"])
        let waiting = bench.join(.known(former, instance: "desk-2", topics: ["u"]))
        bench.join(.new(instance: "desk-2"))
        #expect(bench.refusal(waiting) == .fencedInstance)
        #expect(bench.heartbeat(former, instance: "desk-2") == .fencedInstance)
        #expect(bench.commit(former, instance: "desk-2") == .fencedInstance)
        #expect(bench.joinRefusal(.known(former, instance: "desk-2")) == .fencedInstance)
        var sync = bench.syncRequest(of: former)
        sync.instance = "desk-2"
        #expect(bench.syncRefusal(sync) == .fencedInstance)
        #expect(bench.leave(MemberClaim(memberID: former, instance: "desk-2")) == [.fencedInstance])
        #expect(bench.heartbeat(former) == .unknownMember)
    }

    @Test("A waiting sync of the former process is fenced, and the group gathers anew")
    func fencedWhileCompleting() throws {
        var bench = GroupBench.stable(members: 2, instances: desks)
        for (instance, id) in bench.group.staticMembers { bench.join(.known(id, instance: instance, topics: ["u"])) }
        #expect(bench.group.stateName == "CompletingRebalance")
        let follower = try #require(bench.group.members.keys.first { $0 != bench.group.leader })
        let instance = bench.group.members[follower]?.instance
        let waiting = bench.sync(bench.syncRequest(of: follower))
        bench.join(.new(instance: instance))
        #expect(bench.refusal(waiting) == .fencedInstance)
        #expect(bench.group.stateName == "PreparingRebalance")
    }

    @Test("A restart that cannot be stored is told to try again, and trying again works")
    func storeFails() throws {
        var bench = GroupBench.stable(members: 2, instances: desks)
        bench.storesAtOnce = false
        let first = bench.join(.new(instance: "desk-2"))
        #expect(bench.waiting == [first])
        bench.finishStore(succeeded: false)
        #expect(bench.refusal(first) == .notAvailable)
        #expect(bench.group.isStable)
        let second = bench.join(.new(instance: "desk-2"))
        bench.finishStore()
        #expect(bench.joined(second)?.generation == bench.group.generation)
    }

    @Test("A rebalance that begins while a restart is being stored answers it with the new generation")
    func rebalanceWhileStoring() {
        var bench = GroupBench.stable(members: 2, instances: desks)
        bench.storesAtOnce = false
        let restarted = bench.join(.new(instance: "desk-2"))
        let other = bench.group.staticMembers["desk-1"] ?? ""
        bench.join(.known(other, instance: "desk-1", topics: ["u"]))
        #expect(bench.joined(restarted)?.generation == bench.group.generation)
        bench.finishStore()
        #expect(bench.group.stateName == "CompletingRebalance")
        #expect(bench.waiting.isEmpty)
    }

    @Test("An operator removes a static member by its instance id alone")
    func removedByInstance() {
        var bench = GroupBench.stable(members: 2, instances: desks)
        #expect(bench.leave(MemberClaim(memberID: "", instance: "desk-2")) == [nil])
        #expect(bench.group.members.count == 1)
        #expect(bench.group.staticMembers["desk-2"] == nil)
    }

    @Test("A full group takes a static member's restart")
    func restartNeedsNoRoom() {
        var rules = GroupBench.unhurried
        rules.membersMax = 2
        var bench = GroupBench.stable(members: 2, instances: desks, rules: rules)
        let ticket = bench.join(.new(instance: "desk-2"))
        #expect(bench.joined(ticket) != nil)
    }
}
