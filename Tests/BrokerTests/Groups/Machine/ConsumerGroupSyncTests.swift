import OrderedCollections
import Storage
import Testing

@testable import Broker

@Suite("A consumer group hands out assignments")
struct ConsumerGroupSyncTests {
    /// Two members that have joined generation 2 and not synced; stores wait for the test.
    private func completing() -> GroupBench {
        var bench = GroupBench.stable(members: 2)
        bench.storesAtOnce = false
        bench.join(.known("member-1"))
        bench.join(.known("member-2"))
        precondition(bench.group.stateName == "CompletingRebalance")
        return bench
    }

    @Test("Nobody is told an assignment before it is durable")
    func durableFirst() {
        var bench = completing()
        let follower = bench.sync(bench.syncRequest(of: "member-2"))
        let leader = bench.sync(bench.syncRequest(of: "member-1"))
        #expect(bench.waiting == [follower, leader])
        #expect(bench.stores.count == 1)
        bench.finishStore()
        #expect(bench.assignment(follower) == Array("member-2".utf8))
        #expect(bench.assignment(leader) == Array("member-1".utf8))
        #expect(bench.group.isStable)
        #expect(bench.stored?.members.map(\.assignment) == [Array("member-1".utf8), Array("member-2".utf8)])
    }

    @Test("A store that fails refuses the syncs and makes the members join again")
    func storeFails() {
        var bench = completing()
        let follower = bench.sync(bench.syncRequest(of: "member-2"))
        let leader = bench.sync(bench.syncRequest(of: "member-1"))
        bench.finishStore(succeeded: false)
        #expect(bench.refusal(follower) == .notAvailable)
        #expect(bench.refusal(leader) == .notAvailable)
        #expect(bench.group.stateName == "PreparingRebalance")
        #expect(bench.group.members.values.allSatisfy { $0.assignment.isEmpty })
    }

    @Test("A store that ends after a new rebalance began has no effect")
    func storeEndsTooLate() {
        var bench = completing()
        let leader = bench.sync(bench.syncRequest(of: "member-1"))
        bench.join(.new())
        #expect(bench.refusal(leader) == .rebalanceInProgress)
        bench.finishStore()
        #expect(bench.group.stateName == "PreparingRebalance")
    }

    @Test("A member that syncs while the assignment is being stored waits for it too")
    func syncWhileStoring() {
        var bench = completing()
        bench.sync(bench.syncRequest(of: "member-1"))
        let follower = bench.sync(bench.syncRequest(of: "member-2"))
        #expect(bench.stores.count == 1)
        bench.finishStore()
        #expect(bench.assignment(follower) == Array("member-2".utf8))
    }

    @Test("A leader that repeats its sync is stored once and answered once")
    func leaderRepeats() {
        var bench = completing()
        let first = bench.sync(bench.syncRequest(of: "member-1"))
        let second = bench.sync(bench.syncRequest(of: "member-1"))
        #expect(bench.refusal(first) == .rebalanceInProgress)
        #expect(bench.stores.count == 1)
        bench.finishStore()
        #expect(bench.assignment(second) == Array("member-1".utf8))
    }

    @Test("Who the leader leaves out gets an empty assignment; strangers in the list are ignored")
    func incompleteAssignment() {
        var bench = completing()
        let follower = bench.sync(bench.syncRequest(of: "member-2"))
        var request = bench.syncRequest(of: "member-1")
        request.assignments = ["member-1": [1], "stranger": [2]]
        bench.sync(request)
        bench.finishStore()
        #expect(bench.assignment(follower) == [])
        #expect(bench.group.members.count == 2)
    }

    @Test("An assignment is bounded", arguments: [(0, true), (1, false)])
    func assignmentIsBounded(excess: Int, isAccepted: Bool) {
        var bench = completing()
        var request = bench.syncRequest(of: "member-1")
        request.assignments["member-2"] = Array(repeating: 7, count: bench.group.rules.assignmentBytesMax + excess)
        let ticket = bench.sync(request)
        #expect(bench.stores.count == (isAccepted ? 1 : 0))
        if !isAccepted { #expect(bench.refusal(ticket) == .limitReached) }
    }

    @Test("A member that syncs late in a stable group is given its part")
    func lateSync() {
        var bench = completing()
        bench.sync(bench.syncRequest(of: "member-1"))
        bench.finishStore()
        let late = bench.sync(bench.syncRequest(of: "member-2"))
        #expect(bench.assignment(late) == Array("member-2".utf8))
    }

    @Test("Who does not sync within the rebalance time-out is out", arguments: [true, false])
    func unsyncedMembers(leaderSyncs: Bool) {
        var bench = completing()
        bench.storesAtOnce = true
        if leaderSyncs { bench.sync(bench.syncRequest(of: "member-1")) }
        for _ in 0..<12 {
            bench.pass(5000)
            _ = bench.heartbeat("member-1")
            _ = bench.heartbeat("member-2")
        }
        #expect(bench.group.members["member-2"] == nil)
        #expect((bench.group.members["member-1"] != nil) == leaderSyncs)
    }

    @Test("A sync says the right generation, protocol type and name, or is refused")
    func mismatches() {
        let bench = GroupBench.stable()
        func refusal(_ change: (inout SyncRequest) -> Void) -> GroupRefusal? {
            var copy = bench
            var request = copy.syncRequest(of: "member-2")
            change(&request)
            return copy.syncRefusal(request)
        }
        #expect(refusal { $0.generation -= 1 } == .illegalGeneration)
        #expect(refusal { $0.generation += 1 } == .illegalGeneration)
        #expect(refusal { $0.memberID = "nobody" } == .unknownMember)
        #expect(refusal { $0.instance = "desk-7" } == .unknownMember)
        #expect(refusal { $0.protocolType = "connect" } == .inconsistentProtocol)
        #expect(refusal { $0.protocolName = "sticky" } == .inconsistentProtocol)
        #expect(refusal { $0.protocolType = "consumer"; $0.protocolName = "range" } == nil)
    }

    @Test("While members are being gathered a sync is told to join")
    func syncWhilePreparing() {
        var bench = GroupBench.stable()
        let request = bench.syncRequest(of: "member-2")
        bench.join(.new())
        #expect(bench.syncRefusal(request) == .rebalanceInProgress)
    }
}
