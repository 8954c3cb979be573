import Testing

@testable import Broker

@Suite("Deadlines of a shard's groups")
struct GroupDeadlinesTests {
    @Test("Due groups come earliest first, once, at their time and not before")
    func order() {
        var deadlines = GroupDeadlines()
        deadlines.set(30, for: "c")
        deadlines.set(10, for: "a")
        deadlines.set(20, for: "b")
        #expect(deadlines.earliest() == 10)
        #expect(deadlines.popDue(at: 9) == [])
        #expect(deadlines.popDue(at: 20) == ["a", "b"])
        #expect(deadlines.popDue(at: 20) == [])
        #expect(deadlines.earliest() == 30)
    }

    @Test("The last deadline set counts; Int64.max takes it away")
    func replacement() {
        var deadlines = GroupDeadlines()
        deadlines.set(10, for: "a")
        deadlines.set(50, for: "a")
        #expect(deadlines.earliest() == 50)
        #expect(deadlines.popDue(at: 40) == [])
        deadlines.set(45, for: "a")
        #expect(deadlines.popDue(at: 45) == ["a"])
        deadlines.set(60, for: "a")
        deadlines.set(Int64.max, for: "a")
        #expect(deadlines.earliest() == nil)
        #expect(deadlines.count == 0)
    }

    @Test("Deadlines that move to and fro do not fill the memory")
    func bounded() {
        var deadlines = GroupDeadlines()
        for round in 0..<10_000 { deadlines.set(Int64(1_000_000 - round), for: "a") }
        #expect(deadlines.heapCount <= 69)
        #expect(deadlines.earliest() == 990_001)
    }
}
