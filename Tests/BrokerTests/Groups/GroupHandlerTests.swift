import AccessPolicy
import KafkaWire
import NIOConcurrencyHelpers
import NIOCore
import Storage
import Testing

@testable import Broker

private typealias Bench = GroupHandlerBench

@Suite("The handlers of group APIs")
struct GroupHandlerTests {
    @Test("Who may use a group: its own agency, and those whom an agreement names; refusals are audited")
    func useGroup() async throws {
        let bench = try await Bench()
        let cases: [(String, NodeIdentity?, Bool)] = [
            ("education.app", Bench.school, true), ("dashboard-1", Bench.school, true), ("other", Bench.school, false),
            ("education.app", Bench.clinic, false), ("education.app", Bench.operator, false), ("dashboard-1", Bench.clinic, false),
        ]
        for (group, identity, isAllowed) in cases {
            let before = bench.refusals.count
            let joined = await JoinGroup.handle(Bench.joinRequest(group), in: try bench.context(identity, version: 9))
            #expect((joined.errorCode == .groupAuthorizationFailed) == !isAllowed, "\(group)")
            var sync = SyncGroupRequest()
            sync.groupID = group
            let synced = await SyncGroup.handle(sync, in: try bench.context(identity, version: 5))
            #expect((synced.errorCode == .groupAuthorizationFailed) == !isAllowed, "\(group)")
            var beat = HeartbeatRequest()
            beat.groupID = group
            let heard = await Heartbeat.handle(beat, in: try bench.context(identity, version: 4))
            #expect((heard.errorCode == .groupAuthorizationFailed) == !isAllowed, "\(group)")
            #expect(bench.refusals.count - before == (isAllowed ? 0 : 3))
            if !isAllowed { #expect(bench.refusals.last == .useGroup(group)) }
        }
    }

    @Test("A join's refusal can be encoded at every version", arguments: JoinGroupRequest.versions)
    func joinRefusals(version: Int16) async throws {
        let bench = try await Bench()
        let response = await JoinGroup.handle(Bench.joinRequest("other"), in: try bench.context(Bench.school, version: version))
        var buffer = ByteBuffer()
        response.encode(into: &buffer, version: version)
        #expect(try JoinGroupResponse.decode(from: &buffer, version: version).errorCode == .groupAuthorizationFailed)
    }

    @Test("Version 4 asks for the member id first, and the description shows what the client said")
    func joining() async throws {
        let bench = try await Bench()
        let context = try bench.context(Bench.school, version: 9)
        let first = await JoinGroup.handle(Bench.joinRequest("education.app"), in: context)
        #expect(first.errorCode == .memberIDRequired)
        let second = await JoinGroup.handle(Bench.joinRequest("education.app", memberID: first.memberID), in: context)
        #expect(second.errorCode == .none)
        #expect(second.protocolName == "range")
        #expect(second.members.map(\.memberID) == [first.memberID])
        let member = try #require(await bench.services.groups.describe("education.app")?.members.first)
        #expect(member.clientHost == "/192.0.2.7")
        #expect(member.principal == "User:education/schools/n1")
        #expect(member.clientID == "client")
    }

    @Test("Version 0 has no rebalance time-out: the session time-out serves")
    func oldestJoin() async throws {
        let bench = try await Bench()
        var request = Bench.joinRequest("education.app")
        request.rebalanceTimeoutMilliseconds = -1
        let response = await JoinGroup.handle(request, in: try bench.context(Bench.school, version: 0))
        #expect(response.errorCode == .none)
        let shard = bench.services.groups.shard(ofGroup: "education.app")
        #expect(await shard.rebalanceTimeout(ofGroup: "education.app") == 10_000)
    }

    @Test("A commit needs the right to each topic; a secret topic and none at all look alike; what cannot be is named")
    func commitRights() async throws {
        let bench = try await Bench()
        let topics: [(String, [Int32])] = [
            ("health.open", [0, 3]), ("health.secret", [0]), ("no.such.topic", [0]), ("health.shared.gone", [0]),
        ]
        let codes = try await bench.commit(Bench.commitRequest("education.app", topics), by: Bench.school)
        #expect(
            codes == [
                [.none, .unknownTopicOrPartition], [.topicAuthorizationFailed], [.topicAuthorizationFailed],
                [.unknownTopicOrPartition],
            ])
        #expect(bench.refusals == [.subscribe(topic: "health.secret"), .subscribe(topic: "no.such.topic")])
        #expect(bench.changes == [])
        let refused = try await bench.commit(Bench.commitRequest("education.app", topics), by: Bench.stranger)
        #expect(refused.flatMap(\.self).allSatisfy { $0 == .groupAuthorizationFailed })
        #expect(bench.store.snapshot.offsets["education.app"]?.count == 1)
    }

