import NIOCore
import Testing

@testable import KafkaWire

/// The messages that travel on their own, each with a way to run a generic check on it.
private let allMessages: [any WireMessage.Type] =
    ApiKey.allCases.flatMap { messages(of: $0.requestType) }
    + [ConsumerProtocolSubscription.self, ConsumerProtocolAssignment.self]

private func messages<Request: KafkaRequest>(of _: Request.Type) -> [any WireMessage.Type] {
    [Request.self, Request.Response.self]
}

/// A new one each run unless a failing run's is put here.
private let seed = UInt64.random(in: 0 ... .max)

@Suite struct MessageTests {
    @Test("every message at every advertised version reads back as it was written")
    func roundTrip() {
        print("MessageTests.roundTrip seed \(seed)")
        for type in allMessages { roundTrip(type) }
    }

    private func roundTrip<Message: WireMessage>(_ type: Message.Type) {
        for version in Message.versions {
            for run in 0..<30 {
                let message = RandomFiller.message(type, version: version, seed: seed &+ UInt64(run))
                var buffer = ByteBuffer(string: "before")
                buffer.moveReaderIndex(forwardBy: 6)
                message.encode(into: &buffer, version: version)
                let encoded = buffer
                do {
                    let decoded = try Message.decode(from: &buffer, version: version)
                    #expect(decoded == message, "\(type) version \(version), run \(run)")
                    #expect(buffer.readableBytes == 0)
                    var again = ByteBuffer()
                    decoded.encode(into: &again, version: version)
                    #expect(again == encoded, "\(type) version \(version), run \(run)")
                } catch {
                    Issue.record("\(type) version \(version), run \(run): \(error)")
                }
            }
        }
    }

    @Test("a message cut at any byte is an error that names the byte, and the buffer stays as it was")
    func truncation() {
        for type in allMessages { truncation(type) }
    }

    private func truncation<Message: WireMessage>(_ type: Message.Type) {
        for version in Message.versions {
            var whole = ByteBuffer()
            RandomFiller.message(type, version: version, seed: 11).encode(into: &whole, version: version)
            for length in 0..<whole.readableBytes {
                var cut = whole.getSlice(at: 0, length: length) ?? ByteBuffer()
                do {
                    _ = try Message.decode(from: &cut, version: version)
                    Issue.record("\(type) version \(version) decoded \(length) of \(whole.readableBytes) bytes")
                } catch {
                    #expect(error.offset <= length)
                    #expect(cut.readableBytes == length)
                }
            }
        }
    }

    @Test("damaged bytes never crash the decoder, and what decodes can be written again")
    func mutation() {
        print("MessageTests.mutation seed \(seed)")
        var generator = SeededGenerator(seed: seed)
        for type in allMessages { mutation(type, &generator) }
    }

    private func mutation<Message: WireMessage>(_ type: Message.Type, _ generator: inout SeededGenerator) {
        for version in Message.versions {
            var whole = ByteBuffer()
            RandomFiller.message(type, version: version, seed: seed &+ 5).encode(into: &whole, version: version)
            guard whole.readableBytes > 0 else { continue }
            for _ in 0..<60 {
                var damaged = whole
                for _ in 0..<Int.random(in: 1...4, using: &generator) {
                    let extremes: [UInt8] = [0, 1, 0x7F, 0x80, 0xFF, .random(in: 0...255, using: &generator)]
                    let byte = extremes[Int.random(in: 0..<6, using: &generator)]
                    damaged.setInteger(byte, at: Int.random(in: 0..<whole.readableBytes, using: &generator))
                }
                guard let message = try? Message.decode(from: &damaged, version: version) else { continue }
                var again = ByteBuffer()
                message.encode(into: &again, version: version)
                #expect((try? Message.decode(from: &again, version: version)) == message, "\(type) version \(version)")
            }
        }
    }

    @Test("a version that is not implemented is refused")
    func unknownVersion() {
        for version: Int16 in [-1, 3, 18, .max] {
            var buffer = ByteBuffer(repeating: 0, count: 64)
            #expect(throws: WireError.self) { try FetchRequest.decode(from: &buffer, version: version) }
        }
    }

