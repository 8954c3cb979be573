import AccessPolicy
import KafkaWire
import Storage
import Testing

@testable import Broker

/// Kafka's ACL APIs over the broker's own policy.
@Suite struct AccessControlListTests {
    private typealias Creation = CreateAclsRequest.AclCreation

    private static func creation(
        _ resource: WireResource, _ name: String, _ pattern: WirePattern = .literal, to principal: String = "User:traffic/cameras/gate-1",
        op operation: WireOperation = .read, permission: WirePermission = .allow, host: String = "*"
    ) -> Creation {
        var creation = Creation()
        creation.resourceType = resource.rawValue
        creation.resourceName = name
        creation.resourcePatternType = pattern.rawValue
        creation.principal = principal
        creation.host = host
        creation.operation = operation.rawValue
        creation.permissionType = permission.rawValue
        return creation
    }

    private func create(
        _ creations: Creation..., in fixture: AdministrationFixture, by peer: Peer? = nil
    ) async throws -> [CreateAclsResponse.AclCreationResult] {
        var request = CreateAclsRequest()
        request.creations = creations
        return await CreateAcls.handle(request, in: fixture.context(try peer ?? fixture.root(), version: 3)).results
    }

    private func describe(
        _ resource: WireResource = .any, _ name: String? = nil, _ pattern: WirePattern = .any, in fixture: AdministrationFixture, by peer: Peer? = nil
    ) async throws -> DescribeAclsResponse {
        var request = DescribeAclsRequest()
        request.resourceTypeFilter = resource.rawValue
        request.resourceNameFilter = name
        request.patternTypeFilter = pattern.rawValue
        request.operation = WireOperation.any.rawValue
        request.permissionType = WirePermission.any.rawValue
        return await DescribeAcls.handle(request, in: fixture.context(try peer ?? fixture.root(), version: 3))
    }

    private func delete(_ name: String?, _ pattern: WirePattern, in fixture: AdministrationFixture, by peer: Peer? = nil) async throws -> DeleteAclsResponse {
        var request = DeleteAclsRequest()
        var filter = DeleteAclsRequest.DeleteAclsFilter()
        filter.resourceTypeFilter = WireResource.any.rawValue
        filter.resourceNameFilter = name
        filter.patternTypeFilter = pattern.rawValue
        filter.operation = WireOperation.any.rawValue
        filter.permissionType = WirePermission.any.rawValue
        request.filters = [filter]
        return await DeleteAcls.handle(request, in: fixture.context(try peer ?? fixture.root(), version: 3))
    }

    @Test("an ACL is in force at once, stored as a version, audited, described, and gone when it is deleted")
    func lifeOfAnACL() async throws {
        let fixture = try await AdministrationFixture()
        let gate = try fixture.stranger()
        #expect(try await create(Self.creation(.topic, "air.v1"), Self.creation(.group, "gates", .prefixed), in: fixture).map(\.errorCode) == [.none, .none])
        #expect(fixture.services.decide(.subscribe(topic: "air.v1"), for: gate).isAllowed)
        #expect(fixture.services.decide(.useGroup("gates-1"), for: gate).isAllowed)
        #expect(!fixture.services.decide(.subscribe(topic: "health.v1"), for: gate).isAllowed)
        #expect(fixture.services.policy.value.version == 2 && fixture.metadata.snapshot.agreements.last?.summary.version == 2)
        let entry = try #require(try fixture.entries().last { $0.data.action == "acls.create" })
        #expect(entry.data.details?["made"]?.contains("topic literal allow read traffic/cameras/gate-1 air.v1") == true)

        let described = try await describe(in: fixture)
        #expect(described.resources.map(\.resourceName) == ["gates", "air.v1"] && described.resources[0].patternType == WirePattern.prefixed.rawValue)
        #expect(described.resources[1].acls.map(\.principal) == ["User:traffic/cameras/gate-1"] && described.resources[1].acls[0].host == "*")

        let deleted = try await delete("air.v1", .literal, in: fixture)
        #expect(deleted.filterResults.map { $0.matchingAcls.map(\.resourceName) } == [["air.v1"]])
        #expect(!fixture.services.decide(.subscribe(topic: "air.v1"), for: gate).isAllowed)
        #expect(fixture.services.decide(.useGroup("gates-1"), for: gate).isAllowed)
        #expect(try await delete("air.v1", .literal, in: fixture).filterResults[0].matchingAcls.isEmpty)
        #expect(fixture.services.policy.value.version == 3, "what changes nothing is no version")
    }

