public import NIOCore

/// What precedes every request.
///
/// Header version 1 has a client id; version 2, used by flexible versions of an API, adds tagged fields. The client id keeps
/// the old two-byte length in both, so that a broker can read the header of an ApiVersions request newer than itself
/// (KIP-482, KIP-511).
public struct RequestHeader: Hashable, Sendable {
    /// Raw: it may be an API that nobody here knows.
    public var apiKey: Int16
    public var apiVersion: Int16
    public var correlationID: Int32
    public var clientID: String?

    public init(apiKey: Int16, apiVersion: Int16, correlationID: Int32, clientID: String?) {
        self.apiKey = apiKey
        self.apiVersion = apiVersion
        self.correlationID = correlationID
        self.clientID = clientID
    }

    /// The API, when it is one of ours.
    public var api: ApiKey? { ApiKey(rawValue: apiKey) }

    /// Reads a header; the buffer is left at the request's body. The header of an unknown API is read as version 1, which is
    /// what the first fields have in common.
    public static func decode(
        from buffer: inout ByteBuffer, limits: WireLimits = .requests
    ) throws(WireError) -> RequestHeader {
        let result: (RequestHeader, Int) = try buffer.withUnsafeReadableBytes { bytes throws(WireError) in
            var header = RequestHeader(apiKey: 0, apiVersion: 0, correlationID: 0, clientID: nil)
            var reader = WireReader(bytes: bytes, frame: buffer, version: 0, isFlexible: false, limits: limits)
            try reader.int16(&header.apiKey, "RequestApiKey")
            try reader.int16(&header.apiVersion, "RequestApiVersion")
            try reader.int32(&header.correlationID, "CorrelationId")
            try reader.string(&header.clientID, "ClientId", nullable: true)
            if header.api?.isFlexible(version: header.apiVersion) ?? false {
                reader.isFlexible = true
                try reader.noTags()
            }
            return (header, reader.frameOffset)
        }
        buffer.moveReaderIndex(to: result.1)
        return result.0
    }

    /// Appends the header. The client id is the program's own, of at most 32,767 bytes.
    public func encode(into buffer: inout ByteBuffer) {
        buffer.writeMultipleIntegers(apiKey, apiVersion, correlationID)
        if let clientID {
            buffer.writeInteger(Int16(clientID.utf8.count))
            buffer.writeString(clientID)
        } else {
            buffer.writeInteger(-1 as Int16)
        }
        if api?.isFlexible(version: apiVersion) ?? false { buffer.writeInteger(0 as UInt8) }
    }
}

/// What precedes every response: the correlation id, and in flexible versions an empty list of tagged fields.
public enum ResponseHeader {
    /// ApiVersions is always answered with header version 0: the client that asks does not know yet what the broker
    /// understands (KIP-511).
    public static func encode(correlationID: Int32, api: ApiKey, version: Int16, into buffer: inout ByteBuffer) {
        buffer.writeInteger(correlationID)
        if api != .apiVersions, api.isFlexible(version: version) { buffer.writeInteger(0 as UInt8) }
    }

    /// The client's side: reads the header and returns the correlation id.
    public static func decode(
        from buffer: inout ByteBuffer, api: ApiKey, version: Int16
    ) throws(WireError) -> Int32 {
        let isFlexible = api != .apiVersions && api.isFlexible(version: version)
        let result: (Int32, Int) = try buffer.withUnsafeReadableBytes { bytes throws(WireError) in
            var reader = WireReader(
                bytes: bytes, frame: buffer, version: version, isFlexible: isFlexible, limits: .responses)
            var correlationID: Int32 = 0
            try reader.int32(&correlationID, "CorrelationId")
            try reader.noTags()
            return (correlationID, reader.frameOffset)
        }
        buffer.moveReaderIndex(to: result.1)
        return result.0
    }
}
