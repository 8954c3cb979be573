import MessageSchema
import Storage

/// Every schema of the registry at one moment, compiled. Immutable: ``RegistryAdministration`` makes the next one and
/// ``BrokerServices/install(registry:)`` puts it in force. A look-up is one or two hashes, without a lock or a wait.
public final class SchemaRegistry: Sendable {
    private let schemas: [Int32: RegisteredSchema]
    let subjects: [String: RegistrySubject]
    let settings: RegistrySettings
    private let identities: [SchemaIdentity: Int32]
    /// The ids of the schemas that refer to a subject and version, by reference or as a code list.
    private let referrers: [SubjectVersionName: [Int32]]
    /// Of everybody's schemas, and of those that the broker derives for restricted subscribers.
    let published: RegistryUse
    let derived: RegistryUse
    /// The largest id given to anybody's schema; the broker's own have numbers beyond ``RegistryLimits/ownIDsFrom``.
    let lastID: Int32

    public static let empty = SchemaRegistry(RegistryImage(), options: SchemaOptions())

    // MARK: What the data plane asks

    /// The schema of an id that was ever given; nil for any other. Whether it belongs to a topic's subject its memberships tell.
    public func compiled(id: Int32) -> RegisteredSchema? { schemas[id] }

    /// The newest version of a subject that is not deleted; nil where there is none.
    public func latest(subject: String) -> RegisteredSchema? {
        subjects[subject]?.latest.flatMap { schemas[$0.schema] }
    }

    /// One version of a subject, a soft-deleted one too: a topic may be pinned to it.
    public func version(subject: String, _ version: Int32) -> RegisteredSchema? {
        subjects[subject]?[version].flatMap { schemas[$0.schema] }
    }

    // MARK: What the registry itself asks

    /// In the order of their names.
    var subjectNames: [String] { subjects.keys.sorted() }
    /// In the order of their ids; those of no subject are kept for the records of the log and not listed.
    var listed: [RegisteredSchema] { schemas.values.filter { !$0.memberships.isEmpty }.sorted { $0.id < $1.id } }

    /// The schema with exactly this format, text and references, of whatever subject.
    func schema(_ identity: SchemaIdentity) -> RegisteredSchema? { identities[identity].flatMap { schemas[$0] } }

    /// The schemas of a subject's versions, oldest first, without the soft-deleted.
    func activeSchemas(of subject: String) -> [RegisteredSchema] {
        subjects[subject]?.active.compactMap { schemas[$0.schema] } ?? []
    }

    /// The schemas that refer to a version, in the order of their ids. What the broker derived from one of them keeps nothing from being deleted.
    /// - Parameter includingDeleted: counts those whose every version was deleted softly.
    func referrers(of name: SubjectVersionName, includingDeleted: Bool) -> [RegisteredSchema] {
        (referrers[name] ?? []).compactMap { schemas[$0] }.filter { schema in
            schema.memberships.contains { !$0.isProjected && (includingDeleted || !$0.isDeleted) }
        }
    }

    /// Those that the broker derived, were made before this time and are not among these, the oldest first.
    func spareDerived(madeBefore time: Int64, but used: Set<Int32>) -> [RegisteredSchema] {
        schemas.values.filter { $0.isDerived && $0.record.createdAt < time && !used.contains($0.id) }
            .sorted { ($0.record.createdAt, $0.id) < ($1.record.createdAt, $1.id) }
    }

    // MARK: Making one

