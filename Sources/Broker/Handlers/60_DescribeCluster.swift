import AccessPolicy
import KafkaWire

// The cluster's id and its one broker (KIP-700). Versions 0-1. Every admitted node may ask.

enum DescribeCluster: ControlHandler {
    static func handle(_ request: DescribeClusterRequest, in context: RequestContext) async -> DescribeClusterResponse {
        var response = DescribeClusterResponse()
        response.endpointType = request.endpointType
        // KIP-919: 1 is brokers, 2 controllers, which have no listener of their own here.
        guard request.endpointType == 1 else {
            response.errorCode = request.endpointType == 2 ? .mismatchedEndpointType : .unsupportedEndpointType
            response.errorMessage = "this is a broker; ask it for endpoint type 1"
            return response
        }
        guard context.allows(.describeCluster) else {
            response.errorCode = .clusterAuthorizationFailed
            return response
        }
        let services = context.services
        let address = services.advertised.value
        var broker = DescribeClusterResponse.DescribeClusterBroker()
        broker.brokerID = services.settings.node
        broker.host = address.host
        broker.port = address.port
        response.clusterID = services.clusterID.kafkaText
        response.controllerID = services.settings.node
        response.brokers = [broker]
        if request.includeClusterAuthorizedOperations {
            response.clusterAuthorizedOperations = AuthorizedOperations.cluster(in: context)
        }
        return response
    }
}
