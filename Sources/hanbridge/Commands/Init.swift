import AccessPolicy
import ArgumentParser
import Foundation
import Identity
import Sentences

/// `hanbridge init DIR`: a state directory in which a broker can start, with an authority of its own and an administrator.
struct Init: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "init", abstract: Help.Command.initialize.spoken)
    }

    @Argument(help: .saying(Help.Option.newDirectory)) var directory: String
    @Option(help: .saying(Help.Option.authorityName)) var authority = "city.example"
    @Option(help: .saying(Help.Option.brokerHost))
    var host: [String] = []
    @Option(help: .saying(Help.Option.administratorAgency)) var agency = "city"
    @OptionGroup var options: CommonOptions

    /// Names that are always in the broker's certificate, for the tools on its own machine.
    private static let loopback = ["localhost", "127.0.0.1", "::1"]

    func run() throws {
        let root = URL(fileURLWithPath: directory).standardizedFileURL.path
        if let present = try? FileManager.default.contentsOfDirectory(atPath: root), !present.isEmpty {
            throw CommandFailure.refused(.stateDirectoryNotEmpty(root))
        }
        // All that can be refused is refused before anything is made.
        let administrator = try administratorIdentity()
        try CommandFailure.explaining { () throws(AuthorityError) in
            for host in host { try CertificateRequest.check(host: host) }
        }
        try makeDirectories(root)
        let configuration = StateConfiguration(authority: authority, hosts: host.filter { !Self.loopback.contains($0) })
        try CommandFailure.explaining { () throws(AuthorityError) in
            try makeCertificates(root, configuration, administrator)
        }
        // Last: what has a broker.yaml is whole.
        do {
            try configuration.text.write(toFile: "\(root)/broker.yaml", atomically: true, encoding: .utf8)
        } catch {
            throw CommandFailure.refused(.fileUnwritable("\(root)/broker.yaml", why: error.localizedDescription))
        }
        say(root)
    }

    private func administratorIdentity() throws(CommandFailure) -> NodeIdentity {
        do {
            return try NodeIdentity(
                authority: authority, agency: agency, unit: "operations", node: "admin", roles: [.operator, .steward, .auditor])
        } catch {
            throw .wrongUsage(.told(error.description))
        }
    }

    private func makeDirectories(_ root: String) throws(CommandFailure) {
        for path in [root, "\(root)/data", "\(root)/profiles"] {
            do {
                try FileManager.default.createDirectory(
                    atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            } catch {
                throw .refused(.directoryUnwritable(path, why: error.localizedDescription))
            }
        }
    }

    private func makeCertificates(
        _ root: String, _ configuration: StateConfiguration, _ administrator: NodeIdentity
    ) throws(AuthorityError) {
        let now = Instant.now
        let pki = "\(root)/pki"
        let authority = try CertificateAuthority.create(directory: pki, name: self.authority, at: now)
        let endpoints = ClientEndpoints(
            kafka: configuration.clientKafka, https: configuration.clientHTTPS, running: "\(root)/data/endpoints.json")
        try endpoints.save(pki: pki)

        let hosts = configuration.hosts + Self.loopback
        let broker = try authority.issue(CertificateRequest(subject: .server(hosts: hosts)), at: now)
        try ClientFiles(directory: "\(pki)/broker").write(broker, authorityPEM: authority.certificatePEM)

        let admin = try authority.issue(CertificateRequest(subject: .node(administrator)), at: now)
        let files = ClientFiles(directory: "\(root)/profiles/admin")
        try files.write(admin, authorityPEM: authority.certificatePEM)
        try files.writeClientConfiguration(endpoints)
    }

    private func say(_ root: String) {
        switch options.output {
        case .table:
            StandardStream.output.writeLine(Sentence.stateDirectoryMade(root, authority: authority).text(in: options.language))
        case .json:
            let made: JSONText = .object([
                ("configuration", .string("\(root)/broker.yaml")), ("pki", .string("\(root)/pki")),
                ("profile", .string("\(root)/profiles/admin/profile.yaml")),
            ])
            StandardStream.output.writeLine(made.description)
        }
    }
}
