import GRDB
import Storage

/// The schema registry: schemas by id, subjects and their versions, settings.
enum RegistryTable {
    static func image(_ database: Database) throws -> RegistryImage {
        var image = RegistryImage()
        image.schemas = try schemas(database)
        let subjects = "SELECT name, owner, compatibility, normalizes, mode FROM subject ORDER BY name"
        image.subjects = try Row.fetchAll(database, sql: subjects).map { row in
            SubjectRecord(name: row[0], owner: row[1], settings: RegistrySettings(compatibility: row[2], normalizes: row[3], mode: row[4]))
        }
        let versions = """
            SELECT subject, version, schema, isDeleted, registeredAt, registeredBy FROM subjectVersion ORDER BY subject, version
            """
        image.versions = try Row.fetchAll(database, sql: versions).map { row in
            SubjectVersionRecord(
                name: SubjectVersionName(subject: row[0], version: row[1]), schema: row[2], isDeleted: row[3], registeredAt: row[4],
                registeredBy: row[5])
        }
        let settings = "SELECT compatibility, normalizes, mode FROM registrySettings"
        if let row = try Row.fetchOne(database, sql: settings) {
            image.settings = RegistrySettings(compatibility: row[0], normalizes: row[1], mode: row[2])
        }
        return image
    }

    private static func schemas(_ database: Database) throws -> [SchemaRecord] {
        var references: [Int32: [SchemaReference]] = [:]
        let sql = "SELECT schema, name, subject, version FROM schemaReference ORDER BY schema, position"
        let rows = try Row.fetchCursor(database, sql: sql)
        while let row = try rows.next() {
            let reference = SchemaReference(name: row[1], target: SubjectVersionName(subject: row[2], version: row[3]))
            references[row[0], default: []].append(reference)
        }
        return try Row.fetchAll(database, sql: "SELECT id, format, text, allowsBacktracking, createdAt FROM schema ORDER BY id").map { row in
            let id: Int32 = row[0]
            return SchemaRecord(
                id: id, format: row[1], text: row[2], references: references[id] ?? [], allowsBacktracking: row[3], createdAt: row[4])
        }
    }

    /// Constraints of the tables refuse what does not fit, and the transaction with it.
    static func apply(_ change: RegistryChange, _ database: Database) throws {
        for schema in change.addedSchemas { try insert(schema, database) }
        for subject in change.putSubjects {
            try database.execute(
                sql: """
                    INSERT INTO subject (name, owner, compatibility, normalizes, mode) VALUES (?, ?, ?, ?, ?)
                    ON CONFLICT (name) DO UPDATE SET owner = excluded.owner, compatibility = excluded.compatibility,
                        normalizes = excluded.normalizes, mode = excluded.mode
                    """,
                arguments: [subject.name, subject.owner, subject.settings.compatibility, subject.settings.normalizes, subject.settings.mode])
        }
        for version in change.putVersions {
            try database.execute(
                sql: """
                    INSERT INTO subjectVersion (subject, version, schema, isDeleted, registeredAt, registeredBy) VALUES (?, ?, ?, ?, ?, ?)
                    ON CONFLICT (subject, version) DO UPDATE SET schema = excluded.schema, isDeleted = excluded.isDeleted,
                        registeredAt = excluded.registeredAt, registeredBy = excluded.registeredBy
                    """,
                arguments: [
                    version.name.subject, version.name.version, version.schema, version.isDeleted, version.registeredAt,
                    version.registeredBy,
                ])
        }
        for name in change.removedVersions {
            try database.execute(
                sql: "DELETE FROM subjectVersion WHERE subject = ? AND version = ?", arguments: [name.subject, name.version])
        }
        for name in change.removedSubjects {
            try database.execute(sql: "DELETE FROM subject WHERE name = ?", arguments: [name])
        }
        for id in change.removedSchemas {
            try database.execute(sql: "DELETE FROM schemaReference WHERE schema = ?", arguments: [id])
            try database.execute(sql: "DELETE FROM schema WHERE id = ?", arguments: [id])
        }
        if let settings = change.settings { try put(settings, database) }
    }

    private static func insert(_ schema: SchemaRecord, _ database: Database) throws {
        try database.execute(
            sql: "INSERT INTO schema (id, format, text, allowsBacktracking, createdAt) VALUES (?, ?, ?, ?, ?)",
            arguments: [schema.id, schema.format, schema.text, schema.allowsBacktracking, schema.createdAt])
        for (position, reference) in schema.references.enumerated() {
            try database.execute(
                sql: "INSERT INTO schemaReference (schema, position, name, subject, version) VALUES (?, ?, ?, ?, ?)",
                arguments: [schema.id, position, reference.name, reference.target.subject, reference.target.version])
        }
    }

    private static func put(_ settings: RegistrySettings, _ database: Database) throws {
        try database.execute(
            sql: """
                INSERT INTO registrySettings (row, compatibility, normalizes, mode) VALUES (1, ?, ?, ?)
                ON CONFLICT (row) DO UPDATE SET compatibility = excluded.compatibility, normalizes = excluded.normalizes,
                    mode = excluded.mode
                """,
            arguments: [settings.compatibility, settings.normalizes, settings.mode])
    }
}
