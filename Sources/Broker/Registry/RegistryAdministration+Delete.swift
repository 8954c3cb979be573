import Storage

extension RegistryAdministration {
    /// Deletes one version: softly, or for good what was deleted softly before.
    /// - Returns: its number.
    public func delete(
        _ selector: VersionSelector, of subject: String, permanently: Bool, by peer: Peer
    ) async throws(RegistryRefusal) -> Int32 {
        try mustAdminister(subject, peer)
        return try await change({ registry throws(RegistryRefusal) in
            try mustAdminister(subject, peer)
            let found = try registry.found(selector, of: subject, includingDeleted: true)
            if !permanently, found.isDeleted { throw .versionDeleted(found.name) }
            try registry.mustTakeChanges(subject)
            let referrers = registry.referrers(of: found.name, includingDeleted: permanently)
            guard referrers.isEmpty else { throw .referenced(found.name, by: referrers.map(\.id)) }
            if permanently, !found.isDeleted { throw .versionNotDeleted(found.name) }
            return registry.deletion(of: [found.name], from: subject, permanently: permanently, value: found.name.version)
        }, by: peer)
    }

    /// Deletes all versions of a subject: softly, or for good what was deleted softly before.
    /// - Returns: their numbers.
    public func deleteSubject(
        _ subject: String, permanently: Bool, by peer: Peer
    ) async throws(RegistryRefusal) -> [Int32] {
        try mustAdminister(subject, peer)
        return try await change({ registry throws(RegistryRefusal) in
            try mustAdminister(subject, peer)
            guard let found = registry.subjects[subject], !found.versions.isEmpty else { throw .subjectNotFound(subject) }
            if !permanently, found.isDeleted { throw .subjectDeleted(subject) }
            try registry.mustTakeChanges(subject)
            let names = (permanently ? found.versions : found.active).map(\.name)
            for name in names {
                let others = registry.referrers(of: name, includingDeleted: permanently).filter { schema in
                    schema.memberships.contains { $0.name.subject != subject && !$0.isProjected }
                }
                guard others.isEmpty else { throw .referenced(name, by: others.map(\.id)) }
            }
            if permanently, !found.isDeleted { throw .subjectNotDeleted(subject) }
            return registry.deletion(of: names, from: subject, permanently: permanently, value: names.map(\.version))
        }, by: peer)
    }
}

extension SchemaRegistry {
    fileprivate func deletion<Value: Sendable>(
        of names: [SubjectVersionName], from subject: String, permanently: Bool, value: Value
    ) -> PlannedChange<Value> {
        let versions = subjects[subject]?.versions.filter { names.contains($0.name) } ?? []
        var change = RegistryChange()
        if permanently {
            change.removedVersions = names
            // Its settings go with it, and its name is free.
            if subjects[subject]?.versions.count == names.count { change.removedSubjects = [subject] }
        } else {
            change.putVersions = versions.map { version in
                var version = version
                version.isDeleted = true
                return version
            }
        }
        let details = [
            "versions": names.map { String($0.version) }.joined(separator: " "),
            "ids": versions.map { String($0.schema) }.joined(separator: " "),
        ]
        return PlannedChange(
            action: permanently ? "schema.delete-permanently" : "schema.delete", object: "subject:\(subject)", details: details,
            change: change, value: value)
    }
}
