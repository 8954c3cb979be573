import AccessPolicy
import KafkaWire
import MessageSchema
import NIOCore
import Storage
import Testing

@testable import Broker

@Suite("Reading under a restriction")
struct RestrictedFetchTests {
    private func people(_ numbers: Range<Int>, ward: String = "hai-chau") -> [TestRecord] { numbers.map { .typed(People.person($0, ward: ward)) } }

    // MARK: Fields

    @Test("Only the fields that are agreed on come, masked as is agreed, in every codec; places and times are the published ones", arguments: Codec.allCases)
    func fields(codec: Codec) async throws {
        let fixture = try BrokerFixture.restricted()
        fixture.store(people(0..<3), codec: codec)
        fixture.store(people(3..<5), codec: codec)
        let published = try fixture.records()
        let school = try await LiveConnection(fixture)
        let batches = try await school.fetch(fixture).batches
        #expect(batches.map(\.header.codec) == [codec, codec])
        #expect(batches.map(\.header.baseOffset) == [0, 3] && batches.map(\.header.lastOffsetDelta) == [2, 1])
        #expect(batches.allSatisfy { $0.header.partitionLeaderEpoch == 3 && $0.header.producerID == -1 })
        let records = batches.flatMap(\.records)
        #expect(records.map(\.offset) == Array(0..<5) && records.map(\.timestamp) == published.map(\.timestamp))
        #expect(records.map(\.document) == (0..<5).map { #"{"citizenId":"****\#(People.citizen($0).suffix(4))","ward":"hai-chau"}"# })
        try await school.close()
    }

    @Test("Who is not restricted gets the stored bytes")
    func unrestricted() async throws {
        let fixture = try BrokerFixture.restricted()
        fixture.store(people(0..<3), codec: .lz4)
        let ward = try await LiveConnection(fixture, BrokerFixture.ward)
        #expect(try await ward.fetch(fixture).records == fixture.log().snapshot.stored[0].bytes)
        #expect(fixture.services.projections.batches.count == 0)
        try await ward.close()
    }

    @Test("A restricted subscriber's record carries the id of a schema of its own: registered once, readable by it, in no listing, the same after a restart")
    func derivedSchema() async throws {
        let fixture = try BrokerFixture.restricted()
        fixture.store(people(0..<1))
        let school = try await LiveConnection(fixture)
        let id = try #require(try await school.readAll(fixture).first?.schemaID)
        #expect(id == 3)
        let registry = RegistryAdministration(fixture.services)
        let (reader, stranger) = (try BrokerFixture.peer(BrokerFixture.school), try BrokerFixture.peer(BrokerFixture.stranger))
        let schema = try registry.schema(id: id, for: reader)
        #expect(!schema.text.contains("name") && schema.text.contains("citizenId"))
        let document = Array(#"{"citizenId":"****0000","ward":"hai-chau"}"#.utf8)
        #expect(document.withUnsafeBytes { schema.compiled?.violations(in: $0) } == [])
        #expect(throws: RegistryRefusal.self) { try registry.schema(id: id, for: stranger) }
        #expect(registry.subjects(startingWith: "", .included, for: try BrokerFixture.peer("it/ops/one", roles: [.operator])) == ["health.records-value", "people-key"])
        await #expect(throws: RegistryRefusal.self) {
            try await registry.setMode(of: "_projected.health.records-value", .readOnly, force: true, by: try BrokerFixture.peer("it/ops/one", roles: [.operator]))
        }
        // Another run of the broker finds it.
        let again = BrokerFixture(restarting: fixture)
        let second = try await LiveConnection(again)
        #expect(try await second.readAll(again).first?.schemaID == id)
        #expect(again.metadata.snapshot.image.registry.schemas.map(\.id) == [3])
        #expect(fixture.audit.changes.map(\.action) == ["schema.derive"])
        try await school.close()
        try await second.close()
    }

