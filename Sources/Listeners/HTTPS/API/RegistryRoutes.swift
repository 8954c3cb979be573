import Broker
import Foundation
import Hummingbird
import MessageSchema
import NIOCore
import Sentences
import Storage

/// The schema registry's routes: Confluent's Schema Registry API at its own paths. They translate; the broker decides.
///
/// What that API has and this registry has not is not there at all: contexts beside the default one, rule sets, metadata,
/// associations, globally unique ids.
struct RegistryRoutes: Sendable {
    let registry: RegistryAdministration

    init(_ registry: RegistryAdministration) { self.registry = registry }

    var all: [Route] { subjects + versions + schemas + compatibility + levels + modes + [set] }

    /// Ours beside that API: what git keeps, registered in one transaction.
    private var set: Route {
        Route(
            method: .post, template: "/v1/schemas", summary: "Register a set of schemas, all or none; each may refer to those before it",
            query: [("dry-run", "true: only say what it would do")],
            bodyExample: #"{"schemas": [{"subject": "wards", "schemaType": "JSON", "schema": "{\"enum\": [\"hai-chau\"]}", "references": []}]}"#,
            statuses: [
                (200, "Ids and versions"), (400, "Not the JSON that is asked for"), (413, "Too large"),
                (422, "Not registered, nothing of it; `errors` names the subjects and why"),
            ]
        ) { call in
            let dryRun = call.flag("dry-run")
            let document: SchemaSetDocument
            do {
                document = try JSONDecoder().decode(SchemaSetDocument.self, from: Data(call.body.readableBytesView))
            } catch {
                throw Problem.malformed("the body must be {\"schemas\": [{\"subject\": …, \"schemaType\": …, \"schema\": …, \"references\": []}]}")
            }
            var entries: [SchemaSetEntry] = []
            for entry in document.schemas {
                do throws(RegistryRefusal) { entries.append(try entry.entry()) } catch { throw Self.problem([(entry.subject, error)]) }
            }
            switch await registry.register(entries, validateOnly: dryRun, by: call.peer) {
            case .failure(let refusal): throw Self.problem(refusal.entries)
            case .success(let outcomes):
                let entries = outcomes.map {
                    SchemaSetAnswer.Entry(subject: $0.subject, id: $0.id, version: $0.version, registered: $0.isNew)
                }
                return Route.Answer(body: jsonBytes(SchemaSetAnswer(schemas: entries, dryRun: dryRun)))
            }
        }
    }

    private static func problem(_ entries: [(subject: String, refusal: RegistryRefusal)]) -> ProblemDocument {
        ProblemDocument(
            .schemasRefused(entries.map(\.subject).joined(separator: ", ")),
            faults: entries.map { .init(file: $0.subject, line: nil, message: .told($0.refusal.sentence)) })
    }

    // MARK: Subjects

    private var subjects: [Route] {
        [
            route(
                .get, "/subjects", "The subjects that you may read",
                query: [.deleted, .deletedOnly, .prefix, .offset, .limit], statuses: [.done("Names")]
            ) { call throws(RegistryRefusal) in
                let names = registry.subjects(startingWith: call.prefix, call.deletedVersions, for: call.peer)
                return jsonBytes(try call.page(of: names))
            },
            route(
                .post, "/subjects/{subject}", "Which version of the subject is this very schema",
                query: [.normalize, .deleted, .format], body: SubmissionDocument.example,
                statuses: [.done("The version"), .forbidden, .subjectMissing("; 40403 no such schema"), .invalid]
            ) { call throws(RegistryRefusal) in
                let found = try registry.lookUp(
                    call.document(SubmissionDocument.self).submission(call), in: call.subject, includingDeleted: call.flag("deleted"),
                    for: call.peer)
                return jsonBytes(VersionDocument(found, text: try call.text(of: found.schema)))
            },
            changing(
                .delete, "/subjects/{subject}", "Delete a subject: softly, then for good", query: [.permanent],
                statuses: [.done("The deleted versions"), .forbidden, .subjectMissing("; 40404 and 40405 softly deleted, or not"), .invalid]
            ) { call throws(RegistryRefusal) in
                jsonBytes(try await registry.deleteSubject(call.subject, permanently: call.flag("permanent"), by: call.peer))
            },
        ]
    }

