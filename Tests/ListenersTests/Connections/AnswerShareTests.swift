import Testing

@testable import Listeners

/// One connection's part in the budgets of answers.
@Suite("Answer shares")
struct AnswerShareTests {
    private let node = ByteBudget(bytesMax: 800)
    private let all = ByteBudget(bytesMax: 1600)

    private func share() -> AnswerShare { AnswerShare(node: node, all: all, freed: {}, wanted: {}) }

    @Test("Fetches leave an eighth, which whole answers may use, to the last byte and not beyond it")
    func whole() {
        let (one, other) = (share(), share())
        #expect(one.take(atLeast: 1, upTo: 5000) == 700)
        #expect(one.take(atLeast: 1, upTo: 1) == 0)
        #expect(!other.takeWhole(101))
        #expect(node.bytesTaken == 700 && all.bytesTaken == 700)
        #expect(other.takeWhole(100))
        #expect(!other.takeWhole(1))
        #expect(node.bytesTaken == 800 && all.bytesTaken == 800)
    }

    @Test("A node that holds nothing gets its answer whole, however large, and while it holds that no other one")
    func unused() {
        all.charge(1600)
        #expect(share().takeWhole(5000))
        #expect(node.bytesTaken == 5000 && all.bytesTaken == 6600)
        #expect(!share().takeWhole(1))
    }

    @Test("Nothing is room for nothing")
    func nothing() {
        node.charge(900)
        #expect(share().takeWhole(0))
        #expect(node.bytesTaken == 900)
    }

    @Test("A wish for a whole answer and one for a Fetch are met each for itself")
    func wishes() {
        let share = share()
        #expect(share.takeWhole(700))
        share.tellWhenThereIsRoom(for: 100)
        share.tellWhenThereIsRoom(forWhole: 101)
        #expect(share.isWanted && !share.takeWish())
        share.giveBack(1)
        #expect(share.takeWish(), "101 fit now")
        #expect(share.isWanted, "100 do not, beside the eighth")
        share.giveBack(99)
        #expect(share.takeWish() && !share.isWanted)
    }
}
