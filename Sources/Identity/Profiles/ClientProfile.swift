/// The small YAML file that `init` and `cert issue` write beside a certificate, `profile.yaml`: what every `hanbridge …` command
/// needs to reach the broker. Paths inside the file are relative to the file.
///
/// ```yaml
/// kafka: broker.example:9093
/// https: https://broker.example:8443
/// ca: ca.pem
/// certificate: certificate.pem
/// key: key.pem
/// purpose: enrolment-check
/// ```
public struct ClientProfile: Sendable, Hashable {
    /// `host:port`, several separated by commas.
    public var kafka: String
    /// `https://host:port`.
    public var https: String
    /// PEM files, absolute.
    public var ca: String
    public var certificate: String
    public var key: String
    /// The purpose that a subscriber declares; ends up in the Kafka client id as `purpose=<id>;`.
    public var purpose: String?

    public init(kafka: String, https: String, ca: String, certificate: String, key: String, purpose: String? = nil) {
        self.kafka = kafka
        self.https = https
        self.ca = ca
        self.certificate = certificate
        self.key = key
        self.purpose = purpose
    }

    /// - Throws: ``TrustError`` naming the file and what is missing in it.
    public static func load(_ path: String) throws(TrustError) -> ClientProfile {
        throw TrustError("not built yet")
    }
}
