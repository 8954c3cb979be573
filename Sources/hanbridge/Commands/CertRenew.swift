import ArgumentParser
import Foundation
import Identity
import Sentences

struct CertRenew: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "renew",
            abstract: Help.Command.certRenew.spoken)
    }

    @Argument(help: .saying(Help.Option.issuedDirectory)) var directory: String
    @OptionGroup var authority: AuthorityOptions
    @Flag(help: .saying(Help.Option.newKey)) var newKey = false
    @Option(help: .saying(Help.Option.renewedDays)) var days: Int?
    @OptionGroup var endpoints: EndpointOptions
    @OptionGroup var options: CommonOptions

    func run() throws {
        let authority = try self.authority.open()
        let files = ClientFiles(directory: directory)
        let endpoints = try self.endpoints.endpoints(pki: authority.directory)
        let issued = try CommandFailure.explaining { () throws(AuthorityError) in
            let issued = try authority.renew(try files.certificateDER(), newKey: newKey, days: days, at: Instant.now)
            try files.write(issued, authorityPEM: authority.certificatePEM, replacing: true)
            // A server's directory has no client files, and a client's own ones are made new: the Java file holds the certificate.
            if FileManager.default.fileExists(atPath: files.profilePath) { try files.writeClientConfiguration(endpoints) }
            return issued
        }
        issued.write(directory: files.directory, options)
    }
}

struct CertProfile: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "profile",
            abstract: Help.Command.certProfile.spoken)
    }

    @Argument(help: .saying(Help.Option.issuedDirectory)) var directory: String
    @OptionGroup var authority: AuthorityOptions
    @Option(help: .saying(Help.Option.keptPurpose)) var purpose: String?
    @OptionGroup var endpoints: EndpointOptions
    @OptionGroup var options: CommonOptions

    func run() throws {
        let files = ClientFiles(directory: directory)
        let endpoints = try self.endpoints.endpoints(pki: URL(fileURLWithPath: authority.pki).standardizedFileURL.path)
        try CommandFailure.explaining { () throws(AuthorityError) in
            try files.writeClientConfiguration(endpoints, purpose: purpose)
        }
        var report = Report(columns: [.init("file", .columnFile)])
        for path in [files.profilePath, files.javaPath, files.librdkafkaPath] { report.add([.string(path)]) }
        report.write(as: options.output, in: options.language)
    }
}
