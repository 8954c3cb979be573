import KafkaWire
import NIOConcurrencyHelpers
import NIOCore

/// Reads topics as a member of a consumer group: joins, shares the partitions with the other members, commits what was
/// delivered, and joins again when the group changes. Records are delivered at least once. In a cooperative group
/// what is held is read on while the group rebalances, however long that takes (KIP-429).
///
/// Used from one task: heartbeats go out between fetches, so whoever takes the records must not keep them for longer than the
/// session time-out.
struct GroupConsumer: ~Copyable {
    struct Settings: Sendable {
        var sessionTimeoutMilliseconds: Int32 = 30_000
        var rebalanceTimeoutMilliseconds: Int32 = 60_000
        var heartbeatInterval: Duration = .seconds(3)
        var commitInterval: Duration = .seconds(1)
        /// Where the group begins in a partition for which it has no offset.
        var start = StartPosition.position(.latest)
    }

    private let client: KafkaClient
    private let group: String
    private let topics: [String]
    private let settings: Settings
    private let clock: any Clock<Duration>
    private let reader: TopicReader
    private var membership = GroupMembership()
    private var coordinator: HostAndPort?
    private var positions = PartitionPositions([:])
    private var leaders: [TopicPartition: HostAndPort] = [:]
    private var lastHeartbeat: any InstantToken
    private var lastCommit: any InstantToken
    private var isMember = false
    /// Asked and not answered yet, in a cooperative group: read on meanwhile.
    private var joining: JoinUnderWay?
    /// For joins alone: answers come in order, and one that waits for the whole group would hold up all others.
    private var joinConnection: KafkaConnection?
    private var backoff = Backoff()
    private var troubledSince: (any InstantToken)?

    init(
        _ client: KafkaClient, group: String, topics: [String], settings: Settings = Settings(),
        clock: any Clock<Duration> = ContinuousClock()
    ) {
        self.client = client
        self.group = group
        self.topics = topics
        self.settings = settings
        self.clock = clock
        reader = TopicReader(client: client)
        lastHeartbeat = InstantTokenNow.on(clock)
        lastCommit = InstantTokenNow.on(clock)
    }

    /// The next records; empty when none came within a fetch's wait.
    mutating func next() async throws(ClientError) -> [DeliveredRecord] {
        do {
            if !isMember { try await join() }
            try await keepAlive()
            guard isMember || joining != nil else { return [] }
            if positions.partitions.isEmpty {
                // More members than partitions: nothing to read, a heartbeat now and then.
                try? await clock.sleep(for: .milliseconds(200), tolerance: nil)
                return []
            }
            let round = try await reader.fetch(positions, leaders: leaders)
            for (partition, offset) in round.moves { positions.moved(to: offset, of: partition) }
            if !round.troubled.isEmpty { try await learnLeaders() }
            backoff.succeeded()
            troubledSince = nil
            return round.records
        } catch where error.isRetriable {
            try await endured(error)
            return []
        }
    }

    /// The record has been dealt with and may be committed.
    mutating func dealtWith(_ record: DeliveredRecord) {
        positions.delivered(record.record.offset, of: record.partition)
    }

    /// Commits what was dealt with, now.
    mutating func commit() async throws(ClientError) {
        guard isMember || joining != nil else { return }
        try await sendCommit()
    }

    private mutating func sendCommit() async throws(ClientError) {
        let offsets = positions.toCommit
        lastCommit = InstantTokenNow.on(clock)
        guard !offsets.isEmpty else { return }
        let (group, generation, memberID) = (group, membership.generation, membership.memberID)
        let response = try await coordinatorConnection().call(
            OffsetCommitRequest {
                $0.groupID = group
                $0.generationIDOrMemberEpoch = generation
                $0.memberID = memberID
                $0.topics = Dictionary(grouping: offsets, by: \.key.topic).map { topic, entries in
                    .init {
                        $0.name = topic
                        $0.partitions = entries.map { partition, offset in
                            .init {
                                $0.partitionIndex = partition.partition
                                $0.committedOffset = offset
                                $0.committedMetadata = ""
                            }
                        }
                    }
                }
            })
        let error = response.topics.flatMap(\.partitions).map(\.errorCode).first { $0.isError } ?? .none
        if error == .none { positions.committed(offsets) } else { try obey(membership.heartbeatAnswered(error)) }
    }

