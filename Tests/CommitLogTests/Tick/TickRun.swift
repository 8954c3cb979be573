import AccessPolicy
import Foundation
import KafkaWire
import Logging
import Storage
import Transparency

@testable import Broker
@testable import CommitLog
@testable import Metadata

/// A broker's checkpoint tick on a disk whose power goes at some change: records become durable, trees grow, checkpoints are signed and
/// journalled, published, cosigned, time-stamped and thinned. What comes up afterwards is held against what others had seen.
struct TickRun {
    let seed: UInt64
    /// The change at which the power goes, of the log's disk and of the journal's commits together; nil runs to the end.
    let powerLossAtChange: Int?
    /// The mutations that the check must notice: commits of the journal that were answered and lost, syncs of the log that do nothing.
    var lostCommits = 0
    var syncsAreNoOps = false
    var rounds = 5

    struct Result {
        var changes: Int
        var losses: [String]
        var seen: TickWorld.Seen
    }

    static let host = "log.test"
    static let partitionCount: Int32 = 2
    static let topic = TopicRecord(
        name: "t", id: Bench.id(0).topic, partitionCount: partitionCount, configuration: [:], createdAt: 0, createdBy: "test")
    private static let key = SigningKey()
    private static let authorities = (access: UUID128(high: 1, low: 1), delivery: UUID128(high: 1, low: 2))

    /// - Parameter template: `TickJournal.template`.
    func run(template: String, in directory: String) async throws -> Result {
        let path = "\(directory)/run-\(UUID().uuidString).sqlite"
        defer { for suffix in ["", "-wal", "-shm"] { for file in [path, path + ".after"] { try? FileManager.default.removeItem(atPath: file + suffix) } } }
        try FileManager.default.copyItem(atPath: template, toPath: path)
        let disk = SimulatedDisk()
        let clock = TestClock()
        let world = TickWorld(disk)
        let journal = TickJournal(path, on: disk)
        let metadata = try await journal.open()
        disk.set {
            $0.powerLossAtChange = powerLossAtChange
            $0.syncsAreNoOps = syncsAreNoOps
        }
        if let broker = try? await TickBroker(disk, metadata, clock, world, isFirst: true) { await work(broker, clock, world) }
        let changes = disk.counts.changes
        try journal.afterPowerLoss(path + ".after", seed: seed, lost: lostCommits)
        await metadata.shutDown()
        let after = disk.afterPowerLoss(seed: seed &* 31)
        let losses = await judge(after, path + ".after", clock, world)
        return Result(changes: changes, losses: losses, seen: world.snapshot)
    }

    private func work(_ broker: TickBroker, _ clock: TestClock, _ world: TickWorld) async {
        var random = SeededGenerator(seed: seed)
        for round in 0..<rounds where world.isPowered {
            for partition in broker.partitions where round < 2 || Bool.random(using: &random) {
                broker.append(partition, ["\(round)/0", "\(round)/1"], valueBytes: Int.random(in: 1...700, using: &random))
            }
            broker.bench.log.step()
            broker.collect()
            await broker.tick()
            if round % 2 == 1 { await broker.stamp() }
            // A minute for the thinning, and once so long that witnessed ones are thinned too.
            clock.advance(round == rounds / 2 ? 25 * 3_600_000 : 30_000)
            if round % 3 == 2 { broker.bench.log.maintainNow() }
        }
    }

    // MARK: afterwards

    private func judge(_ disk: SimulatedDisk, _ path: String, _ clock: TestClock, _ before: TickWorld) async -> [String] {
        let seen = before.snapshot
        guard !disk.paths().isEmpty else { return seen.published.isEmpty && seen.acknowledged.isEmpty ? [] : ["the whole store is gone"] }
        let world = TickWorld(disk, goingOnFrom: seen)
        do {
            let metadata = try MetadataDatabase(path: path)
            var losses = try await promises(metadata, seen)
            do {
                let broker = try await TickBroker(disk, metadata, clock, world, isFirst: false)
                losses += try await broker.goOn(seen)
                losses += try await continuity(broker, world.snapshot)
            } catch {
                losses.append("the broker does not start: \(error)")
            }
            await metadata.shutDown()
            return losses
        } catch {
            return ["the journal does not open: \(error)"]
        }
    }

