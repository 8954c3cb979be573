import AccessPolicy
import MessageSchema
import Storage
import Testing

@testable import Broker

/// A broker with a registry, over stores without disks.
struct RegistryFixture {
    let broker: AdministrationFixture
    var registry: RegistryAdministration { RegistryAdministration(broker.services) }
    var snapshot: SchemaRegistry { broker.services.registry.value }

    static let agreements = """
        agreements:
          - id: HEALTH
            topic: health.*
            owner: health
            parties:
              - {node: health/it/*, may: [administer]}
              - {node: health/ward/*, may: [publish]}
              - {node: education/schools/*, may: [subscribe]}
          - id: TRANSPORT
            topic: transport.*
            owner: transport
            parties:
              - {node: transport/stations/*, may: [publish]}
        """

    init(metadata: InMemoryMetadataStore = InMemoryMetadataStore(), store: InMemoryPartitionStore = InMemoryPartitionStore()) async throws {
        broker = try await AdministrationFixture(store: store, metadata: metadata, agreements: Self.agreements)
    }

    // MARK: People

    var root: Peer { get throws { try broker.root() } }
    var healthSteward: Peer { get throws { try broker.steward() } }
    var transportSteward: Peer { get throws { try BrokerFixture.peer("transport/office/minh", roles: [.steward]) } }
    var ward: Peer { get throws { try BrokerFixture.peer("health/ward/tan-dinh") } }
    var school: Peer { get throws { try BrokerFixture.peer("education/schools/le-loi") } }
    var auditor: Peer { get throws { try BrokerFixture.peer("city/audit/one", roles: [.auditor]) } }

    // MARK: Schemas

    /// An object with these required string fields, and optional ones.
    static func object(_ fields: [String], optional: [String] = []) -> String {
        let properties = (fields + optional).map { "\"\($0)\": {\"type\": \"string\"}" }.joined(separator: ", ")
        let required = fields.map { "\"\($0)\"" }.joined(separator: ", ")
        return "{\"type\": \"object\", \"properties\": {\(properties)}, \"required\": [\(required)], \"additionalProperties\": false}"
    }

    static func json(_ text: String, references: [SchemaReference] = []) -> SchemaSubmission {
        SchemaSubmission(format: .json, text: text, references: references)
    }

    @discardableResult
    func register(_ text: String, in subject: String, references: [SchemaReference] = [], by peer: Peer? = nil) async throws -> RegisteredVersion {
        try await registry.register(Self.json(text, references: references), in: subject, by: peer ?? root)
    }

    /// The error code that a refusal must have.
    func refused(
        _ code: Int, sourceLocation: SourceLocation = #_sourceLocation, _ body: () async throws -> some Any
    ) async throws {
        do {
            _ = try await body()
            Issue.record("nothing was refused", sourceLocation: sourceLocation)
        } catch let refusal as RegistryRefusal {
            #expect(refusal.code == code, "\(refusal.sentence)", sourceLocation: sourceLocation)
            #expect(!refusal.sentence.isEmpty && refusal.status == (code == 409 ? 409 : code / 100), sourceLocation: sourceLocation)
        }
    }

    func name(_ subject: String, _ version: Int32) -> SubjectVersionName { SubjectVersionName(subject: subject, version: version) }
}
