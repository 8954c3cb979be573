import AccessPolicy
import KafkaWire
import MessageSchema
import NIOConcurrencyHelpers
import NIOCore
import NIOEmbedded
import Storage
import Testing

@testable import Broker

@Suite("Typed admission")
struct TypedAdmissionTests {
    typealias Answer = ProduceResponse.TopicProduceResponse.PartitionProduceResponse
    private static let subject = "\(BrokerFixture.topic)-value"

    private func fixture(
        _ configuration: [String: String] = [:], schemas: [TestSchema] = [.count(TypedAdmissionTests.subject)]
    ) throws -> BrokerFixture {
        let typed = ["hanbridge.schema.subject": ""].merging(configuration) { _, own in own }
        return try BrokerFixture(configuration: typed, schemas: schemas)
    }

    private func answer(
        _ fixture: BrokerFixture, _ records: [TestRecord], codec: Codec = .none, by path: String = BrokerFixture.ward, writer: UInt64 = 1
    ) throws -> Answer {
        let connection = try TestConnection(fixture, path, writer: writer)
        let number = connection.send(ProduceRequest(batches: [(0, Batches.batch(records: records, codec: codec))]), version: 9)
        return try #require(try connection.response(number, to: ProduceRequest.self, version: 9).responses.first?.partitionResponses.first)
    }

    @Test("A valid batch is stored with its schema's id, whatever its codec", arguments: Codec.allCases)
    func valid(codec: Codec) throws {
        let fixture = try fixture()
        #expect(try answer(fixture, [.good, .good], codec: codec).errorCode == .none)
        #expect(fixture.log().snapshot.admitted.map(\.schemaIDs) == [.uniform(1)])
    }

    @Test("Where no schema is registered a record is refused with the subject that is missing, and what to do")
    func unregistered() throws {
        let answer = try answer(try fixture(schemas: []), [.good])
        #expect(answer.errorCode == .invalidRecord)
        let sentence = try #require(answer.errorMessage)
        #expect(sentence.contains(Self.subject) && sentence.contains("hanbridge schema register"))
    }

    @Test("One bad record of a hundred refuses the batch whole and is named, with path, rule and no value", arguments: Codec.allCases)
    func oneOfAHundred(codec: Codec) throws {
        let fixture = try fixture()
        var records = [TestRecord](repeating: .good, count: 100)
        records[41] = .bad
        let answer = try answer(fixture, records, codec: codec)
        #expect(answer.errorCode == .invalidRecord)
        #expect(answer.baseOffset == -1)
        #expect(answer.recordErrors.map(\.batchIndex) == [41])
        let sentence = try #require(answer.recordErrors.first?.batchIndexErrorMessage)
        #expect(sentence.contains("/count") && sentence.contains("minimum"))
        #expect(!sentence.contains("-1"))
        #expect(fixture.storedBatches == 0)
    }

    @Test("A refusal names as many records as its limit and says that there are more")
    func manyBad() throws {
        let fixture = try fixture()
        let atLimit = try answer(fixture, [TestRecord](repeating: .bad, count: Limits.recordErrorsMax))
        #expect(atLimit.recordErrors.count == Limits.recordErrorsMax)
        let past = try answer(fixture, [TestRecord](repeating: .bad, count: Limits.recordErrorsMax + 1))
        #expect(past.recordErrors.count == Limits.recordErrorsMax)
    }

    @Test("The refusals of one request name as many records as its limit, the first ones")
    func manyBadBatches() throws {
        let batches = Limits.recordErrorsPerAnswerMax / Limits.recordErrorsMax
        let fixture = try BrokerFixture(
            partitions: Int32(batches) + 1, configuration: ["hanbridge.schema.subject": ""], schemas: [.count(Self.subject)])
        let bad = Batches.batch(records: [TestRecord](repeating: .bad, count: Limits.recordErrorsMax))
        let connection = try TestConnection(fixture, BrokerFixture.ward)
        for count in [batches, batches + 1] {
            let number = connection.send(ProduceRequest(batches: (0..<Int32(count)).map { ($0, bad) }), version: 9)
            let answers = try #require(try connection.response(number, to: ProduceRequest.self, version: 9).responses.first).partitionResponses
            #expect(answers.allSatisfy { $0.errorCode == .invalidRecord })
            #expect(answers.prefix(batches).allSatisfy { $0.recordErrors.count == Limits.recordErrorsMax })
            #expect(answers.dropFirst(batches).allSatisfy { $0.recordErrors.isEmpty })
        }
    }

