public import Identity
public import NIOSSL

/// What the broker needs to prove itself and to judge others, as files or tests give it. All of it or nothing takes force.
public struct TrustMaterial: Sendable {
    /// What the broker shows, leaf first.
    public var certificateChain: [NIOSSLCertificate]
    public var privateKey: NIOSSLPrivateKey
    public var authenticator: PeerAuthenticator
    /// The files that this was read from: a change of one of them is a reason to read again.
    public var files: [String]

    public init(
        certificateChain: [NIOSSLCertificate], privateKey: NIOSSLPrivateKey, authenticator: PeerAuthenticator, files: [String]
    ) {
        self.certificateChain = certificateChain
        self.privateKey = privateKey
        self.authenticator = authenticator
        self.files = files
    }
}

/// Which TLS the listeners speak.
public struct TLSSettings: Sendable, Hashable {
    public enum MinimumVersion: String, Sendable, Hashable, CaseIterable {
        case tls13 = "1.3"
        case tls12 = "1.2"
    }

    /// 1.3 unless an operator chooses 1.2 for old equipment. Both listeners.
    public var minimumVersion: MinimumVersion

    public init(minimumVersion: MinimumVersion = .tls13) { self.minimumVersion = minimumVersion }
}

/// The trust in force at one moment: TLS contexts and the judge that belongs to them.
///
/// Immutable. A change of trust makes a new one with new contexts, and since each context has ticket keys of its own, no TLS
/// session of before can be resumed after.
final class Trust: Sendable {
    let generation: UInt64
    /// Requires a client certificate.
    let kafkaContext: NIOSSLContext
    /// Asks for a client certificate and accepts its absence.
    let httpsContext: NIOSSLContext
    let authenticator: PeerAuthenticator
    /// ms since 1970: the end of the broker's own certificate.
    let certificateNotAfter: Int64
    let files: [String]

    init(_ material: TrustMaterial, generation: UInt64, tls: TLSSettings, limits: ListenerLimits) throws {
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: material.certificateChain.map { .certificate($0) }, privateKey: .privateKey(material.privateKey))
        switch tls.minimumVersion {
        case .tls13: configuration.minimumTLSVersion = .tlsv13
        case .tls12: configuration.minimumTLSVersion = .tlsv12
        }
        configuration.renegotiationSupport = .none
        configuration.shutdownTimeout = limits.closeNotifyTimeout
        // The anchors are named in the CertificateRequest, so that a client with several certificates sends the right one.
        // They judge nothing: `HandshakeInquiry` replaces the library's own path validation.
        configuration.trustRoots = .certificates(
            try material.authenticator.trustAnchors.map { try NIOSSLCertificate(bytes: $0, format: .der) })
        configuration.sendCANameList = true

        configuration.certificateVerification = .noHostnameVerification
        kafkaContext = try NIOSSLContext(configuration: configuration)
        configuration.certificateVerification = .optionalVerification
        configuration.applicationProtocols = ["h2", "http/1.1"]
        httpsContext = try NIOSSLContext(configuration: configuration)

        self.generation = generation
        authenticator = material.authenticator
        certificateNotAfter = Int64(material.certificateChain.first?.notValidAfter ?? 0) * 1000
        files = material.files
    }
}
