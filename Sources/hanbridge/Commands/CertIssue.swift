import AccessPolicy
import ArgumentParser
import Foundation
import Identity
import Sentences

struct CertIssue: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "issue", abstract: Help.Command.certIssue.spoken)
    }

    @OptionGroup var authority: AuthorityOptions
    @Option(help: .saying(Help.Option.nodeAgency)) var agency: String?
    @Option(help: .saying(Help.Option.nodeUnit)) var unit: String?
    @Option(help: .saying(Help.Option.nodeName)) var node: String?
    @Option(help: .saying(Help.Option.roles)) var role: [Role] = []
    @Option(help: .saying(Help.Option.displayName)) var displayName: String?
    @Option(help: .saying(Help.Option.declaredPurpose)) var purpose: String?
    @Option(help: .saying(Help.Option.serverHost)) var host: [String] = []
    @Option(help: .saying(Help.Option.validDays)) var days: Int?
    @Option(help: .saying(Help.Option.signingRequest, valueName: "file")) var csr: String?
    @Option(help: .saying(Help.Option.outputDirectory, valueName: "dir")) var out: String
    @OptionGroup var endpoints: EndpointOptions
    @OptionGroup var options: CommonOptions

    func validate() throws {
        guard host.isEmpty else {
            guard agency == nil, unit == nil, node == nil, role.isEmpty, purpose == nil, displayName == nil else {
                throw ValidationError(Help.Usage.serverHasNoNode)
            }
            return
        }
        guard agency != nil, unit != nil, node != nil else {
            throw ValidationError(Help.Usage.nodeUnnamed)
        }
    }

    func run() throws {
        let authority = try self.authority.open()
        let request = CertificateRequest(subject: try subject(of: authority), key: try CertificateRequest.Key(csr: csr), days: days)
        let files = ClientFiles(directory: out)
        // All that can be refused is refused before a certificate exists.
        if FileManager.default.fileExists(atPath: files.certificatePath) { throw CommandFailure.refused(.stateDirectoryNotEmpty(files.directory)) }
        let endpoints = try self.endpoints.endpoints(pki: authority.directory)
        let issued = try CommandFailure.explaining { () throws(AuthorityError) in
            if let purpose { try ClientFiles.check(purpose: purpose) }
            let issued = try authority.issue(request, at: Instant.now)
            try files.write(issued, authorityPEM: authority.certificatePEM)
            if host.isEmpty { try files.writeClientConfiguration(endpoints, purpose: purpose) }
            return issued
        }
        issued.write(directory: files.directory, options)
        if issued.keyPEM == nil { StandardStream.error.writeLine(Sentence.keyMadeElsewhere(files.keyPath).text(in: options.language)) }
    }

    private func subject(of authority: CertificateAuthority) throws(CommandFailure) -> CertificateRequest.Subject {
        guard host.isEmpty else { return .server(hosts: host) }
        do {
            return .node(
                try NodeIdentity(
                    authority: authority.name, agency: agency ?? "", unit: unit ?? "", node: node ?? "",
                    roles: role.isEmpty ? [.member] : Set(role), displayName: displayName))
        } catch {
            throw .wrongUsage(.told(error.description))
        }
    }
}

extension CertificateRequest.Key {
    /// - Parameter csr: the file of a signing request; nil makes a key.
    init(csr: String?) throws(CommandFailure) {
        guard let csr else {
            self = .generated
            return
        }
        guard let text = try? String(contentsOfFile: csr, encoding: .utf8) else { throw .wrongUsage(.fileUnreadable(csr)) }
        self = .signingRequest(pem: text)
    }
}
