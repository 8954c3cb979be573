import AccessPolicy
import ArgumentParser
import Broker
import CommitLog
import Foundation
import Identity
import Listeners
import Metadata
import Sentences
import Storage

struct Check: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            abstract: Help.Command.check.spoken,
            discussion: Help.Command.checkMore.spoken)
    }

    @Option(help: .saying(Help.Option.configuration, valueName: "file"))
    var config: String

    @Flag(help: .saying(Help.Option.configurationOnly))
    var configOnly = false

    @Option(help: .saying(Help.Option.language), transform: Language.init(argument:))
    var lang: Language?

    @Option(help: .saying(Help.Option.output))
    var output: OutputFormat = .table

    func run() async throws {
        var verdict = Verdict(output: output, language: lang ?? Language.spoken)
        let configuration: BrokerConfiguration
        do {
            configuration = try BrokerConfiguration(contentsOf: config)
            _ = try ListenerLimits(configuration)
        } catch {
            throw CommandFailure.refused(error.located)
        }
        var signatures: SignatureRules?
        do {
            let authenticator = try TrustMaterial(configuration).authenticator
            // Which certificates ended after their signature was accepted, the broker's store knows.
            signatures = SignatureRules(configuration.signatures, judge: CertificateSignatures { authenticator }, forgivesEnds: true)
        } catch {
            verdict.problem(.told("\(error)"))
        }
        checkAgreements(configuration, signatures, &verdict)
        checkWitnesses(configuration, &verdict)
        if !configOnly { await verdict.checkStore(log: configuration.logDirectory, metadata: configuration.metadataFile, mayBeMissing: true) }
        try verdict.conclude()
    }

    private func checkWitnesses(_ configuration: BrokerConfiguration, _ verdict: inout Verdict) {
        do throws(CommandFailure) {
            let policy = try configuration.evidence.policy.map { path throws(CommandFailure) in try EvidenceFiles.policy(path) }
            _ = try WitnessWiring.addresses(configuration, policy)
            if let role = configuration.evidence.witness {
                _ = try WitnessSetUp(role: role, home: WitnessHome(directory: configuration.witnessDirectory)).peers()
            }
        } catch {
            verdict.problem(error.sentence)
        }
    }

    private func checkAgreements(_ configuration: BrokerConfiguration, _ signatures: SignatureRules?, _ verdict: inout Verdict) {
        guard let directory = configuration.policyDirectory, FileManager.default.fileExists(atPath: directory) else { return }
        do throws(CommandFailure) {
            let files = try AgreementFiles([directory])
            let now = Int64(Date().timeIntervalSince1970 * 1000)
            for problem in AgreementsCheck(files: files.texts, at: now, signatures: signatures).errors {
                verdict.problem(problem.located)
            }
        } catch {
            verdict.problem(error.sentence)
        }
    }
}

/// What a verification found, told as it is found.
struct Verdict {
    let output: OutputFormat
    let language: Language
    private(set) var problemCount = 0

    mutating func problem(_ sentence: Sentence) {
        problemCount += 1
        tell("problem", sentence)
    }

    func remark(_ sentence: Sentence) { tell("remark", sentence) }

    /// Reads the whole log and the metadata of a store that nobody has open.
    mutating func checkStore(log: String, metadata: String, mayBeMissing: Bool) async {
        let files = FileManager.default
        if mayBeMissing, !files.fileExists(atPath: log), !files.fileExists(atPath: metadata) { return remark(.storeNotThereYet) }
        do throws(StorageError) {
            let report = try await CommitLog.check(directory: log)
            for problem in report.problems { self.problem(.told(problem)) }
            for remark in report.remarks { self.remark(.told(remark)) }
            remark(.storeRead(partitions: report.partitions, records: report.records))
        } catch {
            problem(error.forOperator)
        }
        do throws(StorageError) {
            for problem in try MetadataDatabase.check(path: metadata) { self.problem(.told(problem)) }
        } catch {
            problem(error.forOperator)
        }
    }

    /// - Throws: exit status 1 when anything was wrong.
    func conclude() throws(CommandFailure) {
        guard problemCount == 0 else { throw .refused(.problemsFound(problemCount)) }
        tell("verdict", .nothingWrong)
    }

    private func tell(_ level: String, _ sentence: Sentence) {
        switch output {
        case .table: StandardStream.output.writeLine(sentence.text(in: language))
        case .json:
            StandardStream.output.writeLine(
                JSONText.object([("level", .string(level)), ("message", .string(sentence.text(in: language)))]).description)
        }
    }
}
