import KafkaWire
import NIOConcurrencyHelpers
import Storage
import Testing
import Transparency

@testable import Broker

@Suite("Checkpoints are journalled, then published")
struct CheckpointSignerTests {
    private let old = SigningKey()
    private let new = SigningKey()
    private let host = "log.test"

    private func grow(_ fixture: BrokerFixture, _ size: Int64) -> PartitionID {
        let topic = fixture.services.catalogue.value[BrokerFixture.topic]
        guard let id = topic?.partition(0)?.id else { preconditionFailure("the fixture has no topic") }
        let root = TreeHashing.leaf(of: [UInt8(size)])
        fixture.store.grownTrees.withLockedValue { $0.append(GrownTree(partition: id, head: TreeHead(size: size, root: root))) }
        return id
    }

    @Test("A tree that grew is signed once, by every key, under its log's name")
    func signs() async throws {
        let fixture = try BrokerFixture()
        let signer = CheckpointSigner(host: host, keys: [new, old], services: fixture.services)
        let id = grow(fixture, 3)
        #expect(await signer.tick() == 1)
        #expect(await signer.tick() == 0)
        let stored = try #require(fixture.services.checkpoints.newest(of: id))
        #expect(fixture.metadata.snapshot.checkpoints == [stored])
        let signed = try SignedCheckpoint(stored.note)
        #expect(signed.checkpoint.origin.text == "\(host)/\(BrokerFixture.topic)/\(id.topic.hex)/0" && signed.checkpoint.size == 3)
        for key in [old, new] {
            let pinned = try #require(PinnedLog(host: host, publicKeys: [key.publicKey]))
            #expect(pinned.verification(of: signed) == .signed)
        }
        // A smaller or equal one is nothing new.
        _ = grow(fixture, 3)
        #expect(await signer.tick() == 0)
    }

    @Test("What the journal does not take is shown to nobody, and signed again when it does")
    func journalFirst() async throws {
        let fixture = try BrokerFixture()
        let signer = CheckpointSigner(host: host, keys: [old], services: fixture.services)
        let id = grow(fixture, 5)
        fixture.metadata.fail(with: .diskFull)
        #expect(await signer.tick() == 0)
        #expect(fixture.services.checkpoints.newest(of: id) == nil)
        fixture.metadata.fail(with: nil)
        #expect(await signer.tick() == 1)
        #expect(fixture.services.checkpoints.newest(of: id)?.size == 5)
    }

    @Test("A partition that is offline is not signed")
    func offline() async throws {
        let fixture = try BrokerFixture()
        let signer = CheckpointSigner(host: host, keys: [old], services: fixture.services)
        let id = grow(fixture, 5)
        fixture.store.snapshot.partitions[id]?.change { $0.offline = "damaged" }
        #expect(await signer.tick() == 0)
        #expect(fixture.metadata.snapshot.checkpoints.isEmpty)
    }

    @Test("Another host's name than what was signed is refused at start: the logs would be others")
    func hostChanged() async throws {
        let fixture = try BrokerFixture()
        _ = grow(fixture, 1)
        await CheckpointSigner(host: host, keys: [old], services: fixture.services).tick()
        await #expect(throws: BrokerStartError.self) {
            try await CheckpointSigner(host: "other.test", keys: [old], services: fixture.services).begin()
        }
    }

    @Test("Who waits for a checkpoint is told once it covers the record, at once where it does, and that it never will")
    func waiting() {
        let board = CheckpointBoard()
        let (one, two) = (PartitionID(topic: .random(), partition: 0), PartitionID(topic: .random(), partition: 0))
        let told = NIOLockedValueBox<[String]>([])
        func wait(_ id: PartitionID, _ size: Int64, _ name: String) {
            board.whenAcknowledged(id, size: size, as: .checkpointed) { settled in told.withLockedValue { $0.append("\(name) \(settled)") } }
        }
        func publish(_ id: PartitionID, _ size: Int64) { board.publish([StoredCheckpoint(partition: id, size: size, madeAt: 0, note: [])]) }
        wait(one, 5, "a")
        wait(one, 6, "b")
        wait(two, 1, "c")
        publish(one, 5)
        #expect(told.withLockedValue { $0 } == ["a acknowledged"])
        wait(one, 4, "d")
        publish(one, 4)
        #expect(board.newest(of: one)?.size == 5)
        publish(one, 9)
        board.keepOnly { $0 == one }
        #expect(told.withLockedValue { $0 } == ["a acknowledged", "d acknowledged", "b acknowledged", "c gone"])
    }

    @Test("Who waits no longer is forgotten, whether or not a checkpoint ever comes")
    func expiry() async throws {
        let fixture = try BrokerFixture()
        let board = fixture.services.checkpoints
        let id = PartitionID(topic: .random(), partition: 0)
        let told = NIOLockedValueBox<[CheckpointBoard.Settlement]>([])
        let now = fixture.clock.now()
        for deadline in [now + 5, now + 9, nil] as [Int64?] {
            board.whenAcknowledged(id, size: 1, as: .checkpointed, until: deadline) { settled in told.withLockedValue { $0.append(settled) } }
        }
        let signer = CheckpointSigner(host: host, keys: [old], services: fixture.services)
        // Also while the journal takes nothing.
        fixture.metadata.fail(with: .diskFull)
        fixture.clock.set(now + 4)
        board.expire(at: fixture.clock.now())
        #expect(board.waitingCount == 3)
        fixture.clock.set(now + 5)
        _ = grow(fixture, 1)
        #expect(await signer.tick() == 0)
        #expect(board.waitingCount == 2 && told.withLockedValue { $0 } == [.late])
        board.publish([StoredCheckpoint(partition: id, size: 1, madeAt: 0, note: [])])
        #expect(board.waitingCount == 0 && told.withLockedValue { $0 } == [.late, .acknowledged, .acknowledged])
    }
}
