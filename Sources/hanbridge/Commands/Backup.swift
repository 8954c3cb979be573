import ArgumentParser
import Foundation
import Listeners
import NIOCore
import Sentences

struct Backup: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            abstract: Help.Command.backup.spoken,
            discussion: Help.Command.backupMore.spoken,
            subcommands: [BackupCreate.self, BackupVerify.self, BackupRestore.self])
    }
}

struct BackupCreate: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "create", abstract: Help.Command.backupCreate.spoken,
            discussion: Help.Command.backupCreateMore.spoken)
    }

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
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "verify", abstract: Help.Command.backupVerify.spoken)
    }

    @Argument(help: .saying(Help.Option.backupDirectory))
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
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "restore", abstract: Help.Command.backupRestore.spoken)
    }

    @Argument(help: .saying(Help.Option.backupDirectory))
    var directory: String

    @Argument(help: .saying(Help.Option.newDirectory))
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
