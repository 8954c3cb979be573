import OrderedCollections
import Storage
import Testing

@testable import Broker

@Suite("A consumer group's members join")
struct ConsumerGroupJoinTests {
    @Test("The first member leads generation 1 and sees itself in the list")
    func firstMember() throws {
        var bench = GroupBench()
        let ticket = bench.join(.new())
        let joined = try #require(bench.joined(ticket))
        #expect(joined.generation == 1)
        #expect(joined.leader == joined.memberID)
        #expect(joined.members.map(\.memberID) == [joined.memberID])
        #expect(joined.protocolName == "range")
        #expect(joined.protocolType == "consumer")
        #expect(bench.group.stateName == "CompletingRebalance")
    }

    @Test("Only the leader is told who the members are")
    func onlyTheLeaderSeesMembers() throws {
        var bench = GroupBench.stable(members: 1)
        let second = bench.join(.new())
        let first = bench.join(.known("member-1"))
        #expect(bench.joined(first)?.members.count == 2)
        #expect(bench.joined(second)?.members == [])
        #expect(bench.joined(second)?.leader == "member-1")
    }

    @Test("From version 4 a dynamic member gets its id first and joins with it (KIP-394)")
    func memberIDRequired() throws {
        var bench = GroupBench()
        let first = bench.join(.new(needsKnownMemberID: true))
        #expect(bench.joins[first] == .refused(.memberIDRequired, memberID: "member-1"))
        #expect(bench.group.isEmpty)
        #expect(bench.group.members.isEmpty)
        let second = bench.join(.known("member-1"))
        #expect(bench.joined(second)?.memberID == "member-1")
        #expect(bench.group.pendingMembers.isEmpty)
    }

    @Test("A static member needs no id of its own first, whatever the version")
    func staticMemberNeedsNoID() {
        var bench = GroupBench()
        let ticket = bench.join(.new(instance: "desk-7", needsKnownMemberID: true))
        #expect(bench.joined(ticket)?.generation == 1)
    }

