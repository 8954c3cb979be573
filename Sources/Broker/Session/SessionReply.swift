public import NIOCore

/// What becomes of one request.
public enum SessionReply: Sendable {
    /// A whole response frame with its four-byte length.
    case response(ByteBuffer)
    /// Nothing is sent: `acks=0`.
    case noResponse
    /// The connection ends, as Kafka ends it; the sentence is for the log.
    case close(reason: String)
}
