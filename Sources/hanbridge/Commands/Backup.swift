import ArgumentParser
import Foundation
import Listeners
import NIOCore
import Sentences

struct Backup: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Back up a running broker, verify a backup, restore one.",
        discussion: "Without a backup on another disk, one lost disk is lost data.",
        subcommands: [BackupCreate.self, BackupVerify.self, BackupRestore.self])
}

struct BackupCreate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create", abstract: "Copy log, metadata, configuration and keys of the running broker.",
        discussion: """
            The broker writes the copy itself, on its own machine, into a new directory under backup.directory of broker.yaml. Needs the \
            role operator. The copy contains private keys: keep it as you keep them, and on another disk.
            """)

    @OptionGroup var options: CommonOptions

    func run() async throws {
        let answer = try await AdministrationClient.run(options) {
            try await $0.send(.post, "/v1/backups", body: .object([]), timeout: .hours(24))
        }
        guard let document = try? JSONDecoder().decode(BackupDocument.self, from: Data(answer.text.utf8)) else {
            throw CommandFailure.refused(.answerMalformed("/v1/backups"))
        }
        switch options.output {
        case .json: StandardStream.output.writeLine(answer.text)
        case .table:
            let sentence = Sentence.backupCreated(document.directory, partitions: document.partitions, bytes: document.bytes)
            StandardStream.output.writeLine(sentence.text(in: options.language))
        }
    }
}

struct BackupVerify: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify", abstract: "Read a whole backup and say whether it could be restored; offline.")

    @Argument(help: "The backup's directory.")
    var directory: String

    @OptionGroup var options: CommonOptions

    func run() async throws {
        _ = try BackupManifest(readingFrom: directory)
        var verdict = Verdict(output: options.output, language: options.language)
        await verdict.checkStore(log: "\(directory)/log", metadata: "\(directory)/metadata.sqlite", mayBeMissing: false)
        if !FileManager.default.fileExists(atPath: "\(directory)/files/broker.yaml") { verdict.problem(.keyMissing("files/broker.yaml")) }
        try verdict.conclude()
    }
}

struct BackupRestore: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore", abstract: "Make a state directory of a backup, ready for “hanbridge serve”.")

    @Argument(help: "The backup's directory.")
    var directory: String

    @Argument(help: "A new or empty directory.")
    var into: String

    @OptionGroup var options: CommonOptions

    func run() async throws {
        _ = try BackupManifest(readingFrom: directory)
        let files = FileManager.default
        if let present = try? files.contentsOfDirectory(atPath: into), !present.isEmpty {
            throw CommandFailure.refused(.stateDirectoryNotEmpty(into))
        }
        let root = URL(fileURLWithPath: into).standardizedFileURL.path
        do {
            try files.createDirectory(atPath: root, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            for name in try files.contentsOfDirectory(atPath: "\(directory)/files") where name != "broker.yaml" {
                try files.copyItem(atPath: "\(directory)/files/\(name)", toPath: "\(root)/\(name)")
            }
            let configuration = try BrokerConfiguration(
                parsing: String(contentsOfFile: "\(directory)/files/broker.yaml", encoding: .utf8), file: "\(root)/broker.yaml")
            guard configuration.data.hasPrefix(root + "/") else { throw CommandFailure.refused(.backupDataElsewhere(configuration.data)) }
            try files.createDirectory(
                atPath: configuration.data, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            try files.copyItem(atPath: "\(directory)/log", toPath: configuration.logDirectory)
            try files.copyItem(atPath: "\(directory)/metadata.sqlite", toPath: configuration.metadataFile)
            // Last: what has a broker.yaml is whole.
            try files.copyItem(atPath: "\(directory)/files/broker.yaml", toPath: "\(root)/broker.yaml")
        } catch let error as ConfigurationError {
            throw CommandFailure.refused(error.located)
        } catch let error as CommandFailure {
            throw error
        } catch {
            throw CommandFailure.refused(.fileUnwritable(root, why: error.localizedDescription))
        }
        if options.output == .table { StandardStream.output.writeLine(Sentence.backupRestored(root).text(in: options.language)) }
    }
}
