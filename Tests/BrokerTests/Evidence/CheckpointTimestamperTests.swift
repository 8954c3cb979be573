import AccessPolicy
import KafkaWire
import NIOConcurrencyHelpers
import Storage
import Testing
import Transparency

@testable import Broker

@Suite("Checkpoints are time-stamped by way of the journal")
struct CheckpointTimestamperTests {
    private let key = SigningKey()
    private let host = "log.test"

    /// Answers with the imprint as its token, or not at all.
    private final class Authority: TimestampAuthority {
        let isDown = NIOLockedValueBox(false)
        let asked = NIOLockedValueBox<[[UInt8]]>([])
        func stamp(_ imprint: [UInt8]) async throws(TimestampFailure) -> (token: [UInt8], time: Int64) {
            if isDown.withLockedValue({ $0 }) { throw TimestampFailure("it is down") }
            asked.withLockedValue { $0.append(imprint) }
            return (imprint, 0)
        }
    }

    /// In memory; fails where it is told to, before or after it took what it was given.
    private final class Journal: JournalStore {
        struct State {
            var entries: [JournalGrowth.Entry] = []
            var hashes: [Int: [UInt8]] = [:]
            var notes: [(size: Int64, madeAt: Int64, note: [UInt8], token: [UInt8]?)] = []
            var checkpoints: [StoredCheckpoint] = []
            var isFull = false
            var refusesTokens = false
            var id = UUID128(high: 1, low: 2)
        }

        let state = NIOLockedValueBox(State())

        func journal() async throws(StorageError) -> JournalHead {
            state.withLockedValue { state in
                let stamped = state.notes.last { $0.token != nil }?.size ?? 0
                return JournalHead(
                    id: state.id, size: Int64(state.entries.count), note: state.notes.last?.note, stampedSize: stamped,
                    waitingSince: state.notes.first { $0.size > stamped }?.madeAt,
                    journalled: Dictionary(state.entries.map { ($0.partition, $0.size) }, uniquingKeysWith: max))
            }
        }

        func reopenJournal(as id: UUID128) async throws(StorageError) { state.withLockedValue { $0.id = id } }

        func append(_ growth: JournalGrowth) async throws(StorageError) {
            let isFull = state.withLockedValue { $0.isFull }
            if isFull { throw .diskFull }
            state.withLockedValue { state in
                precondition(growth.start == Int64(state.entries.count), "a hole in the journal")
                state.entries += growth.entries
                for level in growth.levels {
                    precondition(level.start * 32 == Int64(state.hashes[level.level, default: []].count), "a hole in a level")
                    state.hashes[level.level, default: []] += level.hashes
                }
                state.notes.append((growth.start + Int64(growth.entries.count), growth.madeAt, growth.note, nil))
            }
        }

        func journalHashes(level: Int, _ range: Range<Int64>) async throws(StorageError) -> [UInt8]? {
            state.withLockedValue { state in
                let bytes = state.hashes[level] ?? []
                guard range.upperBound * 32 <= Int64(bytes.count) else { return nil }
                return Array(bytes[Int(range.lowerBound) * 32..<Int(range.upperBound) * 32])
            }
        }

        func journalEntries(_ range: Range<Int64>) async throws(StorageError) -> [StoredCheckpoint]? {
            state.withLockedValue { state in
                guard range.upperBound <= Int64(state.entries.count) else { return nil }
                return state.entries[Int(range.lowerBound)..<Int(range.upperBound)].compactMap { entry in
                    state.checkpoints.first { $0.partition == entry.partition && $0.size == entry.size }
                }
            }
        }

        func putTimestamp(_ token: [UInt8], ofJournal size: Int64, at time: Int64) async throws(StorageError) {
            let refuses = state.withLockedValue { $0.refusesTokens }
            if refuses { throw .diskFull }
            state.withLockedValue { state in
                for place in state.notes.indices where state.notes[place].size == size { state.notes[place].token = token }
            }
        }

        func timestamp(of partition: PartitionID, atLeast size: Int64) async throws(StorageError) -> StoredTimestamp? {
            state.withLockedValue { state in
                guard let index = state.entries.firstIndex(where: { $0.partition == partition && $0.size >= size }),
                    let note = state.notes.first(where: { $0.token != nil && $0.size > Int64(index) }),
                    let checkpoint = state.checkpoints.first(where: { $0.partition == partition && $0.size == state.entries[index].size })
                else { return nil }
                return StoredTimestamp(
                    checkpoint: checkpoint, index: Int64(index), journalSize: note.size, journalNote: note.note, token: note.token ?? [])
            }
        }
    }

