import KafkaWire
import Testing

@testable import hanbridge

@Suite("Cooperative sticky assignment")
struct StickyAssignmentTests {
    private typealias Member = Assignor.Member

    private func partitions(_ numbers: some Sequence<Int32>, of topic: String = "t") -> Set<TopicPartition> {
        Set(numbers.map { TopicPartition(topic: topic, partition: $0) })
    }

    /// The group rebalances until nobody gives anything up: what a member is left with is what it comes back with.
    private func settle(_ members: [Member], _ counts: [String: Int32], sourceLocation: SourceLocation = #_sourceLocation) -> [Member] {
        var members = members
        for generation in 1...4 {
            let shares = Assignor.cooperativeSticky.assign(members, partitionCounts: counts)
            let isSettled = members.allSatisfy { $0.owned.isSubset(of: shares[$0.memberID, default: []]) }
            let given = shares.values.flatMap { $0 }
            #expect(Set(given).count == given.count, "one partition, one member", sourceLocation: sourceLocation)
            for index in members.indices {
                members[index].owned = Set(shares[members[index].memberID, default: []])
                members[index].generation = Int32(generation)
            }
            if isSettled { return members }
        }
        Issue.record("the group does not settle", sourceLocation: sourceLocation)
        return members
    }

    @Test("members with the same topics get shares that differ by one at most, and together all there is")
    func even() {
        let members = settle(["a", "b", "c"].map { Member(memberID: $0, topics: ["t", "u"]) }, ["t": 5, "u": 3, "unused": 9])
        #expect(members.map(\.owned.count).sorted() == [2, 3, 3])
        #expect(members.reduce(into: Set()) { $0.formUnion($1.owned) } == partitions(0..<5).union(partitions(0..<3, of: "u")))
    }

    @Test("a new member gets its share in the second rebalance, and the others lose no more than that")
    func newMember() {
        var members = settle(["a", "b"].map { Member(memberID: $0, topics: ["t"]) }, ["t": 6])
        let before = members
        members.append(Member(memberID: "c", topics: ["t"]))
        let first = Assignor.cooperativeSticky.assign(members, partitionCounts: ["t": 6])
        #expect(first["c"] == [], "what others hold is not given before they let go")
        #expect(first["a"]?.count == 2 && first["b"]?.count == 2)
        let after = settle(members, ["t": 6])
        #expect(after.map(\.owned.count) == [2, 2, 2])
        for index in 0..<2 { #expect(after[index].owned.isSubset(of: before[index].owned)) }
    }

    @Test("what a member that left had goes to the others at once, and they keep all they had")
    func departure() {
        let before = settle(["a", "b", "c"].map { Member(memberID: $0, topics: ["t"]) }, ["t": 6])
        let left = Array(before.dropLast())
        let shares = Assignor.cooperativeSticky.assign(left, partitionCounts: ["t": 6])
        #expect(shares.values.allSatisfy { $0.count == 3 })
        for member in left { #expect(member.owned.isSubset(of: shares[member.memberID, default: []])) }
    }

    @Test("of two that claim a partition the newer generation holds it; the same generation twice is believed of neither")
    func claims() {
        let stale = Member(memberID: "a", topics: ["t"], owned: partitions(0...1), generation: 3)
        let holder = Member(memberID: "b", topics: ["t"], owned: partitions(0...1), generation: 4)
        let shares = StickyAssignment.balanced([stale, holder], partitionCounts: ["t": 2])
        #expect(shares["a"]?.count == 1 && shares["b"]?.count == 1)
        let told = Assignor.cooperativeSticky.assign([stale, holder], partitionCounts: ["t": 2])
        #expect(told.values.allSatisfy { $0.isEmpty }, "both may be reading both: each lets go first")
        let twins = [stale, Member(memberID: "b", topics: ["t"], owned: partitions(0...1), generation: 3)]
        #expect(settle(twins, ["t": 2]).map(\.owned.count) == [1, 1])
    }

    @Test("a member gets only topics that it subscribes to, also where that is not even, and a topic that is gone is forgotten")
    func subscriptions() {
        let members = settle(
            [
                Member(memberID: "a", topics: ["t"], owned: partitions(0..<4).union(partitions(0..<2, of: "gone")), generation: 1),
                Member(memberID: "b", topics: ["t", "u"]), Member(memberID: "c", topics: ["u"]),
            ], ["t": 4, "u": 2])
        for member in members { #expect(member.owned.allSatisfy { member.topics.contains($0.topic) }) }
        #expect(members.map(\.owned.count).reduce(0, +) == 6 && members.allSatisfy { !$0.owned.isEmpty })
        let idle = settle([Member(memberID: "a", topics: ["none"]), Member(memberID: "b", topics: ["t"])], ["t": 3])
        #expect(idle.map(\.owned.count) == [0, 3])
    }

    @Test("a random group stays fair, whole and settled through arrivals and departures", arguments: 1...20 as ClosedRange<UInt64>)
    func random(seed: UInt64) {
        var random = SampleRandom(seed: seed, index: 0)
        let counts: [String: Int32] = ["t": Int32(random.integer(1...20)), "u": Int32(random.integer(1...20)), "v": 3]
        var members: [Member] = []
        for turn in 0..<12 {
            if members.isEmpty || random.integer(0...2) > 0 {
                let topics = ["t", "u", "v"].filter { _ in random.integer(0...3) > 0 }
                members.append(Member(memberID: "m\(turn)", topics: topics))
            } else {
                members.remove(at: random.integer(0...(members.count - 1)))
            }
            members = settle(members, counts)
            let wanted = Set(members.flatMap(\.topics)).reduce(0) { $0 + Int(counts[$1] ?? 0) }
            #expect(members.reduce(0) { $0 + $1.owned.count } == wanted, "seed \(seed), turn \(turn)")
            for rich in members {
                for poor in members where rich.owned.count >= poor.owned.count + 2 {
                    #expect(!rich.owned.contains { poor.topics.contains($0.topic) }, "seed \(seed), turn \(turn)")
                }
            }
        }
    }

    @Test("a member says what it holds as librdkafka and Java say it: in the subscription, and Java's old ones in their user data")
    func introductions() {
        func member(_ subscription: ConsumerProtocolSubscription, version: Int16) -> Assignor.Member {
            Assignor.Member(
                JoinGroupResponse.JoinGroupResponseMember {
                    $0.memberID = "m"
                    $0.metadata = subscription.encodedBlob(version: version)
                })
        }
        let subscription = ConsumerProtocolSubscription {
            $0.topics = ["t"]
            $0.userData = [0, 0, 0, 5]
            $0.generationID = 6
            $0.ownedPartitions = [
                .init {
                    $0.topic = "t"
                    $0.partitions = [2]
                }
            ]
        }
        #expect(member(subscription, version: 3) == Member(memberID: "m", topics: ["t"], owned: partitions([2]), generation: 6))
        #expect(member(subscription, version: 1) == Member(memberID: "m", topics: ["t"], owned: partitions([2]), generation: 5))
        #expect(member(subscription, version: 0) == Member(memberID: "m", topics: ["t"], generation: 5))
    }
}
