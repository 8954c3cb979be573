public import MessageSchema
import Storage

/// One subject of a set of schemas, as git keeps it.
public struct SchemaSetEntry: Hashable, Sendable {
    public let subject: String
    public let submission: SchemaSubmission
    /// The subject's own compatibility level; nil leaves it as it is.
    public let level: CompatibilityLevel?

    public init(subject: String, submission: SchemaSubmission, level: CompatibilityLevel? = nil) {
        self.subject = subject
        self.submission = submission
        self.level = level
    }
}

/// What registering an entry came to, or would.
public struct SchemaSetOutcome: Hashable, Sendable {
    public let subject: String
    public let id: Int32
    public let version: Int32
    /// False where the subject has this schema already.
    public let isNew: Bool
}

/// Why a set was not registered: every entry that is in its way. Nothing of the set is registered then.
public struct SchemaSetRefusal: Error, Hashable, Sendable {
    public let entries: [(subject: String, refusal: RegistryRefusal)]

    public static func == (left: SchemaSetRefusal, right: SchemaSetRefusal) -> Bool {
        left.entries.elementsEqual(right.entries) { $0 == $1 }
    }
    public func hash(into hasher: inout Hasher) {
        for entry in entries {
            hasher.combine(entry.subject)
            hasher.combine(entry.refusal)
        }
    }
}

extension RegistryAdministration {
    /// Registers a set of schemas, all or none, in one transaction. An entry may refer to those before it. What is there already
    /// stays as it is, so that the same set can be registered again.
    /// - Parameter validateOnly: says what it would do, and does nothing.
    public func register(
        _ entries: [SchemaSetEntry], validateOnly: Bool, by peer: Peer
    ) async -> Result<[SchemaSetOutcome], SchemaSetRefusal> {
        let refused = entries.compactMap { entry -> (String, RegistryRefusal)? in
            do throws(RegistryRefusal) {
                try SubjectName.judge(entry.subject)
                try mustAdminister(entry.subject, peer)
                return nil
            } catch {
                return (entry.subject, error)
            }
        }
        guard refused.isEmpty else { return .failure(SchemaSetRefusal(entries: refused)) }
        return await services.changes.inTurn {
            let before = self.registry
            var set = SetInProgress(registry: before, options: self.services.settings.schemaOptions, now: self.services.clock.now())
            for entry in entries { set.add(entry, by: peer) { subject throws(RegistryRefusal) in try self.mustAdminister(subject, peer) } }
            guard set.refused.isEmpty else { return .failure(SchemaSetRefusal(entries: set.refused)) }
            if !validateOnly, !set.changes.isEmpty {
                do throws(RegistryRefusal) {
                    try await self.commit(set.changes, after: before, by: peer)
                } catch {
                    return .failure(SchemaSetRefusal(entries: [(entries.map(\.subject).joined(separator: " "), error)]))
                }
            }
            return .success(set.outcomes)
        }
    }
}

/// A set while it is judged: each entry against the registry as those before it would leave it.
private struct SetInProgress {
    var registry: SchemaRegistry
    let options: SchemaOptions
    let now: Int64
    var changes: [PlannedChange<Void>] = []
    var outcomes: [SchemaSetOutcome] = []
    var refused: [(subject: String, refusal: RegistryRefusal)] = []

    mutating func add(_ entry: SchemaSetEntry, by peer: Peer, _ judge: (String) throws(RegistryRefusal) -> Void) {
        do throws(RegistryRefusal) {
            try judge(entry.subject)
            if let level = entry.level { try set(level, of: entry.subject, by: peer) }
            try registry.mustTake(entry.submission, in: entry.subject)
            let draft = try SchemaDraft(entry.submission, in: entry.subject, registry, options: options)
            let planned = try Registration(entry.submission, draft, entry.subject, registry).planned(by: peer, at: now)
            take(planned)
            let found = try registry.found(.number(planned.value.version), of: entry.subject, includingDeleted: true)
            outcomes.append(
                SchemaSetOutcome(
                    subject: entry.subject, id: found.schema.id, version: found.name.version, isNew: !planned.change.isEmpty))
        } catch {
            refused.append((entry.subject, error))
        }
    }

    private mutating func set(_ level: CompatibilityLevel, of subject: String, by peer: Peer) throws(RegistryRefusal) {
        let before = registry.subjects[subject]?.record.settings ?? RegistrySettings()
        guard before.compatibility != level.rawValue else { return }
        var after = before
        after.compatibility = level.rawValue
        take(
            PlannedChange(
                action: "schema.configure", object: "subject:\(subject)", details: after.difference(from: before),
                change: try registry.settingsChange(of: subject, to: after, by: peer), value: ()))
    }

    private mutating func take<Value: Sendable>(_ planned: PlannedChange<Value>) {
        guard !planned.change.isEmpty else { return }
        registry = registry.applying(planned.change, programs: planned.programs)
        changes.append(
            PlannedChange(
                action: planned.action, object: planned.object, details: planned.details, change: planned.change,
                programs: planned.programs, value: ()))
    }
}
