import ArgumentParser
import Foundation
import Sentences
import Transparency

/// Gets the receipt of a record: a `.tlog-proof` file that verifies offline.
struct AuditProof: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(commandName: "proof", abstract: Help.Command.auditProof.spoken)
    }

    @Argument(help: .saying(Help.Option.topicOne))
    var topic: String

    @Option(help: .saying(Help.Option.partitionOne))
    var partition: Int32 = 0

    @Option(help: .saying(Help.Option.recordOffset))
    var offset: Int64

    @Option(help: .saying(Help.Option.receiptOut, valueName: "file"))
    var out: String?

    @Option(help: .saying(Help.Option.purpose))
    var purpose: String?

    @OptionGroup var options: CommonOptions

    func run() async throws {
        let purpose = try purpose ?? options.loadProfile().purpose
        try await AdministrationClient.run(options) { http in
            guard let log = try await http.logs(of: topic, partition: partition, purpose: purpose).first,
                let receipt = try await log.read("proof/\(offset)")
            else { throw CommandFailure.refused(.recordNotInLog("\(topic)/\(partition)/\(offset)")) }
            guard let out else { return try StandardStream.output.write(contentsOf: receipt) }
            do {
                try Data(receipt).write(to: URL(fileURLWithPath: out), options: .atomic)
            } catch {
                throw CommandFailure.refused(.evidenceFileNotWritten(out))
            }
        }
    }
}
