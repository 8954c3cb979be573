import MessageSchema
import Storage

// The schemas that projections write under have ids like any other, in the same numbers, which are never given again. They are versions of
// subjects of the broker's own, `_projected.<subject>`: nobody else registers or deletes there, they are in no listing, and whoever may read
// the subject reads them. No record of a log names one, so where there is no room for another the oldest that is not in use is freed: who is
// shown its records again gets them under a new one.

/// The subject of what is derived from another subject's schemas.
enum ProjectedSubject {
    private static let prefix = "_projected."

    static func name(of subject: String) -> String { prefix + subject }

    /// The subject that it is derived from; nil for any other name.
    static func source(of name: String) -> String? { name.hasPrefix(prefix) ? String(name.dropFirst(prefix.count)) : nil }
}

/// What became of a schema that is to be derived.
enum DerivedSchema: Hashable, Sendable {
    case registered(id: Int32)
    /// It never will be; why.
    case invalid(String)
}

extension RegistryAdministration {
    /// The id of a schema that is derived from one of a subject: the one that it has, or its own from now on.
    /// - Throws: what may be otherwise later: the registry is full, or the disk or the audit takes nothing.
    func derive(_ source: SchemaSource, from original: RegisteredSchema, of subject: String) async throws(StorageError) -> DerivedSchema {
        let result: Result<DerivedSchema, StorageError> = await services.changes.inTurn {
            do throws(StorageError) {
                let derived = try await self.deriveInTurn(source, from: original, in: ProjectedSubject.name(of: subject))
                // Before the next one may need its place.
                if case .registered(let id) = derived { self.services.projections.use(id) }
                return .success(derived)
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    private func deriveInTurn(_ source: SchemaSource, from original: RegisteredSchema, in subject: String) async throws(StorageError) -> DerivedSchema {
        let registry = registry
        let references = source.references.isEmpty ? [] : original.record.references
        let compiled: CompiledSchema
        do throws(SchemaError) {
            let compiler = SchemaCompiler(options: services.settings.schemaOptions) { registry.version(subject: $0.subject, $0.version)?.record }
            compiled = try compiler.compile(source.format, source.text, references, allowsBacktracking: original.record.allowsBacktracking)
        } catch {
            return .invalid(error.description)
        }
        let identity = SchemaIdentity(format: source.format, text: source.text, references: references, compiled: compiled)
        let known = registry.schema(identity)
        if let known, known.isVersion(of: subject) { return .registered(id: known.id) }
        let id = known?.id ?? registry.lastID + 1
        let now = services.clock.now()
        let version = SubjectVersionName(subject: subject, version: (registry.subjects[subject]?.versions.last?.name.version ?? 0) + 1)
        var change = RegistryChange()
        if registry.subjects[subject] == nil { change.putSubjects = [SubjectRecord(name: subject, owner: "")] }
        if known == nil {
            change.addedSchemas = [
                SchemaRecord(
                    id: id, format: source.format.rawValue, text: source.text, references: references,
                    allowsBacktracking: original.record.allowsBacktracking, createdAt: now)
            ]
        }
        change.putVersions = [SubjectVersionRecord(name: version, schema: id, registeredAt: now, registeredBy: "broker")]
        try registry.makeRoom(
            in: &change, codes: compiled.codeCount, madeBefore: now - RegistryLimits.derivedKeptMilliseconds, but: services.projections.schemasInUse)
        let next = registry.applying(change, programs: [id: compiled])
        try await commit(change, next, id: id, from: original, in: subject)
        return .registered(id: id)
    }

    private func commit(
        _ change: RegistryChange, _ next: SchemaRegistry, id: Int32, from original: RegisteredSchema, in subject: String
    ) async throws(StorageError) {
        var details = ["id": String(id), "from": String(original.id)]
        details[DocumentDigest.detail] = next.compiled(id: id).map { DocumentDigest($0.record).description }
        if !change.removedSchemas.isEmpty { details["freed"] = change.removedSchemas.map(String.init).joined(separator: " ") }
        do throws(StorageError) {
            try await services.audit.willChange(AuditedChange(byBroker: "schema.derive", object: "subject:\(subject)", details: details))
            try await services.metadata.apply(.changeRegistry(change))
        } catch {
            throw .offline("a schema of \(subject) cannot be registered now: \(error)")
        }
        services.install(registry: next)
    }
}

extension SchemaRegistry {
    /// Derived schemas have bounds of their own: what subscribers see does not take publishers' room, nor the other way round. Where one
    /// more would pass them, those make place that were made before a time and are not in use.
    fileprivate func makeRoom(in change: inout RegistryChange, codes: Int, madeBefore time: Int64, but used: Set<Int32>) throws(StorageError) {
        let full = StorageError.offline("the registry takes no more schemas of what subscribers see")
        let projected = subjects.keys.count { ProjectedSubject.source(of: $0) != nil }
        guard projected + change.putSubjects.count <= RegistryLimits.subjectsMax else { throw full }
        guard !change.addedSchemas.isEmpty else { return }
        guard lastID < RegistryLimits.ownIDsFrom - 1 else { throw full }
        let textBytes = change.addedSchemas.reduce(0) { $0 + $1.text.utf8.count }
        var left = derived
        func fits() -> Bool {
            left.schemas < RegistryLimits.derivedSchemasMax && left.textBytes + textBytes <= RegistryLimits.derivedTextBytesMax
                && left.codes + codes <= RegistryLimits.derivedCodesMax
        }
        guard !fits() else { return }
        for spare in spareDerived(madeBefore: time, but: used) {
            change.removedSchemas.append(spare.id)
            change.removedVersions += spare.memberships.map(\.name)
            left.remove(spare)
            if fits() { return }
        }
        throw full
    }
}
