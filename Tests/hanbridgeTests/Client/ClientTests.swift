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
            #expect(Int32(bitPattern: Murmur2.hash(Array(text.utf8))) == Int32(hash), "\(text)")
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
