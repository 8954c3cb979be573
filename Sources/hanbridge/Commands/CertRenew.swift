import ArgumentParser
import Foundation
import Identity
import Sentences

struct CertRenew: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "renew",
        abstract: "Issue the certificate in a directory again, for the same identity; the old one stays valid until its own end.")

    @Argument(help: "The directory that `cert issue` wrote.") var directory: String
    @OptionGroup var authority: AuthorityOptions
    @Flag(help: "Make a new key as well. Without it the key stays, and the new certificate fits it at every moment.") var newKey = false
    @Option(help: "How long it is valid (default: as long as before).") var days: Int?
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
    static let configuration = CommandConfiguration(
        commandName: "profile",
        abstract: "Write the client files of a directory again: after it moved, or for a broker at another address.")

    @Argument(help: "The directory that `cert issue` wrote.") var directory: String
    @OptionGroup var authority: AuthorityOptions
    @Option(help: "The purpose that this client declares (default: as before).") var purpose: String?
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
