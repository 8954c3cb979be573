import KafkaWire
import NIOCore

/// A decoded request of the control plane, ready to run: gives the whole response frame.
typealias ControlCall = @Sendable (RequestContext) async -> ByteBuffer

/// Which APIs are served, and how. What ApiVersions advertises is made of it: exactly what is implemented.
struct HandlerTable: Sendable {
    struct Entry: Sendable {
        let api: ApiKey
        let versions: ClosedRange<Int16>
        let plane: Plane

        static let produce = Entry(api: .produce, versions: ProduceRequest.versions, plane: .produce)
        static let fetch = Entry(api: .fetch, versions: FetchRequest.versions, plane: .fetch)

        static func control<Handler: ControlHandler>(_ handler: Handler.Type) -> Entry {
            let api = Handler.Request.apiKey
            return Entry(api: api, versions: Handler.Request.versions, plane: .control { body, header throws(WireError) in
                let request = try Handler.Request.decode(from: &body, version: header.apiVersion)
                return { context in
                    let response = HandlerTable.throttled(await Handler.handle(request, in: context), by: context.throttleMilliseconds)
                    context.services.requestMetrics.errors(api, count: response.errorCount(version: header.apiVersion))
                    return ResponseFrame.encode(response, to: header, of: api)
                }
            })
        }
    }

    /// Says in the response how long its connection pauses.
    private static func throttled<Response: WireMessage>(_ response: Response, by milliseconds: Int32) -> Response {
        guard milliseconds > 0, var throttled = response as? any ThrottledResponse else { return response }
        throttled.throttleTimeMilliseconds = milliseconds
        return throttled as? Response ?? response
    }

    enum Plane: Sendable {
        case produce
        case fetch
        case control(@Sendable (inout ByteBuffer, RequestHeader) throws(WireError) -> ControlCall)
    }

    private let byKey: [Entry?]
    let advertised: [ApiVersionsResponse.ApiVersion]

    init(_ entries: [Entry]) {
        let highest = entries.map(\.api.rawValue).max() ?? 0
        var byKey: [Entry?] = Array(repeating: nil, count: Int(highest) + 1)
        for entry in entries {
            precondition(byKey[Int(entry.api.rawValue)] == nil, "\(entry.api) has two handlers")
            byKey[Int(entry.api.rawValue)] = entry
        }
        self.byKey = byKey
        advertised = byKey.compactMap { $0 }.map { entry in
            var version = ApiVersionsResponse.ApiVersion()
            version.apiKey = entry.api.rawValue
            version.minVersion = entry.versions.lowerBound
            version.maxVersion = entry.versions.upperBound
            return version
        }
    }

    subscript(api: ApiKey) -> Entry? {
        let key = Int(api.rawValue)
        return key < byKey.count ? byKey[key] : nil
    }
}
