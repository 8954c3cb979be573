import AccessPolicy
import Crypto
import Foundation
import SwiftASN1
import X509

/// The built-in certificate authority: a directory, small enough to copy to the machine where the key is to live.
///
/// | file | is | mode |
/// |---|---|---|
/// | `ca.pem` | the authority's certificate; its SPIFFE id names the authority | 0644 |
/// | `ca.key` | its P-256 key, PKCS #8; the broker does not need it | 0600 |
/// | `crl.pem` | the revocation list in force | 0644 |
/// | `issued.jsonl` | all that was ever done (``IssuedIndex``) | 0600 |
/// | `endpoints.yaml` | where the broker is, for the client files (``ClientEndpoints``) | 0644 |
///
/// A value without state of its own: every call reads the directory again, under its lock where it changes something.
public struct CertificateAuthority: Sendable {
    public let directory: String
    /// The trust domain of the SPIFFE ids that it signs.
    public let name: String
    /// PEM of the authority's certificate.
    public let certificatePEM: String
    /// ms since 1970: the end of the authority's certificate.
    public let notAfter: Int64
    let certificate: Certificate
    let index: IssuedIndex

    /// Two clocks in one city seldom differ by more: what is issued is valid since this long ago.
    static let clockSkewMilliseconds: Int64 = 5 * 60 * 1000
    public static let authorityDaysDefault = 3650
    public static let authorityDaysRange = 1...7305
    public static let revocationListDaysDefault = 7
    public static let revocationListDaysRange = 1...31

    var keyPath: String { "\(directory)/ca.key" }
    public var certificatePath: String { "\(directory)/ca.pem" }
    public var revocationListPath: String { "\(directory)/crl.pem" }
    /// Whether the key is on this machine.
    public var hasKey: Bool { DurableFile.exists(keyPath) }

    // MARK: Making and opening

    /// Makes an authority with a new key and its first, empty revocation list.
    /// - Parameter now: ms since 1970.
    /// - Throws: `.refused` when the directory already has one.
    public static func create(
        directory: String, name: String, days: Int = authorityDaysDefault, at now: Int64
    ) throws(AuthorityError) -> CertificateAuthority {
        guard (try? NodeIdentity(authority: name, agency: "a", unit: "u", node: "n")) != nil else {
            throw .request("the authority's name “\(name)” is not 1 to 63 characters of a-z, 0-9, '.', '_' and '-'")
        }
        guard authorityDaysRange.contains(days) else {
            throw .request("an authority lives \(authorityDaysRange.lowerBound) to \(authorityDaysRange.upperBound) days, not \(days)")
        }
        guard !DurableFile.exists("\(directory)/ca.pem"), !DurableFile.exists("\(directory)/ca.key") else {
            throw .refused("\(directory) already holds an authority; its key is not overwritten")
        }
        do {
            try DurableFile.makeDirectory(directory)
            let key = P256.Signing.PrivateKey()
            let certificate = try selfSigned(name: name, key: Certificate.PrivateKey(key), days: days, at: now)
            try DurableFile.replace("\(directory)/ca.key", with: Array(key.pemRepresentation.utf8), mode: 0o600)
            try DurableFile.replace(
                "\(directory)/ca.pem", with: Array((try certificate.serializeAsPEM().pemString + "\n").utf8), mode: 0o644)
        } catch let failure as DurableFile.Failure {
            throw failure.asAuthorityError
        } catch {
            throw .directory("the authority's certificate cannot be made: \(error)")
        }
        let authority = try CertificateAuthority(directory: directory)
        try authority.signRevocationList(at: now)
        return authority
    }

    /// Opens an authority's directory.
    public init(directory: String) throws(AuthorityError) {
        let path = "\(directory)/ca.pem"
        do {
            let text = String(decoding: try DurableFile.contents(of: path, bytesMax: 1 << 20), as: UTF8.self)
            certificate = try Certificate(pemEncoded: text)
            certificatePEM = text
        } catch let failure as DurableFile.Failure {
            throw .directory("\(failure); is \(directory) the directory that `hanbridge init` made (--pki)?")
        } catch {
            throw .directory("\(path) is not a PEM certificate: \(error)")
        }
        let uris = ((try? certificate.extensions.subjectAlternativeNames) ?? nil)?.compactMap { name in
            if case .uniformResourceIdentifier(let uri) = name { uri } else { nil }
        }
        guard let uri = uris?.first, uris?.count == 1, uri.hasPrefix("spiffe://") else {
            throw .directory("\(path) is not an authority that `hanbridge init` made: it has no SPIFFE id")
        }
        name = String(uri.dropFirst("spiffe://".count))
        notAfter = Int64(certificate.notValidAfter.timeIntervalSince1970) * 1000
        self.directory = directory
        index = IssuedIndex(path: "\(directory)/issued.jsonl")
    }

    private static func selfSigned(name: String, key: Certificate.PrivateKey, days: Int, at now: Int64) throws -> Certificate {
        let subject = try CertificateTemplate.authoritySubject(name: name)
        return try Certificate(
            version: .v3, serialNumber: randomSerial(), publicKey: key.publicKey,
            notValidBefore: date(now - clockSkewMilliseconds), notValidAfter: date(now + Int64(days) * millisecondsPerDay),
            issuer: subject, subject: subject, signatureAlgorithm: .ecdsaWithSHA256,
            extensions: try CertificateTemplate.authorityExtensions(name: name, key: key.publicKey), issuerPrivateKey: key)
    }

    // MARK: Parts that issuing and revoking share

    /// - Throws: `.directory` when the key is elsewhere, unreadable, or not this authority's.
    func loadKey() throws(AuthorityError) -> Certificate.PrivateKey {
        guard hasKey else {
            throw .directory("\(keyPath) is not here; run this where the authority's key is kept, or bring the key")
        }
        let key: Certificate.PrivateKey
        do {
            let text = String(decoding: try DurableFile.contents(of: keyPath, bytesMax: 1 << 16), as: UTF8.self)
            key = Certificate.PrivateKey(try P256.Signing.PrivateKey(pemRepresentation: text))
        } catch let failure as DurableFile.Failure {
            throw failure.asAuthorityError
        } catch {
            throw .directory("\(keyPath) is not a P-256 private key in PEM")
        }
        guard key.publicKey == certificate.publicKey else { throw .directory("\(keyPath) is not the key of \(certificatePath)") }
        return key
    }

    var keyIdentifier: [UInt8] { Array(SubjectKeyIdentifier(hash: certificate.publicKey).keyIdentifier) }

    /// 127 random bits (RFC 5280 asks for a positive number of at most 20 bytes, CA/Browser Forum for 64 random bits).
    static func randomSerial() -> Certificate.SerialNumber {
        var generator = SystemRandomNumberGenerator()
        var bytes = (0..<16).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
        bytes[0] &= 0x7f
        return Certificate.SerialNumber(bytes: bytes)
    }

    static func date(_ milliseconds: Int64) -> Date { Date(timeIntervalSince1970: Double(milliseconds / 1000)) }
}

let millisecondsPerDay: Int64 = 24 * 3600 * 1000
