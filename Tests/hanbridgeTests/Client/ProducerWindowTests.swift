import Testing

@testable import hanbridge

@Suite("The producer's window")
struct ProducerWindowTests {
    private func window(_ counts: [Int32]) -> ProducerWindow<Int> {
        var window = ProducerWindow<Int>()
        for (index, count) in counts.enumerated() { window.batchMade(index, recordCount: count) }
        return window
    }

    @Test("sequences follow each other and wrap to 0 behind 2^31 - 1")
    func sequences() {
        var window = window([.max, 3, 1])
        #expect([window.nextToSend(), window.nextToSend(), window.nextToSend()].map { $0?.baseSequence } == [0, .max, 2])
    }

    @Test("five batches are in flight and not six")
    func limit() {
        var window = window(Array(repeating: 1, count: 7))
        #expect((0..<7).compactMap { _ in window.nextToSend() }.map(\.batch) == [0, 1, 2, 3, 4])
        window.acknowledged(1)
        #expect(window.nextToSend() == nil)
        window.acknowledged(0)
        #expect(window.nextToSend()?.batch == 5)
    }

    @Test("after a failure nothing is sent until all came back, then everything again from the first, with its sequence")
    func rewind() {
        var window = window([2, 2, 2])
        let sent = (0..<3).compactMap { _ in window.nextToSend() }
        #expect(window.failed(sent[0].number, isRetriable: true, isOutOfOrder: false) == .retry)
        #expect(window.nextToSend() == nil)
        #expect(window.failed(sent[1].number, isRetriable: false, isOutOfOrder: true) == .follow)
        window.acknowledged(sent[2].number)
        let again = (0..<3).compactMap { _ in window.nextToSend() }
        #expect(again.map(\.baseSequence) == [0, 2])
        for item in again { window.acknowledged(item.number) }
        #expect(window.isEmpty)
    }

    @Test("a gap in front of the first batch is real, and an error that does not pass ends it")
    func giveUp() {
        var first = window([1])
        let item = first.nextToSend()
        #expect(first.failed(item?.number ?? 99, isRetriable: false, isOutOfOrder: true) == .giveUp)
        var second = window([1])
        let other = second.nextToSend()
        #expect(second.failed(other?.number ?? 99, isRetriable: false, isOutOfOrder: false) == .giveUp)
    }

    @Test("the rest of a refused batch takes its place, and what was in flight behind it follows with new sequences")
    func refusal() {
        var window = window([3, 2, 4])
        let sent = (0..<3).compactMap { _ in window.nextToSend() }
        window.refused(sent[0].number, rest: (10, 2))
        #expect(window.nextToSend() == nil, "what is in flight comes back first")
        #expect(window.failed(sent[1].number, isRetriable: false, isOutOfOrder: true) == .follow)
        #expect(window.failed(sent[2].number, isRetriable: false, isOutOfOrder: true) == .follow)
        let again = (0..<3).compactMap { _ in window.nextToSend() }
        #expect(again.map(\.batch) == [10, 1, 2])
        #expect(again.map(\.baseSequence) == [0, 2, 4])
    }

    @Test("where nothing is left of a refused batch, the next one takes its sequence, although it came back out of order at the front")
    func refusedWhole() {
        var window = window([3, 2])
        let sent = (0..<2).compactMap { _ in window.nextToSend() }
        window.refused(sent[0].number, rest: nil)
        #expect(window.failed(sent[1].number, isRetriable: false, isOutOfOrder: true) == .follow)
        #expect(window.nextToSend()?.baseSequence == 0)
        window.batchMade(7, recordCount: 1)
        #expect(window.nextToSend()?.baseSequence == 2)
    }

