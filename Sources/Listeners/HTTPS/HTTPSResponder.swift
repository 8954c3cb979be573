import Broker
import Foundation
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import Sentences

/// Answers a request of the HTTPS listener: who asks, which route, its body within limits, and every error as a problem document.
struct HTTPSResponder: HTTPResponder {
    typealias Context = HTTPSRequestContext

    let routes: RouteTable
    let peers: HTTPSPeers
    let limits: ListenerLimits
    /// Shared with the Kafka listener.
    let requestBytes: ByteBudget

    func respond(to request: Request, context: HTTPSRequestContext) async throws -> Response {
        let language = Language(acceptLanguage: request.headers[.acceptLanguage] ?? "", otherwise: .english)
        do {
            // First, for every path: what exists here is no business of somebody we do not know.
            guard let node = peers.peer(of: context.channel) else { throw Problem.certificateMissing }
            let (answer, form) = try await withinTime { try await self.answer(request, from: node) }
            return Response(
                status: answer.status, headers: [.contentType: form.answerType, .cacheControl: "no-store"],
                body: ResponseBody(byteBuffer: answer.body))
        } catch let error as RegistryError {
            if error.status == 413 { closeSoon(context.channel) }
            var response = error.response(in: language)
            if request.method == .head { response.body = ResponseBody() }
            return response
        } catch {
            let problem = problemDocument(for: error, context)
            if problem.problem.status == 408 || problem.problem.status == 413 { closeSoon(context.channel) }
            var response = problem.response(in: language)
            // RFC 9110, 9.3.2: bytes after the head of this answer would be taken for the next one.
            if request.method == .head { response.body = ResponseBody() }
            return response
        }
    }

    private func answer(_ request: Request, from node: HTTPSPeer) async throws -> (Route.Answer, Route.Form) {
        guard request.uri.string.utf8.count <= Self.addressBytesMax else { throw Problem.uriTooLong }
        switch routes.match(request.method == .head ? .get : request.method, path: request.uri.path) {
        case .none: throw Problem.notFound
        case .methods(let methods): throw MethodNotAllowed(methods: methods)
        case .route(let route, let parameters):
            do {
                var answer = try await self.answer(request, route, parameters, from: node)
                if request.method == .head { answer.body.clear() }
                return (answer, route.form)
            } catch {
                switch route.form {
                case .administration: throw error
                case .registry: throw RegistryError(error) ?? error
                }
            }
        }
    }

    private func answer(
        _ request: Request, _ route: Route, _ parameters: [String: String], from node: HTTPSPeer
    ) async throws -> Route.Answer {
        let room = route.bodyExample == nil ? 0 : try bodyBytes(of: request, accepted: route.form.mediaTypes)
        guard takeRoom(room, of: node.account) else { throw Problem.overloaded() }
        defer { giveBack(room, of: node.account) }
        let body = route.bodyExample == nil ? ByteBuffer() : try await body(of: request)
        let query = Dictionary(
            request.uri.queryParameters.map { (String($0.key), String($0.value)) }, uniquingKeysWith: { first, _ in first })
        return try await route.handle(Route.Call(peer: node.peer, parameters: parameters, query: query, body: body))
    }

    /// What the body may have: as it announces, or the limit.
    private func bodyBytes(of request: Request, accepted: [String]) throws -> Int {
        let type = request.headers[.contentType]?.lowercased() ?? ""
        guard accepted.contains(where: { type.hasPrefix($0) }) else { throw Problem.unsupportedMediaType(accepted: accepted) }
        guard let length = request.headers[.contentLength].flatMap({ Int($0) }), length >= 0 else { return limits.httpBodyBytesMax }
        guard length <= limits.httpBodyBytesMax else { throw Problem.tooLarge(bytesMax: limits.httpBodyBytesMax) }
        return length
    }

    /// One connection may carry a hundred requests at once (HTTP/2), so their bodies count as Kafka's requests do.
    private func takeRoom(_ bytes: Int, of account: NodeAccount) -> Bool {
        guard account.requestBytes.take(bytes) else { return false }
        guard requestBytes.take(bytes) else {
            account.requestBytes.giveBack(bytes)
            return false
        }
        return true
    }

    private func giveBack(_ bytes: Int, of account: NodeAccount) {
        account.requestBytes.giveBack(bytes)
        requestBytes.giveBack(bytes)
    }

    private func body(of request: Request) async throws -> ByteBuffer {
        do {
            return try await request.body.collect(upTo: limits.httpBodyBytesMax)
        } catch is NIOTooManyBytesError {
            throw Problem.tooLarge(bytesMax: limits.httpBodyBytesMax)
        }
    }

    /// A target of a request longer than this is no address of ours.
    static let addressBytesMax = 8 << 10

    private func withinTime<Value: Sendable>(_ work: @escaping @Sendable () async throws -> Value) async throws -> Value {
        let limit = Duration.nanoseconds(limits.requestTimeout.nanoseconds)
        return try await withThrowingTaskGroup(of: Value.self) { group in
            defer { group.cancelAll() }
            group.addTask { try await work() }
            group.addTask {
                try await Task.sleep(for: limit)
                throw Problem.requestTimedOut
            }
            guard let first = try await group.next() else { preconditionFailure("a group of two tasks has no result") }
            return first
        }
    }

    /// The rest of a body that nobody wants is not read to its end: it could have none.
    private func closeSoon(_ channel: any Channel) {
        channel.eventLoop.scheduleTask(in: limits.closeNotifyTimeout) { channel.close(promise: nil) }
    }

    private func problemDocument(for error: any Error, _ context: HTTPSRequestContext) -> ProblemDocument {
        switch error {
        case let document as ProblemDocument: return document
        case let problem as Problem: return ProblemDocument(problem)
        case let refused as MethodNotAllowed:
            return ProblemDocument(.methodNotAllowed(allowed: refused.methods), allow: refused.methods)
        case is CancellationError: return ProblemDocument(.shuttingDown)
        default:
            let incident = String(UInt64.random(in: .min ... .max), radix: 16)
            context.logger.error("An HTTPS request failed unexpectedly: \(error)", metadata: ["incident": "\(incident)"])
            return ProblemDocument(.unexpected(incident: incident))
        }
    }
}

private struct MethodNotAllowed: Error {
    let methods: [String]
}
