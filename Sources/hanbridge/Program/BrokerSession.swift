import KafkaWire
import Sentences

/// What a command that asks a running broker works with.
struct BrokerSession: Sendable {
    let client: KafkaClient
    let language: Language
    let output: OutputFormat

    /// Reads the profile, connects and closes again, and turns the client's errors into the end of the command.
    static func run(
        _ options: CommonOptions, action: Sentence, clientID: String = "hanbridge-cli",
        _ body: (BrokerSession) async throws -> Void
    ) async throws {
        let profile = try options.loadProfile()
        guard let address = profile.kafkaAddress else { throw CommandFailure.wrongUsage(.notAnAddress(profile.kafka)) }
        let client = KafkaClient(bootstrap: address, security: try .mutualTLS(profile), clientID: clientID)
        let session = BrokerSession(client: client, language: options.language, output: options.output)
        do {
            try await body(session)
            await client.close()
        } catch let error as ClientError {
            await client.close()
            throw error.failure(action)
        } catch {
            await client.close()
            throw error
        }
    }

    func write(_ report: Report) { report.write(as: output, in: language) }

    /// A confirmation for people; programs read the exit status.
    func say(_ sentence: Sentence) {
        switch output {
        case .table: StandardStream.output.writeLine(sentence.text(in: language))
        case .json: return
        }
    }
}

extension ErrorCode {
    /// - Throws: the error that a part of an answer carries.
    func check(_ message: String? = nil) throws(ClientError) {
        if isError { throw .refused(self, message: message) }
    }
}