    /// Commits and leaves, so that the others need not wait for the session to end.
    mutating func leave() async {
        try? await commit()
        guard isMember || joining != nil, let connection = try? await coordinatorConnection() else { return }
        let (group, memberID) = (group, membership.memberID)
        _ = try? await connection.call(
            LeaveGroupRequest {
                $0.groupID = group
                $0.memberID = memberID
                $0.members = [.init { $0.memberID = memberID }]
            })
        isMember = false
        joining = nil
        joinConnection?.close()
    }

    // MARK: Membership

    /// Into the group's next generation; or, where partitions are held that can be read meanwhile, on the way there: `joining`.
    private mutating func join() async throws(ClientError) {
        var action = membership.joinAction
        if let joining {
            guard let answer = joining.answer else { return positions.keep(only: membership.owned) }
            self.joining = nil
            action = membership.joinAnswered(try answer.get())
        }
        // Each turn is one answer of the coordinator; a group that never settles is given up after so many.
        for _ in 0..<100 {
            switch action {
            case .join(let memberID):
                // Of what was lost, others may have read on.
                positions.keep(only: membership.owned)
                let (request, patience) = joinRequest(memberID)
                let connection = try await connectionForJoining()
                if membership.readsOnWhileJoining {
                    joining = JoinUnderWay { () async throws(ClientError) in try await connection.call(request, within: patience) }
                    return
                }
                action = membership.joinAnswered(try await connection.call(request, within: patience))
            case .assignAndSync(let generation, let members, let assignor):
                let shares = try await share(members, assignor)
                action = try await sync(generation, shares)
            case .sync(let generation): action = try await sync(generation, [:])
            case .consume:
                try await takeUpWhatIsOwned()
                isMember = true
                lastHeartbeat = InstantTokenNow.on(clock)
                return
            case .yield:
                // Nobody else has yet what is given up here: this is the moment to say how far it was read.
                try await sendCommit()
                positions.keep(only: membership.owned)
                action = membership.joinAction
            case .wait, .carryOn:
                coordinator = nil
                try? await clock.sleep(for: backoff.failed(), tolerance: nil)
                action = membership.joinAction
            case .fail(let code): throw .refused(code, message: nil)
            }
        }
        throw .refused(.rebalanceInProgress, message: nil)
    }

    private func joinRequest(_ memberID: String) -> (JoinGroupRequest, within: TimeAmount) {
        let (group, topics, settings, membership) = (group, topics, settings, membership)
        return (
            JoinGroupRequest {
                $0.groupID = group
                $0.sessionTimeoutMilliseconds = settings.sessionTimeoutMilliseconds
                $0.rebalanceTimeoutMilliseconds = settings.rebalanceTimeoutMilliseconds
                $0.memberID = memberID
                $0.protocolType = "consumer"
                $0.protocols = Assignor.allCases.map { assignor in
                    .init {
                        $0.name = assignor.rawValue
                        $0.metadata = membership.subscription(to: topics, for: assignor).encodedBlob(version: 3)
                    }
                }
            }, within: .milliseconds(Int64(settings.rebalanceTimeoutMilliseconds) + 10_000)
        )
    }

    private func share(
        _ members: [JoinGroupResponse.JoinGroupResponseMember], _ assignor: Assignor
    ) async throws(ClientError) -> [String: [TopicPartition]] {
        let subscribers = members.map(Assignor.Member.init)
        let metadata = try await client.metadata(of: Set(subscribers.flatMap(\.topics)).sorted())
        let counts = Dictionary(
            metadata.topics.compactMap { topic in topic.name.map { ($0, Int32(topic.partitions.count)) } }, uniquingKeysWith: { $1 })
        return assignor.assign(subscribers, partitionCounts: counts)
    }

    private mutating func sync(_ generation: Int32, _ shares: [String: [TopicPartition]]) async throws(ClientError) -> GroupMembership.Action {
        let (group, memberID) = (group, membership.memberID)
        let response = try await coordinatorConnection().call(
            SyncGroupRequest {
                $0.groupID = group
                $0.generationID = generation
                $0.memberID = memberID
                $0.assignments = shares.map { member, partitions in
                    .init {
                        $0.memberID = member
                        $0.assignment = Self.encode(partitions)
                    }
                }
            }, within: .milliseconds(Int64(settings.rebalanceTimeoutMilliseconds) + 10_000))
        let assignment = (try? ConsumerProtocolAssignment.decode(blob: response.assignment))?.assignedPartitions ?? []
        return membership.syncAnswered(
            response.errorCode,
            assignment: assignment.flatMap { topic in topic.partitions.map { TopicPartition(topic: topic.topic, partition: $0) } })
    }

