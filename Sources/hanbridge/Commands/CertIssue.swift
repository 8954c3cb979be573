import AccessPolicy
import ArgumentParser
import Foundation
import Identity
import Sentences

struct CertIssue: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "issue", abstract: "Issue a node's certificate with ready-made client files, or a server's with --host.")

    @OptionGroup var authority: AuthorityOptions
    @Option(help: "The node's agency.") var agency: String?
    @Option(help: "The node's unit in the agency.") var unit: String?
    @Option(help: "The node's name in the unit.") var node: String?
    @Option(help: "operator, steward, auditor or member; may be repeated (default: member).") var role: [Role] = []
    @Option(help: "A name for people, in any language.") var displayName: String?
    @Option(help: "The purpose that this client declares when it subscribes; goes into the client files.") var purpose: String?
    @Option(help: "A DNS name or IP address: makes a server's certificate instead of a node's; may be repeated.") var host: [String] = []
    @Option(help: "How long it is valid, 1 to 398 days (default: 90 for a node, 397 for a server).") var days: Int?
    @Option(help: ArgumentHelp("A PKCS #10 request in PEM: the key stays where it was made.", valueName: "file")) var csr: String?
    @Option(help: ArgumentHelp("The directory for certificate, key and client files.", valueName: "dir")) var out: String
    @OptionGroup var endpoints: EndpointOptions
    @OptionGroup var options: CommonOptions

    func validate() throws {
        guard host.isEmpty else {
            guard agency == nil, unit == nil, node == nil, role.isEmpty, purpose == nil, displayName == nil else {
                throw ValidationError("--host makes a server's certificate: it has no agency, unit, node, role, purpose or display name.")
            }
            return
        }
        guard agency != nil, unit != nil, node != nil else {
            throw ValidationError("Name the node: --agency A --unit U --node N (or --host NAME for a server's certificate).")
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
            throw .wrongUsage(.verbatim(error.description))
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
