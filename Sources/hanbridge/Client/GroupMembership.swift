import KafkaWire

/// A member's side of the classic group protocol, eager rebalancing (KIP-62, KIP-394). Pure: told what was answered, it says
/// what to do next.
struct GroupMembership: Equatable {
    enum Action: Equatable {
        case join(memberID: String)
        /// As the group's leader: share out, then sync. Members are given with their raw subscriptions.
        case assignAndSync(generation: Int32, members: [JoinGroupResponse.JoinGroupResponseMember], assignor: Assignor)
        case sync(generation: Int32)
        /// Member of this generation: read these partitions, and heartbeat.
        case consume(generation: Int32, assignment: [TopicPartition])
        /// All is well.
        case carryOn
        /// Look for the coordinator again, a little later.
        case wait
        case fail(ErrorCode)
    }

    private enum State: Equatable { case joining, syncing, member, failed }

    private var state = State.joining
    private(set) var memberID = ""
    private(set) var generation: Int32 = -1

    init() {}

    var joinAction: Action { .join(memberID: memberID) }

    mutating func joinAnswered(_ response: JoinGroupResponse) -> Action {
        switch response.errorCode {
        case .none:
            memberID = response.memberID
            generation = response.generationID
            state = .syncing
            guard response.leader == response.memberID else { return .sync(generation: generation) }
            guard let assignor = Assignor(rawValue: response.protocolName ?? "") else { return fail(.inconsistentGroupProtocol) }
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
        state = .member
        return .consume(generation: generation, assignment: assignment)
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
            // Forgotten by the coordinator: begin as a stranger.
            if error == .unknownMemberID { memberID = "" }
            generation = -1
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
