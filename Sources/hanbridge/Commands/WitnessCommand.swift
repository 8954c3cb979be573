import ArgumentParser
import Foundation
import NIOCore
import Sentences
import Storage

struct WitnessCommand: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(commandName: "witness", abstract: Help.Command.witness.spoken, subcommands: [WitnessServe.self])
    }
}

/// Runs a witness alone, on a machine of another department than the logs that it cosigns.
struct WitnessServe: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(commandName: "serve", abstract: Help.Command.witnessServe.spoken, discussion: Help.Command.witnessServeMore.spoken)
    }

    @Option(help: .saying(Help.Option.configuration, valueName: "file"))
    var config: String

    @Option(help: .saying(Help.Option.language), transform: Language.init(argument:))
    var lang: Language?

    func run() async throws {
        do {
            let configuration = try WitnessConfiguration(contentsOf: config)
            do {
                try await RunningWitness.serve(configuration)
            } catch let error as IOError where [EADDRINUSE, EADDRNOTAVAIL, EACCES].contains(error.errnoCode) {
                let addresses = [configuration.https, configuration.health].map(\.description)
                throw CommandFailure.refused(
                    .witnessCannotStart(.cannotListen(addresses, why: String(cString: strerror(error.errnoCode)), configuration: config)))
            } catch let error as StorageError {
                throw CommandFailure.refused(.witnessCannotStart(error.forOperator))
            }
        } catch let error as ConfigurationError {
            throw CommandFailure.refused(error.located)
        } catch let error as CommandFailure {
            throw error
        } catch {
            throw CommandFailure.refused(.witnessCannotStart(.told(String(describing: error))))
        }
    }
}