    @Test("bytes after the message are refused, with their number")
    func trailingBytes() {
        var buffer = ByteBuffer()
        HeartbeatRequest().encode(into: &buffer, version: 4)
        let end = buffer.readableBytes
        buffer.writeInteger(0 as UInt16)
        let error = #expect(throws: WireError.self) { try HeartbeatRequest.decode(from: &buffer, version: 4) }
        #expect(error?.reason == .trailingBytes(2))
        #expect(error?.offset == end)
    }

    @Test("The errors of an answer are counted, of the whole and of its parts, where the version has them")
    func errorCount() {
        var metadata = MetadataResponse()
        metadata.topics = [.init { $0.errorCode = .topicAuthorizationFailed }, .init { $0.partitions = [.init { $0.errorCode = .leaderNotAvailable }] }]
        #expect(metadata.errorCount(version: 12) == 2)
        #expect(MetadataResponse().errorCount(version: 12) == 0)
        var joined = JoinGroupResponse()
        joined.errorCode = .rebalanceInProgress
        #expect(joined.errorCount(version: 9) == 1)
        var fetched = OffsetFetchResponse()
        fetched.errorCode = .groupAuthorizationFailed
        #expect(fetched.errorCount(version: 1) == 0)
        #expect(fetched.errorCount(version: 2) == 1)
    }
}

@Suite struct WireLimitTests {
    private func metadataRequest(topics: Int) -> ByteBuffer {
        var buffer = ByteBuffer()
        MetadataRequest { $0.topics = Array(repeating: .init { $0.name = "t" }, count: topics) }.encode(into: &buffer, version: 9)
        return buffer
    }

    @Test("librdkafka's request for all topics, three bytes too long, is read; four are refused")
    func paddedMetadataRequest() throws {
        // Null list and its three spare bytes, allowAutoTopicCreation, includeTopicAuthorizedOperations, no tags.
        var padded = ByteBuffer(bytes: [0, 0, 0, 0, 0, 0, 0])
        let request = try MetadataRequest.decode(from: &padded, version: 12)
        #expect(request.topics == nil && padded.readableBytes == 0)
        var longer = ByteBuffer(bytes: [0, 0, 0, 0, 0, 0, 0, 0])
        #expect(throws: WireError.self) { try MetadataRequest.decode(from: &longer, version: 12) }
    }

    @Test("an array may have as many elements as the limit, and not one more")
    func elements() throws {
        let limits = WireLimits(elementsMax: 100, stringBytesMax: 100, tagsMax: 4)
        var fits = metadataRequest(topics: 100)
        #expect(try MetadataRequest.decode(from: &fits, version: 9, limits: limits).topics?.count == 100)
        var above = metadataRequest(topics: 101)
        let error = #expect(throws: WireError.self) { try MetadataRequest.decode(from: &above, version: 9, limits: limits) }
        #expect(error?.reason == .aboveLimit(found: 101, limit: 100))
    }

