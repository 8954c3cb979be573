import AccessPolicy
import KafkaWire
import Logging

// Gives an idempotent producer its id and epoch (KIP-98). Versions 0-4.
//
// Right: any right to publish. Each call gives a new id with epoch 0, also where the client names the id it had (version 3,
// KIP-360): so Kafka's brokers do without a transactional id, and a node cannot take over the id of another. Transactions
// are not here: a transactional id is refused as one that this node may not use.

enum InitProducerId: ControlHandler {
    static func handle(_ request: InitProducerIdRequest, in context: RequestContext) async -> InitProducerIdResponse {
        var response = InitProducerIdResponse()
        guard request.transactionalID == nil else {
            response.errorCode = .transactionalIDAuthorizationFailed
            return response
        }
        guard context.allows(.produceIdempotently) else {
            response.errorCode = .clusterAuthorizationFailed
            return response
        }
        do {
            response.producerID = try await context.services.producerIDs.next()
        } catch {
            context.services.log.error("no producer id can be given: \(error)")
            // Retriable: the client asks again, and finds an id once the disk has room.
            response.errorCode = .coordinatorNotAvailable
        }
        return response
    }
}