    private func sign(_ size: Int64, _ partition: Int32, in fixture: BrokerFixture, _ journal: Journal) {
        let topic = fixture.topic()
        guard let name = CheckpointSigner.origin(host: host, topic, partition) else { preconditionFailure("no name") }
        let signed = Checkpoint(origin: name.name, size: size, root: TreeHashing.leaf(of: [UInt8(truncatingIfNeeded: size)])).signed(by: key)
        let stored = StoredCheckpoint(
            partition: PartitionID(topic: topic.id, partition: partition), size: size, madeAt: fixture.clock.now(), note: signed.bytes)
        journal.state.withLockedValue { $0.checkpoints.append(stored) }
        fixture.services.checkpoints.publish([stored])
    }

    private func timestamper(_ fixture: BrokerFixture, _ journal: Journal, _ authority: Authority) async throws -> CheckpointTimestamper {
        let timestamper = CheckpointTimestamper(
            host: host, keys: [key], services: fixture.services, journal: journal, authority: authority, outageMilliseconds: 4 * 3_600_000)
        try await timestamper.begin()
        return timestamper
    }

    @Test("One token covers every partition's newest checkpoint, with a path to each; what did not grow is not asked for again")
    func covers() async throws {
        let fixture = try BrokerFixture(partitions: 3)
        let (journal, authority) = (Journal(), Authority())
        var timestamper = try await timestamper(fixture, journal, authority)
        let pinned = try #require(PinnedLog(host: host, publicKeys: [key.publicKey]))
        // Enough leaves for a second tile level, over several turns and a restart.
        for turn in 1...300 as ClosedRange<Int64> {
            for partition in 0..<(turn % 2 == 0 ? 3 : 1) as Range<Int32> { sign(turn, partition, in: fixture, journal) }
            await timestamper.tick()
            if turn == 150 { timestamper = try await self.timestamper(fixture, journal, authority) }
        }
        await timestamper.tick()
        #expect(authority.asked.withLockedValue { $0.count } == 300)
        let topic = fixture.topic().id
        for (partition, size, found) in [(0, 1, 1), (0, 300, 300), (1, 1, 2), (2, 299, 300), (0, 151, 151)] as [(Int32, Int64, Int64)] {
            let bytes = try #require(try await timestamper.timestamp(of: PartitionID(topic: topic, partition: partition), atLeast: size))
            let timestamp = try CheckpointTimestamp(bytes)
            #expect(timestamp.bytes == bytes && timestamp.checkpoint.checkpoint.size == found && timestamp.holds(for: pinned))
            #expect(timestamp.token == timestamp.imprint)
        }
        #expect(try await timestamper.timestamp(of: PartitionID(topic: topic, partition: 0), atLeast: 301) == nil)
        let id = UUID128(high: 1, low: 2).hex
        let newest = try SignedCheckpoint(try #require(try await timestamper.answer(journalID: id, path: "checkpoint")))
        #expect(newest.checkpoint.size == 600 && newest.checkpoint.origin.text == "\(host)/journal/\(id)")
        #expect(try await timestamper.answer(journalID: id, path: "tile/1/000.p/2")?.count == 64)
        // Its entries are the notes that its leaves are of.
        let bundle = try #require(try await timestamper.answer(journalID: id, path: "tile/entries/002.p/88"))
        let hashes = try #require(try await timestamper.answer(journalID: id, path: "tile/0/002.p/88"))
        var (rest, leaves) = (bundle[...], [] as [UInt8])
        while let high = rest.popFirst(), let low = rest.popFirst() {
            let length = Int(high) << 8 | Int(low)
            leaves += TreeHashing.leaf(of: Array(rest.prefix(length))).bytes
            rest = rest.dropFirst(length)
        }
        #expect(leaves == hashes)
        #expect(try await timestamper.answer(journalID: id, path: "tile/entries/002.p/89") == nil)
        #expect(try await timestamper.answer(journalID: id, path: "tile/1/000.p/3") == nil)
    }

    @Test("An outage is known, strict topics refuse records once it lasts too long, and the next token covers all that waited")
    func outage() async throws {
        let fixture = try BrokerFixture(partitions: 1, configuration: ["hanbridge.timestamps": "strict"])
        let status = fixture.services.timestamps
        #expect(status.obstacle(at: 0)?.contains("no time-stamp authority") == true)
        let (journal, authority) = (Journal(), Authority())
        let timestamper = try await timestamper(fixture, journal, authority)
        #expect(status.obstacle(at: fixture.clock.now()) == nil)
        authority.isDown.withLockedValue { $0 = true }
        sign(1, 0, in: fixture, journal)
        let began = fixture.clock.now()
        await timestamper.tick()
        #expect(status.facts?.failure == "it is down" && status.facts?.waitingSince == began)
        fixture.clock.set(began + 4 * 3_600_000)
        sign(2, 0, in: fixture, journal)
        await timestamper.tick()
        #expect(status.obstacle(at: fixture.clock.now()) == nil)
        fixture.clock.set(began + 4 * 3_600_000 + 1)
        #expect(status.obstacle(at: fixture.clock.now())?.contains("240 minutes") == true)
        var access = TopicAccess()
        func mayPublish() throws -> ErrorCode? {
            let grant = AdmissionGrant.publishing(
                to: BrokerFixture.topic, as: try BrokerFixture.peer(BrokerFixture.ward), access: &access,
                at: RequestMoment(of: fixture.services), audit: fixture.audit)
            guard case .failure(let refusal) = grant else { return nil }
            return refusal.errorCode
        }
        #expect(try mayPublish() == .policyViolation)
        // A restart forgets nothing of it.
        let again = try await self.timestamper(fixture, journal, authority)
        #expect(status.facts?.waitingSince == began)
        authority.isDown.withLockedValue { $0 = false }
        await again.tick()
        #expect(status.facts?.waitingSince == nil && status.facts?.failure == nil)
        #expect(try mayPublish() == nil)
        let first = try #require(try await again.timestamp(of: PartitionID(topic: fixture.topic().id, partition: 0), atLeast: 1))
        #expect(try CheckpointTimestamp(first).journal.checkpoint.size == 2)
    }

    @Test("A journal that cannot be written to signs nothing, and one that is not what was signed is refused at the start")
    func damaged() async throws {
        let fixture = try BrokerFixture(partitions: 1)
        let (journal, authority) = (Journal(), Authority())
        let timestamper = try await timestamper(fixture, journal, authority)
        journal.state.withLockedValue { $0.isFull = true }
        sign(1, 0, in: fixture, journal)
        await timestamper.tick()
        #expect(authority.asked.withLockedValue { $0.isEmpty } && fixture.services.timestamps.facts?.waitingSince != nil)
        journal.state.withLockedValue { $0.isFull = false }
        await timestamper.tick()
        #expect(authority.asked.withLockedValue { $0.count } == 1 && fixture.services.timestamps.facts?.waitingSince == nil)
        journal.state.withLockedValue { $0.hashes[0]?[5] ^= 1 }
        await #expect(throws: BrokerStartError.self) { _ = try await self.timestamper(fixture, journal, authority) }
    }

    @Test("Cut off between any two steps it goes on after a start: no hole, no second tree of one size, a token over all", arguments: 0..<3)
    func cutOff(step: Int) async throws {
        let fixture = try BrokerFixture(partitions: 2)
        let (journal, authority) = (Journal(), Authority())
        let first = try await timestamper(fixture, journal, authority)
        sign(1, 0, in: fixture, journal)
        await first.tick()
        sign(2, 0, in: fixture, journal)
        sign(1, 1, in: fixture, journal)
        func cut(_ isCut: Bool) {
            switch step {
            case 0: journal.state.withLockedValue { $0.isFull = isCut }
            case 1: authority.isDown.withLockedValue { $0 = isCut }
            default: journal.state.withLockedValue { $0.refusesTokens = isCut }
            }
        }
        cut(true)
        await first.tick()
        cut(false)
        let again = try await timestamper(fixture, journal, authority)
        sign(3, 0, in: fixture, journal)
        await again.tick()
        let notes = journal.state.withLockedValue { $0.notes }
        #expect(Set(notes.map(\.size)).count == notes.count && notes.last?.token != nil)
        let pinned = try #require(PinnedLog(host: host, publicKeys: [key.publicKey]))
        for (partition, size) in [(0, 1), (0, 2), (0, 3), (1, 1)] as [(Int32, Int64)] {
            let id = PartitionID(topic: fixture.topic().id, partition: partition)
            let timestamp = try CheckpointTimestamp(try #require(try await again.timestamp(of: id, atLeast: size)))
            #expect(timestamp.holds(for: pinned) && timestamp.token == timestamp.imprint)
        }
        #expect(fixture.services.timestamps.facts?.waitingSince == nil)
    }

    /// Answers nothing, and not before as many were asked.
    private struct Silent: WitnessAsking {
        let witness: TrustPolicy.Witness
        let asked: NIOLockedValueBox<Int>
        let count: Int

        func add(_ request: [UInt8]) async throws(WitnessUnreachable) -> (status: Int, body: [UInt8]) {
            asked.withLockedValue { $0 += 1 }
            for _ in 0..<100_000 where asked.withLockedValue({ $0 < count }) { await Task.yield() }
            throw WitnessUnreachable(why: "silent")
        }
    }

    @Test("Witnesses are asked for the journal at the same time, so that the silence of several does not add up")
    func together() async throws {
        let fixture = try BrokerFixture(partitions: 1)
        let pinned = try #require(PinnedLog(host: host, publicKeys: [key.publicKey]))
        let asked = NIOLockedValueBox(0)
        let witnesses = (0..<5).map { Silent(witness: SampleWitness("w\($0)", log: pinned, clock: fixture.clock).witness, asked: asked, count: 5) }
        let origin = try #require(LogOrigin(host: host, .journal(id: UUID128(high: 1, low: 2).hex))).name
        let note = Checkpoint(origin: origin, size: 3, root: TreeHashing.leaf(of: [3])).signed(by: key)
        var allAtOnce = false
        let submitter = JournalSubmitter(witnesses, logs: pinned)
        async let answer = submitter.contradiction(of: note) { _ in [] }
        while asked.withLockedValue({ $0 }) < 1 { await Task.yield() }
        for _ in 0..<10_000 where !allAtOnce {
            allAtOnce = asked.withLockedValue { $0 } == 5
            await Task.yield()
        }
        #expect(allAtOnce)
        #expect(await answer == nil)
    }

    @Test("A journal that was put back is noticed by the witnesses, stamps nothing, and goes on under another name")
    func putBack() async throws {
        let fixture = try BrokerFixture(partitions: 1)
        let (journal, authority) = (Journal(), Authority())
        let pinned = try #require(PinnedLog(host: host, publicKeys: [key.publicKey]))
        let witness = SampleWitness("w0", log: pinned, clock: fixture.clock)
        func begin(_ journal: Journal) async throws -> CheckpointTimestamper {
            let timestamper = CheckpointTimestamper(
                host: host, keys: [key], services: fixture.services, journal: journal, authority: authority, outageMilliseconds: 4 * 3_600_000,
                submitter: JournalSubmitter([witness], logs: pinned))
            try await timestamper.begin()
            return timestamper
        }
        var timestamper = try await begin(journal)
        for size in 1...3 as ClosedRange<Int64> {
            sign(size, 0, in: fixture, journal)
            await timestamper.tick()
        }
        #expect(witness.behaviour.withLockedValue { $0.latest.values.map(\.size) } == [3])
        let older = Journal()
        older.state.withLockedValue { $0 = journal.state.withLockedValue { $0 } }
        sign(4, 0, in: fixture, journal)
        await timestamper.tick()
        // A restart of what is the newest is nothing.
        timestamper = try await begin(journal)
        #expect(fixture.services.timestamps.facts?.failure == nil)
        let stamped = authority.asked.withLockedValue { $0.count }
        timestamper = try await begin(older)
        #expect(fixture.services.timestamps.facts?.failure?.contains("reopen-journal") == true)
        sign(5, 0, in: fixture, older)
        await timestamper.tick()
        #expect(authority.asked.withLockedValue { $0.count } == stamped && older.state.withLockedValue { $0.notes.count } == 3)
        #expect(fixture.services.timestamps.facts?.waitingSince != nil)
        let member = try BrokerFixture.peer("it/operations/root")
        guard case .failure = await timestamper.reopen(because: nil, by: member) else { return #expect(Bool(false), "a member reopened it") }
        let root = try BrokerFixture.peer("it/operations/root", roles: [.operator])
        // Whoever asks twice at once has it reopened once.
        typealias Answer = Result<(closed: String, journal: String, size: Int64), AdministrationRefusal>
        let answers = await withTaskGroup(of: Answer.self, returning: [Answer].self) { [timestamper] group in
            for _ in 0..<8 { group.addTask { await timestamper.reopen(because: "5", by: root) } }
            var answers: [Answer] = []
            for await answer in group { answers.append(answer) }
            return answers
        }
        #expect(fixture.audit.changes.count { $0.action == "journal.reopen" } == 1)
        let reopened = try #require(answers.compactMap { try? $0.get() }.first)
        #expect(reopened.size == 3 && reopened.closed == UUID128(high: 1, low: 2).hex)
        #expect(fixture.audit.changes.last?.action == "journal.reopen" && fixture.audit.changes.last?.details["journal"] == reopened.journal)
        await timestamper.tick()
        #expect(authority.asked.withLockedValue { $0.count } == stamped + 1 && fixture.services.timestamps.facts?.failure == nil)
        let id = PartitionID(topic: fixture.topic().id, partition: 0)
        for size in [1, 5] as [Int64] {
            let timestamp = try CheckpointTimestamp(try #require(try await timestamper.timestamp(of: id, atLeast: size)))
            #expect(timestamp.holds(for: pinned))
        }
        // And is confirmed by its new name.
        _ = try await begin(older)
        #expect(fixture.services.timestamps.facts?.failure == nil)
        guard case .failure = await timestamper.reopen(because: nil, by: root) else { return #expect(Bool(false), "there was nothing to reopen") }
    }
}