    /// Reads and compiles everything that is stored. What does not compile is kept with the reason.
    init(_ image: RegistryImage, options: SchemaOptions) {
        let records = Dictionary(image.schemas.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        let places = Dictionary(image.versions.map { ($0.name, $0.schema) }, uniquingKeysWith: { first, _ in first })
        let compiler = SchemaCompiler(options: options) { name in places[name].flatMap { records[$0] } }
        var subjects: [String: RegistrySubject] = [:]
        for record in image.subjects { subjects[record.name] = RegistrySubject(record: record, versions: []) }
        for version in image.versions { subjects[version.name.subject]?.put(version) }
        let memberships = Self.memberships(of: subjects.values.flatMap(\.versions))
        var schemas: [Int32: RegisteredSchema] = [:]
        for record in records.values {
            guard let format = SchemaFormat(rawValue: record.format) else { continue }
            let program = compiler.compile(record, format)
            let identity = SchemaIdentity(
                format: format, text: record.text, references: record.references, compiled: try? program.get())
            schemas[record.id] = RegisteredSchema(
                record, identity: identity, program: program, memberships: memberships[record.id] ?? [])
        }
        self.schemas = schemas
        self.subjects = subjects
        settings = image.settings
        identities = Dictionary(schemas.values.map { ($0.identity, $0.id) }, uniquingKeysWith: min)
        referrers = schemas.values.sorted { $0.id < $1.id }.reduce(into: [:]) { Self.note($1, in: &$0) }
        (published, derived) = RegistryUse.all(of: schemas.values)
        lastID = records.keys.filter { $0 < RegistryLimits.ownIDsFrom }.max() ?? 0
    }

    private init(_ before: SchemaRegistry, _ change: RegistryChange, programs: [Int32: CompiledSchema]) {
        var (schemas, subjects, identities, referrers) = (before.schemas, before.subjects, before.identities, before.referrers)
        var touched: Set<Int32> = []
        for record in change.addedSchemas {
            guard let program = programs[record.id] else { preconditionFailure("schema \(record.id) was added without its program") }
            let identity = SchemaIdentity(
                format: program.source.format, text: record.text, references: record.references, compiled: program)
            let schema = RegisteredSchema(record, identity: identity, program: .success(program), memberships: [])
            schemas[record.id] = schema
            identities[identity] = identities[identity] ?? record.id
            Self.note(schema, in: &referrers)
        }
        for record in change.putSubjects { subjects[record.name, default: RegistrySubject(record: record, versions: [])].record = record }
        for version in change.putVersions {
            if let old = subjects[version.name.subject]?[version.name.version] { touched.insert(old.schema) }
            subjects[version.name.subject]?.put(version)
            touched.insert(version.schema)
        }
        for name in change.removedVersions {
            if let old = subjects[name.subject]?[name.version] { touched.insert(old.schema) }
            subjects[name.subject]?.remove(name.version)
        }
        for name in change.removedSubjects { subjects[name] = nil }
        for id in change.removedSchemas {
            guard let old = schemas.removeValue(forKey: id) else { continue }
            if identities[old.identity] == id { identities[old.identity] = nil }
            for target in Self.targets(of: old) { referrers[target]?.removeAll { $0 == id } }
        }
        if !touched.isEmpty {
            let memberships = Self.memberships(of: subjects.values.flatMap(\.versions).filter { touched.contains($0.schema) })
            for id in touched { schemas[id] = schemas[id]?.with(memberships[id] ?? []) }
        }
        self.schemas = schemas
        self.subjects = subjects
        self.identities = identities
        self.referrers = referrers
        settings = change.settings ?? before.settings
        (published, derived) = RegistryUse.all(of: schemas.values)
        lastID = change.addedSchemas.filter { $0.id < RegistryLimits.ownIDsFrom }.reduce(before.lastID) { max($0, $1.id) }
    }

    /// The registry after a change that is stored.
    /// - Parameter programs: of the schemas that the change adds, by id.
    func applying(_ change: RegistryChange, programs: [Int32: CompiledSchema] = [:]) -> SchemaRegistry {
        SchemaRegistry(self, change, programs: programs)
    }

    private static func memberships(of versions: some Sequence<SubjectVersionRecord>) -> [Int32: [RegisteredSchema.Membership]] {
        Dictionary(grouping: versions, by: \.schema).mapValues { versions in
            versions.map { RegisteredSchema.Membership(name: $0.name, isDeleted: $0.isDeleted) }.sorted {
                ($0.name.subject, $0.name.version) < ($1.name.subject, $1.name.version)
            }
        }
    }

    private static func note(_ schema: RegisteredSchema, in referrers: inout [SubjectVersionName: [Int32]]) {
        for target in targets(of: schema) { referrers[target, default: []].append(schema.id) }
    }

    private static func targets(of schema: RegisteredSchema) -> Set<SubjectVersionName> {
        let lists = schema.compiled?.codeLists ?? []
        return Set(schema.record.references.map(\.target)).union(lists.map { SubjectVersionName(subject: $0.subject, version: $0.version) })
    }
}

/// What schemas take of the registry.
struct RegistryUse: Hashable, Sendable {
    private(set) var schemas = 0
    private(set) var textBytes = 0
    /// Codes of the lists that they name, once for each schema.
    private(set) var codes = 0

    /// Those that people registered, and those that the broker derived.
    static func all(of schemas: some Sequence<RegisteredSchema>) -> (published: RegistryUse, derived: RegistryUse) {
        var (published, derived) = (RegistryUse(), RegistryUse())
        for schema in schemas {
            if schema.isDerived { derived.add(schema) } else { published.add(schema) }
        }
        return (published, derived)
    }

    private mutating func add(_ schema: RegisteredSchema) {
        schemas += 1
        textBytes += schema.text.utf8.count
        codes += schema.compiled?.codeCount ?? 0
    }

    mutating func remove(_ schema: RegisteredSchema) {
        schemas -= 1
        textBytes -= schema.text.utf8.count
        codes -= schema.compiled?.codeCount ?? 0
    }
}
