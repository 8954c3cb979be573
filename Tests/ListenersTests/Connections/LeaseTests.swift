import Testing

@testable import Listeners

@Suite("Room of HTTPS requests and answers")
struct LeaseTests {
    private let node = ByteBudget(bytesMax: 100)
    private let all = ByteBudget(bytesMax: 150)

    @Test("A request's room is taken at the limit, refused a byte past it, and comes back with the last who holds it")
    func requests() {
        var lease = RequestLease(100, node: node, all: all)
        #expect(lease != nil && node.bytesTaken == 100 && all.bytesTaken == 100)
        #expect(RequestLease(1, node: node, all: all) == nil)
        let other = ByteBudget(bytesMax: 100)
        #expect(RequestLease(51, node: other, all: all) == nil && other.bytesTaken == 0)
        do {
            let second = RequestLease(50, node: other, all: all)
            #expect(second != nil && all.bytesTaken == 150)
        }
        #expect(all.bytesTaken == 100)
        let behindTheAnswer = lease
        lease = nil
        #expect(node.bytesTaken == 100)
        withExtendedLifetime(behindTheAnswer) {}
    }

    @Test("An answer's room is taken before it is made; a node that holds nothing always has it")
    func answers() {
        let lease = AnswerLease(taking: 100, node: node, all: all)
        #expect(lease != nil)
        #expect(AnswerLease(taking: 1, node: node, all: all) == nil)
        let large = AnswerLease(taking: 1000, node: ByteBudget(bytesMax: 100), all: all)
        #expect(large != nil && all.bytesTaken == 1100)
        lease?.end()
        large?.end()
        #expect(node.bytesTaken == 0 && all.bytesTaken == 0)
        #expect(AnswerLease(taking: 0, node: node, all: all) != nil)
    }

    @Test("The next answer of a route is expected to be as large as those before it, up to a limit, and a large one is forgotten by and by")
    func sizes() {
        let sizes = AnswerSizes()
        #expect(sizes.bytesExpected == AnswerSizes.bytesLeast)
        sizes.note(AnswerSizes.bytesLeast - 1)
        #expect(sizes.bytesExpected == AnswerSizes.bytesLeast)
        for bytes in [AnswerSizes.bytesMost - 1, AnswerSizes.bytesMost] {
            sizes.note(bytes)
            #expect(sizes.bytesExpected == bytes)
        }
        sizes.note(AnswerSizes.bytesMost + 1)
        #expect(sizes.bytesExpected == AnswerSizes.bytesMost)
        sizes.note(70_000)
        #expect(sizes.bytesExpected < AnswerSizes.bytesMost && sizes.bytesExpected > AnswerSizes.bytesMost / 2)
        for _ in 0..<200 { sizes.note(100) }
        #expect(sizes.bytesExpected == AnswerSizes.bytesLeast)
    }
}
