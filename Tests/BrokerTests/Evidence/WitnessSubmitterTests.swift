import KafkaWire
import NIOConcurrencyHelpers
import Storage
import Testing
import Transparency

@testable import Broker

@Suite("Checkpoints go to witnesses", .timeLimit(.minutes(1)))
struct WitnessSubmitterTests {
    /// A broker with one log that grows, its witnesses and what brings one to the other.
    private struct Bench {
        static let host = "log.test"
        let fixture: BrokerFixture
        let key = SigningKey()
        let log: GrowingLog
        let id: PartitionID
        let signer: CheckpointSigner
        let witnesses: [SampleWitness]
        let policy: TrustPolicy
        let journal: CosignatureJournal
        let standing = WitnessStanding()
        let feeds: [WitnessFeed]

        init(witnesses count: Int = 1, threshold: Int = 1, own: Int? = nil) throws {
            let (fixture, key) = (try BrokerFixture(), key)
            self.fixture = fixture
            id = fixture.topic().partition(0)!.id  // the fixture's topic has one
            log = GrowingLog(fixture.store.open(id))
            let pinned = PinnedLog(host: Self.host, publicKeys: [key.publicKey])!  // a host and a key
            witnesses = (0..<count).map { SampleWitness("w\($0)", log: pinned, clock: fixture.clock) }
            let names = witnesses.map(\.name).joined(separator: " ")
            policy = try TrustPolicy(Array((witnesses.map(\.policyLine).joined() + "group g \(threshold) \(names)\nquorum g\n").utf8))
            let journal = CosignatureJournal(policy: policy, own: own.map { [witnesses] in witnesses[$0].key.publicKey }, services: fixture.services)
            self.journal = journal
            feeds = witnesses.map { [standing] in
                WitnessFeed($0, logs: pinned, journal: journal, standing: standing, services: fixture.services)
            }
            signer = CheckpointSigner(host: Self.host, keys: [key], services: fixture.services)
        }

        /// Grows the log and signs it.
        func sign(_ count: Int, seed: UInt8 = 0) async {
            log.grow(count, seed: seed)
            fixture.store.grownTrees.withLockedValue { [log] in $0.append(GrownTree(partition: id, head: log.head)) }
            await signer.tick()
        }

        func submit(_ witness: Int = 0) async -> WitnessFeed.Outcome { await feeds[witness].submit(id) }

        /// Waits for the quorum over so many records.
        func witnessed(_ size: Int64) async -> Bool {
            await withCheckedContinuation { continuation in
                fixture.services.checkpoints.whenAcknowledged(id, size: size, as: .witnessed) { continuation.resume(returning: $0 == .acknowledged) }
            }
        }

        func cosignatures() throws -> [String] {
            let note = try #require(fixture.services.checkpoints.newest(of: id)?.note)
            return try SignedCheckpoint(note).note.signatures.dropFirst().map(\.name.text)
        }

        var offline: String? { fixture.store.snapshot.partitions[id]?.snapshot.offline }
    }

    @Test("A cosignature is journalled with its checkpoint, then shown, and told to who waits for the quorum")
    func cosigned() async throws {
        let bench = try Bench()
        await bench.sign(5)
        #expect(await bench.submit() == .confirmed)
        #expect(await bench.witnessed(5))
        #expect(try bench.cosignatures() == ["w0.test"])
        let stored = bench.fixture.metadata.snapshot.checkpoints
        #expect(stored.count == 1 && stored[0].isWitnessed && stored[0] == bench.fixture.services.checkpoints.newest(of: bench.id))
        // The next one is proved to continue it, by one request.
        await bench.sign(20)
        let before = bench.witnesses[0].requests.count
        #expect(await bench.submit() == .confirmed)
        #expect(bench.witnesses[0].requests.count == before + 1 && bench.witnesses[0].requests.last?.oldSize == 5)
        #expect(await bench.witnessed(25))
    }

