import ArgumentParser
import Foundation
import Sentences

/// How a command ends. The numbers are a contract with scripts.
enum ExitStatus: Int32, Sendable {
    case done = 0
    /// Refused by the broker, or not verified.
    case refused = 1
    case wrongUsage = 2
    case brokerUnreachable = 3

    /// Says what went wrong on stderr (or the help on stdout) and answers the status for it.
    static func explaining(_ error: any Error, of root: any ParsableCommand.Type) -> ExitStatus {
        if let failure = error as? CommandFailure {
            StandardStream.error.writeLine(failure.sentence.spoken)
            return failure.status
        }
        // Whoever reads our output may have had enough (`| head`): nothing to say to anyone.
        if error is StandardStream.Closed { return .done }
        let code = root.exitCode(for: error)
        let words = words(of: error, root)
        if code.isSuccess {
            StandardStream.output.writeLine(words)
            return .done
        }
        if !words.isEmpty { StandardStream.error.writeLine(words) }
        return code == .validationFailure ? .wrongUsage : .refused
    }

    /// Help, a version, or what is wrong with a command line.
    static func words(of error: any Error, _ root: any ParsableCommand.Type) -> String {
        ParserPage.text(root.fullMessage(for: error), in: Language.spoken)
    }

    func end() -> Never { exit(rawValue) }
}

/// An error that a command ends with, in words for people.
struct CommandFailure: Error, Sendable {
    let status: ExitStatus
    let sentence: Sentence

    static func refused(_ sentence: Sentence) -> CommandFailure { CommandFailure(status: .refused, sentence: sentence) }
    static func wrongUsage(_ sentence: Sentence) -> CommandFailure { CommandFailure(status: .wrongUsage, sentence: sentence) }
    static func unreachable(_ sentence: Sentence) -> CommandFailure { CommandFailure(status: .brokerUnreachable, sentence: sentence) }
}
