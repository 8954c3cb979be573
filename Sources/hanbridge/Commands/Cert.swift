import ArgumentParser
import Foundation
import Identity
import Sentences

struct Cert: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            abstract: Help.Command.cert.spoken,
            discussion: Help.Command.certMore.spoken,
            subcommands: [CertIssue.self, CertRenew.self, CertRevoke.self, CertList.self, CertCRL.self, CertProfile.self])
    }
}

/// The authority that a command works on.
struct AuthorityOptions: ParsableArguments {
    @Option(help: .saying(Help.Option.authorityDirectory, valueName: "dir"))
    var pki = "pki"

    /// Opens it, and mends what a command before left undone.
    func open() throws(CommandFailure) -> CertificateAuthority {
        try CommandFailure.explaining { () throws(AuthorityError) in
            let authority = try CertificateAuthority(directory: URL(fileURLWithPath: pki).standardizedFileURL.path)
            if try authority.mendRevocationList(at: Instant.now) {
                StandardStream.error.writeLine(Sentence.revocationListMended(authority.revocationListPath).text(in: Language.spoken))
            }
            return authority
        }
    }
}

/// Where the client files say that the broker is.
struct EndpointOptions: ParsableArguments {
    @Option(help: .saying(Help.Option.clientKafka, valueName: "host:port"))
    var kafka: String?

    @Option(help: .saying(Help.Option.clientHTTPS, valueName: "url"))
    var https: String?

    func endpoints(pki directory: String) throws(CommandFailure) -> ClientEndpoints {
        var endpoints =
            try CommandFailure.explaining { () throws(AuthorityError) in try ClientEndpoints.load(pki: directory) } ?? .onThisMachine
        if let kafka {
            for address in kafka.split(separator: ",") where HostAndPort(String(address)) == nil {
                throw .wrongUsage(.notAnAddress(String(address)))
            }
            endpoints.kafka = kafka
        }
        if let https { endpoints.https = https }
        // An address that was given beats what a broker on this machine found.
        if kafka != nil || https != nil { endpoints.running = nil }
        return endpoints
    }
}

extension CommandFailure {
    /// The authority's sentences as a command's end: a request that is wrong is wrong usage, all else is a refusal.
    static func explaining<Answer>(_ body: () throws(AuthorityError) -> Answer) throws(CommandFailure) -> Answer {
        do {
            return try body()
        } catch {
            switch error {
            case .request: throw .wrongUsage(.told(error.description))
            case .refused, .directory: throw .refused(.told(error.description))
            }
        }
    }
}

enum Instant {
    /// ms since 1970.
    static var now: Int64 { Int64(Date().timeIntervalSince1970 * 1000) }

    static func text(_ milliseconds: Int64) -> String {
        Date(timeIntervalSince1970: Double(milliseconds) / 1000).formatted(.iso8601)
    }
}

extension IssuedCertificate {
    /// What `issue` and `renew` print.
    func write(directory: String, _ options: CommonOptions) {
        var report = Report(columns: [
            .init("serial", .columnSerial), .init("subject", .columnSubject), .init("roles", .columnRoles),
            .init("validUntil", .columnValidUntil), .init("directory", .columnDirectory),
        ])
        report.add([
            .string(record.serial), .string(record.subject), .array(record.roles.map(JSONText.string)),
            .string(Instant.text(record.notAfter)), .string(directory),
        ])
        report.write(as: options.output, in: options.language)
    }
}
