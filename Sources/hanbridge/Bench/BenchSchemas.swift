import ArgumentParser
import Foundation
import MessageSchema
import Sentences

/// The shipped kinds of record, for benchmarks of what checks them.
struct BenchSchemas: ParsableArguments {
    @Option(help: .saying(Help.Option.benchSchemas))
    var schemas = "Schemas"

    static let codeListNames = ["wards", "agencies"]

    func text(_ kind: SampleKind, _ format: SchemaFormat) throws(CommandFailure) -> String {
        try SchemaValidate.text(of: "\(schemas)/\(kind.rawValue)/\(Self.file(format))")
    }

    func compile(_ kind: SampleKind, _ format: SchemaFormat) throws -> CompiledSchema {
        let path = "\(schemas)/\(kind.rawValue)/\(Self.file(format))"
        var lists: [CodeListName: CodeList] = [:]
        for name in Self.codeListNames {
            lists[CodeListName(subject: name, version: 1)] = try CodeList(parsing: SchemaValidate.text(of: "\(schemas)/\(Self.codeList(name))"))
        }
        do {
            return try CompiledSchema(compiling: SchemaSource(format: format, text: text(kind, format))) { lists[$0] }
        } catch let error as SchemaError {
            throw CommandFailure.refused(.schemaRefused(path, why: error.description))
        }
    }

    /// What a broker must know to check service requests of the format, under a subject of the bench's own.
    func entries(_ format: SchemaFormat, subject: String) throws(CommandFailure) -> [SchemaSet.Entry] {
        let files = Self.codeListNames.map { ($0, Self.codeList($0)) } + [(subject, "\(SampleKind.serviceRequest.rawValue)/\(Self.file(format))")]
        var entries: [SchemaSet.Entry] = []
        for (subject, file) in files {
            entries.append(
                try SchemaSet.Entry(subject: subject, file: file, in: schemas, format: nil, references: [], level: nil, allowsBacktracking: false))
        }
        return entries
    }

    private static func codeList(_ name: String) -> String { "codelists/\(name)/schema.json" }

    private static func file(_ format: SchemaFormat) -> String {
        switch format {
        case .json: "schema.json"
        case .avro: "schema.avsc"
        case .protobuf: "schema.proto"
        }
    }
}
