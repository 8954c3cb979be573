import AccessPolicy
import KafkaWire
import MessageSchema
import NIOCore
import NIOPosix
import Storage
import Testing

@testable import Broker

/// People and what is agreed about them.
enum People {
    static let schema = TestSchema(
        subject: "health.records-value", version: 1,
        text: #"""
            {"$schema":"https://json-schema.org/draft/2020-12/schema","type":"object","required":["citizenId","name","ward"],
             "properties":{"citizenId":{"type":"string","pattern":"^[0-9]{12}$","x-personal":true},"name":{"type":"string"},
             "ward":{"type":"string"},"born":{"type":"string","format":"date"},"doses":{"type":"integer"}}}
            """#)
    static let key = TestSchema(
        subject: "people-key", version: 1,
        text: #"{"type":"object","required":["citizenId","ward"],"properties":{"citizenId":{"type":"string"},"ward":{"type":"string"}}}"#)

    static func person(_ number: Int, ward: String = "hai-chau") -> String {
        #"{"citizenId":"\#(citizen(number))","name":"Nguyễn \#(number)","ward":"\#(ward)","born":"1990-05-17","doses":\#(number % 4)}"#
    }

    static func citizen(_ number: Int) -> String { String(100_000_000_000 + number) }

    /// `fields` and `where` of the school's rule, in YAML's flow style.
    static func agreements(_ school: String, more: String = "") -> String {
        """
        agreements:
          - id: DSA-1
            topic: health.*
            owner: health
            parties:
              - {node: health/ward/*, may: [publish, tombstone, subscribe]}
              - {node: education/schools/*, may: [subscribe], \(school)}
        \(more)
            legalBasis: test
            signedBy: [health/steward/linh]
        """
    }

    static let masked = "fields: {allow: [citizenId, ward], mask: {citizenId: last4}}"
}

extension BrokerFixture {
    /// `health.records` with people, and a school that is restricted as the rule says.
    static func restricted(
        _ rule: String = People.masked, more: String = "", configuration: [String: String] = [:], partitions: Int32 = 1,
        quotas: Quotas = Quotas(), withheld: WithheldRecords = .patient, projectionWait: Int64 = WithheldRecords.patient.waitMilliseconds
    ) throws -> BrokerFixture {
        try BrokerFixture(
            partitions: partitions, configuration: ["hanbridge.schema.subject": ""].merging(configuration) { $1 },
            agreements: People.agreements(rule, more: more), schemas: [People.schema, People.key], moreTopics: ["health.quarantine": [:]],
            quotas: quotas, withheld: withheld, projectionWait: projectionWait)
    }

    /// As admission would have admitted them, whatever they hold.
    func store(_ records: [TestRecord], codec: Codec = .none, schemaIDs: SchemaIDs = .uniform(1), partition: Int32 = 0, of name: String = topic) {
        store(Batches.batch(records: records, codec: codec), schemaIDs: schemaIDs, partition: partition, of: name)
    }

    func store(_ batch: ByteBuffer, schemaIDs: SchemaIDs = .uniform(1), partition: Int32 = 0, of name: String = topic) {
        let log = log(partition, of: name)
        log.append(AdmissionPipeline.admitOwn(batch, .quarantine(topic(name))), ticket: AppendTicket(rawValue: 0), completions: nil)
        log.change { state in
            guard let last = state.stored.popLast() else { return }
            state.stored.append(
                StoredBatch(
                    bytes: last.bytes, baseOffset: last.baseOffset, lastOffset: last.lastOffset, appendTime: last.appendTime, writer: last.writer,
                    schemaIDs: schemaIDs))
        }
    }
}

/// A connection on an event loop of its own thread, for what is made on others.
final class LiveConnection: Sendable {
    let loop = MultiThreadedEventLoopGroup.singleton.next()
    private let session: NIOLoopBound<KafkaSession>

    init(_ fixture: BrokerFixture, _ path: String = BrokerFixture.school) async throws {
        let (services, loop) = (fixture.services, loop)
        let peer = try BrokerFixture.peer(path)
        services.writers.remember([peer.identity.principal], of: peer.writer)
        session = try await loop.submit {
            NIOLoopBound(
                KafkaSession(peer: peer, services: services, eventLoop: loop, answerRoom: UnlimitedAnswerRoom()), eventLoop: loop)
        }.get()
    }

    func begin(_ request: FetchRequest, version: Int16 = 12) -> EventLoopFuture<SessionReply> {
        let promise = loop.makePromise(of: SessionReply.self)
        let (session, frame) = (session, TestConnection.frame(request, version: version, correlationID: 0))
        loop.execute { session.value.receive(frame) { promise.assumeIsolated().succeed($0) } }
        return promise.futureResult
    }

    func fetch(_ request: FetchRequest, version: Int16 = 12) async throws -> FetchResponse {
        guard case .response(let frame) = try await begin(request, version: version).get() else {
            throw TestConnection.NotAnswered(number: 0, reply: "no response")
        }
        return try TestConnection.decode(frame, FetchRequest.self, version: version, correlationID: 0)
    }

    func fetch(
        _ fixture: BrokerFixture, from offset: Int64 = 0, wait: Int32 = 0, bytesMax: Int32 = 1 << 20, of name: String = BrokerFixture.topic
    ) async throws -> FetchResponse.Partition {
        let request = FetchRequest(of: fixture.topic(name), [Asked(offset: offset, bytesMax: bytesMax)], version: 12, wait: wait)
        return try await fetch(request).partitions[0]
    }

    /// Everything from an offset to the end, as a client reads it.
    func readAll(_ fixture: BrokerFixture, of name: String = BrokerFixture.topic) async throws -> [Record] {
        var (records, next, rounds): ([Record], Int64, Int) = ([], 0, 0)
        while next < fixture.log(of: name).bounds.highWatermark.rawValue {
            rounds += 1
            let answer = try await fetch(fixture, from: next, of: name)
            try #require(answer.errorCode == .none && rounds < 1000)
            let batches = try answer.batches
            try #require(!batches.isEmpty, "a reader at \(next) would be stuck")
            for batch in batches {
                if !batch.header.isControl { records += batch.records.filter { $0.offset >= next } }
                next = batch.header.baseOffset + Int64(batch.header.lastOffsetDelta) + 1
            }
        }
        return records
    }

    func close() async throws {
        let session = session
        try await loop.submit { session.value.close() }.get()
    }
}

struct FetchedBatch {
    let header: RecordBatchHeader
    let records: [Record]
}

extension FetchResponse.Partition {
    /// Each with a right checksum.
    var batches: [FetchedBatch] {
        get throws {
            try RecordBatches(records ?? ByteBuffer()).map { batch in
                try #require(RecordBatches.hasValidChecksum(batch))
                let reader = try RecordReader(batch: batch, limits: RecordLimits(batchBytesMax: 64 << 20, inflatedBytesMax: 64 << 20))
                return FetchedBatch(header: reader.header, records: Array(reader))
            }
        }
    }
}

extension Record {
    /// The document behind the frame.
    var document: String? { value.map { String(decoding: $0.readableBytesView.dropFirst(5), as: UTF8.self) } }
    var schemaID: Int32? { value?.getInteger(at: (value?.readerIndex ?? 0) + 1, as: Int32.self) }
    var text: String? { value.map { String(buffer: $0) } }
}

enum LiveLoop {
    static func next() -> any EventLoop { MultiThreadedEventLoopGroup.singleton.next() }
}

extension BrokerFixture {
    /// Looks again and again, until half a minute is over and it has looked a thousand times: where thousands of tests share two threads,
    /// one look may come minutes after the other, and what a task is to do in between as late.
    func eventually<Value>(_ look: () throws -> Value, until isThere: (Value) -> Bool) async throws -> Value {
        let end = ContinuousClock.now + .seconds(30)
        var looks = 0
        while true {
            let found = try look()
            looks += 1
            if isThere(found) || looks >= 1000 && ContinuousClock.now > end { return found }
            // A task that only yields would keep others from a busy machine.
            try await Task.sleep(for: .milliseconds(1))
        }
    }
}