    /// What was acknowledged as covered is in the journal.
    private func promises(_ metadata: MetadataDatabase, _ seen: TickWorld.Seen) async throws -> [String] {
        var losses: [String] = []
        let last = Dictionary(try await metadata.lastCheckpoints().map { ($0.partition.partition, $0.size) }, uniquingKeysWith: max)
        for (number, size) in seen.acknowledged[.checkpointed] ?? [:] where last[number] ?? 0 < size {
            losses.append("partition \(number): \(size) records were acknowledged as checkpointed, and \(last[number] ?? 0) are")
        }
        for (number, size) in seen.acknowledged[.witnessed] ?? [:] {
            let found = try await metadata.witnessedCheckpoints(of: Bench.id(number), atLeast: size, limit: 1)
            if found.isEmpty { losses.append("partition \(number): \(size) records were acknowledged as witnessed, and are not") }
        }
        return losses
    }

    /// One root a size, and all that was ever shown is a beginning of what is there now.
    private func continuity(_ broker: TickBroker, _ seen: TickWorld.Seen) async throws -> [String] {
        var losses: [String] = []
        for (number, sizes) in seen.published {
            for (size, roots) in sizes.sorted(by: { $0.key < $1.key }) {
                if roots.count > 1 { losses.append("partition \(number): \(roots.count) trees of \(size) records were published") }
                let isKept = try roots.allSatisfy { try broker.partitions[Int(number)].agrees(with: TreeHead(size: size, root: $0)) }
                if !isKept { losses.append("partition \(number): a published tree of \(size) records is not continued") }
            }
        }
        if seen.contradictions > 0 { losses.append("the witness was shown another log") }
        return losses
    }
}

extension TickRun {
    /// One life of the broker.
    final class TickBroker {
        let bench: Bench
        let partitions: [Partition]
        private let metadata: MetadataDatabase
        private let services: BrokerServices
        private let signer: CheckpointSigner
        private let feed: WitnessFeed
        private let cosignatures: CosignatureJournal
        private let timestamper: CheckpointTimestamper
        private let world: TickWorld
        private var tickets: [(ticket: AppendTicket, partition: PartitionID, count: Int64)] = []

        init(_ disk: SimulatedDisk, _ metadata: MetadataDatabase, _ clock: TestClock, _ world: TickWorld, isFirst: Bool) async throws {
            let bench = try Bench(disk: disk, clock: clock)
            self.bench = bench
            self.metadata = metadata
            self.world = world
            partitions = try (0..<partitionCount).map { try bench.partition($0, PartitionSettings(segmentBytes: 6000, recordsLeaves: true)) }
            let settings = try BrokerSettings([:])
            var topics = [Topic(record: TickRun.topic, configuration: try TopicConfiguration([:], defaultsOf: settings), partitions: partitions)]
            for (name, id) in [(AuditTopic.access, authorities.access), (AuditTopic.delivery, authorities.delivery)] {
                let record = TopicRecord(name: name, id: id, partitionCount: 1, configuration: [:], createdAt: 0, createdBy: "test")
                let log = try bench.log.make(PartitionID(topic: id, partition: 0), PartitionSettings())
                topics.append(Topic(record: record, configuration: try TopicConfiguration([:], defaultsOf: settings), partitions: [log]))
            }
            let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            services = BrokerServices(
                store: bench.log, metadata: metadata, settings: settings, clock: TickClock(clock: clock), audit: SilentAudit(), log: quiet,
                clusterID: UUID128(high: 3, low: 4), catalogue: TopicCatalogue(topics), policy: try PolicySnapshot(compiling: [], version: 1),
                advertised: AdvertisedAddress(host: "broker.test", port: 9093))
            guard let pinned = PinnedLog(host: host, publicKeys: [key.publicKey]) else { preconditionFailure("a host and a key") }
            cosignatures = CosignatureJournal(policy: TickWitness.policy, own: nil, services: services)
            feed = WitnessFeed(
                TickWitness(log: pinned, world: world, clock: clock), logs: pinned, journal: cosignatures, standing: WitnessStanding(), services: services)
            signer = CheckpointSigner(host: host, keys: [key], services: services, followers: [world])
            timestamper = CheckpointTimestamper(
                host: host, keys: [key], services: services, journal: metadata, authority: TickAuthority(world: world),
                outageMilliseconds: 4 * 3_600_000)
            // As the composition root begins: what was signed, then the witnesses' word on it, then the journal that is stamped.
            bench.log.step()
            try await stepping { [signer] in try await signer.begin() }
            if !isFirst { await submit() }
            try await timestamper.begin()
        }

