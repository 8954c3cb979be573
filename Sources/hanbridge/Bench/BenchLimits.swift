import ArgumentParser
import Sentences

struct BenchLimits: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "limits", abstract: Help.Command.benchLimits.spoken)
    }

    @Option(help: .saying(Help.Option.benchDiskDirectory))
    var directory = "."

    @OptionGroup var options: CommonOptions

    func run() throws {
        BenchReport.write(try MachineLimits.measure(directory: directory).facts, as: options.output, in: options.language)
    }
}
