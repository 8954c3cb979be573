import Crypto
import Foundation
import SwiftASN1
import X509

extension CertificateAuthority {
    /// What to revoke.
    public enum Revocation: Sendable {
        /// A certificate, by its serial number in hex, with or without colons, and every other one with the same key: who
        /// holds that key would show the other.
        case certificate(serial: String)
        /// Every certificate of a node, by its SPIFFE id.
        case node(spiffeID: String)
    }

    /// Revokes what has not expired and was not revoked before, and signs a list that says so. The revocation is durable before
    /// the list is written: after a crash in between the next `hanbridge cert` and the next start of `serve` write it
    /// (``mendRevocationList(at:)``).
    /// - Parameter now: ms since 1970.
    /// - Returns: what was revoked; never empty.
    @discardableResult
    public func revoke(_ what: Revocation, reason: RevocationReason, at now: Int64) throws(AuthorityError) -> [CertificateRecord] {
        _ = try loadKey()
        do {
            let revoked = try index.exclusively {
                let records = try select(what, at: now)
                for record in records {
                    var line = IssuedIndex.Line(event: .revoked, at: now)
                    line.serial = record.serial
                    line.reason = reason.rawValue
                    try index.append(line)
                }
                return records
            }
            try signRevocationList(at: now)
            return revoked
        } catch let error as AuthorityError {
            throw error
        } catch {
            throw .directory(String(describing: error))
        }
    }

    private func select(_ what: Revocation, at now: Int64) throws(AuthorityError) -> [CertificateRecord] {
        let records = try list()
        switch what {
        case .node(let spiffeID):
            let live = records.filter { $0.subject == spiffeID && $0.status(at: now) == .valid }
            guard !live.isEmpty else { throw .refused("\(directory) has no valid certificate of \(spiffeID)") }
            return live
        case .certificate(let serial):
            guard let bytes = Hexadecimal.bytes(serial.lowercased()) else { throw .request("“\(serial)” is not a serial number in hexadecimal") }
            let wanted = Hexadecimal.text(Certificate.SerialNumber(bytes: bytes).bytes)
            guard let record = records.first(where: { $0.serial == wanted }) else {
                throw .refused("\(directory) did not issue a certificate with the serial number \(wanted)")
            }
            switch record.status(at: now) {
            case .revoked: throw .refused("the certificate \(wanted) is already revoked")
            case .expired: throw .refused("the certificate \(wanted) ended at \(UTCTime.text(record.notAfter)); there is nothing to revoke")
            case .valid: return records.filter { $0.keyHash == record.keyHash && $0.status(at: now) == .valid }
            }
        }
    }

    /// Signs a new revocation list over all that is revoked and replaces `crl.pem`. Its number is durable before it is, so no
    /// number is ever used twice.
    /// - Parameter days: until its next update; as long as the last list when nil.
    /// - Returns: ms since 1970: the next update.
    @discardableResult
    public func signRevocationList(days: Int? = nil, at now: Int64) throws(AuthorityError) -> Int64 {
        if let days, !Self.revocationListDaysRange.contains(days) {
            let range = Self.revocationListDaysRange
            throw .request("a revocation list lives \(range.lowerBound) to \(range.upperBound) days, not \(days)")
        }
        let key = try loadKey()
        do {
            return try index.exclusively {
                let last = try lastList()
                let life = days.map { Int64($0) * millisecondsPerDay } ?? last?.life ?? Int64(Self.revocationListDaysDefault) * millisecondsPerDay
                var line = IssuedIndex.Line(event: .list, at: now)
                line.number = (last?.number ?? 0) + 1
                line.nextUpdate = now + life
                let list = RevocationList(
                    issuer: certificate.subject, issuerKeyIdentifier: keyIdentifier, number: line.number ?? 1,
                    thisUpdate: now - Self.clockSkewMilliseconds, nextUpdate: now + life, entries: try revokedEntries(at: now))
                let pem = PEMDocument(type: "X509 CRL", derBytes: try list.signed(by: key))
                line.fingerprint = Hexadecimal.text(SHA256.hash(data: pem.derBytes))
                try index.append(line)
                try DurableFile.replace(revocationListPath, with: Array((pem.pemString + "\n").utf8), mode: 0o644)
                return now + life
            }
        } catch let error as AuthorityError {
            throw error
        } catch {
            throw .directory("the revocation list cannot be made: \(error)")
        }
    }

    /// For `serve`, every few minutes: signs a new list once a third of the present one's life is over, well before anybody warns
    /// (from half of it), while the key is at hand. Where it is not, the list comes from elsewhere and nothing happens.
    /// - Returns: whether a new list was written.
    public static func reissueRevocationListIfDue(pki directory: String, at now: Int64) throws(AuthorityError) -> Bool {
        let authority = try CertificateAuthority(directory: directory)
        guard authority.hasKey else { return false }
        if let last = try authority.lastList(), now < last.at + last.life / 3 { return try authority.mendRevocationList(at: now) }
        try authority.signRevocationList(at: now)
        return true
    }

    /// Writes the list again where `crl.pem` is not the last one that was signed, or something was revoked since: what a crash left.
    /// Does nothing where the key is elsewhere.
    /// - Returns: whether a new list was written.
    @discardableResult
    public func mendRevocationList(at now: Int64) throws(AuthorityError) -> Bool {
        guard hasKey, try isListBehind() else { return false }
        try signRevocationList(at: now)
        return true
    }

    private func isListBehind() throws(AuthorityError) -> Bool {
        let lines = try index.lines()
        guard let position = lines.lastIndex(where: { $0.event == .list }) else { return true }
        if lines[position...].contains(where: { $0.event == .revoked }) || !DurableFile.exists(revocationListPath) { return true }
        // Lists of before had no fingerprint.
        guard let fingerprint = lines[position].fingerprint else { return false }
        let present = try? TrustFiles.read(revocationListPath, "X509 CRL", bytesMax: TrustFiles.revocationFileBytesMax)
        return present?.first.map { Hexadecimal.text(SHA256.hash(data: $0)) } != fingerprint
    }

    private func lastList() throws(AuthorityError) -> (number: Int64, at: Int64, life: Int64)? {
        for line in try index.lines().reversed() where line.event == .list {
            guard let number = line.number, let nextUpdate = line.nextUpdate else { throw .directory("a list in \(index.path) has no number") }
            return (number, line.at, nextUpdate - line.at)
        }
        return nil
    }

    /// An expired certificate is refused for being expired; its entry may go (RFC 5280, 3.3: after one list past its end).
    private func revokedEntries(at now: Int64) throws(AuthorityError) -> [RevocationList.Entry] {
        try list().compactMap { record in
            guard let at = record.revokedAt, let serial = Hexadecimal.bytes(record.serial) else { return nil }
            guard record.notAfter + Int64(Self.revocationListDaysRange.upperBound) * millisecondsPerDay > now else { return nil }
            return RevocationList.Entry(serial: serial, at: at, reason: record.revocationReason ?? .unspecified)
        }
    }
}
