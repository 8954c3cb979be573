import AccessPolicy
import Storage
import Testing

@testable import Broker

@Suite struct DecisionLedgerTests {
    private func subject(_ resource: String = "topic:a", node: String = "a/b/c") -> DecisionLedger.Subject {
        DecisionLedger.Subject(
            node: node, certificate: Digest256((1, 2, 3, 4)), action: "publish", resource: resource, reason: "no-agreement")
    }

    private func refuse(_ ledger: inout DecisionLedger, _ subject: DecisionLedger.Subject, at now: Int64) {
        ledger.decided(subject, policyVersion: 1, address: "127.0.0.1:1", at: now)
    }

    @Test("the first refusal is an entry at once, the same within its second are one more")
    func coalescing() {
        var ledger = DecisionLedger()
        for offset in 0..<1_000 { refuse(&ledger, subject(), at: 5_000 + Int64(offset)) }
        #expect(ledger.take(atMost: 10, at: 5_999).map(\.count) == [1])
        #expect(ledger.hasOpenCounts)
        #expect(ledger.take(atMost: 10, at: 7_000).map(\.count) == [999])
        #expect(!ledger.hasOpenCounts || ledger.take(atMost: 10, at: 8_000).isEmpty)
    }

    @Test("what differs in node or resource is told apart")
    func subjects() {
        var ledger = DecisionLedger()
        refuse(&ledger, subject("topic:a"), at: 0)
        refuse(&ledger, subject("topic:b"), at: 0)
        refuse(&ledger, subject("topic:a", node: "a/b/d"), at: 0)
        #expect(ledger.take(atMost: 10, at: 0).count == 3)
    }

    @Test("a node that is refused a million different things causes a bounded number of entries, and none is forgotten")
    func flood() {
        var ledger = DecisionLedger()
        var written = 0
        var counted = 0
        // 100,000 refusals of different topics over a hundred seconds.
        for number in 0..<100_000 {
            let now = Int64(number)
            refuse(&ledger, subject("topic:\(number)"), at: now)
            if number % 1_000 == 999 {
                for entry in ledger.take(atMost: .max, at: now) {
                    written += 1
                    counted += entry.count
                }
            }
        }
        for entry in ledger.take(atMost: .max, at: 300_000) {
            written += 1
            counted += entry.count
        }
        #expect(written <= DecisionLedger.Terms.refusals.budgetBurst + 100 * DecisionLedger.Terms.refusals.budgetPerSecond + 5)
        #expect(counted == 100_000)
    }

    @Test("what waits for the disk is bounded, and what does not fit is counted")
    func waitingBounded() {
        var ledger = DecisionLedger()
        // Nodes enough to have entries for more than fit.
        var now: Int64 = 0
        for round in 0..<6 {
            for number in 0..<1_000 { refuse(&ledger, subject("topic:\(round)", node: "a/b/n\(number)"), at: now) }
            now += 2_000
            ledger.putBack(ledger.take(atMost: .max, at: now))
            #expect(ledger.waiting.count <= DecisionLedger.waitingMax)
        }
        let first = ledger.take(atMost: .max, at: now + 2_000)
        let rest = ledger.take(atMost: .max, at: now + 4_000)
        #expect((first + rest).reduce(0) { $0 + $1.count } == 6_000)
    }

    @Test("a clock that steps back neither stops the ledger nor loses a count")
    func clockBack() {
        var ledger = DecisionLedger()
        refuse(&ledger, subject(), at: 1_000_000)
        refuse(&ledger, subject(), at: 1_000_001)
        let entries = ledger.take(atMost: 10, at: 500)
        #expect(entries.map(\.count) == [1, 1])
    }

    @Test("the same access within a minute is one entry and a count, and purposes are told apart")
    func accesses() {
        var ledger = DecisionLedger(.accesses)
        var other = subject()
        other.purpose = AgreedPurpose(id: "claims", isImplied: true)
        for offset in 0..<50 as Range<Int64> {
            refuse(&ledger, subject(), at: offset * 1_000)
            refuse(&ledger, other, at: offset * 1_000)
        }
        let first = ledger.take(atMost: 10, at: 50_000)
        #expect(first.map(\.count) == [1, 1] && first.allSatisfy { $0.kind == .access })
        #expect(first.map(\.purpose?.id) == [nil, "claims"])
        #expect(ledger.take(atMost: 10, at: 61_000).map(\.count) == [49, 49])
    }
}
