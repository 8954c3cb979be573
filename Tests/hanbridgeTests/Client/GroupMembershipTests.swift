import KafkaWire
import Testing

@testable import hanbridge

@Suite("Membership of a group")
struct GroupMembershipTests {
    private func partitions(_ numbers: Int32...) -> [TopicPartition] { numbers.map { TopicPartition(topic: "t", partition: $0) } }

    private func joined(_ generation: Int32, protocol name: String, leader: String = "other") -> JoinGroupResponse {
        JoinGroupResponse {
            $0.memberID = "m"
            $0.leader = leader
            $0.protocolName = name
            $0.generationID = generation
        }
    }

    @Test("a stranger joins twice, as KIP-394 asks, then syncs and consumes")
    func joins() {
        var membership = GroupMembership()
        #expect(membership.joinAction == .join(memberID: ""))
        let first = membership.joinAnswered(
            JoinGroupResponse {
                $0.errorCode = .memberIDRequired
                $0.memberID = "m"
            })
        #expect(first == .join(memberID: "m"))
        #expect(membership.joinAnswered(joined(4, protocol: "range")) == .sync(generation: 4))
        #expect(membership.syncAnswered(.none, assignment: partitions(0)) == .consume)
        #expect(membership.owned == Set(partitions(0)))
        #expect(membership.heartbeatAnswered(.none) == .carryOn)
    }

    @Test("a rebalance is joined under the same id, a forgotten member joins as a stranger, a refusal ends it")
    func troubles() {
        var membership = GroupMembership()
        _ = membership.joinAnswered(joined(1, protocol: "range", leader: "m"))
        #expect(membership.heartbeatAnswered(.rebalanceInProgress) == .join(memberID: "m"))
        #expect(membership.heartbeatAnswered(.illegalGeneration) == .join(memberID: "m"))
        #expect(membership.heartbeatAnswered(.notCoordinator) == .wait)
        #expect(membership.heartbeatAnswered(.unknownMemberID) == .join(memberID: ""))
        #expect(membership.heartbeatAnswered(.groupAuthorizationFailed) == .fail(.groupAuthorizationFailed))
    }

    @Test("a member, leader or not, that is told an assignor it does not know gives up")
    func unknownAssignor() {
        for leader in ["m", "other"] {
            var membership = GroupMembership()
            #expect(membership.joinAnswered(joined(1, protocol: "sticky", leader: leader)) == .fail(.inconsistentGroupProtocol))
        }
    }

    @Test("under the cooperative protocol a member that gives something up joins again at once, and one that does not goes on")
    func cooperative() {
        var membership = GroupMembership()
        _ = membership.joinAnswered(joined(1, protocol: "cooperative-sticky"))
        #expect(membership.syncAnswered(.none, assignment: partitions(0, 1, 2)) == .consume)
        #expect(membership.heartbeatAnswered(.rebalanceInProgress) == .join(memberID: "m"))
        #expect(membership.owned == Set(partitions(0, 1, 2)), "what is held is held while joining")

        _ = membership.joinAnswered(joined(2, protocol: "cooperative-sticky"))
        #expect(membership.syncAnswered(.none, assignment: partitions(0, 1)) == .yield)
        #expect(membership.joinAction == .join(memberID: "m"))
        _ = membership.joinAnswered(joined(3, protocol: "cooperative-sticky"))
        #expect(membership.syncAnswered(.none, assignment: partitions(0, 1, 5)) == .consume)
        #expect(membership.owned == Set(partitions(0, 1, 5)))
    }

    @Test("under an eager protocol nobody waits for what is given up, also where the group was cooperative before")
    func eager() {
        var membership = GroupMembership()
        _ = membership.joinAnswered(joined(1, protocol: "cooperative-sticky"))
        _ = membership.syncAnswered(.none, assignment: partitions(0, 1))
        _ = membership.joinAnswered(joined(2, protocol: "range"))
        #expect(membership.syncAnswered(.none, assignment: partitions(1)) == .consume)
    }

    @Test("what is held is read on while joining in a cooperative group alone, and nothing is while there is nothing to read")
    func readingOn() {
        var membership = GroupMembership()
        #expect(!membership.readsOnWhileJoining)
        _ = membership.joinAnswered(joined(1, protocol: "cooperative-sticky"))
        _ = membership.syncAnswered(.none, assignment: [])
        #expect(!membership.readsOnWhileJoining)
        _ = membership.joinAnswered(joined(2, protocol: "cooperative-sticky"))
        _ = membership.syncAnswered(.none, assignment: partitions(0))
        #expect(membership.readsOnWhileJoining)
        _ = membership.joinAnswered(joined(3, protocol: "range"))
        _ = membership.syncAnswered(.none, assignment: partitions(0))
        #expect(!membership.readsOnWhileJoining)
    }

    @Test("a member that was forgotten, or whose generation is over, holds nothing any more and says so")
    func lost() {
        for error in [ErrorCode.unknownMemberID, .illegalGeneration] {
            var membership = GroupMembership()
            _ = membership.joinAnswered(joined(7, protocol: "cooperative-sticky"))
            _ = membership.syncAnswered(.none, assignment: partitions(0))
            let before = membership.subscription(to: ["t"], for: .cooperativeSticky)
            #expect(before.generationID == 7 && before.userData == [0, 0, 0, 7] && before.ownedPartitions.map(\.partitions) == [[0]])
            _ = membership.heartbeatAnswered(error)
            let after = membership.subscription(to: ["t"], for: .cooperativeSticky)
            #expect(membership.owned.isEmpty && after.generationID == -1 && after.ownedPartitions.isEmpty)
        }
    }

    @Test("eager assignors are told neither partitions nor generation")
    func eagerSubscription() {
        var membership = GroupMembership()
        _ = membership.joinAnswered(joined(7, protocol: "cooperative-sticky"))
        _ = membership.syncAnswered(.none, assignment: partitions(0))
        for assignor in [Assignor.range, .roundRobin] {
            let subscription = membership.subscription(to: ["t"], for: assignor)
            #expect(subscription.topics == ["t"] && subscription.ownedPartitions.isEmpty && subscription.userData == nil)
        }
    }
}
