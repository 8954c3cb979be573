import AccessPolicy
import KafkaWire
import Logging
import NIOConcurrencyHelpers
import NIOCore
import NIOEmbedded
import Storage
import Testing

@testable import Broker

@Suite("Quarantine")
struct QuarantineTests {
    typealias Answer = ProduceResponse.TopicProduceResponse.PartitionProduceResponse
    private static let quarantine = "health.quarantine"

    private func fixture() throws -> BrokerFixture {
        try BrokerFixture(
            configuration: ["hanbridge.schema.subject": "", "hanbridge.quarantine": Self.quarantine],
            schemas: [.count("\(BrokerFixture.topic)-value")], moreTopics: [Self.quarantine: [:]])
    }

    private func send(_ connection: TestConnection, _ records: [TestRecord], to topic: String = BrokerFixture.topic, acks: Int16 = 1) throws -> Int {
        connection.send(ProduceRequest(to: topic, batches: [(0, Batches.batch(records: records))], acks: acks), version: 9)
    }

    private func answer(_ connection: TestConnection, _ number: Int) throws -> Answer {
        try #require(try connection.response(number, to: ProduceRequest.self, version: 9).responses.first?.partitionResponses.first)
    }

    private func kept(_ fixture: BrokerFixture) throws -> [Record] {
        try fixture.log(of: Self.quarantine).snapshot.stored.flatMap { Array(try RecordReader(batch: $0.bytes)) }
    }

    private func header(_ name: String, _ record: Record) -> String? {
        record.headers.first { $0.key == name }?.value.map { String(buffer: $0) }
    }

    @Test("The bad records of a batch are kept with origin, publisher and violations, and the error names their entries")
    func keeps() throws {
        let fixture = try fixture()
        let connection = try TestConnection(fixture, BrokerFixture.ward)
        var strange = TestRecord.typed("{}")
        strange.key = "k"
        strange.headers = ["trace": "1", "hanbridge-publisher": "forged"]
        let answer = try answer(connection, try send(connection, [.good, .bad, .good, strange]))
        #expect(answer.errorCode == .invalidRecord)
        #expect(answer.recordErrors.map(\.batchIndex) == [1, 3])
        #expect(answer.recordErrors[0].batchIndexErrorMessage?.hasSuffix("kept as health.quarantine/0/0") == true)
        #expect(answer.recordErrors[1].batchIndexErrorMessage?.hasSuffix("kept as health.quarantine/0/1") == true)
        #expect(answer.errorMessage?.contains("kept as health.quarantine/0/0 and 1 more") == true)
        #expect(fixture.log().snapshot.stored.isEmpty)
        let records = try kept(fixture)
        #expect(records.map(\.value) == [TestRecord.bad.payload, strange.payload])
        #expect(header("hanbridge-origin", records[1]) == "health.records/0")
        #expect(header("hanbridge-publisher", records[1]) == "User:health/ward/tan-dinh")
        #expect(header("hanbridge-key", records[1]) == "k")
        #expect(header("trace", records[1]) == "1")
        #expect(header("original-hanbridge-publisher", records[1]) == "forged")
        #expect(header("hanbridge-violations", records[0])?.contains(#""path":"/count","rule":"minimum"#) == true)
        #expect(fixture.log(of: Self.quarantine).snapshot.stored.allSatisfy { $0.writer == .zero })
    }

    @Test("A record is kept once however often it is tried, and each refusal names its entry")
    func once() throws {
        let fixture = try fixture()
        for connection in [try TestConnection(fixture, BrokerFixture.ward), try TestConnection(fixture, BrokerFixture.ward)] {
            for _ in 0..<3 {
                let answer = try answer(connection, try send(connection, [.bad]))
                #expect(answer.errorMessage?.contains("kept as health.quarantine/0/0") == true)
            }
        }
        #expect(try kept(fixture).count == 1)
        let another = try TestConnection(fixture, "health/ward/hai-chau")
        _ = try send(another, [.bad])
        #expect(try kept(fixture).count == 2, "another publisher's record is another one")
    }

    @Test("The refusal is answered when the record is durable in the quarantine, not before")
    func durable() throws {
        let fixture = try fixture()
        fixture.store.behaviour.withLockedValue { $0.holdsCommits = true }
        let connection = try TestConnection(fixture, BrokerFixture.ward)
        let number = try send(connection, [.bad])
        let again = try send(connection, [.bad])
        #expect(!connection.isAnswered(number))
        #expect(try answer(connection, again).errorMessage?.contains("kept as") == false, "somebody is keeping it now")
        fixture.store.commit()
        connection.loop.run()
        #expect(try answer(connection, number).errorMessage?.contains("kept as") == true)
        #expect(try kept(fixture).count == 1)
    }

    @Test("A record that could not be kept is refused all the same, and kept at the next try")
    func failing() throws {
        let fixture = try fixture()
        let connection = try TestConnection(fixture, BrokerFixture.ward)
        fixture.log(of: Self.quarantine).change { $0.appendError = .diskFull }
        let refused = try answer(connection, try send(connection, [.bad]))
        #expect(refused.errorCode == .invalidRecord)
        #expect(refused.errorMessage?.contains("kept as") == false)
        fixture.log(of: Self.quarantine).change { $0.appendError = nil }
        #expect(try answer(connection, try send(connection, [.bad])).errorMessage?.contains("kept as") == true)
    }

