import KafkaWire
import Listeners
import Sentences

extension Subscribe {
    /// Kafka's answer to a reader that is refused has one code and no words. Whether the purpose is what is missing, and which ones
    /// it may declare, the broker says over HTTPS; where that cannot be reached the code has to do.
    func explainingPurpose(_ purpose: String?, asking http: AdministrationClient, _ body: () async throws -> Void) async throws {
        do {
            try await body()
        } catch ClientError.refused(.topicAuthorizationFailed, let message) {
            if let sentence = await refusalOfPurpose(purpose, asking: http) { throw CommandFailure.refused(sentence) }
            throw ClientError.refused(.topicAuthorizationFailed, message: message)
        }
    }

    private func refusalOfPurpose(_ purpose: String?, asking http: AdministrationClient) async -> Sentence? {
        let described = try? await http.ask("/v1/topics/\(topic)", as: TopicDocument.self)
        guard let reading = described?.reading, !reading.purposes.isEmpty, !reading.anyPurpose else { return nil }
        guard let purpose else { return .purposeNeeded(topic, purposes: reading.purposes) }
        return reading.purposes.contains(purpose) ? nil : .purposeNotAgreed(purpose, topic, purposes: reading.purposes)
    }
}
