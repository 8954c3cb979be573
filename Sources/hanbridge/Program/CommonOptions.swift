import ArgumentParser
import Foundation
import Sentences

/// What every command takes.
struct CommonOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The profile of your node: endpoints, CA, certificate, key (default $HANBRIDGE_PROFILE).", valueName: "file"))
    var profile: String?

    @Option(help: "The language of sentences for people: vi or en (default: the locale's).", transform: Language.init(argument:))
    var lang: Language?

    @Option(help: "table for people, json for programs (JSON lines).")
    var output: OutputFormat = .table

    /// The profile that the option or the environment names.
    func loadProfile() throws(CommandFailure) -> Profile {
        guard let path = profile ?? ProcessInfo.processInfo.environment["HANBRIDGE_PROFILE"], !path.isEmpty else {
            throw .wrongUsage(.profileMissing)
        }
        return try Profile(contentsOf: path)
    }

    var language: Language { lang ?? Language(environment: ProcessInfo.processInfo.environment) }
}

enum OutputFormat: String, ExpressibleByArgument, CaseIterable, Sendable {
    case table
    case json
}

extension Language {
    init(argument: String) throws {
        guard let language = Language(tag: argument) else { throw ValidationError("“\(argument)” is not spoken here: vi or en") }
        self = language
    }

    /// The language of this process: `--lang` where it is given, else the locale's. Read from the arguments themselves, so
    /// that an error in another option is already told in it.
    static let spoken: Language = {
        let arguments = CommandLine.arguments
        for (index, argument) in arguments.enumerated() {
            if argument == "--" { break }
            if argument.hasPrefix("--lang="), let language = Language(tag: argument.dropFirst(7)) { return language }
            if argument == "--lang", index + 1 < arguments.count, let language = Language(tag: arguments[index + 1]) { return language }
        }
        return Language(environment: ProcessInfo.processInfo.environment)
    }()
}
