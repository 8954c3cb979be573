import AccessPolicy
import Foundation
import SwiftASN1
import X509

/// The files beside a certificate, so that a client starts by pointing at one of them:
///
/// | file | for |
/// |---|---|
/// | `certificate.pem`, `key.pem`, `ca.pem` | anything that takes PEM files |
/// | `profile.yaml` | every `hanbridge` command (`--profile`, `$HANBRIDGE_PROFILE`); paths relative to it |
/// | `kafka.properties` | the Java client and its tools (`--command-config`); certificate and key are inside, so it moves freely |
/// | `librdkafka.properties` | librdkafka, kcat (`-F`), confluent-kafka; absolute paths, rewritten by `hanbridge cert profile` after a move |
public struct ClientFiles: Sendable {
    /// The directory, made with mode 0700 where it is not there.
    public let directory: String

    public init(directory: String) { self.directory = FilePath.absolute(directory) }

    public var certificatePath: String { "\(directory)/certificate.pem" }
    public var keyPath: String { "\(directory)/key.pem" }
    public var authorityPath: String { "\(directory)/ca.pem" }
    public var profilePath: String { "\(directory)/profile.yaml" }
    public var javaPath: String { "\(directory)/kafka.properties" }
    public var librdkafkaPath: String { "\(directory)/librdkafka.properties" }

    private static let fileBytesMax = 1 << 20

    /// Writes a new certificate, its key when there is one, and the authority's certificate.
    /// - Throws: `.refused` when the directory already holds a certificate and `replacing` is false.
    public func write(_ issued: IssuedCertificate, authorityPEM: String, replacing: Bool = false) throws(AuthorityError) {
        guard replacing || !DurableFile.exists(certificatePath) else {
            throw .refused("\(directory) already holds a certificate; renew it (`hanbridge cert renew \(directory)`) or name another directory")
        }
        do {
            try DurableFile.makeDirectory(directory)
            // A crash between the two leaves a pair that does not fit, and a client that says so; the same renewal again mends it.
            if let key = issued.keyPEM { try DurableFile.replace(keyPath, with: Array(key.utf8), mode: 0o600) }
            try DurableFile.replace(certificatePath, with: Array(issued.certificatePEM.utf8), mode: 0o644)
            try DurableFile.replace(authorityPath, with: Array(authorityPEM.utf8), mode: 0o644)
        } catch {
            throw error.asAuthorityError
        }
    }

    /// Writes `profile.yaml`, `kafka.properties` and `librdkafka.properties` from what lies in the directory.
    /// - Parameter purpose: what a subscriber declares, in the profile and in the client ids; kept from the present files when nil.
    public func writeClientConfiguration(_ endpoints: ClientEndpoints, purpose: String? = nil) throws(AuthorityError) {
        if let purpose { try Self.check(purpose: purpose) }
        do {
            let certificate = try PeerCertificate(der: try certificateDER())
            let purpose = purpose ?? declaredPurpose()
            let clientID = Self.clientID(of: certificate, purpose: purpose)
            try DurableFile.replace(profilePath, with: Array(profile(endpoints, purpose: purpose).utf8), mode: 0o644)
            try DurableFile.replace(javaPath, with: Array(try java(endpoints, clientID: clientID).utf8), mode: 0o600)
            try DurableFile.replace(librdkafkaPath, with: Array(librdkafka(endpoints, clientID: clientID).utf8), mode: 0o644)
        } catch let error as AuthorityError {
            throw error
        } catch let failure as DurableFile.Failure {
            throw failure.asAuthorityError
        } catch {
            throw .directory("\(directory) does not hold a client's certificate: \(error)")
        }
    }

    /// DER of the first certificate in `certificate.pem`.
    public func certificateDER() throws(AuthorityError) -> [UInt8] {
        try Self.certificateDER(at: certificatePath)
    }

    /// DER of the first certificate in a PEM file.
    public static func certificateDER(at path: String) throws(AuthorityError) -> [UInt8] {
        do {
            guard let first = try TrustFiles.read(path, "CERTIFICATE", bytesMax: fileBytesMax).first else {
                throw AuthorityError.request("\(path) holds no certificate")
            }
            return first
        } catch let error as AuthorityError {
            throw error
        } catch {
            throw .request(String(describing: error))
        }
    }

