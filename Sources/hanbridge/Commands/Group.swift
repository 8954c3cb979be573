import ArgumentParser
import KafkaWire
import Sentences

struct Group: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            abstract: Help.Command.group.spoken, subcommands: [GroupList.self, GroupDescribe.self, GroupReset.self])
    }
}

struct GroupList: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(commandName: "list", abstract: Help.Command.groupList.spoken)
    }

    @OptionGroup var options: CommonOptions

    func run() async throws {
        try await BrokerSession.run(options, action: .listingGroups) { session in
            let response = try await session.client.call(ListGroupsRequest())
            try response.errorCode.check()
            var report = Report(columns: [
                .init("group", .columnGroup), .init("state", .columnState), .init("protocol", .columnProtocol),
            ])
            for group in response.groups.sorted(by: { $0.groupID < $1.groupID }) {
                report.add([.string(group.groupID), .word(group.groupState, .groupState(group.groupState), options), .string(group.protocolType)])
            }
            session.write(report)
        }
    }
}

struct GroupDescribe: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "describe", abstract: Help.Command.groupDescribe.spoken)
    }

    @Argument(help: .saying(Help.Option.groupID))
    var group: String

    @Flag(help: .saying(Help.Option.showMembers))
    var members = false

    @OptionGroup var options: CommonOptions

    func run() async throws {
        try await BrokerSession.run(options, action: .describingGroup(group)) { session in
            session.write(members ? try await memberReport(session.client) : try await offsetReport(session.client))
        }
    }

    /// - Throws: ``CommandFailure`` for a group that is not there: Kafka answers that with a dead one, not with an error.
    private func described(_ client: KafkaClient) async throws -> DescribeGroupsResponse {
        let coordinator = try await client.coordinator(of: group)
        let response = try await client.connection(to: coordinator).call(DescribeGroupsRequest { $0.groups = [group] })
        for described in response.groups {
            try described.errorCode.check()
            if described.groupState == "Dead" { throw CommandFailure.refused(.groupUnknown(group)) }
        }
        return response
    }

    private func offsetReport(_ client: KafkaClient) async throws -> Report {
        let committed = try await client.committedOffsets(of: group)
        if committed.isEmpty { _ = try await described(client) }
        var report = Report(columns: [
            .init("group", .columnGroup), .init("topic", .columnTopic), .init("partition", .columnPartition),
            .init("committed", .columnCommitted), .init("end", .columnEnd), .init("lag", .columnLag),
        ])
        for (topic, entries) in Dictionary(grouping: committed, by: \.key.topic).sorted(by: { $0.key < $1.key }) {
            // A group may have offsets of a topic that its reader may no longer see: the lag is then not known.
            let ends = try? await client.offsets(of: topic, partitions: entries.map(\.key.partition), at: .latest)
            for (key, offset) in entries.sorted(by: { $0.key < $1.key }) {
                let end = ends?[key.partition]
                report.add([
                    .string(group), .string(topic), .integer(Int64(key.partition)), .integer(offset),
                    end.map(JSONText.integer) ?? .null, end.map { .integer(max(0, $0 - offset)) } ?? .null,
                ])
            }
        }
        return report
    }

    private func memberReport(_ client: KafkaClient) async throws -> Report {
        let response = try await described(client)
        var report = Report(columns: [
            .init("group", .columnGroup), .init("state", .columnState), .init("member", .columnMember),
            .init("client", .columnClient), .init("host", .columnHost), .init("assignment", .columnAssignment),
        ])
        for described in response.groups {
            for member in described.members {
                report.add([
                    .string(group), .word(described.groupState, .groupState(described.groupState), options), .string(member.memberID), .string(member.clientID),
                    .string(member.clientHost), .array(assignment(member.memberAssignment).map(JSONText.string)),
                ])
            }
        }
        return report
    }

    /// `topic-partition`, as Kafka's tools print it; empty for a protocol that is not the consumers'.
    private func assignment(_ blob: [UInt8]) -> [String] {
        guard let assignment = try? ConsumerProtocolAssignment.decode(blob: blob) else { return [] }
        return assignment.assignedPartitions.flatMap { topic in topic.partitions.sorted().map { "\(topic.topic)-\($0)" } }
    }
}

struct GroupReset: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "reset", abstract: Help.Command.groupReset.spoken,
            discussion: Help.Command.groupResetMore.spoken)
    }

    @Argument(help: .saying(Help.Option.groupID))
    var group: String

    @Option(help: .saying(Help.Option.topicOne))
    var topic: String

    @Option(help: .saying(Help.Option.resetTo))
    var to: StartPosition

    @Option(help: .saying(Help.Option.onePartition))
    var partition: [Int32] = []

    @Flag(help: .saying(Help.Option.execute))
    var execute = false

    @OptionGroup var options: CommonOptions

    func run() async throws {
        try await BrokerSession.run(options, action: .resettingGroup(group)) { session in
            let client = session.client
            let known = try await client.leaders(of: topic).keys.sorted()
            if let stranger = partition.first(where: { !known.contains($0) }) {
                throw CommandFailure.refused(.partitionUnknown(topic, stranger, count: known.count))
            }
            let partitions = partition.isEmpty ? known : Array(Set(partition))
            let targets = try await client.offsets(of: topic, partitions: partitions, at: to)
            let committed = try await client.committedOffsets(of: group, topics: [topic: partitions])
            if execute { try await commit(targets, client) }
            var report = Report(columns: [
                .init("group", .columnGroup), .init("topic", .columnTopic), .init("partition", .columnPartition),
                .init("committed", .columnCommitted), .init("new", .columnNew),
            ])
            for partition in partitions.sorted() {
                report.add([
                    .string(group), .string(topic), .integer(Int64(partition)),
                    committed[TopicPartition(topic: topic, partition: partition)].map(JSONText.integer) ?? .null,
                    targets[partition].map(JSONText.integer) ?? .null,
                ])
            }
            session.write(report)
            session.say(execute ? .groupReset(group) : .groupResetRehearsed)
        }
    }

    /// A commit without member and generation: the coordinator takes it only while the group is empty.
    private func commit(_ offsets: [Int32: Int64], _ client: KafkaClient) async throws(ClientError) {
        let coordinator = try await client.coordinator(of: group)
        let response = try await client.connection(to: coordinator).call(
            OffsetCommitRequest {
                $0.groupID = group
                $0.topics = [
                    .init {
                        $0.name = topic
                        $0.partitions = offsets.map { partition, offset in
                            .init {
                                $0.partitionIndex = partition
                                $0.committedOffset = offset
                                $0.committedMetadata = ""
                            }
                        }
                    }
                ]
            })
        for partition in response.topics.flatMap(\.partitions) { try partition.errorCode.check() }
    }
}
