import Identity
import Logging

/// What `serve` does for the built-in authority while its key is on this machine: a new revocation list and a new certificate of the
/// broker's own, each well before the end of the one before, and the list that a `cert revoke` was killed before it wrote. The
/// reloader sees the files change. Where the key is elsewhere there is nothing to do here.
struct AuthorityUpkeep: Sendable {
    private let pki: String
    private let certificate: String
    private let logger: Logger

    /// nil where broker.yaml names no authority of our own.
    init?(_ configuration: BrokerConfiguration, logger: Logger) {
        func absolute(_ path: String) -> String { path.hasPrefix("/") ? path : "\(configuration.directory)/\(path)" }
        guard let pki = configuration.identity.pki else { return nil }
        self.pki = absolute(pki)
        certificate = absolute(configuration.identity.certificate)
        self.logger = logger
    }

    /// - Parameter now: ms since 1970.
    func run(at now: Int64) {
        do {
            if try CertificateAuthority.reissueRevocationListIfDue(pki: pki, at: now) {
                logger.notice("a new revocation list was made in \(pki)")
            }
        } catch {
            logger.warning("the revocation list could not be renewed: \(error)")
        }
        do {
            if let end = try CertificateAuthority(directory: pki).renewServerCertificateIfDue(at: certificate, now: now) {
                logger.notice("the broker's certificate \(certificate) was renewed; it ends at \(Instant.text(end))")
            }
        } catch {
            logger.warning("the broker's certificate could not be renewed: \(error)")
        }
    }
}