    @Test("A commit's text is bounded, and a negative offset is refused", arguments: [(4096, ErrorCode.none), (4097, .offsetMetadataTooLarge)])
    func commitLimits(bytes: Int, code: ErrorCode) async throws {
        let bench = try await Bench()
        let text = String(repeating: "x", count: bytes)
        let request = Bench.commitRequest("education.app", [("health.open", [0])], metadata: text)
        #expect(try await bench.commit(request, by: Bench.school) == [[code]])
        let negative = Bench.commitRequest("education.app", [("health.open", [0])], offset: -1)
        #expect(try await bench.commit(negative, by: Bench.school) == [[.invalidRequest]])
    }

    @Test("An operator resets an empty group that is not his, and that is a change for the audit; a member's group he cannot")
    func operatorResets() async throws {
        let bench = try await Bench()
        let reset = Bench.commitRequest("education.app", [("health.open", [0])], offset: 3)
        #expect(try await bench.commit(reset, by: Bench.operator) == [[.none]])
        #expect(bench.changes == ["group.reset group:education.app User:it/platform/ops"])
        bench.audit.isFull.withLockedValue { $0 = true }
        #expect(try await bench.commit(reset, by: Bench.operator) == [[.coordinatorNotAvailable]])
        bench.audit.isFull.withLockedValue { $0 = false }
        _ = try await bench.member(of: "education.app", by: Bench.school)
        #expect(try await bench.commit(reset, by: Bench.operator) == [[.unknownMemberID]])
        var asMember = reset
        asMember.generationIDOrMemberEpoch = 1
        #expect(try await bench.commit(asMember, by: Bench.operator) == [[.groupAuthorizationFailed]])
    }

