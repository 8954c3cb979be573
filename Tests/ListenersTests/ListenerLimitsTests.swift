import Testing

@testable import Listeners

@Suite struct ListenerLimitsTests {
    @Test("the defaults agree with each other")
    func defaults() throws { try ListenerLimits().validate() }

    @Test("limits that contradict each other are refused with a sentence")
    func contradiction() {
        var limits = ListenerLimits()
        limits.requestBytesPerConnectionMax = limits.frameBytesMax
        #expect(throws: Never.self) { try limits.validate() }
        limits.requestBytesPerConnectionMax -= 1
        #expect(throws: ListenerLimitsError.self) { try limits.validate() }
    }

    @Test("a limit of nothing is refused")
    func zero() {
        var limits = ListenerLimits()
        limits.connectionsMax = 0
        #expect(throws: ListenerLimitsError(description: "connectionsMax is 0, but must be at least 1")) { try limits.validate() }
    }

    @Test("a budget gives out exactly its bytes")
    func budget() {
        let budget = ByteBudget(bytesMax: 10)
        #expect(budget.take(10))
        #expect(!budget.take(1))
        budget.giveBack(1)
        #expect(budget.take(1))
        #expect(budget.bytesTaken == 10)
    }

    @Test("a budget gives out what it has, leaves what is kept, and refuses less than is needed")
    func partOfABudget() {
        let budget = ByteBudget(bytesMax: 80)
        #expect(budget.take(atLeast: 10, upTo: 40, leaving: 10) == 40)
        #expect(budget.take(atLeast: 30, upTo: 40, leaving: 10) == 30, "at what is left")
        #expect(budget.take(atLeast: 1, upTo: 40, leaving: 10) == 0, "one past it")
        #expect(!budget.takeIfUnused(1))
        #expect(!budget.isExceeded)
        budget.charge(10)
        #expect(!budget.isExceeded)
        budget.charge(1)
        #expect(budget.isExceeded)
        budget.giveBack(81)
        #expect(budget.takeIfUnused(1000), "more than it has, where nobody has taken any")
    }

    @Test("a node that holds nothing gets its smallest answer, and no second, though all the room is taken")
    func everyNodeMakesProgress() {
        let all = ByteBudget(bytesMax: 800)
        all.charge(5000)
        let node = ByteBudget(bytesMax: 8)
        let share = AnswerShare(node: node, all: all, freed: {}, wanted: {})
        #expect(share.mayBegin)
        #expect(share.take(atLeast: 100, upTo: 200) == 100)
        #expect(!share.mayBegin)
        #expect(share.take(atLeast: 1, upTo: 200) == 0)
        share.giveBack(100)
        #expect(share.take(atLeast: 100, upTo: 200) == 100)
        #expect(all.bytesTaken == 5100)
    }

    @Test("unfinished handshakes of an address: the last one allowed, and one past it")
    func handshakes() {
        let handshakes = HandshakesByAddress(perAddressMax: 2)
        #expect(handshakes.begin("192.0.2.1"))
        #expect(handshakes.begin("192.0.2.1"))
        #expect(!handshakes.begin("192.0.2.1"))
        #expect(handshakes.begin("192.0.2.2"))
        handshakes.end("192.0.2.1")
        #expect(handshakes.begin("192.0.2.1"))
    }
}
