import KafkaWire
import NIOConcurrencyHelpers
import Storage
import Testing

@testable import Broker

@Suite("Committed offsets")
struct GroupOffsetsTests {
    @Test("A commit is served once it is durable, and survives a restart with all it said")
    func durable() async throws {
        let bench = try await CoordinatorBench()
        bench.store.holdWrites()
        let offset = bench.offset(42, partition: 2, metadata: "ghi chú")
        async let outcome = bench.commit(offset)
        await bench.store.waitForHeldWrites()
        #expect(await bench.committed() == [])
        bench.store.releaseWrites()
        #expect(await outcome == nil)
        #expect(await bench.coordinator.committedOffsets(ofGroup: "g") == [offset])
        let next = try await bench.restarted()
        #expect(await next.coordinator.committedOffsets(ofGroup: "g") == [offset])
    }

    @Test("Commits of one partition that wait together end as the last of them, in memory and in the store")
    func order() async throws {
        let bench = try await CoordinatorBench()
        bench.store.holdWrites()
        async let first = bench.commit(bench.offset(1))
        await bench.store.waitForHeldWrites()
        async let second = bench.commit(bench.offset(2), bench.offset(20, partition: 1))
        while await bench.shard.queuedWaiters(ofGroup: "g") < 1 { await Task.yield() }
        async let third = bench.commit(bench.offset(3))
        while await bench.shard.queuedWaiters(ofGroup: "g") < 2 { await Task.yield() }
        bench.store.releaseWrites()
        #expect(await first == nil)
        #expect(await second == nil)
        #expect(await third == nil)
        #expect(await bench.committed() == [3, 20])
        #expect(bench.store.snapshot.offsets["g"]?.values.map(\.offset).sorted() == [3, 20])
        #expect(bench.store.snapshot.writes == 2, "the two that waited shared one write")
    }

    @Test("A commit that could not be stored is refused, and what was there is still served")
    func failure() async throws {
        let bench = try await CoordinatorBench()
        #expect(await bench.commit(bench.offset(1)) == nil)
        bench.store.fail(with: .diskFull)
        #expect(await bench.commit(bench.offset(2)) == .notAvailable)
        #expect(await bench.committed() == [1])
        bench.store.fail(with: nil)
        #expect(await bench.commit(bench.offset(2)) == nil)
        #expect(await bench.committed() == [2])
    }

    @Test("A commit that fails leaves no group behind")
    func failureOfTheFirst() async throws {
        let bench = try await CoordinatorBench()
        bench.store.fail(with: .diskFull)
        #expect(await bench.commit(bench.offset(2)) == .notAvailable)
        #expect(await bench.coordinator.describeAll() == [])
    }

    @Test("A generation of a group that is not there is illegal; a member's stale one too")
    func generations() async throws {
        let bench = try await CoordinatorBench()
        let claim = MemberClaim(memberID: "m")
        #expect(await bench.shard.commit([], by: claim, generation: 3, group: "g") == .illegalGeneration)
        let member = try await bench.stableMember()
        var stale = member
        stale.generation -= 1
        #expect(await bench.commit(bench.offset(1), by: stale) == .illegalGeneration)
        #expect(await bench.commit(bench.offset(1)) == .unknownMember)
        #expect(await bench.commit(bench.offset(1), by: member) == nil)
    }

    @Test("Offsets of a deleted topic are not those of its successor, and are cleared away")
    func incarnations() async throws {
        let bench = try await CoordinatorBench()
        #expect(await bench.commit(bench.offset(1)) == nil)
        bench.catalogue.replace(with: TopicCatalogue([.forGroups("t", generation: 2)]))
        #expect(await bench.committed() == [])
        await bench.coordinator.removeExpired()
        #expect(bench.store.snapshot.offsets["g"] == nil)
        #expect(await bench.coordinator.describe("g") == nil)
        #expect(await bench.commit(bench.offset(9)) == nil)
        #expect(await bench.committed() == [9])
    }

    @Test("A simple group's offsets expire at the retention, not a moment before, and the group with them", arguments: [(-1, 1), (0, 0), (1, 0)])
    func expiry(excess: Int64, left: Int) async throws {
        let bench = try await CoordinatorBench()
        #expect(await bench.commit(bench.offset(1)) == nil)
        bench.clock.advance(bench.coordinator.settings.offsetRetention + excess)
        await bench.coordinator.removeExpired()
        #expect(await bench.committed().count == left)
        #expect(await bench.coordinator.describeAll().count == left)
        #expect(bench.store.snapshot.offsets.count == left)
    }

