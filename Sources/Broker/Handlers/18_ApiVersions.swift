import KafkaWire

// Which APIs and versions are served. Versions 0-4; the first request of most connections. A version newer than these is
// answered by the router (KIP-511). Everyone with an admitted certificate may ask.

enum ApiVersions: ControlHandler {
    static func handle(_ request: ApiVersionsRequest, in context: RequestContext) async -> ApiVersionsResponse {
        var response = ApiVersionsResponse()
        // KIP-511: from version 3 on a client says what it is, in letters, digits, '-' and '.'.
        guard context.apiVersion < 3 || isName(request.clientSoftwareName) && isName(request.clientSoftwareVersion) else {
            response.errorCode = .invalidRequest
            return response
        }
        response.apiKeys = HandlerTable.standard.advertised
        return response
    }

    /// KIP-511's `[a-zA-Z0-9](?:[a-zA-Z0-9\-.]*[a-zA-Z0-9])?`
    private static func isName(_ text: String) -> Bool {
        let bytes = text.utf8
        guard let first = bytes.first, let last = bytes.last, isAlphanumeric(first), isAlphanumeric(last) else { return false }
        return bytes.allSatisfy { isAlphanumeric($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ".") }
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
        case UInt8(ascii: "0")...UInt8(ascii: "9"): true
        default: false
        }
    }
}