    /// The serial number of the first certificate in a PEM file, lower-case hex.
    public static func serialNumber(at path: String) throws(AuthorityError) -> String {
        do {
            return try PeerCertificate(der: try certificateDER(at: path)).serial
        } catch let error as AuthorityError {
            throw error
        } catch {
            throw .request("\(path): \(error)")
        }
    }

    // MARK: The three texts

    private func profile(_ endpoints: ClientEndpoints, purpose: String?) -> String {
        var text = "# hanbridge … --profile this-file. Paths are relative to it.\n"
        text += "kafka: \(YAMLText.quoted(endpoints.kafka))\nhttps: \(YAMLText.quoted(endpoints.https))\n"
        if let running = endpoints.running { text += "endpoints: \(YAMLText.quoted(FilePath.relative(running, to: directory)))\n" }
        text += "ca: \"ca.pem\"\ncertificate: \"certificate.pem\"\nkey: \"key.pem\"\n"
        return text + (purpose.map { "purpose: \(YAMLText.quoted($0))\n" } ?? "")
    }

    /// KIP-651: PEM certificates and keys as values. `\n` is an escape of Java's properties format.
    private func java(_ endpoints: ClientEndpoints, clientID: String) throws -> String {
        func inline(_ path: String) throws -> String {
            String(decoding: try DurableFile.contents(of: path, bytesMax: Self.fileBytesMax), as: UTF8.self)
                .trimmingCharacters(in: .whitespacesAndNewlines).replacing("\n", with: "\\n")
        }
        var text = "# Java: --command-config / --producer.config / --consumer.config this-file. It contains the private key.\n"
        text += "bootstrap.servers=\(bootstrap(endpoints))\nsecurity.protocol=SSL\nclient.id=\(clientID)\n"
        text += "ssl.truststore.type=PEM\nssl.truststore.certificates=\(try inline(authorityPath))\n"
        text += "ssl.keystore.type=PEM\nssl.keystore.certificate.chain=\(try inline(certificatePath))\n"
        if DurableFile.exists(keyPath) {
            text += "ssl.keystore.key=\(try inline(keyPath))\n"
        } else {
            text += "# The key was made elsewhere: put its PKCS #8 PEM here, on one line with \\n between its lines.\n# ssl.keystore.key=\n"
        }
        return text
    }

    private func librdkafka(_ endpoints: ClientEndpoints, clientID: String) -> String {
        """
        # librdkafka: kcat -F this-file, or read it into confluent-kafka's configuration. After moving the directory:
        # hanbridge cert profile DIR
        bootstrap.servers=\(bootstrap(endpoints))
        security.protocol=ssl
        client.id=\(clientID)
        ssl.ca.location=\(authorityPath)
        ssl.certificate.location=\(certificatePath)
        ssl.key.location=\(keyPath)

        """
    }

    /// A broker on this machine that picked its ports knows better than what was planned.
    private func bootstrap(_ endpoints: ClientEndpoints) -> String {
        struct Running: Decodable { let kafka: String }
        guard let path = endpoints.running, let data = FileManager.default.contents(atPath: path),
            let running = try? JSONDecoder().decode(Running.self, from: data)
        else { return endpoints.kafka }
        return running.kafka
    }

    // MARK: The purpose in the client id

    /// INTERFACES.md: `purpose=<id>;` anywhere in the client id.
    private static func clientID(of certificate: PeerCertificate, purpose: String?) -> String {
        let path = (try? NamedIdentity.fromSpiffeID(certificate))?.path ?? "hanbridge"
        return path.replacing("/", with: ".") + (purpose.map { ";purpose=\($0);" } ?? "")
    }

    private func declaredPurpose() -> String? {
        guard let bytes = try? DurableFile.contents(of: librdkafkaPath, bytesMax: Self.fileBytesMax) else { return nil }
        let line = String(decoding: bytes, as: UTF8.self).split(separator: "\n").first { $0.hasPrefix("client.id=") }
        guard let purpose = line?.split(separator: ";").first(where: { $0.hasPrefix("purpose=") }) else { return nil }
        return String(purpose.dropFirst("purpose=".count))
    }

    /// - Throws: `.request` unless the text is 1 to 64 characters of `[a-z0-9-]` (INTERFACES.md, agreements).
    public static func check(purpose text: String) throws(AuthorityError) {
        let fits = text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"): true
            default: false
            }
        }
        guard fits, (1...64).contains(text.utf8.count) else {
            throw .request("the purpose “\(text)” is not 1 to 64 characters of a-z, 0-9 and '-'")
        }
    }
}
