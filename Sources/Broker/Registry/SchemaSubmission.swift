public import MessageSchema
public import Storage

/// A schema as somebody sends it in.
public struct SchemaSubmission: Hashable, Sendable {
    public var format: SchemaFormat
    public var text: String
    /// What the text refers to; version -1 is the target's latest.
    public var references: [SchemaReference]
    /// Take out of the text what has no meaning before it is compared and registered.
    public var normalizes = false
    /// The steward allows patterns that need a backtracking matcher.
    public var allowsBacktracking = false
    /// With its own id, in mode IMPORT.
    public var id: Int32?
    /// With its own version; else the next one.
    public var version: Int32?

    public init(format: SchemaFormat = .avro, text: String, references: [SchemaReference] = []) {
        self.format = format
        self.text = text
        self.references = references
    }

    /// As a reference's version says “latest”.
    public static let latest: Int32 = -1
}

/// A schema under the subject and version that it is registered as.
public struct RegisteredVersion: Sendable {
    public let name: SubjectVersionName
    public let isDeleted: Bool
    public let schema: RegisteredSchema
    /// ms since 1970
    public let registeredAt: Int64
    public let registeredBy: String

    init(_ record: SubjectVersionRecord, _ schema: RegisteredSchema) {
        name = record.name
        isDeleted = record.isDeleted
        self.schema = schema
        registeredAt = record.registeredAt
        registeredBy = record.registeredBy
    }
}

/// Which versions an answer holds.
public enum DeletedVersions: Hashable, Sendable {
    case left, included, only

    func admits(_ isDeleted: Bool) -> Bool {
        switch self {
        case .left: !isDeleted
        case .included: true
        case .only: isDeleted
        }
    }
}

/// A version as a path names it.
public enum VersionSelector: Hashable, Sendable {
    case latest
    case number(Int32)

    /// `latest`, `-1`, or a number from 1.
    public init(_ text: String) throws(RegistryRefusal) {
        if text == "latest" || text == "-1" {
            self = .latest
        } else if let number = Int32(text), number >= 1 {
            self = .number(number)
        } else {
            throw .invalidVersion(text)
        }
    }
}
