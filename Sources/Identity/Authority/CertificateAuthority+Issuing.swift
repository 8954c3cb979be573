import AccessPolicy
import Crypto
import Foundation
import SwiftASN1
import X509

extension CertificateAuthority {
    /// Issues a certificate. It is in the index, durably, before this returns it.
    /// - Parameter now: ms since 1970.
    public func issue(_ request: CertificateRequest, at now: Int64) throws(AuthorityError) -> IssuedCertificate {
        try check(request, at: now)
        let issuerKey = try loadKey()
        let (publicKey, keyPEM) = try Self.key(of: request)
        do {
            let until = min(now + Int64(request.days) * millisecondsPerDay, notAfter)
            let certificate = try Certificate(
                version: .v3, serialNumber: Self.randomSerial(), publicKey: publicKey,
                notValidBefore: Self.date(now - Self.clockSkewMilliseconds), notValidAfter: Self.date(until),
                issuer: self.certificate.subject, subject: try CertificateTemplate.subject(request.subject),
                signatureAlgorithm: .ecdsaWithSHA256,
                extensions: try CertificateTemplate.extensions(request.subject, key: publicKey, issuerKeyIdentifier: keyIdentifier),
                issuerPrivateKey: issuerKey)
            let pem = try certificate.serializeAsPEM()
            let line = try IssuedIndex.Line(issued: pem.derBytes, request.subject, at: now)
            try index.exclusively { try index.append(line) }
            guard let record = CertificateRecord(line) else { preconditionFailure("An issued line has every field of a record.") }
            return IssuedCertificate(
                certificatePEM: pem.pemString + "\n", certificateDER: pem.derBytes, keyPEM: keyPEM, record: record)
        } catch let error as AuthorityError {
            throw error
        } catch {
            throw .directory("the certificate cannot be made: \(error)")
        }
    }

    /// Issues a certificate for the same identity or hosts as `certificate`, which stays valid until its own end, so that nothing
    /// is interrupted while the new one is brought to its place.
    /// - Parameters:
    ///   - certificate: DER; one of this authority's own that was not revoked.
    ///   - newKey: false keeps the key, and with it the `writer` of EVIDENCE.md.
    ///   - days: as long as the old one when nil.
    public func renew(
        _ certificate: [UInt8], newKey: Bool, days: Int? = nil, at now: Int64
    ) throws(AuthorityError) -> IssuedCertificate {
        let old: PeerCertificate
        do {
            old = try PeerCertificate(der: certificate)
        } catch {
            throw .request(error.description)
        }
        let records = try list()
        guard let record = records.first(where: { $0.serial == old.serial }) else {
            throw .refused("\(directory) did not issue the certificate \(old.serial); renew it where it came from")
        }
        guard record.fingerprint == Hexadecimal.text(SHA256.hash(data: certificate)) else {
            throw .refused("the certificate is not the one that was issued under the serial number \(old.serial)")
        }
        guard record.revokedAt == nil else {
            throw .refused("the certificate \(old.serial) was revoked; issue a new one if the node is to come back")
        }
        let life = Int((Double(record.notAfter - record.issuedAt) / Double(millisecondsPerDay)).rounded(.up))
        let request = CertificateRequest(
            subject: try Self.subject(of: old), key: newKey ? .generated : .of(certificate: certificate), days: days ?? life)
        return try issue(request, at: now)
    }

    /// For `serve`, every few minutes: renews the broker's own certificate, its key kept, once two thirds of its life are over, while
    /// the authority's key is at hand. A certificate that this authority did not issue, or revoked, is left alone, and so is one that
    /// would hardly live longer because the authority itself ends.
    /// - Parameter path: the certificate's PEM file, which is replaced.
    /// - Returns: ms since 1970: the new certificate's end; nil where nothing was due.
    public func renewServerCertificateIfDue(at path: String, now: Int64) throws(AuthorityError) -> Int64? {
        guard hasKey else { return nil }
        let present = try ClientFiles.certificateDER(at: path)
        let fingerprint = Hexadecimal.text(SHA256.hash(data: present))
        guard let record = try list().first(where: { $0.fingerprint == fingerprint }), record.revokedAt == nil else { return nil }
        let life = record.notAfter - record.issuedAt
        guard now >= record.issuedAt + life / 3 * 2, min(now + life, notAfter) >= record.notAfter + life / 8 else { return nil }
        let renewed = try renew(present, newKey: false, at: now)
        do {
            try DurableFile.replace(path, with: Array(renewed.certificatePEM.utf8), mode: 0o644)
        } catch {
            throw error.asAuthorityError
        }
        return renewed.record.notAfter
    }

