// hanbridge: the one program, broker and command line.
//
// The composition root: it alone knows every other module, chooses the engines behind the seams (`CommitLog` behind
// `PartitionStore`, `Metadata` behind `MetadataStore`) and ties them to the listeners. It decides nothing about records,
// policy or groups itself.
//
//   Program/         the frame of every command: options, profile, exit statuses, tables and JSON lines
//   Configuration/   broker.yaml, every key known or refused with its line
//   Serving/         `serve`: opening, timers, reload, shutdown
//   Witness/         `witness serve`: a witness's directory, its configuration, the way to other witnesses
//   Client/          our own client of the Kafka protocol, used by the commands and the benchmarks
//   Commands/        one file a command
//   Typing/          what a topic asks of its records: schemas from the registry, frames, JSON from and to Avro and Protobuf
//   Quarantine/      entries of a quarantine, and what became of them
//   Input/           JSON lines, CSV and raw files, read within limits
//   Samples/         generated records of the city's kinds of message
//   Bench/           the load generator and the machine's own limits
//
// Where to start reading: `Serving/RunningBroker.swift` for the broker, `Client/KafkaClient.swift` for the client.
import ArgumentParser
import Foundation
import Sentences

@main
struct Hanbridge: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "hanbridge",
            abstract: Help.Command.program.spoken,
            version: "hanbridge \(Version.current)",
            subcommands: [
                Init.self, Serve.self, Check.self, Doctor.self, Cert.self, Topic.self, Schema.self, Group.self, Policy.self, QuotaCommand.self,
                Publish.self, Subscribe.self, Replay.self, AuditCommand.self, HoldCommand.self, LogCommand.self, ReceiptCommand.self, WitnessCommand.self, Quarantine.self, Backup.self,
                Bench.self, Sample.self,
            ])
    }

    /// Replaces the parser's own exit statuses, which are 64 for wrong usage and 1 for everything else, by the four of
    /// the command line's contract (``ExitStatus``).
    ///
    /// A command that asks nobody runs here, on the first thread, and starts no other: threads of libdispatch, on which Swift's tasks run,
    /// end the program where there is no /proc to look at them in, and a case is verified wherever it lies.
    static func main() {
        // A reader that has had enough is told to us by `write`, not by a signal that kills (`StandardStream.Closed`).
        signal(SIGPIPE, SIG_IGN)
        let status: ExitStatus
        do {
            var command = try parsed()
            switch command {
            case let offline as any OfflineCommand where offline.isOffline: try offline.runOffline()
            case is any AsyncParsableCommand: runInTask()
            default: try command.run()
            }
            status = .done
        } catch {
            status = ExitStatus.explaining(error, of: Self.self)
        }
        status.end()
    }

    private static func parsed() throws -> any ParsableCommand { try parseAsRoot(Array(Arguments.all.dropFirst())) }

    private static func runInTask() -> Never {
        Task {
            let status: ExitStatus
            do {
                // Parsed again: a command is nothing that one thread hands to another.
                guard var command = try parsed() as? any AsyncParsableCommand else { preconditionFailure("the same arguments are another command") }
                try await command.run()
                status = .done
            } catch {
                status = ExitStatus.explaining(error, of: Self.self)
            }
            status.end()
        }
        while true { pause() }
    }
}

/// A command that may need nothing but files.
protocol OfflineCommand {
    /// By its arguments, and what is there.
    var isOffline: Bool { get }
    func runOffline() throws
}
