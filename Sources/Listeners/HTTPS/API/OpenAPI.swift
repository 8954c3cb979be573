import Foundation
import Hummingbird
import NIOCore

// The OpenAPI 3.1 document, made from the routes themselves: it lists exactly what there is.
extension RouteTable {
    static let openAPIPath = "/openapi.json"

    static func openAPI(of routes: [Route]) -> Route {
        let own = Route(
            method: .get, template: openAPIPath, summary: "This document", statuses: [(200, "OpenAPI 3.1")], handle: { _ in
                preconditionFailure("the description of a route is not the route")
            })
        let document = jsonBytes(JSONValue.object(openAPIDocument(of: routes + [own])))
        return Route(method: own.method, template: own.template, summary: own.summary, statuses: own.statuses) { _ in
            Route.Answer(body: document)
        }
    }

    private static func openAPIDocument(of routes: [Route]) -> [String: JSONValue] {
        var paths: [String: JSONValue] = [:]
        for (template, methods) in Dictionary(grouping: routes, by: \.template) {
            paths[template.replacing(Route.restMark, with: "}")] = .object(
                Dictionary(uniqueKeysWithValues: methods.map { ($0.method.rawValue.lowercased(), operation($0)) }))
        }
        return [
            "openapi": "3.1.0",
            "info": ["title": "Hanbridge", "version": "1", "description": "Administration of a Hanbridge broker. Every path needs a client certificate."],
            "paths": .object(paths),
            "components": [
                "securitySchemes": ["certificate": ["type": "mutualTLS"]],
                "schemas": [
                    "RegistryError": [
                        "type": "object", "required": ["error_code", "message"],
                        "properties": ["error_code": ["type": "integer"], "message": ["type": "string"]],
                    ],
                    "Record": [
                        "type": "object", "required": ["index"],
                        "properties": [
                            "index": ["type": "integer"], "line": ["type": "integer"], "partition": ["type": "integer"],
                            "offset": ["type": "integer"], "status": ["type": "integer"], "quarantine": ["type": "string"],
                            "errors": [
                                "type": "array",
                                "items": [
                                    "type": "object", "required": ["path", "rule", "message"],
                                    "properties": ["path": ["type": "string"], "rule": ["type": "string"], "message": ["type": "string"]],
                                ],
                            ],
                        ],
                    ],
                    "Problem": [
                        "type": "object",
                        "required": ["type", "title", "status", "detail"],
                        "properties": [
                            "type": ["type": "string"], "title": ["type": "string"], "status": ["type": "integer"],
                            "detail": ["type": "string"],
                            "errors": [
                                "type": "array",
                                "items": [
                                    "type": "object", "required": ["file", "message"],
                                    "properties": [
                                        "file": ["type": "string"], "line": ["type": "integer"], "message": ["type": "string"],
                                    ],
                                ],
                            ],
                            "records": ["type": "array", "items": ["$ref": "#/components/schemas/Record"]],
                        ],
                    ]
                ],
            ],
            "security": [["certificate": []]],
        ]
    }

    private static func operation(_ route: Route) -> JSONValue {
        var responses: [String: JSONValue] = [:]
        for (status, meaning) in route.statuses + [(401, "No client certificate")] {
            let isProblem = status >= 400
            // What asks for a certificate is the listener, whatever the path.
            let form = status == 401 ? .administration : route.form
            let content: JSONValue =
                switch form {
                case .administration where isProblem, .evidence where isProblem:
                    ["application/problem+json": ["schema": ["$ref": "#/components/schemas/Problem"]]]
                case .administration: ["application/json": ["schema": ["type": "object"]]]
                case .evidence: ["application/octet-stream": .object([:]), "text/plain": .object([:])]
                case .registry where isProblem:
                    .object([form.answerType: ["schema": ["$ref": "#/components/schemas/RegistryError"]]])
                case .registry: .object([form.answerType: ["schema": .object([:])]])
                }
            responses[String(status)] = ["description": .string(meaning), "content": content]
        }
        var operation: [String: JSONValue] = ["summary": .string(route.summary), "responses": .object(responses)]
        let parameters =
            route.parameterNames.map { name -> JSONValue in
                ["name": .string(name), "in": "path", "required": true, "schema": ["type": "string"]]
            }
            + route.query.map { name, meaning -> JSONValue in
                ["name": .string(name), "in": "query", "description": .string(meaning), "schema": ["type": "string"]]
            }
            + route.headers.map { name, meaning -> JSONValue in
                ["name": .string(name), "in": "header", "description": .string(meaning), "schema": ["type": "string"]]
            }
        if !parameters.isEmpty { operation["parameters"] = .array(parameters) }
        if let example = route.bodyExample {
            operation["requestBody"] = [
                "required": true,
                "content": .object(
                    Dictionary(
                        uniqueKeysWithValues: route.mediaTypes.map { type -> (String, JSONValue) in
                            // The example is JSON, and a body of another kind looks otherwise.
                            type.hasSuffix("json") ? (type, ["example": .string(example)]) : (type, .object([:]))
                        })),
            ]
        }
        return .object(operation)
    }
}

/// Any JSON, to be written.
enum JSONValue: Encodable, Sendable, ExpressibleByStringLiteral, ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral,
    ExpressibleByDictionaryLiteral
{
    case string(String)
    case bool(Bool)
    case array([JSONValue])
    case object([String: JSONValue])

    init(stringLiteral value: String) { self = .string(value) }
    init(booleanLiteral value: Bool) { self = .bool(value) }
    init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
    init(dictionaryLiteral elements: (String, JSONValue)...) {
        self = .object(Dictionary(elements, uniquingKeysWith: { first, _ in first }))
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .string(let value): try container.encode(value)
        case .bool(let value): try container.encode(value)
        case .array(let value): try container.encode(value)
        case .object(let value): try container.encode(value)
        }
    }
}