    /// All that was issued, oldest first.
    public func list() throws(AuthorityError) -> [CertificateRecord] {
        var records: [CertificateRecord] = []
        var positions: [String: Int] = [:]
        for line in try index.lines() {
            switch line.event {
            case .issued:
                guard let record = CertificateRecord(line) else { throw .directory("a line of \(index.path) lacks a field of a certificate") }
                positions[record.serial] = records.count
                records.append(record)
            case .revoked:
                guard let position = line.serial.flatMap({ positions[$0] }) else {
                    throw .directory("\(index.path) revokes a certificate that it did not issue")
                }
                records[position].revokedAt = line.at
                records[position].revocationReason = line.reason.flatMap(RevocationReason.init) ?? .unspecified
            case .list: continue
            }
        }
        return records
    }

    // MARK: Checks

    private func check(_ request: CertificateRequest, at now: Int64) throws(AuthorityError) {
        guard CertificateRequest.daysRange.contains(request.days) else {
            let range = CertificateRequest.daysRange
            throw .request("a certificate lives \(range.lowerBound) to \(range.upperBound) days, not \(request.days)")
        }
        guard now < notAfter else {
            throw .refused("the authority's own certificate ended at \(UTCTime.text(notAfter)); make a new authority (Certs/README.md, rotation)")
        }
        switch request.subject {
        case .node(let identity):
            guard identity.authority == name else {
                throw .request("this authority is “\(name)”; it cannot speak for “\(identity.authority)”")
            }
            if let shown = identity.displayName, NamedIdentity.displayable(shown) != shown {
                throw .request(
                    "the display name has control or invisible characters, or more than \(NamedIdentity.displayNameCharactersMax) characters")
            }
        case .server(let hosts):
            guard (1...CertificateRequest.hostsMax).contains(hosts.count) else {
                throw .request("a server's certificate has 1 to \(CertificateRequest.hostsMax) hosts, not \(hosts.count)")
            }
            for host in hosts { try CertificateRequest.check(host: host) }
        }
    }

    private static func key(of request: CertificateRequest) throws(AuthorityError) -> (Certificate.PublicKey, pem: String?) {
        switch request.key {
        case .generated:
            let key = P256.Signing.PrivateKey()
            return (Certificate.PublicKey(key.publicKey), key.pemRepresentation + "\n")
        case .of(let certificate):
            guard let parsed = try? Certificate(derEncoded: certificate) else { throw .request("the certificate cannot be read") }
            return (try strong(parsed.publicKey), nil)
        case .signingRequest(let pem):
            guard let request = try? CertificateSigningRequest(pemEncoded: pem) else {
                throw .request("the signing request is not a PKCS #10 request in PEM (openssl req -new -key KEY -subj /CN=node)")
            }
            guard request.publicKey.isValidSignature(request.signature, for: request) else {
                throw .refused("the signing request is not signed by its own key")
            }
            return (try strong(request.publicKey), nil)
        }
    }

    private static func strong(_ key: Certificate.PublicKey) throws(AuthorityError) -> Certificate.PublicKey {
        guard P256.Signing.PublicKey(key) != nil || P384.Signing.PublicKey(key) != nil || P521.Signing.PublicKey(key) != nil else {
            throw .refused("the key is not on the curve P-256, P-384 or P-521 (openssl ecparam -name prime256v1 -genkey -noout)")
        }
        return key
    }

    private static func subject(of certificate: PeerCertificate) throws(AuthorityError) -> CertificateRequest.Subject {
        guard !certificate.uris.isEmpty else {
            return .server(hosts: certificate.values(of: .dnsName) + certificate.values(of: .ipAddress))
        }
        do {
            return .node(try NamedIdentity.fromSpiffeID(certificate))
        } catch {
            throw .request(error.description)
        }
    }
}

extension IssuedIndex.Line {
    fileprivate init(issued der: [UInt8], _ subject: CertificateRequest.Subject, at now: Int64) throws {
        let read = try PeerCertificate(der: der)
        let certificate = read.certificate
        self.init(event: .issued, at: now)
        serial = read.serial
        keyHash = Hexadecimal.text(SHA256.hash(data: read.subjectPublicKeyInfo))
        notBefore = Int64(certificate.notValidBefore.timeIntervalSince1970) * 1000
        notAfter = Int64(certificate.notValidAfter.timeIntervalSince1970) * 1000
        fingerprint = Hexadecimal.text(SHA256.hash(data: der))
        switch subject {
        case .node(let identity):
            self.subject = identity.spiffeID
            roles = identity.roles.sorted().map(\.rawValue)
            displayName = identity.displayName
        case .server(let hosts):
            self.subject = hosts.joined(separator: " ")
            roles = []
        }
    }
}

extension CertificateRecord {
    /// - Returns: nil when the line lacks a field.
    fileprivate init?(_ line: IssuedIndex.Line) {
        guard let serial = line.serial, let subject = line.subject, let notBefore = line.notBefore, let notAfter = line.notAfter,
            let fingerprint = line.fingerprint, let keyHash = line.keyHash
        else { return nil }
        self.init(
            serial: serial, subject: subject, roles: line.roles ?? [], displayName: line.displayName, issuedAt: line.at,
            notBefore: notBefore, notAfter: notAfter, fingerprint: fingerprint, keyHash: keyHash)
    }
}
