import Broker
import Identity
import NIOCore
import NIOSSL
import Storage

/// The other end of a connection, known by a certificate that was valid when its handshake ended.
struct AuthenticatedPeer {
    let peer: Peer
    /// Kept for as long as the connection lives, to ask again when trust changes. nil in tests without certificates.
    let node: AuthenticatedNode?
}

/// Finds out who is at the other end of one TLS connection.
///
/// The library's verification callback has the whole chain, and refusing there gives the client a TLS alert that says so.
/// But it is not called when a client resumes a session: in TLS 1.3 a ticket brings it back without its certificate. So the
/// callback only judges early, and what counts is `peer(of:)`, asked after every handshake: it judges the session's own
/// certificate (which BoringSSL keeps in the ticket) under the trust in force at that moment.
///
/// NIOSSL has no switch for tickets (no `SSL_OP_NO_TICKET`); a context of its own for each connection would do it, at the cost of
/// parsing the key for each. It is not needed: every change of trust makes a new context, whose ticket keys are new.
final class HandshakeInquiry {
    enum Finding {
        case peer(AuthenticatedPeer)
        /// No certificate. HTTPS alone accepts that.
        case anonymous
        case refused(PeerRefusal)
    }

    private let trust: TrustInForce
    private let wallClock: WallClock
    /// What the callback was shown and how it judged: nil on a resumed session.
    private var judged: (generation: UInt64, chain: [[UInt8]], verdict: Result<AuthenticatedNode, PeerRefusal>)?

    init(trust: TrustInForce, wallClock: @escaping WallClock) {
        self.trust = trust
        self.wallClock = wallClock
    }

    /// Why the certificate was refused during the handshake.
    var refusal: PeerRefusal? {
        guard case .failure(let refusal)? = judged?.verdict else { return nil }
        return refusal
    }

    /// Whether the handshake that ended was a resumption.
    var wasResumed: Bool { judged == nil }

    /// The verification callback of this connection.
    func certificatesPresented(_ certificates: [NIOSSLCertificate]) -> NIOSSLVerificationResult {
        switch judge(certificates) {
        case .success: .certificateVerified
        case .failure: .failed
        }
    }

    /// Judges the certificate of a session whose handshake has just ended.
    func peer(of tls: NIOSSLHandler, remoteAddress: SocketAddress?) -> Finding {
        let verdict: Result<AuthenticatedNode, PeerRefusal>
        if let judged {
            // Trust may have changed between the callback and the end of the handshake.
            verdict = judged.generation == trust.generation ? judged.verdict : authenticate(judged.chain)
        } else {
            guard let certificate = tls.peerCertificate else { return .anonymous }
            verdict = judge([certificate])
            judged = nil
        }
        switch verdict {
        case .success(let node): return .peer(AuthenticatedPeer(node, remoteAddress: remoteAddress))
        case .failure(let refusal): return .refused(refusal)
        }
    }

    private func judge(_ certificates: [NIOSSLCertificate]) -> Result<AuthenticatedNode, PeerRefusal> {
        // Read the generation first: if trust changes meanwhile, `peer(of:)` sees an older one and judges again.
        let generation = trust.generation
        var chain: [[UInt8]] = []
        for certificate in certificates {
            guard let bytes = try? certificate.toDERBytes() else {
                return .failure(.malformed("the TLS library cannot write it out"))
            }
            chain.append(bytes)
        }
        let verdict = authenticate(chain)
        judged = (generation, chain, verdict)
        return verdict
    }

    private func authenticate(_ chain: [[UInt8]]) -> Result<AuthenticatedNode, PeerRefusal> {
        trust.current.authenticator.authenticate(chain: chain, at: wallClock())
    }
}

extension AuthenticatedPeer {
    init(_ node: AuthenticatedNode, remoteAddress: SocketAddress?) {
        guard let writer = Digest256(bytes: node.spkiHash), let fingerprint = Digest256(bytes: node.certificateFingerprint) else {
            preconditionFailure("Identity gave a SHA-256 digest that does not have 32 bytes")
        }
        self.peer = Peer(
            identity: node.identity, writer: writer, certificateFingerprint: fingerprint, certificateChain: node.chain,
            revocationLists: node.revocationLists,
            remoteAddress: remoteAddress.map(addressAndPort) ?? "unknown")
        self.node = node
    }
}

/// `address:port`, IPv6 in brackets.
func addressAndPort(_ address: SocketAddress) -> String {
    guard let host = address.ipAddress, let port = address.port else { return "unknown" }
    return host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
}
