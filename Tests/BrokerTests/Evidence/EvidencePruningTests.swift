import KafkaWire
import NIOConcurrencyHelpers
import Storage
import Testing
import Transparency

@testable import Broker

@Suite("Evidence goes when nobody is left behind", .timeLimit(.minutes(1)))
struct EvidencePruningTests {
    private static let host = "log.test"

    @Test("Pruning waits until each witness knows as much of the log as goes")
    func waitsForWitnesses() async throws {
        let fixture = try BrokerFixture(configuration: [EvidencePruning.setting: "1"])
        let key = SigningKey()
        let id = try #require(fixture.topic().partition(0)?.id)
        let log = GrowingLog(fixture.store.open(id))
        let pinned = try #require(PinnedLog(host: Self.host, publicKeys: [key.publicKey]))
        let witnesses = (0..<2).map { SampleWitness("w\($0)", log: pinned, clock: fixture.clock) }
        let policy = try TrustPolicy(Array((witnesses.map(\.policyLine).joined() + "quorum w0\n").utf8))
        let submitter = WitnessSubmitter(witnesses, policy: policy, own: nil, logs: pinned, services: fixture.services)
        let signer = CheckpointSigner(host: Self.host, keys: [key], services: fixture.services)
        func sign(_ count: Int) async {
            log.grow(count)
            fixture.store.grownTrees.withLockedValue { $0.append(GrownTree(partition: id, head: log.head)) }
            await signer.tick()
        }
        let pruning = EvidencePruning(fixture.services, witnesses: submitter)
        await sign(300)
        witnesses[1].change { $0.isUnreachable = true }
        await submitter.confirm(within: .seconds(20))
        log.prunable.withLockedValue { $0 = 256 }
        // The quorum is not enough: the other one could never catch up.
        #expect(await submitter.behind(id, size: 256) == ["w1"])
        #expect(await pruning.tick() == 0)
        #expect(log.minimumIndex == 0 && fixture.audit.changes.isEmpty)
        witnesses[1].change { $0.isUnreachable = false }
        await submitter.confirm(within: .seconds(20))
        #expect(await pruning.tick() == 1)
        #expect(log.minimumIndex == 256 && fixture.audit.changes.map(\.action) == ["evidence.prune"])
        // Nothing more is due.
        #expect(await pruning.tick() == 0)
    }

    @Test("Where no witness is asked nobody is waited for")
    func withoutWitnesses() async throws {
        let fixture = try BrokerFixture(configuration: [EvidencePruning.setting: "1"])
        let id = try #require(fixture.topic().partition(0)?.id)
        let log = GrowingLog(fixture.store.open(id))
        let signer = CheckpointSigner(host: Self.host, keys: [SigningKey()], services: fixture.services)
        let pruning = EvidencePruning(fixture.services)
        log.grow(300)
        log.prunable.withLockedValue { $0 = 256 }
        // A signed checkpoint has to lead to what is left.
        #expect(await pruning.tick() == 0)
        fixture.store.grownTrees.withLockedValue { $0.append(GrownTree(partition: id, head: log.head)) }
        await signer.tick()
        #expect(await pruning.tick() == 1)
    }
}
