import ArgumentParser
import Sentences

struct Sample: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Make realistic records of one of the city's kinds of message, as JSON lines.",
        discussion: "The same type, seed and count make the same records on every machine. Types: \(SampleKind.allCases.map(\.rawValue).joined(separator: ", ")).")

    @Argument(help: "The type of record.")
    var type: SampleKind

    @Option(help: "How many.")
    var count = 10

    @Option(help: "Another seed makes other records.")
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
