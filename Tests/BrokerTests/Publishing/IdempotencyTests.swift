import KafkaWire
import NIOConcurrencyHelpers
import NIOCore
import Sentences
import Storage
import Testing

@testable import Broker

@Suite("Publishing once, however often it is asked")
struct IdempotencyTests {
    private static let body = "[\(Documents.good),\(Documents.bad),\(Documents.good)]"
    private static let request = RecordSubmission.json(body, idempotencyKey: "k-1")

    /// A broker on the same stores after a crash.
    private func restart(_ fixture: BrokerFixture) async throws {
        let ledger = IdempotencyLedger(metadata: fixture.metadata, clock: fixture.clock)
        try await ledger.resolveInterrupted(in: fixture.store, fixture.services.log)
    }

    private func row(_ fixture: BrokerFixture) throws -> NamedRequest { try #require(fixture.metadata.snapshot.requests.first) }
    private func state(_ fixture: BrokerFixture) throws -> SubmissionState { try #require(SubmissionState(encoded: try row(fixture).content)) }

    @Test("A repeat gets the first answer, also for the records that were refused, and appends nothing")
    func repeats() async throws {
        let fixture = try BrokerFixture.typed()
        let first = try await fixture.publish(Self.request).get()
        #expect(first.appendedCount == 2)
        // The first answer holds although the rules have changed since.
        fixture.services.install(registry: TestSchema.registry([]))
        for _ in 0..<3 { #expect(try await fixture.publish(Self.request).get() == first) }
        #expect(try fixture.records().count == 2)
    }

    @Test("An answer without a single record that went in is kept too")
    func refusedWhole() async throws {
        let fixture = try BrokerFixture.typed()
        let request = RecordSubmission.json(Documents.bad, idempotencyKey: "k-1")
        let first = try await fixture.publish(request).get()
        #expect(first.appendedCount == 0)
        #expect(try await fixture.publish(request).get() == first)
        #expect(try await fixture.publish(.json(Documents.good, idempotencyKey: "k-1")).refusal?.kind == .keyReused)
    }

    @Test("The same key with anything else is another request, and refused; another node has its own keys")
    func otherRequests() async throws {
        let fixture = try BrokerFixture.typed(partitions: 2)
        _ = try await fixture.publish(Self.request).get()
        for other in [
            Self.request.with { $0.body.append(0x20) }, Self.request.with { $0.partition = 0 }, Self.request.with { $0.keyField = "ward" },
            Self.request.with { $0.schemaVersion = 1 }, Self.request.with { $0.form = .lines }, Self.request.with { $0.topic = BrokerFixture.other },
        ] {
            #expect(try await fixture.publish(other).refusal?.kind == .keyReused)
        }
        #expect(try await fixture.publish(Self.request, as: "health/ward/hai-chau").get().appendedCount == 2)
    }

    @Test("What was refused before anything was looked at uses up no key")
    func unusedKeys() async throws {
        let fixture = try BrokerFixture.typed()
        #expect(try await fixture.publish(.json("[", idempotencyKey: "k-1")).refusal?.kind == .malformed)
        #expect(try await fixture.publish(Self.request.with { $0.topic = BrokerFixture.secret }).refusal?.kind == .forbidden)
        #expect(try await fixture.publish(Self.request).get().appendedCount == 2)
    }

    @Test("While the first is on its way a repeat is told so, and another request of the key refused")
    func inFlight() async throws {
        let fixture = try BrokerFixture.typed()
        fixture.store.behaviour.withLockedValue { $0.holdsCommits = true }
        let first = try fixture.begin(Self.request)
        while fixture.log().snapshot.queued.isEmpty { await Task.yield() }
        #expect(try await fixture.publish(Self.request).refusal?.kind == .inFlight)
        #expect(try await fixture.publish(.json("1", idempotencyKey: "k-1")).refusal?.kind == .keyReused)
        fixture.store.commit()
        #expect(try await first.value.get().appendedCount == 2)
        fixture.store.behaviour.withLockedValue { $0.holdsCommits = false }
        #expect(try await fixture.publish(Self.request).get().appendedCount == 2)
    }

    @Test("The row is durable before the first append, and names what marks the batches")
    func before() async throws {
        let fixture = try BrokerFixture.typed()
        fixture.store.behaviour.withLockedValue { $0.holdsCommits = true }
        let first = try fixture.begin(Self.request)
        while fixture.log().snapshot.queued.isEmpty { await Task.yield() }
        let row = try row(fixture)
        #expect(!row.isAnswered && row.node == BrokerFixture.ward && row.key == "k-1")
        let pending = try #require(try state(fixture).pending.first)
        #expect(pending.indices == [0, 2] && pending.from == 0)
        #expect(fixture.log().snapshot.queued.first?.batch.header.producerID == pending.producerID)
        fixture.store.commit()
        _ = try await first.value.get()
        #expect(try self.row(fixture).isAnswered)
    }

    @Test("A crash between the append and the answer: the retry finds the records where they are")
    func crashAfterAppend() async throws {
        let fixture = try BrokerFixture.typed()
        _ = try await fixture.publish(.json(Documents.good)).get()
        let whole = try await fixture.publish(Self.request).get()
        // As it was before the last write.
        var crashed = try row(fixture)
        crashed.isAnswered = false
        var state = SubmissionState()
        state.pending = [
            SubmissionState.Pending(
                topic: [fixture.topic().id.high, fixture.topic().id.low], partition: 0, from: 1,
                producerID: try #require(fixture.log().snapshot.admitted.last?.header.producerID), indices: [0, 2])
        ]
        crashed.content = state.encoded()
        try await fixture.metadata.put(crashed, limits: IdempotencyLimits().rows(at: fixture.clock.now()))
        try await restart(fixture)
        #expect(try self.state(fixture).pending.isEmpty)
        #expect(try await fixture.publish(Self.request).get() == whole)
        #expect(try fixture.records().count == 3)
    }

    @Test("A crash before the append: the retry publishes what is not there")
    func crashBeforeAppend() async throws {
        let fixture = try BrokerFixture.typed()
        fixture.store.behaviour.withLockedValue { $0.holdsCommits = true }
        let first = try fixture.begin(Self.request)
        while fixture.log().snapshot.queued.isEmpty { await Task.yield() }
        let row = try row(fixture)
        // What was queued is lost.
        let queued = fixture.log().snapshot.queued
        fixture.log().change { $0.queued = [] }
        fixture.store.behaviour.withLockedValue { $0.holdsCommits = false }
        let other = try BrokerFixture.typed()
        try await other.metadata.put(row, limits: IdempotencyLimits().rows(at: other.clock.now()))
        try await restart(other)
        #expect(try await other.publish(Self.request).get().appendedCount == 2)
        #expect(try other.records().count == 2)
        fixture.log().change { $0.queued = queued }
        fixture.store.commit()
        _ = try await first.value.get()
    }

    @Test("Where the disk refused a part, the retry brings that part in and doubles nothing")
    func partly() async throws {
        let fixture = try BrokerFixture(partitions: 2)
        let request = RecordSubmission.json(#"[{"value":1,"partition":0},{"value":2,"partition":1}]"#, .envelopes, idempotencyKey: "k-1")
        fixture.log(1).change { $0.appendError = .diskFull }
        let first = try await fixture.publish(request).get()
        #expect(first.records.map(\.place) == ["0/0", nil])
        #expect(try await fixture.publish(request).get().records.map(\.place) == ["0/0", nil])
        fixture.log(1).change { $0.appendError = nil }
        let last = try await fixture.publish(request).get()
        #expect(last.records.map(\.place) == ["0/0", "1/0"])
        #expect(try await fixture.publish(request).get() == last)
        #expect(fixture.storedBatches == 2)
    }

    @Test(
        "After an append of which nobody knows whether it was written, the log is asked",
        arguments: [.io(operation: "fdatasync", errno: 5), .diskFull, .readOnly] as [StorageError])
    func uncertain(error: StorageError) async throws {
        let fixture = try BrokerFixture()
        let request = RecordSubmission.json("1", idempotencyKey: "k-1")
        fixture.log().change { $0.appendError = error }
        #expect(try await fixture.publish(request).get().records.first?.refusal?.kind == .unavailable)
        let pending = try #require(try state(fixture).pending.first)
        // As long as the partition is fenced it does not tell all that it holds.
        fixture.log().change { ($0.appendError, $0.readOnly) = (nil, "the disk refused a write") }
        #expect(try await fixture.publish(request).refusal?.kind == .storage)
        fixture.log().change { $0.readOnly = nil }
        // It was written after all.
        let batch = AdmissionPipeline.admitOwn(Batches.batch(["1"], producerID: pending.producerID, epoch: 0, sequence: 0), .quarantine(fixture.topic()))
        fixture.log().append(batch, ticket: AppendTicket(rawValue: 0), completions: nil)
        #expect(try await fixture.publish(request).get().records.first?.place == "0/0")
        #expect(fixture.storedBatches == 1)
    }

    @Test("Without a durable row nothing is appended, and the key is free again")
    func noRow() async throws {
        let fixture = try BrokerFixture.typed(configuration: ["hanbridge.quarantine": "health.quarantine"])
        _ = try await fixture.services.producerIDs.next()
        fixture.metadata.fail(with: .diskFull)
        #expect(try await fixture.publish(Self.request).refusal?.kind == .storage)
        #expect(fixture.storedBatches == 0)
        fixture.metadata.fail(with: nil)
        let answer = try await fixture.publish(Self.request).get()
        #expect(answer.appendedCount == 2)
        #expect(answer.records[1].refusal?.quarantine == "health.quarantine/0/0")
    }

    @Test("Who may not any more when the records are ready is refused, nothing is appended, and nothing stays reserved", arguments: Ending.allCases)
    func endedOnTheWay(ending: Ending) async throws {
        let agreements = BrokerFixture.agreements + "\n    until: 2026-12-31"
        let fixture = try BrokerFixture.typed(configuration: ["hanbridge.quarantine": "health.quarantine"], agreements: agreements)
        let (policy, catalogue, now) = (fixture.services.policy.value, fixture.services.catalogue.value, fixture.clock.now())
        // A try of which nobody knows what it wrote: the next one waits for the log.
        let logs = [fixture.log(), fixture.log(of: "health.quarantine")]
        for log in logs { log.change { $0.appendError = .io(operation: "fdatasync", errno: 5) } }
        _ = try await fixture.publish(Self.request).get()
        for log in logs { log.change { $0.appendError = nil } }
        _ = try await fixture.publish(.json(Documents.good)).get()
        fixture.store.behaviour.withLockedValue { $0.holdsReads = true }
        let retry = try fixture.begin(Self.request)
        while fixture.log().snapshot.heldReads.isEmpty { await Task.yield() }
        switch ending {
        case .policy: fixture.services.install(policy: try BrokerFixture.policy(agreements.replacing("health/ward/*", with: "health/clinic/*"), version: 2))
        case .clock: fixture.clock.set(now + 366 * 86_400_000)
        case .topic: fixture.services.install(catalogue: TopicCatalogue(catalogue.topics.filter { $0.name != BrokerFixture.topic }))
        }
        fixture.store.releaseReads()
        #expect(await retry.value.refusal?.kind == (ending == .topic ? .unknownTopic : .forbidden))
        #expect(fixture.storedBatches == 1)
        fixture.services.install(policy: policy)
        fixture.services.install(catalogue: catalogue)
        fixture.clock.set(now)
        #expect(fixture.metadata.snapshot.requests.isEmpty, "it uses up no key")
        let answer = try await fixture.publish(Self.request).get()
        #expect(answer.records.map(\.place) == ["0/1", nil, "0/2"])
        #expect(answer.records[1].refusal?.quarantine == "health.quarantine/0/0")
    }

    enum Ending: CaseIterable { case policy, clock, topic }

    @Test("A key is forgotten after its time, not before")
    func age() async throws {
        let fixture = try BrokerFixture.typed()
        _ = try await fixture.publish(Self.request).get()
        let began = fixture.clock.now()
        fixture.clock.set(began + IdempotencyLimits().ageMilliseconds)
        _ = try await fixture.publish(Self.request).get()
        #expect(try fixture.records().count == 2)
        fixture.clock.set(began + IdempotencyLimits().ageMilliseconds + 1)
        _ = try await fixture.publish(Self.request).get()
        #expect(try fixture.records().count == 4)
    }

    @Test("At a start what a key that is forgotten has left is not looked for")
    func ageAtStart() async throws {
        let fixture = try BrokerFixture.typed()
        fixture.store.behaviour.withLockedValue { $0.holdsCommits = true }
        let first = try fixture.begin(Self.request)
        while fixture.log().snapshot.queued.isEmpty { await Task.yield() }
        let began = fixture.clock.now()
        fixture.store.commit()
        fixture.store.behaviour.withLockedValue { $0.holdsCommits = false }
        var row = try row(fixture)
        _ = try await first.value.get()
        row.isAnswered = false
        try await fixture.metadata.put(row, limits: IdempotencyLimits().rows(at: began))
        for (age, isLookedFor) in [(IdempotencyLimits().ageMilliseconds + 1, false), (IdempotencyLimits().ageMilliseconds, true)] {
            fixture.clock.set(began + age)
            try await restart(fixture)
            #expect(try state(fixture).pending.isEmpty == isLookedFor)
        }
    }

    @Test("The ids of requests are none of a producer's, and no client may use one")
    func producerIDs() async throws {
        let fixture = try BrokerFixture()
        _ = try await fixture.publish(.json("1", idempotencyKey: "k-1")).get()
        let id = try #require(fixture.log().snapshot.admitted.last?.header.producerID)
        #expect(ProducerIDRange.isOfRequest(id))
        #expect(try await !ProducerIDRange.isOfRequest(fixture.services.producerIDs.next()))
        let connection = try TestConnection(fixture, BrokerFixture.ward)
        for (id, error) in [(id, ErrorCode.invalidRecord), (ProducerIDRange.firstOfRequests, .invalidRecord), (ProducerIDRange.firstOfRequests - 1, .none)] {
            let batch = Batches.batch(producerID: id, epoch: 0, sequence: 0)
            let number = connection.send(ProduceRequest(to: BrokerFixture.topic, batches: [(0, batch)], acks: 1), version: 9)
            #expect(try connection.response(number, to: ProduceRequest.self, version: 9).responses[0].partitionResponses[0].errorCode == error)
        }
    }

    private final class Room: Sendable {}

    @Test("The room of a request stays taken for as long as its records are worked on, also behind its answer")
    func room() async throws {
        let fixture = try BrokerFixture(submissionWait: .milliseconds(1))
        fixture.store.behaviour.withLockedValue { $0.holdsCommits = true }
        weak var held: Room?
        do {
            let room = Room()
            held = room
            let answer = try await fixture.publish(RecordSubmission.json("1").with { $0.room = room }).get()
            #expect(answer.records.first?.refusal?.kind == .unknown)
        }
        #expect(held != nil)
        while fixture.log().snapshot.queued.isEmpty { await Task.yield() }
        fixture.store.commit()
        while held != nil { await Task.yield() }
    }

    @Test("Requests in work at the limit of a node, or of all, are taken, one more is told to wait")
    func inWork() async throws {
        var limits = IdempotencyLimits()
        (limits.inFlightPerNodeMax, limits.inFlightMax) = (2, 3)
        let ledger = IdempotencyLedger(metadata: InMemoryMetadataStore(), clock: SteppingClock(), limits: limits)
        func claim(_ node: String, _ key: String) async throws -> Bool {
            if case .granted = try await ledger.claim(.init(node: node, key: key), .zero) { true } else { false }
        }
        #expect(try await claim("a", "1"))
        #expect(try await claim("a", "2"))
        #expect(try await !claim("a", "3"))
        #expect(try await claim("b", "1"))
        #expect(try await !claim("c", "1"))
        await ledger.release(.init(node: "a", key: "1"))
        #expect(try await claim("c", "1"))
    }

    @Test("A row is read back as it was written, and what is none is not")
    func coding() throws {
        var state = SubmissionState()
        state.known = (0..<2000).map { RecordOutcome(index: $0, line: $0 + 1, result: .appended(partition: 1, offset: Int64($0))) }
        let fault = RecordFault(path: "/a", rule: "type", message: .verbatim("“x”"))
        state.known.append(RecordOutcome(index: 2000, line: nil, result: .refused(RecordOutcome.Refused(.content, [fault]))))
        let encoded = state.encoded()
        #expect(SubmissionState(encoded: encoded) == state)
        #expect(encoded.count < 40_000)
        #expect(SubmissionState(encoded: [1, 2, 3]) == nil)
    }
}
