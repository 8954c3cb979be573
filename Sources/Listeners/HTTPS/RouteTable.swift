import AccessPolicy
import Broker
import Foundation
import Hummingbird
import NIOCore
import Sentences

/// One path and method of the HTTPS listener, with what the OpenAPI document says of it.
struct Route: Sendable {
    /// What a route answers with: a status and a JSON document.
    struct Answer: Sendable {
        var status: HTTPResponse.Status = .ok
        var body: ByteBuffer
        /// Where it is another than the route's form has.
        var mediaType: String?
        var cacheControl = "no-store"
        var retryAfterSeconds: Int?
    }

    /// What a route is given.
    struct Call: Sendable {
        let peer: Peer
        /// By the names in the template, percent-decoded.
        let parameters: [String: String]
        let query: [String: String]
        /// The media type of the body in small letters, without its parameters.
        var contentType = ""
        /// Those header fields that the route names, by these names, each with all its lines.
        var headers: [String: [String]] = [:]
        let body: ByteBuffer
        /// What the answer's sentences are in.
        var language = Language.english
        /// What holds the room of the body, for work that goes on behind the answer.
        var requestRoom: (any AnyObject & Sendable)?
        /// The room of what is read for the answer; made on the event loop that reads.
        var answerRoom: @Sendable () -> any AnswerRoom = { UnlimitedAnswerRoom() }

        /// What the request is for; of a route that names ``Route/purposeHeader``.
        var purpose: PurposeDeclaration { PurposeDeclaration(header: headers[Route.purposeHeader.name] ?? []) }
    }

    static let purposeHeader = (name: "Hanbridge-Purpose", meaning: "What you read for; an agreement may let you read for some purposes only")

    let method: HTTPRequest.Method
    /// `/v1/topics/{topic}`: a part in braces takes one segment, and a last one with `...` all that are left, as they stand.
    let template: String
    let summary: String
    /// The query's names and what they mean.
    var query: [(name: String, meaning: String)] = []
    /// The header fields that mean something here, beside HTTP's own.
    var headers: [(name: String, meaning: String)] = []
    /// An example of the body, where there is one.
    var bodyExample: String?
    /// What a body may be, where it is something else than `form` has.
    var bodyTypes: [String]?
    /// What a body may have at most, where that is less than the listener's own limit.
    var bodyBytesMax: Int?
    /// Whatever the request calls its body: the protocol names no media type.
    var takesAnyMediaType = false
    /// How many times its bytes are in memory while it is worked on.
    var bodyCopies = 1
    /// The statuses it answers with beside 401.
    var statuses: [(status: Int, meaning: String)]
    var form = Form.administration
    /// By ``Call/answerRoom``, and not before it waits.
    var takesRoomItself = false
    /// Whose quota of bytes it uses.
    var use = Quotas.Use.other
    let answers = AnswerSizes()
    let handle: @Sendable (Call) async throws -> Answer

    /// How a route speaks.
    enum Form: Sendable {
        /// JSON, and problem documents (RFC 9457).
        case administration
        /// As clients of Confluent's Schema Registry API expect it.
        case registry
        /// Texts and bytes as C2SP tlog-tiles defines them; refusals are problem documents.
        case evidence

        /// What a body may be; the first is what answers are.
        var mediaTypes: [String] {
            switch self {
            case .administration, .evidence: ["application/json"]
            case .registry:
                [
                    "application/vnd.schemaregistry.v1+json", "application/vnd.schemaregistry+json", "application/json",
                    "application/octet-stream",
                ]
            }
        }

        var answerType: String {
            switch self {
            case .administration: "application/json; charset=utf-8"
            case .evidence: "application/octet-stream"
            case .registry: mediaTypes[0]
            }
        }
    }

    var mediaTypes: [String] { bodyTypes ?? form.mediaTypes }

    /// `GET /v1/topics`
    var name: String { "\(method.rawValue) \(template)" }
    var segments: [Substring] { template.split(separator: "/") }
    var parameterNames: [String] {
        segments.filter { $0.hasPrefix("{") }.map { Self.parameterName($0) }
    }
}

extension Route {
    static let restMark = "...}"

    /// `{topic}` and `{path...}` without what makes them parameters.
    static func parameterName(_ segment: Substring) -> String {
        String(segment.hasSuffix(restMark) ? segment.dropFirst().dropLast(restMark.count) : segment.dropFirst().dropLast())
    }
}

/// A route's template, taken apart once: a request is held against one after the other.
private struct PathTemplate: Sendable {
    enum Part {
        case literal(String)
        case parameter(String)
    }

    private let parts: [Part]
    /// What takes all segments that are left.
    private let rest: String?

    init(_ route: Route) {
        var segments = route.segments
        rest = segments.last?.hasSuffix(Route.restMark) == true ? segments.popLast().map { Route.parameterName($0) } : nil
        parts = segments.map { $0.hasPrefix("{") ? .parameter(Route.parameterName($0)) : .literal(String($0)) }
    }

    /// nil where the path is another one.
    func parameters(in segments: [Substring]) -> [String: String]? {
        guard rest == nil ? segments.count == parts.count : segments.count >= parts.count else { return nil }
        for (part, segment) in zip(parts, segments) {
            if case .literal(let literal) = part, segment != literal { return nil }
        }
        var parameters: [String: String] = [:]
        for case (.parameter(let name), let segment) in zip(parts, segments) {
            guard let text = segment.removingPercentEncoding else { return nil }
            parameters[name] = text
        }
        if let rest { parameters[rest] = segments.dropFirst(parts.count).joined(separator: "/") }
        return parameters
    }
}

/// All routes of the HTTPS listener: finds the one that a request is for.
struct RouteTable: Sendable {
    let routes: [Route]
    private let templates: [PathTemplate]

    enum Match {
        case route(Route, parameters: [String: String])
        /// The path is known, with other methods.
        case methods([String])
        case none
    }

    init(_ routes: [Route]) {
        self.routes = routes + [Self.openAPI(of: routes)]
        templates = self.routes.map { PathTemplate($0) }
    }

    func match(_ method: HTTPRequest.Method, path: String) -> Match {
        let segments = path.split(separator: "/", omittingEmptySubsequences: true)
        var methods: Set<String> = []
        for (route, template) in zip(routes, templates) {
            guard let parameters = template.parameters(in: segments) else { continue }
            if route.method == method { return .route(route, parameters: parameters) }
            methods.insert(route.method.rawValue)
        }
        return methods.isEmpty ? .none : .methods(methods.sorted())
    }
}
