import AccessPolicy
public import MessageSchema
public import Storage

extension RegistryAdministration {
    // MARK: Subjects

    /// The subjects that the peer may read, by name.
    public func subjects(startingWith prefix: String, _ deleted: DeletedVersions, for peer: Peer) -> [String] {
        let registry = registry
        var rights = SubjectRights(services, peer)
        return registry.subjectNames.filter { name in
            guard name.hasPrefix(prefix), ProjectedSubject.source(of: name) == nil, let subject = registry.subjects[name] else { return false }
            guard !subject.versions.isEmpty, deleted.admits(subject.isDeleted) else { return false }
            return rights.shows(name)
        }
    }

    /// The numbers of a subject's versions, ascending.
    public func versions(of subject: String, _ deleted: DeletedVersions, for peer: Peer) throws(RegistryRefusal) -> [Int32] {
        try mustShow(subject, to: peer)
        guard let found = registry.subjects[subject], !found.versions.isEmpty, deleted != .left || !found.isDeleted else {
            throw .subjectNotFound(subject)
        }
        return found.versions.filter { deleted.admits($0.isDeleted) }.map(\.name.version)
    }

    /// One version of a subject.
    public func version(
        _ selector: VersionSelector, of subject: String, includingDeleted: Bool, for peer: Peer
    ) throws(RegistryRefusal) -> RegisteredVersion {
        try mustShow(subject, to: peer)
        return try registry.found(selector, of: subject, includingDeleted: includingDeleted)
    }

    /// The ids of the schemas that refer to a version, those that the peer may read.
    public func referrers(
        of selector: VersionSelector, of subject: String, includingDeleted: Bool, for peer: Peer
    ) throws(RegistryRefusal) -> [Int32] {
        let found = try version(selector, of: subject, includingDeleted: includingDeleted, for: peer)
        var rights = SubjectRights(services, peer)
        return registry.referrers(of: found.name, includingDeleted: includingDeleted).filter { rights.shows($0) }.map(\.id)
    }

    /// The version of a subject that is this very schema.
    public func lookUp(
        _ submission: SchemaSubmission, in subject: String, includingDeleted: Bool, for peer: Peer
    ) throws(RegistryRefusal) -> RegisteredVersion {
        try mustShow(subject, to: peer)
        let registry = registry
        guard let found = registry.subjects[subject], !found.versions.isEmpty, includingDeleted || !found.isDeleted else {
            throw .subjectNotFound(subject)
        }
        let draft = try SchemaDraft(submission, in: subject, registry, options: services.settings.schemaOptions)
        for version in found.versions.reversed() where includingDeleted || !version.isDeleted {
            guard let schema = registry.compiled(id: version.schema), draft.isSame(as: schema) else { continue }
            return RegisteredVersion(version, schema)
        }
        throw .schemaNotFound
    }

    // MARK: Schemas

    /// A schema by its id, for whoever may read one of its subjects.
    public func schema(id: Int32, for peer: Peer) throws(RegistryRefusal) -> RegisteredSchema {
        guard let schema = registry.compiled(id: id), !schema.memberships.isEmpty else { throw .schemaNotFound(id) }
        var rights = SubjectRights(services, peer)
        guard rights.shows(schema) else {
            for subject in Set(schema.memberships.map(\.name.subject)) { _ = services.decide(rights.describing(subject), for: peer) }
            throw .schemaNotShown(id)
        }
        return schema
    }

    /// Where a schema is registered, as far as the peer may read it.
    public func memberships(ofID id: Int32, includingDeleted: Bool, for peer: Peer) throws(RegistryRefusal) -> [SubjectVersionName] {
        let schema = try schema(id: id, for: peer)
        var rights = SubjectRights(services, peer)
        return schema.memberships.filter { (includingDeleted || !$0.isDeleted) && rights.shows($0.name.subject) }.map(\.name)
    }

    /// Every version of the subjects that the peer may read, by subject and version.
    public func allVersions(
        startingWith prefix: String, _ deleted: DeletedVersions, latestOnly: Bool, for peer: Peer
    ) -> [RegisteredVersion] {
        let registry = registry
        return subjects(startingWith: prefix, .included, for: peer).flatMap { name -> [RegisteredVersion] in
            let versions = registry.subjects[name]?.versions.filter { deleted.admits($0.isDeleted) } ?? []
            return (latestOnly ? versions.suffix(1) : versions[...]).compactMap { version in
                registry.compiled(id: version.schema).map { RegisteredVersion(version, $0) }
            }
        }
    }

    /// The largest id given.
    public var lastID: Int32 { registry.lastID }

    // MARK: Compatibility

    /// What keeps a schema from being registered: as `register` judges it, or against one version.
    /// - Returns: nothing where it is compatible.
    public func incompatibilities(
        of submission: SchemaSubmission, in subject: String, with selector: VersionSelector?, for peer: Peer
    ) throws(RegistryRefusal) -> (level: CompatibilityLevel, found: [Incompatibility]) {
        try mustShow(subject, to: peer)
        let registry = registry
        let level = registry.level(of: subject)
        var earlier = registry.activeSchemas(of: subject)
        switch selector {
        case nil: break
        case .latest: earlier = earlier.suffix(1)
        case .number: earlier = [try registry.found(selector ?? .latest, of: subject, includingDeleted: false).schema]
        }
        let draft = try SchemaDraft(submission, in: subject, registry, options: services.settings.schemaOptions)
        return (level, draft.compiled.incompatibilities(with: earlier.compactMap(\.compiled), at: level))
    }
}

extension SchemaRegistry {
    func found(
        _ selector: VersionSelector, of subject: String, includingDeleted: Bool
    ) throws(RegistryRefusal) -> RegisteredVersion {
        guard let found = subjects[subject], !found.versions.isEmpty, includingDeleted || !found.isDeleted else {
            throw .subjectNotFound(subject)
        }
        let record: SubjectVersionRecord?
        switch selector {
        case .latest: record = found.latest ?? (includingDeleted ? found.versions.last : nil)
        case .number(let number): record = found[number].flatMap { includingDeleted || !$0.isDeleted ? $0 : nil }
        }
        guard let record, let schema = compiled(id: record.schema) else { throw .versionNotFound(selector.text) }
        return RegisteredVersion(record, schema)
    }
}

extension VersionSelector {
    var text: String {
        switch self {
        case .latest: "latest"
        case .number(let number): String(number)
        }
    }
}
