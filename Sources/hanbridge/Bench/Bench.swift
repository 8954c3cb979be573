import ArgumentParser
import Sentences

struct Bench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measure a broker, and the machine's own limits beside it.",
        discussion: """
            Load comes over mutual TLS with the profile's certificate; --bootstrap HOST:PORT --plaintext drives another Kafka broker. \
            The node needs an agreement on the topic with may: [publish, subscribe]; a topic that is missing an operator creates, or \
            a node whose agreement says administer as well. Batches are made once and sent again and again, so that the generator costs little beside the broker on the same machine. Broker CPU and memory are read from \
            /proc when its process is on this machine.
            """,
        subcommands: [BenchProduce.self, BenchConsume.self, BenchLatency.self, BenchConnections.self, BenchLimits.self])
}

/// Whom to measure.
struct BenchTarget: ParsableArguments {
    @Option(help: ArgumentHelp("A broker's address instead of the profile's.", valueName: "host:port"))
    var bootstrap: String?

    @Flag(help: "No TLS: for other brokers.")
    var plaintext = false

    @Option(help: "The broker's process id (default: from the profile's endpoints.json).")
    var brokerPid: Int32?

    @Option(help: "The topic.")
    var topic = "hanbridge.bench"

    @Flag(inversion: .prefixedNo, help: "Measure the machine's own limits in the same run.")
    var limits = true

    @OptionGroup var options: CommonOptions

    struct Broker {
        let address: HostAndPort
        let security: ClientSecurity
        let process: ProcessUsage?
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
        return Broker(address: address, security: try .mutualTLS(profile), process: pid.map(ProcessUsage.init(pid:)))
    }
}
