import Foundation
import KafkaWire
import NIOCore
import NIOPosix
import NIOSSL
import Sentences

/// Why a request of ours has no answer, or not the one hoped for.
enum ClientError: Error, Sendable {
    /// No connection: the address does not answer, TLS failed, or the peer ended it.
    case unreachable(HostAndPort, why: String)
    /// The broker ended the TLS handshake because of our certificate.
    case certificateRefused(HostAndPort)
    /// The broker's certificate is not one that the profile trusts.
    case brokerNotTrusted(HostAndPort)
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
        case .malformed, .unsupported, .certificateRefused, .brokerNotTrusted: false
        }
    }

    /// In words, for the end of a command.
    func failure(_ action: Sentence) -> CommandFailure {
        switch self {
        case .unreachable(let address, let why): .unreachable(.brokerUnreachable(address.description, why: why))
        case .timedOut(let address): .unreachable(.noAnswer(address.description))
        case .refused(let code, let message): .refused(.requestRefused(action, code: code.description, why: code.why(message)))
        case .certificateRefused(let address): .refused(.certificateRefused(address.description))
        case .brokerNotTrusted(let address): .refused(.brokerNotTrusted(address.description))
        case .malformed(let why): .refused(.answerMalformed(why))
        case .unsupported(let api): .refused(.apiUnsupported("\(api)"))
        case .overloaded: .refused(.clientOverloaded)
        }
    }
}

extension ClientError {
    /// What ended a connection, or kept it from being made.
    static func connection(to address: HostAndPort, ended error: any Error) -> ClientError {
        let words = String(describing: error)
        // BoringSSL's errors are opaque but for their text, in which its own constants stand (ssl.h, SSL_R_…).
        if words.contains("CERTIFICATE_VERIFY_FAILED") || error as? NIOSSLExtraError == .failedToValidateHostname {
            return .brokerNotTrusted(address)
        }
        if words.contains("ALERT_"), words.contains("CERTIFICATE") || words.contains("UNKNOWN_CA") || words.contains("ACCESS_DENIED") {
            return .certificateRefused(address)
        }
        if let failed = error as? NIOConnectionError {
            guard let first = failed.connectionErrors.first?.error else { return .unreachable(address, why: "no address of that name") }
            return .connection(to: address, ended: first)
        }
        // The errno alone: what NIO was doing at the time helps nobody at a command line.
        if let failed = error as? IOError { return .unreachable(address, why: String(cString: strerror(failed.errnoCode))) }
        return .unreachable(address, why: words)
    }
}

extension ErrorCode {
    /// Why, in words: ours, in both languages, for what the code says by itself, else the broker's.
    fileprivate func why(_ message: String?) -> Sentence? {
        switch self {
        case .topicAuthorizationFailed: return .noAgreementOrTopic
        case .groupAuthorizationFailed: return .groupOfOthers
        case .clusterAuthorizationFailed: return .mayPublishNothing
        default: break
        }
        if let message { return .told(message) }
        switch self {
        case .unknownTopicOrPartition: return .noSuchTopic
        case .unknownMemberID, .nonEmptyGroup: return .groupHasMembers
        case .kafkaStorageError: return .storageRefuses
        default: return nil
        }
    }

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
