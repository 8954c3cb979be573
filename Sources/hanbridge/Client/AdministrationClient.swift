import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import Sentences

/// Asks the broker's HTTPS interface with the profile's certificate.
struct AdministrationClient: Sendable {
    struct Answer: Sendable {
        let text: String

        /// The answer as a JSON object, where it is one.
        var object: [String: Any]? { (try? JSONSerialization.jsonObject(with: Data(text.utf8))) as? [String: Any] }
    }

    enum Method: String { case get = "GET", post = "POST", put = "PUT" }

    static let answerBytesMax = 16 << 20

    private let http: HTTPClient
    private let base: String
    let language: Language

    static func run<Result>(_ options: CommonOptions, _ body: (AdministrationClient) async throws -> Result) async throws -> Result {
        let profile = try options.loadProfile()
        var configuration = HTTPClient.Configuration(timeout: .init(connect: .seconds(5)))
        configuration.tlsConfiguration = try profile.clientTLS()
        configuration.redirectConfiguration = .disallow
        // A broker that refuses the connection is not there: who waits for one asks again.
        configuration.connectionPool.retryConnectionEstablishment = false
        let http = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        let client = AdministrationClient(http: http, base: profile.https, language: options.language)
        do {
            let answer = try await body(client)
            try await http.shutdown()
            return answer
        } catch {
            try? await http.shutdown()
            throw error
        }
    }

    /// A document of the API.
    func ask<Document: Decodable>(_ path: String, as _: Document.Type) async throws -> Document {
        let answer = try await send(.get, path, body: nil)
        do {
            return try JSONDecoder().decode(Document.self, from: Data(answer.text.utf8))
        } catch {
            throw CommandFailure.refused(.answerMalformed("\(path): \(error)"))
        }
    }

    /// - Throws: status 1 with the problem's words for an answer that refuses, status 3 when there is none.
    func send(_ method: Method, _ path: String, body: JSONText?, timeout: TimeAmount = .seconds(300)) async throws -> Answer {
        var request = HTTPClientRequest(url: base + path)
        request.method = .init(rawValue: method.rawValue)
        request.headers.add(name: "Accept", value: "application/json")
        request.headers.add(name: "Accept-Language", value: language.rawValue)
        if let body {
            request.headers.add(name: "Content-Type", value: "application/json")
            request.body = .bytes(ByteBuffer(string: body.description))
        }
        let (status, body) = try await execute(request, timeout)
        let answer = Answer(text: String(buffer: body))
        guard (200..<300).contains(status.code) else { throw Self.refusal(answer, status) }
        return answer
    }

    /// The bytes under a path and the answer's status, whatever it is.
    func bytes(_ path: String, purpose: String? = nil) async throws -> (status: Int, bytes: [UInt8]) {
        var request = HTTPClientRequest(url: base + path)
        request.headers.add(name: "Accept-Language", value: language.rawValue)
        if let purpose { request.headers.add(name: "Hanbridge-Purpose", value: purpose) }
        let (status, body) = try await execute(request, .seconds(60))
        // What is refused says why; what is not there, or not yet, the caller knows what to make of.
        if status.code == 401 || status.code == 403 { throw Self.refusal(Answer(text: String(buffer: body)), status) }
        return (Int(status.code), Array(body.readableBytesView))
    }

    private func execute(_ request: HTTPClientRequest, _ timeout: TimeAmount) async throws -> (HTTPResponseStatus, ByteBuffer) {
        do {
            let response = try await http.execute(request, timeout: timeout)
            return (response.status, try await response.body.collect(upTo: Self.answerBytesMax))
        } catch {
            if (error as? HTTPClientError) == .remoteConnectionClosed {
                // TLS 1.3 lets the client finish its handshake before the server has judged the certificate, and this client of HTTP
                // keeps the alert to itself: a certificate that is not accepted looks like this, and so does a broker that stops.
                throw CommandFailure.unreachable(.brokerClosed(base))
            }
            let address = URL(string: base).flatMap { url in url.host.map { HostAndPort(host: $0, port: url.port ?? 443) } }
            guard let address else { throw CommandFailure.wrongUsage(.notAnAddress(base)) }
            throw ClientError.connection(to: address, ended: error).failure(.verbatim(base))
        }
    }

    private static func refusal(_ answer: Answer, _ status: HTTPResponseStatus) -> CommandFailure {
        let problem = answer.object
        // A problem document, or an error of the schema registry.
        let detail = [problem?["title"], problem?["detail"], problem?["message"]].compactMap { $0 as? String }.joined(separator: ": ")
        let faults = (problem?["errors"] as? [[String: Any]] ?? []).compactMap { fault -> String? in
            guard let message = fault["message"] as? String else { return nil }
            return (fault["file"] as? String).map { "\($0): \(message)" } ?? message
        }
        for fault in faults { StandardStream.error.writeLine(fault) }
        return .refused(.verbatim(detail.isEmpty ? "\(status)" : detail))
    }
}
