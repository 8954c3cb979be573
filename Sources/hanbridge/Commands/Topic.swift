import ArgumentParser
import KafkaWire
import Sentences

struct Topic: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            abstract: Help.Command.topic.spoken,
            subcommands: [TopicCreate.self, TopicList.self, TopicDescribe.self, TopicAlter.self, TopicDelete.self])
    }

    /// The resource type of a topic in configuration requests (KIP-133).
    static let resourceType: Int8 = 2
}

/// `name=value`, as `--config` takes it.
struct ConfigurationPair: ExpressibleByArgument, Equatable, Sendable {
    let name: String
    let value: String

    init?(argument: String) {
        guard let equals = argument.firstIndex(of: "="), equals != argument.startIndex else { return nil }
        name = String(argument[..<equals])
        value = String(argument[argument.index(after: equals)...])
    }
}

struct TopicCreate: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(commandName: "create", abstract: Help.Command.topicCreate.spoken)
    }

    @Argument(help: .saying(Help.Option.topicName))
    var topic: String

    @Option(help: .saying(Help.Option.partitionCount))
    var partitions: Int32?

    @Option(help: .saying(Help.Option.topicSetting))
    var config: [ConfigurationPair] = []

    @Flag(help: .saying(Help.Option.ifNotExists))
    var ifNotExists = false

    @OptionGroup var options: CommonOptions

    func run() async throws {
        let request = CreateTopicsRequest {
            $0.topics = [
                .init {
                    $0.name = topic
                    // -1 takes the broker's default (KIP-464).
                    $0.numPartitions = partitions ?? -1
                    $0.replicationFactor = -1
                    $0.configs = config.map { pair in
                        .init {
                            $0.name = pair.name
                            $0.value = pair.value
                        }
                    }
                }
            ]
        }
        try await BrokerSession.run(options, action: .creatingTopic(topic)) { session in
            let response = try await session.client.call(request)
            for result in response.topics {
                if result.errorCode == .topicAlreadyExists, ifNotExists { return session.say(.topicThereAlready(topic)) }
                try result.errorCode.check(result.errorMessage)
            }
            session.say(.topicCreated(topic))
        }
    }
}

struct TopicList: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(commandName: "list", abstract: Help.Command.topicList.spoken)
    }

    @OptionGroup var options: CommonOptions

    func run() async throws {
        try await BrokerSession.run(options, action: .listingTopics) { session in
            let response = try await session.client.metadata(of: nil)
            var report = Report(columns: [
                .init("topic", .columnTopic), .init("partitions", .columnPartitions), .init("id", .columnID),
            ])
            for topic in response.topics.sorted(by: { $0.name ?? "" < $1.name ?? "" }) where !topic.errorCode.isError {
                report.add([.optional(topic.name), .integer(Int64(topic.partitions.count)), .string(topic.topicID.hex)])
            }
            session.write(report)
        }
    }
}

struct TopicAlter: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "alter", abstract: Help.Command.topicAlter.spoken)
    }

    @Argument(help: .saying(Help.Option.topicName))
    var topic: String

    @Option(help: .saying(Help.Option.changedSetting))
    var config: [ConfigurationPair] = []

    @Option(help: .saying(Help.Option.deletedSetting))
    var delete: [String] = []

    @Option(help: .saying(Help.Option.newPartitionCount))
    var partitions: Int32?

    @OptionGroup var options: CommonOptions

    func validate() throws {
        guard !config.isEmpty || !delete.isEmpty || partitions != nil else {
            throw ValidationError(Help.Usage.nothingToAlter)
        }
    }

    func run() async throws {
        try await BrokerSession.run(options, action: .alteringTopic(topic)) { session in
            if !config.isEmpty || !delete.isEmpty { try await alterConfiguration(session.client) }
            if let partitions { try await addPartitions(partitions, session.client) }
            session.say(.topicAltered(topic))
        }
    }

    private func alterConfiguration(_ client: KafkaClient) async throws(ClientError) {
        // KIP-339: 0 sets, 1 deletes.
        let changes =
            config.map { ($0.name, Int8(0), Optional($0.value)) } + delete.map { ($0, Int8(1), nil) }
        let response = try await client.call(
            IncrementalAlterConfigsRequest {
                $0.resources = [
                    .init {
                        $0.resourceType = Topic.resourceType
                        $0.resourceName = topic
                        $0.configs = changes.map { name, operation, value in
                            .init {
                                $0.name = name
                                $0.configOperation = operation
                                $0.value = value
                            }
                        }
                    }
                ]
            })
        for result in response.responses { try result.errorCode.check(result.errorMessage) }
    }

    private func addPartitions(_ count: Int32, _ client: KafkaClient) async throws(ClientError) {
        let response = try await client.call(
            CreatePartitionsRequest {
                $0.timeoutMilliseconds = 30_000
                $0.topics = [
                    .init {
                        $0.name = topic
                        $0.count = count
                    }
                ]
            })
        for result in response.results { try result.errorCode.check(result.errorMessage) }
    }
}

struct TopicDelete: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "delete", abstract: Help.Command.topicDelete.spoken)
    }

    @Argument(help: .saying(Help.Option.topicName))
    var topic: String

    @Flag(help: .saying(Help.Option.yes))
    var yes = false

    @OptionGroup var options: CommonOptions

    func run() async throws {
        if !yes { try confirm() }
        try await BrokerSession.run(options, action: .deletingTopic(topic)) { session in
            let response = try await session.client.call(
                DeleteTopicsRequest {
                    $0.timeoutMilliseconds = 30_000
                    // Up to version 5 names are a list of their own.
                    $0.topicNames = [topic]
                    $0.topics = [.init { $0.name = topic }]
                })
            for result in response.responses { try result.errorCode.check(result.errorMessage) }
            session.say(.topicDeleted(topic))
        }
    }

    /// A person types the name again; a script must say `--yes`.
    private func confirm() throws(CommandFailure) {
        guard StandardStream.error.isTerminal else { throw .wrongUsage(.deletionNeedsYes) }
        StandardStream.error.write(Sentence.confirmDeletion(topic).text(in: options.language) + " ")
        guard readLine() == topic else { throw .refused(.notDeleted(topic)) }
    }
}
