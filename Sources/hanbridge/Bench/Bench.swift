import ArgumentParser
import Sentences

struct Bench: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            abstract: Help.Command.bench.spoken,
            discussion: Help.Command.benchMore.spoken,
            subcommands: [
                BenchProduce.self, BenchConsume.self, BenchLatency.self, BenchConnections.self, BenchValidate.self, BenchProject.self,
                BenchPolicy.self, BenchLimits.self,
            ])
    }
}

/// Whom to measure.
struct BenchTarget: ParsableArguments {
    @Option(help: .saying(Help.Option.benchBootstrap, valueName: "host:port"))
    var bootstrap: String?

    @Flag(help: .saying(Help.Option.benchPlaintext))
    var plaintext = false

    @Option(help: .saying(Help.Option.benchProcess))
    var brokerPid: Int32?

    @Option(help: .saying(Help.Option.topicOne))
    var topic = "hanbridge.bench"

    @Flag(inversion: .prefixedNo, help: .saying(Help.Option.benchMachine))
    var limits = true

    @OptionGroup var options: CommonOptions

    struct Broker {
        let address: HostAndPort
        let security: ClientSecurity
        let process: ProcessUsage?
        /// Of the health listener.
        var health: String?

        /// A counter of the broker's own; nil where its metrics cannot be reached.
        func counter(_ name: String) async -> Double? {
            guard let health, let page = await Doctor.metrics(health) else { return nil }
            return page.split(separator: "\n").first { $0.hasPrefix("\(name) ") }.flatMap { Double($0.dropFirst(name.count + 1)) }
        }
    }

    func resolve() throws(CommandFailure) -> Broker {
        if plaintext {
            guard let bootstrap, let address = HostAndPort(bootstrap) else { throw .wrongUsage(.notAnAddress(bootstrap ?? "")) }
            return Broker(address: address, security: .plaintext, process: brokerPid.map(ProcessUsage.init(pid:)))
        }
        let profile = try options.loadProfile()
        let text = bootstrap ?? profile.kafka
        guard let address = HostAndPort(text) ?? profile.kafkaAddress else { throw .wrongUsage(.notAnAddress(text)) }
        let pid = brokerPid ?? profile.endpoints.flatMap { Endpoints(contentsOf: $0)?.pid }
        return Broker(address: address, security: try .mutualTLS(profile), process: pid.map(ProcessUsage.init(pid:)), health: profile.health)
    }
}