    @Test("The quorum is the policy's: one of two is not enough, and the broker's own witness never counts")
    func quorum() async throws {
        let bench = try Bench(witnesses: 3, threshold: 2, own: 2)
        await bench.sign(5)
        for witness in [0, 2] { #expect(await bench.submit(witness) == .confirmed) }
        let isOut = NIOLockedValueBox(false)
        bench.fixture.services.checkpoints.whenAcknowledged(bench.id, size: 5, as: .witnessed) { _ in isOut.withLockedValue { $0 = true } }
        #expect(!isOut.withLockedValue { $0 })
        #expect(await bench.submit(1) == .confirmed)
        #expect(await bench.witnessed(5))
        #expect(Set(try bench.cosignatures()) == ["w0.test", "w1.test", "w2.test"])
    }

    @Test("A witness that knows an older state is shown what came since; one that knows a longer or another log ends this one")
    func contradictions() async throws {
        let known = try Bench()
        await known.sign(5)
        #expect(await known.submit() == .confirmed)
        let latest = known.witnesses[0].behaviour.withLockedValue { $0.latest }
        // As after a restart: nothing is known of the witness.
        for (grown, seed, outcome) in [(3, 0, WitnessFeed.Outcome.contradicted), (5, 1, .contradicted), (5, 0, .confirmed), (9, 0, .confirmed), (9, 1, .contradicted)]
            as [(Int, UInt8, WitnessFeed.Outcome)]
        {
            let bench = try Bench()
            await bench.sign(grown, seed: seed)
            let origin = try SignedCheckpoint(try #require(bench.fixture.services.checkpoints.newest(of: bench.id)?.note)).checkpoint.origin
            bench.witnesses[0].change { behaviour in
                for checkpoint in latest.values {
                    behaviour.latest[origin] = Checkpoint(origin: origin, size: checkpoint.size, root: checkpoint.root)
                }
            }
            #expect(await bench.submit() == outcome, "\(grown) \(seed)")
            #expect((bench.offline != nil) == (outcome == .contradicted))
            if let sentence = bench.offline { #expect(sentence.contains("restore the newest state") && sentence.contains("w0")) }
        }
    }

    @Test("A cosignature that comes late, or of a clock that is off, is discarded; the log is confirmed all the same")
    func discarded() async throws {
        for (delay, skew, isTaken) in [(10_000, 0, true), (10_001, 0, false), (0, 5, true), (0, 7, false), (0, -5, true), (0, -7, false)] as [(Int64, Int64, Bool)] {
            let bench = try Bench()
            await bench.sign(5)
            bench.witnesses[0].change {
                $0.delay = delay
                $0.skew = skew
                $0.latest = [:]
            }
            // One request, not two with a conflict between them.
            let origin = try SignedCheckpoint(try #require(bench.fixture.services.checkpoints.newest(of: bench.id)?.note)).checkpoint
            bench.witnesses[0].change { $0.latest[origin.origin] = origin }
            #expect(await bench.submit() == .confirmed)
            if isTaken { #expect(await bench.witnessed(5)) }
            #expect(try bench.cosignatures().isEmpty == !isTaken, "\(delay) \(skew)")
        }
    }

    @Test("A checkpoint behind which records have come is passed over once it is too old, and an idle log's is as fresh as the moment")
    func age() async throws {
        let bench = try Bench()
        await bench.sign(5)
        bench.fixture.clock.set(bench.fixture.clock.now() + 60_000)
        #expect(await bench.submit() == .confirmed)
        #expect(await bench.witnessed(5))
        bench.log.grow(1)
        #expect(await bench.submit() == .passedOver)
    }

    @Test("An idle log is cosigned again after an hour, with the time of that moment; it is not journalled again, and not asked for sooner")
    func idle() async throws {
        let bench = try Bench()
        await bench.sign(5)
        #expect(await bench.submit() == .confirmed)
        #expect(await bench.witnessed(5))
        let (feed, clock, began) = (bench.feeds[0], bench.fixture.clock, bench.fixture.clock.now())
        func times() throws -> [Int64] {
            let signed = try SignedCheckpoint(try #require(bench.fixture.services.checkpoints.newest(of: bench.id)?.note))
            return signed.note.signatures.compactMap { Cosignature.time(of: $0, on: signed.checkpoint, by: bench.witnesses[0].vkey) }
        }
        clock.set(began + 3_599_999)
        await feed.putIdle([bench.id], at: clock.now())
        #expect(await feed.queue.count == 0)
        for hour in 1...3 as ClosedRange<Int64> {
            clock.set(began + hour * 3_600_000)
            await feed.putIdle([bench.id], at: clock.now())
            #expect(await feed.queue.take() == bench.id)
            #expect(await bench.submit() == .confirmed)
            await feed.queue.done(bench.id)
            while await !bench.journal.isIdle { await Task.yield() }
            // The newest and the first: the window in which the tree was known.
            #expect(try times() == [began / 1000 + hour * 3_600, began / 1000])
            await feed.putIdle([bench.id], at: clock.now())
            #expect(await feed.queue.count == 0)
        }
        #expect(bench.fixture.metadata.snapshot.checkpoints.count == 1)
    }

    @Test("What a witness answers otherwise changes nothing and stops nobody")
    func refusals() async throws {
        let bench = try Bench()
        await bench.sign(5)
        for status in [400, 403, 404, 413, 500, 503] {
            bench.witnesses[0].change { $0.status = status }
            #expect(await bench.submit() == .refused, "\(status)")
        }
        bench.witnesses[0].change { $0.status = 409 }
        #expect(await bench.submit() == .refused)
        bench.witnesses[0].change {
            $0.status = nil
            $0.signsWith = SigningKey()
        }
        #expect(await bench.submit() == .refused)
        #expect(bench.offline == nil)
        #expect(try bench.cosignatures().isEmpty)
    }

    @Test("A broker whose witnesses are silent starts, with its logs unconfirmed until one answers")
    func unconfirmed() async throws {
        let bench = try Bench()
        await bench.sign(5)
        bench.witnesses[0].change { $0.isUnreachable = true }
        let pinned = try #require(PinnedLog(host: Bench.host, publicKeys: [bench.key.publicKey]))
        let submitter = WitnessSubmitter(bench.witnesses, policy: bench.policy, own: nil, logs: pinned, services: bench.fixture.services)
        await submitter.confirm(within: .seconds(20))
        #expect(submitter.unconfirmedCount == 1)
        bench.witnesses[0].change { $0.isUnreachable = false }
        let running = Task { await submitter.run() }
        #expect(await bench.witnessed(5))
        #expect(submitter.unconfirmedCount == 0)
        // New checkpoints are brought without being asked for.
        await bench.sign(5)
        await submitter.published(bench.fixture.metadata.snapshot.checkpoints)
        #expect(await bench.witnessed(10))
        running.cancel()
        await running.value
    }

    @Test("What the journal does not take is shown to nobody")
    func journalFirst() async throws {
        let bench = try Bench()
        await bench.sign(5)
        bench.fixture.metadata.holdWrites()
        #expect(await bench.submit() == .confirmed)
        await bench.fixture.metadata.waitForHeldWrites()
        #expect(try bench.cosignatures().isEmpty)
        bench.fixture.metadata.releaseWrites()
        #expect(await bench.witnessed(5))
    }

    @Test("A partition waits once however often it is put, and is handed out to one at a time")
    func queue() async throws {
        let queue = SubmissionQueue()
        let ids = (0..<3).map { PartitionID(topic: .random(), partition: $0) }
        for _ in 0..<100 { await queue.put(ids) }
        #expect(await queue.count == 3)
        #expect(await queue.take() == ids[0])
        await queue.put([ids[0]])
        #expect(await queue.take() == ids[1])
        #expect(await queue.take() == ids[2])
        // It was put while it was in work: again, and only then.
        await queue.done(ids[1])
        await queue.done(ids[0])
        #expect(await queue.take() == ids[0])
        await queue.done(ids[0])
        #expect(await queue.count == 1)
        let taking = Task { await queue.take() }
        await queue.close()
        #expect(await taking.value == nil)
        #expect(await queue.take() == nil)
    }
}
