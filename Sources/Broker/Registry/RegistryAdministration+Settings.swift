import AccessPolicy
public import MessageSchema
import Storage

/// What a subject, or the registry, says about compatibility.
public struct RegistryConfiguration: Hashable, Sendable {
    public let level: CompatibilityLevel
    /// nil where nobody said.
    public let normalizes: Bool?
}

/// What is to be changed of a setting.
public enum SettingChange<Value: Hashable & Sendable>: Hashable, Sendable {
    case keep
    /// nil: what stands behind it holds again.
    case set(Value?)
}

extension RegistryAdministration {
    // MARK: Compatibility

    /// Of the registry for nil.
    /// - Parameter effective: answers what holds, where the subject says nothing.
    public func configuration(of subject: String?, effective: Bool, for peer: Peer) throws(RegistryRefusal) -> RegistryConfiguration {
        let registry = registry
        guard let subject else { return registry.globalConfiguration }
        try mustShow(subject, to: peer)
        if effective { return RegistryConfiguration(level: registry.level(of: subject), normalizes: registry.normalizes(subject)) }
        guard let own = registry.configuration(of: subject) else { throw .levelNotConfigured(subject) }
        return own
    }

    public func setConfiguration(
        of subject: String?, level: SettingChange<CompatibilityLevel>, normalizes: SettingChange<Bool>, by peer: Peer
    ) async throws(RegistryRefusal) {
        try await changeSettings(of: subject, "schema.configure", by: peer) { settings, _ in
            if case .set(let value) = level { settings.compatibility = value?.rawValue }
            if case .set(let value) = normalizes { settings.normalizes = value }
        }
    }

    /// - Returns: what there was.
    public func removeConfiguration(of subject: String?, by peer: Peer) async throws(RegistryRefusal) -> RegistryConfiguration {
        let before = registry
        try await changeSettings(of: subject, "schema.configure", by: peer) { (settings, registry) throws(RegistryRefusal) in
            if let subject, registry.configuration(of: subject) == nil { throw .subjectNotFound(subject) }
            settings.compatibility = nil
            settings.normalizes = nil
        }
        return subject.flatMap { before.configuration(of: $0) } ?? before.globalConfiguration
    }

    // MARK: Mode

    /// Of the registry for nil.
    public func mode(of subject: String?, effective: Bool, for peer: Peer) throws(RegistryRefusal) -> RegistryMode {
        let registry = registry
        guard let subject else { return registry.globalMode }
        try mustShow(subject, to: peer)
        if effective { return registry.mode(of: subject) }
        guard let own = registry.ownMode(of: subject) else { throw .modeNotConfigured(subject) }
        return own
    }

    /// - Parameter force: IMPORT also where there are schemas.
    public func setMode(of subject: String?, _ mode: RegistryMode, force: Bool, by peer: Peer) async throws(RegistryRefusal) {
        try await changeSettings(of: subject, "schema.mode", by: peer) { (settings, registry) throws(RegistryRefusal) in
            let current = subject.map { registry.mode(of: $0) } ?? registry.globalMode
            if mode == .import, current != .import, !force, registry.hasSchemas(in: subject) {
                throw .notPermitted("IMPORT is for a subject without schemas; force=true sets it all the same")
            }
            settings.mode = mode.rawValue
        }
    }

    /// - Returns: what there was.
    public func removeMode(of subject: String?, by peer: Peer) async throws(RegistryRefusal) -> RegistryMode {
        let before = registry
        try await changeSettings(of: subject, "schema.mode", by: peer) { (settings, registry) throws(RegistryRefusal) in
            if let subject, registry.ownMode(of: subject) == nil { throw .subjectNotFound(subject) }
            settings.mode = nil
        }
        return subject.flatMap { before.ownMode(of: $0) } ?? before.globalMode
    }

    // MARK: Changing

    private func changeSettings(
        of subject: String?, _ action: String, by peer: Peer,
        _ body: @escaping @Sendable (inout RegistrySettings, SchemaRegistry) throws(RegistryRefusal) -> Void
    ) async throws(RegistryRefusal) {
        try mustChange(subject, peer)
        try await change({ registry throws(RegistryRefusal) in
            try mustChange(subject, peer)
            let before = subject.map { registry.subjects[$0]?.record.settings ?? RegistrySettings() } ?? registry.settings
            var after = before
            try body(&after, registry)
            return PlannedChange(
                action: action, object: subject.map { "subject:\($0)" } ?? "registry", details: after.difference(from: before),
                change: after == before ? RegistryChange() : try registry.settingsChange(of: subject, to: after, by: peer), value: ())
        }, by: peer)
    }

    private func mustChange(_ subject: String?, _ peer: Peer) throws(RegistryRefusal) {
        if let subject {
            try SubjectName.judge(subject)
            try mustAdminister(subject, peer)
        } else {
            try mustAdministerRegistry(peer)
        }
    }
}

extension SchemaRegistry {
    fileprivate var globalConfiguration: RegistryConfiguration {
        RegistryConfiguration(level: globalLevel, normalizes: settings.normalizes)
    }

    /// nil where the subject says nothing for itself.
    fileprivate func configuration(of subject: String) -> RegistryConfiguration? {
        guard let own = subjects[subject]?.record.settings, own.compatibility != nil || own.normalizes != nil else { return nil }
        return RegistryConfiguration(level: level(of: subject), normalizes: own.normalizes)
    }

    fileprivate func ownMode(of subject: String) -> RegistryMode? {
        subjects[subject]?.record.settings.mode.flatMap(RegistryMode.init)
    }

    /// Versions in use; of any subject for nil.
    fileprivate func hasSchemas(in subject: String?) -> Bool {
        if let subject { return subjects[subject]?.latest != nil }
        return subjects.values.contains { $0.latest != nil }
    }

    func settingsChange(
        of subject: String?, to settings: RegistrySettings, by peer: Peer
    ) throws(RegistryRefusal) -> RegistryChange {
        var change = RegistryChange()
        guard let subject else {
            change.settings = settings
            return change
        }
        guard let known = subjects[subject] else {
            try judgeSubjectCount(adding: 1)
            change.putSubjects = [SubjectRecord(name: subject, owner: peer.identity.agency, settings: settings)]
            return change
        }
        if settings.isEmpty, known.versions.isEmpty {
            change.removedSubjects = [subject]
        } else {
            change.putSubjects = [SubjectRecord(name: subject, owner: known.record.owner, settings: settings)]
        }
        return change
    }
}

extension RegistrySettings {
    func difference(from before: RegistrySettings) -> [String: String] {
        var details: [String: String] = [:]
        func tell(_ key: String, _ old: String?, _ new: String?) {
            if old != new { details[key] = "\(old ?? "default") → \(new ?? "default")" }
        }
        tell("compatibility", before.compatibility, compatibility)
        tell("normalize", before.normalizes.map(String.init), normalizes.map(String.init))
        tell("mode", before.mode, mode)
        return details
    }
}
