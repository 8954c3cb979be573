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