    @Test("With acks 0 the connection ends, and the record is kept")
    func acksNone() throws {
        let fixture = try fixture()
        let connection = try TestConnection(fixture, BrokerFixture.ward)
        let number = try send(connection, [.bad], acks: 0)
        #expect(connection.closeReason(number)?.contains("INVALID_RECORD") == true)
        connection.loop.run()
        #expect(try kept(fixture).count == 1)
        let again = try TestConnection(fixture, BrokerFixture.ward)
        #expect(try answer(again, try send(again, [.bad])).errorMessage?.contains("kept as") == true)
    }

    @Test("Publishers say in a quarantine what became of an entry, and nothing else")
    func resolutions() throws {
        let fixture = try fixture()
        let connection = try TestConnection(fixture, BrokerFixture.ward)
        let resolution = TestRecord(key: "d", value: "fixed", headers: ["hanbridge-resolves": "0/0"])
        #expect(try answer(connection, try send(connection, [resolution], to: Self.quarantine)).errorCode == .none)
        for forged in [TestRecord(value: "x"), TestRecord(value: "x", headers: ["hanbridge-resolves": "zero"])] {
            #expect(try answer(connection, try send(connection, [forged], to: Self.quarantine)).errorCode == .invalidRecord)
        }
    }

    @Test("A bad record beside one that corrects another is kept too")
    func besideCorrections() throws {
        let fixture = try BrokerFixture(
            configuration: ["hanbridge.schema.subject": "", "hanbridge.quarantine": Self.quarantine],
            schemas: [.count("\(BrokerFixture.topic)-value")], moreTopics: [Self.quarantine: [:]])
        let connection = try TestConnection(fixture, BrokerFixture.ward)
        _ = try send(connection, [.good])
        var correction = TestRecord.good
        correction.headers = ["hanbridge-corrects": "0/0"]
        // Twice the same partition: what the first batch needs is read before the second one is judged for good.
        let number = connection.send(
            ProduceRequest(batches: [(0, Batches.batch(records: [correction])), (0, Batches.batch(records: [.bad]))]), version: 9)
        let answers = try connection.response(number, to: ProduceRequest.self, version: 9).responses[0].partitionResponses
        #expect(answers.map(\.errorCode) == [.none, .invalidRecord])
        #expect(answers[1].errorMessage?.contains("kept as health.quarantine/0/0") == true)
        #expect(try kept(fixture).count == 1)
    }

    @Test("An entry that is gone with its quarantine, or was cut off, does not keep a record from being kept")
    func entriesThatAreGone() throws {
        let fixture = try fixture()
        let connection = try TestConnection(fixture, BrokerFixture.ward)
        _ = try send(connection, [.bad])
        fixture.log(of: Self.quarantine).change { $0.logStart = 1 }
        #expect(try answer(connection, try send(connection, [.bad])).errorMessage?.contains("kept as health.quarantine/0/1") == true)
        let old = fixture.topic(Self.quarantine)
        let new = try BrokerFixture.makeTopic(Self.quarantine, 1, [:], fixture.services.settings, fixture.store)
        fixture.services.install(catalogue: fixture.services.catalogue.value.without(old.id).with(new))
        fixture.services.quarantineMemory.ended(new.id, [])
        #expect(try answer(connection, try send(connection, [.bad])).errorMessage?.contains("kept as health.quarantine/0/0") == true)
        #expect(try kept(fixture).count == 1)
    }

    @Test("Of a quarantine that was deleted nothing is remembered")
    func forgetsDeleted() throws {
        let fixture = try fixture()
        let (services, topic) = (fixture.services, fixture.topic(Self.quarantine))
        services.quarantineMemory.ended(topic.id, [])
        services.quarantineMemory.ended(fixture.topic().id, [])
        services.install(catalogue: services.catalogue.value.without(topic.id))
        #expect(services.quarantineMemory.readingCount == 1)
        #expect(!services.quarantineMemory.hasRead(topic) && services.quarantineMemory.hasRead(fixture.topic()))
    }

    @Test("The memory forgets the oldest at its limit")
    func memory() {
        let memory = QuarantineMemory(countMax: 2, log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let digests = (1...3).map { Digest256(($0, 0, 0, 0)) }
        let entry = QuarantineEntry(topic: "q", topicID: .zero, partition: 0, offset: 0)
        func reserve(_ digest: Digest256) -> QuarantineMemory.Known { memory.reserve(digest) { _ in true } }
        for digest in digests.prefix(2) {
            #expect(reserve(digest) == .reserved)
            memory.kept(digest, as: entry)
        }
        #expect(reserve(digests[0]) == .kept(entry))
        #expect(reserve(digests[2]) == .reserved)
        #expect(reserve(digests[2]) == .pending)
        #expect(memory.count == 2)
        #expect(reserve(digests[0]) == .reserved)
    }
}
