import MessageSchema
import Storage

/// A subject of the registry at one moment.
struct RegistrySubject: Sendable {
    var record: SubjectRecord
    /// Ascending; the soft-deleted ones too.
    var versions: [SubjectVersionRecord]

    var active: [SubjectVersionRecord] { versions.filter { !$0.isDeleted } }
    var latest: SubjectVersionRecord? { versions.last { !$0.isDeleted } }
    /// Every version was deleted softly.
    var isDeleted: Bool { !versions.isEmpty && latest == nil }

    subscript(version: Int32) -> SubjectVersionRecord? { versions.first { $0.name.version == version } }

    mutating func put(_ version: SubjectVersionRecord) {
        remove(version.name.version)
        let place = versions.firstIndex { $0.name.version > version.name.version } ?? versions.endIndex
        versions.insert(version, at: place)
    }

    mutating func remove(_ version: Int32) { versions.removeAll { $0.name.version == version } }
}

/// Whether a subject takes changes, by the words of Confluent's Schema Registry API.
public enum RegistryMode: String, Hashable, Sendable, CaseIterable {
    case readWrite = "READWRITE"
    case readOnly = "READONLY"
    /// Globally, it holds for every subject whatever the subject says.
    case readOnlyOverride = "READONLY_OVERRIDE"
    /// Schemas are registered with their ids and versions, and without the check of compatibility.
    case `import` = "IMPORT"
}
