import Broker
public import NIOCore

/// Every limit of the three listeners, in one value. The README's table of limits is made of these comments.
///
/// `nil` is never "no limit": each of them holds always.
public struct ListenerLimits: Sendable, Hashable {
    // MARK: Connections

    /// Connections of the Kafka and HTTPS listeners together, authenticated or not. One more is closed at accept, before a byte of TLS.
    public var connectionsMax = 10_000
    /// Authenticated connections of one node (`agency/unit/node`) over all listeners. One more is closed after its handshake.
    public var connectionsPerNodeMax = 1_000
    /// Connections from one address that have not finished their handshake, or finished it without a certificate (HTTPS). One more
    /// is closed at accept.
    public var handshakesPerAddressMax = 64
    /// New connections a second, of the Kafka and of the HTTPS listener each. Above it the listener stops accepting, and the kernel's backlog waits.
    public var acceptsPerSecondMax = 2_000
    /// Connections that the kernel holds for us before we accept them.
    public var acceptBacklog = 512
    /// Connections of the health listener, which has no TLS and no identity. One more waits in the kernel's backlog.
    public var healthConnectionsMax = 32

    // MARK: Kafka frames

    /// `socket.request.max.bytes`: the largest request, without its length. A longer one closes the connection before anything is
    /// allocated. 32 MB instead of Kafka's 100 MB: no batch may be larger than `message.max.bytes`, and a request of many
    /// partitions can be sent in two.
    public var frameBytesMax = 32 << 20
    /// Requests of one connection that are being worked on. At the cap the connection is not read.
    public var requestsInFlightPerConnectionMax = Limits.requestsInFlightPerConnectionMax
    /// Bytes of requests of one connection that are being received or worked on. At least `frameBytesMax`.
    public var requestBytesPerConnectionMax = 32 << 20
    /// The same over all connections of one node, bodies of HTTPS requests included.
    public var requestBytesPerNodeMax = 128 << 20
    /// The same over all connections.
    public var requestBytesMax = 256 << 20
    /// Bytes of answers of one connection that the client has not taken yet. Above it no further request of the connection is
    /// begun; and only one Fetch is begun at a time, so that what a client never reads is at most this and one answer more.
    public var answerBytesPerConnectionMax = 8 << 20
    /// Memory of answers that one node's clients have not taken yet, over all its connections: what is being read for a Fetch, what
    /// waits, and what the socket has not taken. Seven eighths of it are for Fetches: beyond them a Fetch is answered with less, or
    /// waits as it would for data; beyond all of it no further request of the node is begun. A node that holds nothing always gets
    /// one batch. What the TLS layer has made of an answer on its way to the socket comes on top, at most three `writeBytesMax` for
    /// each connection that is being answered.
    public var answerBytesPerNodeMax = 128 << 20
    /// The same over all connections.
    public var answerBytesMax = 512 << 20
    /// Bytes handed to the TLS layer at once. It keeps a buffer of this size, rounded up to a power of two, for the rest of
    /// the connection's life; 240 KB and the TLS records' own bytes fit 256 KB.
    public var writeBytesMax = 240 << 10

    // MARK: HTTPS

    /// The largest request body of the HTTPS listener: a set of agreements. Larger ones get 413.
    public var httpBodyBytesMax = 4 << 20
    /// All header fields of one HTTPS request together.
    public var httpHeaderBytesMax = 16 << 10

    // MARK: Times

    /// From accept to the end of the TLS handshake.
    public var handshakeTimeout: TimeAmount = .seconds(10)
    /// `connections.max.idle.ms`: without a request in flight and without a byte received.
    public var idleTimeout: TimeAmount = .minutes(10)
    /// From the first byte of a request to its last, for the first 4 MB; each further 64 KB has one second more.
    public var requestTimeout: TimeAmount = .seconds(30)
    /// From a write that the client's window does not take to the next byte it takes.
    public var writeStallTimeout: TimeAmount = .seconds(60)
    /// From the broker's wish to stop to the end of the last connection.
    public var drainTimeout: TimeAmount = .seconds(10)
    /// How often each event loop looks at the time-outs of its connections.
    public var sweepInterval: TimeAmount = .milliseconds(250)
    /// How long the broker waits for the client's own TLS close.
    public var closeNotifyTimeout: TimeAmount = .seconds(1)

    // MARK: Watching

    /// Series of one metric name; more are counted under `overflow="true"`.
    public var metricSeriesPerNameMax = 500
    /// Refusals written to the log a second; what is above is counted and told in one line.
    public var refusalLinesPerSecondMax = 50

    public init() {}

    /// - Throws: ``ListenerLimitsError`` with a sentence where two limits contradict each other or one is not positive.
    public func validate() throws(ListenerLimitsError) {
        let counts = [
            ("connectionsMax", connectionsMax), ("connectionsPerNodeMax", connectionsPerNodeMax),
            ("handshakesPerAddressMax", handshakesPerAddressMax), ("acceptsPerSecondMax", acceptsPerSecondMax),
            ("frameBytesMax", frameBytesMax), ("requestsInFlightPerConnectionMax", requestsInFlightPerConnectionMax),
            ("answerBytesPerConnectionMax", answerBytesPerConnectionMax), ("answerBytesPerNodeMax", answerBytesPerNodeMax),
            ("answerBytesMax", answerBytesMax), ("writeBytesMax", writeBytesMax),
            ("httpBodyBytesMax", httpBodyBytesMax), ("metricSeriesPerNameMax", metricSeriesPerNameMax),
        ]
        for (name, value) in counts where value < 1 {
            throw ListenerLimitsError(description: "\(name) is \(value), but must be at least 1")
        }
        let growing = [
            ("frameBytesMax", frameBytesMax), ("requestBytesPerConnectionMax", requestBytesPerConnectionMax),
            ("requestBytesPerNodeMax", requestBytesPerNodeMax), ("requestBytesMax", requestBytesMax),
        ]
        for (smaller, larger) in zip(growing, growing.dropFirst()) where smaller.1 > larger.1 {
            throw ListenerLimitsError(
                description: "\(smaller.0) (\(smaller.1)) is larger than \(larger.0) (\(larger.1)): such a request could never be read")
        }
    }
}

/// Limits that contradict each other.
public struct ListenerLimitsError: Error, Hashable, CustomStringConvertible {
    public let description: String
}