    @Test("nested arrays share one limit")
    func nestedElements() {
        let request = DeleteRecordsRequest {
            $0.topics = Array(repeating: .init { $0.partitions = Array(repeating: .init(), count: 9) }, count: 10)
        }
        var buffer = ByteBuffer()
        request.encode(into: &buffer, version: 1)
        var copy = buffer
        #expect(throws: Never.self) {
            try DeleteRecordsRequest.decode(
                from: &buffer, version: 1, limits: WireLimits(elementsMax: 100, stringBytesMax: 9, tagsMax: 0))
        }
        #expect(throws: WireError.self) {
            try DeleteRecordsRequest.decode(
                from: &copy, version: 1, limits: WireLimits(elementsMax: 99, stringBytesMax: 9, tagsMax: 0))
        }
    }

    @Test("a string may be as long as the limit, and not a byte longer")
    func strings() {
        for (length, isAllowed) in [(100, true), (101, false)] {
            var buffer = ByteBuffer()
            DescribeGroupsRequest { $0.groups = [String(repeating: "g", count: length)] }.encode(into: &buffer, version: 0)
            let decoded = try? DescribeGroupsRequest.decode(
                from: &buffer, version: 0, limits: WireLimits(elementsMax: 9, stringBytesMax: 100, tagsMax: 0))
            #expect((decoded != nil) == isAllowed)
        }
    }

    @Test("a count that the bytes cannot hold is refused before anything is allocated", arguments: [Int32.max, 1 << 20, 13])
    func lyingCount(count: Int32) {
        var buffer = ByteBuffer(integer: count)
        buffer.writeRepeatingByte(0, count: 12)
        let error = #expect(throws: WireError.self) { try DescribeGroupsRequest.decode(from: &buffer, version: 0) }
        #expect(error?.offset == 4)
    }

    @Test("negative lengths and counts are refused", arguments: [Int32.min, -2, -1])
    func negativeCount(count: Int32) {
        var buffer = ByteBuffer(integer: count)
        #expect(throws: WireError.self) { try DescribeGroupsRequest.decode(from: &buffer, version: 0) }
    }

    @Test("a variable-length count of more than 32 bits is refused")
    func longVarint() {
        var buffer = ByteBuffer(bytes: [0xFF, 0xFF, 0xFF, 0xFF, 0x1F, 0, 0, 0])
        let error = #expect(throws: WireError.self) { try DescribeGroupsRequest.decode(from: &buffer, version: 5) }
        #expect(error?.reason == .varintTooLong)
    }

    @Test("text that is not UTF-8 is refused")
    func invalidText() {
        var buffer = ByteBuffer(bytes: [0, 0, 0, 1, 0, 2, 0xC3, 0x28])
        let error = #expect(throws: WireError.self) { try DescribeGroupsRequest.decode(from: &buffer, version: 0) }
        #expect(error?.reason == .invalidUTF8)
    }

    @Test("unknown tagged fields are skipped up to the limit, in order only")
    func unknownTags() {
        // groups: none; includeAuthorizedOperations: false; then tags.
        func decode(_ tags: [UInt8]) -> WireError.Reason? {
            var buffer = ByteBuffer(bytes: [1, 0] + tags)
            do {
                _ = try DescribeGroupsRequest.decode(
                    from: &buffer, version: 5, limits: WireLimits(elementsMax: 9, stringBytesMax: 9, tagsMax: 2))
                return nil
            } catch {
                return error.reason
            }
        }
        #expect(decode([0]) == nil)
        #expect(decode([2, 7, 1, 0xAA, 9, 0]) == nil)
        #expect(decode([3, 7, 0, 8, 0, 9, 0]) == .aboveLimit(found: 3, limit: 2))
        #expect(decode([2, 9, 0, 7, 0]) == .tagsOutOfOrder(found: 7))
        #expect(decode([2, 7, 0, 7, 0]) == .tagsOutOfOrder(found: 7))
        #expect(decode([1, 7, 200]) != nil)
    }

    @Test("known tagged fields are found among unknown ones, and must be as long as they say")
    func knownTags() throws {
        var buffer = ByteBuffer()
        FetchRequest { $0.clusterID = "c" }.encode(into: &buffer, version: 12)
        // The section is: count 1, tag 0, length 2, text. Another field follows it here.
        let tags = buffer.readableBytes - 5
        #expect(Array(buffer.readableBytesView.suffix(5)) == [1, 0, 2, 2, UInt8(ascii: "c")])
        buffer.setInteger(2 as UInt8, at: tags)
        buffer.writeBytes([5, 1, 0xEE])
        var copy = buffer
        #expect(try FetchRequest.decode(from: &buffer, version: 12).clusterID == "c")
        copy.setInteger(3 as UInt8, at: tags + 2)
        let error = #expect(throws: WireError.self) { try FetchRequest.decode(from: &copy, version: 12) }
        #expect(error?.reason == .tagLengthMismatch(declared: 3, read: 2))
    }

    @Test("a sentence too long for a string is cut at a whole character")
    func longSentence() throws {
        let response = CreateTopicsResponse {
            $0.topics = [.init { $0.errorMessage = "x" + String(repeating: "ệ", count: 20_000) }]
        }
        var buffer = ByteBuffer()
        response.encode(into: &buffer, version: 7)
        let message = try CreateTopicsResponse.decode(from: &buffer, version: 7).topics[0].errorMessage
        #expect(message == "x" + String(repeating: "ệ", count: 10_922))
    }
}
