import NIOCore
import Testing

@testable import Listeners

@Suite struct AnswerQueueTests {
    @Test("answers leave in the order of their requests, in whatever order they come")
    func order() {
        for seed in 0..<200 as Range<UInt64> {
            var generator = SplitMix(seed: seed)
            var queue = AnswerQueue()
            let tickets = (0..<20).map { _ in queue.open(requestBytes: 1) }
            var sent: [UInt8] = []
            for index in Array(0..<20).shuffled(using: &generator) {
                // Every fourth request wants no answer.
                let answer = index % 4 == 3 ? nil : ByteBuffer(bytes: [UInt8(index)])
                #expect(queue.answer(tickets[index], with: answer) == 1)
                while let bytes = queue.take(bytesMax: 100) { sent += Array(bytes.readableBytesView) }
            }
            #expect(sent == (0..<20).filter { $0 % 4 != 3 }.map(UInt8.init), "seed \(seed)")
            #expect(queue.isEmpty)
            #expect(queue.answerBytes == 0)
            #expect(queue.requestsInFlight == 0)
        }
    }

    @Test("an answer larger than one write leaves in pieces, before the next answer")
    func pieces() {
        var queue = AnswerQueue()
        let first = queue.open(requestBytes: 0)
        let second = queue.open(requestBytes: 0)
        _ = queue.answer(second, with: ByteBuffer(bytes: [9]))
        _ = queue.answer(first, with: ByteBuffer(bytes: Array(0..<10)))
        #expect(queue.answerBytes == 11)
        var pieces: [[UInt8]] = []
        while let piece = queue.take(bytesMax: 4) { pieces.append(Array(piece.readableBytesView)) }
        #expect(pieces == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9], [9]])
        #expect(queue.answerBytes == 0)
    }

    @Test("bytes of requests are counted until they are answered")
    func requestBytes() {
        var queue = AnswerQueue()
        let first = queue.open(requestBytes: 10)
        _ = queue.open(requestBytes: 5)
        #expect(queue.requestBytesInFlight == 15)
        #expect(queue.answer(first, with: nil) == 10)
        #expect(queue.requestBytesInFlight == 5)
        #expect(queue.requestsInFlight == 1)
    }
}
