import KafkaWire

/// A member's side of the classic group protocol, eager and cooperative (KIP-62, KIP-394, KIP-429). Pure: told what was answered,
/// it says what to do next, and knows which partitions are held.
///
/// A member that keeps a partition through a rebalance goes on where it was under either protocol. They differ in when others get what
/// it loses: at once, or (cooperative) after it has joined again without it; hence in a cooperative group it may read on while joining.
struct GroupMembership: Equatable {
    enum Action: Equatable {
        case join(memberID: String)
        /// As the group's leader: share out, then sync. Members are given with their raw subscriptions.
        case assignAndSync(generation: Int32, members: [JoinGroupResponse.JoinGroupResponseMember], assignor: Assignor)
        case sync(generation: Int32)
        /// Member of this generation: read what is `owned`, and heartbeat.
        case consume
        /// As `consume`, but join again at once: others wait for what is no longer owned.
        case yield
        /// All is well.
        case carryOn
        /// Look for the coordinator again, a little later.
        case wait
        case fail(ErrorCode)
    }

    private enum State: Equatable {
        case joining
        case syncing(Assignor)
        case member
        case failed
    }

    private var state = State.joining
    private(set) var memberID = ""
    private(set) var generation: Int32 = -1
    /// What this member holds, of the generation in which it was last assigned.
    private(set) var owned: Set<TopicPartition> = []
    private var ownedGeneration: Int32 = -1
    /// The assignor by which it was.
    private var ownedBy: Assignor?

    init() {}

    /// Whether nobody else can get what is held before this member has seen the next assignment.
    var readsOnWhileJoining: Bool { ownedBy?.isCooperative == true && !owned.isEmpty }

    var joinAction: Action { .join(memberID: memberID) }

    /// What to tell the group's leader, for one assignor: `owned` and the generation are asked by the cooperative one only, for under
    /// an eager protocol whoever joins has given everything back.
    func subscription(to topics: [String], for assignor: Assignor) -> ConsumerProtocolSubscription {
        ConsumerProtocolSubscription {
            $0.topics = topics
            $0.userData = assignor.userData(generation: ownedGeneration)
            guard assignor.isCooperative else { return }
            $0.generationID = ownedGeneration
            $0.ownedPartitions = Dictionary(grouping: owned, by: \.topic).sorted { $0.key < $1.key }.map { topic, partitions in
                .init {
                    $0.topic = topic
                    $0.partitions = partitions.map(\.partition).sorted()
                }
            }
        }
    }

    mutating func joinAnswered(_ response: JoinGroupResponse) -> Action {
        switch response.errorCode {
        case .none:
            guard let assignor = Assignor(rawValue: response.protocolName ?? "") else { return fail(.inconsistentGroupProtocol) }
            memberID = response.memberID
            generation = response.generationID
            state = .syncing(assignor)
            guard response.leader == response.memberID else { return .sync(generation: generation) }
            return .assignAndSync(generation: generation, members: response.members, assignor: assignor)
        case .memberIDRequired:
            // KIP-394: the first answer only gives the id to come back with.
            memberID = response.memberID
            return joinAction
        default: return troubled(response.errorCode)
        }
    }

    mutating func syncAnswered(_ error: ErrorCode, assignment: [TopicPartition]) -> Action {
        guard error == .none else { return troubled(error) }
        guard case .syncing(let assignor) = state else { return fail(.unknownServerError) }
        let isGivingUp = !owned.isSubset(of: assignment)
        owned = Set(assignment)
        ownedGeneration = generation
        ownedBy = assignor
        guard assignor.isCooperative, isGivingUp else {
            state = .member
            return .consume
        }
        state = .joining
        return .yield
    }

    /// A heartbeat or a commit was answered.
    mutating func heartbeatAnswered(_ error: ErrorCode) -> Action {
        guard error != .none else { return .carryOn }
        return troubled(error)
    }

    private mutating func troubled(_ error: ErrorCode) -> Action {
        switch error {
        case .rebalanceInProgress:
            state = .joining
            return joinAction
        case .unknownMemberID, .illegalGeneration:
            // Forgotten by the coordinator: begin as a stranger. What was held may be somebody else's by now.
            if error == .unknownMemberID { memberID = "" }
            generation = -1
            owned = []
            ownedGeneration = -1
            ownedBy = nil
            state = .joining
            return joinAction
        case .coordinatorNotAvailable, .coordinatorLoadInProgress, .notCoordinator, .networkException: return .wait
        default: return fail(error)
        }
    }

    private mutating func fail(_ error: ErrorCode) -> Action {
        state = .failed
        return .fail(error)
    }
}
