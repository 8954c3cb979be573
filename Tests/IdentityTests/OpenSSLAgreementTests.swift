import AccessPolicy
import Foundation
import SwiftASN1
import Testing
import X509

@testable import Identity

@Suite("The openssl command line agrees with us")
struct OpenSSLAgreementTests {
    /// A directory with an authority, one good and one revoked certificate.
    private func prepare(_ path: String) throws -> (authority: CertificateAuthority, good: String, bad: String) {
        let authority = try CertificateAuthority.create(directory: "\(path)/pki", name: "danang", at: now)
        let files = try ["good", "bad"].map { node -> (IssuedCertificate, String) in
            let identity = try NodeIdentity(authority: "danang", agency: "a", unit: "b", node: node, roles: [.auditor], displayName: "Tổ dân phố")
            let issued = try authority.issue(CertificateRequest(subject: .node(identity)), at: now)
            let file = "\(path)/\(node).pem"
            try issued.certificatePEM.write(toFile: file, atomically: true, encoding: .utf8)
            return (issued, file)
        }
        try authority.revoke(.certificate(serial: files[1].0.record.serial), reason: .superseded, at: now)
        return (authority, files[0].1, files[1].1)
    }

    private func verify(_ authority: CertificateAuthority, _ file: String, at instant: Int64, _ more: String...) throws -> (status: Int32, text: String) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
        process.arguments =
            ["verify", "-x509_strict", "-purpose", "sslclient", "-auth_level", "2", "-crl_check", "-CRLfile", authority.revocationListPath]
            + ["-CAfile", authority.certificatePath, "-attime", String(instant / 1000)] + more + [file]
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        let data = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: data, as: UTF8.self))
    }

    @Test("openssl verify -x509_strict -crl_check accepts what we issue and refuses what we revoked")
    func verification() throws {
        let directory = try TemporaryDirectory()
        let (authority, good, bad) = try prepare(directory.path)
        let accepted = try verify(authority, good, at: now + day, "-crl_check_all")
        #expect(accepted.status == 0, "\(accepted.text)")
        let revoked = try verify(authority, bad, at: now + day)
        #expect(revoked.status != 0 && revoked.text.contains("certificate revoked"), "\(revoked.text)")
        #expect(try verify(authority, good, at: now + 91 * day).text.contains("certificate has expired"))
        #expect(try verify(authority, good, at: now + 8 * day).text.contains("CRL has expired"))
    }

    @Test("openssl crl verifies our lists and reads number, reason and dates from them")
    func lists() throws {
        let directory = try TemporaryDirectory()
        let (authority, _, _) = try prepare(directory.path)
        let answer = try openssl(
            "crl", "-in", authority.revocationListPath, "-CAfile", authority.certificatePath, "-noout", "-text")
        #expect(answer.status == 0 && answer.text.contains("verify OK"), "\(answer.text)")
        #expect(answer.text.contains("Version 2"))
        #expect(answer.text.replacing(" ", with: "").contains("X509v3CRLNumber:\n2\n"), "\(answer.text)")
        #expect(answer.text.contains("Superseded"))
        #expect(answer.text.contains("Next Update: Nov 25 11:06:40 2026 GMT"), "\(answer.text)")
    }

    @Test("a list past 2049 has generalized times, and an empty one no empty sequence")
    func farAndEmpty() throws {
        let directory = try TemporaryDirectory()
        let authority = try TestAuthority(notAfter: 2_600_000_000_000)
        let ca = try directory.write("ca.pem", try authority.certificate.serializeAsPEM().pemString)
        let file = "\(directory.path)/crl.der"
        try Data(try authority.list(nextUpdate: 2_551_442_400_000)).write(to: URL(fileURLWithPath: file))
        let text = try openssl("crl", "-inform", "DER", "-in", file, "-CAfile", ca, "-noout", "-text").text
        #expect(text.contains("verify OK") && text.contains("No Revoked Certificates"), "\(text)")
        #expect(text.contains("Next Update: Nov  7 14:00:00 2050 GMT"), "\(text)")
    }

    @Test("openssl reads our certificates' names, purposes and roles")
    func certificate() throws {
        let directory = try TemporaryDirectory()
        let (_, good, _) = try prepare(directory.path)
        let text = try openssl("x509", "-in", good, "-noout", "-text", "-nameopt", "utf8").text
        #expect(text.contains("URI:spiffe://danang/a/b/good"))
        #expect(text.contains("TLS Web Client Authentication"))
        #expect(text.contains(RolesExtension.dottedIdentifier))
        #expect(text.contains("CA:FALSE"))
        #expect(text.contains("Tổ dân phố"), "\(text)")
    }
}
