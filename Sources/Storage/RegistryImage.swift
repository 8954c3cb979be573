/// Everything that the schema registry keeps: read once at start, then changed by ``RegistryChange``.
public struct RegistryImage: Hashable, Sendable {
    /// By id.
    public var schemas: [SchemaRecord] = []
    /// By name.
    public var subjects: [SubjectRecord] = []
    /// By subject and version; the soft-deleted ones too.
    public var versions: [SubjectVersionRecord] = []
    /// What holds where a subject says nothing.
    public var settings = RegistrySettings()

    public init() {}
}

/// A schema under its global id. It is kept for ever where records of the log name it.
public struct SchemaRecord: Hashable, Sendable {
    /// From 1.
    public let id: Int32
    /// `JSON`, `AVRO` or `PROTOBUF`.
    public let format: String
    /// As it was registered.
    public let text: String
    public let references: [SchemaReference]
    /// The steward who registered it allows patterns that need a backtracking matcher.
    public let allowsBacktracking: Bool
    /// ms since 1970
    public let createdAt: Int64

    public init(
        id: Int32, format: String, text: String, references: [SchemaReference] = [], allowsBacktracking: Bool = false, createdAt: Int64
    ) {
        self.id = id
        self.format = format
        self.text = text
        self.references = references
        self.allowsBacktracking = allowsBacktracking
        self.createdAt = createdAt
    }
}

/// Another schema that a text refers to: how the text names it, and where it is registered.
public struct SchemaReference: Hashable, Sendable {
    public let name: String
    public let target: SubjectVersionName

    public init(name: String, target: SubjectVersionName) {
        self.name = name
        self.target = target
    }
}

public struct SubjectVersionName: Hashable, Sendable, CustomStringConvertible {
    public let subject: String
    /// From 1.
    public let version: Int32

    public init(subject: String, version: Int32) {
        self.subject = subject
        self.version = version
    }

    public var description: String { "\(subject)@\(version)" }
}

/// A subject: who made it, and what it says for itself. It is there before its first version where it was configured first.
public struct SubjectRecord: Hashable, Sendable {
    public let name: String
    /// The agency that made it.
    public let owner: String
    public var settings: RegistrySettings

    public init(name: String, owner: String, settings: RegistrySettings = RegistrySettings()) {
        self.name = name
        self.owner = owner
        self.settings = settings
    }
}

/// nil where nobody said: then what stands behind it holds.
public struct RegistrySettings: Hashable, Sendable {
    /// `BACKWARD`, `FULL_TRANSITIVE` …
    public var compatibility: String?
    /// Schemas are normalised before they are registered or looked up.
    public var normalizes: Bool?
    /// `READWRITE`, `READONLY` …
    public var mode: String?

    public init(compatibility: String? = nil, normalizes: Bool? = nil, mode: String? = nil) {
        self.compatibility = compatibility
        self.normalizes = normalizes
        self.mode = mode
    }

    public var isEmpty: Bool { self == RegistrySettings() }
}

/// One version of a subject.
public struct SubjectVersionRecord: Hashable, Sendable {
    public let name: SubjectVersionName
    /// The schema's id.
    public let schema: Int32
    /// Softly: it takes no part in "latest" and compatibility, and is still found by those who ask for deleted ones.
    public var isDeleted: Bool
    /// ms since 1970
    public let registeredAt: Int64
    /// The principal that registered it.
    public let registeredBy: String

    public init(name: SubjectVersionName, schema: Int32, isDeleted: Bool = false, registeredAt: Int64, registeredBy: String) {
        self.name = name
        self.schema = schema
        self.isDeleted = isDeleted
        self.registeredAt = registeredAt
        self.registeredBy = registeredBy
    }
}

/// One change of the registry, whole or not at all. It is applied in the order of its parts.
public struct RegistryChange: Hashable, Sendable {
    /// Refused with `.conflict` where the id is taken.
    public var addedSchemas: [SchemaRecord] = []
    /// In the place of those that are there.
    public var putSubjects: [SubjectRecord] = []
    public var putVersions: [SubjectVersionRecord] = []
    public var removedVersions: [SubjectVersionName] = []
    /// Refused with `.conflict` where one has versions left.
    public var removedSubjects: [String] = []
    /// Their ids are not given again, where a larger one is kept. Refused with `.conflict` where a version or another schema needs one.
    public var removedSchemas: [Int32] = []
    public var settings: RegistrySettings?

    public init() {}

    public var isEmpty: Bool { self == RegistryChange() }

    /// Both, one after the other, where the second takes nothing away that the first puts.
    public mutating func append(_ next: RegistryChange) {
        addedSchemas += next.addedSchemas
        putSubjects += next.putSubjects
        putVersions += next.putVersions
        removedVersions += next.removedVersions
        removedSubjects += next.removedSubjects
        removedSchemas += next.removedSchemas
        settings = next.settings ?? settings
    }
}
