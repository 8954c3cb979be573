import MessageSchema
import Storage

/// Compiles a schema with everything that it refers to.
struct SchemaCompiler {
    let options: SchemaOptions
    /// The schema that is registered as a subject's version.
    let find: (SubjectVersionName) -> SchemaRecord?

    func compile(_ record: SchemaRecord, _ format: SchemaFormat) -> Result<CompiledSchema, SchemaError> {
        do throws(SchemaError) {
            return .success(try compile(format, record.text, record.references, allowsBacktracking: record.allowsBacktracking))
        } catch {
            return .failure(error)
        }
    }

    func compile(
        _ format: SchemaFormat, _ text: String, _ references: [SchemaReference], allowsBacktracking: Bool
    ) throws(SchemaError) -> CompiledSchema {
        var options = options
        options.allowsBacktrackingPatterns = options.allowsBacktrackingPatterns || allowsBacktracking
        let source = SchemaSource(format: format, text: text, references: try resolve(references, of: format))
        return try CompiledSchema(compiling: source, options: options) { name in
            find(SubjectVersionName(subject: name.subject, version: name.version)).flatMap { try? CodeList(parsing: $0.text) }
        }
    }

    /// All references, each after those that it needs, under the names that the texts have for them.
    private func resolve(_ references: [SchemaReference], of format: SchemaFormat) throws(SchemaError) -> [SchemaSource.Reference] {
        var closure = Closure()
        for reference in references { try add(reference, of: format, depth: 1, to: &closure) }
        return closure.sources
    }

    private struct Closure {
        var sources: [SchemaSource.Reference] = []
        /// By name; also those whose own references are being added.
        var targets: [String: SubjectVersionName] = [:]
        var textBytes = 0
    }

    private func add(_ reference: SchemaReference, of format: SchemaFormat, depth: Int, to closure: inout Closure) throws(SchemaError) {
        if let known = closure.targets[reference.name] {
            guard known == reference.target else {
                throw SchemaError(at: "", "“\(reference.name)” would be both \(known) and \(reference.target); refer to one of them everywhere")
            }
            return
        }
        guard closure.targets.count < SchemaLimits.referencesMax, depth <= SchemaLimits.depthMax else {
            throw SchemaError(at: "", "a schema refers to at most \(SchemaLimits.referencesMax) others, directly or not")
        }
        guard let record = find(reference.target) else {
            throw SchemaError(at: "", "“\(reference.name)” refers to \(reference.target), which is not registered; register it first")
        }
        guard record.format == format.rawValue else {
            throw SchemaError(at: "", "“\(reference.name)” refers to \(reference.target), which is \(record.format) and not \(format.rawValue)")
        }
        closure.targets[reference.name] = reference.target
        closure.textBytes += record.text.utf8.count
        guard closure.textBytes <= SchemaLimits.closureBytesMax else {
            throw SchemaError(at: "", "a schema and all that it refers to have at most \(SchemaLimits.closureBytesMax) bytes")
        }
        for inner in record.references { try add(inner, of: format, depth: depth + 1, to: &closure) }
        closure.sources.append(SchemaSource.Reference(name: reference.name, text: record.text))
    }
}
