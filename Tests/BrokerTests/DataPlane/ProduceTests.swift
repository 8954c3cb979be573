import AccessPolicy
import KafkaWire
import NIOConcurrencyHelpers
import NIOCore
import NIOEmbedded
import Storage
import Testing

@testable import Broker

@Suite("Produce")
struct ProduceTests {
    typealias Answer = ProduceResponse.TopicProduceResponse.PartitionProduceResponse

    /// Sends one batch and gives the answer for its partition.
    private func answer(
        _ fixture: BrokerFixture, _ batch: ByteBuffer?, version: Int16 = 8, topic: String = BrokerFixture.topic,
        partition: Int32 = 0, acks: Int16 = 1, by path: String = BrokerFixture.ward
    ) throws -> Answer {
        let connection = try TestConnection(fixture, path)
        let number = connection.send(ProduceRequest(to: topic, batches: [(partition, batch)], acks: acks), version: version)
        let response = try connection.response(number, to: ProduceRequest.self, version: version)
        return try #require(response.responses.first?.partitionResponses.first)
    }

    // MARK: What is acknowledged

    @Test("A batch is stored and answered with its offset in every version", arguments: ProduceRequest.versions)
    func everyVersion(version: Int16) throws {
        let fixture = try BrokerFixture()
        let batch = version < 3 ? Batches.messageSet(["a", "b"], magic: version == 0 ? 0 : 1) : Batches.batch(["a", "b"])
        for expected in [Int64(0), 2] {
            let answer = try answer(fixture, batch, version: version)
            #expect(answer.errorCode == .none)
            #expect(answer.baseOffset == expected)
            #expect(answer.logAppendTimeMilliseconds == -1)
            if version >= 5 { #expect(answer.logStartOffset == 0) }
        }
        let stored = fixture.log().snapshot.stored
        #expect(try stored.flatMap { try Batches.values($0.bytes) } == ["a", "b", "a", "b"])
        #expect(stored.allSatisfy { $0.writer == Digest256((1, 2, 3, 4)) })
    }

    @Test("acks 1 and -1 are answered when the batch is durable, not before", arguments: [Int16(1), -1])
    func durableBeforeAnswer(acks: Int16) throws {
        let fixture = try BrokerFixture()
        fixture.store.behaviour.withLockedValue { $0.holdsCommits = true }
        let connection = try TestConnection(fixture, BrokerFixture.ward)
        let number = connection.send(ProduceRequest(batches: [(0, Batches.batch())], acks: acks), version: 9)
        #expect(!connection.isAnswered(number))
        fixture.store.commit()
        #expect(!connection.isAnswered(number), "the outcome crosses to the event loop")
        connection.loop.run()
        #expect(try connection.response(number, to: ProduceRequest.self, version: 9).responses[0].partitionResponses[0].baseOffset == 0)
    }

    @Test("acks 0 is answered with nothing, and stored")
    func acksNone() throws {
        let fixture = try BrokerFixture()
        let connection = try TestConnection(fixture, BrokerFixture.ward)
        let number = connection.send(ProduceRequest(batches: [(0, Batches.batch())], acks: 0), version: 8)
        guard case .noResponse = connection.replies[number] else {
            Issue.record("acks 0 was answered with \(String(describing: connection.replies[number]))")
            return
        }
        #expect(fixture.log().snapshot.stored.count == 1)
    }

    @Test("A refusal with acks 0 ends the connection")
    func acksNoneRefused() throws {
        let fixture = try BrokerFixture()
        let connection = try TestConnection(fixture, BrokerFixture.stranger)
        let number = connection.send(ProduceRequest(batches: [(0, Batches.batch())], acks: 0), version: 8)
        #expect(connection.closeReason(number)?.contains("TOPIC_AUTHORIZATION_FAILED") == true)
        #expect(fixture.storedBatches == 0)
    }

    @Test("Pipelined requests keep their order in the log and are answered by one commit group")
    func pipelined() throws {
        let fixture = try BrokerFixture()
        fixture.store.behaviour.withLockedValue { $0.holdsCommits = true }
        let connection = try TestConnection(fixture, BrokerFixture.ward)
        let numbers = (0..<5).map { connection.send(ProduceRequest(batches: [(0, Batches.batch(["\($0)"]))]), version: 9) }
        fixture.store.commit()
        connection.loop.run()
        #expect(connection.arrivals == numbers)
        #expect(try fixture.log().snapshot.stored.flatMap { try Batches.values($0.bytes) } == ["0", "1", "2", "3", "4"])
    }

    @Test("One refused partition does not keep the others from being stored")
    func partial() throws {
        let fixture = try BrokerFixture(partitions: 2)
        let connection = try TestConnection(fixture, BrokerFixture.ward)
        let request = ProduceRequest(batches: [(0, Batches.batch()), (7, Batches.batch()), (1, Batches.batch())])
        let number = connection.send(request, version: 9)
        let answers = try connection.response(number, to: ProduceRequest.self, version: 9).responses[0].partitionResponses
        #expect(answers.map(\.errorCode) == [.none, .unknownTopicOrPartition, .none])
        #expect(answers.map(\.index) == [0, 7, 1])
        #expect(fixture.storedBatches == 2)
    }

    @Test("LogAppendTime answers the broker's time, CreateTime does not")
    func appendTime() throws {
        let fixture = try BrokerFixture(configuration: ["message.timestamp.type": "LogAppendTime"])
        #expect(try answer(fixture, Batches.batch()).logAppendTimeMilliseconds == InMemoryPartition.appendTime)
        #expect(fixture.log().snapshot.admitted[0].stampsAppendTime)
    }

    // MARK: Idempotence

    @Test("A batch sent twice is stored once and answered with the same offset")
    func retry() throws {
        let fixture = try BrokerFixture()
        let batch = Batches.batch(["a", "b"], producerID: 7, epoch: 0, sequence: 0)
        #expect(try answer(fixture, batch).baseOffset == 0)
        #expect(try answer(fixture, Batches.batch(producerID: 7, epoch: 0, sequence: 2)).baseOffset == 2)
        let again = try answer(fixture, batch)
        #expect(again.errorCode == .none)
        #expect(again.baseOffset == 0)
        #expect(fixture.storedBatches == 2)
    }

    @Test("A gap in the sequence and an old epoch are refused")
    func sequence() throws {
        let fixture = try BrokerFixture()
        #expect(try answer(fixture, Batches.batch(producerID: 7, epoch: 1, sequence: 0)).errorCode == .none)
        #expect(try answer(fixture, Batches.batch(producerID: 7, epoch: 1, sequence: 5)).errorCode == .outOfOrderSequenceNumber)
        #expect(try answer(fixture, Batches.batch(producerID: 7, epoch: 0, sequence: 1)).errorCode == .invalidProducerEpoch)
        #expect(fixture.storedBatches == 1)
    }

    // MARK: What is refused

    @Test("acks other than 0, 1 and -1 are refused", arguments: [Int16(2), -2, .max])
    func acksInvalid(acks: Int16) throws {
        let fixture = try BrokerFixture()
        #expect(try answer(fixture, Batches.batch(), acks: acks).errorCode == .invalidRequiredAcks)
        #expect(fixture.storedBatches == 0)
    }

    @Test("Who has no right to publish is refused, whether the topic exists or not, and audited once a connection")
    func unauthorised() throws {
        let fixture = try BrokerFixture()
        let connection = try TestConnection(fixture, BrokerFixture.school)
        for _ in 0..<3 {
            for topic in [BrokerFixture.topic, BrokerFixture.secret, "secret.nothing"] {
                let number = connection.send(ProduceRequest(to: topic, batches: [(0, Batches.batch())]), version: 8)
                let answer = try connection.response(number, to: ProduceRequest.self, version: 8).responses[0].partitionResponses[0]
                #expect(answer.errorCode == .topicAuthorizationFailed)
            }
        }
        #expect(fixture.storedBatches == 0)
        #expect(fixture.audit.refusals.count == 3)
    }

    @Test("A topic of the broker's own takes records of nobody", arguments: [BrokerFixture.ward, BrokerFixture.school])
    func brokerOwned(path: String) throws {
        let fixture = try BrokerFixture()
        #expect(try answer(fixture, Batches.batch(), topic: "_audit.access", by: path).errorCode == .topicAuthorizationFailed)
        #expect(fixture.storedBatches == 0)
    }

    @Test("A topic that one may publish to and that does not exist is unknown")
    func unknownTopic() throws {
        let fixture = try BrokerFixture()
        #expect(try answer(fixture, Batches.batch(), topic: "health.nothing").errorCode == .unknownTopicOrPartition)
    }

    @Test("A partition outside the topic is unknown", arguments: [Int32(-1), 1, .max, .min])
    func unknownPartition(partition: Int32) throws {
        let fixture = try BrokerFixture()
        #expect(try answer(fixture, Batches.batch(), partition: partition).errorCode == .unknownTopicOrPartition)
    }

    @Test("A transactional id and a transactional batch are refused")
    func transactions() throws {
        let fixture = try BrokerFixture()
        let connection = try TestConnection(fixture, BrokerFixture.ward)
        var request = ProduceRequest(batches: [(0, Batches.batch())])
        request.transactionalID = "t"
        let number = connection.send(request, version: 8)
        let answer = try connection.response(number, to: ProduceRequest.self, version: 8).responses[0].partitionResponses[0]
        #expect(answer.errorCode == .transactionalIDAuthorizationFailed)
        let batch = Batches.edited(Batches.batch(producerID: 1, epoch: 0, sequence: 0)) {
            $0.setInteger(0b1_0000 as UInt16, at: RecordBatchHeader.Position.attributes)
        }
        #expect(try self.answer(fixture, batch).errorCode == .invalidRecord)
        #expect(fixture.storedBatches == 0)
    }

    @Test("No records, two batches, a wrong checksum and other damage each get their error and store nothing")
    func damaged() throws {
        let fixture = try BrokerFixture()
        var two = Batches.batch()
        two.writeImmutableBuffer(Batches.batch())
        var flipped = Batches.batch()
        flipped.setInteger(UInt8(0xFF), at: flipped.writerIndex - 2)
        var short = Batches.batch()
        short.moveWriterIndex(to: short.writerIndex - 1)
        let wrongCount = Batches.edited(Batches.batch()) { $0.setInteger(9 as Int32, at: RecordBatchHeader.Position.recordCount) }
        let control = Batches.edited(Batches.batch()) { $0.setInteger(0b10_0000 as UInt16, at: RecordBatchHeader.Position.attributes) }
        let cases: [(String, ByteBuffer?, ErrorCode)] = [
            ("null", nil, .invalidRecord), ("empty", ByteBuffer(), .invalidRecord), ("two", two, .invalidRecord),
            ("flipped", flipped, .corruptMessage), ("short", short, .corruptMessage), ("count", wrongCount, .invalidRecord),
            ("control", control, .invalidRecord), ("legacy", Batches.messageSet(["a"], magic: 1), .invalidRecord),
            ("noise", ByteBuffer(repeating: 0xAA, count: 90), .invalidRecord),
        ]
        for (name, batch, expected) in cases {
            let answer = try answer(fixture, batch)
            #expect(answer.errorCode == expected, "\(name)")
            #expect(answer.errorMessage?.isEmpty == false, "\(name) has a sentence")
            #expect(answer.baseOffset == -1)
        }
        #expect(fixture.storedBatches == 0)
    }

    @Test("A record's fault names the record from version 8 on (KIP-467)")
    func recordErrors() throws {
        let fixture = try BrokerFixture(configuration: ["message.timestamp.after.max.ms": "1000"])
        let late = Batches.batch(["a", "b"], timestamp: fixture.clock.now() + 1001)
        let answer = try answer(fixture, late, version: 8)
        #expect(answer.errorCode == .invalidTimestamp)
        #expect(answer.recordErrors.map(\.batchIndex) == [0, 1])
        #expect(answer.recordErrors[0].batchIndexErrorMessage?.isEmpty == false)
        #expect(try self.answer(fixture, Batches.batch(timestamp: fixture.clock.now() + 1000)).errorCode == .none)
    }

    @Test("A timestamp too far back is refused, one at the limit is not")
    func timestampBehind() throws {
        let fixture = try BrokerFixture(configuration: ["message.timestamp.before.max.ms": "1000"])
        #expect(try answer(fixture, Batches.batch(timestamp: fixture.clock.now() - 1001)).errorCode == .invalidTimestamp)
        #expect(try answer(fixture, Batches.batch(timestamp: fixture.clock.now() - 1000)).errorCode == .none)
    }

    @Test("max.message.bytes is the largest batch, and one byte more is too large")
    func size() throws {
        let fixture = try BrokerFixture(configuration: ["max.message.bytes": "5000"])
        #expect(try answer(fixture, Batches.batch(ofBytes: 5000)).errorCode == .none)
        #expect(try answer(fixture, Batches.batch(ofBytes: 5001)).errorCode == .messageTooLarge)
        #expect(fixture.storedBatches == 1)
    }

    @Test("zstd is taken from version 7 on", arguments: [(Int16(6), ErrorCode.unsupportedCompressionType), (7, .none)])
    func zstandard(version: Int16, expected: ErrorCode) throws {
        #expect(try answer(try BrokerFixture(), Batches.batch(codec: .zstd), version: version).errorCode == expected)
    }

    @Test("Batches are stored as compressed as they came", arguments: Codec.allCases)
    func codecs(codec: Codec) throws {
        let fixture = try BrokerFixture()
        #expect(try answer(fixture, Batches.batch(["a", "b"], codec: codec)).errorCode == .none)
        let stored = fixture.log().snapshot.stored[0].bytes
        #expect(try RecordBatchHeader(peekingAt: stored).codec == codec)
        #expect(try Batches.values(stored) == ["a", "b"])
    }

    // MARK: The environment

    @Test(
        "What the disk refuses becomes the client's error",
        arguments: [
            (StorageError.diskFull, ErrorCode.kafkaStorageError), (.overloaded, .kafkaStorageError),
            (.shutDown, .notLeaderOrFollower), (.offline("x"), .kafkaStorageError),
        ])
    func storage(error: StorageError, expected: ErrorCode) throws {
        let fixture = try BrokerFixture()
        fixture.log().change { $0.appendError = error }
        let answer = try answer(fixture, Batches.batch())
        #expect(answer.errorCode == expected)
        #expect(answer.baseOffset == -1)
        #expect(answer.errorMessage?.isEmpty == false)
    }

    @Test("A request whose records are not durable in time is answered so, once, and its slot is used again")
    func timeOut() throws {
        let fixture = try BrokerFixture()
        fixture.store.behaviour.withLockedValue { $0.holdsCommits = true }
        let connection = try TestConnection(fixture, BrokerFixture.ward)
        let first = connection.send(ProduceRequest(batches: [(0, Batches.batch())], timeout: 1000), version: 9)
        connection.advance(999)
        #expect(!connection.isAnswered(first))
        connection.advance(501)
        #expect(try connection.response(first, to: ProduceRequest.self, version: 9).responses[0].partitionResponses[0].errorCode == .requestTimedOut)
        let inFlight = connection.session.plane.appends.inFlight
        #expect(inFlight.count == 1, "the log still holds its ticket")
        fixture.store.commit()
        connection.loop.run()
        #expect(inFlight.count == 0)
        let second = connection.send(ProduceRequest(batches: [(0, Batches.batch())]), version: 9)
        fixture.store.commit()
        connection.loop.run()
        #expect(try connection.response(second, to: ProduceRequest.self, version: 9).responses[0].partitionResponses[0].baseOffset == 1)
    }

    @Test("A longer time-out than the limit is shortened to it")
    func timeOutLimit() throws {
        let fixture = try BrokerFixture()
        fixture.store.behaviour.withLockedValue { $0.holdsCommits = true }
        let connection = try TestConnection(fixture, BrokerFixture.ward)
        let request = connection.send(ProduceRequest(batches: [(0, Batches.batch())], timeout: .max), version: 9)
        connection.advance(Int64(Limits.produceTimeoutMillisecondsMax) - 1)
        #expect(!connection.isAnswered(request))
        connection.advance(501)
        #expect(connection.isAnswered(request))
    }

    @Test("A refusal names at most a hundred records, the first ones", arguments: [100, 101])
    func recordErrorsLimit(count: Int) throws {
        let fixture = try BrokerFixture(configuration: ["message.timestamp.after.max.ms": "1000"])
        let late = Batches.batch((0..<count).map { "\($0)" }, timestamp: fixture.clock.now() + 1001)
        #expect(try answer(fixture, late, version: 8).recordErrors.map(\.batchIndex) == (0..<100).map { Int32($0) })
        #expect(Limits.recordErrorsMax == 100)
    }

    @Test("A connection that ends before the commit gets no answer, and the records are stored")
    func closedBeforeCommit() throws {
        let fixture = try BrokerFixture()
        fixture.store.behaviour.withLockedValue { $0.holdsCommits = true }
        let connection = try TestConnection(fixture, BrokerFixture.ward)
        let number = connection.send(ProduceRequest(batches: [(0, Batches.batch())]), version: 9)
        connection.session.close()
        fixture.store.commit()
        connection.loop.run()
        #expect(!connection.isAnswered(number))
        #expect(fixture.storedBatches == 1)
        #expect(connection.session.plane.appends.inFlight.count == 0)
    }

    // MARK: Changes of the policy

    @Test("A policy that is replaced decides the next request of a connection that had the right")
    func policyReplaced() throws {
        let fixture = try BrokerFixture()
        let connection = try TestConnection(fixture, BrokerFixture.ward)
        func send() throws -> ErrorCode {
            let number = connection.send(ProduceRequest(batches: [(0, Batches.batch())]), version: 9)
            return try connection.response(number, to: ProduceRequest.self, version: 9).responses[0].partitionResponses[0].errorCode
        }
        #expect(try send() == .none)
        fixture.services.install(policy: .empty)
        #expect(try send() == .topicAuthorizationFailed)
        fixture.services.install(policy: try BrokerFixture.policy(BrokerFixture.agreements, version: 2))
        #expect(try send() == .none)
    }

    @Test("An agreement that ends takes the right with it, without a change of the policy")
    func agreementEnds() throws {
        // 2026-12-31 ends at midnight in Ho Chi Minh City, 17:00 UTC.
        let fixture = try BrokerFixture(agreements: BrokerFixture.agreements.replacing("legalBasis: test", with: "until: 2026-12-31"))
        let connection = try TestConnection(fixture, BrokerFixture.ward)
        func send() throws -> ErrorCode {
            let number = connection.send(ProduceRequest(batches: [(0, Batches.batch())]), version: 9)
            return try connection.response(number, to: ProduceRequest.self, version: 9).responses[0].partitionResponses[0].errorCode
        }
        let end: Int64 = 1_798_736_400_000
        fixture.clock.set(end - 1)
        #expect(try send() == .none)
        fixture.clock.set(end)
        #expect(try send() == .topicAuthorizationFailed)
    }

    @Test("A topic that is deleted and made again is another one for a connection that knew it")
    func topicRemade() throws {
        let fixture = try BrokerFixture()
        let connection = try TestConnection(fixture, BrokerFixture.ward)
        let first = fixture.log()
        connection.send(ProduceRequest(batches: [(0, Batches.batch())]), version: 9)
        let old = fixture.topic()
        let next = try BrokerFixture.makeTopic(BrokerFixture.topic, 1, [:], fixture.services.settings, fixture.store)
        fixture.services.install(catalogue: fixture.services.catalogue.value.without(old.id).with(next))
        connection.send(ProduceRequest(batches: [(0, Batches.batch())]), version: 9)
        #expect(first.snapshot.stored.count == 1)
        #expect(fixture.log().snapshot.stored.count == 1)
        #expect(fixture.log() !== first)
    }
}