    @Test("An id that was handed out holds until its session time-out and not a moment longer", arguments: [(9_999, true), (10_000, false)])
    func pendingMemberExpires(after: Int64, isKnown: Bool) {
        var bench = GroupBench()
        bench.join(.new(needsKnownMemberID: true))
        bench.pass(after)
        let ticket = bench.join(.known("member-1"))
        #expect((bench.joined(ticket) != nil) == isKnown)
        if !isKnown { #expect(bench.refusal(ticket) == .unknownMember) }
    }

    @Test("A pending id holds up a rebalance until it expires")
    func pendingMemberHoldsUpARebalance() {
        var bench = GroupBench.stable(members: 1)
        bench.join(.new(needsKnownMemberID: true))
        let ticket = bench.join(.known("member-1"))  // the leader asks for a rebalance
        #expect(bench.waiting == [ticket])
        bench.pass(10_000)
        #expect(bench.joined(ticket)?.generation == 2)
    }

    @Test(
        "The session time-out lies within its limits",
        arguments: [(5_999, false), (6_000, true), (1_800_000, true), (1_800_001, false), (0, false), (-1, false)])
    func sessionTimeoutLimits(timeout: Int64, isAccepted: Bool) {
        var bench = GroupBench()
        let ticket = bench.join(.new(sessionTimeout: timeout))
        #expect((bench.joined(ticket) != nil) == isAccepted)
        if !isAccepted { #expect(bench.refusal(ticket) == .invalidSessionTimeout) }
    }

    @Test("A member that shares no protocol with the others, or brings none, is refused and changes nothing")
    func inconsistentProtocol() {
        let bench = GroupBench.stable(members: 2)
        var other = JoinRequest.new()
        other.protocolType = "connect"
        var none = JoinRequest.new()
        none.protocols = []
        var untyped = JoinRequest.new()
        untyped.protocolType = ""
        for request in [JoinRequest.new(protocols: ["roundrobin"]), other, none, untyped] {
            var copy = bench
            let ticket = copy.join(request)
            #expect(copy.refusal(ticket) == .inconsistentProtocol)
            #expect(copy.group == bench.group)
        }
        var empty = GroupBench()
        #expect(empty.joinRefusal(none) == .inconsistentProtocol)
        #expect(empty.joinRefusal(untyped) == .inconsistentProtocol)
    }

    @Test("A lone member may change its protocols")
    func loneMemberChangesProtocols() {
        var bench = GroupBench.stable(members: 1)
        let ticket = bench.join(.known("member-1", protocols: ["cooperative-sticky"]))
        #expect(bench.joined(ticket)?.protocolName == "cooperative-sticky")
    }

    @Test("An unknown member id is refused in every state")
    func unknownMember() {
        var benches = [GroupBench(), GroupBench.stable()]
        var preparing = GroupBench.stable()
        preparing.join(.new())
        var completing = GroupBench()
        completing.join(.new())
        benches += [preparing, completing]
        for var bench in benches {
            #expect(bench.joinRefusal(.known("nobody")) == .unknownMember)
        }
    }

    @Test("A full group takes no further member, and one fewer leaves room", arguments: [(2, false), (3, true)])
    func groupIsFull(limit: Int, isAccepted: Bool) {
        var rules = GroupBench.unhurried
        rules.membersMax = limit
        var bench = GroupBench.stable(members: 2, rules: rules)
        let before = bench.group
        let ticket = bench.join(.new())
        #expect((bench.refusal(ticket) == .groupFull) == !isAccepted)
        if !isAccepted { #expect(bench.group == before) }
    }

    @Test("Members gathered in a rebalance are counted too")
    func groupFillsWhileGathering() {
        var bench = GroupBench(rules: ConsumerGroupRules(initialRebalanceDelay: 1000, membersMax: 2))
        let first = bench.join(.new())
        let second = bench.join(.new())
        let third = bench.join(.new())
        #expect(bench.refusal(third) == .groupFull)
        bench.pass(10_000)
        #expect(bench.joined(first)?.members.count == 2)
        #expect(bench.joined(second) != nil)
    }

    @Test("Ids that were handed out count, so that nobody fills the memory with them")
    func pendingMembersAreBounded() {
        var bench = GroupBench(rules: ConsumerGroupRules(initialRebalanceDelay: 0, membersMax: 2))
        #expect(bench.joinRefusal(.new(needsKnownMemberID: true)) == .memberIDRequired)
        #expect(bench.joinRefusal(.new(needsKnownMemberID: true)) == .memberIDRequired)
        #expect(bench.joinRefusal(.new(needsKnownMemberID: true)) == .groupFull)
        #expect(bench.joinedAtOnce(.known("member-2")) == nil)  // waits for the other id
        #expect(bench.group.members.count == 1)
    }

    @Test("A member's metadata is bounded", arguments: [(0, true), (1, false)])
    func metadataIsBounded(excess: Int, isAccepted: Bool) {
        var bench = GroupBench()
        var request = JoinRequest.new()
        request.protocols = [.init(name: "range", metadata: Array(repeating: 0, count: (1 << 18) - 5 + excess))]
        let ticket = bench.join(request)
        #expect((bench.joined(ticket) != nil) == isAccepted)
        if !isAccepted { #expect(bench.refusal(ticket) == .limitReached) }
    }

    @Test("The number of a member's protocols is bounded", arguments: [(32, true), (33, false)])
    func protocolsAreBounded(count: Int, isAccepted: Bool) {
        var bench = GroupBench()
        let ticket = bench.join(.new(protocols: (0..<count).map { "p\($0)" }))
        #expect((bench.joined(ticket) != nil) == isAccepted)
    }

    @Test("The protocol that most members prefer wins, among those that all support")
    func votes() throws {
        var bench = GroupBench(rules: ConsumerGroupRules(initialRebalanceDelay: 100))
        let first = bench.join(.new(protocols: ["range", "sticky", "only-mine"]))
        bench.join(.new(protocols: ["sticky", "range"]))
        bench.join(.new(protocols: ["sticky", "range"]))
        bench.pass(60_000)
        #expect(bench.joined(first)?.protocolName == "sticky")
    }

    @Test("Equal votes go to what the first member prefers")
    func equalVotes() {
        var bench = GroupBench(rules: ConsumerGroupRules(initialRebalanceDelay: 100))
        let first = bench.join(.new(protocols: ["range", "sticky"]))
        bench.join(.new(protocols: ["sticky", "range"]))
        bench.pass(60_000)
        #expect(bench.joined(first)?.protocolName == "range")
    }

    @Test("A member whose join answer was lost gets the same generation again")
    func lostAnswer() {
        var bench = GroupBench()
        let first = bench.join(.new())
        let again = bench.join(.known("member-1"))
        #expect(bench.joined(again) == bench.joined(first))
        #expect(bench.group.generation == 1)
    }

    @Test("A member that changes its mind before the assignment begins a new rebalance")
    func changedWhileCompleting() {
        var bench = GroupBench()
        bench.join(.new())
        let again = bench.join(.known("member-1", topics: ["u"]))
        #expect(bench.joined(again)?.generation == 2)
    }

    @Test("In a stable group a follower that joins unchanged is told the generation, and nobody rebalances")
    func followerRejoinsUnchanged() {
        var bench = GroupBench.stable(members: 2)
        let ticket = bench.join(.known("member-2"))
        #expect(bench.joined(ticket)?.generation == bench.group.generation)
        #expect(bench.joined(ticket)?.members == [])
        #expect(bench.group.isStable)
    }

    @Test("In a stable group the leader, or a changed follower, brings a rebalance about", arguments: ["member-1", "member-2"])
    func rejoinRebalances(memberID: String) {
        var bench = GroupBench.stable(members: 2)
        bench.join(.known(memberID, topics: memberID == "member-1" ? ["t"] : ["t", "u"]))
        #expect(bench.group.stateName == "PreparingRebalance")
    }

    @Test("A second join of one member answers the first, which no longer counts")
    func displacedJoin() {
        var bench = GroupBench.stable(members: 2)
        let first = bench.join(.known("member-1"))
        let second = bench.join(.known("member-1"))
        #expect(bench.refusal(first) == .rebalanceInProgress)
        #expect(bench.waiting == [second])
    }

    @Test("A group that is being deleted takes nobody")
    func deadGroup() {
        var bench = GroupBench()
        #expect(bench.group.deletionRequested() == nil)
        #expect(bench.joinRefusal(.new()) == .notAvailable)
        bench.group.deletionFailed()
        #expect(bench.joinedAtOnce(.new()) != nil)
    }
}

extension ConsumerGroup: Equatable {
    /// For tests: "changes nothing" means nothing at all but when to wake up.
    static func == (left: ConsumerGroup, right: ConsumerGroup) -> Bool {
        left.state == right.state && left.generation == right.generation && left.members == right.members
            && left.staticMembers == right.staticMembers && left.pendingMembers == right.pendingMembers
            && left.leader == right.leader && left.protocolName == right.protocolName
            && left.protocolType == right.protocolType && left.memberBytes == right.memberBytes
    }
}
