import KafkaWire

extension KafkaSession {
    func produce(_ request: ProduceRequest, _ header: RequestHeader, answer: @escaping (SessionReply) -> Void) {
        answer(.close(reason: "not yet"))
    }
    func fetch(_ request: FetchRequest, _ header: RequestHeader, answer: @escaping (SessionReply) -> Void) {
        answer(.close(reason: "not yet"))
    }
}
final class FetchInFlight { func connectionEnded() {} }
