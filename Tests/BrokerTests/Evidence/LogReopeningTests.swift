import AccessPolicy
import KafkaWire
import NIOConcurrencyHelpers
import Storage
import Testing
import Transparency

@testable import Broker

@Suite("A log that is not the one that others know is closed where all agree, and goes on under another name")
struct LogReopeningTests {
    private static let host = "log.test"

    private final class Bench {
        let fixture: BrokerFixture
        let log: GrowingLog
        let partition: PartitionID
        let signer: CheckpointSigner
        let administration: Administration
        private let key = SigningKey()

        init(_ topic: String = BrokerFixture.topic) throws {
            let fixture = try BrokerFixture()
            self.fixture = fixture
            partition = fixture.topic(topic).partition(0)!.id  // the fixture's topics have one
            log = GrowingLog(fixture.store.open(partition))
            signer = CheckpointSigner(host: LogReopeningTests.host, keys: [key], services: fixture.services)
            administration = Administration(fixture.services)
        }

        func sign(_ count: Int, seed: UInt8 = 0) async {
            log.grow(count, seed: seed)
            await signHead()
        }

        func signHead() async {
            fixture.store.grownTrees.withLockedValue { [log, partition] in $0.append(GrownTree(partition: partition, head: log.head)) }
            await signer.tick()
        }

        func reopen(as roles: Set<Role> = [.operator], _ name: String = BrokerFixture.topic) async throws -> Result<ReopenedLog, AdministrationRefusal> {
            await administration.reopenLog(of: name, partition: 0, because: "biên bản 5", by: try BrokerFixture.peer("it/operations/root", roles: roles))
        }

        /// Of the log that is signed.
        var newest: Checkpoint? {
            get throws {
                try fixture.services.checkpoints.newest(of: fixture.topic().log(of: 0)).map { try SignedCheckpoint($0.note).checkpoint }
            }
        }
    }

    @Test("It is closed at the last checkpoint that its tree still has, under a record of the audit; the next is signed from its beginning on")
    func reopens() async throws {
        let bench = try Bench()
        await bench.sign(5)
        let common = try #require(try bench.newest)
        // What was signed behind that is not in the tree that is there now.
        let forged = Checkpoint(origin: common.origin, size: 9, root: TreeHashing.leaf(of: [9]))
        try await bench.fixture.metadata.append([
            StoredCheckpoint(partition: bench.partition, size: 9, madeAt: 0, note: forged.signed(by: SigningKey()).bytes)
        ])
        bench.log.grow(7, seed: 3)
        bench.log.contradicted("others know another log")
        let reopened = try await bench.reopen().get()
        #expect(reopened.closed == PartitionLogs.Closed(log: bench.partition, size: 5) && reopened.log != bench.partition)
        #expect(bench.fixture.metadata.keptCheckpoints.withLockedValue { $0 } == [bench.partition: 5])
        let change = try #require(bench.fixture.audit.changes.last)
        #expect(change.action == "log.reopen" && change.details["closedLog"] == bench.partition.topic.hex && change.details["log"] == reopened.log.topic.hex)
        #expect(change.details["closedSize"] == "5" && change.details["closedRoot"] == common.root.noteText && change.details["reason"] == "biên bản 5")
        // Durable with the topic, and in force.
        let stored = bench.fixture.metadata.snapshot
        let topic = bench.fixture.topic()
        #expect(topic.logs(of: 0) == PartitionLogs(of: bench.partition, topic.configuration.reopenings) && topic.log(of: 0) == reopened.log)
        #expect(topic.record.configuration[LogReopening.setting] == "0:\(reopened.log.topic.hex)@5" && stored.writes > 0)
        #expect(bench.log.contradiction == nil && bench.fixture.store.snapshot.partitions[bench.partition]?.snapshot.offline == nil)
        await bench.signHead()
        let next = try #require(try bench.newest)
        #expect(next.size == 12 && next.origin.text == "\(Self.host)/\(BrokerFixture.topic)/\(reopened.log.topic.hex)/0")
        // Of the closed one nothing is signed any more.
        #expect(bench.fixture.services.checkpoints.newest(of: bench.partition)?.size == 5)
        #expect(bench.fixture.services.catalogue.value.partition(ofLog: bench.partition) == nil)
        #expect(bench.fixture.services.catalogue.value.partition(ofLog: reopened.log)?.log.id == bench.partition)
        // And again.
        bench.log.contradicted("others know another log")
        let again = try await bench.reopen().get()
        #expect(again.closed.log == reopened.log && again.closed.size == 12 && bench.fixture.topic().logs(of: 0).closed.count == 2)
    }