    private static func encode(_ partitions: [TopicPartition]) -> [UInt8] {
        ConsumerProtocolAssignment {
            $0.assignedPartitions = Dictionary(grouping: partitions, by: \.topic).sorted { $0.key < $1.key }.map { topic, partitions in
                .init {
                    $0.topic = topic
                    $0.partitions = partitions.map(\.partition).sorted()
                }
            }
        }.encodedBlob(version: 1)
    }

    /// Finds the offsets to begin with, of those partitions that are new here, and the leaders to ask.
    private mutating func takeUpWhatIsOwned() async throws(ClientError) {
        positions.keep(only: membership.owned)
        let added = membership.owned.subtracting(positions.partitions).sorted()
        let byTopic = Dictionary(grouping: added, by: \.topic).mapValues { $0.map(\.partition) }
        var next = added.isEmpty ? [:] : try await client.committedOffsets(of: group, topics: byTopic)
        for (topic, partitions) in byTopic {
            let fresh = partitions.filter { next[TopicPartition(topic: topic, partition: $0)] == nil }
            guard !fresh.isEmpty else { continue }
            for (partition, offset) in try await client.offsets(of: topic, partitions: fresh, at: settings.start) {
                next[TopicPartition(topic: topic, partition: partition)] = offset
            }
        }
        positions.begin(at: next)
        try await learnLeaders()
    }

    private mutating func learnLeaders() async throws(ClientError) {
        var found: [TopicPartition: HostAndPort] = [:]
        for topic in topics {
            for (partition, leader) in try await client.leaders(of: topic) {
                found[TopicPartition(topic: topic, partition: partition)] = leader
            }
        }
        leaders = found
    }

    private mutating func keepAlive() async throws(ClientError) {
        if lastCommit.elapsed >= settings.commitInterval { try await commit() }
        guard isMember, lastHeartbeat.elapsed >= settings.heartbeatInterval else { return }
        lastHeartbeat = InstantTokenNow.on(clock)
        let (group, generation, memberID) = (group, membership.generation, membership.memberID)
        let response = try await coordinatorConnection().call(
            HeartbeatRequest {
                $0.groupID = group
                $0.generationID = generation
                $0.memberID = memberID
            })
        // Before the partitions go to others, say how far they were read.
        if response.errorCode == .rebalanceInProgress { try await commit() }
        try obey(membership.heartbeatAnswered(response.errorCode))
    }

    private mutating func obey(_ action: GroupMembership.Action) throws(ClientError) {
        switch action {
        case .wait: coordinator = nil
        case .join: isMember = false
        case .fail(let code): throw .refused(code, message: nil)
        case .assignAndSync, .sync, .consume, .yield, .carryOn: return
        }
    }

    private mutating func connectionForJoining() async throws(ClientError) -> KafkaConnection {
        let address = try await coordinatorConnection().address
        if let open = joinConnection, open.isActive, open.address == address { return open }
        joinConnection?.close()
        let fresh = try await client.separateConnection(to: address)
        joinConnection = fresh
        return fresh
    }

    private mutating func coordinatorConnection() async throws(ClientError) -> KafkaConnection {
        let address: HostAndPort
        if let known = coordinator { address = known } else { address = try await client.coordinator(of: group) }
        coordinator = address
        return try await client.connection(to: address)
    }

    /// A broken connection or a broker that restarts is waited out, for as long as the group would wait for us.
    private mutating func endured(_ error: ClientError) async throws(ClientError) {
        let since = troubledSince ?? InstantTokenNow.on(clock)
        troubledSince = since
        guard since.elapsed < .milliseconds(settings.rebalanceTimeoutMilliseconds) else { throw error }
        coordinator = nil
        try? await clock.sleep(for: backoff.failed(), tolerance: nil)
    }
}

/// A request to join, which is answered when the whole group has joined.
private final class JoinUnderWay: Sendable {
    private let box = NIOLockedValueBox<Result<JoinGroupResponse, ClientError>?>(nil)

    init(_ ask: @escaping @Sendable () async throws(ClientError) -> JoinGroupResponse) {
        Task { [box] in
            let answer: Result<JoinGroupResponse, ClientError>
            do throws(ClientError) { answer = .success(try await ask()) } catch { answer = .failure(error) }
            box.withLockedValue { $0 = answer }
        }
    }

    /// nil while the group is waited for.
    var answer: Result<JoinGroupResponse, ClientError>? { box.withLockedValue { $0 } }
}