    @Test("a batch that a broker stored behind a refused one, not knowing the producer, is followed by the others")
    func storedBehind() {
        var window = window([1, 2, 4])
        let sent = (0..<3).compactMap { _ in window.nextToSend() }
        window.refused(sent[0].number, rest: nil)
        window.acknowledged(sent[1].number)
        #expect(window.failed(sent[2].number, isRetriable: false, isOutOfOrder: true) == .follow)
        #expect(window.nextToSend()?.baseSequence == 3)
    }

    @Test("where that batch's answer is heard before the refusal, nothing acknowledged stays and the others follow as well")
    func storedBehindAndHeardFirst() {
        for rest in [nil, (10, Int32(1))] {
            var window = window([2, 2, 4])
            let sent = (0..<3).compactMap { _ in window.nextToSend() }
            window.acknowledged(sent[1].number)
            window.refused(sent[0].number, rest: rest)
            #expect(window.failed(sent[2].number, isRetriable: false, isOutOfOrder: true) == .follow)
            let again = (0..<2).compactMap { _ in window.nextToSend() }
            #expect(again.map(\.baseSequence) == (rest == nil ? [4] : [4, 5]))
            for item in again { window.acknowledged(item.number) }
            #expect(window.isEmpty)
        }
    }

    @Test("a gap behind a batch that did not come back is no consequence: it is tried again after a while")
    func unexplainedGap() {
        var window = window([1, 1, 1])
        let sent = (0..<3).compactMap { _ in window.nextToSend() }
        #expect(window.failed(sent[1].number, isRetriable: false, isOutOfOrder: true) == .retry)
        #expect(window.failed(sent[2].number, isRetriable: false, isOutOfOrder: true) == .follow)
    }

    @Test("whatever fails and is refused, a broker that deduplicates by sequence gets every good record once and in order")
    func simulated() {
        for seed in UInt64(1)...300 {
            var random = SampleRandom(seed: seed, index: 0)
            // A record is bad where it is a multiple of seven.
            var made: [[Int]] = []
            for first in 0..<20 { made.append((0..<random.integer(1...9)).map { first * 10 + $0 }) }
            var window = ProducerWindow<[Int]>()
            for batch in made { window.batchMade(batch, recordCount: Int32(batch.count)) }
            var broker = SimulatedBroker()
            var inFlight: [ProducerWindow<[Int]>.Item] = []
            var steps = 0
            while !window.isEmpty, steps < 10_000 {
                steps += 1
                while let item = window.nextToSend() { inFlight.append(item) }
                guard !inFlight.isEmpty else { break }
                let item = inFlight.removeFirst()
                let isLost = random.oneIn(4)
                let answer = !isLost || random.oneIn(2) ? broker.received(item) : nil
                switch isLost ? nil : answer {
                case nil: _ = window.failed(item.number, isRetriable: true, isOutOfOrder: false)
                case .stored: window.acknowledged(item.number)
                case .outOfOrder: #expect(window.failed(item.number, isRetriable: false, isOutOfOrder: true) != .giveUp, "seed \(seed)")
                case .refused(let rest): window.refused(item.number, rest: rest.isEmpty ? nil : (rest, Int32(rest.count)))
                }
            }
            #expect(broker.log == made.flatMap { $0 }.filter { !$0.isMultiple(of: 7) }, "seed \(seed)")
            #expect(window.isEmpty, "seed \(seed)")
        }
    }

    /// Judges records before sequences, as Hanbridge does.
    private struct SimulatedBroker {
        enum Answer { case stored, outOfOrder, refused(rest: [Int]) }

        var log: [Int] = []
        private var known: [Int32: Int] = [:]

        mutating func received(_ item: ProducerWindow<[Int]>.Item) -> Answer {
            let rest = item.batch.filter { !$0.isMultiple(of: 7) }
            guard rest.count == item.batch.count else { return .refused(rest: rest) }
            if known[item.baseSequence] == item.batch.count { return .stored }
            guard item.baseSequence == log.count else { return .outOfOrder }
            known[item.baseSequence] = item.batch.count
            log += item.batch
            return .stored
        }
    }
}
