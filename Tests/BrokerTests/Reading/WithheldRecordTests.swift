import AccessPolicy
import KafkaWire
import NIOConcurrencyHelpers
import NIOCore
import Storage
import Testing

@testable import Broker

extension BrokerFixture {
    /// What the audit was told of withheld records.
    var withheld: [AuditedChange] { audit.changes.filter { $0.action == "record.withheld" } }
}

/// Nobody passes a record that could not be masked before the audit has it.
@Suite("Withheld records")
struct WithheldRecordTests {
    private static let action = "record.withheld"
    private static let quarantined = ["hanbridge.schema.validation": "none", "hanbridge.quarantine": "health.quarantine"]

    /// Of five records three cannot be masked, each for a reason of its own.
    private func fixture(
        more: String = "", configuration: [String: String] = quarantined, withheld: WithheldRecords = .patient
    ) throws -> BrokerFixture {
        let fixture = try BrokerFixture.restricted(more: more, configuration: configuration, withheld: withheld)
        fixture.store([.typed(People.person(1)), .typed("{broken"), TestRecord(value: "no frame"), .typed(People.person(4)), .typed("{}", schema: 99)])
        return fixture
    }

    private func begin(_ school: LiveConnection, _ fixture: BrokerFixture) -> EventLoopFuture<SessionReply> {
        school.begin(FetchRequest(of: fixture.topic(), [Asked()], version: 12, wait: 0))
    }

    private func answer(_ reply: EventLoopFuture<SessionReply>) async throws -> FetchResponse.Partition {
        guard case .response(let frame) = try await reply.get() else { throw TestConnection.NotAnswered(number: 0, reply: "") }
        return try TestConnection.decode(frame, FetchRequest.self, version: 12, correlationID: 0).partitions[0]
    }

    @Test("They are told to the audit and kept in the quarantine before the reader goes on, and once, but to the audit again under another policy")
    func told() async throws {
        let fixture = try fixture()
        let school = try await LiveConnection(fixture)
        for round in 1...2 {
            #expect(try await school.readAll(fixture).map(\.offset) == [0, 3])
            #expect(try await school.readAll(fixture).map(\.offset) == [0, 3])
            #expect(fixture.withheld.count == 3 * round)
            fixture.services.install(policy: try BrokerFixture.policy(People.agreements(People.masked), version: Int64(round + 1)))
        }
        let told = fixture.withheld
        #expect(told.allSatisfy { $0.object == "health.records/0" && !"\($0.details)".contains("broken") && $0.details["rules"] == "DSA-1#1" })
        #expect(told.prefix(3).map { $0.details["firstOffset"] } == ["1", "2", "4"])
        #expect(told.allSatisfy { $0.details["kept"] == "1" && $0.details["notKept"] == nil })
        let entries = try fixture.records(of: "health.quarantine")
        #expect(entries.map { entry in entry.headers.first { $0.key == "hanbridge-withheld" }?.value.map { String(buffer: $0) } } == [1, 2, 4].map { "health.records/0/\($0)" })
        #expect(fixture.log(of: "health.quarantine").snapshot.stored.count == 1, "one batch holds the copies of a stretch")
        try await school.close()
    }

    @Test("While the audit does not take them the reader stays before them, nothing of the batch is kept, and no place is known")
    func auditRefuses() async throws {
        let fixture = try fixture()
        let school = try await LiveConnection(fixture)
        fixture.audit.hold(Self.action)
        let waiting = begin(school, fixture)
        #expect(try await fixture.eventually { fixture.audit.waitingCount } until: { $0 == 1 } == 1)
        #expect(fixture.services.projections.batches.count == 0 && fixture.services.projections.withheld.count == 0)
        fixture.audit.refuse(Self.action, with: .diskFull)
        fixture.audit.release()
        let refused = try await answer(waiting)
        #expect(refused.errorCode == .kafkaStorageError && refused.records?.readableBytes ?? 0 == 0)
        #expect(fixture.services.projections.batches.count == 0 && fixture.services.projections.withheld.count == 0)
        #expect(fixture.services.projections.withheld.contentBytes == 0 && fixture.withheld.isEmpty)
        fixture.audit.refuse(Self.action, with: nil)
        #expect(try await school.readAll(fixture).map(\.offset) == [0, 3])
        #expect(fixture.withheld.count == 3 && fixture.services.projections.batches.count == 1)
        #expect(try fixture.records(of: "health.quarantine").count == 3, "a copy that was made already is not made again")
        try await school.close()
    }

    @Test("What was found before the stretch with withheld records comes all the same")
    func partly() async throws {
        let fixture = try fixture()
        fixture.log().change { $0.batchesPerReadMax = 1 }
        let school = try await LiveConnection(fixture)
        #expect(try await school.fetch(fixture).errorCode == .none)
        // Only now: the first fetch goes on to whatever is there as long as it has time.
        fixture.store([.typed(People.person(5))])
        fixture.store([.typed("{broken")])
        fixture.audit.refuse(Self.action, with: .diskFull)
        let found = try await school.fetch(fixture, from: 5)
        #expect(found.errorCode == .none)
        #expect(try found.batches.flatMap(\.records).map(\.offset) == [5])
        #expect(try await school.fetch(fixture, from: 6).errorCode == .kafkaStorageError)
        try await school.close()
    }

    @Test("A fetch waits so long for the audit and no longer, and what becomes durable later is known then")
    func limit() async throws {
        let fixture = try fixture(withheld: WithheldRecords(waitMilliseconds: 1))
        let school = try await LiveConnection(fixture)
        fixture.audit.hold(Self.action)
        #expect(try await school.fetch(fixture).errorCode == .kafkaStorageError)
        fixture.audit.release()
        #expect(try await fixture.eventually { fixture.services.projections.withheld.count } until: { $0 == 3 } == 3)
        #expect(try await school.readAll(fixture).map(\.offset) == [0, 3])
        #expect(fixture.withheld.count == 3)
        try await school.close()
    }

