import KafkaWire
import Storage
import Testing

@testable import Broker

@Suite("The group coordinator")
struct GroupCoordinatorTests {
    private func join(_ shard: GroupShard, _ request: JoinRequest = .new()) async -> JoinAnswer {
        await shard.join(request, group: "g")
    }

    @Test("Before the stored groups are loaded members are told to try again; after shutdown to go elsewhere")
    func phases() async throws {
        let coordinator = GroupCoordinator(
            store: InMemoryMetadataStore(), settings: CoordinatorBench.settings, clock: ManualGroupClock(),
            catalogue: SnapshotBox(.empty))
        let shard = coordinator.shard(ofGroup: "g")
        #expect(await join(shard) == .refused(.groupBeingLoaded, memberID: ""))
        #expect(await shard.heartbeat(from: MemberClaim(memberID: "m"), generation: 1, group: "g") == .groupBeingLoaded)
        try await coordinator.load([], ringsAlone: false)
        #expect(await shard.heartbeat(from: MemberClaim(memberID: "m"), generation: 1, group: "g") == .unknownMember)
        await coordinator.shutDown()
        #expect(await join(shard) == .refused(.notAvailable, memberID: ""))
    }

    @Test("Shutting down answers everyone who waits")
    func shutDownAnswers() async throws {
        let bench = try await CoordinatorBench()
        _ = try await bench.stableMember()
        async let waiting = join(bench.shard)
        await bench.waitForWaiting(joins: 1)
        await bench.coordinator.shutDown()
        #expect(await waiting == .refused(.notAvailable, memberID: ""))
    }

    @Test("A member that heartbeats after a restart goes on without a rebalance")
    func restart() async throws {
        let bench = try await CoordinatorBench()
        let member = try await bench.stableMember()
        let next = try await bench.restarted()
        let claim = MemberClaim(memberID: member.memberID)
        #expect(await next.shard.heartbeat(from: claim, generation: member.generation, group: "g") == nil)
        #expect(await next.commit(next.offset(7), by: member) == nil)
        let description = try #require(await next.coordinator.describe("g"))
        #expect(description.state == "Stable")
        #expect(description.members.map(\.assignment) == [[1, 2, 3]])
        #expect(description.generation == member.generation)
    }

    @Test("After a restart a silent member is out when its session ends")
    func silentAfterRestart() async throws {
        let bench = try await CoordinatorBench()
        _ = try await bench.stableMember()
        let next = try await bench.restarted()
        next.clock.advance(9_999)
        await next.coordinator.timePassed()
        #expect(await next.coordinator.describe("g")?.members.count == 1)
        next.clock.advance(1)
        await next.coordinator.timePassed()
        #expect(await next.coordinator.describe("g")?.state == "Empty")
    }

    @Test("A member that expires lets the others go on; the time-out of a rebalance ends the wait")
    func timePasses() async throws {
        let bench = try await CoordinatorBench()
        _ = try await bench.stableMember()
        async let waiting = join(bench.shard)
        await bench.waitForWaiting(joins: 1)
        bench.clock.advance(10_000)
        await bench.coordinator.timePassed()
        let joined = try bench.joined(await waiting)
        #expect(joined.generation == 2)
        #expect(joined.leader == joined.memberID)
    }

    @Test("A waiting join is let go when its connection ends, and a stranger leaves nothing behind")
    func cancellation() async throws {
        let bench = try await CoordinatorBench()
        _ = try await bench.stableMember()
        let shard = bench.shard
        let waiting = Task { await shard.join(.new(), group: "g") }
        await bench.waitForWaiting(joins: 1)
        waiting.cancel()
        #expect(await waiting.value == .refused(.notAvailable, memberID: ""))
        await bench.waitForWaiting()
        #expect(await bench.coordinator.describe("g")?.members.count == 1)
    }

