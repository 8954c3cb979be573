import Broker
import Foundation
import Hummingbird
import MessageSchema
import NIOCore
import Storage

extension RegistryRoutes {
    /// A route that reads.
    func route(
        _ method: HTTPRequest.Method, _ template: String, _ summary: String, query: [Query] = [], body: String? = nil,
        statuses: [Status], _ handle: @escaping @Sendable (Route.Call) throws(RegistryRefusal) -> ByteBuffer
    ) -> Route {
        changing(method, template, summary, query: query, body: body, statuses: statuses) { call throws(RegistryRefusal) in
            try handle(call)
        }
    }

    /// A route that changes the registry, and waits for its turn and the disk.
    func changing(
        _ method: HTTPRequest.Method, _ template: String, _ summary: String, query: [Query] = [], body: String? = nil,
        statuses: [Status], _ handle: @escaping @Sendable (Route.Call) async throws(RegistryRefusal) -> ByteBuffer
    ) -> Route {
        Route(
            method: method, template: template, summary: summary, query: query.map { ($0.name, $0.meaning) }, bodyExample: body,
            statuses: (statuses + [Status(500, "50001: the store refuses")]).map { ($0.status, $0.meaning) }, form: .registry
        ) { call in
            Route.Answer(body: try await handle(call))
        }
    }

    /// A name of the query, with what the OpenAPI document says of it.
    struct Query: Sendable {
        let name: String
        let meaning: String

        init(_ name: String, _ meaning: String) {
            self.name = name
            self.meaning = meaning
        }

        static let deleted = Query("deleted", "true: the softly deleted too")
        static let deletedOnly = Query("deletedOnly", "true: the softly deleted alone")
        static let permanent = Query("permanent", "true: for good, what was softly deleted before")
        static let normalize = Query("normalize", "true: what has no meaning is left out of the text first")
        static let format = Query("format", "serialized: a Protobuf schema as its descriptor, in base64")
        static let prefix = Query("subjectPrefix", "The beginning of the subjects' names")
        static let offset = Query("offset", "How many to leave out")
        static let limit = Query("limit", "How many at most; -1 for all")
        static let defaultToGlobal = Query("defaultToGlobal", "true: what holds, where the subject says nothing")
    }

    struct Status: Sendable {
        let status: Int
        let meaning: String

        init(_ status: Int, _ meaning: String) {
            self.status = status
            self.meaning = meaning
        }

        static func done(_ meaning: String) -> Status { Status(200, meaning) }
        static let forbidden = Status(403, "40301: you may not")
        static let schemaMissing = Status(404, "40403: no such schema")
        static func subjectMissing(_ more: String) -> Status { Status(404, "40401: no such subject\(more)") }
        static let invalid = Status(422, "422…: not valid, or not permitted; the message says what")
    }
}

// What a call of the registry's API says.
extension Route.Call {
    var subject: String { parameters["subject"] ?? "" }

    /// As Java's clients and servers read a Boolean: everything but “true” is false.
    func flag(_ name: String) -> Bool { query[name]?.lowercased() == "true" }

    var deletedVersions: DeletedVersions {
        // confluent-kafka for Python writes `deleted_only`.
        if flag("deletedOnly") || flag("deleted_only") { return .only }
        return flag("deleted") ? .included : .left
    }

    /// “:*:” asks for every context, and there is one.
    var prefix: String {
        let prefix = query["subjectPrefix"] ?? ""
        return prefix == ":*:" ? "" : prefix
    }

    func version() throws(RegistryRefusal) -> VersionSelector { try VersionSelector(parameters["version"] ?? "") }

    func schemaID() throws(RegistryRefusal) -> Int32 {
        guard let id = parameters["id"].flatMap({ Int32($0) }) else { throw RegistryRefusal(40403, "a schema's id is a number") }
        return id
    }

    func page<Element>(of all: [Element]) throws(RegistryRefusal) -> [Element] {
        let offset = try number("offset", otherwise: 0)
        let limit = try number("limit", otherwise: -1)
        let rest = all.dropFirst(max(0, offset))
        return Array(limit < 0 ? rest : rest.prefix(limit))
    }

    private func number(_ name: String, otherwise: Int) throws(RegistryRefusal) -> Int {
        guard let text = query[name], !text.isEmpty else { return otherwise }
        guard let number = Int(text) else { throw RegistryRefusal(400, "\(name) is a number") }
        return number
    }

    func document<Document: Decodable>(_: Document.Type) throws(RegistryRefusal) -> Document {
        do {
            return try JSONDecoder().decode(Document.self, from: Data(body.readableBytesView))
        } catch let refusal as RegistryRefusal {
            throw refusal
        } catch {
            throw RegistryRefusal(400, "the body is not the JSON that is asked for; /openapi.json has an example")
        }
    }

    /// The schema's text in the form that `format` asks for.
    func text(of schema: RegisteredSchema) throws(RegistryRefusal) -> String {
        let isDescriptor = schema.format == .protobuf && Data(base64Encoded: schema.text) != nil
        switch query["format"] ?? "" {
        // Clients in Python register descriptors, and those in other languages read texts.
        case "": return isDescriptor ? schema.compiled?.canonicalText ?? schema.text : schema.text
        case "serialized" where isDescriptor: return schema.text
        case "serialized" where schema.format == .protobuf:
            guard let text = schema.compiled?.serializedText else { throw RegistryRefusal(422, schema.refusal ?? "") }
            return text
        case let other: throw RegistryRefusal(42201, "format “\(other.prefix(64))” is none that a schema of type \(schema.format.rawValue) can be told in")
        }
    }
}
