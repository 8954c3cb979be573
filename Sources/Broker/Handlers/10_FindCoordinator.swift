import AccessPolicy
import KafkaWire

// API key 10. Every group is coordinated here: the answer is this broker, at the address that it advertises.
//
// Rights: useGroup or describeGroup. Key type 1, a transactional id, is refused with INVALID_REQUEST and a sentence: a
// retriable code would make a transactional producer knock for ever.
enum FindCoordinator: ControlHandler {
    private enum KeyType {
        static let group: Int8 = 0
        static let transaction: Int8 = 1
    }

    static func handle(_ request: FindCoordinatorRequest, in context: RequestContext) async -> FindCoordinatorResponse {
        var response = FindCoordinatorResponse()
        guard await context.reserveAnswer(request.coordinatorKeys.reduce(256) { $0 + 2 * Limits.sentenceBytesMax + $1.utf8.count }) else { return response }
        if context.apiVersion >= 4 {
            response.coordinators = request.coordinatorKeys.map { coordinator(of: $0, keyType: request.keyType, in: context) }
            return response
        }
        let only = coordinator(of: request.key, keyType: request.keyType, in: context)
        response.errorCode = only.errorCode
        response.errorMessage = only.errorMessage
        response.nodeID = only.nodeID
        response.host = only.host
        response.port = only.port
        return response
    }

    private static func coordinator(
        of key: String, keyType: Int8, in context: RequestContext
    ) -> FindCoordinatorResponse.Coordinator {
        var answer = FindCoordinatorResponse.Coordinator()
        answer.key = key
        answer.nodeID = -1
        answer.port = -1
        switch keyType {
        case KeyType.group where key.isEmpty:
            answer.errorCode = .invalidGroupID
            answer.errorMessage = "a group's id must not be empty"
        case KeyType.group where context.mayUse(group: key, or: .describeGroup(key)):
            let address = context.services.advertised.value
            answer.nodeID = context.services.settings.node
            answer.host = address.host
            answer.port = address.port
        case KeyType.group:
            answer.errorCode = .groupAuthorizationFailed
            answer.errorMessage = "a group's id is the agency's name or begins with it and a dot, unless an agreement's groups name it"
        case KeyType.transaction:
            answer.errorCode = .invalidRequest
            answer.errorMessage = "this broker does not serve transactions; leave transactional.id unset"
        default:
            answer.errorCode = .invalidRequest
            answer.errorMessage = "coordinator key type \(keyType) is not known here; 0 is a group"
        }
        return answer
    }
}
