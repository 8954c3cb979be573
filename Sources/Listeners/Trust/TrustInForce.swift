public import Identity
import NIOConcurrencyHelpers

/// The one place where the trust in force is kept. Read once a handshake; written by ``TrustReloader`` alone.
public final class TrustInForce: Sendable {
    private let box: NIOLockedValueBox<Trust>
    private let tls: TLSSettings
    private let limits: ListenerLimits

    /// - Throws: NIOSSL's errors where the certificate or its key cannot be used.
    public init(_ material: TrustMaterial, tls: TLSSettings = TLSSettings(), limits: ListenerLimits = ListenerLimits()) throws {
        self.tls = tls
        self.limits = limits
        box = NIOLockedValueBox(try Trust(material, generation: 1, tls: tls, limits: limits))
    }

    var current: Trust { box.withLockedValue { $0 } }

    /// Counts the changes of trust since start, beginning at 1.
    public var generation: UInt64 { current.generation }
    /// ms since 1970: the end of the broker's own certificate.
    public var certificateNotAfter: Int64 { current.certificateNotAfter }
    /// What decides about certificates now.
    public var authenticator: PeerAuthenticator { current.authenticator }
    /// The revocation lists in force.
    public var revocationLists: [RevocationListStatus] { current.authenticator.revocationLists }

    /// Builds everything first, so that material which cannot be used leaves the trust in force untouched.
    func replace(with material: TrustMaterial) throws {
        let next = try Trust(material, generation: current.generation + 1, tls: tls, limits: limits)
        box.withLockedValue { $0 = next }
    }
}
