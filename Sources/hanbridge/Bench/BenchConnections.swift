import ArgumentParser
import CLinux
import NIOCore
import NIOPosix
import Sentences

struct BenchConnections: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "connections", abstract: Help.Command.benchConnections.spoken,
            discussion: Help.Command.benchConnectionsMore.spoken)
    }

    @Option(help: .saying(Help.Option.sampleCount))
    var connections = 1000

    @OptionGroup var target: BenchTarget

    /// Handshakes at a time: fewer than the broker's cap on one address.
    private static let handshakesAtOnce = 16

    func validate() throws {
        guard (1...100_000).contains(connections) else { throw ValidationError(Help.Usage.connectionsRange) }
    }

    func run() async throws {
        _ = hb_raise_file_limit()
        let broker = try target.resolve()
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        do {
            let before = broker.process?.read()
            let start = ContinuousClock.now
            let open = try await connect(broker, group)
            let seconds = (ContinuousClock.now - start) / .seconds(1)
            let after = broker.process?.read()
            report(open.count, seconds, before, after)
            for connection in open { connection.close() }
            try await group.shutdownGracefully()
        } catch {
            try? await group.shutdownGracefully()
            if let error = error as? ClientError { throw error.failure(.benchConnecting) }
            throw error
        }
    }

    private func connect(_ broker: BenchTarget.Broker, _ group: MultiThreadedEventLoopGroup) async throws -> [KafkaConnection] {
        try await withThrowingTaskGroup(of: KafkaConnection.self) { tasks in
            var open: [KafkaConnection] = []
            for index in 0..<connections {
                if index >= Self.handshakesAtOnce, let one = try await tasks.next() { open.append(one) }
                tasks.addTask {
                    try await KafkaConnection.open(to: broker.address, security: broker.security, clientID: "hanbridge-bench", on: group)
                }
            }
            for try await one in tasks { open.append(one) }
            return open
        }
    }

    private func report(_ count: Int, _ seconds: Double, _ before: ProcessUsage.Reading?, _ after: ProcessUsage.Reading?) {
        var facts: [(String, Sentence, JSONText)] = [
            ("benchmark", .benchName, "connections"), ("connections", .benchConnections, .integer(Int64(count))),
            ("handshakesPerSecond", .benchHandshakes, .number(Double(count) / max(seconds, 1e-9))),
        ]
        if let before, let after {
            facts += [
                ("brokerBytesPerConnection", .benchBytesPerConnection, .integer(Int64((after.residentBytes - before.residentBytes) / count))),
                (
                    "brokerCPUMillisecondsPerHandshake", .benchCPUPerHandshake,
                    .number((after.cpuSeconds - before.cpuSeconds) * 1000 / Double(count))
                ),
                ("brokerResidentMegabytes", .benchBrokerMemory, .number(Double(after.residentBytes) / 1e6)),
            ]
        }
        BenchReport.write(facts, as: target.options.output, in: target.options.language)
    }
}
