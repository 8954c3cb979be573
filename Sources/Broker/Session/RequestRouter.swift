import KafkaWire
import NIOCore

/// Frame → what to do, by the table in Handlers.swift. Without effects.
enum RequestRouter {
    enum Route {
        case produce(ProduceRequest, RequestHeader)
        case fetch(FetchRequest, RequestHeader)
        case control(ControlCall, RequestHeader, ApiKey)
        /// An answer that needs no handler.
        case answer(ByteBuffer, ApiKey)
        /// The connection ends: Kafka has no answer to a request that it cannot read.
        case close(reason: String, ApiKey?)
    }

    static func route(_ frame: ByteBuffer, by table: HandlerTable = .standard) -> Route {
        var body = frame
        let header: RequestHeader
        do {
            header = try RequestHeader.decode(from: &body)
        } catch {
            return .close(reason: "the request's header cannot be read: \(error)", nil)
        }
        guard let api = header.api, let entry = table[api] else {
            return .close(reason: "API \(header.apiKey) is not one of those advertised", nil)
        }
        guard entry.versions.contains(header.apiVersion) else {
            return unsupported(header, api, table)
        }
        do {
            switch entry.plane {
            case .produce:
                return .produce(try ProduceRequest.decode(from: &body, version: header.apiVersion), header)
            case .fetch:
                return .fetch(try FetchRequest.decode(from: &body, version: header.apiVersion), header)
            case .control(let prepare):
                return .control(try prepare(&body, header), header, api)
            }
        } catch {
            return .close(reason: "\(api) version \(header.apiVersion) cannot be read: \(error)", api)
        }
    }

    /// KIP-511: a client may ask for ApiVersions in a version newer than ours and is told in version 0 what there is. For every
    /// other API the version was advertised, so asking for another is the client's mistake.
    private static func unsupported(_ header: RequestHeader, _ api: ApiKey, _ table: HandlerTable) -> Route {
        guard api == .apiVersions else {
            return .close(reason: "\(api) version \(header.apiVersion) is not one of those advertised", api)
        }
        var response = ApiVersionsResponse()
        response.errorCode = .unsupportedVersion
        response.apiKeys = table.advertised
        var oldest = header
        oldest.apiVersion = 0
        return .answer(ResponseFrame.encode(response, to: oldest, of: .apiVersions), api)
    }
}
