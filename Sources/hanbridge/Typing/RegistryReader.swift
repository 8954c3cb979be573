import Foundation
import MessageSchema
import Sentences

/// A schema as the broker's registry keeps it, compiled.
struct RegistrySchema: Sendable {
    let id: Int32
    let compiled: CompiledSchema

    var format: SchemaFormat { compiled.source.format }
}

/// Asks the broker's registry for schemas, with what they refer to.
struct RegistryReader: Sendable {
    let http: AdministrationClient

    /// - Parameter version: a number, or `latest`.
    func schema(of subject: String, version: String) async throws -> RegistrySchema {
        let path = "/subjects/\(SchemaGet.escaped(subject))/versions/\(SchemaGet.escaped(version))"
        let answer = try await http.ask(path, as: Answer.self)
        guard let id = answer.id else { throw CommandFailure.refused(.answerMalformed(path)) }
        return RegistrySchema(id: id, compiled: try await compile(answer, path))
    }

    func schema(id: Int32) async throws -> RegistrySchema {
        let path = "/schemas/ids/\(id)"
        return RegistrySchema(id: id, compiled: try await compile(try await http.ask(path, as: Answer.self), path))
    }

    /// As the registry answers. `schemaType` is left out for Avro.
    private struct Answer: Decodable {
        let id: Int32?
        let schemaType: String?
        let references: [Reference]?
        let schema: String

        struct Reference: Decodable {
            let name: String
            let subject: String
            let version: Int32
        }
    }

    private func compile(_ answer: Answer, _ path: String) async throws -> CompiledSchema {
        guard let format = SchemaFormat(rawValue: answer.schemaType ?? SchemaFormat.avro.rawValue) else {
            throw CommandFailure.refused(.answerMalformed(path))
        }
        var sources: [SchemaSource.Reference] = []
        try await add(answer.references ?? [], to: &sources, depth: 0)
        var options = SchemaOptions()
        // The registry has judged it: here it is read, and written by. What is in the code lists, and whether formats count, is the broker's
        // to know.
        options.allowsBacktrackingPatterns = true
        options.assertsFormats = false
        do throws(SchemaError) {
            return try CompiledSchema(compiling: SchemaSource(format: format, text: answer.schema, references: sources), options: options) { _ in
                .unknown
            }
        } catch {
            throw CommandFailure.refused(.schemaRefused(path, why: error.description))
        }
    }

    /// Each after those that it needs. The registry takes no circles.
    private func add(_ references: [Answer.Reference], to sources: inout [SchemaSource.Reference], depth: Int) async throws {
        guard depth <= SchemaLimits.depthMax else { return }
        for reference in references where !sources.contains(where: { $0.name == reference.name }) {
            let path = "/subjects/\(SchemaGet.escaped(reference.subject))/versions/\(reference.version)"
            let answer = try await http.ask(path, as: Answer.self)
            try await add(answer.references ?? [], to: &sources, depth: depth + 1)
            sources.append(SchemaSource.Reference(name: reference.name, text: answer.schema))
        }
    }
}
