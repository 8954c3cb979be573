import Foundation
import GRDB
@testable import Metadata
import Storage
import Testing

@Suite struct RegistryTests {
    private func schema(_ id: Int32, _ text: String = "{}", references: [SchemaReference] = []) -> SchemaRecord {
        SchemaRecord(id: id, format: "JSON", text: text, references: references, allowsBacktracking: id % 2 == 0, createdAt: Int64(id))
    }

    private func version(_ subject: String, _ number: Int32, schema: Int32, isDeleted: Bool = false) -> SubjectVersionRecord {
        SubjectVersionRecord(
            name: SubjectVersionName(subject: subject, version: number), schema: schema, isDeleted: isDeleted, registeredAt: 7,
            registeredBy: "User:a/b/c")
    }

    /// A subject `a` with versions 1 and 2, the second of which refers to `wards@1`.
    private var image: RegistryImage {
        var image = RegistryImage()
        let reference = SchemaReference(name: "danh mục phường", target: SubjectVersionName(subject: "wards", version: 1))
        image.schemas = [schema(1, "{\"title\": \"phường\"}"), schema(2), schema(3, "{\"a\": 1}", references: [reference])]
        image.subjects = [
            SubjectRecord(name: "a", owner: "health", settings: RegistrySettings(compatibility: "FULL", normalizes: true, mode: "READONLY")),
            SubjectRecord(name: "wards", owner: "interior"),
        ]
        image.versions = [version("a", 1, schema: 2, isDeleted: true), version("a", 2, schema: 3), version("wards", 1, schema: 1)]
        image.settings = RegistrySettings(compatibility: "NONE", mode: "READWRITE")
        return image
    }

    private func change(to image: RegistryImage) -> RegistryChange {
        var change = RegistryChange()
        (change.addedSchemas, change.putSubjects, change.putVersions) = (image.schemas, image.subjects, image.versions)
        change.settings = image.settings
        return change
    }

    @Test("what is registered is there after a restart, whole")
    func roundTrip() async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/m.sqlite"
            let store = try MetadataDatabase(path: path)
            #expect(try await store.load().registry == RegistryImage())
            try await store.apply(.changeRegistry(change(to: image)))
            await store.shutDown()
            let again = try MetadataDatabase(path: path)
            #expect(try await again.load().registry == image)
            await again.shutDown()
            #expect(try MetadataDatabase.check(path: path).isEmpty)
        }
    }

    @Test("versions are replaced and removed, a subject goes after its last version, and its schemas stay for the log's records")
    func removal() async throws {
        try await withStore { store, _ in
            try await store.apply(.changeRegistry(change(to: image)))
            var change = RegistryChange()
            change.putVersions = [version("a", 1, schema: 2, isDeleted: false)]
            change.putSubjects = [SubjectRecord(name: "wards", owner: "interior", settings: RegistrySettings(mode: "IMPORT"))]
            try await store.apply(.changeRegistry(change))
            let before = try await store.load().registry
            #expect(before.versions.map(\.isDeleted) == [false, false, false])
            #expect(before.subjects.last?.settings.mode == "IMPORT")
            change = RegistryChange()
            change.removedVersions = before.versions.prefix(2).map(\.name)
            change.removedSubjects = ["a"]
            try await store.apply(.changeRegistry(change))
            let after = try await store.load().registry
            #expect(after.subjects.map(\.name) == ["wards"])
            #expect(after.versions.map(\.name.description) == ["wards@1"])
            #expect(after.schemas == image.schemas)
            // But for those that are freed, with what they refer to.
            change = RegistryChange()
            change.removedSchemas = [3]
            change.addedSchemas = [schema(4)]
            try await store.apply(.changeRegistry(change))
            #expect(try await store.load().registry.schemas == image.schemas.prefix(2) + [schema(4)])
        }
    }

    @Test("a change that does not fit is refused and leaves nothing of itself")
    func conflicts() async throws {
        try await withStore { store, _ in
            try await store.apply(.changeRegistry(change(to: image)))
            var taken = RegistryChange()
            taken.putSubjects = [SubjectRecord(name: "b", owner: "x")]
            taken.addedSchemas = [schema(3)]
            var homeless = RegistryChange()
            homeless.putSubjects = [SubjectRecord(name: "b", owner: "x")]
            homeless.putVersions = [version("c", 1, schema: 1)]
            var unknown = RegistryChange()
            unknown.putVersions = [version("a", 9, schema: 99)]
            var used = RegistryChange()
            used.removedSubjects = ["wards"]
            var named = RegistryChange()
            named.addedSchemas = [schema(4)]
            named.removedSchemas = [3]
            for change in [taken, homeless, unknown, used, named] {
                do throws(StorageError) {
                    try await store.apply(.changeRegistry(change))
                    Issue.record("a change that does not fit was applied")
                } catch {
                    guard case .conflict = error else { throw error }
                }
            }
            #expect(try await store.load().registry == image)
        }
    }

    @Test("a store of the version before has an empty registry after its first start, and everything it had")
    func migration() async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/m.sqlite"
            let queue = try DatabaseQueue(path: path)
            try await queue.writeWithoutTransaction { database in
                try Schema.migrate(database, to: 1)
                try TopicTable.create(topic("t", 1), database)
            }
            try queue.close()
            #expect(try MetadataDatabase.check(path: path).contains { $0.contains("older version") })
            let store = try MetadataDatabase(path: path)
            let loaded = try await store.load()
            #expect(loaded.topics.map(\.name) == ["t"])
            #expect(loaded.registry == RegistryImage())
            try await store.apply(.changeRegistry(change(to: image)))
            await store.shutDown()
            #expect(try MetadataDatabase.check(path: path).isEmpty)
        }
    }

    @Test(
        "check names what is broken in the registry",
        arguments: [
            ("DELETE FROM subjectVersion WHERE subject = 'wards'", "refers to a subject and version"),
            ("DELETE FROM schema WHERE id = 2", "subjectVersion"),
            ("DELETE FROM subject WHERE name = 'a'", "subjectVersion"),
            ("UPDATE schema SET format = 'XML' WHERE id = 1", "format"),
        ])
    func broken(statement: String, word: String) async throws {
        try await withStore { store, path in
            try await store.apply(.changeRegistry(change(to: image)))
            try await store.pool.writeWithoutTransaction { database in
                try database.execute(sql: "PRAGMA foreign_keys = OFF")
                try database.execute(sql: statement)
            }
            #expect(try MetadataDatabase.check(path: path).contains { $0.contains(word) })
        }
    }

    @Test("a backup holds the registry")
    func backup() async throws {
        try await withTemporaryDirectory { directory in
            let store = try MetadataDatabase(path: directory + "/m.sqlite")
            try await store.apply(.changeRegistry(change(to: image)))
            try await store.copy(to: directory + "/copy.sqlite")
            await store.shutDown()
            let copy = try MetadataDatabase(path: directory + "/copy.sqlite")
            #expect(try await copy.load().registry == image)
            await copy.shutDown()
        }
    }
}