    private var versions: [Route] {
        [
            route(
                .get, "/subjects/{subject}/versions", "The versions of a subject",
                query: [.deleted, .deletedOnly, .offset, .limit], statuses: [.done("Numbers"), .forbidden, .subjectMissing("")]
            ) { call throws(RegistryRefusal) in
                jsonBytes(try call.page(of: registry.versions(of: call.subject, call.deletedVersions, for: call.peer)))
            },
            changing(
                .post, "/subjects/{subject}/versions", "Register a schema under a subject",
                query: [.normalize, Query("allowBacktracking", "true: patterns may need a backtracking matcher")],
                body: SubmissionDocument.example,
                statuses: [.done("Its id and version"), .forbidden, Status(409, "Not compatible with an earlier version"), .invalid]
            ) { call throws(RegistryRefusal) in
                let submission = try call.document(SubmissionDocument.self).submission(call)
                return jsonBytes(RegisteredDocument(try await registry.register(submission, in: call.subject, by: call.peer)))
            },
            route(
                .get, "/subjects/{subject}/versions/{version}", "One version, or the latest", query: [.deleted, .format],
                statuses: [.done("The version"), .forbidden, .subjectMissing("; 40402 no such version"), .invalid]
            ) { call throws(RegistryRefusal) in
                let found = try version(call)
                return jsonBytes(VersionDocument(found, text: try call.text(of: found.schema)))
            },
            route(
                .get, "/subjects/{subject}/versions/{version}/schema", "The text of one version", query: [.deleted, .format],
                statuses: [.done("The schema itself"), .forbidden, .subjectMissing("; 40402 no such version"), .invalid]
            ) { call throws(RegistryRefusal) in
                ByteBuffer(string: try call.text(of: version(call).schema))
            },
            route(
                .get, "/subjects/{subject}/versions/{version}/referencedby", "The ids of the schemas that refer to a version",
                query: [.deleted, .offset, .limit],
                statuses: [.done("Ids"), .forbidden, .subjectMissing("; 40402 no such version"), .invalid]
            ) { call throws(RegistryRefusal) in
                let ids = try registry.referrers(
                    of: call.version(), of: call.subject, includingDeleted: call.flag("deleted"), for: call.peer)
                return jsonBytes(try call.page(of: ids))
            },
            changing(
                .delete, "/subjects/{subject}/versions/{version}", "Delete a version: softly, then for good", query: [.permanent],
                statuses: [.done("Its number"), .forbidden, .subjectMissing("; 40402, 40406 and 40407 likewise of the version"), .invalid]
            ) { call throws(RegistryRefusal) in
                jsonBytes(try await registry.delete(call.version(), of: call.subject, permanently: call.flag("permanent"), by: call.peer))
            },
        ]
    }

    private func version(_ call: Route.Call) throws(RegistryRefusal) -> RegisteredVersion {
        try registry.version(call.version(), of: call.subject, includingDeleted: call.flag("deleted"), for: call.peer)
    }

    // MARK: Schemas

    private var schemas: [Route] {
        [
            route(.get, "/schemas/types", "The languages of schemas", statuses: [.done("Names")]) { _ in
                jsonBytes(SchemaFormat.allCases.map(\.rawValue))
            },
            route(.get, "/contexts", "The default context, which is the only one", query: [.offset, .limit], statuses: [.done("Names")]) {
                call throws(RegistryRefusal) in jsonBytes(try call.page(of: ["."]))
            },
            route(
                .get, "/schemas", "Every version that you may read, at most \(Self.versionsMax) and \(Self.versionsBytesMax >> 20) MB at once",
                query: [.prefix, .deleted, Query("latestOnly", "true: the latest of each subject"), .offset, .limit],
                statuses: [.done("Versions")]
            ) { call throws(RegistryRefusal) in
                let found = registry.allVersions(
                    startingWith: call.prefix, call.deletedVersions, latestOnly: call.flag("latestOnly"), for: call.peer)
                return jsonBytes(Self.withinBytes(try call.page(of: found).prefix(Self.versionsMax)))
            },
            route(
                .get, "/schemas/ids/{id}", "A schema by its id", query: [.format, Query("fetchMaxId", "true: with the largest id given")],
                statuses: [.done("The schema"), .forbidden, .schemaMissing]
            ) { call throws(RegistryRefusal) in
                let schema = try registry.schema(id: call.schemaID(), for: call.peer)
                return jsonBytes(
                    SchemaDocument(schema, text: try call.text(of: schema), maxID: call.flag("fetchMaxId") ? registry.lastID : nil))
            },
            route(
                .get, "/schemas/ids/{id}/schema", "The text of a schema by its id", query: [.format],
                statuses: [.done("The schema itself"), .forbidden, .schemaMissing]
            ) { call throws(RegistryRefusal) in
                ByteBuffer(string: try call.text(of: registry.schema(id: call.schemaID(), for: call.peer)))
            },
            route(
                .get, "/schemas/ids/{id}/subjects", "The subjects that a schema is registered under", query: [.deleted, .offset, .limit],
                statuses: [.done("Names"), .forbidden, .schemaMissing]
            ) { call throws(RegistryRefusal) in
                let found = try registry.memberships(ofID: call.schemaID(), includingDeleted: call.flag("deleted"), for: call.peer)
                return jsonBytes(try call.page(of: Set(found.map(\.subject)).sorted()))
            },
            route(
                .get, "/schemas/ids/{id}/versions", "The versions that a schema is registered as", query: [.deleted, .offset, .limit],
                statuses: [.done("Subjects and versions"), .forbidden, .schemaMissing]
            ) { call throws(RegistryRefusal) in
                let found = try registry.memberships(ofID: call.schemaID(), includingDeleted: call.flag("deleted"), for: call.peer)
                return jsonBytes(try call.page(of: found).map { SubjectVersionDocument(subject: $0.subject, version: $0.version) })
            },
        ]
    }

