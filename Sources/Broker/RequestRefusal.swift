import KafkaWire

/// A request, or a part of one, that is answered with an error code and nothing else.
struct RequestRefusal: Error, Hashable {
    let errorCode: ErrorCode
    init(_ errorCode: ErrorCode) { self.errorCode = errorCode }
}