    @Test("Bare documents have no id: they come as the derived schema has them")
    func plain() async throws {
        let fixture = try BrokerFixture.restricted(configuration: ["hanbridge.schema.framing": "plain"])
        fixture.store([TestRecord(value: People.person(1))])
        let school = try await LiveConnection(fixture)
        #expect(try await school.readAll(fixture).map(\.text) == [#"{"citizenId":"****0001","ward":"hai-chau"}"#])
        try await school.close()
    }

    // MARK: Rows

    @Test("Records that no condition lets through are left out, and the others are where they were; a batch without any is passed over")
    func rows() async throws {
        let fixture = try BrokerFixture.restricted("where: {ward: [son-tra]}")
        fixture.store([.typed(People.person(0)), .typed(People.person(1, ward: "son-tra")), .typed(People.person(2)), .typed(People.person(3, ward: "son-tra")), .typed(People.person(4))])
        fixture.store(people(5..<8))
        fixture.store(people(8..<9, ward: "son-tra"))
        fixture.store(people(9..<12))
        let school = try await LiveConnection(fixture)
        let batches = try await school.fetch(fixture).batches
        try #require(batches.map(\.header.baseOffset) == [0, 8, 9])
        #expect(batches.map { $0.records.map(\.offset) } == [[1, 3], [8], []])
        #expect(batches.map(\.header.isControl) == [false, false, true])
        #expect(batches[0].header.lastOffsetDelta == 4 && batches[2].header.lastOffsetDelta == 2)
        // What is shown whole is as it was published.
        let published = try fixture.records()
        #expect(batches.flatMap(\.records) == [published[1], published[3], published[8]])
        try await school.close()
    }

    @Test("A record is shown under the first rule whose condition it meets, and under none of the others")
    func firstView() async throws {
        let fixture = try BrokerFixture.restricted(
            "fields: {allow: [citizenId]}, where: {ward: [son-tra]}",
            more: "      - {node: education/schools/*, may: [subscribe], fields: {allow: [name]}}")
        fixture.store(people(0..<1) + people(1..<2, ward: "son-tra"))
        let school = try await LiveConnection(fixture)
        #expect(try await school.readAll(fixture).map(\.document) == [#"{"name":"Nguyễn 0"}"#, #"{"citizenId":"\#(People.citizen(1))"}"#])
        try await school.close()
    }

    @Test("Position goes on over a hundred thousand hidden records, in the middle and at the end, and no answer is without progress")
    func manyHidden() async throws {
        let fixture = try BrokerFixture.restricted("where: {ward: [son-tra]}")
        let hidden = Batches.batch(records: people(0..<1000), codec: .zstd)
        for _ in 0..<50 { fixture.store(hidden) }
        fixture.store(people(0..<1, ward: "son-tra"))
        for _ in 0..<50 { fixture.store(hidden) }
        let school = try await LiveConnection(fixture)
        #expect(try await school.readAll(fixture).map(\.offset) == [50_000])
        try await school.close()
    }

    @Test("A tombstone holds nothing by which a condition could be met: it is hidden under conditions, else shown without its key")
    func tombstones() async throws {
        for (rule, expected) in [("where: {ward: [hai-chau]}", 0), (People.masked, 1)] {
            let fixture = try BrokerFixture.restricted(rule)
            fixture.store([TestRecord(key: People.citizen(1), value: nil)])
            let school = try await LiveConnection(fixture)
            let records = try await school.readAll(fixture)
            #expect(records.count == expected && records.allSatisfy { $0.key == nil && $0.value == nil })
            try await school.close()
        }
    }

    // MARK: Keys and headers

    private func keys(_ rule: String, configuration: [String: String] = [:], key: ByteBuffer = ByteBuffer(string: People.citizen(1))) async throws -> [String?] {
        let fixture = try BrokerFixture.restricted(rule, configuration: configuration)
        var builder = RecordBatchBuilder()
        for _ in 0..<2 {
            builder.append(
                key: key, value: TestRecord.typed(People.person(1)).payload,
                headers: [.init(key: "trace", value: ByteBuffer(string: People.citizen(1))), .init(key: "hanbridge-corrects", value: ByteBuffer(string: "0/007"))],
                timestamp: Batches.timestamp)
        }
        fixture.store(builder.build())
        let school = try await LiveConnection(fixture)
        let records = try await school.readAll(fixture)
        #expect(records.map(\.headers) == Array(repeating: [.init(key: "hanbridge-corrects", value: ByteBuffer(string: "0/7"))], count: 2))
        try await school.close()
        return records.map { $0.key.map { String(decoding: $0.readableBytesView, as: UTF8.self) } }
    }

