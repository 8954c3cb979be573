import Broker
import Hummingbird
import NIOCore
import Sentences

/// An error as clients of Confluent's Schema Registry API read it: `{"error_code": 42201, "message": "…"}`.
struct RegistryError: Error {
    let status: Int
    private let code: Int
    private let message: Sentence
    private let retryAfterSeconds: Int?

    /// - Returns: nil for what is no answer of a route: the connection's own errors, and bugs.
    init?(_ error: any Error) {
        switch error {
        case let refusal as RegistryRefusal:
            (status, code, message, retryAfterSeconds) = (refusal.status, refusal.code, .told(refusal.sentence), nil)
        case let problem as Problem:
            (status, code, message, retryAfterSeconds) = (problem.status, problem.status, problem.detail, problem.retryAfterSeconds)
        default: return nil
        }
    }

    func response(in language: Language) -> RenderedAnswer {
        var response = RenderedAnswer(
            status: .init(code: status),
            headers: [.contentType: Route.Form.registry.answerType, .contentLanguage: language.rawValue, .cacheControl: "no-store"],
            body: jsonBytes(RegistryErrorDocument(error_code: code, message: message.text(in: language))))
        if let seconds = retryAfterSeconds { response.headers[.retryAfter] = "\(seconds)" }
        return response
    }
}
