public import KafkaWire

/// One API of the control plane. A connection runs one at a time, in the order of its requests.
///
/// A handler answers in the protocol's terms: it throws nothing, and an error of the environment becomes an error code in
/// the response.
public protocol ControlHandler: SendableMetatype {
    associatedtype Request: KafkaRequest
    static func handle(_ request: Request, in context: RequestContext) async -> Request.Response
}
