import ArgumentParser
import Sentences

struct Sample: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            abstract: Help.Command.sample.spoken,
            discussion: Help.Command.sampleMore(types: SampleKind.allCases.map(\.rawValue)).spoken)
    }

    @Argument(help: .saying(Help.Option.sampleType))
    var type: SampleKind

    @Option(help: .saying(Help.Option.sampleCount))
    var count = 10

    @Option(help: .saying(Help.Option.sampleSeed))
    var seed: UInt64 = 1

    /// Bytes collected before a write.
    private static let chunkBytes = 65_536

    func run() throws {
        guard count >= 0 else { throw CommandFailure.wrongUsage(.mustNotBeNegative("--count")) }
        var chunk = ""
        for index in 0..<count {
            chunk += type.record(index, seed: seed).description
            chunk += "\n"
            if chunk.utf8.count >= Self.chunkBytes || index == count - 1 {
                try StandardStream.output.write(contentsOf: Array(chunk.utf8))
                chunk = ""
            }
        }
    }
}