    private static let versionsMax = 1_000
    private static let versionsBytesMax = 8 << 20

    /// The first always, so that going on by `offset` comes to an end.
    private static func withinBytes(_ versions: some Sequence<RegisteredVersion>) -> [VersionDocument] {
        var documents: [VersionDocument] = []
        var bytes = 0
        for version in versions {
            bytes += version.schema.text.utf8.count
            guard documents.isEmpty || bytes <= versionsBytesMax else { break }
            documents.append(VersionDocument(version, text: version.schema.text))
        }
        return documents
    }

    // MARK: Compatibility

    private var compatibility: [Route] {
        ["/compatibility/subjects/{subject}/versions", "/compatibility/subjects/{subject}/versions/{version}"].map { template in
            route(
                .post, template, "Whether a schema could be registered, by the subject's compatibility level",
                query: [.normalize, Query("verbose", "true: say why not")], body: SubmissionDocument.example,
                statuses: [.done("The verdict"), .forbidden, .subjectMissing("; 40402 no such version"), .invalid]
            ) { call throws(RegistryRefusal) in
                jsonBytes(try verdict(call))
            }
        }
    }

    private func verdict(_ call: Route.Call) throws(RegistryRefusal) -> CompatibilityDocument {
        let isVerbose = call.flag("verbose")
        let selector = call.parameters["version"] == nil ? nil : try call.version()
        do throws(RegistryRefusal) {
            let (level, found) = try registry.incompatibilities(
                of: call.document(SubmissionDocument.self).submission(call), in: call.subject, with: selector, for: call.peer)
            let reasons = found.map(\.told) + (found.isEmpty ? [] : ["{compatibility: '\(level.rawValue)'}"])
            return CompatibilityDocument(is_compatible: found.isEmpty, messages: isVerbose ? reasons : nil)
        } catch {
            // An invalid schema is a verdict for those who asked why.
            guard isVerbose, error.code == 42201 else { throw error }
            return CompatibilityDocument(is_compatible: false, messages: [error.sentence])
        }
    }

    // MARK: Levels and modes

    private var levels: [Route] {
        ["/config", "/config/{subject}"].flatMap { template in
            [
                route(
                    .get, template, "The compatibility level", query: [.defaultToGlobal],
                    statuses: [.done("The level"), .forbidden, Status(404, "40408: the subject has none of its own")]
                ) { call throws(RegistryRefusal) in
                    let found = try registry.configuration(
                        of: call.parameters["subject"], effective: call.flag("defaultToGlobal"), for: call.peer)
                    return jsonBytes(LevelDocument(found))
                },
                changing(
                    .put, template, "Set the compatibility level", body: #"{"compatibility": "FULL_TRANSITIVE"}"#,
                    statuses: [.done("What was set"), .forbidden, .invalid]
                ) { call throws(RegistryRefusal) in
                    let change = try call.document(LevelChangeDocument.self)
                    try await registry.setConfiguration(
                        of: call.parameters["subject"], level: change.level, normalizes: change.normalizes, by: call.peer)
                    return jsonBytes(change)
                },
                changing(
                    .delete, template, "Return to the level behind it",
                    statuses: [.done("The level that there was"), .forbidden, .subjectMissing("")]
                ) { call throws(RegistryRefusal) in
                    jsonBytes(LevelDocument(try await registry.removeConfiguration(of: call.parameters["subject"], by: call.peer)))
                },
            ]
        }
    }

    private var modes: [Route] {
        ["/mode", "/mode/{subject}"].flatMap { template in
            [
                route(
                    .get, template, "The mode", query: [.defaultToGlobal],
                    statuses: [.done("The mode"), .forbidden, Status(404, "40409: the subject has none of its own")]
                ) { call throws(RegistryRefusal) in
                    let found = try registry.mode(
                        of: call.parameters["subject"], effective: call.flag("defaultToGlobal"), for: call.peer)
                    return jsonBytes(ModeDocument(mode: found.rawValue))
                },
                changing(
                    .put, template, "Set the mode", query: [Query("force", "true: IMPORT also where there are schemas")],
                    body: #"{"mode": "READONLY"}"#, statuses: [.done("What was set"), .forbidden, .invalid]
                ) { call throws(RegistryRefusal) in
                    guard let mode = RegistryMode(rawValue: try call.document(ModeDocument.self).mode.uppercased()) else {
                        throw .invalidMode
                    }
                    try await registry.setMode(of: call.parameters["subject"], mode, force: call.flag("force"), by: call.peer)
                    return jsonBytes(ModeDocument(mode: mode.rawValue))
                },
                changing(
                    .delete, template, "Return to the mode behind it",
                    statuses: [.done("The mode that there was"), .forbidden, .subjectMissing("")]
                ) { call throws(RegistryRefusal) in
                    jsonBytes(ModeDocument(mode: try await registry.removeMode(of: call.parameters["subject"], by: call.peer).rawValue))
                },
            ]
        }
    }
}