    @Test("A refused record's sentence is as long as it may be, and cut beyond that")
    func longSentence() {
        func sentence(_ bytes: Int) -> String {
            let message = String(repeating: "x", count: bytes - " (r)".utf8.count)
            return RefusedRecord(index: 0, violations: [Violation(path: "", rule: "r", message: message)]).sentence
        }
        #expect(sentence(Limits.recordErrorBytesMax).hasSuffix("x (r)"))
        let cut = sentence(Limits.recordErrorBytesMax + 1)
        #expect(cut.hasSuffix("x…") && cut.utf8.count <= Limits.recordErrorBytesMax)
    }

    @Test("A record's violations are named up to the limit")
    func manyViolations() throws {
        let names = (0..<8).map { "f\($0)" }
        let required = names.map { "\"\($0)\"" }.joined(separator: ",")
        let properties = names.map { "\"\($0)\":{\"type\":\"string\"}" }.joined(separator: ",")
        let schema = TestSchema(subject: Self.subject, version: 1, text: "{\"properties\":{\(properties)},\"required\":[\(required)]}")
        let fixture = try fixture(schemas: [schema])
        for wrong in [Limits.violationsPerRecordMax, Limits.violationsPerRecordMax + 1] {
            let fields = names.enumerated().map { "\"\($1)\":\($0 < wrong ? "1" : "\"x\"")" }.joined(separator: ",")
            let sentence = try #require(try answer(fixture, [.typed("{\(fields)}")]).recordErrors.first?.batchIndexErrorMessage)
            #expect(sentence.split(separator: ";").count == Limits.violationsPerRecordMax)
        }
    }

    @Test("What has no frame, or the frame of another subject's schema, of an unknown one or of a deleted version is refused")
    func frames() throws {
        let fixture = try fixture(schemas: [
            .count(Self.subject), .count("other-value"), .count(Self.subject, version: 2, isDeleted: true), .count(Self.subject, version: 3),
        ])
        let document = #"{"ward":"a","count":1}"#
        #expect(try answer(fixture, [.typed(document, schema: 1), .typed(document, schema: 4)]).errorCode == .none)
        #expect(fixture.log().snapshot.admitted.map(\.schemaIDs) == [.each([1, 4])])
        for schema in [Int32(2), 3, 5, 0, -1, .max] {
            let answer = try answer(fixture, [.typed(document, schema: schema)])
            #expect(answer.errorCode == .invalidRecord)
            #expect(answer.recordErrors.first?.batchIndexErrorMessage?.contains("schema-id") == true, "schema \(schema)")
        }
        for value in [document, "", "\0", "\0\0\0\0"] {
            let answer = try answer(fixture, [TestRecord(value: value)])
            #expect(answer.recordErrors.first?.batchIndexErrorMessage?.contains("framing") == true)
        }
    }

