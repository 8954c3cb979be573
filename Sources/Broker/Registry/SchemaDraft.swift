import MessageSchema
import Storage

/// A schema that was sent in and compiles: with its references resolved, and normalised where that was asked for.
struct SchemaDraft: Sendable {
    let text: String
    let references: [SchemaReference]
    let compiled: CompiledSchema
    let identity: SchemaIdentity
    let isNormalized: Bool

    /// - Throws: 42201 with the place in the text.
    init(
        _ submission: SchemaSubmission, in subject: String, _ registry: SchemaRegistry, options: SchemaOptions
    ) throws(RegistryRefusal) {
        references = try Self.resolved(submission.references, registry)
        isNormalized = submission.normalizes || registry.normalizes(subject)
        let compiler = SchemaCompiler(options: options) { registry.version(subject: $0.subject, $0.version)?.record }
        do throws(SchemaError) {
            let sent = try compiler.compile(
                submission.format, submission.text, references, allowsBacktracking: submission.allowsBacktracking)
            // A format whose normal form is not built yet says nothing.
            let normalized = isNormalized && !sent.normalizedText.isEmpty ? sent.normalizedText : submission.text
            text = normalized
            compiled =
                normalized == submission.text
                ? sent
                : try compiler.compile(submission.format, normalized, references, allowsBacktracking: submission.allowsBacktracking)
        } catch {
            throw .invalidSchema(error.description)
        }
        identity = SchemaIdentity(format: submission.format, text: text, references: references, compiled: compiled)
    }

    func isSame(as schema: RegisteredSchema) -> Bool {
        if schema.identity == identity { return true }
        guard isNormalized, schema.format == identity.format, schema.record.references == references else { return false }
        return schema.compiled?.normalizedText == text
    }

    /// Versions that are “latest” become numbers: what a schema refers to never changes.
    private static func resolved(_ references: [SchemaReference], _ registry: SchemaRegistry) throws(RegistryRefusal) -> [SchemaReference] {
        guard references.count <= SchemaLimits.referencesMax else {
            throw .invalidSchema("it refers to \(references.count) others; at most \(SchemaLimits.referencesMax)")
        }
        var found: [SchemaReference] = []
        for reference in references {
            guard reference.target.version == SchemaSubmission.latest else {
                found.append(reference)
                continue
            }
            guard let latest = registry.subjects[reference.target.subject]?.latest else {
                throw .invalidSchema("“\(reference.name)” refers to the latest version of “\(reference.target.subject)”, which has none")
            }
            found.append(SchemaReference(name: reference.name, target: latest.name))
        }
        return found
    }
}