    @Test("A group with members keeps its offsets for ever; an empty one for the retention, over a restart")
    func expiryOfMembers() async throws {
        let bench = try await CoordinatorBench()
        let member = try await bench.stableMember()
        #expect(await bench.commit(bench.offset(1), by: member) == nil)
        let retention = bench.coordinator.settings.offsetRetention
        bench.clock.advance(retention * 2)
        await bench.coordinator.removeExpired()
        #expect(await bench.committed() == [1])
        _ = await bench.shard.leave([MemberClaim(memberID: member.memberID)], group: "g")
        bench.clock.advance(retention - 1)
        // A write behind all others: the record of the empty group is stored.
        #expect(await bench.shard.deleteOffsets([PartitionName(topic: "none", partition: 0)], group: "g").refusal == nil)
        let next = try await bench.restarted()
        await next.coordinator.removeExpired()
        #expect(await next.committed() == [1])
        next.clock.advance(1)
        await next.coordinator.removeExpired()
        #expect(await next.coordinator.describe("g") == nil)
        #expect(next.store.group("g") == nil)
    }

    @Test("A commit on its way is not overtaken by an expiry that did not see it")
    func expiryDoesNotOvertake() async throws {
        let bench = try await CoordinatorBench()
        #expect(await bench.commit(bench.offset(1)) == nil)
        bench.clock.advance(bench.coordinator.settings.offsetRetention)
        bench.store.holdWrites()
        async let fresh = bench.commit(bench.offset(2))
        await bench.store.waitForHeldWrites()
        await bench.coordinator.removeExpired()
        bench.store.releaseWrites()
        #expect(await fresh == nil)
        #expect(await bench.committed() == [2])
    }

    @Test("Offsets are counted: at the limit they fit, past it new partitions are refused, known ones are not")
    func limit() async throws {
        var settings = CoordinatorBench.settings
        settings.offsetsMax = 2
        let bench = try await CoordinatorBench(settings: settings)
        #expect(await bench.commit(bench.offset(1), bench.offset(1, partition: 1)) == nil)
        #expect(await bench.commit(bench.offset(1, partition: 2)) == .limitReached)
        #expect(await bench.commit(bench.offset(5)) == nil)
        #expect(await bench.shard.deleteOffsets([PartitionName(topic: "t", partition: 0)], group: "g").refusal == nil)
        #expect(await bench.commit(bench.offset(1, partition: 2)) == nil)
    }

    @Test("Offsets of topics that members read are not deleted; others are")
    func deletion() async throws {
        let bench = try await CoordinatorBench(topics: [.forGroups("t"), .forGroups("u")])
        let names = ["t", "u"].map { PartitionName(topic: $0, partition: 0) }
        #expect(await bench.shard.deleteOffsets(names, group: "g").refusal == .groupNotFound)
        let member = try await bench.stableMember()
        #expect(await bench.commit(bench.offset(1), bench.offset(2, topic: "u"), by: member) == nil)
        let (refusal, refused) = await bench.shard.deleteOffsets(names, group: "g")
        #expect(refusal == nil)
        #expect(refused == [names[0]: .subscribedToTopic])
        #expect(await bench.committed() == [1])
        _ = await bench.shard.leave([MemberClaim(memberID: member.memberID)], group: "g")
        #expect(await bench.shard.deleteOffsets(names, group: "g").refused == [:])
        #expect(await bench.committed() == [])
    }

    @Test("Lag is told in records and in time, reads are bounded and remembered")
    func lag() async throws {
        let bench = try await CoordinatorBench(topics: [])
        let now: Int64 = bench.clock.now()
        let id = Topic.forGroups("t").id
        let log = GroupTestLog(
            PartitionID(topic: id, partition: 0), logStart: 5,
            batches: [(0, 9, now - 9000), (10, 19, now - 4000), (20, 29, now - 1000)])
        let idle = GroupTestLog(PartitionID(topic: id, partition: 1), batches: [(0, 0, now - 50)])
        let topic = Topic.forGroups("t", logs: [0: log, 1: idle])
        bench.catalogue.replace(with: TopicCatalogue([topic]))
        #expect(await bench.commit(bench.offset(12), bench.offset(1, partition: 1)) == nil)
        #expect(await bench.commit(bench.offset(2), group: "far-behind") == nil)

        let survey = GroupLagSurvey(groups: bench.coordinator, catalogue: bench.catalogue, clock: bench.clock)
        let lag = await survey.lag(ofGroup: "g")
        #expect(lag.partitions.map(\.records) == [18, 0])
        #expect(lag.partitions.map(\.milliseconds) == [4000, 0])
        #expect(lag.partitions.map(\.endOffset) == [30, 1])
        #expect(lag.records == 18)
        #expect(lag.milliseconds == 4000)
        #expect(await survey.lag(ofGroup: "g") == lag)
        #expect(log.reads.withLockedValue { $0 } == 1)

        let all = await survey.lags(readsMax: 0)
        #expect(all.map(\.group) == ["far-behind", "g"])
        #expect(all[0].records == 25, "records before the log's start do not count")
        #expect(all[0].milliseconds == nil, "no read was allowed")
        #expect(all[1] == lag)
        #expect(await survey.lags()[0].milliseconds == 9000)
        #expect(await survey.lag(ofGroup: "nobody").partitions == [])
    }
}

extension GroupShard {
    /// For tests that need to know how far things have come.
    func queuedWaiters(ofGroup id: String) -> Int { groups[id]?.writes.waiterCount ?? 0 }
}
