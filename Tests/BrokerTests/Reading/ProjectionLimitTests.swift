import AccessPolicy
import KafkaWire
import NIOConcurrencyHelpers
import NIOCore
import NIOEmbedded
import Storage
import Testing

@testable import Broker

@Suite("Limits of reading under restrictions")
struct ProjectionLimitTests {
    private func edition(_ fixture: BrokerFixture, id: UInt64 = 1, generation: UInt64 = 0, latest: Int32? = nil) -> Restriction.Edition {
        Restriction.Edition(restriction: id, generation: generation, latestValue: latest, latestKey: nil)
    }

    private func projected(_ offset: Int64, bytes: Int) -> ProjectedBatch {
        var buffer = ByteBufferAllocator().buffer(capacity: bytes)
        buffer.writeRepeatingByte(0, count: bytes)
        return ProjectedBatch(
            content: .rewritten(buffer), baseOffset: Offset(offset), lastOffset: Offset(offset), leaderEpoch: 0, shown: [], inflatedBytes: bytes)
    }

    private func stored(_ offset: Int64) -> StoredBatch {
        StoredBatch(bytes: ByteBuffer(), baseOffset: Offset(offset), lastOffset: Offset(offset), appendTime: 0, writer: .zero, schemaIDs: .none)
    }

    @Test("Batches that were made are kept up to so many bytes, the oldest goes first, and one too large is not kept")
    func batches() throws {
        let fixture = try BrokerFixture.restricted()
        let (restriction, partition) = (edition(fixture), fixture.log().id)
        let one = projected(0, bytes: 1024).keptBytes
        let batches = ProjectedBatches(bytesMax: 3 * one)
        for offset in 0..<3 { batches.keep(projected(Int64(offset), bytes: 1024), of: partition, under: restriction) }
        #expect(batches.bytes == 3 * one && batches.count == 3)
        batches.keep(projected(3, bytes: 1024), of: partition, under: restriction)
        #expect(batches.bytes == 3 * one && batches.count == 3)
        #expect(batches.find(stored(0), of: partition, under: restriction) == nil)
        #expect(batches.find(stored(3), of: partition, under: restriction) != nil)
        batches.keep(projected(4, bytes: 3 * one), of: partition, under: restriction)
        #expect(batches.count == 3)
        // The same again is kept once; another restriction has its own, and so has another version of the schema.
        batches.keep(projected(3, bytes: 1024), of: partition, under: restriction)
        #expect(batches.bytes == 3 * one)
        #expect(batches.find(stored(3), of: partition, under: edition(fixture, id: 2)) == nil)
        #expect(batches.find(stored(3), of: partition, under: edition(fixture, latest: 2)) == nil)
    }

    @Test("What was made under an older policy is not kept any more, even when it comes late")
    func generations() throws {
        let fixture = try BrokerFixture.restricted()
        let batches = ProjectedBatches(bytesMax: 1 << 20)
        batches.keep(projected(0, bytes: 64), of: fixture.log().id, under: edition(fixture))
        batches.begin(generation: 1)
        #expect(batches.count == 0 && batches.bytes == 0)
        batches.keep(projected(0, bytes: 64), of: fixture.log().id, under: edition(fixture))
        #expect(batches.count == 0)
        batches.keep(projected(0, bytes: 64), of: fixture.log().id, under: edition(fixture, id: 2, generation: 1))
        #expect(batches.count == 1)
    }

