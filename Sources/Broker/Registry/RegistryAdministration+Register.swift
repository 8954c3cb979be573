import AccessPolicy
import MessageSchema
import Storage

extension RegistryAdministration {
    /// Registers a schema under a subject, or finds it there.
    public func register(
        _ submission: SchemaSubmission, in subject: String, by peer: Peer
    ) async throws(RegistryRefusal) -> RegisteredVersion {
        try SubjectName.judge(subject)
        try mustAdminister(subject, peer)
        let options = services.settings.schemaOptions
        let now = services.clock.now()
        let name = try await change({ registry throws(RegistryRefusal) in
            try mustAdminister(subject, peer)
            try registry.mustTake(submission, in: subject)
            let draft = try SchemaDraft(submission, in: subject, registry, options: options)
            return try Registration(submission, draft, subject, registry).planned(by: peer, at: now)
        }, by: peer)
        return try registry.found(.number(name.version), of: subject, includingDeleted: true)
    }
}

extension SchemaRegistry {
    /// Whether the mode lets a schema come in this way.
    func mustTake(_ submission: SchemaSubmission, in subject: String) throws(RegistryRefusal) {
        try mustTakeChanges(subject)
        let isImporting = mode(of: subject) == .import
        if submission.id != nil, !isImporting {
            throw .notPermitted("an id is chosen in mode IMPORT only, and subject “\(subject)” is in mode READWRITE")
        }
        if submission.id == nil, isImporting {
            throw .notPermitted("subject “\(subject)” is in mode IMPORT, in which a schema comes with its id")
        }
    }
}

/// What registering a draft comes to.
struct Registration {
    private let submission: SchemaSubmission
    private let draft: SchemaDraft
    private let subject: String
    private let registry: SchemaRegistry
    private var isImport: Bool { submission.id != nil }

    init(_ submission: SchemaSubmission, _ draft: SchemaDraft, _ subject: String, _ registry: SchemaRegistry) {
        self.submission = submission
        self.draft = draft
        self.subject = subject
        self.registry = registry
    }

    func planned(by peer: Peer, at now: Int64) throws(RegistryRefusal) -> PlannedChange<SubjectVersionName> {
        if let known = registeredAlready {
            return PlannedChange(action: "schema.register", object: "subject:\(subject)", value: known)
        }
        try judgeCompatibility()
        let id = try id()
        let name = SubjectVersionName(subject: subject, version: try version(of: id))
        var change = RegistryChange()
        if registry.subjects[subject] == nil { change.putSubjects = [SubjectRecord(name: subject, owner: peer.identity.agency)] }
        if registry.compiled(id: id) == nil {
            change.addedSchemas = [
                SchemaRecord(
                    id: id, format: submission.format.rawValue, text: draft.text, references: draft.references,
                    allowsBacktracking: submission.allowsBacktracking, createdAt: now)
            ]
        }
        change.putVersions = [
            SubjectVersionRecord(name: name, schema: id, registeredAt: now, registeredBy: peer.identity.principal)
        ]
        change.removedVersions = superseded(by: name, id)
        try judgeLimits(change)
        let text = registry.compiled(id: id).map { DocumentDigest($0.record) } ?? change.addedSchemas.first.map { DocumentDigest($0) }
        var details = ["id": String(id), "version": String(name.version), "type": submission.format.rawValue]
        details["references"] = draft.references.isEmpty ? nil : draft.references.map(\.target.description).joined(separator: " ")
        details[DocumentDigest.detail] = text?.description
        details["patterns"] = submission.allowsBacktracking ? "backtracking" : nil
        details["mode"] = isImport ? RegistryMode.import.rawValue : nil
        return PlannedChange(
            action: "schema.register", object: "subject:\(subject)", details: details, change: change, programs: [id: draft.compiled],
            value: name)
    }