    @Test("Bare documents are checked by the latest version, or the one that the topic is pinned to")
    func plain() throws {
        let loose = TestSchema(subject: Self.subject, version: 2, text: #"{"type":"object"}"#)
        let schemas = [.count(Self.subject), loose]
        let latest = try fixture(["hanbridge.schema.framing": "plain"], schemas: schemas)
        #expect(try answer(latest, [TestRecord(value: "{}")]).errorCode == .none)
        #expect(latest.log().snapshot.admitted.map(\.schemaIDs) == [.uniform(2)])
        let pinned = try fixture(["hanbridge.schema.framing": "plain", "hanbridge.schema.version": "1"], schemas: schemas)
        #expect(try answer(pinned, [TestRecord(value: "{}")]).errorCode == .invalidRecord)
        #expect(try answer(pinned, [TestRecord(value: #"{"ward":"a","count":1}"#)]).errorCode == .none)
        #expect(pinned.log().snapshot.admitted.map(\.schemaIDs) == [.uniform(1)])
    }

    @Test("A framed topic that is pinned takes that version alone")
    func pinnedFramed() throws {
        let schemas: [TestSchema] = [.count(Self.subject), .count(Self.subject, version: 2)]
        let fixture = try fixture(["hanbridge.schema.version": "2"], schemas: schemas)
        #expect(try answer(fixture, [.good]).errorCode == .invalidRecord)
        #expect(try answer(fixture, [.typed(#"{"ward":"a","count":1}"#, schema: 2)]).errorCode == .none)
    }

    @Test("A topic whose subject has no schema takes nothing, and says whose turn it is", arguments: ["confluent", "plain"])
    func noSchema(framing: String) throws {
        let fixture = try fixture(["hanbridge.schema.framing": framing], schemas: [])
        let answer = try answer(fixture, [.good])
        #expect(answer.errorCode == .invalidRecord)
        #expect(answer.errorMessage?.contains(Self.subject) == true)
    }

    @Test("Validation by id looks at the frame alone, and none at nothing")
    func shallow() throws {
        let byID = try fixture(["hanbridge.schema.validation": "id"])
        #expect(try answer(byID, [.bad]).errorCode == .none)
        #expect(try answer(byID, [.typed("{}", schema: 9)]).errorCode == .invalidRecord)
        let off = try fixture(["hanbridge.schema.validation": "none"])
        #expect(try answer(off, [TestRecord(value: "anything")]).errorCode == .none)
    }

    @Test("A schema that is registered while connections live is used by their next batch")
    func registeredLater() throws {
        let fixture = try fixture(schemas: [])
        let connection = try TestConnection(fixture, BrokerFixture.ward)
        func send() throws -> ErrorCode {
            let number = connection.send(ProduceRequest(batches: [(0, Batches.batch(records: [.good]))]), version: 9)
            return try connection.response(number, to: ProduceRequest.self, version: 9).responses[0].partitionResponses[0].errorCode
        }
        #expect(try send() == .invalidRecord)
        fixture.services.install(registry: TestSchema.registry([.count(Self.subject)]))
        #expect(try send() == .none)
    }

    @Test("Keys are checked where the topic has a subject for them")
    func keys() throws {
        let key = TestSchema(subject: "keys", version: 1, text: #"{"type":"string","pattern":"^[A-Z]{2}$"}"#)
        let fixture = try fixture(
            ["hanbridge.schema.key.subject": "keys", "hanbridge.schema.framing": "plain"], schemas: [.count(Self.subject), key])
        let value = #"{"ward":"a","count":1}"#
        #expect(try answer(fixture, [TestRecord(key: "\"DN\"", value: value)]).errorCode == .none)
        for wrong in ["\"dn\"", "DN", nil] {
            let answer = try answer(fixture, [TestRecord(key: wrong, value: value)])
            #expect(answer.errorCode == .invalidRecord)
            #expect(answer.recordErrors.first?.batchIndexErrorMessage?.contains("key") == true)
        }
    }

    // MARK: Tombstones

    @Test("A tombstone needs the right of that name, and its lack is audited", arguments: ["", "none"])
    func tombstones(subject: String) throws {
        let fixture = try fixture(["hanbridge.schema.subject": subject])
        let tombstone = TestRecord(key: "k", value: nil)
        #expect(try answer(fixture, [tombstone]).errorCode == .invalidRecord)
        #expect(fixture.audit.refusals.contains(.tombstone(topic: BrokerFixture.topic)))
        let may = BrokerFixture.agreements.replacing("may: [publish]", with: "may: [publish, tombstone]")
        fixture.services.install(policy: try BrokerFixture.policy(may, version: 2))
        #expect(try answer(fixture, [tombstone]).errorCode == .none)
    }

    // MARK: Corrections

    private static func correction(_ place: String) -> TestRecord {
        var record = TestRecord.good
        record.headers = ["hanbridge-corrects": place]
        return record
    }

    @Test("A publisher corrects its own record, another one's only where it owns the topic")
    func corrections() throws {
        let fixture = try fixture()
        #expect(try answer(fixture, [.good, .good], writer: 1).errorCode == .none)
        #expect(try answer(fixture, [Self.correction("0/1")], writer: 1).errorCode == .none)
        #expect(try answer(fixture, [Self.correction("0/1")], by: "health/ward/hai-chau", writer: 2).errorCode == .invalidRecord)
        #expect(fixture.storedBatches == 2)
        let owned = try BrokerFixture(
            configuration: ["hanbridge.schema.subject": "", "hanbridge.owner": "health"], schemas: [.count(Self.subject)])
        #expect(try answer(owned, [.good], writer: 1).errorCode == .none)
        #expect(try answer(owned, [Self.correction("0/0")], by: "health/ward/hai-chau", writer: 2).errorCode == .none)
    }

    @Test("A correction names a record that is there", arguments: ["0/0", "0/7", "1/0", "0", "", "0/", "/0", "-1/0", "0/-1", "0/0/0", "x/y", "0/99999999999999999999"])
    func correctedPlace(place: String) throws {
        let fixture = try fixture()
        let answer = try answer(fixture, [Self.correction(place)])
        #expect(answer.errorCode == .invalidRecord)
        #expect(answer.recordErrors.first?.batchIndexErrorMessage?.contains("hanbridge-corrects") == true)
        #expect(fixture.storedBatches == 0)
    }

    @Test("One request corrects as many records as its limit, and not one more")
    func correctionLimit() throws {
        let fixture = try fixture()
        #expect(try answer(fixture, [TestRecord](repeating: .good, count: Limits.correctionsMax + 1)).errorCode == .none)
        let all = (0...Limits.correctionsMax).map { Self.correction("0/\($0)") }
        #expect(try answer(fixture, Array(all.dropLast())).errorCode == .none)
        #expect(try answer(fixture, all).errorCode == .invalidRecord)
    }

    @Test("Batches behind one whose originals are still read keep their order")
    func correctionsKeepOrder() throws {
        let fixture = try fixture()
        #expect(try answer(fixture, [.good]).errorCode == .none)
        fixture.store.behaviour.withLockedValue { $0.holdsReads = true }
        let connection = try TestConnection(fixture, BrokerFixture.ward)
        let first = connection.send(ProduceRequest(batches: [(0, Batches.batch(records: [Self.correction("0/0")]))]), version: 9)
        let second = connection.send(ProduceRequest(batches: [(0, Batches.batch(records: [.good]))]), version: 9)
        #expect(!connection.isAnswered(first) && !connection.isAnswered(second))
        fixture.store.releaseReads()
        connection.loop.run()
        for (number, offset) in [(first, Int64(1)), (second, 2)] {
            #expect(try connection.response(number, to: ProduceRequest.self, version: 9).responses[0].partitionResponses[0].baseOffset == offset)
        }
    }

    @Test("A connection that ends while originals are read appends nothing")
    func correctionsEnd() throws {
        let fixture = try fixture()
        #expect(try answer(fixture, [.good]).errorCode == .none)
        fixture.store.behaviour.withLockedValue { $0.holdsReads = true }
        let connection = try TestConnection(fixture, BrokerFixture.ward)
        connection.send(ProduceRequest(batches: [(0, Batches.batch(records: [Self.correction("0/0")]))]), version: 9)
        connection.session.close()
        fixture.store.releaseReads()
        connection.loop.run()
        #expect(fixture.storedBatches == 1)
    }
}
