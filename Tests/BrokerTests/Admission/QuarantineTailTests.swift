import KafkaWire
import Logging
import NIOConcurrencyHelpers
import NIOCore
import Storage
import Testing

@testable import Broker

/// What a broker knows of its quarantines after a restart.
@Suite("Quarantine after a restart")
struct QuarantineTailTests {
    private static let quarantine = "health.quarantine"
    private static let log = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    private func fixture() throws -> BrokerFixture {
        try BrokerFixture(
            configuration: ["hanbridge.schema.subject": "", "hanbridge.quarantine": Self.quarantine],
            schemas: [.count("\(BrokerFixture.topic)-value")], moreTopics: [Self.quarantine: [:]])
    }

    private func bad(_ number: Int) -> TestRecord { .typed(#"{"ward":"\#(number)","count":-1}"#) }

    /// Keeps so many different records, a batch of ten at a time.
    private func fill(_ fixture: BrokerFixture, _ count: Int) throws {
        let connection = try TestConnection(fixture, BrokerFixture.ward)
        for begin in stride(from: 0, to: count, by: 10) {
            let records = (begin..<min(count, begin + 10)).map(bad)
            connection.send(ProduceRequest(batches: [(0, Batches.batch(records: records))]), version: 9)
        }
        #expect(fixture.log(of: Self.quarantine).bounds.highWatermark == Offset(Int64(count)))
    }

    @Test("A record that was kept is known, and is not kept again")
    func known() async throws {
        let before = try fixture()
        try fill(before, 700)
        let after = BrokerFixture(restarting: before)
        let connection = try await AsyncConnection(after, BrokerFixture.ward)
        for number in [0, 350, 699] {
            let answer = try await connection.produce([bad(number)])
            #expect(answer.errorCode == .invalidRecord)
            #expect(answer.errorMessage?.contains("kept as health.quarantine/0/\(number)") == true, "\(answer.errorMessage ?? "")")
        }
        #expect(try await connection.produce([bad(700)]).errorMessage?.contains("kept as health.quarantine/0/700") == true)
    }

    @Test("While the quarantine is read a bad record's refusal waits, what comes behind it keeps its order, and good ones elsewhere go on")
    func waits() async throws {
        let before = try fixture()
        try fill(before, 3)
        let after = BrokerFixture(restarting: before)
        after.store.behaviour.withLockedValue { $0.holdsReads = true }
        let connection = try await AsyncConnection(after, BrokerFixture.ward)
        let other = try await AsyncConnection(after, BrokerFixture.ward, writer: 2)
        let (refused, behind) = (connection.sendBatch([bad(1)]), connection.sendBatch([.good]))
        #expect(try await other.produce([.good]).baseOffset == 0)
        #expect(after.log().bounds.highWatermark == Offset(1), "what came behind the bad record waits for it")
        after.store.behaviour.withLockedValue { $0.holdsReads = false }
        while after.log(of: Self.quarantine).snapshot.heldReads.isEmpty { await Task.yield() }
        after.store.releaseReads()
        #expect(try await AsyncConnection.answer(refused.get()).errorMessage?.contains("kept as health.quarantine/0/1") == true)
        #expect(try await AsyncConnection.answer(behind.get()).baseOffset == 1)
        #expect(after.log(of: Self.quarantine).bounds.highWatermark == Offset(3))
    }

    @Test("A quarantine that cannot be read keeps nobody waiting: its records are kept again")
    func unreadable() async throws {
        let before = try fixture()
        try fill(before, 3)
        before.log(of: Self.quarantine).change { $0.readError = .io(operation: "reading", errno: 5) }
        let connection = try await AsyncConnection(BrokerFixture(restarting: before), BrokerFixture.ward)
        #expect(try await connection.produce([bad(1)]).errorMessage?.contains("kept as health.quarantine/0/3") == true)
    }

    @Test("As many records as its limit are read, the newest, and not one more", arguments: [1, 99, 100, 101, 699, 700, 701])
    func recordLimit(max: Int) async throws {
        let fixture = try fixture()
        try fill(fixture, 700)
        let kept = await QuarantineTail.read(fixture.topic(Self.quarantine), log: Self.log, recordsMax: max, blockBytes: 20_000)
        #expect(kept.map(\.entry.offset) == Array(Int64(700 - min(max, 700))..<700))
    }

    @Test("Reading ends with the block in which the bytes end")
    func byteLimit() async throws {
        let fixture = try fixture()
        try fill(fixture, 700)
        let topic = fixture.topic(Self.quarantine)
        let all = Int(fixture.log(of: Self.quarantine).bounds.sizeBytes)
        // Blocks of a hundred records: so many that their batches and their bytes come out even.
        for (max, count) in [(1, 100), (all / 7 - 500, 100), (all / 7 + 500, 200), (all, 700), (all + 1, 700)] {
            let kept = await QuarantineTail.read(topic, log: Self.log, bytesMax: max, blockBytes: 100 * (all / 700))
            #expect(kept.map(\.entry.offset) == Array(Int64(700 - count)..<700), "\(max) of \(all) bytes")
        }
    }

    @Test("What a publisher says there of a record is no entry, whatever key it gives it")
    func resolutions() async throws {
        let fixture = try fixture()
        try fill(fixture, 1)
        let connection = try TestConnection(fixture, BrokerFixture.ward)
        let digest = String(repeating: "ab", count: 32)
        let resolution = TestRecord(key: digest, value: "fixed", headers: ["hanbridge-resolves": "0/0"])
        connection.send(ProduceRequest(to: Self.quarantine, batches: [(0, Batches.batch(records: [resolution]))]), version: 9)
        #expect(fixture.log(of: Self.quarantine).bounds.highWatermark == Offset(2))
        #expect(await QuarantineTail.read(fixture.topic(Self.quarantine), log: Self.log).map(\.entry.offset) == [0])
    }

    @Test("A digest is 64 lower-case hexadecimal digits")
    func digests() {
        let digest = Digest256((1, 2, 3, .max))
        #expect(Digest256(hex: digest.hex.utf8) == digest)
        for wrong in ["", "ab", String(repeating: "A", count: 64), String(repeating: "g", count: 64), String(repeating: "0", count: 65)] {
            #expect(Digest256(hex: wrong.utf8) == nil)
        }
    }
}
