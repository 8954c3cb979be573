import ArgumentParser
import Foundation
import NIOCore
import Sentences
import Storage

struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run the broker until SIGTERM.",
        discussion: "SIGHUP reads certificates, revocation lists and agreements again; so does a change of their files.")

    @Option(help: ArgumentHelp("The configuration.", valueName: "file"))
    var config: String

    @Option(help: "The language of sentences for people: vi or en (default: the locale's).", transform: Language.init(argument:))
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
                throw CommandFailure.refused(.cannotListen(addresses, why: String(cString: strerror(error.errnoCode))))
            } catch let error as StorageError {
                throw CommandFailure.refused(.brokerCannotStart(error.forOperator))
            }
        } catch let error as ConfigurationError {
            throw CommandFailure.refused(error.located)
        } catch let error as CommandFailure {
            throw error
        } catch {
            throw CommandFailure.refused(.brokerCannotStart(.verbatim(String(describing: error))))
        }
    }
}
