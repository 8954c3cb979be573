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
    let answerBytes: ByteBudget
    let quotas: Quotas

    func respond(to request: Request, context: HTTPSRequestContext) async throws -> Response {
        let language = Language(acceptLanguage: request.headers[.acceptLanguage] ?? "", otherwise: .english)
        let node = peers.peer(of: context.channel)
        var answer = await answer(request, from: node, in: language, context)
        // RFC 9110, 9.3.2: bytes after the head of this answer would be taken for the next one.
        if request.method == .head { answer.body.clear() }
        return response(answer, to: node, context)
    }

    private func answer(
        _ request: Request, from node: HTTPSPeer?, in language: Language, _ context: HTTPSRequestContext
    ) async -> RenderedAnswer {
        do {
            // First, for every path: what exists here is no business of somebody we do not know.
            guard let node else { throw Problem.certificateMissing }
            guard AnswerLease.mayBegin(node: node.account.answerBytes, all: answerBytes) else { throw Problem.overloaded() }
            let (answer, form) = try await self.answer(request, from: node, in: language)
            var rendered = RenderedAnswer(
                status: answer.status, headers: [.contentType: answer.mediaType ?? form.answerType, .cacheControl: answer.cacheControl],
                body: answer.body)
            if let seconds = answer.retryAfterSeconds { rendered.headers[.retryAfter] = "\(seconds)" }
            return rendered
        } catch let error as RegistryError {
            if error.status == 413 { closeSoon(context.channel) }
            return error.response(in: language)
        } catch {
            let problem = problemDocument(for: error, context)
            // Only where the body was not read: a record that is too large has come whole.
            if problem.problem == .requestTimedOut || problem.problem == .tooLarge(bytesMax: limits.httpBodyBytesMax)
                || problem.problem == .tooLarge(bytesMax: WitnessRoutes.requestBytesMax)
            {
                closeSoon(context.channel)
            }
            return problem.response(in: language)
        }
    }

    /// Hands an answer on piece by piece, as the client takes it, and holds its memory in the budgets until it has taken the last one. The
    /// next request of an HTTP/1.1 connection waits so long.
    private func response(_ answer: RenderedAnswer, to node: HTTPSPeer?, _ context: HTTPSRequestContext) -> Response {
        let lease = AnswerLease(answer.body.storageCapacity, node: node?.account.answerBytes, all: answerBytes)
        let body = ResponseBody(contentLength: answer.body.readableBytes) { [channel = context.channel, body = answer.body] writer in
            defer { lease.end() }
            var rest = body
            while let piece = rest.readSlice(length: min(Self.pieceBytesMax, rest.readableBytes)), piece.readableBytes > 0 {
                try await writer.write(piece)
            }
            try await writer.finish(nil)
            try await channel.answersTaken()
        }
        return Response(status: answer.status, headers: answer.headers, body: body)
    }

    /// What a slow client has to take within `writeStallTimeout` to be one that reads.
    private static let pieceBytesMax = 16 << 10

    private func answer(_ request: Request, from node: HTTPSPeer, in language: Language) async throws -> (Route.Answer, Route.Form) {
        guard request.uri.string.utf8.count <= Self.addressBytesMax else { throw Problem.uriTooLong }
        switch routes.match(request.method == .head ? .get : request.method, path: request.uri.path) {
        case .none: throw Problem.notFound
        case .methods(let methods): throw MethodNotAllowed(methods: methods)
        case .route(let route, let parameters):
            do {
                return (try await self.answer(request, route, parameters, from: node, in: language), route.form)
            } catch {
                switch route.form {
                case .administration, .evidence: throw error
                case .registry: throw RegistryError(error) ?? error
                }
            }
        }
    }

    private func answer(
        _ request: Request, _ route: Route, _ parameters: [String: String], from node: HTTPSPeer, in language: Language
    ) async throws -> Route.Answer {
        if let seconds = quotas.begin(route.use, by: node.peer.identity) { throw Problem.quotaPassed(retryAfterSeconds: seconds) }
        let bodyBytesMax = min(limits.httpBodyBytesMax, route.bodyBytesMax ?? .max)
        let room = route.bodyExample == nil ? 0 : try bodyBytes(of: request, route, bytesMax: bodyBytesMax) * route.bodyCopies
        // One connection may carry a hundred requests at once (HTTP/2), so their bodies count as Kafka's requests do.
        guard let lease = RequestLease(room, node: node.account.requestBytes, all: requestBytes) else { throw Problem.overloaded() }
        defer { withExtendedLifetime(lease) {} }
        let body = route.bodyExample == nil ? ByteBuffer() : try await withinTime { try await self.body(of: request, bytesMax: bodyBytesMax) }
        if route.use == .publishing { quotas.done(body.readableBytes, of: .publishing, by: node.peer.identity) }
        let query = Dictionary(
            request.uri.queryParameters.map { (String($0.key), String($0.value)) }, uniquingKeysWith: { first, _ in first })
        let headers = route.headers.map { name, _ in
            (name, request.headers.filter { $0.name.canonicalName == name.lowercased() }.map(\.value))
        }
        let call = Route.Call(
            peer: node.peer, parameters: parameters, query: query, contentType: Self.mediaType(request),
            headers: Dictionary(uniqueKeysWithValues: headers), body: body, language: language, requestRoom: lease,
            answerRoom: { [account = node.account, answerBytes] in
                AnswerShare(node: account.answerBytes, all: answerBytes, freed: {}, wanted: {})
            })
        let answerBytes = route.takesRoomItself ? 0 : route.answers.bytesExpected
        guard let answerLease = AnswerLease(taking: answerBytes, node: node.account.answerBytes, all: self.answerBytes) else {
            throw Problem.overloaded()
        }
        defer { answerLease.end() }
        // What has begun by now may be done although nobody is told of it, so it has a time of its own.
        let answer = try await withinTime { try await route.handle(call) }
        route.answers.note(answer.body.storageCapacity)
        if route.use == .reading { quotas.done(answer.body.readableBytes, of: .reading, by: node.peer.identity) }
        return answer
    }

    private static func mediaType(_ request: Request) -> String {
        (request.headers[.contentType] ?? "").prefix { $0 != ";" }.lowercased().trimmingCharacters(in: .whitespaces)
    }

    /// What the body may have: as it announces, or the limit.
    private func bodyBytes(of request: Request, _ route: Route, bytesMax: Int) throws -> Int {
        guard route.takesAnyMediaType || route.mediaTypes.contains(Self.mediaType(request)) else {
            throw Problem.unsupportedMediaType(accepted: route.mediaTypes)
        }
        guard let length = request.headers[.contentLength].flatMap({ Int($0) }), length >= 0 else { return bytesMax }
        guard length <= bytesMax else { throw Problem.tooLarge(bytesMax: bytesMax) }
        return length
    }

    private func body(of request: Request, bytesMax: Int) async throws -> ByteBuffer {
        do {
            return try await request.body.collect(upTo: bytesMax)
        } catch is NIOTooManyBytesError {
            throw Problem.tooLarge(bytesMax: bytesMax)
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

/// An answer as it goes out, but for the client's pace.
struct RenderedAnswer {
    var status: HTTPResponse.Status
    var headers: HTTPFields
    var body: ByteBuffer
}

private struct MethodNotAllowed: Error {
    let methods: [String]
}
