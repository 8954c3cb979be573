import NIOCore
import Testing

@testable import KafkaWire

@Suite struct HeaderTests {
    @Test("request headers read back, with tagged fields where the version is flexible")
    func requestHeaders() throws {
        for api in ApiKey.allCases {
            for version in api.versions {
                for clientID in [nil, "", "ward-07"] {
                    let header = RequestHeader(apiKey: api.rawValue, apiVersion: version, correlationID: 77, clientID: clientID)
                    var buffer = ByteBuffer()
                    header.encode(into: &buffer)
                    let expectedBytes = 10 + (clientID?.utf8.count ?? 0) + (api.isFlexible(version: version) ? 1 : 0)
                    #expect(buffer.readableBytes == expectedBytes)
                    #expect(try RequestHeader.decode(from: &buffer) == header)
                    #expect(buffer.readableBytes == 0)
                }
            }
        }
    }

    @Test("the header of an unknown API, or of a version newer than known, still tells what must be answered")
    func unknown() throws {
        var unknownAPI = ByteBuffer(bytes: [0x7F, 0xFF, 0, 9, 0, 0, 0, 5, 0xFF, 0xFF, 1, 2, 3])
        let header = try RequestHeader.decode(from: &unknownAPI)
        #expect(header.api == nil)
        #expect(header.correlationID == 5)
        #expect(unknownAPI.readableBytes == 3)
        var newer = ByteBuffer(bytes: [0, 18, 0, 99, 0, 0, 0, 6, 0, 1, UInt8(ascii: "c"), 0, 7])
        #expect(try RequestHeader.decode(from: &newer).clientID == "c")
        #expect(newer.readableBytes == 1)
    }

    @Test("a header cut at any byte is an error")
    func truncation() {
        var whole = ByteBuffer()
        RequestHeader(apiKey: 3, apiVersion: 12, correlationID: 1, clientID: "c").encode(into: &whole)
        for length in 0..<whole.readableBytes {
            var cut = whole.getSlice(at: 0, length: length) ?? ByteBuffer()
            #expect(throws: WireError.self) { try RequestHeader.decode(from: &cut) }
            #expect(cut.readableBytes == length)
        }
    }

    @Test("response headers have tagged fields in flexible versions, except ApiVersions' (KIP-511)")
    func responseHeaders() throws {
        for (api, version, bytes) in [(ApiKey.apiVersions, Int16(3), 4), (.metadata, 8, 4), (.metadata, 9, 5)] {
            var buffer = ByteBuffer()
            ResponseHeader.encode(correlationID: 9, api: api, version: version, into: &buffer)
            #expect(buffer.readableBytes == bytes)
            #expect(try ResponseHeader.decode(from: &buffer, api: api, version: version) == 9)
            #expect(buffer.readableBytes == 0)
        }
    }

    @Test("error codes have Kafka's numbers and names")
    func errorCodes() {
        #expect(ErrorCode.none.rawValue == 0)
        #expect(ErrorCode.invalidRecord.rawValue == 87)
        #expect(ErrorCode.fencedInstanceID.description == "FENCED_INSTANCE_ID")
        #expect(ErrorCode(rawValue: 999).description == "ERROR_999")
    }
}

@Suite struct ConsumerProtocolTests {
    @Test("subscriptions and assignments read back at every version")
    func roundTrip() throws {
        let subscription = ConsumerProtocolSubscription {
            $0.topics = ["a", "b"]
            $0.userData = [1, 2]
            $0.ownedPartitions = [.init { $0.topic = "a"; $0.partitions = [0, 3] }]
            $0.generationID = 4
            $0.rackID = "r"
        }
        #expect(try ConsumerProtocolSubscription.decode(blob: subscription.encodedBlob(version: 3)) == subscription)
        #expect(try ConsumerProtocolSubscription.decode(blob: subscription.encodedBlob(version: 0)).topics == ["a", "b"])
        let assignment = ConsumerProtocolAssignment { $0.assignedPartitions = [.init { $0.topic = "t"; $0.partitions = [1] }] }
        #expect(try ConsumerProtocolAssignment.decode(blob: assignment.encodedBlob(version: 1)) == assignment)
    }

    @Test("a newer version is read as the newest known, and what it appends is left alone")
    func newer() throws {
        let blob = ConsumerProtocolSubscription { $0.topics = ["t"] }.encodedBlob(version: 3)
        #expect(try ConsumerProtocolSubscription.decode(blob: [0, 9] + blob.dropFirst(2) + [1, 2, 3]).topics == ["t"])
        #expect(throws: WireError.self) { try ConsumerProtocolSubscription.decode(blob: [0xFF, 0xFE] + blob.dropFirst(2)) }
        #expect(throws: WireError.self) { try ConsumerProtocolSubscription.decode(blob: []) }
        #expect(throws: WireError.self) { try ConsumerProtocolSubscription.decode(blob: Array(blob.dropLast())) }
    }
}