    /// A version that is this very schema, where none was asked for by number or it is that one.
    private var registeredAlready: SubjectVersionName? {
        let active = registry.subjects[subject]?.active ?? []
        for version in active.reversed() {
            guard let schema = registry.compiled(id: version.schema), draft.isSame(as: schema) else { continue }
            guard submission.id == nil || submission.id == schema.id else { continue }
            guard submission.version == nil || submission.version == version.name.version else { continue }
            return version.name
        }
        return nil
    }

    private func judgeCompatibility() throws(RegistryRefusal) {
        guard !isImport else { return }
        let level = registry.level(of: subject)
        // A version that no longer compiles cannot be compared with; a mended one must be able to follow it.
        let earlier = registry.activeSchemas(of: subject).compactMap(\.compiled)
        let found = draft.compiled.incompatibilities(with: earlier, at: level)
        guard found.isEmpty else { throw .incompatible(subject, level, found) }
    }

    /// The id asked for, the one that the same schema has in another subject, or the next one.
    private func id() throws(RegistryRefusal) -> Int32 {
        if let id = submission.id {
            if let other = registry.compiled(id: id), other.identity != draft.identity {
                throw .notPermitted("id \(id) is that of another schema")
            }
            return id
        }
        if let known = registry.schema(draft.identity) {
            guard !submission.allowsBacktracking || known.record.allowsBacktracking || known.compiled != nil else {
                throw .notPermitted("schema \(known.id) is registered without leave for backtracking patterns")
            }
            return known.id
        }
        guard registry.lastID < RegistryLimits.ownIDsFrom - 1 else { throw .notPermitted("every id is given away") }
        return registry.lastID + 1
    }

    private func version(of id: Int32) throws(RegistryRefusal) -> Int32 {
        let next = (registry.subjects[subject]?.versions.last?.name.version ?? 0) + 1
        guard let wanted = submission.version else { return next }
        if !isImport {
            guard wanted == next else { throw .invalidSchema("its version is \(wanted), and the next one is \(next)") }
        } else if let taken = registry.subjects[subject]?[wanted], taken.schema != id {
            throw .notPermitted("version \(wanted) of subject “\(subject)” is another schema")
        }
        return wanted
    }

    /// Soft-deleted versions of the same schema end where it comes back, unless something still refers to them.
    private func superseded(by name: SubjectVersionName, _ id: Int32) -> [SubjectVersionName] {
        let versions = registry.subjects[subject]?.versions ?? []
        return versions.filter { version in
            version.isDeleted && version.schema == id && version.name.version < name.version
                && registry.referrers(of: version.name, includingDeleted: true).isEmpty
        }.map(\.name)
    }

    private func judgeLimits(_ change: RegistryChange) throws(RegistryRefusal) {
        let added = change.addedSchemas.reduce(0) { $0 + $1.text.utf8.count }
        guard registry.published.schemas + change.addedSchemas.count <= RegistryLimits.schemasMax else {
            throw .tooLarge("the registry keeps at most \(RegistryLimits.schemasMax) schemas")
        }
        guard registry.published.textBytes + added <= RegistryLimits.textBytesMax else {
            throw .tooLarge("the schemas of the registry have at most \(RegistryLimits.textBytesMax) bytes together")
        }
        guard change.addedSchemas.isEmpty || registry.published.codes + draft.compiled.codeCount <= RegistryLimits.namedCodesMax else {
            throw .tooLarge("the code lists that schemas name have at most \(RegistryLimits.namedCodesMax) codes together, counted for each schema")
        }
        let versions = (registry.subjects[subject]?.versions.count ?? 0) + 1 - change.removedVersions.count
        guard versions <= RegistryLimits.versionsPerSubjectMax else {
            throw .tooLarge("a subject has at most \(RegistryLimits.versionsPerSubjectMax) versions; delete old ones for good")
        }
        try registry.judgeSubjectCount(adding: change.putSubjects.count)
    }
}