    @Test("policy apply and ACLs leave each other alone, through a restart too")
    func apart() async throws {
        let fixture = try await AdministrationFixture()
        let (gate, ward) = (try fixture.stranger(), try BrokerFixture.peer("health/ward/tan-dinh"))
        _ = try await create(Self.creation(.topic, "air.v1"), in: fixture)
        #expect(fixture.services.decide(.publish(topic: "health.v1"), for: ward).isAllowed, "an ACL takes no agreement away")
        let next = ["a.yaml": "agreements: [{id: N, topic: n, owner: n, parties: [{node: n/n/n, may: [publish]}]}]"]
        let applied = try await fixture.administration.applyAgreements(next, by: .node(try fixture.root())).get()
        #expect(applied.added == ["N"] && applied.removed == ["HEALTH"] && applied.changed.isEmpty)
        #expect(fixture.services.decide(.subscribe(topic: "air.v1"), for: gate).isAllowed)
        let again = try await AdministrationFixture(store: fixture.store, metadata: fixture.metadata)
        #expect(again.services.decide(.subscribe(topic: "air.v1"), for: gate).isAllowed)
        #expect(try await describe(in: again).resources.map(\.resourceName) == ["air.v1"])
        let steward = try fixture.steward()
        _ = await fixture.administration.applyAgreements(next, by: .node(steward))
        #expect(fixture.services.decide(.subscribe(topic: "air.v1"), for: gate).isAllowed)
    }

    @Test("only what is classified open or internal is opened: on others POLICY_VIOLATION names the way, and a change of class closes at once")
    func classes() async throws {
        let fixture = try await AdministrationFixture()
        let gate = try fixture.stranger()
        for (name, `class`) in [("c.open", "open"), ("c.internal", "internal"), ("d.personal", "personal"), ("d.sensitive", "sensitive")] {
            try await fixture.make(name, configuration: ["hanbridge.classification": `class`])
        }
        let results = try await create(
            Self.creation(.topic, "c.open"), Self.creation(.topic, "c.internal"), Self.creation(.topic, "d.personal"),
            Self.creation(.topic, "d.sensitive"), Self.creation(.topic, "d.", .prefixed), Self.creation(.topic, "*"),
            Self.creation(.topic, "c.", .prefixed), Self.creation(.topic, "d.", .prefixed, permission: .deny), in: fixture)
        #expect(results.map(\.errorCode) == [.none, .none] + Array(repeating: .policyViolation, count: 4) + [.none, .none])
        let sentence = try #require(results[2].errorMessage)
        #expect(sentence.contains("d.personal is classified personal") && sentence.contains("hanbridge policy request d.personal"))
        #expect(fixture.services.decide(.subscribe(topic: "c.open"), for: gate).isAllowed)

        let alteration = ["hanbridge.classification": "sensitive"]
        let refusal = await fixture.administration.topicChanges.configure("c.open", validateOnly: false, by: try fixture.root()) {
            (current) throws(AdministrationRefusal) in current.merging(alteration) { $1 }
        }
        #expect(refusal == nil)
        #expect(!fixture.services.decide(.subscribe(topic: "c.open"), for: gate).isAllowed)
        #expect(!fixture.services.decide(.describe(topic: "c.open"), for: gate).isAllowed)
        #expect(fixture.services.decide(.subscribe(topic: "c.internal"), for: gate).isAllowed)
        try await fixture.make("c.later", configuration: ["hanbridge.classification": "personal"])
        #expect(!fixture.services.decide(.subscribe(topic: "c.later"), for: gate).isAllowed, "the prefix covers it and may not open it")
        let again = try await AdministrationFixture(store: fixture.store, metadata: fixture.metadata)
        #expect(!again.services.decide(.subscribe(topic: "c.open"), for: gate).isAllowed)
        #expect(again.services.decide(.subscribe(topic: "c.internal"), for: gate).isAllowed)
    }

