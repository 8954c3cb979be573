import OrderedCollections
import Storage
import Testing

@testable import Broker

@Suite("A consumer group's members come and go")
struct ConsumerGroupMembershipTests {
    /// One group in each state, with member-1 in it where members can be, and what a well-formed request of it gets there.
    struct Expectation: Sendable, CustomTestStringConvertible {
        let state: String
        let bench: GroupBench
        let heartbeat: GroupRefusal?
        let commit: GroupRefusal?
        let deletion: GroupRefusal?
        var testDescription: String { state }

        static var all: [Expectation] {
            var preparing = GroupBench.stable()
            preparing.join(.new())
            var completing = GroupBench.stable()
            completing.join(.known("member-1"))
            completing.join(.known("member-2"))
            var dead = GroupBench()
            _ = dead.group.deletionRequested()
            return [
                Expectation(
                    state: "Empty", bench: GroupBench(), heartbeat: .unknownMember, commit: .unknownMember, deletion: nil),
                Expectation(
                    state: "PreparingRebalance", bench: preparing, heartbeat: .rebalanceInProgress, commit: nil,
                    deletion: .groupNotEmpty),
                Expectation(
                    state: "CompletingRebalance", bench: completing, heartbeat: nil, commit: .rebalanceInProgress,
                    deletion: .groupNotEmpty),
                Expectation(state: "Stable", bench: .stable(), heartbeat: nil, commit: nil, deletion: .groupNotEmpty),
                Expectation(
                    state: "Dead", bench: dead, heartbeat: .notAvailable, commit: .notAvailable, deletion: .groupNotFound),
            ]
        }
    }

    @Test("In each state a heartbeat, a commit and a deletion get what Kafka gives", arguments: Expectation.all)
    func byState(expected: Expectation) {
        var bench = expected.bench
        #expect(bench.group.stateName == expected.state)
        #expect(bench.heartbeat("member-1") == expected.heartbeat)
        #expect(bench.commit("member-1") == expected.commit)
        #expect(bench.group.deletionRequested() == expected.deletion)
    }

    @Test("A wrong generation, a stranger and a fenced instance are told apart", arguments: Expectation.all)
    func claims(expected: Expectation) {
        guard !expected.bench.group.members.isEmpty else { return }
        var bench = expected.bench
        let generation = bench.group.generation
        for wrong in [generation - 1, generation + 1] {
            #expect(bench.heartbeat("member-1", generation: wrong) == .illegalGeneration)
            #expect(bench.commit("member-1", generation: wrong) == .illegalGeneration)
        }
        #expect(bench.heartbeat("nobody") == .unknownMember)
        #expect(bench.commit("nobody") == .unknownMember)
        #expect(bench.heartbeat("member-1", instance: "desk-7") == .unknownMember)
        bench.group.staticMembers["desk-7"] = "member-2"
        #expect(bench.heartbeat("member-1", instance: "desk-7") == .fencedInstance)
        #expect(bench.commit("member-1", instance: "desk-7") == .fencedInstance)
    }

    @Test("A commit without a generation is taken by an empty group only")
    func simpleCommits() {
        var empty = GroupBench()
        #expect(empty.commit("", generation: -1) == nil)
        var stable = GroupBench.stable()
        #expect(stable.commit("", generation: -1) == .unknownMember)
        #expect(stable.commit("member-1", generation: -1) == .illegalGeneration)
        #expect(empty.commit("member-1", generation: 3) == .unknownMember)
    }

    @Test("A session lasts its time-out from the last sign of life and not a moment longer", arguments: [(9_999, true), (10_000, false)])
    func sessionTimeout(silence: Int64, isAlive: Bool) {
        var bench = GroupBench.stable(members: 1)
        bench.pass(7000)
        #expect(bench.heartbeat("member-1") == nil)
        bench.pass(silence)
        #expect((bench.group.members["member-1"] != nil) == isAlive)
        #expect(bench.group.isEmpty == !isAlive)
    }

    @Test("A commit is a sign of life")
    func commitKeepsAlive() {
        var bench = GroupBench.stable(members: 1)
        bench.pass(9000)
        #expect(bench.commit("member-1") == nil)
        bench.pass(9000)
        #expect(bench.heartbeat("member-1") == nil)
    }

    @Test("A member whose join waits does not expire, and has a whole session afterwards")
    func waitingMembersDoNotExpire() {
        var bench = GroupBench.stable(members: 2)
        bench.join(.known("member-1"))
        bench.pass(9_999)
        #expect(bench.heartbeat("member-2") == .rebalanceInProgress)
        bench.pass(9_999)
        #expect(bench.group.members.count == 2)
        bench.join(.known("member-2"))
        bench.pass(9_999)
        #expect(bench.heartbeat("member-1") == nil)
    }