    @Test("So many stretches run at once, so many wait, and the next one is refused; all that were taken run")
    func crew() async throws {
        let crew = ProjectionCrew(runningMax: 2, waitingMax: 3)
        let (running, done) = (NIOLockedValueBox(0), NIOLockedValueBox(0))
        let lock = ConditionLock(value: 0)
        func work() -> Bool {
            crew.run {
                running.withLockedValue { $0 += 1 }
                lock.lock(whenValue: 1)
                lock.unlock()
                done.withLockedValue { $0 += 1 }
            }
        }
        for _ in 0..<5 { #expect(work()) }
        #expect(!work())
        lock.lock()
        lock.unlock(withValue: 1)
        while done.withLockedValue({ $0 }) < 5 { await Task.yield() }
        #expect(running.withLockedValue { $0 } == 5)
        #expect(crew.run {})
    }

    @Test("A turn of an event loop looks at so many bytes and no more, and batches that are known count too")
    func turns() async throws {
        var scan = Scan(until: .now(), now: .now())
        #expect(scan.hasTime(for: ReadingLimits.turnBytesMax) && scan.hasTime(for: 0) && !scan.hasTime(for: 1))
        scan.beginTurn()
        #expect(!scan.hasTime(for: .max) && !scan.hasTime(for: ReadingLimits.turnBytesMax + 1) && scan.hasTime(for: 1))

        let fixture = try BrokerFixture.restricted("where: {ward: [son-tra]}")
        let most = ReadingLimits.turnBytesMax / ReadingLimits.lookUpBytes
        for number in 0...most { fixture.store([.typed(People.person(number))]) }
        let school = try await LiveConnection(fixture)
        #expect(try await school.readAll(fixture).isEmpty)
        #expect(fixture.services.projections.batches.count == most + 1)
        let services = fixture.services
        let question = AccessQuestion.subscribe(topic: BrokerFixture.topic, purpose: .none)
        let records = services.policy.value.decide(question, for: try BrokerFixture.peer(BrokerFixture.school).identity, at: fixture.clock.now()).records
        let restriction = try #require(services.projections.restriction(of: records, on: fixture.topic(), under: services.policy.value))
        func turnBytes(_ count: Int) -> Int {
            let slice = LogSlice(batches: Array(fixture.log().snapshot.stored.prefix(count)), bounds: fixture.log().bounds)
            let stretch = Stretch(
                slice, of: fixture.log().id, asked: .zero, from: .zero, under: restriction, bytesMax: 1 << 20, firstWhole: true,
                inflatedBytesMax: 1 << 20, limits: AdmissionPipeline.limitsOfStored)
            return stretch.turnBytes(services.projections.batches, services.registry.value)
        }
        #expect(turnBytes(most) == ReadingLimits.turnBytesMax && turnBytes(most + 1) > ReadingLimits.turnBytesMax)
        try await school.close()
    }

    /// A school that asks for a person, while the audit does not take the schema that it would see; its clock is in the test's hand.
    private func asking(_ fixture: BrokerFixture) async throws -> (AsyncConnection, EventLoopFuture<SessionReply>) {
        fixture.store([.typed(People.person(1))])
        fixture.audit.hold("schema.derive")
        fixture.services.writers.remember([try BrokerFixture.peer(BrokerFixture.school).identity.principal], of: try BrokerFixture.peer(BrokerFixture.school).writer)
        let school = try await AsyncConnection(fixture, BrokerFixture.school)
        return (school, try await ask(school, fixture))
    }

    private func ask(_ school: AsyncConnection, _ fixture: BrokerFixture) async throws -> EventLoopFuture<SessionReply> {
        let reply = school.send(
            TestConnection.frame(FetchRequest(of: fixture.topic(), [Asked()], version: 12, wait: 0), version: 12, correlationID: 0))
        await school.loop.run()
        #expect(fixture.services.projections.waiterCount == 1)
        return reply
    }

    /// Runs the school's loop until it is there: others call it from their threads.
    private func answer(_ reply: EventLoopFuture<SessionReply>, to school: AsyncConnection) async throws -> FetchResponse.Partition {
        let isThere = NIOLockedValueBox(false)
        reply.whenComplete { _ in isThere.withLockedValue { $0 = true } }
        while !isThere.withLockedValue({ $0 }) {
            await school.loop.run()
            try await Task.sleep(for: .milliseconds(1))
        }
        guard case .response(let frame) = try await reply.get() else { throw TestConnection.NotAnswered(number: 0, reply: "") }
        return try TestConnection.decode(frame, FetchRequest.self, version: 12, correlationID: 0).partitions[0]
    }

    @Test("A fetch that waits for a projection until just before its time is up is answered with what it shows")
    func makingInTime() async throws {
        let fixture = try BrokerFixture.restricted(projectionWait: ReadingLimits.makingMilliseconds)
        let (school, reply) = try await asking(fixture)
        await school.loop.advanceTime(by: .milliseconds(ReadingLimits.makingMilliseconds - 1))
        fixture.audit.release()
        #expect(try await answer(reply, to: school).batches.flatMap(\.records).count == 1)
        try await school.close()
    }

    @Test("One whose time is up is told to come again and waits no longer; what is made in the end is there for whoever comes")
    func makingTooLate() async throws {
        let fixture = try BrokerFixture.restricted(projectionWait: ReadingLimits.makingMilliseconds)
        let (school, reply) = try await asking(fixture)
        await school.loop.advanceTime(by: .milliseconds(ReadingLimits.makingMilliseconds))
        let late = try await answer(reply, to: school)
        #expect(late.errorCode == .kafkaStorageError && late.records?.readableBytes ?? 0 == 0)
        #expect(fixture.services.projections.waiterCount == 0)
        // Who comes again waits for the same making.
        let again = try await ask(school, fixture)
        #expect(try await fixture.eventually { fixture.audit.waitingCount } until: { $0 == 1 } == 1)
        fixture.audit.release()
        #expect(try await answer(again, to: school).batches.flatMap(\.records).count == 1)
        #expect(fixture.audit.changes.map(\.action) == ["schema.derive"])
        try await school.close()
    }

    @Test("All partitions of a fetch wait for projections no longer than one")
    func makingsOfAll() {
        var scan = Scan(until: .uptimeNanoseconds(0), now: .uptimeNanoseconds(0))
        let limit = TimeAmount.milliseconds(ReadingLimits.makingMilliseconds)
        let first = scan.deadlineOfMaking(ReadingLimits.makingMilliseconds, now: .uptimeNanoseconds(0))
        #expect(first == .uptimeNanoseconds(0) + limit)
        #expect(scan.deadlineOfMaking(ReadingLimits.makingMilliseconds, now: .uptimeNanoseconds(1)) == first)
        #expect(scan.deadlineOfMaking(ReadingLimits.makingMilliseconds, now: .uptimeNanoseconds(0) + limit) == nil)
        scan.begin()
        #expect(scan.deadlineOfMaking(ReadingLimits.makingMilliseconds, now: .uptimeNanoseconds(0) + limit) != nil)
    }

    @Test("Restrictions with the same terms are one; past their number all are made again; an unrestricted decision has none")
    func restrictions() throws {
        let fixture = try BrokerFixture.restricted()
        func restriction(of scope: RecordScope) -> Restriction? {
            fixture.services.projections.restriction(of: scope, on: fixture.topic(), under: fixture.services.policy.value)
        }
        #expect(restriction(of: .unrestricted) == nil)
        func view(_ number: Int) -> AccessPolicy.RecordView {
            AccessPolicy.RecordView(agreement: "DSA-\(number)", rule: 0, allowed: ["ward"], masks: [:], rows: [:])
        }
        let first = try #require(restriction(of: .views([view(0)])))
        for number in 1..<ReadingLimits.restrictionsMax { _ = restriction(of: .views([view(number)])) }
        #expect(restriction(of: .views([view(0)])) === first)
        _ = restriction(of: .views([view(-1)]))
        #expect(restriction(of: .views([view(0)])) !== first)
    }

    @Test("Of a policy that is not in force any more nothing is shared, and nothing that is made under it is kept")
    func pastPolicy() throws {
        let fixture = try BrokerFixture.restricted()
        let projections = fixture.services.projections
        let views = RecordScope.views([AccessPolicy.RecordView(agreement: "DSA-1", rule: 0, allowed: ["ward"], masks: [:], rows: [:])])
        let before = fixture.services.policy.value
        let old = try #require(projections.restriction(of: views, on: fixture.topic(), under: before))
        let next = try BrokerFixture.policy(People.agreements(People.masked), version: 2)
        fixture.services.install(policy: next)
        let late = try #require(projections.restriction(of: views, on: fixture.topic(), under: before))
        func keep(_ restriction: Restriction) {
            projections.batches.keep(projected(0, bytes: 64), of: fixture.log().id, under: restriction.edition(fixture.services.registry.value))
        }
        keep(old)
        keep(late)
        #expect(projections.batches.count == 0)
        let current = try #require(projections.restriction(of: views, on: fixture.topic(), under: fixture.services.policy.value))
        #expect(current !== late && current !== old)
        keep(current)
        #expect(projections.batches.count == 1)
    }
}