extension SchemaRegistry {
    func judgeSubjectCount(adding count: Int) throws(RegistryRefusal) {
        guard count == 0 || subjects.keys.count(where: { ProjectedSubject.source(of: $0) == nil }) + count <= RegistryLimits.subjectsMax else {
            throw .tooLarge("the registry keeps at most \(RegistryLimits.subjectsMax) subjects")
        }
    }
}

/// What may be a subject's name.
enum SubjectName {
    static func judge(_ name: String) throws(RegistryRefusal) {
        guard !name.isEmpty, name.utf8.count <= RegistryLimits.subjectBytesMax else {
            throw .invalidSubject("a subject's name has 1 to \(RegistryLimits.subjectBytesMax) bytes")
        }
        guard name.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7F }) else {
            throw .invalidSubject("a subject's name has no control characters")
        }
        guard !name.hasPrefix(":") else { throw .invalidSubject("contexts (“:.name:subject”) are not kept by this registry") }
        guard !name.hasPrefix("_") else { throw .invalidSubject("names that begin with “_” are the broker's own") }
        guard name != TopicRules.untyped else {
            throw .invalidSubject("“\(name)” says in \(TopicRules.subjectKey) that a topic has no schema, so it cannot be a subject")
        }
    }
}

/// What bounds the registry, beside `SchemaLimits`.
enum RegistryLimits {
    /// Those of deleted subjects count: records of the log may name them.
    static let schemasMax = 10_000
    static let textBytesMax = 64 << 20
    static let subjectsMax = 10_000
    static let versionsPerSubjectMax = 1_000
    static let subjectBytesMax = 255
    /// A schema keeps a table of each list that it names.
    static let namedCodesMax = 500_000
    /// What subscribers see of others' schemas: nobody's to delete, and kept as long as there is room for others.
    static let derivedSchemasMax = 10_000
    static let derivedTextBytesMax = 64 << 20
    static let derivedCodesMax = 500_000
    /// None makes place for others before it is so old, in ms: who got records under it has read it by then.
    static let derivedKeptMilliseconds: Int64 = 86_400_000
    /// The schemas of the broker's own topics: the ids of everybody else's begin at 1 and stay dense.
    static let ownIDsFrom: Int32 = 2_000_000_000

    private static func derivedRow(_ name: String, _ value: Int) -> Limits.Row {
        Limits.Row(name: name, value: value, meaning: "the oldest makes place that is a day old and not in use; where there is none, whoever needs another one gets KAFKA_STORAGE_ERROR and stays where it is")
    }

    static let rows = [
        Limits.Row(name: "schemas", value: schemasMax, meaning: "error 42209"),
        Limits.Row(name: "bytes of all schemas", value: textBytesMax, meaning: "error 42209"),
        Limits.Row(name: "subjects", value: subjectsMax, meaning: "error 42209"),
        Limits.Row(name: "versions, a subject", value: versionsPerSubjectMax, meaning: "error 42209"),
        Limits.Row(name: "subject name, bytes", value: subjectBytesMax, meaning: "error 42208"),
        Limits.Row(name: "bytes, a schema", value: SchemaLimits.textBytesMax, meaning: "error 42201"),
        Limits.Row(name: "bytes, a schema with all that it refers to", value: SchemaLimits.closureBytesMax, meaning: "error 42201"),
        Limits.Row(name: "schemas that one refers to, directly or not", value: SchemaLimits.referencesMax, meaning: "error 42201"),
        Limits.Row(name: "codes, a code list", value: SchemaLimits.codesMax, meaning: "error 42201"),
        Limits.Row(name: "codes of the lists that a schema names", value: SchemaLimits.codesPerSchemaMax, meaning: "error 42201"),
        Limits.Row(name: "codes of the lists that schemas name, counted for each schema", value: namedCodesMax, meaning: "error 42209"),
        derivedRow("schemas derived for restricted subscribers", derivedSchemasMax),
        derivedRow("bytes of all derived schemas", derivedTextBytesMax),
        derivedRow("codes of the lists that derived schemas name", derivedCodesMax),
    ]
}