        func append(_ partition: Partition, _ keys: [String], valueBytes: Int) {
            tickets.append((bench.append(partition, Batches.make(keys, valueBytes: valueBytes)), partition.id, Int64(keys.count)))
        }

        /// Tells the producers, as far as it is true by now, and later the rest.
        func collect() {
            for (ticket, id, count) in tickets {
                guard let base = bench.outcomes[ticket]?.base else { continue }
                world.acknowledge(.durable, id.partition, base + count)
                for acknowledgement in [Acknowledgement.checkpointed, .witnessed] {
                    services.checkpoints.whenAcknowledged(id, size: base + count, as: acknowledgement) { [world] settled in
                        if settled == .acknowledged { world.acknowledge(acknowledgement, id.partition, base + count) }
                    }
                }
            }
            tickets = []
        }

        func tick() async {
            await stepping { [signer] in await signer.tick() }
            await submit()
        }

        func stamp() async { await timestamper.tick() }

        private func submit() async {
            for partition in partitions { await stepping { [feed] in _ = await feed.submit(partition.id) } }
            while await !cosignatures.isIdle { await Task.yield() }
        }

        /// What is asked of the store's threads is done by this one meanwhile.
        @discardableResult
        private func stepping<T: Sendable>(_ body: @escaping @Sendable () async throws -> T) async rethrows -> T {
            let log = bench.log
            let stepper = Task.detached {
                while !Task.isCancelled {
                    log.step()
                    await Task.yield()
                }
            }
            do {
                let value = try await body()
                stepper.cancel()
                await stepper.value
                return value
            } catch {
                stepper.cancel()
                await stepper.value
                throw error
            }
        }

        // MARK: after the power came back

        /// Nothing is gone, nobody objects, and the log goes on as far as a stamped checkpoint.
        func goOn(_ seen: TickWorld.Seen) async throws -> [String] {
            var losses: [String] = []
            for partition in partitions {
                let (number, bounds) = (partition.id.partition, partition.bounds)
                if case .offline(let why) = bounds.state { losses.append("partition \(number): \(why)") }
                let acknowledged = seen.acknowledged[.durable]?[number] ?? 0
                if bounds.highWatermark.rawValue < acknowledged {
                    losses.append("partition \(number): \(acknowledged) records were acknowledged, and \(bounds.highWatermark) are there")
                }
            }
            guard losses.isEmpty else { return losses }
            for partition in partitions { append(partition, ["after"], valueBytes: 9) }
            bench.log.step()
            await tick()
            await stamp()
            for partition in partitions {
                let (number, end) = (partition.id.partition, partition.bounds.highWatermark.rawValue)
                let newest = services.checkpoints.newest(of: partition.id)
                if newest?.size != end { losses.append("partition \(number): \(end) records are there, and a checkpoint covers \(newest?.size ?? 0)") }
                if newest?.isWitnessed != true { losses.append("partition \(number): the witness does not cosign any more") }
                if let size = newest?.size, try await metadata.timestamp(of: partition.id, atLeast: size) == nil {
                    losses.append("partition \(number): its newest checkpoint got no time-stamp")
                }
            }
            return losses + (try await journal(seen.stamped))
        }

        /// The journal leads to its note, and what was stamped of it last is its note or a beginning of it.
        private func journal(_ stamped: [[UInt8]]) async throws -> [String] {
            let head = try await metadata.journal()
            guard let note = head.note, let signed = try? SignedCheckpoint(note).checkpoint,
                let leaves = try await metadata.journalHashes(level: 0, 0..<head.size)
            else { return ["the journal of checkpoints has no note"] }
            let hashes = leaves.withUnsafeBytes { TreeHash.array(reading: $0) }
            guard MerkleTree.root(of: hashes) == signed.root else { return ["the journal of checkpoints does not lead to its note"] }
            guard let last = stamped.last else { return [] }
            // Signed with the same key, a beginning of the journal has the very note that was stamped.
            let beginnings = (1...head.size).map { size in
                let checkpoint = Checkpoint(origin: signed.origin, size: size, root: MerkleTree.root(of: Array(hashes[..<Int(size)])))
                return TreeHashing.hash(of: checkpoint.signed(by: key).bytes).bytes
            }
            return beginnings.contains(last) ? [] : ["what was stamped last is no beginning of the journal"]
        }
    }
}
