import ArgumentParser
import Foundation
import Identity
import Sentences

struct CertRevoke: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "revoke", abstract: Help.Command.certRevoke.spoken)
    }

    @Argument(help: .saying(Help.Option.revoked))
    var certificate: String
    @OptionGroup var authority: AuthorityOptions
    @Option(help: .saying(Help.Option.revocationReason))
    var reason: RevocationReason = .unspecified
    @OptionGroup var options: CommonOptions

    func run() throws {
        let authority = try self.authority.open()
        let what = try selection()
        let records = try CommandFailure.explaining { () throws(AuthorityError) in
            try authority.revoke(what, reason: reason, at: Instant.now)
        }
        var report = Report(columns: [
            .init("serial", .columnSerial), .init("subject", .columnSubject), .init("reason", .columnReason), .init("crl", .columnFile),
        ])
        for record in records {
            report.add([.string(record.serial), .string(record.subject), .string(reason.rawValue), .string(authority.revocationListPath)])
        }
        report.write(as: options.output, in: options.language)
        if options.output == .table {
            StandardStream.error.writeLine(Sentence.bringListToBroker(authority.revocationListPath).text(in: options.language))
        }
    }

    private func selection() throws(CommandFailure) -> CertificateAuthority.Revocation {
        if certificate.hasPrefix("spiffe://") { return .node(spiffeID: certificate) }
        var isDirectory: ObjCBool = false
        guard FileManager.default.fileExists(atPath: certificate, isDirectory: &isDirectory) else { return .certificate(serial: certificate) }
        let path = isDirectory.boolValue ? ClientFiles(directory: certificate).certificatePath : certificate
        return .certificate(serial: try CommandFailure.explaining { () throws(AuthorityError) in try ClientFiles.serialNumber(at: path) })
    }
}

struct CertCRL: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "crl", abstract: Help.Command.certCRL.spoken)
    }

    @OptionGroup var authority: AuthorityOptions
    @Option(help: .saying(Help.Option.listDays)) var days: Int?
    @OptionGroup var options: CommonOptions

    func run() throws {
        let authority = try self.authority.open()
        let nextUpdate = try CommandFailure.explaining { () throws(AuthorityError) in
            try authority.signRevocationList(days: days, at: Instant.now)
        }
        var report = Report(columns: [.init("file", .columnFile), .init("nextUpdate", .columnNextUpdate)])
        report.add([.string(authority.revocationListPath), .string(Instant.text(nextUpdate))])
        report.write(as: options.output, in: options.language)
    }
}

struct CertList: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(commandName: "list", abstract: Help.Command.certList.spoken)
    }

    @OptionGroup var authority: AuthorityOptions
    @OptionGroup var options: CommonOptions

    func run() throws {
        let authority = try self.authority.open()
        let records = try CommandFailure.explaining { () throws(AuthorityError) in try authority.list() }
        var report = Report(columns: [
            .init("serial", .columnSerial), .init("subject", .columnSubject), .init("roles", .columnRoles),
            .init("displayName", .columnDisplayName), .init("validUntil", .columnValidUntil), .init("status", .columnState),
            .init("reason", .columnReason),
        ])
        let now = Instant.now
        for record in records {
            report.add([
                .string(record.serial), .string(record.subject), .array(record.roles.map(JSONText.string)),
                .optional(record.displayName), .string(Instant.text(record.notAfter)), .word(record.status(at: now).rawValue, .certificateStatus(record.status(at: now).rawValue), options),
                .optional(record.revocationReason?.rawValue),
            ])
        }
        report.write(as: options.output, in: options.language)
    }
}