    @Test("All partitions of a fetch wait no longer than one")
    func limitOfAll() async throws {
        let fixture = try BrokerFixture.restricted(configuration: Self.quarantined, partitions: 3, withheld: WithheldRecords(waitMilliseconds: 1))
        for partition in 0..<3 { fixture.store([.typed("{broken")], partition: Int32(partition)) }
        let school = try await LiveConnection(fixture)
        fixture.audit.hold(Self.action)
        let answer = try await school.fetch(FetchRequest(of: fixture.topic(), (0..<3).map { Asked(partition: $0) }, version: 12))
        #expect(answer.partitions.map(\.errorCode) == Array(repeating: .kafkaStorageError, count: 3))
        // The time was up when the others were met.
        #expect(try await fixture.eventually { fixture.audit.waitingCount } until: { $0 > 0 } == 1)
        fixture.audit.release()
        try await school.close()
    }

    @Test("Two sessions that meet a record in one moment tell of it once")
    func together() async throws {
        let fixture = try fixture()
        let (one, other) = (try await LiveConnection(fixture), try await LiveConnection(fixture))
        fixture.audit.hold(Self.action)
        let (first, second) = (begin(one, fixture), begin(other, fixture))
        _ = try await fixture.eventually { fixture.audit.waitingCount } until: { $0 == 1 }
        fixture.audit.release()
        for answer in [try await answer(first), try await answer(second)] {
            #expect(answer.errorCode == .none)
            #expect(try answer.batches.flatMap(\.records).map(\.offset) == [0, 3])
        }
        #expect(fixture.withheld.count == 3)
        try await one.close()
        try await other.close()
    }

    @Test("Two restrictions that withhold one record are both told of, and one copy is kept")
    func twoRestrictions() async throws {
        let fixture = try fixture(more: "      - {node: traffic/cameras/*, may: [subscribe], fields: {allow: [ward]}}")
        for (path, rule) in [(BrokerFixture.school, "DSA-1#1"), (BrokerFixture.stranger, "DSA-1#2")] {
            let reader = try await LiveConnection(fixture, path)
            #expect(try await reader.readAll(fixture).map(\.offset) == [0, 3])
            #expect(fixture.withheld.filter { $0.details["rules"] == rule }.count == 3)
            try await reader.close()
        }
        #expect(try fixture.records(of: "health.quarantine").count == 3)
    }

    @Test("What is too much to be held, or is too large for the quarantine, is not copied, and the audit says how much that is")
    func notKept() async throws {
        for (limits, messageBytes) in [(WithheldRecords(contentBytesMax: 10, waitMilliseconds: 600_000), "1048588"), (.patient, "100")] {
            let fixture = try fixture(withheld: limits)
            let quarantine = fixture.topic("health.quarantine")
            var configuration = quarantine.configuration
            configuration.messageBytesMax = try #require(Int(messageBytes))
            fixture.services.install(
                catalogue: fixture.services.catalogue.value.with(
                    Topic(record: quarantine.record, configuration: configuration, partitions: quarantine.partitions)))
            let school = try await LiveConnection(fixture)
            #expect(try await school.readAll(fixture).map(\.offset) == [0, 3])
            #expect(fixture.withheld.count == 3 && fixture.withheld.allSatisfy { $0.details["notKept"] == "1" && $0.details["kept"] == nil })
            #expect(try fixture.records(of: "health.quarantine").isEmpty)
            try await school.close()
        }
    }

    @Test("A quarantine that takes nothing now keeps no reader: the audit says that there is no copy")
    func quarantineFull() async throws {
        let fixture = try fixture()
        fixture.log(of: "health.quarantine").change { $0.appendError = .diskFull }
        let school = try await LiveConnection(fixture)
        #expect(try await school.readAll(fixture).map(\.offset) == [0, 3])
        #expect(fixture.withheld.count == 3 && fixture.withheld.allSatisfy { $0.details["notKept"] == "1" })
        try await school.close()
    }

    @Test("Tellings of a partition come in turn, so many wait, those of another partition do not; the oldest places are forgotten first")
    func turns() throws {
        let fixture = try BrokerFixture.restricted(partitions: 2)
        let records = WithheldRecords(countMax: 2, waitingMax: 1)
        let restriction = Restriction(id: 1, generation: 0, Restriction.Terms([], of: fixture.topic()), topicName: BrokerFixture.topic)
        func telling(_ partition: Int32) -> WithheldRecords.Telling {
            WithheldRecords.Telling(restriction: restriction, topic: fixture.topic(), partition: fixture.log(partition).id, records: [], completion: { _ in })
        }
        guard case .now(let first) = records.begin(telling(0)), case .later = records.begin(telling(0)) else { return #expect(Bool(false)) }
        guard case .never = records.begin(telling(0)) else { return #expect(Bool(false)) }
        let second = try #require(records.end(first))
        guard case .now = records.begin(telling(1)) else { return #expect(Bool(false)) }
        #expect(records.end(second) == nil)
        guard case .now = records.begin(telling(0)) else { return #expect(Bool(false)) }

        func record(_ offset: Int64) -> WithheldRecord {
            WithheldRecord(offset: offset, timestamp: 0, reason: "", citation: nil, isItsFault: true, content: nil)
        }
        let partition = fixture.log().id
        records.told((0..<3).map(record), of: partition, under: restriction)
        #expect(records.count == 2)
        #expect(records.untold((0..<3).map(record), of: partition, under: restriction).map(\.offset) == [0])
    }
}
