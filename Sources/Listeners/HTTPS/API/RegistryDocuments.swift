import Broker
import MessageSchema
import Storage

// What the schema registry's routes take and give, by the names of Confluent's Schema Registry API.

struct ReferenceDocument: Codable, Sendable {
    let name: String
    let subject: String
    let version: Int32

    init(_ reference: SchemaReference) {
        (name, subject, version) = (reference.name, reference.target.subject, reference.target.version)
    }
}

/// A schema that is sent in: to be registered, looked up or compared.
struct SubmissionDocument: Decodable, Sendable {
    let schema: String
    let schemaType: String?
    let references: [ReferenceDocument]?
    let id: Int32?
    let version: Int32?
    let metadata: Anything?
    let ruleSet: Anything?

    /// Whatever is there, as long as it is not null.
    struct Anything: Decodable, Sendable {
        init(from decoder: any Decoder) {}
    }

    func submission(_ call: Route.Call) throws(RegistryRefusal) -> SchemaSubmission {
        guard let format = SchemaFormat(rawValue: schemaType ?? SchemaFormat.avro.rawValue) else {
            throw .unknownType
        }
        // A word that is not enforced is refused by name, never ignored.
        guard metadata == nil, ruleSet == nil else {
            throw RegistryRefusal(42201, "metadata and ruleSet are not kept by this registry; leave them out")
        }
        var submission = SchemaSubmission(format: format, text: schema)
        for reference in references ?? [] {
            guard reference.version >= 1 || reference.version == SchemaSubmission.latest else {
                throw RegistryRefusal(42201, "“\(reference.name)” refers to version \(reference.version), which is none")
            }
            submission.references.append(
                SchemaReference(
                    name: reference.name, target: SubjectVersionName(subject: reference.subject, version: reference.version)))
        }
        submission.normalizes = call.flag("normalize")
        submission.allowsBacktracking = call.flag("allowBacktracking")
        // Clients write -1 or 0 for “you choose”.
        submission.id = id.flatMap { $0 >= 1 ? $0 : nil }
        submission.version = version.flatMap { $0 >= 1 ? $0 : nil }
        return submission
    }

    static let example = #"{"schema": "{\"type\": \"object\"}", "schemaType": "JSON", "references": []}"#
}

/// A schema under a subject and version.
struct VersionDocument: Encodable, Sendable {
    let subject: String
    let id: Int32
    let version: Int32
    /// Left out for Avro, as clients of the first versions expect.
    let schemaType: String?
    let references: [ReferenceDocument]?
    let schema: String
    let deleted: Bool?

    init(_ version: RegisteredVersion, text: String) {
        subject = version.name.subject
        id = version.schema.id
        self.version = version.name.version
        schemaType = version.schema.format.toldType
        references = version.schema.record.references.documents
        schema = text
        deleted = version.isDeleted ? true : nil
    }
}

/// A schema under its id.
struct SchemaDocument: Encodable, Sendable {
    let schemaType: String?
    let references: [ReferenceDocument]?
    let schema: String
    let maxId: Int32?
}

struct RegisteredDocument: Encodable, Sendable {
    let id: Int32
    let version: Int32
    let schemaType: String?
}

struct SubjectVersionDocument: Encodable, Sendable {
    let subject: String
    let version: Int32
}

struct CompatibilityDocument: Encodable, Sendable {
    // swift-format-ignore: the API's own spelling
    let is_compatible: Bool
    let messages: [String]?
}

struct LevelDocument: Encodable, Sendable {
    let compatibilityLevel: String
    let normalize: Bool?

    init(_ configuration: RegistryConfiguration) {
        compatibilityLevel = configuration.level.rawValue
        normalize = configuration.normalizes
    }
}

/// A change of the configuration. What is absent stays; what is null falls back.
struct LevelChangeDocument: Codable, Sendable {
    let level: SettingChange<CompatibilityLevel>
    let normalizes: SettingChange<Bool>

