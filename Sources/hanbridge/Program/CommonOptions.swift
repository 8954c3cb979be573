import ArgumentParser
import Foundation
import Sentences

/// What every command takes.
struct CommonOptions: ParsableArguments {
    @Option(help: .saying(Help.Option.profile, valueName: "file"))
    var profile: String?

    @Option(help: .saying(Help.Option.language), transform: Language.init(argument:))
    var lang: Language?

    @Option(help: .saying(Help.Option.output))
    var output: OutputFormat = .table

    /// The profile that the option or the environment names.
    func loadProfile() throws(CommandFailure) -> Profile {
        guard let path = profile ?? ProcessInfo.processInfo.environment["HANBRIDGE_PROFILE"], !path.isEmpty else {
            throw .wrongUsage(.profileMissing)
        }
        return try Profile(contentsOf: path)
    }

    var language: Language { lang ?? Language.spoken }
}

enum OutputFormat: String, ExpressibleByArgument, CaseIterable, Sendable {
    case table
    case json
}

extension Language {
    init(argument: String) throws {
        guard let language = Language(tag: argument) else { throw ValidationError(.languageUnknown(argument)) }
        self = language
    }

    /// The language in which this program speaks to whoever started it. Help, and what is wrong with a command line, is said before
    /// any option is read, so it is known from the start.
    @TaskLocal static var spoken = Language(arguments: Arguments.all, environment: ProcessInfo.processInfo.environment)

    /// `--lang` where it is given, else the locale's.
    init(arguments: [String], environment: [String: String]) {
        for (index, argument) in arguments.enumerated() {
            if argument == "--" { break }
            let tag: String? =
                if argument.hasPrefix("--lang=") { String(argument.dropFirst(7)) }
                else if argument == "--lang", index + 1 < arguments.count { arguments[index + 1] }
                else { nil }
            if let tag, let language = Language(tag: tag) {
                self = language
                return
            }
        }
        self.init(environment: environment)
    }
}

extension Sentence {
    /// In the language of whoever started the program.
    var spoken: String { text(in: Language.spoken) }
}

extension ArgumentHelp {
    static func saying(_ sentence: Sentence, valueName: String? = nil) -> ArgumentHelp {
        ArgumentHelp(sentence.spoken, valueName: valueName)
    }
}

extension ValidationError {
    init(_ sentence: Sentence) { self.init(sentence.spoken) }
}
