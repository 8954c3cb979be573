import Testing

@testable import Broker

@Suite("What members subscribe to")
struct GroupSubscriptionTests {
    @Test("Topics are read from every version, a newer one included")
    func versions() {
        let blob = JoinRequest.subscription(to: ["a", "b"], ownedGeneration: 4)
        #expect(GroupSubscription(blob, protocolType: "consumer") == .topics(["a", "b"]))
        #expect(GroupSubscription([0, 9] + blob.dropFirst(2) + [0xFF, 0xFF, 1, 2, 3], protocolType: "consumer") == .topics(["a", "b"]))
    }

    @Test("Other protocols and broken metadata are opaque, and cost nothing")
    func opaque() {
        let blob = JoinRequest.subscription(to: ["a"])
        #expect(GroupSubscription(blob, protocolType: "connect") == .opaque)
        for length in 0..<blob.count where length < 9 {
            #expect(GroupSubscription(Array(blob.prefix(length)), protocolType: "consumer") == .opaque)
        }
        #expect(GroupSubscription([0, 0, 0x7F, 0xFF, 0xFF, 0xFF, 0, 1], protocolType: "consumer") == .opaque)
    }

    @Test("A group's topics are those of all its members, or unknown when one of them is")
    func groupTopics() {
        var bench = GroupBench.stable(members: 1, topics: ["a"])
        bench.join(.new(topics: ["b"]))
        #expect(bench.group.subscribedTopics == ["a", "b"])
        var request = JoinRequest.new()
        request.protocols[0].metadata = [1]
        bench.join(request)
        #expect(bench.group.subscribedTopics == nil)
        #expect(GroupBench().group.subscribedTopics == [])
    }
}
