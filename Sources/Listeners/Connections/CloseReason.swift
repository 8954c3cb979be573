/// Why a connection ended or was not let in. Every way out of a connection is one of these: it is logged as a sentence, and
/// counted under `label`.
public enum CloseReason: Error, Hashable, Sendable {
    // At accept
    case tooManyConnections(max: Int)
    case tooManyHandshakesFromAddress(max: Int)
    // At the handshake
    case handshakeTimedOut
    case handshakeFailed(String)
    case noCertificate
    case certificateRefused(String)
    case tooManyConnectionsOfNode(max: Int)
    case tooManyConnectionsOfAgency(String, max: Int)
    // While serving
    case frameLength(Int32, max: Int)
    case requestTimedOut(receivedBytes: Int, ofBytes: Int)
    case idle
    case writeStalled(waitingBytes: Int?)
    case session(String)
    case brokenTLS(String)
    case transportError(String)
    case trustWithdrawn(String)
    case certificateExpired
    // Ordinary ends
    case peerClosed
    case drained
    case drainTimedOut(requestsInFlight: Int)

    /// The value of the metric's `reason` label: a closed set of words.
    public var label: String {
        switch self {
        case .tooManyConnections: "too_many_connections"
        case .tooManyHandshakesFromAddress: "too_many_handshakes_from_address"
        case .handshakeTimedOut: "handshake_timeout"
        case .handshakeFailed: "handshake_failed"
        case .noCertificate: "no_certificate"
        case .certificateRefused: "certificate_refused"
        case .tooManyConnectionsOfNode: "too_many_connections_of_node"
        case .tooManyConnectionsOfAgency: "too_many_connections_of_agency"
        case .frameLength: "frame_length"
        case .requestTimedOut: "request_timeout"
        case .idle: "idle"
        case .writeStalled: "write_stalled"
        case .session: "session"
        case .brokenTLS: "broken_tls"
        case .transportError: "transport_error"
        case .trustWithdrawn: "trust_withdrawn"
        case .certificateExpired: "certificate_expired"
        case .peerClosed: "peer_closed"
        case .drained: "drained"
        case .drainTimedOut: "drain_timeout"
        }
    }

    /// For the log. Never has a byte of a payload in it.
    public var sentence: String {
        switch self {
        case .tooManyConnections(let max): "the broker already has its \(max) connections"
        case .tooManyHandshakesFromAddress(let max): "\(max) handshakes of this address are not finished yet"
        case .handshakeTimedOut: "the TLS handshake was not finished in time"
        case .handshakeFailed(let why): "the TLS handshake failed: \(why)"
        case .noCertificate: "the client sent no certificate"
        case .certificateRefused(let why): "the client's certificate was refused: \(why)"
        case .tooManyConnectionsOfNode(let max): "this node already has its \(max) connections"
        case .tooManyConnectionsOfAgency(let agency, let max): "the nodes of agency \(agency) already have its \(max) connections"
        case .frameLength(let length, let max): "a request of \(length) bytes was announced; 1 to \(max) are accepted"
        case .requestTimedOut(let received, let total): "\(received) of a request's \(total) bytes arrived, and the rest not in time"
        case .idle: "nothing was asked for too long"
        case .writeStalled(let bytes): "the client does not read: \(bytes.map { "\($0) bytes of " } ?? "")answers wait for it"
        case .session(let why): "the request could not be answered: \(why)"
        case .brokenTLS(let why): "bytes came that are not of the connection's TLS: \(why)"
        case .transportError(let why): "the connection failed: \(why)"
        case .trustWithdrawn(let why): "the client's certificate is no longer accepted: \(why)"
        case .certificateExpired: "the client's certificate, or one it rests on, has expired"
        case .peerClosed: "the client closed the connection"
        case .drained: "the broker stops"
        case .drainTimedOut(let requests): "the broker stops; \(requests) requests were not answered in time"
        }
    }

    /// Whether it says that a node may not come in, or may not stay.
    var isOfCertificate: Bool {
        switch self {
        case .handshakeFailed, .noCertificate, .certificateRefused, .tooManyConnectionsOfNode, .tooManyConnectionsOfAgency, .trustWithdrawn,
            .certificateExpired:
            true
        case .tooManyConnections, .tooManyHandshakesFromAddress, .handshakeTimedOut, .frameLength, .requestTimedOut, .idle, .writeStalled,
            .session, .brokenTLS, .transportError, .peerClosed, .drained, .drainTimedOut:
            false
        }
    }

    /// For the audit: the word that programs know, and why.
    var auditReason: String { "\(label): \(sentence)" }

    /// Whether an operator should see a line for it. The other ends are ordinary and only counted.
    public var isRefusal: Bool {
        switch self {
        case .tooManyConnections, .tooManyHandshakesFromAddress, .handshakeTimedOut, .handshakeFailed, .noCertificate,
            .certificateRefused, .tooManyConnectionsOfNode, .tooManyConnectionsOfAgency, .frameLength, .requestTimedOut, .writeStalled, .session,
            .brokenTLS, .trustWithdrawn, .certificateExpired, .drainTimedOut:
            true
        case .idle, .transportError, .peerClosed, .drained: false
        }
    }
}
