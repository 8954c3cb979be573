// Our own client of the Kafka protocol. `KafkaClient` knows the cluster; `RecordProducer`, `TopicReader` and `GroupConsumer`
// are made on top of it. The decisions are in pure structs (`FrameAssembler`, `ResponseMatcher`, `VersionTable`,
// `ProducerWindow`, `Assignor`, `Backoff`); the rest moves bytes.
import KafkaWire
import NIOCore
import NIOPosix

/// A cluster as one command sees it: connections by address, opened when needed and again when they broke.
actor KafkaClient {
    nonisolated let bootstrap: HostAndPort
    nonisolated let clientID: String
    private let security: ClientSecurity
    private let group: any EventLoopGroup
    private let limits: ClientLimits
    private var connections: [HostAndPort: KafkaConnection] = [:]
    private var brokers: [Int32: HostAndPort] = [:]

    /// Brokers of a cluster that a client keeps connections to.
    static let connectionsMax = 64

    init(
        bootstrap: HostAndPort, security: ClientSecurity, clientID: String = "hanbridge-cli",
        on group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton, limits: ClientLimits = ClientLimits()
    ) {
        self.bootstrap = bootstrap
        self.security = security
        self.clientID = clientID
        self.group = group
        self.limits = limits
    }

    /// A connection to any broker.
    func connection() async throws(ClientError) -> KafkaConnection { try await connection(to: bootstrap) }

    func connection(to address: HostAndPort) async throws(ClientError) -> KafkaConnection {
        if let open = connections[address], open.isActive { return open }
        connections[address] = nil
        let fresh = try await KafkaConnection.open(to: address, security: security, clientID: clientID, on: group, limits: limits)
        // Another task may have connected while this one waited: one connection is enough, so that requests keep their order.
        if let open = connections[address], open.isActive {
            fresh.close()
            return open
        }
        if connections.count >= Self.connectionsMax, let victim = connections.first(where: { $0.key != bootstrap }) {
            victim.value.close()
            connections[victim.key] = nil
        }
        connections[address] = fresh
        return fresh
    }

    /// A connection of the caller's own, who closes it: for a request whose answer may take long, since answers come in order.
    func separateConnection(to address: HostAndPort) async throws(ClientError) -> KafkaConnection {
        try await KafkaConnection.open(to: address, security: security, clientID: clientID, on: group, limits: limits)
    }

    func call<Request: KafkaRequest>(_ request: Request, within timeout: TimeAmount? = nil) async throws(ClientError) -> Request.Response {
        try await connection().call(request, within: timeout)
    }

    /// What the cluster says of these topics; nil asks for all that one may see.
    func metadata(of topics: [String]?) async throws(ClientError) -> MetadataResponse {
        let response = try await call(
            MetadataRequest {
                $0.topics = topics.map { names in names.map { name in .init { $0.name = name } } }
                $0.allowAutoTopicCreation = false
            })
        brokers = Dictionary(
            response.brokers.map { ($0.nodeID, HostAndPort(host: $0.host, port: Int($0.port))) }, uniquingKeysWith: { first, _ in first })
        return response
    }

    /// A topic's partitions.
    func partitions(of topic: String) async throws(ClientError) -> TopicPartitions {
        let response = try await metadata(of: [topic])
        guard let found = response.topics.first(where: { $0.name == topic }) else {
            throw .refused(.unknownTopicOrPartition, message: nil)
        }
        guard !found.errorCode.isError else { throw .refused(found.errorCode, message: nil) }
        let leaders = found.partitions.compactMap { partition in brokers[partition.leaderID].map { (partition.partitionIndex, $0) } }
        return TopicPartitions(
            indexes: Set(found.partitions.map(\.partitionIndex)).sorted(), leaders: Dictionary(leaders, uniquingKeysWith: { first, _ in first }))
    }

    /// The brokers that lead a topic's partitions, those that have one.
    func leaders(of topic: String) async throws(ClientError) -> [Int32: HostAndPort] { try await partitions(of: topic).leaders }

    /// The broker that coordinates a group.
    func coordinator(of group: String) async throws(ClientError) -> HostAndPort {
        let response = try await call(FindCoordinatorRequest { $0.key = group })
        guard !response.errorCode.isError else { throw .refused(response.errorCode, message: response.errorMessage) }
        return HostAndPort(host: response.host, port: Int(response.port))
    }

    func close() {
        for connection in connections.values { connection.close() }
        connections.removeAll()
    }
}

/// What Metadata says of a topic. Its partitions are more than its leaders while one is offline, and the number of partitions is what
/// decides where a key goes.
struct TopicPartitions: Equatable, Sendable {
    /// All of them, in order.
    let indexes: [Int32]
    /// Of those that have one.
    let leaders: [Int32: HostAndPort]
}
