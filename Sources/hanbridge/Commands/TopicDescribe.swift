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
            session.write(configs ? try await configuration(session.client) : try await partitions(session))
        }
    }

    private func partitions(_ session: BrokerSession) async throws(ClientError) -> Report {
        var report = Report(columns: [
            .init("topic", .columnTopic), .init("partition", .columnPartition), .init("leader", .columnLeader),
            .init("start", .columnStart), .init("end", .columnEnd), .init("records", .columnRecords),
        ])
        let nobody: JSONText = session.output == .json ? .null : .string(Sentence.servedByNobody.text(in: session.language))
        for extent in try await session.client.extents(of: topic) {
            var leader = nobody
            if let address = extent.leader { leader = .string(address.description) }
            func number(_ value: Int64?) -> JSONText { value.map(JSONText.integer) ?? .null }
            let offsets = extent.offsets
            report.add([
                .string(topic), .integer(Int64(extent.partition)), leader, number(offsets?.lowerBound), number(offsets?.upperBound),
                number(offsets.map { $0.upperBound - $0.lowerBound }),
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

/// A partition and the offsets that it holds; without leader and offsets while it is offline.
struct PartitionExtent: Equatable, Sendable {
    let partition: Int32
    let leader: HostAndPort?
    let offsets: Range<Int64>?
}

extension KafkaClient {
    /// Every partition of a topic, in order.
    func extents(of topic: String) async throws(ClientError) -> [PartitionExtent] {
        let known = try await partitions(of: topic)
        let served = known.leaders.keys.sorted()
        guard !served.isEmpty else { return known.indexes.map { PartitionExtent(partition: $0, leader: nil, offsets: nil) } }
        let first = try await offsets(of: topic, partitions: served, at: .earliest)
        let end = try await offsets(of: topic, partitions: served, at: .latest)
        return known.indexes.map { partition in
            var offsets: Range<Int64>?
            if let start = first[partition], let end = end[partition] { offsets = start..<max(start, end) }
            return PartitionExtent(partition: partition, leader: known.leaders[partition], offsets: offsets)
        }
    }
}
