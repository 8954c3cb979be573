import ArgumentParser
import KafkaWire
import Sentences

struct TopicDescribe: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "describe", abstract: Help.Command.topicDescribe.spoken)
    }

    @Argument(help: .saying(Help.Option.topicName))
    var topic: String

    @Flag(help: .saying(Help.Option.showSettings))
    var configs = false

    @OptionGroup var options: CommonOptions

    func run() async throws {
        try await BrokerSession.run(options, action: .describingTopic(topic)) { session in
            session.write(configs ? try await configuration(session.client) : try await partitions(session.client))
        }
    }

    private func partitions(_ client: KafkaClient) async throws(ClientError) -> Report {
        let leaders = try await client.leaders(of: topic)
        let partitions = leaders.keys.sorted()
        let first = try await client.offsets(of: topic, partitions: partitions, at: .earliest)
        let end = try await client.offsets(of: topic, partitions: partitions, at: .latest)
        var report = Report(columns: [
            .init("topic", .columnTopic), .init("partition", .columnPartition), .init("leader", .columnLeader),
            .init("start", .columnStart), .init("end", .columnEnd), .init("records", .columnRecords),
        ])
        for partition in partitions {
            let (start, stop) = (first[partition] ?? -1, end[partition] ?? -1)
            report.add([
                .string(topic), .integer(Int64(partition)), .optional(leaders[partition]?.description), .integer(start), .integer(stop),
                .integer(max(0, stop - start)),
            ])
        }
        return report
    }

    private func configuration(_ client: KafkaClient) async throws(ClientError) -> Report {
        let response = try await client.call(
            DescribeConfigsRequest {
                $0.resources = [
                    .init {
                        $0.resourceType = Topic.resourceType
                        $0.resourceName = topic
                    }
                ]
            })
        var report = Report(columns: [
            .init("name", .columnName), .init("value", .columnValue), .init("isDefault", .columnDefault),
        ])
        for result in response.results {
            try result.errorCode.check(result.errorMessage)
            for entry in result.configs.sorted(by: { $0.name < $1.name }) {
                // Source 1 is the topic's own configuration (KIP-226); version 0 has a flag instead.
                report.add([.string(entry.name), .optional(entry.value), .bool(entry.configSource == -1 ? entry.isDefault : entry.configSource != 1)])
            }
        }
        return report
    }
}
