import KafkaWire
import Storage
import Testing

@testable import Broker

@Suite("Offsets expire (KIP-211)")
struct OffsetExpiryTests {
    private let expiry = OffsetExpiry(retention: 1000)

    private func offset(_ topic: String, committedAt: Int64) -> CommittedOffset {
        CommittedOffset(
            partition: PartitionName(topic: topic, partition: 0), topicID: UUID128(high: 1, low: 1), offset: 5, leaderEpoch: 0,
            metadata: "", committedAt: committedAt)
    }

    private func isExpired(_ offset: CommittedOffset, _ group: ConsumerGroup, at date: Int64, exists: Bool = true) -> Bool {
        !expiry.expired([offset], of: group, at: date) { _ in exists }.isEmpty
    }

    @Test("Without a group: at the retention since the commit, not a moment before", arguments: [(1999, false), (2000, true), (2001, true)])
    func simple(date: Int64, isGone: Bool) {
        let group = ConsumerGroup(id: "g", rules: ConsumerGroupRules(), at: Moment(uptime: 0, date: 9_000_000))
        #expect(isExpired(offset("t", committedAt: 1000), group, at: date) == isGone)
    }

    @Test("In an empty group: at the retention since it became empty, or since a later commit")
    func empty() {
        var bench = GroupBench.stable(members: 1)
        _ = bench.leave(MemberClaim(memberID: "member-1"))
        let since = bench.group.stateChangedAt
        let old = offset("t", committedAt: since - 1_000_000)
        #expect(!isExpired(old, bench.group, at: since + 999))
        #expect(isExpired(old, bench.group, at: since + 1000))
        let reset = offset("t", committedAt: since + 500)
        #expect(!isExpired(reset, bench.group, at: since + 1499))
        #expect(isExpired(reset, bench.group, at: since + 1500))
    }

    @Test("In a living group: only of topics that nobody subscribes to")
    func living() {
        var bench = GroupBench.stable(members: 1, topics: ["t"])
        #expect(!isExpired(offset("t", committedAt: 0), bench.group, at: 1_000_000))
        #expect(!isExpired(offset("u", committedAt: 0), bench.group, at: 999))
        #expect(isExpired(offset("u", committedAt: 0), bench.group, at: 1000))
        bench.join(.new())
        #expect(!isExpired(offset("u", committedAt: 0), bench.group, at: 1_000_000), "not while it rebalances")
    }

    @Test("Where the subscription cannot be read nothing expires")
    func opaque() {
        var bench = GroupBench()
        var request = JoinRequest.new()
        request.protocols[0].metadata = [1]
        bench.join(request)
        bench.syncAll()
        #expect(bench.group.isStable)
        #expect(!isExpired(offset("u", committedAt: 0), bench.group, at: 1_000_000))
    }

    @Test("Of a topic that is gone: at once")
    func goneTopic() {
        let bench = GroupBench.stable(members: 1, topics: ["t"])
        #expect(isExpired(offset("t", committedAt: 0), bench.group, at: 0, exists: false))
    }
}