    @Test("Offsets are fetched by name and all together, at every version", arguments: OffsetFetchRequest.versions)
    func fetch(version: Int16) async throws {
        let bench = try await Bench()
        _ = try await bench.commit(Bench.commitRequest("education.app", [("health.open", [0, 2])]), by: Bench.school)
        func fetch(_ names: [String]?) async throws -> [String: [Int32: (Int64, ErrorCode)]] {
            var request = OffsetFetchRequest()
            if version >= 8 {
                var group = OffsetFetchRequest.OffsetFetchRequestGroup()
                group.groupID = "education.app"
                group.topics = names?.map { name in
                    var topic = OffsetFetchRequest.OffsetFetchRequestGroup.OffsetFetchRequestTopics()
                    topic.name = name
                    topic.partitionIndexes = [0, 1]
                    return topic
                }
                request.groups = [group]
            } else {
                request.groupID = "education.app"
                request.topics = names?.map { name in
                    var topic = OffsetFetchRequest.OffsetFetchRequestTopic()
                    topic.name = name
                    topic.partitionIndexes = [0, 1]
                    return topic
                }
            }
            let response = await OffsetFetch.handle(request, in: try bench.context(Bench.school, version: version))
            var buffer = ByteBuffer()
            response.encode(into: &buffer, version: version)
            let read = try OffsetFetchResponse.decode(from: &buffer, version: version)
            var found: [String: [Int32: (Int64, ErrorCode)]] = [:]
            for topic in read.topics {
                for each in topic.partitions { found[topic.name, default: [:]][each.partitionIndex] = (each.committedOffset, each.errorCode) }
            }
            for topic in read.groups.flatMap(\.topics) {
                for each in topic.partitions { found[topic.name, default: [:]][each.partitionIndex] = (each.committedOffset, each.errorCode) }
            }
            return found
        }
        let named = try await fetch(["health.open", "health.secret", "no.such.topic"])
        #expect(named["health.open"]?[0]?.0 == 7)
        #expect(named["health.open"]?[1]?.0 == -1)
        #expect(named["health.open"]?[1]?.1 == ErrorCode.none)
        for name in ["health.secret", "no.such.topic"] { #expect(named[name]?[0]?.1 == .topicAuthorizationFailed) }
        guard version >= 2 else { return }
        let all = try await fetch(nil)
        #expect(all.count == 1)
        #expect(all["health.open"]?.mapValues(\.0) == [0: 7, 2: 7])
    }

    @Test("Operators and auditors read a group's offsets of the topics they may describe; others are refused, at every version", arguments: [1, 2, 8])
    func fetchRights(version: Int16) async throws {
        let bench = try await Bench()
        _ = try await bench.commit(Bench.commitRequest("education.app", [("health.open", [0])]), by: Bench.school)
        func error(_ identity: NodeIdentity?) async throws -> ErrorCode {
            var request = OffsetFetchRequest()
            request.groupID = "education.app"
            var group = OffsetFetchRequest.OffsetFetchRequestGroup()
            group.groupID = "education.app"
            group.topics = []
            request.groups = [group]
            var topic = OffsetFetchRequest.OffsetFetchRequestTopic()
            topic.name = "health.open"
            topic.partitionIndexes = [0]
            request.topics = [topic]
            let response = await OffsetFetch.handle(request, in: try bench.context(identity, version: version))
            switch version {
            case 1: return response.topics[0].partitions[0].errorCode
            case 2: return response.errorCode
            default: return response.groups[0].errorCode
            }
        }
        #expect(try await error(Bench.school) == .none)
        #expect(try await error(Bench.operator) == .none)
        #expect(try await error(Bench.stranger) == .groupAuthorizationFailed)
        #expect(bench.refusals.contains(.useGroup("education.app")))
    }

    @Test("An answer to OffsetFetch names no more partitions than the limit, beyond those of its first group", arguments: [0, 1])
    func offsetFetchLimit(excess: Int) async throws {
        let bench = try await Bench()
        var request = OffsetFetchRequest()
        func group(_ id: String, _ count: Int) -> OffsetFetchRequest.OffsetFetchRequestGroup {
            .init {
                $0.groupID = id
                $0.topics = [
                    .init {
                        $0.name = "health.open"
                        $0.partitionIndexes = (0..<count).map { Int32($0) }
                    }
                ]
            }
        }
        request.groups = [
            group("education.a", Limits.partitionsPerRequestMax - 1 + excess), group("education.b", 1), group("education.c", 1),
        ]
        let response = await OffsetFetch.handle(request, in: try bench.context(Bench.school, version: 8))
        #expect(response.groups.map(\.errorCode) == [.none, excess == 0 ? .none : .invalidRequest, .invalidRequest])
    }

    @Test("A group's id and a member's instance id at their limits are taken, one byte past them refused in Kafka's words")
    func idLimits() async throws {
        let bench = try await Bench()
        let context = try bench.context(Bench.school, version: 5)
        func join(_ group: String, instance: String? = nil) async -> ErrorCode {
            var request = Bench.joinRequest(group)
            request.groupInstanceID = instance
            return await JoinGroup.handle(request, in: context).errorCode
        }
        let settings = GroupSettings()
        let id = "education." + String(repeating: "g", count: settings.groupIDBytesMax - "education.".utf8.count)
        #expect(await join(id, instance: "x") == .none)
        #expect(await join(id + "g", instance: "x") == .invalidGroupID)
        let instance = String(repeating: "i", count: settings.instanceIDBytesMax)
        #expect(await join("education.app", instance: instance) == .none)
        #expect(await join("education.other", instance: instance + "i") == .invalidRequest)
        var commit = Bench.commitRequest(id + "g", [("health.open", [0])])
        #expect(try await bench.commit(commit, by: Bench.school) == [[.invalidGroupID]])
        commit.groupID = id
        #expect(try await bench.commit(commit, by: Bench.school) != [[.invalidGroupID]])
    }

    @Test("What is past a limit of groups is POLICY_VIOLATION, with nothing else said")
    func limitInKafkasWords() {
        #expect(GroupRefusal.limitReached.errorCode == .policyViolation)
        #expect(GroupRefusal.invalidGroupID.errorCode == .invalidGroupID)
        #expect(GroupRefusal.invalidRequest.errorCode == .invalidRequest)
    }

    @Test("The coordinator of a group is this broker; a transactional id is refused with a sentence, as is an unknown type")
    func findCoordinator() async throws {
        let bench = try await Bench()
        var request = FindCoordinatorRequest()
        request.key = "education.app"
        request.coordinatorKeys = ["education.app", "", "transport.x"]
        let old = await FindCoordinator.handle(request, in: try bench.context(Bench.school, version: 0))
        #expect(old.errorCode == .none)
        #expect(old.host == "broker.city")
        #expect(old.port == 9093)
        #expect(old.nodeID == 1)
        let batch = await FindCoordinator.handle(request, in: try bench.context(Bench.school, version: 4))
        #expect(batch.coordinators.map(\.errorCode) == [.none, .invalidGroupID, .groupAuthorizationFailed])
        #expect(batch.coordinators.map(\.port) == [9093, -1, -1])
        for type: Int8 in [1, 2, -1] {
            request.keyType = type
            let refused = await FindCoordinator.handle(request, in: try bench.context(Bench.school, version: 3))
            #expect(refused.errorCode == .invalidRequest)
            #expect(refused.errorMessage?.isEmpty == false)
        }
    }

    @Test("A member leaves, alone or in a list; an operator removes members, and that is a change for the audit")
    func leaving() async throws {
        let bench = try await Bench()
        var request = LeaveGroupRequest()
        request.groupID = "education.app"
        var member = try await bench.member(of: "education.app", by: Bench.school)
        request.memberID = member.memberID
        #expect(await LeaveGroup.handle(request, in: try bench.context(Bench.school, version: 2)).errorCode == .none)
        #expect(await LeaveGroup.handle(request, in: try bench.context(Bench.school, version: 2)).errorCode == .unknownMemberID)
        #expect(bench.changes == [])

        member = try await bench.member(of: "education.app", by: Bench.school)
        request.members = [member.memberID, "nobody"].map { id in
            var identity = LeaveGroupRequest.MemberIdentity()
            identity.memberID = id
            return identity
        }
        let refused = await LeaveGroup.handle(request, in: try bench.context(Bench.clinic, version: 5))
        #expect(refused.errorCode == .groupAuthorizationFailed)
        let left = await LeaveGroup.handle(request, in: try bench.context(Bench.operator, version: 5))
        #expect(left.errorCode == .none)
        #expect(left.members.map(\.errorCode) == [.none, .unknownMemberID])
        #expect(bench.changes == ["group.removeMembers group:education.app User:it/platform/ops"])
    }

    @Test("Groups are described to those who may, with what one may do to them")
    func describe() async throws {
        let bench = try await Bench()
        _ = try await bench.member(of: "education.app", by: Bench.school)
        var request = DescribeGroupsRequest()
        request.groups = ["education.app", "education.none", "education.app", "transport.x"]
        request.includeAuthorizedOperations = true
        let mine = await DescribeGroups.handle(request, in: try bench.context(Bench.school, version: 5)).groups
        #expect(mine.map(\.errorCode) == [.none, .none, .groupAuthorizationFailed])
        #expect(mine.map(\.groupState) == ["Stable", "Dead", ""])
        #expect(mine[0].protocolData == "range")
        #expect(mine[0].members.map(\.memberAssignment) == [[9]])
        #expect(mine[0].authorizedOperations == 1 << 3 | 1 << 6 | 1 << 8)
        #expect(mine[2].authorizedOperations == .min)
        let theirs = await DescribeGroups.handle(request, in: try bench.context(Bench.auditor, version: 5)).groups
        #expect(theirs[0].authorizedOperations == 1 << 8)
        #expect(bench.refusals == [.describeGroup("transport.x")])
    }

    @Test("A listing shows what one may describe, filtered by state and type, and refuses nobody")
    func list() async throws {
        let bench = try await Bench()
        _ = try await bench.member(of: "education.app", by: Bench.school)
        _ = try await bench.commit(Bench.commitRequest("education.b", [("health.open", [0])]), by: Bench.school)
        func list(_ identity: NodeIdentity?, states: [String] = [], types: [String] = []) async throws -> [String] {
            var request = ListGroupsRequest()
            request.statesFilter = states
            request.typesFilter = types
            let response = await ListGroups.handle(request, in: try bench.context(identity, version: 5))
            return response.groups.map { "\($0.groupID) \($0.groupState) \($0.groupType) \($0.protocolType)" }
        }
        let all = ["education.app Stable classic consumer", "education.b Empty classic "]
        #expect(try await list(Bench.school) == all)
        #expect(try await list(Bench.operator) == all)
        #expect(try await list(Bench.clinic) == [])
        #expect(try await list(Bench.school, states: ["stable"]) == [all[0]])
        #expect(try await list(Bench.school, states: ["EMPTY", "Nonsense"]) == [all[1]])
        #expect(try await list(Bench.school, types: ["Classic"]) == all)
        #expect(try await list(Bench.school, types: ["consumer"]) == [])
        #expect(bench.refusals == [])
    }

    @Test("Groups are deleted by those who administer them, durably, and only when empty; the audit knows first")
    func delete() async throws {
        let bench = try await Bench()
        _ = try await bench.member(of: "education.app", by: Bench.school)
        _ = try await bench.commit(Bench.commitRequest("education.b", [("health.open", [0])]), by: Bench.school)
        var request = DeleteGroupsRequest()
        request.groupsNames = ["education.app", "education.b", "education.none", "education.b"]
        let foreign = await DeleteGroups.handle(request, in: try bench.context(Bench.clinic, version: 2)).results
        #expect(foreign.map(\.errorCode) == [.groupAuthorizationFailed, .groupAuthorizationFailed, .groupAuthorizationFailed])
        bench.audit.isFull.withLockedValue { $0 = true }
        let unrecorded = await DeleteGroups.handle(request, in: try bench.context(Bench.operator, version: 2)).results
        #expect(unrecorded.map(\.errorCode) == [.nonEmptyGroup, .coordinatorNotAvailable, .groupIDNotFound])
        #expect(bench.store.snapshot.offsets["education.b"] != nil)
        bench.audit.isFull.withLockedValue { $0 = false }
        let done = await DeleteGroups.handle(request, in: try bench.context(Bench.operator, version: 2)).results
        #expect(done.map(\.errorCode) == [.nonEmptyGroup, .none, .groupIDNotFound])
        #expect(bench.store.snapshot.offsets["education.b"] == nil)
        #expect(bench.changes == ["group.delete group:education.b User:it/platform/ops"])
    }

    @Test("Offsets are deleted by those who administer the group, of topics they may describe")
    func deleteOffsets() async throws {
        let bench = try await Bench()
        _ = try await bench.commit(Bench.commitRequest("education.b", [("health.open", [0, 1])]), by: Bench.school)
        var request = OffsetDeleteRequest()
        request.groupID = "education.b"
        request.topics = ["health.open", "health.secret", "no.such.topic"].map { name in
            var topic = OffsetDeleteRequest.OffsetDeleteRequestTopic()
            topic.name = name
            var partition = OffsetDeleteRequest.OffsetDeleteRequestTopic.OffsetDeleteRequestPartition()
            partition.partitionIndex = 1
            topic.partitions = [partition]
            return topic
        }
        #expect(await OffsetDelete.handle(request, in: try bench.context(Bench.clinic, version: 0)).errorCode == .groupAuthorizationFailed)
        let mine = await OffsetDelete.handle(request, in: try bench.context(Bench.school, version: 0))
        #expect(mine.errorCode == .none)
        #expect(mine.topics.map { $0.partitions[0].errorCode } == [.none, .topicAuthorizationFailed, .topicAuthorizationFailed])
        #expect(bench.store.snapshot.offsets["education.b"]?.count == 1)
        #expect(bench.changes == ["group.deleteOffsets group:education.b User:education/schools/n1"])

        _ = try await bench.member(of: "education.b", by: Bench.school)
        let subscribed = await OffsetDelete.handle(request, in: try bench.context(Bench.school, version: 0))
        #expect(subscribed.topics[0].partitions[0].errorCode == .groupSubscribedToTopic)
        request.groupID = "education.none"
        #expect(await OffsetDelete.handle(request, in: try bench.context(Bench.school, version: 0)).errorCode == .groupIDNotFound)
    }

    @Test("People see a group's offsets on the topics that they may describe, and no others")
    func visibleOffsets() async throws {
        let bench = try await Bench()
        let commit = Bench.commitRequest("dashboard-1", [("health.open", [0]), ("health.secret", [0])])
        #expect(try await bench.commit(commit, by: Bench.operator) == [[.none], [.none]])
        let administration = Administration(bench.services)
        func topics(_ identity: NodeIdentity?) async throws -> [String] {
            await administration.offsets(ofGroup: "dashboard-1", visibleTo: try bench.context(identity, version: 0).peer).map(\.partition.topic)
        }
        #expect(try await topics(Bench.school) == ["health.open"])
        #expect(try await topics(Bench.auditor) == ["health.open", "health.secret"])
        #expect(try await topics(Bench.stranger) == [])
    }
}

extension GroupShard {
    fileprivate func rebalanceTimeout(ofGroup id: String) -> Int64? { groups[id]?.group.rebalanceTimeout }
}