    @Test("An expired member makes the others rebalance")
    func expiryRebalances() {
        var bench = GroupBench.stable(members: 2)
        bench.pass(9_999)
        #expect(bench.heartbeat("member-2") == nil)
        bench.pass(1)
        #expect(bench.heartbeat("member-2") == .rebalanceInProgress)
        let ticket = bench.join(.known("member-2"))
        #expect(bench.joined(ticket)?.leader == "member-2")
    }

    @Test("Several members leave with one rebalance, each with its own verdict")
    func batchLeave() {
        var bench = GroupBench.stable(members: 4, instances: [nil, "desk-7", "desk-8"])
        let generation = bench.group.generation
        let verdicts = bench.leave(
            MemberClaim(memberID: "member-1"), MemberClaim(memberID: "", instance: "desk-7"),
            MemberClaim(memberID: "nobody"), MemberClaim(memberID: "", instance: "desk-9"),
            MemberClaim(memberID: "member-1", instance: "desk-8"), MemberClaim(memberID: "", instance: nil),
            MemberClaim(memberID: "member-1"))
        #expect(verdicts == [nil, nil, .unknownMember, .unknownMember, .fencedInstance, .unknownMember, .unknownMember])
        #expect(bench.group.members.count == 2)
        #expect(bench.group.generation == generation)
        #expect(bench.group.staticMembers["desk-7"] == nil)
    }

    @Test("A handed-out id can be given back")
    func pendingLeave() {
        var bench = GroupBench()
        bench.join(.new(needsKnownMemberID: true))
        #expect(bench.leave(MemberClaim(memberID: "member-1")) == [nil])
        #expect(bench.group.pendingMembers.isEmpty)
    }

    @Test("Who leaves while its join or sync waits is answered")
    func leavingAnswersWaits() {
        var bench = GroupBench.stable(members: 2)
        let join = bench.join(.known("member-1"))
        _ = bench.leave(MemberClaim(memberID: "member-1"))
        #expect(bench.refusal(join) == .unknownMember)
        bench.join(.known("member-2"))
        bench.join(.new())
        bench.join(.known("member-2"))
        let follower = bench.group.members.keys.first { $0 != bench.group.leader } ?? ""
        let sync = bench.sync(bench.syncRequest(of: follower))
        #expect(bench.waiting == [sync])
        _ = bench.leave(MemberClaim(memberID: follower))
        #expect(bench.refusal(sync) == .unknownMember)
    }

    @Test("A lost connection costs a known member its wait, not its place, until the session ends")
    func abandonedJoin() {
        var bench = GroupBench.stable(members: 2)
        let ticket = bench.join(.known("member-1"))
        bench.abandon(ticket)
        #expect(bench.group.members.count == 2)
        bench.pass(9_999)
        #expect(bench.group.members["member-1"] != nil)
        bench.pass(1)
        #expect(bench.group.members["member-1"] == nil)
    }

    @Test("A lost connection of a member that never learned its id removes it at once")
    func abandonedFirstJoin() {
        var bench = GroupBench.stable(members: 1)
        let ticket = bench.join(.new())
        #expect(bench.group.members.count == 2)
        bench.abandon(ticket)
        #expect(bench.group.members.count == 1)
    }

    @Test("A lost connection of a waiting sync leaves the member in its generation")
    func abandonedSync() {
        var bench = GroupBench.stable(members: 2)
        bench.join(.known("member-1"))
        bench.join(.known("member-2"))
        let ticket = bench.sync(bench.syncRequest(of: "member-2"))
        bench.abandon(ticket)
        bench.sync(bench.syncRequest(of: "member-1"))
        #expect(bench.group.isStable)
        #expect(bench.assignedAtOnce(bench.syncRequest(of: "member-2")) == Array("member-2".utf8))
    }

    @Test("The bytes that members take are counted to the last one")
    func bytesAreCounted() {
        var bench = GroupBench.stable(members: 3, instances: ["desk-7"])
        #expect(bench.group.memberBytes == bench.group.members.values.reduce(0) { $0 + $1.byteCount })
        bench.join(.new(instance: "desk-7", topics: ["another"]))
        #expect(bench.group.memberBytes == bench.group.members.values.reduce(0) { $0 + $1.byteCount })
        for id in Array(bench.group.members.keys) { _ = bench.leave(MemberClaim(memberID: id)) }
        #expect(bench.group.memberBytes == 0)
    }
}
