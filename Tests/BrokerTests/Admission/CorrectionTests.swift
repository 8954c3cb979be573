import AccessPolicy
import KafkaWire
import NIOCore
import Storage
import Testing

@testable import Broker

/// Who may correct a record, and what is known of who wrote it.
@Suite("Corrections")
struct CorrectionTests {
    private func fixture() throws -> BrokerFixture {
        try BrokerFixture(configuration: ["hanbridge.schema.subject": ""], schemas: [.count("\(BrokerFixture.topic)-value")])
    }

    private static var correction: TestRecord {
        var record = TestRecord.good
        record.headers = ["hanbridge-corrects": "0/0"]
        return record
    }

    @Test("A node whose certificate was renewed with a new key corrects what it wrote with the old one, also after a restart")
    func renewed() async throws {
        let before = try fixture()
        #expect(try await AsyncConnection(before, BrokerFixture.ward, writer: 1).produce([.good]).errorCode == .none)
        for fixture in [before, BrokerFixture(restarting: before)] {
            #expect(try await AsyncConnection(fixture, BrokerFixture.ward, writer: 2).produce([Self.correction]).errorCode == .none)
            let other = try await AsyncConnection(fixture, "health/ward/hai-chau", writer: 3).produce([Self.correction])
            #expect(other.errorCode == .invalidRecord)
            #expect(other.recordErrors.first?.batchIndexErrorMessage?.contains("by the node that published it") == true)
        }
    }

    @Test("What a key wrote before its owner was noted is corrected with that key alone")
    func unknownWriter() async throws {
        let fixture = try fixture()
        #expect(try await AsyncConnection(fixture, BrokerFixture.ward, writer: 1).produce([.good]).errorCode == .none)
        fixture.metadata.forgetWriters()
        let after = BrokerFixture(restarting: fixture)
        #expect(try await AsyncConnection(after, BrokerFixture.ward, writer: 2).produce([Self.correction]).errorCode == .invalidRecord)
        #expect(try await AsyncConnection(after, BrokerFixture.ward, writer: 1).produce([Self.correction]).errorCode == .none)
    }

    @Test("A read error is no verdict: the client is told to try again, and what it sent behind waits for that")
    func unreadable() async throws {
        let fixture = try fixture()
        let connection = try await AsyncConnection(fixture, BrokerFixture.ward)
        #expect(try await connection.produce([.good]).errorCode == .none)
        fixture.log().change { $0.readError = .io(operation: "reading", errno: 5) }
        #expect(try await connection.produce([Self.correction], producerID: 7, sequence: 0).errorCode == .kafkaStorageError)
        #expect(try await connection.produce([.good], producerID: 7, sequence: 1).errorCode == .outOfOrderSequenceNumber)
        fixture.log().change { $0.readError = nil }
        #expect(try await connection.produce([Self.correction], producerID: 7, sequence: 0).baseOffset == 1)
        #expect(try await connection.produce([.good], producerID: 7, sequence: 1).baseOffset == 2)
    }

    @Test("Where it cannot be told whose key it was, the client is told to try again")
    func unknownNow() async throws {
        let before = try fixture()
        #expect(try await AsyncConnection(before, BrokerFixture.ward, writer: 1).produce([.good]).errorCode == .none)
        #expect(try await AsyncConnection(before, BrokerFixture.ward, writer: 2).produce([.good]).errorCode == .none)
        let after = BrokerFixture(restarting: before)
        let connection = try await AsyncConnection(after, BrokerFixture.ward, writer: 2)
        #expect(try await connection.produce([.good]).errorCode == .none)
        after.metadata.fail(with: .io(operation: "reading", errno: 5))
        #expect(try await connection.produce([Self.correction]).errorCode == .kafkaStorageError)
        after.metadata.fail(with: nil)
        #expect(try await connection.produce([Self.correction]).errorCode == .none)
    }

    // MARK: Noting keys

    @Test("Whose key it is is durable before the first record that it signs for is appended")
    func notedFirst() async throws {
        let fixture = try fixture()
        let connection = try await AsyncConnection(fixture, BrokerFixture.ward)
        fixture.metadata.holdWrites()
        let (first, second) = (connection.sendBatch([.good]), connection.sendBatch([.good]))
        await fixture.metadata.waitForHeldWrites()
        #expect(fixture.storedBatches == 0)
        fixture.metadata.releaseWrites()
        #expect(try await AsyncConnection.answer(first.get()).baseOffset == 0)
        #expect(try await AsyncConnection.answer(second.get()).baseOffset == 1)
        #expect(fixture.metadata.snapshot.writers == [Digest256((1, 2, 3, 4)): ["User:health/ward/tan-dinh"]])
        let writes = fixture.metadata.snapshot.writes
        #expect(try await AsyncConnection(fixture, BrokerFixture.ward).produce([.good]).errorCode == .none)
        #expect(try await AsyncConnection(BrokerFixture(restarting: fixture), BrokerFixture.ward).produce([.good]).errorCode == .none)
        #expect(fixture.metadata.snapshot.writes == writes, "what is known is not written again")
    }

    @Test("Where it cannot be noted nothing is appended, and the next try does")
    func notNoted() async throws {
        let fixture = try fixture()
        let connection = try await AsyncConnection(fixture, BrokerFixture.ward)
        fixture.metadata.fail(with: .diskFull)
        #expect(try await connection.produce([.good], producerID: 7, sequence: 0).errorCode == .kafkaStorageError)
        #expect(try await connection.produce([.good], producerID: 7, sequence: 1).errorCode != .none)
        #expect(fixture.storedBatches == 0)
        fixture.metadata.fail(with: nil)
        #expect(try await connection.produce([.good], producerID: 7, sequence: 0).baseOffset == 0)
        #expect(try await connection.produce([.good], producerID: 7, sequence: 1).baseOffset == 1)
    }

    @Test("A request that is refused whole notes nobody")
    func refusedNotes() async throws {
        let fixture = try fixture()
        #expect(try await AsyncConnection(fixture, BrokerFixture.stranger).produce([.good]).errorCode == .topicAuthorizationFailed)
        #expect(try await AsyncConnection(fixture, BrokerFixture.ward).produce([.bad]).errorCode == .invalidRecord)
        #expect(fixture.metadata.snapshot.writers.isEmpty)
    }

    @Test("What the directory learns of a key is added to what it knows")
    func learns() throws {
        let writers = try fixture().services.writers
        for name in ["User:a", "User:b"] { writers.remember([name], of: .zero) }
        #expect(writers.principals(of: .zero) == ["User:a", "User:b"])
    }

    @Test("The directory holds no more keys in memory than its limit, and asks for the others")
    func memory() async throws {
        let fixture = try fixture()
        let writers = fixture.services.writers
        for number in 1...UInt64(WriterDirectory.keysInMemoryMax + 1) {
            try await writers.note(try BrokerFixture.peer(BrokerFixture.ward, writer: number))
        }
        let first = try BrokerFixture.peer(BrokerFixture.ward, writer: 1)
        #expect(!writers.isNoted(first))
        #expect(try await writers.findPrincipals(of: first.writer) == [first.identity.principal])
        #expect(writers.isNoted(first))
    }
}
