import ArgumentParser
import Foundation
import NIOCore
import Sentences
import Storage

struct Serve: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            abstract: Help.Command.serve.spoken,
            discussion: Help.Command.serveMore.spoken)
    }

    @Option(help: .saying(Help.Option.configuration, valueName: "file"))
    var config: String

    @Option(help: .saying(Help.Option.language), transform: Language.init(argument:))
    var lang: Language?

    func run() async throws {
        do {
            let configuration = try BrokerConfiguration(contentsOf: config)
            do {
                try await RunningBroker.serve(configuration)
            } catch let error as IOError where [EADDRINUSE, EADDRNOTAVAIL, EACCES].contains(error.errnoCode) {
                // What listens is the broker's one use of a socket at start.
                let listeners = configuration.listeners
                let addresses = [listeners.kafka, listeners.https, listeners.health].map(\.description)
                throw CommandFailure.refused(
                    .brokerCannotStart(.cannotListen(addresses, why: String(cString: strerror(error.errnoCode)), configuration: config)))
            } catch let error as StorageError {
                throw CommandFailure.refused(.brokerCannotStart(error.forOperator))
            }
        } catch let error as ConfigurationError {
            throw CommandFailure.refused(error.located)
        } catch let error as CommandFailure {
            throw error
        } catch {
            throw CommandFailure.refused(.brokerCannotStart(.told(String(describing: error))))
        }
    }
}
