import KafkaWire
import NIOCore

/// Puts a response into one buffer: length, header, body.
enum ResponseFrame {
    /// - Parameter bodyBytes: about how large the body gets, so that the buffer is allocated once.
    static func encode(
        _ response: some WireMessage, to header: RequestHeader, of api: ApiKey, bodyBytes: Int = 240
    ) -> ByteBuffer {
        var buffer = ByteBufferAllocator().buffer(capacity: bodyBytes + 16)
        buffer.writeInteger(0 as Int32)
        ResponseHeader.encode(correlationID: header.correlationID, api: api, version: header.apiVersion, into: &buffer)
        response.encode(into: &buffer, version: header.apiVersion)
        buffer.setInteger(Int32(buffer.readableBytes - 4), at: buffer.readerIndex)
        return buffer
    }
}
