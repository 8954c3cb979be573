import KafkaWire

extension GroupRefusal {
    /// Kafka's number for it.
    var errorCode: ErrorCode {
        switch self {
        case .unknownMember: .unknownMemberID
        case .illegalGeneration: .illegalGeneration
        case .rebalanceInProgress: .rebalanceInProgress
        case .fencedInstance: .fencedInstanceID
        case .inconsistentProtocol: .inconsistentGroupProtocol
        case .invalidSessionTimeout: .invalidSessionTimeout
        case .memberIDRequired: .memberIDRequired
        case .groupFull: .groupMaxSizeReached
        // Final for every client, as a limit should be: a retriable code would make it knock for ever.
        case .limitReached: .policyViolation
        case .invalidGroupID: .invalidGroupID
        case .invalidRequest: .invalidRequest
        case .groupNotFound: .groupIDNotFound
        case .groupNotEmpty: .nonEmptyGroup
        case .subscribedToTopic: .groupSubscribedToTopic
        case .groupBeingLoaded: .coordinatorLoadInProgress
        // Every client looks for the coordinator again and repeats the request.
        case .notAvailable: .coordinatorNotAvailable
        }
    }
}
