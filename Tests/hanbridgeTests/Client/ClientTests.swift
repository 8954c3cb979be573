import KafkaWire
import NIOCore
import Testing

@testable import hanbridge

@Suite("The client's pure parts")
struct ClientTests {
    @Test("frames are cut from bytes however they arrive")
    func frames() {
        var stream = ByteBuffer()
        for text in ["abcd", "Đà Nẵng", String(repeating: "x", count: 500)] {
            stream.writeInteger(Int32(text.utf8.count))
            stream.writeString(text)
        }
        for size in [1, 2, 3, 5, 7, 64, stream.readableBytes] {
            var assembler = FrameAssembler(frameBytesMax: 500)
            var rest = stream
            var frames: [String] = []
            while rest.readableBytes > 0, var chunk = rest.readSlice(length: min(size, rest.readableBytes)) {
                while case .frame(let frame) = assembler.received(&chunk, allocator: ByteBufferAllocator()) { frames.append(String(buffer: frame)) }
            }
            #expect(frames == ["abcd", "Đà Nẵng", String(repeating: "x", count: 500)])
        }
    }

    @Test("a frame is as long as the limit and not a byte longer; lengths below a correlation id are refused, and for good")
    func frameLimits() {
        for (length, isRefused) in [(Int32(500), false), (501, true), (3, true), (0, true), (-1, true), (.max, true), (.min, true)] {
            var assembler = FrameAssembler(frameBytesMax: 500)
            var bytes = ByteBuffer(integer: length)
            let action = assembler.received(&bytes, allocator: ByteBufferAllocator())
            #expect(action == (isRefused ? .refuse(length: length) : .needMore))
            if isRefused {
                var more = ByteBuffer(integer: Int32(4))
                #expect(assembler.received(&more, allocator: ByteBufferAllocator()) == .refuse(length: length))
            }
        }
    }

    @Test("answers are matched in order, up to the limit of requests; one out of order ends the connection")
    func matching() {
        var matcher = ResponseMatcher<String>(inFlightMax: 2)
        #expect(matcher.requestMade("a") == .send(correlationID: 1))
        #expect(matcher.requestMade("b") == .send(correlationID: 2))
        #expect(matcher.requestMade("c") == .refuse)
        guard case .complete("a") = matcher.answerReceived(correlationID: 1) else {
            Issue.record("the answer to a")
            return
        }
        guard case .close = matcher.answerReceived(correlationID: 1) else {
            Issue.record("an answer twice")
            return
        }
        #expect(matcher.connectionClosed() == ["b"])
        #expect(matcher.requestMade("d") == .refuse)
    }

    @Test("the newest version that both know is spoken; none in common is none")
    func versions() {
        func table(_ range: ClosedRange<Int16>) -> VersionTable {
            VersionTable(
                ApiVersionsResponse {
                    $0.apiKeys = [
                        .init {
                            $0.apiKey = ApiKey.fetch.rawValue
                            $0.minVersion = range.lowerBound
                            $0.maxVersion = range.upperBound
                        }
                    ]
                })
        }
        #expect(table(0...17).version(for: FetchRequest.self) == 12)
        #expect(table(0...5).version(for: FetchRequest.self) == 5)
        #expect(table(13...17).version(for: FetchRequest.self) == nil)
        #expect(table(4...4).version(for: ProduceRequest.self) == nil)
    }

    @Test("the wait doubles up to the longest one and starts again after a success")
    func backoff() {
        var backoff = Backoff(first: .milliseconds(100), longest: .seconds(1))
        var generator = SystemRandomNumberGenerator()
        for step in [100, 200, 400, 800, 1000, 1000] {
            let wait = backoff.failed(using: &generator)
            #expect(wait >= .milliseconds(step) / 2 && wait <= .milliseconds(step), "\(wait) for \(step)")
        }
        backoff.succeeded()
        #expect(backoff.failed(using: &generator) <= .milliseconds(100))
    }

    @Test("keys go to the partitions that Kafka's Java client chooses (UtilsTest.testMurmur2)")
    func murmur() {
        for (text, hash) in [
            ("21", -973_932_308), ("foobar", -790_332_482), ("a-little-bit-long-string", -985_981_536),
            ("a-little-bit-longer-string", -1_486_304_829), ("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58_897_971),
        ] {
            #expect(Int32(bitPattern: Partitioner.murmur2(Array(text.utf8))) == Int32(hash), "\(text)")
        }
    }

    @Test("range and round robin give every partition to exactly one member that subscribes to its topic")
    func assignors() {
        let members = [
            Assignor.Member(memberID: "b", topics: ["t", "u"]), Assignor.Member(memberID: "a", topics: ["t"]),
            Assignor.Member(memberID: "c", topics: ["u"]),
        ]
        for assignor in Assignor.allCases {
            let shares = assignor.assign(members, partitionCounts: ["t": 5, "u": 3, "unused": 9])
            let all = shares.values.flatMap { $0 }
            #expect(all.count == 8 && Set(all).count == 8)
            for member in members { #expect(shares[member.memberID, default: []].allSatisfy { member.topics.contains($0.topic) }) }
        }
        let range = Assignor.range.assign(members, partitionCounts: ["t": 5, "u": 3])
        #expect(range["a"] == (0..<3).map { TopicPartition(topic: "t", partition: $0) })
    }
}

@Suite("The producer's window")
struct ProducerWindowTests {
    private func window(_ counts: [Int32]) -> ProducerWindow<Int> {
        var window = ProducerWindow<Int>()
        for (index, count) in counts.enumerated() { window.batchMade(recordCount: count) { _ in index } }
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
        #expect(window.failed(sent[1].number, isRetriable: false, isOutOfOrder: true) == .retry)
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

    @Test("whatever fails, a broker that deduplicates by sequence gets every record once and in order")
    func simulated() {
        for seed in UInt64(1)...200 {
            var random = SampleRandom(seed: seed, index: 0)
            var window = window((0..<20).map { _ in Int32(random.integer(1...9)) })
            var log: [Int] = []
            var expected: Int32 = 0
            var inFlight: [(item: ProducerWindow<Int>.Item, count: Int32)] = []
            var steps = 0
            while !window.isEmpty, steps < 10_000 {
                steps += 1
                while let item = window.nextToSend() { inFlight.append((item, 0)) }
                guard !inFlight.isEmpty else { break }
                let item = inFlight.removeFirst().item
                // The broker takes what follows, knows what it has, refuses a gap; its answer may be lost.
                let isKnown = item.baseSequence < expected
                let isLost = random.oneIn(4)
                let arrives = !isLost || random.oneIn(2)
                if arrives, item.baseSequence == expected {
                    log.append(item.batch)
                    expected = nextSequence(after: item, seed: seed)
                }
                if isLost {
                    _ = window.failed(item.number, isRetriable: true, isOutOfOrder: false)
                } else if isKnown || log.last == item.batch {
                    window.acknowledged(item.number)
                } else {
                    #expect(window.failed(item.number, isRetriable: false, isOutOfOrder: true) == .retry, "seed \(seed)")
                }
            }
            #expect(log == Array(0..<20), "seed \(seed)")
            #expect(window.isEmpty, "seed \(seed)")
        }
    }

    /// The batches' sizes again, from the same seed.
    private func nextSequence(after item: ProducerWindow<Int>.Item, seed: UInt64) -> Int32 {
        var random = SampleRandom(seed: seed, index: 0)
        let counts = (0..<20).map { _ in Int32(random.integer(1...9)) }
        return item.baseSequence + counts[item.batch]
    }
}
