import AccessPolicy
import KafkaWire
import MessageSchema
import NIOConcurrencyHelpers
import NIOCore
import Sentences
import Storage
import Testing

@testable import Broker

@Suite("Publishing over HTTPS")
struct PublishingTests {
    @Test("One document is one record, framed for the subject's latest version, durable and answered with its place")
    func document() async throws {
        let fixture = try BrokerFixture.typed()
        let answer = try await fixture.publish(.json("  \(Documents.good)\n")).get()
        #expect(answer.records.map(\.place) == ["0/0"])
        let records = try fixture.records()
        #expect(records.map(\.value) == [Documents.framed(Documents.good)])
        #expect(records.first?.key == nil)
        #expect(records.first?.timestamp == fixture.clock.now())
        #expect(fixture.log().snapshot.admitted.first?.schemaIDs == .uniform(2))
        #expect(fixture.log().snapshot.admitted.first?.writer == Digest256((1, 2, 3, 4)))
    }

    @Test("Of an array the good ones go in, and each bad one is told about with path, rule and sentence")
    func array() async throws {
        let fixture = try BrokerFixture.typed()
        let answer = try await fixture.publish(.json("[\(Documents.good),\(Documents.bad),\(Documents.good),[]]")).get()
        #expect(answer.records.map(\.place) == ["0/0", nil, "0/1", nil])
        #expect(answer.appendedCount == 2)
        let fault = try #require(answer.records[1].refusal?.faults.first)
        #expect((fault.path, fault.rule) == ("/count", "minimum"))
        #expect(answer.records[1].refusal?.kind == .content)
        #expect(answer.records[3].refusal?.faults.first?.rule == "type")
        #expect(try fixture.records().count == 2)
    }

    @Test("Every bad record of many is told about, not only the first hundred")
    func manyBad() async throws {
        let fixture = try BrokerFixture.typed()
        let body = (0..<350).map { $0 % 3 == 0 ? Documents.good : Documents.bad }.joined(separator: "\n")
        let answer = try await fixture.publish(.json(body, .lines)).get()
        #expect(answer.appendedCount == 117)
        #expect(answer.records.allSatisfy { $0.index % 3 == 0 ? $0.place != nil : $0.refusal?.faults.first?.rule == "minimum" })
        #expect(answer.records.map(\.line) == (1...350).map { $0 })
    }

    @Test("Lines that are no JSON are their own fault, and empty ones are none")
    func lines() async throws {
        let fixture = try BrokerFixture.typed()
        let answer = try await fixture.publish(.json("\(Documents.good)\r\n\n{\"ward\":\n\(Documents.good)", .lines)).get()
        #expect(answer.records.map(\.place) == ["0/0", nil, "0/1"])
        #expect(answer.records.map(\.line) == [1, 3, 4])
        #expect(answer.records[1].refusal?.faults.first?.rule == "syntax")
    }