    @Test("A restricted subscriber gets a key only where the agreement says so, and of the headers that alone which names a place")
    func keysAndHeaders() async throws {
        #expect(try await keys(People.masked) == [nil, nil])
        #expect(try await keys("fields: {allow: [ward, $key]}") == [People.citizen(1), People.citizen(1)])
        let hashed = try await keys("fields: {allow: [ward, $key], mask: {$key: hash}}")
        #expect(hashed[0]?.count == 32 && hashed[0] == hashed[1] && hashed[0] != People.citizen(1))
        #expect(try await keys("fields: {mask: {citizenId: drop}}") == [nil, nil])
    }

    @Test("A typed key is projected by its own schema")
    func typedKeys() async throws {
        var key = ByteBuffer(bytes: [0, 0, 0, 0, 2])
        key.writeString(#"{"citizenId":"100000000001","ward":"hai-chau"}"#)
        let shown = try await keys("fields: {allow: [ward, $key.ward]}", configuration: ["hanbridge.schema.key.subject": "people-key"], key: key)
        #expect(shown.allSatisfy { $0?.hasSuffix(#"{"ward":"hai-chau"}"#) == true })
        // A mask on one part lets no other come.
        let masked = try await keys("fields: {mask: {citizenId: drop, $key.ward: redact}}", configuration: ["hanbridge.schema.key.subject": "people-key"], key: key)
        #expect(masked.allSatisfy { $0?.contains("ward") == true && $0?.contains("citizenId") == false })
    }

    @Test("A rule that no key can bear keeps no copies of the records, which are not at fault")
    func keyAtFault() async throws {
        let fixture = try BrokerFixture.restricted(
            "fields: {allow: [ward, $key], mask: {$key: last4}}", configuration: ["hanbridge.quarantine": "health.quarantine"])
        fixture.store((0..<10).map { TestRecord(key: People.citizen($0), schema: 1, value: People.person($0)) })
        let school = try await LiveConnection(fixture)
        #expect(try await school.readAll(fixture).isEmpty)
        #expect(fixture.withheld.first?.details["records"] == "10")
        #expect(try fixture.records(of: "health.quarantine").isEmpty)
        try await school.close()
    }

    @Test("Hashes are the same for the same value, across restarts too, and no plain hash of it")
    func hashes() async throws {
        let fixture = try BrokerFixture.restricted("fields: {allow: [citizenId], mask: {citizenId: hash}}")
        fixture.store(people(1..<3) + people(1..<2))
        let school = try await LiveConnection(fixture)
        let documents = try await school.readAll(fixture).map(\.document)
        #expect(documents[0] == documents[2] && documents[0] != documents[1])
        let again = BrokerFixture(restarting: fixture)
        let second = try await LiveConnection(again)
        #expect(try await second.readAll(again).map(\.document) == documents)
        #expect(fixture.metadata.snapshot.secrets["mask"]?.count == 32)
        try await school.close()
        try await second.close()
    }

    // MARK: Nothing

    @Test("Of an untyped topic nothing can be projected: nothing comes, and the position goes to the end")
    func untyped() async throws {
        let fixture = try BrokerFixture.restricted(configuration: ["hanbridge.schema.subject": "none"])
        fixture.store([TestRecord(value: "secret")], schemaIDs: .none)
        let school = try await LiveConnection(fixture)
        #expect(try await school.readAll(fixture).isEmpty)
        #expect(fixture.log().snapshot.reads == 0)
        try await school.close()
    }

    @Test("An agreement that does not fit the schema shows none of its records, and keeps no copies of them")
    func unfit() async throws {
        let fixture = try BrokerFixture.restricted("fields: {allow: [citizenId, shoeSize]}", configuration: ["hanbridge.quarantine": "health.quarantine"])
        fixture.store(people(0..<10))
        let school = try await LiveConnection(fixture)
        #expect(try await school.readAll(fixture).isEmpty)
        let told = fixture.withheld
        #expect(told.count == 1 && told[0].details["records"] == "10" && told[0].details["rule"] == "DSA-1#1" && told[0].details["notKept"] == nil)
        #expect(try fixture.records(of: "health.quarantine").isEmpty)
        try await school.close()
    }

    // MARK: Waiting and limits

    @Test("A fetch waits on over new records that are all hidden, and at its time is answered with the end of the gap")
    func waitsOverHidden() async throws {
        let fixture = try BrokerFixture.restricted("where: {ward: [son-tra]}")
        let school = try await LiveConnection(fixture)
        let request = FetchRequest(of: fixture.topic(), [Asked()], version: 12, wait: 400)
        let waiting = school.begin(request)
        for _ in 0..<5 { fixture.store(people(0..<3)) }
        guard case .response(let frame) = try await waiting.get() else { throw TestConnection.NotAnswered(number: 0, reply: "") }
        let batches = try TestConnection.decode(frame, FetchRequest.self, version: 12, correlationID: 0).partitions[0].batches
        try #require(batches.count == 1 && batches[0].header.isControl)
        #expect(batches[0].header.baseOffset == 0 && batches[0].header.lastOffsetDelta == 14)
        let next = school.begin(FetchRequest(of: fixture.topic(), [Asked(offset: 15)], version: 12, wait: 20_000))
        fixture.store(people(0..<1))
        fixture.store(people(0..<1, ward: "son-tra"))
        guard case .response(let second) = try await next.get() else { throw TestConnection.NotAnswered(number: 0, reply: "") }
        let shown = try TestConnection.decode(second, FetchRequest.self, version: 12, correlationID: 0).partitions[0].batches
        #expect(shown.flatMap(\.records).map(\.offset) == [16])
        try await school.close()
    }

    @Test("One fetch looks at so many bytes and no more, and says how far it came")
    func scanLimit() async throws {
        let fixture = try BrokerFixture.restricted("where: {ward: [son-tra]}", configuration: ["max.message.bytes": "20000000"])
        let half = ReadingLimits.scannedBytesMax / 2
        // A batch of half of what one fetch looks at, uncompressed, to the byte.
        var length = half - 40
        func batch(_ length: Int) -> ByteBuffer {
            Batches.batch(records: [TestRecord(key: String(repeating: "x", count: length), value: nil)], codec: .zstd)
        }
        func inflated(_ batch: ByteBuffer) throws -> Int {
            var records = batch
            records.moveReaderIndex(forwardBy: 61)
            return try Codec.zstd.inflated(records, inflatedBytesMax: 64 << 20).readableBytes
        }
        length -= try inflated(batch(length)) - half
        #expect(try inflated(batch(length)) == half)
        for _ in 0..<3 { fixture.store(batch(length)) }
        let school = try await LiveConnection(fixture)
        func end(_ offset: Int64) async throws -> Int64? {
            try await school.fetch(fixture, from: offset, wait: 20_000).batches.last.map { $0.header.baseOffset + Int64($0.header.lastOffsetDelta) }
        }
        // At the limit it stops, although it might wait; a byte less, and it looks at one more.
        #expect(try await end(0) == 1)
        let other = try BrokerFixture.restricted("where: {ward: [son-tra]}", configuration: ["max.message.bytes": "20000000"])
        other.store(batch(length))
        other.store(batch(length - 1))
        for _ in 0..<2 { other.store(batch(length)) }
        let second = try await LiveConnection(other)
        let answer = try await second.fetch(other, wait: 20_000)
        #expect(try answer.batches.last.map { $0.header.baseOffset + Int64($0.header.lastOffsetDelta) } == 2)
        try await school.close()
        try await second.close()
    }

    @Test("What was looked at and hidden is charged to the reader's quota as what it was sent, over HTTPS too")
    func quota() async throws {
        let fixture = try BrokerFixture.restricted("where: {ward: [son-tra]}", quotas: Quotas { 0 })
        for _ in 0..<3 { fixture.store(people(0..<10)) }
        // A second's worth is free, and is a little less than what is stored.
        var limits = QuotaLimits()
        try limits.set(.fetchByteRate, to: Double(fixture.log().bounds.sizeBytes) * 0.9, of: .everyNode)
        fixture.services.quotas.table.replace(with: QuotaTable.empty.with(.everyNode, limits))
        func owes(_ path: String) throws -> Bool {
            fixture.services.quotas.debt(of: .fetchByteRate, by: try BrokerFixture.peer(path).identity) > 0
        }
        let (other, wish) = ("education/schools/tran-phu", RecordPageWish(topic: BrokerFixture.topic, partition: 0, offset: 0, limit: 100, waitMilliseconds: 0))
        let school = try await LiveConnection(fixture)
        #expect(try await school.fetch(fixture).batches.allSatisfy(\.header.isControl))
        #expect(try owes(BrokerFixture.school) && !owes(other))
        _ = await RecordPages(fixture.services).page(wish, for: try BrokerFixture.peer(other), on: LiveLoop.next(), room: { UnlimitedAnswerRoom() })
        #expect(try owes(other))
        try await school.close()
    }

    @Test("The bytes asked for are those that are shown; the first batch comes whole")
    func budget() async throws {
        let fixture = try BrokerFixture.restricted()
        for number in 0..<4 { fixture.store(people(number..<number + 1)) }
        let school = try await LiveConnection(fixture)
        let one = try #require(try await school.fetch(fixture, bytesMax: 1).records?.readableBytes)
        func offsets(_ bytesMax: Int) async throws -> [Int64] {
            try await school.fetch(fixture, bytesMax: Int32(bytesMax)).batches.flatMap(\.records).map(\.offset)
        }
        #expect(try await offsets(1) == [0])
        #expect(try await offsets(2 * one) == [0, 1])
        #expect(try await offsets(2 * one - 1) == [0])
        try await school.close()
    }

    @Test("Another policy is in force at the next request, and what was made under the old one is gone")
    func policyChange() async throws {
        let fixture = try BrokerFixture.restricted()
        fixture.store(people(1..<2))
        let school = try await LiveConnection(fixture)
        #expect(try await school.readAll(fixture).map(\.document) == [#"{"citizenId":"****0001","ward":"hai-chau"}"#])
        #expect(fixture.services.projections.batches.count == 1)
        fixture.services.install(policy: try BrokerFixture.policy(People.agreements("fields: {allow: [ward]}"), version: 2))
        #expect(fixture.services.projections.batches.count == 0)
        #expect(try await school.readAll(fixture).map(\.document) == [#"{"ward":"hai-chau"}"#])
        try await school.close()
    }

    // MARK: Pages

    @Test("A page over HTTPS holds the same, and its cursor goes over what is hidden")
    func pages() async throws {
        let fixture = try BrokerFixture.restricted("fields: {allow: [ward]}, where: {ward: [son-tra]}")
        fixture.store(people(0..<2) + people(2..<3, ward: "son-tra") + people(3..<5))
        fixture.store(people(5..<9))
        let pages = RecordPages(fixture.services)
        func page(_ offset: Int64, wait: Int = 0) async throws -> RecordPage {
            let wish = RecordPageWish(topic: BrokerFixture.topic, partition: 0, offset: offset, limit: 100, waitMilliseconds: wait)
            return try await pages.page(wish, for: BrokerFixture.peer(BrokerFixture.school), on: LiveLoop.next(), room: { UnlimitedAnswerRoom() }).get()
        }
        // Time enough for a busy machine to make the projection: answered as soon as it is there.
        let first = try await page(0, wait: 30_000)
        try #require(first.records.map(\.record.offset) == [2] && first.nextOffset == 9, "\(first)")
        #expect(first.records[0].document.map { String(decoding: $0, as: UTF8.self) } == #"{"ward":"son-tra"}"#)
        let second = try await page(3)
        #expect(second.records.isEmpty && second.nextOffset == 9)
    }
}