    private enum Key: String, CodingKey, CaseIterable {
        case compatibility, compatibilityLevel, normalize
        case alias, validateFields, validateRules, compatibilityPolicy, compatibilityGroup, defaultMetadata, overrideMetadata
        case defaultRuleSet, overrideRuleSet
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        for key in Key.allCases where ![.compatibility, .compatibilityLevel, .normalize].contains(key) {
            guard try !container.contains(key) || container.decodeNil(forKey: key) else {
                throw RegistryRefusal(42203, "\(key.rawValue) is not kept by this registry; leave it out")
            }
        }
        let key: Key = container.contains(.compatibility) ? .compatibility : .compatibilityLevel
        if container.contains(key) {
            let word = try container.decode(String?.self, forKey: key)
            let level = word.flatMap { CompatibilityLevel(rawValue: $0.uppercased()) }
            guard word == nil || level != nil else { throw RegistryRefusal.invalidLevel }
            self.level = .set(level)
        } else {
            level = .keep
        }
        normalizes = container.contains(.normalize) ? .set(try container.decode(Bool?.self, forKey: .normalize)) : .keep
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        if case .set(let level) = level { try container.encode(level?.rawValue, forKey: .compatibility) }
        if case .set(let value) = normalizes { try container.encode(value, forKey: .normalize) }
    }
}

struct ModeDocument: Codable, Sendable {
    let mode: String
}

/// A set of schemas, as git keeps it: `POST /v1/schemas`.
public struct SchemaSetDocument: Codable, Sendable {
    public struct Entry: Codable, Sendable {
        public struct Reference: Codable, Sendable {
            public var name: String
            public var subject: String
            /// nil for the latest, which may be one of this set.
            public var version: Int32?

            public init(name: String, subject: String, version: Int32?) {
                (self.name, self.subject, self.version) = (name, subject, version)
            }
        }

        public var subject: String
        /// JSON, AVRO or PROTOBUF.
        public var schemaType: String
        public var schema: String
        public var references: [Reference]
        /// nil leaves the subject's level as it is.
        public var compatibility: String?
        public var allowBacktracking: Bool?

        public init(
            subject: String, schemaType: String, schema: String, references: [Reference], compatibility: String?, allowBacktracking: Bool?
        ) {
            self.subject = subject
            self.schemaType = schemaType
            self.schema = schema
            self.references = references
            self.compatibility = compatibility
            self.allowBacktracking = allowBacktracking
        }
    }

    public var schemas: [Entry]

    public init(schemas: [Entry]) { self.schemas = schemas }
}

/// What registering a set came to.
public struct SchemaSetAnswer: Codable, Sendable {
    public struct Entry: Codable, Sendable {
        public var subject: String
        public var id: Int32
        public var version: Int32
        /// False where the subject had the schema already.
        public var registered: Bool
    }

    public var schemas: [Entry]
    public var dryRun: Bool
}

extension SchemaSetDocument.Entry {
    func entry() throws(RegistryRefusal) -> SchemaSetEntry {
        guard let format = SchemaFormat(rawValue: schemaType) else { throw .unknownType }
        var submission = SchemaSubmission(format: format, text: schema)
        submission.allowsBacktracking = allowBacktracking ?? false
        submission.references = references.map { reference in
            SchemaReference(
                name: reference.name,
                target: SubjectVersionName(subject: reference.subject, version: reference.version ?? SchemaSubmission.latest))
        }
        let level = compatibility.flatMap { CompatibilityLevel(rawValue: $0) }
        guard compatibility == nil || level != nil else { throw .invalidLevel }
        return SchemaSetEntry(subject: subject, submission: submission, level: level)
    }
}

/// An error as Confluent's clients read it.
struct RegistryErrorDocument: Encodable, Sendable {
    // swift-format-ignore: the API's own spelling
    let error_code: Int
    let message: String
}

extension SchemaFormat {
    fileprivate var toldType: String? {
        switch self {
        case .avro: nil
        case .json, .protobuf: rawValue
        }
    }
}

extension [SchemaReference] {
    fileprivate var documents: [ReferenceDocument]? { isEmpty ? nil : map(ReferenceDocument.init) }
}

extension SchemaDocument {
    init(_ schema: RegisteredSchema, text: String, maxID: Int32?) {
        self.init(schemaType: schema.format.toldType, references: schema.record.references.documents, schema: text, maxId: maxID)
    }
}

extension RegisteredDocument {
    init(_ version: RegisteredVersion) {
        self.init(id: version.schema.id, version: version.name.version, schemaType: version.schema.format.toldType)
    }
}
