import ArgumentParser
import Sentences

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
            try await RunningBroker.serve(try BrokerConfiguration(contentsOf: config))
        } catch let error as ConfigurationError {
            throw CommandFailure.refused(error.located)
        } catch let error as CommandFailure {
            throw error
        } catch {
            throw CommandFailure.refused(.brokerCannotStart(String(describing: error)))
        }
    }
}