    @Test("A table's cells become what the schema says, and a wrong row is its own fault")
    func table() async throws {
        let fixture = try BrokerFixture.typed()
        let answer = try await fixture.publish(.json("\u{FEFF}ward,count\n\"Sơn Trà, 2\",7\nx\nHải Châu,many\n0101,0\n", .table)).get()
        #expect(answer.records.map(\.place) == ["0/0", nil, nil, "0/1"])
        #expect(answer.records.map(\.line) == [2, 3, 4, 5])
        #expect(answer.records[1].refusal?.faults.first?.rule == "csv")
        #expect(answer.records[2].refusal?.faults.first?.path == "/count")
        #expect(try fixture.records().map(\.value) == [
            Documents.framed(#"{"ward":"Sơn Trà, 2","count":7}"#), Documents.framed(#"{"ward":"0101","count":0}"#),
        ])
    }

    @Test("A table with a column that the schema does not have is refused whole, before anything of it is kept as bad")
    func unknownColumn() async throws {
        let fixture = try BrokerFixture.typed()
        let refusal = try await fixture.publish(.json("ward,counts\na,1\nb,2\n", .table)).refusal
        #expect(refusal?.kind == .malformed && refusal?.sentence.english.contains("counts") == true)
        #expect(fixture.storedBatches == 0)
    }

    @Test("A body that cannot be cut is refused whole", arguments: [
        ("[1,", RecordSubmission.Form.document), ("", .document), ("[]", .document), ("\n\n", .lines), ("a,b\n\"x", .table), ("a,a\n1,2", .table),
    ])
    func malformed(body: String, form: RecordSubmission.Form) async throws {
        let fixture = try BrokerFixture.typed()
        #expect(try await fixture.publish(.json(body, form)).refusal?.kind == .malformed)
        #expect(fixture.storedBatches == 0)
    }

    @Test("An envelope carries key, headers, partition and timestamp")
    func envelope() async throws {
        let fixture = try BrokerFixture.typed(partitions: 3)
        let envelope = #"{"key":"P-2","value":\#(Documents.good),"headers":{"trace":"7f","none":null},"partition":2,"timestamp":1795372700000}"#
        let answer = try await fixture.publish(.json("[\(envelope)]", .envelopes)).get()
        #expect(answer.records.map(\.place) == ["2/0"])
        let record = try #require(try fixture.records(partition: 2).first)
        #expect(record.key == ByteBuffer(string: "P-2"))
        #expect(record.timestamp == 1_795_372_700_000)
        #expect(record.headers == [.init(key: "trace", value: ByteBuffer(string: "7f")), .init(key: "none", value: nil)])
    }

    @Test("What is no envelope is that record's fault", arguments: [
        "1", "{}", #"{"value":1,"valueBase64":"AA=="}"#, #"{"value":1,"colour":2}"#, #"{"value":1,"partition":-1}"#, #"{"value":1,"timestamp":"now"}"#,
        #"{"value":1,"headers":{"a":1}}"#, #"{"value":1,"headers":[]}"#, #"{"valueBase64":"?"}"#, #"{"value":1,"value":1}"#, #"{"key":"a"}"#,
    ])
    func noEnvelope(text: String) async throws {
        let fixture = try BrokerFixture.typed()
        let answer = try await fixture.publish(.json("[\(text),{\"value\":\(Documents.good)}]", .envelopes)).get()
        #expect(answer.records[0].refusal?.faults.first?.rule == "envelope")
        #expect(answer.records[1].place == "0/0")
    }

    @Test("A tombstone needs its right, over HTTPS too")
    func tombstone() async throws {
        let fixture = try BrokerFixture.typed()
        let submission = RecordSubmission.json(#"{"key":"k","value":null}"#, .envelopes)
        #expect(try await fixture.publish(submission).get().records.first?.refusal?.faults.first?.rule == "tombstone")
        let may = BrokerFixture.agreements.replacing("may: [publish]", with: "may: [publish, tombstone]")
        fixture.services.install(policy: try BrokerFixture.policy(may, version: 2))
        #expect(try await fixture.publish(submission).get().records.first?.place == "0/0")
        #expect(try fixture.records().first?.value == nil)
    }

    @Test("A key goes to the partition that Kafka's clients choose, and keyless records of one request stay together")
    func partitions() async throws {
        let fixture = try BrokerFixture(partitions: 7)
        let keys = ["kafka", "Hải Châu", "a", ""]
        let body = keys.map { #"{"ward":"\#($0)"}"# }.joined(separator: "\n")
        let answer = try await fixture.publish(.json(body, .lines, key: "ward")).get()
        for (key, record) in zip(keys, answer.records) {
            let partition = Murmur2.partition(forKey: Array(key.utf8), count: 7)
            #expect(record.place?.hasPrefix("\(partition)/") == true)
        }
        let first = try await fixture.publish(.json("[1,2,3]")).get()
        let second = try await fixture.publish(.json("[4,5]")).get()
        #expect(Set(first.records.compactMap { $0.place?.first }).count == 1)
        #expect(first.records.first?.place?.first != second.records.first?.place?.first, "the next request goes to the next partition")
    }

    @Test("Records without a key pass by a partition that is out of service")
    func offline() async throws {
        let fixture = try BrokerFixture(partitions: 2)
        fixture.log(1).change { $0.offline = "test" }
        for _ in 0..<4 { #expect(try await fixture.publish(.json("1")).get().records.first?.place?.hasPrefix("0/") == true) }
    }

    @Test("A document without the key's field is refused by itself, and a partition that is not there too")
    func places() async throws {
        let fixture = try BrokerFixture()
        #expect(try await fixture.publish(.json(#"[{"a":1},{"id":2}]"#, key: "id")).get().records.map(\.place) == [nil, "0/0"])
        #expect(try fixture.records().first?.key == ByteBuffer(string: "2"))
        #expect(try await fixture.publish(.json(#"[{"value":1,"partition":1}]"#, .envelopes)).get().records.first?.refusal?.faults.first?.rule == "partition")
        #expect(try await fixture.publish(.json("1").with { $0.partition = 1 }).refusal?.kind == .unprocessable)
    }

    @Test("Who may not publish learns nothing of the topic")
    func forbidden() async throws {
        let fixture = try BrokerFixture.typed()
        let there = try await fixture.publish(.json("1").with { $0.topic = BrokerFixture.secret }).refusal
        let nowhere = try await fixture.publish(.json("1").with { $0.topic = "secret.nothing" }).refusal
        #expect(there?.kind == .forbidden && nowhere?.kind == .forbidden)
        #expect(there?.sentence.english.replacing(BrokerFixture.secret, with: "") == nowhere?.sentence.english.replacing("secret.nothing", with: ""))
        #expect(fixture.audit.refusals.contains(.publish(topic: BrokerFixture.secret)))
        #expect(try await fixture.publish(.json("1").with { $0.topic = "health.nothing" }).refusal?.kind == .unknownTopic)
        #expect(try await fixture.publish(.json("1").with { $0.topic = "_audit.access" }).refusal?.kind == .forbidden)
        #expect(fixture.storedBatches == 0)
    }

    @Test("The schema may be chosen, by version or id, among those of the topic's subject")
    func schemas() async throws {
        let fixture = try BrokerFixture.typed()
        _ = try await fixture.publish(.json(Documents.good).with { $0.schemaVersion = 1 }).get()
        _ = try await fixture.publish(.json(Documents.good).with { $0.schemaID = 1 }).get()
        #expect(try fixture.records().map(\.value) == [Documents.framed(Documents.good, id: 1), Documents.framed(Documents.good, id: 1)])
        #expect(try await fixture.publish(.json(Documents.good).with { $0.schemaID = 3 }).refusal?.kind == .unprocessable)
        #expect(try await fixture.publish(.json(Documents.good).with { $0.schemaVersion = 9 }).refusal?.kind == .unprocessable)
        let untyped = try BrokerFixture()
        #expect(try await untyped.publish(.json("1").with { $0.schemaID = 1 }).refusal?.kind == .unprocessable)
    }

    @Test("A topic of bare documents gets them bare, and a pinned one by its version")
    func framings() async throws {
        let plain = try BrokerFixture.typed(configuration: ["hanbridge.schema.framing": "plain"])
        _ = try await plain.publish(.json(Documents.good)).get()
        #expect(try plain.records().map(\.value) == [ByteBuffer(string: Documents.good)])
        let pinned = try BrokerFixture.typed(configuration: ["hanbridge.schema.version": "1"])
        _ = try await pinned.publish(.json(Documents.good)).get()
        #expect(try pinned.records().map(\.value) == [Documents.framed(Documents.good, id: 1)])
        #expect(try await pinned.publish(.json(Documents.good).with { $0.schemaVersion = 2 }).get().records.first?.refusal?.faults.first?.rule == "schema-id")
    }

    @Test("Bytes are framed too, unless they come with the frame")
    func raw() async throws {
        let fixture = try BrokerFixture.typed()
        _ = try await fixture.publish(.json(Documents.good, .raw)).get()
        _ = try await fixture.publish(.json("", .raw).with { $0.body = Array(Documents.framed(Documents.good, id: 1).readableBytesView); $0.isFramed = true }).get()
        #expect(try fixture.records().map(\.value) == [Documents.framed(Documents.good), Documents.framed(Documents.good, id: 1)])
        #expect(try await fixture.publish(.json("\u{0}", .raw)).get().records.first?.refusal?.kind == .content)
    }

    @Test("Documents become Avro where the topic's schema is, and bytes are taken as they are")
    func avro() async throws {
        let text = #"{"type":"record","name":"R","fields":[{"name":"n","type":"int"}]}"#
        let fixture = try BrokerFixture(
            configuration: ["hanbridge.schema.subject": ""],
            schemas: [TestSchema(subject: "health.records-value", version: 1, format: .avro, text: text)])
        #expect(try await fixture.publish(.json("[{\"n\":1},{\"n\":\"x\"}]")).get().records.map(\.place) == ["0/0", nil])
        #expect(try await fixture.publish(.json("n\n1\n", .table)).get().records.map(\.place) == ["0/1"])
        #expect(try await fixture.publish(.json("", .raw).with { $0.body = [2] }).get().records.first?.place == "0/2")
        #expect(try await fixture.publish(.json(#"{"valueBase64":"Ag=="}"#, .envelopes)).get().records.first?.place == "0/3")
        #expect(try await fixture.publish(.json("", .raw).with { $0.body = [2, 2] }).get().records.first?.refusal != nil)
        #expect(try Set(fixture.records().map(\.value)) == [ByteBuffer(bytes: [0, 0, 0, 0, 1, 2])])
    }

    @Test("Bad records are kept in the quarantine that the topic names, once, and the answer names the entry")
    func quarantine() async throws {
        let fixture = try BrokerFixture.typed(configuration: ["hanbridge.quarantine": "health.quarantine"])
        for _ in 0..<2 {
            let answer = try await fixture.publish(.json("[\(Documents.good),\(Documents.bad)]")).get()
            #expect(answer.records[1].refusal?.quarantine == "health.quarantine/0/0")
        }
        #expect(try fixture.records(of: "health.quarantine").count == 1)
        #expect(try fixture.records().count == 2)
    }

    @Test("A record larger than the topic takes is refused by itself, and the others go in several batches")
    func large() async throws {
        let fixture = try BrokerFixture(configuration: ["max.message.bytes": "1000"])
        let long = "\"\(String(repeating: "x", count: 400))\""
        let tooLong = "\"\(String(repeating: "x", count: 1200))\""
        let answer = try await fixture.publish(.json("[\(long),\(tooLong),\(long),\(long),\(long)]")).get()
        #expect(answer.records.map { $0.refusal?.kind } == [nil, .tooLarge, nil, nil, nil])
        #expect(Set(answer.records.compactMap(\.place)) == ["0/0", "0/1", "0/2", "0/3"])
        #expect(fixture.storedBatches > 1)
    }

    @Test("Records at the limit of a body are taken, one more is refused whole; the same for bytes that a table becomes")
    func limits() async throws {
        let fixture = try BrokerFixture()
        func body(_ count: Int) -> RecordSubmission { .json(Array(repeating: "1", count: count).joined(separator: "\n"), .lines) }
        #expect(try await fixture.publish(body(Limits.submissionRecordsMax)).get().appendedCount == Limits.submissionRecordsMax)
        #expect(try await fixture.publish(body(Limits.submissionRecordsMax + 1)).refusal?.kind == .tooLarge)
        let array = "[" + Array(repeating: "1", count: Limits.submissionRecordsMax + 1).joined(separator: ",") + "]"
        #expect(try await fixture.publish(.json(array)).refusal?.kind == .tooLarge)
        let names = (0..<500).map { String(repeating: "n", count: 200) + "\($0)" }
        let row = Array(repeating: "1", count: names.count).joined(separator: ",")
        let table = ([names.joined(separator: ",")] + Array(repeating: row, count: 200)).joined(separator: "\n")
        #expect(table.utf8.count < 1 << 20)
        #expect(try await fixture.publish(.json(table, .table)).refusal?.kind == .tooLarge)
    }

    @Test("Headers at the limit are taken, one more is that record's fault")
    func headers() async throws {
        let fixture = try BrokerFixture()
        func envelope(_ count: Int) -> RecordSubmission {
            .json(#"{"value":1,"headers":{\#((0..<count).map { "\"h\($0)\":\"v\"" }.joined(separator: ","))}}"#, .envelopes)
        }
        #expect(try await fixture.publish(envelope(Limits.headersMax)).get().appendedCount == 1)
        #expect(try await fixture.publish(envelope(Limits.headersMax + 1)).get().records.first?.refusal?.faults.first?.path == "/headers")
    }

    @Test("A correction is its publisher's or the owner's, over HTTPS too")
    func corrections() async throws {
        let fixture = try BrokerFixture()
        _ = try await fixture.publish(.json("1")).get()
        let correction = RecordSubmission.json(#"{"value":2,"headers":{"hanbridge-corrects":"0/0"}}"#, .envelopes)
        #expect(try await fixture.publish(correction).get().records.first?.place == "0/1")
        let missing = RecordSubmission.json(#"{"value":2,"headers":{"hanbridge-corrects":"0/99"}}"#, .envelopes)
        #expect(try await fixture.publish(missing).get().records.first?.refusal?.faults.first?.rule == "hanbridge-corrects")
    }

    @Test("What the disk refuses is told for each record, and the rest is in")
    func disk() async throws {
        let fixture = try BrokerFixture(partitions: 2)
        fixture.log(1).change { $0.appendError = .diskFull }
        let answer = try await fixture.publish(.json(#"[{"value":1,"partition":0},{"value":2,"partition":1}]"#, .envelopes)).get()
        #expect(answer.records[0].place == "0/0")
        #expect(answer.records[1].refusal?.kind == .unavailable)
    }

    @Test("A record is answered when it is durable, not before; a disk that never answers leaves it unknown")
    func durable() async throws {
        let fixture = try BrokerFixture()
        fixture.store.behaviour.withLockedValue { $0.holdsCommits = true }
        let answer = try fixture.begin(.json("1"))
        while fixture.log().snapshot.queued.isEmpty { await Task.yield() }
        fixture.store.commit()
        #expect(try await answer.value.get().records.first?.place == "0/0")
        let impatient = try BrokerFixture(submissionWait: .milliseconds(20))
        impatient.store.behaviour.withLockedValue { $0.holdsCommits = true }
        #expect(try await impatient.publish(.json("1")).get().records.first?.refusal?.kind == .unknown)
        impatient.store.commit()
    }
}
