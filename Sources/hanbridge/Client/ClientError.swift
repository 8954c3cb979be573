import KafkaWire
import Sentences

/// Why a request of ours has no answer, or not the one hoped for.
enum ClientError: Error, Sendable {
    /// No connection: the address does not answer, TLS failed, or the peer ended it.
    case unreachable(HostAndPort, why: String)
    /// No answer within the time allowed.
    case timedOut(HostAndPort)
    /// The broker answered with an error.
    case refused(ErrorCode, message: String?)
    /// Bytes that are no answer to what was asked.
    case malformed(String)
    /// The broker does not speak this API.
    case unsupported(ApiKey)
    /// A bounded queue of ours is full.
    case overloaded

    /// The same request may succeed a moment later, over the same or a new connection.
    var isRetriable: Bool {
        switch self {
        case .unreachable, .timedOut, .overloaded: true
        case .refused(let code, _): code.isRetriable
        case .malformed, .unsupported: false
        }
    }

    /// In words, for the end of a command.
    func failure(_ action: Sentence) -> CommandFailure {
        switch self {
        case .unreachable(let address, let why): .unreachable(.brokerUnreachable(address.description, why: why))
        case .timedOut(let address): .unreachable(.noAnswer(address.description))
        case .refused(let code, let message): .refused(.requestRefused(action, code: code.description, message: message))
        case .malformed(let why): .refused(.answerMalformed(why))
        case .unsupported(let api): .refused(.apiUnsupported("\(api)"))
        case .overloaded: .refused(.clientOverloaded)
        }
    }
}

extension ErrorCode {
    /// The errors that Kafka's own clients try again after (org.apache.kafka.common.errors, RetriableException).
    var isRetriable: Bool {
        switch self {
        case .corruptMessage, .leaderNotAvailable, .notLeaderOrFollower, .requestTimedOut, .networkException,
            .coordinatorLoadInProgress, .coordinatorNotAvailable, .notCoordinator, .notEnoughReplicas,
            .notEnoughReplicasAfterAppend, .kafkaStorageError, .fetchSessionIDNotFound, .invalidFetchSessionEpoch,
            .fencedLeaderEpoch, .unknownLeaderEpoch, .offsetNotAvailable, .throttlingQuotaExceeded:
            true
        default: false
        }
    }
}
