import AccessPolicy
import KafkaWire
import Logging
import NIOConcurrencyHelpers
import Storage
import Testing

@testable import Broker

/// Group requests as different nodes send them, against a broker with a policy and no sockets.
struct GroupHandlerBench {
    let store = InMemoryMetadataStore()
    let audit = GroupTestAudit()
    let services: BrokerServices

    /// A member of the agency that owns the group `education.app` and may subscribe to `health.open` and anything below
    /// `health.shared.`, and use the shared group `dashboard-1`.
    static let school = try? NodeIdentity(authority: "city", agency: "education", unit: "schools", node: "n1")
    /// May publish to `health.open`, so it may describe it, and nothing else.
    static let clinic = try? NodeIdentity(authority: "city", agency: "health", unit: "clinics", node: "n1")
    static let stranger = try? NodeIdentity(authority: "city", agency: "transport", unit: "roads", node: "n1")
    static let `operator` = try? NodeIdentity(
        authority: "city", agency: "it", unit: "platform", node: "ops", roles: [.operator])
    static let auditor = try? NodeIdentity(authority: "city", agency: "it", unit: "audit", node: "a1", roles: [.auditor])

    static let agreements = """
        agreements:
          - id: OPEN
            topic: health.open
            owner: health
            parties:
              - node: education/schools/*
                may: [subscribe]
                groups: [dashboard-*]
              - node: health/clinics/*
                may: [publish]
          - id: SHARED
            topic: health.shared.*
            owner: health
            parties:
              - node: education/schools/*
                may: [subscribe]
        """

    init() async throws {
        let policy = try PolicySnapshot(
            compiling: try AgreementsFile.parse(yaml: Self.agreements, name: "test").agreements, version: 1)
        var settings = BrokerSettings()
        settings.groupInitialRebalanceDelayMilliseconds = 0
        services = BrokerServices(
            store: GroupTestPartitions(), metadata: store, settings: settings, clock: ManualGroupClock(), audit: audit,
            log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, clusterID: UUID128(high: 1, low: 2),
            catalogue: TopicCatalogue([.forGroups("health.open"), .forGroups("health.secret"), .forGroups("_audit.delivery", partitions: 1)]), policy: policy,
            advertised: AdvertisedAddress(host: "broker.city", port: 9093))
        try await services.groups.load([], ringsAlone: false)
    }

    func context(_ identity: NodeIdentity?, version: Int16, clientID: String? = "client") throws -> RequestContext {
        let peer = Peer(
            identity: try #require(identity), writer: .zero, certificateFingerprint: .zero, remoteAddress: "192.0.2.7:5000")
        return RequestContext(peer: peer, clientID: clientID, apiVersion: version, services: services)
    }

    var refusals: [AccessQuestion] { audit.refusals.withLockedValue { $0 } }
    var changes: [String] { audit.changes.withLockedValue { $0.map { "\($0.action) \($0.object) \($0.principal)" } } }

    // MARK: Requests

    static func joinRequest(_ group: String, memberID: String = "") -> JoinGroupRequest {
        var request = JoinGroupRequest()
        request.groupID = group
        request.memberID = memberID
        request.sessionTimeoutMilliseconds = 10_000
        request.rebalanceTimeoutMilliseconds = 60_000
        request.protocolType = "consumer"
        var range = JoinGroupRequest.JoinGroupRequestProtocol()
        range.name = "range"
        range.metadata = JoinRequest.subscription(to: ["health.open"])
        request.protocols = [range]
        return request
    }

    static func commitRequest(
        _ group: String, _ topics: [(String, [Int32])], memberID: String = "", generation: Int32 = -1, offset: Int64 = 7,
        metadata: String? = nil
    ) -> OffsetCommitRequest {
        var request = OffsetCommitRequest()
        request.groupID = group
        request.memberID = memberID
        request.generationIDOrMemberEpoch = generation
        request.topics = topics.map { name, partitions in
            var topic = OffsetCommitRequest.OffsetCommitRequestTopic()
            topic.name = name
            topic.partitions = partitions.map { index in
                var partition = OffsetCommitRequest.OffsetCommitRequestTopic.OffsetCommitRequestPartition()
                partition.partitionIndex = index
                partition.committedOffset = offset
                partition.committedMetadata = metadata
                return partition
            }
            return topic
        }
        return request
    }

    func commit(_ request: OffsetCommitRequest, by identity: NodeIdentity?, version: Int16 = 9) async throws -> [[ErrorCode]] {
        let response = await OffsetCommit.handle(request, in: try context(identity, version: version))
        return response.topics.map { $0.partitions.map(\.errorCode) }
    }

    /// Joins and syncs a group of one member.
    func member(of group: String, by identity: NodeIdentity?) async throws -> JoinGroupResponse {
        let joined = await JoinGroup.handle(Self.joinRequest(group), in: try context(identity, version: 3))
        try #require(joined.errorCode == .none)
        var sync = SyncGroupRequest()
        sync.groupID = group
        sync.memberID = joined.memberID
        sync.generationID = joined.generationID
        var assignment = SyncGroupRequest.SyncGroupRequestAssignment()
        assignment.memberID = joined.memberID
        assignment.assignment = [9]
        sync.assignments = [assignment]
        let synced = await SyncGroup.handle(sync, in: try context(identity, version: 5))
        try #require(synced.errorCode == .none)
        try #require(synced.assignment == [9])
        return joined
    }
}