    @Test("A log on which nobody agrees is closed at nothing")
    func nothingCommon() async throws {
        let bench = try Bench()
        await bench.sign(5)
        bench.log.contradicted("others know another log")
        bench.log.forget()
        #expect(try await bench.reopen().get().closed.size == 0)
    }

    @Test("An operator alone reopens a log, and none that others know")
    func refusals() async throws {
        let bench = try Bench()
        await bench.sign(5)
        #expect(try await bench.reopen().failure?.errorCode == .policyViolation)
        bench.log.contradicted("others know another log")
        for roles in [[.member], [.auditor], [.steward]] as [Set<Role>] {
            #expect(try await bench.reopen(as: roles).failure?.errorCode == .topicAuthorizationFailed)
        }
        #expect(try await bench.reopen(as: [.operator], "no.such.topic").failure?.errorCode == .unknownTopicOrPartition)
        bench.fixture.metadata.fail(with: .diskFull)
        #expect(try await bench.reopen().failure?.errorCode == .kafkaStorageError)
        #expect(bench.log.contradiction != nil && bench.fixture.topic().log(of: 0) == bench.partition)
        bench.fixture.metadata.fail(with: nil)
        #expect(try await bench.reopen().failure == nil)
    }

    @Test("The audit's own log takes the record of its reopening, and is signed by no name before it has the new one")
    func ownLog() async throws {
        let bench = try Bench(AuditTopic.access)
        await bench.sign(5)
        bench.log.grow(2, seed: 1)
        bench.log.contradicted("others know another log")
        bench.fixture.metadata.fail(with: .diskFull)
        #expect(try await bench.reopen(as: [.operator], AuditTopic.access).failure?.errorCode == .kafkaStorageError)
        // It could be written to; by its old name nothing may be signed that others would contradict.
        #expect(bench.fixture.audit.changes.first?.action == "log.reopen")
        bench.fixture.metadata.fail(with: nil)
        await bench.signHead()
        #expect(bench.fixture.services.checkpoints.newest(of: bench.partition)?.size == 5)
        let reopened = try await bench.reopen(as: [.operator], AuditTopic.access).get()
        await bench.signHead()
        #expect(bench.fixture.services.checkpoints.newest(of: reopened.log)?.size == 7 && reopened.closed.size == 5)
        #expect(try await bench.reopen(as: [.member], AuditTopic.access).failure?.errorCode == .topicAuthorizationFailed)
    }

    @Test("Nobody sets the names by hand")
    func byHand() async throws {
        let bench = try Bench()
        let peer = try BrokerFixture.peer("it/operations/root", roles: [.operator])
        let refusal = await TopicAdministration(bench.fixture.services).configure(BrokerFixture.topic, validateOnly: false, by: peer) { values in
            values.merging([LogReopening.setting: "0:\(UUID128.random().hex)@0"]) { $1 }
        }
        #expect(refusal?.sentence.contains("hanbridge log reopen") == true)
        for text in ["x", "0", "0:abc@1", "0:\(UUID128.random().hex)", "-1:\(UUID128.random().hex)@1", "0:\(UUID128.random().hex)@-1"] {
            #expect(LogReopening.list(text) == nil, "\(text)")
        }
    }
}

extension Result {
    fileprivate var failure: Failure? {
        if case .failure(let failure) = self { return failure }
        return nil
    }
}
