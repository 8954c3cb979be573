import AccessPolicy
import KafkaWire
import NIOCore
import NIOEmbedded
import Testing

@testable import Broker

@Suite("Purpose")
struct PurposeAccessTests {
    static let agreements = """
        agreements:
          - id: DSA-1
            topic: health.records
            owner: health
            parties:
              - {node: health/ward/*, may: [publish]}
              - {node: education/schools/*, may: [subscribe], purpose: [enrolment-check]}
              - {node: insurance/claims/*, may: [subscribe], purpose: [claims, fraud-check]}
              - {node: inspectorate/audit/*, may: [replay]}
        """
    static let insurer = "insurance/claims/desk"

    private func fixture(_ agreements: String = Self.agreements) throws -> BrokerFixture {
        let fixture = try BrokerFixture(agreements: agreements)
        let ward = try TestConnection(fixture, BrokerFixture.ward)
        ward.send(ProduceRequest(batches: [(0, Batches.batch(["secret"]))]), version: 9)
        return fixture
    }

    /// What a fetch with the client id finds.
    private func read(_ connection: TestConnection, _ fixture: BrokerFixture, as clientID: String, version: Int16 = 12) throws -> String {
        let request = FetchRequest(of: fixture.topic(), [Asked()], version: version)
        let number = connection.send(request, version: version, clientID: clientID)
        let partition = try connection.response(number, to: FetchRequest.self, version: version).partitions[0]
        return partition.errorCode == .none ? try Batches.values(partition.records).joined() : "\(partition.errorCode)"
    }

    @Test("each request is decided by the purpose of its own client id, by name and by id", arguments: [12, 13] as [Int16])
    func perRequest(version: Int16) throws {
        let fixture = try fixture()
        let connection = try TestConnection(fixture, Self.insurer)
        // Twice: what one purpose opened is not remembered for another.
        for _ in 0..<2 {
            #expect(try read(connection, fixture, as: "desk", version: version) == "\(ErrorCode.topicAuthorizationFailed)")
            #expect(try read(connection, fixture, as: "desk;purpose=claims;", version: version) == "secret")
            #expect(try read(connection, fixture, as: "desk;purpose=marketing", version: version) == "\(ErrorCode.topicAuthorizationFailed)")
            #expect(try read(connection, fixture, as: "purpose=fraud-check;desk", version: version) == "secret")
            #expect(try read(connection, fixture, as: "purpose=claims;purpose=fraud-check", version: version) == "\(ErrorCode.topicAuthorizationFailed)")
        }
    }

    @Test("the only purpose there is needs no declaration, and is audited as implied")
    func implied() throws {
        let fixture = try fixture()
        let connection = try TestConnection(fixture, BrokerFixture.school)
        #expect(try read(connection, fixture, as: "school") == "secret")
        #expect(try read(connection, fixture, as: "school") == "secret")
        #expect(try read(connection, fixture, as: "school;purpose=enrolment-check;") == "secret")
        #expect(try read(connection, fixture, as: "school;purpose=claims;") == "\(ErrorCode.topicAuthorizationFailed)")
        #expect(fixture.audit.accesses.map(\.decision.purpose) == [
            AgreedPurpose(id: "enrolment-check", isImplied: true), AgreedPurpose(id: "enrolment-check", isImplied: false),
        ])
        #expect(fixture.audit.refusals == [.subscribe(topic: BrokerFixture.topic, purpose: .purpose("claims"))])
    }

    @Test("the right to replay reads for a purpose that is declared, and commits no offsets")
    func replay() async throws {
        let fixture = try fixture()
        let connection = try TestConnection(fixture, "inspectorate/audit/one")
        #expect(try read(connection, fixture, as: "audit") == "\(ErrorCode.topicAuthorizationFailed)")
        #expect(try read(connection, fixture, as: "audit;purpose=inspection;") == "secret")
        let access = try #require(fixture.audit.accesses.first)
        #expect(access.question == .replay(topic: BrokerFixture.topic, purpose: .purpose("inspection")))
        #expect(access.decision.outcome == .allowed(by: .agreement(id: "DSA-1", rule: 3)))
        #expect(access.decision.purpose == AgreedPurpose(id: "inspection", isImplied: false))

        var commit = OffsetCommitRequest()
        commit.groupID = "inspectorate"
        // As a member: an agency may move the offsets of its own empty groups whatever it reads.
        commit.memberID = "member"
        commit.generationIDOrMemberEpoch = 1
        commit.topics = [.init {
            $0.name = BrokerFixture.topic
            $0.partitions = [.init { $0.committedOffset = 1 }]
        }]
        let context = RequestContext(
            peer: try BrokerFixture.peer("inspectorate/audit/one"), clientID: "audit;purpose=inspection;", apiVersion: 8, services: fixture.services)
        let answer = await OffsetCommit.handle(commit, in: context)
        #expect(answer.topics[0].partitions[0].errorCode == .topicAuthorizationFailed)
    }

    @Test("whom an agreement denies subscribing does not read by the right to replay", arguments: [12, 13] as [Int16])
    func denied(version: Int16) throws {
        let fixture = try fixture(Self.agreements + "\n      - {node: inspectorate/audit/two, deny: [subscribe]}")
        let question = AccessQuestion.subscribe(topic: BrokerFixture.topic, purpose: .purpose("inspection"))
        #expect(try read(try TestConnection(fixture, "inspectorate/audit/one"), fixture, as: "audit;purpose=inspection;", version: version) == "secret")
        #expect(fixture.audit.refusals.isEmpty)
        let denied = try read(try TestConnection(fixture, "inspectorate/audit/two"), fixture, as: "audit;purpose=inspection;", version: version)
        #expect(denied == "\(ErrorCode.topicAuthorizationFailed)")
        #expect(fixture.audit.refusals == [question])
    }

    @Test("a node learns what it may read a topic for, and nothing of what others may")
    func reading() throws {
        let fixture = try fixture()
        let administration = Administration(fixture.services)
        func reading(_ path: String, _ purpose: PurposeDeclaration = .none) throws -> ReadingView {
            administration.reading(BrokerFixture.topic, for: purpose, by: try BrokerFixture.peer(path))
        }
        let insurer = try reading(Self.insurer)
        #expect(!insurer.isAllowed && insurer.purposes == ["claims", "fraud-check"] && !insurer.isFree)
        #expect(try reading(Self.insurer, .purpose("claims")).purpose == AgreedPurpose(id: "claims", isImplied: false))
        #expect(try reading(BrokerFixture.school).purpose == AgreedPurpose(id: "enrolment-check", isImplied: true))
        #expect(try reading(BrokerFixture.stranger) == ReadingView(isAllowed: false, purpose: nil, purposes: [], isFree: false))
    }
}