    @Test("A join that was cancelled before it began does not wait for ever")
    func cancelledBefore() async throws {
        let bench = try await CoordinatorBench()
        _ = try await bench.stableMember()
        let shard = bench.shard
        let waiting = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return await shard.join(.new(), group: "g")
        }
        #expect(await waiting.value == .refused(.notAvailable, memberID: ""))
        await bench.waitForWaiting()
    }

    @Test("A sync waits for the store, and is refused when the store fails")
    func storeFails() async throws {
        let bench = try await CoordinatorBench()
        let member = try bench.joined(await join(bench.shard))
        bench.store.fail(with: .diskFull)
        let request = SyncRequest(
            memberID: member.memberID, instance: nil, generation: member.generation, protocolType: nil, protocolName: nil,
            assignments: [:])
        #expect(await bench.shard.sync(request, group: "g") == .refused(.notAvailable))
        #expect(await bench.commit(bench.offset(1)) == .unknownMember)
        bench.store.fail(with: nil)
        var again = JoinRequest.known(member.memberID)
        again.protocols = JoinRequest.new().protocols
        #expect(try bench.joined(await join(bench.shard, again)).generation == 2)
    }

    @Test("A group that only handed out an id is forgotten with it")
    func idleGroup() async throws {
        let bench = try await CoordinatorBench()
        let answer = await join(bench.shard, .new(needsKnownMemberID: true))
        guard case .refused(.memberIDRequired, let memberID) = answer else { throw UnexpectedAnswer(text: "\(answer)") }
        #expect(memberID.hasPrefix("client-"))
        #expect(memberID.count == "client-".count + 36)
        #expect(await bench.coordinator.describeAll().count == 1)
        bench.clock.advance(10_000)
        await bench.coordinator.timePassed()
        #expect(await bench.coordinator.describeAll() == [])
        #expect(bench.store.snapshot.writes == 0)
        #expect(await join(bench.shard, .known(memberID)) == .refused(.unknownMember, memberID: memberID))
    }

    @Test("Refused joins leave no group behind")
    func refusedJoins() async throws {
        let bench = try await CoordinatorBench()
        #expect(await join(bench.shard, .new(sessionTimeout: 1)) == .refused(.invalidSessionTimeout, memberID: ""))
        #expect(await join(bench.shard, .new(instance: "")) == .refused(.invalidRequest, memberID: ""))
        #expect(await join(bench.shard, .new(instance: String(repeating: "i", count: 250))) == .refused(.invalidRequest, memberID: ""))
        #expect(await bench.coordinator.describeAll() == [])
    }

    @Test("A group's id has a length", arguments: [(0, false), (1, true), (250, true), (251, false)])
    func groupID(length: Int, isAccepted: Bool) async throws {
        let bench = try await CoordinatorBench()
        let id = String(repeating: "g", count: length)
        let answer = await bench.shard.join(.new(), group: id)
        #expect((answer == .refused(.invalidGroupID, memberID: "")) == !isAccepted)
        #expect((await bench.commit(bench.offset(1), group: id) == .invalidGroupID) == !isAccepted)
    }

    @Test("Groups are counted: at the limit one fits, past it none, and a known group is served all the same")
    func groupLimit() async throws {
        var settings = CoordinatorBench.settings
        settings.groupsMax = 2
        let bench = try await CoordinatorBench(settings: settings)
        #expect(await bench.commit(bench.offset(1), group: "a") == nil)
        _ = try bench.joined(await bench.shard.join(.new(), group: "b"))
        #expect(await bench.shard.join(.new(), group: "c") == .refused(.limitReached, memberID: ""))
        #expect(await bench.commit(bench.offset(1), group: "c") == .limitReached)
        #expect(await bench.commit(bench.offset(2), group: "a") == nil)
    }

    @Test("Bytes of all members are counted, and given back when they leave")
    func memberBytesLimit() async throws {
        var settings = CoordinatorBench.settings
        settings.memberBytesMax = 4096
        let bench = try await CoordinatorBench(settings: settings)
        var large = JoinRequest.new()
        large.protocols[0].metadata = Array(repeating: 0, count: 3000)
        let member = try bench.joined(await bench.shard.join(large, group: "a"))
        #expect(await bench.shard.join(large, group: "b") == .refused(.limitReached, memberID: ""))
        let sync = SyncRequest(
            memberID: member.memberID, instance: nil, generation: 1, protocolType: nil, protocolName: nil,
            assignments: [member.memberID: Array(repeating: 0, count: 2000)])
        #expect(await bench.shard.sync(sync, group: "a") == .refused(.limitReached))
        #expect(await bench.shard.leave([MemberClaim(memberID: member.memberID)], group: "a") == [nil])
        #expect(await bench.shard.memberBytes == 0)
        _ = try bench.joined(await bench.shard.join(large, group: "b"))
    }

    @Test("A deleted group is gone from memory and store, with its offsets; one with members is not")
    func deletion() async throws {
        let bench = try await CoordinatorBench()
        #expect(await bench.shard.delete(group: "g") == .groupNotFound)
        let member = try await bench.stableMember()
        #expect(await bench.commit(bench.offset(1), by: member) == nil)
        #expect(await bench.shard.delete(group: "g") == .groupNotEmpty)
        _ = await bench.shard.leave([MemberClaim(memberID: member.memberID)], group: "g")
        bench.store.fail(with: .diskFull)
        #expect(await bench.shard.delete(group: "g") == .notAvailable)
        bench.store.fail(with: nil)
        #expect(await bench.committed() == [1])
        #expect(await bench.shard.delete(group: "g") == nil)
        #expect(await bench.coordinator.describe("g") == nil)
        #expect(bench.store.group("g") == nil)
        #expect(bench.store.snapshot.offsets["g"] == nil)
        #expect(await bench.shard.offsetCount == 0)
    }

    @Test("While a group is being deleted a join is told to try again, and then begins anew")
    func joinWhileDeleting() async throws {
        let bench = try await CoordinatorBench()
        #expect(await bench.commit(bench.offset(1)) == nil)
        bench.store.holdWrites()
        let shard = bench.shard
        async let deletion = shard.delete(group: "g")
        await bench.store.waitForHeldWrites()
        #expect(await join(shard) == .refused(.notAvailable, memberID: ""))
        #expect(await bench.commit(bench.offset(2)) == .notAvailable)
        bench.store.releaseWrites()
        #expect(await deletion == nil)
        #expect(try bench.joined(await join(shard)).generation == 1)
    }

    @Test("A member's id is short whatever its client is called: a character may be as long as the client id")
    func memberIDIsShort() async throws {
        let bench = try await CoordinatorBench()
        var request = JoinRequest.new(needsKnownMemberID: true)
        request.clientID = "e" + String(repeating: "\u{301}", count: 16_000)
        guard case .refused(.memberIDRequired, let memberID) = await bench.shard.join(request, group: "g") else {
            Issue.record("the member was not told its id")
            return
        }
        #expect(memberID.utf8.count <= 4 * 128 + 37)
    }

    @Test("Ids that were handed out count against the memory of groups, and no longer when they are gone")
    func pendingMembersAreCounted() async throws {
        var settings = CoordinatorBench.settings
        settings.shardCount = 1
        settings.memberBytesMax = 4 * ConsumerGroup.pendingMemberBytes + 2048
        let bench = try await CoordinatorBench(settings: settings)
        var answers: [JoinAnswer] = []
        for _ in 0..<10 { answers.append(await bench.shard.join(.new(needsKnownMemberID: true), group: "g")) }
        let handedOut = answers.count { if case .refused(.memberIDRequired, _) = $0 { true } else { false } }
        #expect((4...6).contains(handedOut))
        #expect(answers.last == .refused(.limitReached, memberID: ""))
        bench.clock.advance(10_000)
        await bench.coordinator.timePassed()
        #expect(await bench.shard.memberBytes == 0)
        _ = await bench.shard.join(.new(needsKnownMemberID: true), group: "g")
        #expect(await bench.commit(bench.offset(1)) == nil)
        #expect(await bench.shard.delete(group: "g") == nil)
        #expect(await bench.shard.memberBytes == 0)
    }
}
