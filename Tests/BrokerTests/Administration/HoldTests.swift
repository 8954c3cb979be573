import AccessPolicy
import KafkaWire
import Storage
import Testing

@testable import Broker

/// Legal holds: what a case holds does not go.
@Suite struct HoldTests {
    private static let topic = "health.vaccination.v1"
    private static let caseID = "12/2026/HS-ST"

    private func fixture() async throws -> AdministrationFixture {
        let fixture = try await AdministrationFixture()
        let wish = TopicWish(name: Self.topic, configuration: ["retention.ms": "1000", "retention.bytes": "5000", "hanbridge.owner": "health"])
        _ = try await fixture.administration.createTopic(wish, by: try fixture.root()).get()
        return fixture
    }

    private func auditor() throws -> Peer { try BrokerFixture.peer("inspectorate/audit/one", roles: [.auditor]) }
    private func steward(of agency: String) throws -> Peer { try BrokerFixture.peer("\(agency)/steward/linh", roles: [.steward]) }

    private func held(_ fixture: AdministrationFixture) -> [String] { fixture.services.catalogue.value[Self.topic]?.configuration.holds ?? [] }

    private func place(_ fixture: AdministrationFixture, by peer: Peer, _ caseID: String = Self.caseID) async -> Result<Hold, AdministrationRefusal> {
        await fixture.administration.hold([Self.topic], for: caseID, because: "Công văn 7", by: peer)
    }

