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
struct Hanbridge: AsyncParsableCommand {
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
    static func main() async {
        // A reader that has had enough is told to us by `write`, not by a signal that kills (`StandardStream.Closed`).
        signal(SIGPIPE, SIG_IGN)
        let status: ExitStatus
        do {
            var command = try parseAsRoot(Array(Arguments.all.dropFirst()))
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
            status = .done
        } catch {
            status = ExitStatus.explaining(error, of: Self.self)
        }
        status.end()
    }
}
