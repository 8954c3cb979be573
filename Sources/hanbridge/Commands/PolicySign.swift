import AccessPolicy
import ArgumentParser
import Foundation
import Identity
import Sentences

struct PolicySign: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "sign", abstract: Help.Command.policySign.spoken, discussion: Help.Command.policySignMore.spoken)
    }

    @Argument(help: .saying(Help.Option.agreementID))
    var id: String

    @Argument(help: .saying(Help.Option.agreementFiles))
    var paths: [String] = ["."]

    @Option(name: .customLong("as"), help: .saying(Help.Option.signAs))
    var signer: String?

    @OptionGroup var options: CommonOptions

    func run() throws {
        let profile = try options.loadProfile()
        let files = try AgreementFiles(paths)
        let check = try files.check(options)
        guard let agreement = check.written.first(where: { $0.id == id }),
            let file = files.folders.keys.first(where: { files.agreements(in: $0).contains { $0.id == id } }),
            let folder = files.folders[file]
        else { throw CommandFailure.refused(.noSuchAgreement(id)) }
        let (signer, signature) = try sign(agreement, with: profile)

        let name = SignatureFile.name(forAgreement: id)
        let others = try files.texts[name].map { try SignatureFile.parse($0, name: name).signatures } ?? []
        let signatures = others.filter { $0.signer != signer } + [signature]
        let text = SignatureFile(agreement: id, signatures: signatures).text
        do {
            try Data(text.utf8).write(to: URL(fileURLWithPath: "\(folder)/\(name)"), options: .atomic)
        } catch {
            throw CommandFailure.refused(.fileNotWritten("\(folder)/\(name)", why: error.localizedDescription))
        }
        let missing = agreement.signedBy.filter { listed in !signatures.contains { $0.signer == listed } }
        report(agreement, signer, "\(folder)/\(name)", missing)
    }

    private func sign(_ agreement: Agreement, with profile: Profile) throws -> (String, AgreementSignature) {
        do {
            let steward = try AgreementSigner(certificate: profile.certificate, key: profile.key)
            let signer = try name(of: steward, for: agreement)
            return (signer, try steward.sign(agreement, as: signer))
        } catch let error as TrustError {
            throw CommandFailure.refused(.told(error.description))
        }
    }

    /// - Throws: for whoever's signature would mean nothing.
    private func name(of steward: AgreementSigner, for agreement: Agreement) throws -> String {
        guard let identity = steward.identity else {
            guard let signer, signer.split(separator: "/").count == 3 else { throw CommandFailure.wrongUsage(.signerNameNeeded) }
            return signer
        }
        guard identity.roles.contains(.steward) else { throw CommandFailure.refused(.signerNotSteward(identity.path)) }
        let agencies = Set([agreement.owner] + agreement.parties.compactMap(\.node.agency))
        guard agencies.contains(identity.agency) else {
            throw CommandFailure.refused(.signerStrange(identity.path, agreement.id, agencies: agencies.sorted()))
        }
        return identity.path
    }

    private func report(_ agreement: Agreement, _ signer: String, _ file: String, _ missing: [String]) {
        switch options.output {
        case .table:
            func say(_ sentence: Sentence) { StandardStream.output.writeLine(sentence.text(in: options.language)) }
            say(.agreementSigned(agreement.id, by: signer, file: file))
            if !missing.isEmpty { say(.signaturesMissing(missing)) }
        case .json:
            let fields: [(String, JSONText)] = [
                ("agreement", .string(agreement.id)), ("signer", .string(signer)), ("file", .string(file)),
                ("signed", .string(agreement.canonicalJSON)), ("missing", .array(missing.map(JSONText.string))),
            ]
            StandardStream.output.writeLine(JSONText.object(fields).description)
        }
    }
}
