@testable import MessageSchema

/// What subscribers see, as text.
enum Shown {
    static let key = HashKey(Array("a secret of thirty-two bytes, ok".utf8))

    static func projection(_ rules: FieldRules, of schema: CompiledSchema) throws(ProjectionError) -> Projection {
        try Projection(rules, of: schema, hashKey: key)
    }

    /// What is shown of a document: itself, `hidden`, or `withheld: reason`; for rules that do not compile, why not.
    static func json(_ document: String, _ rules: FieldRules, under schema: String) throws -> String {
        let compiled = try CompiledSchema(json: schema)
        do throws(ProjectionError) {
            return text(try projection(rules, of: compiled).apply(Array(document.utf8)))
        } catch {
            return error.description
        }
    }

    static func text(_ result: (ProjectionVerdict, [UInt8])) -> String {
        switch result.0 {
        case .visible: String(decoding: result.1, as: UTF8.self)
        case .hidden: "hidden"
        case .withheld(let reason): "withheld: \(reason.rawValue)"
        }
    }

    /// The output of a binary format as JSON, read under the schema that it is said to have.
    static func text(_ result: (ProjectionVerdict, [UInt8]), of projection: Projection, _ published: CompiledSchema) throws -> String {
        guard case .visible = result.0 else { return text(result) }
        let schema = try projection.derivedSchema.map { try CompiledSchema(compiling: $0) } ?? published
        return String(decoding: try schema.json(of: result.1), as: UTF8.self)
    }

    /// Why rules do not compile.
    static func problems(_ rules: FieldRules, under schema: CompiledSchema) -> [String] {
        do throws(ProjectionError) {
            _ = try projection(rules, of: schema)
            return []
        } catch {
            return error.problems.map(\.description)
        }
    }
}

extension Projection {
    /// - Returns: what stands in the buffer behind what was there before.
    func apply(_ payload: [UInt8], framing: PayloadFraming = .plain) -> (ProjectionVerdict, [UInt8]) {
        var buffer = ProjectionBuffer()
        let before: [UInt8] = [0, 1, 2, 3, 4]
        before.withUnsafeBytes { buffer.append($0) }
        let verdict = payload.withUnsafeBytes { apply($0, framing: framing, into: &buffer) }
        let written = buffer.withUnsafeBytes { Array($0) }
        precondition(Array(written.prefix(5)) == before && (verdict == .visible || written.count == 5))
        return (verdict, Array(written.dropFirst(5)))
    }

    func rows(_ payload: [UInt8], framing: PayloadFraming = .plain) -> ProjectionVerdict {
        var buffer = ProjectionBuffer()
        return payload.withUnsafeBytes { rows($0, framing: framing, scratch: &buffer) }
    }
}
