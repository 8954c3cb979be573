import ArgumentParser
import Sentences

struct BenchLimits: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "limits", abstract: "Measure the machine's own limits: memory copy, AES-GCM, fdatasync, loopback TCP.")

    @Option(help: "A directory on the disk to measure.")
    var directory = "."

    @OptionGroup var options: CommonOptions

    func run() throws {
        BenchReport.write(try MachineLimits.measure(directory: directory).facts, as: options.output, in: options.language)
    }
}