    @Test("what cannot be enforced as it is said is refused, each by itself, and nothing else of the request is")
    func refused() async throws {
        let fixture = try await AdministrationFixture()
        let bad: [Creation] = [
            Self.creation(.cluster, "kafka-cluster"), Self.creation(.transactionalID, "t"), Self.creation(.user, "u"), Self.creation(.any, "t"),
            Self.creation(.topic, "t", .any), Self.creation(.topic, "t", .match), Self.creation(.topic, "t", to: "User:CN=health"),
            Self.creation(.topic, "t", to: "User:a/b/c,OU=admin"), Self.creation(.topic, "t", to: "Group:a"), Self.creation(.topic, "t", to: ""),
            Self.creation(.topic, "t", op: .alter), Self.creation(.topic, "t", op: .any), Self.creation(.topic, "t", permission: .any),
            Self.creation(.topic, "t", host: "10.0.0.1"), Self.creation(.topic, "_audit.access"), Self.creation(.topic, "a/b"),
            Self.creation(.topic, ""), Self.creation(.group, "g", op: .write), Self.creation(.group, ""), Self.creation(.topic, "t\u{430}"),
        ]
        var request = CreateAclsRequest()
        request.creations = bad + [Self.creation(.topic, "good")]
        let results = await CreateAcls.handle(request, in: fixture.context(try fixture.root(), version: 3)).results
        #expect(results.map(\.errorCode) == Array(repeating: .invalidRequest, count: bad.count) + [.none])
        #expect(results.dropLast().allSatisfy { $0.errorMessage?.isEmpty == false })
        #expect(try await describe(in: fixture).resources.map(\.resourceName) == ["good"])
    }

    @Test("operators change ACLs, auditors read them, others neither")
    func rights() async throws {
        let fixture = try await AdministrationFixture()
        let auditor = try BrokerFixture.peer("audit/office/one", roles: [.auditor])
        for peer in [try fixture.stranger(), try fixture.healthIT(), try fixture.steward(), auditor] {
            #expect(try await create(Self.creation(.topic, "t"), in: fixture, by: peer).map(\.errorCode) == [.clusterAuthorizationFailed])
            #expect(try await delete(nil, .any, in: fixture, by: peer).filterResults.map(\.errorCode) == [.clusterAuthorizationFailed])
            let expected: ErrorCode = peer.identity.roles.contains(.auditor) ? .none : .clusterAuthorizationFailed
            #expect(try await describe(in: fixture, by: peer).errorCode == expected)
        }
        #expect(fixture.services.policy.value.version == 1)
    }

    @Test("filters find literally, by prefix, by any, and whatever would affect a name")
    func filters() async throws {
        let fixture = try await AdministrationFixture()
        _ = try await create(
            Self.creation(.topic, "a.b"), Self.creation(.topic, "a.", .prefixed), Self.creation(.topic, "*"), Self.creation(.topic, "c"),
            Self.creation(.group, "a.b"), in: fixture)
        func found(_ resource: WireResource, _ name: String?, _ pattern: WirePattern) async throws -> Set<String> {
            Set(try await describe(resource, name, pattern, in: fixture).resources.map { "\($0.resourceType) \($0.resourceName) \($0.patternType)" })
        }
        #expect(try await found(.any, nil, .any).count == 5)
        #expect(try await found(.topic, nil, .literal) == ["2 a.b 3", "2 * 3", "2 c 3"])
        #expect(try await found(.topic, "a.b", .any) == ["2 a.b 3"])
        #expect(try await found(.topic, "a.b", .match) == ["2 a.b 3", "2 a. 4", "2 * 3"])
        #expect(try await found(.any, "a.", .prefixed) == ["2 a. 4"])
        #expect(try await found(.any, "a.b", .literal) == ["2 a.b 3", "3 a.b 3"])
        #expect(try await found(.cluster, nil, .any).isEmpty)
        var request = DescribeAclsRequest()
        request.resourceTypeFilter = 99
        #expect(await DescribeAcls.handle(request, in: fixture.context(try fixture.root(), version: 3)).errorCode == .invalidRequest)
    }

    @Test("there are as many ACLs as the limit says and not one more; a storage that refuses changes nothing")
    func bounds() async throws {
        let fixture = try await AdministrationFixture()
        var request = CreateAclsRequest()
        request.creations = (0..<AgreementsLimits.bindingsMax).map { Self.creation(.topic, "t\($0)") }
        let full = await CreateAcls.handle(request, in: fixture.context(try fixture.root(), version: 3)).results
        #expect(full.allSatisfy { $0.errorCode == .none })
        let more = try await create(Self.creation(.topic, "more"), Self.creation(.topic, "t1"), in: fixture)
        #expect(more.map(\.errorCode) == [.invalidRequest, .invalidRequest] && more[0].errorMessage?.contains("2000") == true)
        #expect(try await create(Self.creation(.topic, "t1"), in: fixture).map(\.errorCode) == [.none], "it is there already")
    }
}