    @Test("a held topic is not deleted, its records are not, and its log keeps everything; the refusals name the case and are audited")
    func stops() async throws {
        let fixture = try await fixture()
        #expect(try await place(fixture, by: auditor()).get() == Hold(caseID: Self.caseID, topics: [Self.topic]))
        let configuration = try #require(fixture.services.catalogue.value[Self.topic]?.configuration)
        let settings = configuration.partitionSettings(brokerOwned: false)
        #expect(settings.retentionMilliseconds == -1 && settings.retentionBytes == -1)
        let topics = TopicAdministration(fixture.services)
        let deleted = await topics.delete(Self.topic, by: try fixture.root())
        #expect(deleted?.errorCode == .policyViolation && deleted?.sentence.contains(Self.caseID) == true)
        #expect(fixture.services.catalogue.value[Self.topic] != nil)
        let log = fixture.store.open(PartitionID(topic: try #require(fixture.topic(Self.topic)).id, partition: 0))
        log.change { $0.highWatermark = 10 }
        guard case .failure(let refusal) = await topics.deleteRecords(before: 1, partition: 0, of: Self.topic, by: try fixture.root()) else {
            Issue.record("records of a held topic were deleted")
            return
        }
        #expect(refusal.errorCode == .policyViolation && log.bounds.logStart == .zero)
        let entries = try fixture.entries()
        #expect(entries.contains { $0.data.action == "hold.place" && $0.data.details?["case"] == Self.caseID && $0.data.details?["why"] == "Công văn 7" })
        #expect(entries.filter { $0.data.details?["hold"] == Self.caseID }.map(\.data.action) == ["topic.delete.refused", "records.delete.refused"])
    }

    @Test("it is over when every case has released it, and everything goes its way again")
    func releases() async throws {
        let fixture = try await fixture()
        for caseID in ["A-1", "B-2", "A-1"] { _ = try await place(fixture, by: try fixture.root(), caseID).get() }
        #expect(held(fixture) == ["A-1", "B-2"])
        #expect(try await fixture.administration.release(nil, of: "A-1", because: nil, by: auditor()).get().topics.isEmpty)
        #expect(await TopicAdministration(fixture.services).delete(Self.topic, by: try fixture.root())?.errorCode == .policyViolation)
        #expect(try await fixture.administration.release([Self.topic], of: "B-2", because: nil, by: try steward(of: "health")).get().topics.isEmpty)
        #expect(fixture.services.catalogue.value[Self.topic]?.configuration.partitionSettings(brokerOwned: false).retentionMilliseconds == 1000)
        #expect(await TopicAdministration(fixture.services).delete(Self.topic, by: try fixture.root()) == nil)
    }

    @Test("operators, auditors and the owner's stewards place one; only auditors and the owner's stewards release it")
    func rights() async throws {
        let fixture = try await fixture()
        for stranger in [try steward(of: "education"), try BrokerFixture.peer("health/ward/w1"), try BrokerFixture.peer("education/schools/s1")] {
            #expect(await place(fixture, by: stranger).refusal?.errorCode == .topicAuthorizationFailed)
        }
        for peer in [try fixture.root(), try auditor(), try steward(of: "health")] {
            _ = try await place(fixture, by: peer).get()
            let operators = await fixture.administration.release(nil, of: Self.caseID, because: nil, by: try fixture.root())
            #expect(operators.refusal?.errorCode == .topicAuthorizationFailed, "who may delete records cannot free them alone")
            _ = try await fixture.administration.release(nil, of: Self.caseID, because: nil, by: try auditor()).get()
        }
    }

    @Test("no change of configuration places, drops or changes a hold: not one by one, not a whole one, not at creation")
    func configuration() async throws {
        let fixture = try await fixture()
        _ = try await place(fixture, by: try fixture.root()).get()
        let topics = TopicAdministration(fixture.services)
        for change in [["hanbridge.hold": ""], ["hanbridge.hold": "other"], [:]] {
            let refusal = await topics.configure(Self.topic, validateOnly: false, by: try fixture.root()) { (_) throws(AdministrationRefusal) in change }
            #expect(refusal?.errorCode == .policyViolation)
        }
        let wish = TopicWish(name: "health.other.v1", configuration: ["hanbridge.hold": "x"])
        #expect(await fixture.administration.createTopic(wish, by: try fixture.root()).refusal?.errorCode == .policyViolation)
        // Old clients replace the whole configuration without knowing of holds.
        let request = AlterConfigsRequest.init {
            $0.resources = [.init { $0.resourceType = 2; $0.resourceName = Self.topic; $0.configs = [.init { $0.name = "retention.ms"; $0.value = "77" }] }]
        }
        let answer = await AlterConfigs.handle(request, in: fixture.context(try fixture.root(), version: 1))
        #expect(answer.responses.map(\.errorCode) == [.none])
        #expect(held(fixture) == [Self.caseID] && fixture.services.catalogue.value[Self.topic]?.record.configuration["retention.ms"] == "77")
    }

    @Test("it survives a restart, and is listed to who may describe the topic")
    func lasts() async throws {
        let fixture = try await fixture()
        _ = try await place(fixture, by: try fixture.root()).get()
        await fixture.services.groups.shutDown()
        let again = try await AdministrationFixture(store: fixture.store, metadata: fixture.metadata)
        #expect(again.administration.holds(visibleTo: try auditor()) == [Hold(caseID: Self.caseID, topics: [Self.topic])])
        #expect(again.administration.holds(visibleTo: try BrokerFixture.peer("portal/x/y")).isEmpty)
        #expect(await TopicAdministration(again.services).delete(Self.topic, by: try again.root())?.errorCode == .policyViolation)
    }

    @Test("a case id is short and plain, a topic is held for so many cases, and what is not there cannot be held", arguments: ["", "a,b", "a b", "vụ", String(repeating: "x", count: 65)])
    func limits(caseID: String) async throws {
        let fixture = try await fixture()
        #expect(await place(fixture, by: try fixture.root(), caseID).refusal?.errorCode == .invalidRequest)
        #expect(await fixture.administration.hold(["health.none"], for: "A", because: nil, by: try fixture.root()).refusal?.errorCode == .unknownTopicOrPartition)
        #expect(await fixture.administration.hold(["_audit.access"], for: "A", because: nil, by: try auditor()).refusal?.errorCode == .policyViolation)
        #expect(await fixture.administration.release(nil, of: "A", because: nil, by: try auditor()).refusal?.errorCode == .unknownTopicOrPartition)
        for number in 0..<Administration.holdsPerTopicMax { _ = try await place(fixture, by: try fixture.root(), "C-\(number)").get() }
        #expect(await place(fixture, by: try fixture.root(), "one-more").refusal?.errorCode == .policyViolation)
    }
}

extension Result where Failure == AdministrationRefusal {
    fileprivate var refusal: AdministrationRefusal? { if case .failure(let refusal) = self { refusal } else { nil } }
}
