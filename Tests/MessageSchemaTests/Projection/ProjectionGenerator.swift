@testable import MessageSchema

/// Makes shapes, values with a marker in each, and rules; the same from the same seed.
struct ProjectionGenerator {
    var random: SplitMix64
    private var nameCount = 0
    private var messageCount = 0
    /// Fields of the JSON Schema that may hold what it says nothing about, by name, with where that stands.
    private var open: [String: Opening] = [:]

    private enum Opening {
        /// Anything, where the field is missing: another branch lets it be.
        case field
        /// An object behind three elements of a tuple.
        case element
        /// An array of objects in the place of an object.
        case list
    }

    /// A text that a document holds where the schema does not say what stands there.
    struct Foreign {
        let marker: String
        /// The field that may hold it: nobody describes it, and `allow` may still name it.
        var field: String?
        /// It stands where a field or an element does that has a name and rules.
        var isInPlace = true
    }

    init(seed: UInt64) { random = SplitMix64(seed: seed) }

    mutating func chance(_ one: Int) -> Bool { Int.random(in: 0..<one, using: &random) == 0 }
    mutating func count(_ limit: Int) -> Int { Int.random(in: 0...limit, using: &random) }

    // MARK: shapes

    /// Names are long, so that damage to a document does not make one field's value another's.
    private mutating func name() -> String {
        nameCount += 1
        return "\(Self.namePrefix)\(nameCount)"
    }

    static let namePrefix = "fieldwithalongname"

    mutating func record(depth: Int = 0) -> ProjectionShape {
        .record((0...count(5)).map { _ in (name(), shape(depth: depth + 1), chance(3)) })
    }

    private mutating func shape(depth: Int) -> ProjectionShape {
        switch Int.random(in: 0..<(depth > 2 ? 6 : 11), using: &random) {
        case 0, 1, 2: return .text
        case 3: return .date
        case 4: return .integer
        case 5: return .flag
        case 6: return .list(chance(2) ? record(depth: depth) : .text)
        case 7: return .list(.integer)
        case 8: return .table(chance(2) ? record(depth: depth) : .text)
        default: return record(depth: depth)
        }
    }

    // MARK: values

    mutating func value(of shape: ProjectionShape) -> ProjectionTree {
        switch shape {
        case .text: return .text(marker())
        case .date: return .text("\(Int.random(in: 1900...2099, using: &random))-\(Int.random(in: 10...12, using: &random))-\(Int.random(in: 13...28, using: &random))")
        case .integer: return .text("\(Int64.random(in: 1_000_000_000_000...9_007_199_254_740_991, using: &random))")
        case .flag: return .flag(chance(2))
        case .list(let inner): return .list((0..<count(3)).map { _ in value(of: inner) })
        case .table(let inner): return .object(Dictionary((0..<count(3)).map { _ in (marker(), value(of: inner)) }) { first, _ in first })
        case .record(let fields):
            var members: [String: ProjectionTree] = [:]
            for field in fields where field.isRequired || !chance(4) { members[field.name] = value(of: field.shape) }
            return .object(members)
        }
    }

    /// A text that stands nowhere else. Some hold what documents have to escape, and characters of several bytes.
    mutating func marker() -> String {
        let letters = Array("ABCDEFGHJKLMNPQRSTUVWXYZ23456789")
        let special = ["\"", "\\", "\n", "/", "đ", "ấ", "漢", "🙂", "e\u{301}", "\u{1}"]
        var text = ""
        for index in 0..<14 {
            if index > 2, index < 11, chance(8) { text += special.randomElement(using: &random) ?? "" }
            text.append(letters.randomElement(using: &random) ?? "A")
        }
        return text
    }

    // MARK: rules

    /// Paths of the shape, each with its leaf; nil for what holds others.
    private func paths(_ shape: ProjectionShape, _ path: String, isMany: Bool, _ found: inout [(path: String, leaf: ProjectionShape?, isMany: Bool)]) {
        switch shape {
        case .text, .date, .integer, .flag: found.append((path, shape, isMany))
        case .list(let inner): paths(inner, path, isMany: true, &found)
        case .table(let inner):
            found.append((path, nil, isMany))
            paths(inner, path + ".*", isMany: true, &found)
        case .record(let fields):
            if !path.isEmpty { found.append((path, nil, isMany)) }
            for field in fields { paths(field.shape, path.isEmpty ? field.name : path + "." + field.name, isMany: isMany, &found) }
        }
    }

    func path(ofField name: String, in shape: ProjectionShape) -> String? {
        var found: [(path: String, leaf: ProjectionShape?, isMany: Bool)] = []
        paths(shape, "", isMany: false, &found)
        return found.first { $0.path == name || $0.path.hasSuffix("." + name) }?.path
    }

    /// - Parameter row: conditions name some of its values, so that some records are shown.
    mutating func rules(for shape: ProjectionShape, row: ProjectionTree) -> FieldRules {
        var found: [(path: String, leaf: ProjectionShape?, isMany: Bool)] = []
        paths(shape, "", isMany: false, &found)
        var rules = FieldRules()
        if chance(2) { rules.allow = found.filter { _ in chance(2) }.map(\.path) }
        let allow = rules.allow
        for (path, leaf, isMany) in found where chance(2) {
            let isShown = allow?.contains { $0 == path || path.hasPrefix($0 + ".") } ?? true
            guard isShown else { continue }
            let masks: [FieldRules.Mask] =
                switch leaf {
                case .text?: [.redact, .hash, .last4, .drop]
                case .date?: [.redact, .hash, .year, .drop]
                case .integer?: [.redact, .hash, .drop]
                case .flag?: [.redact, .drop]
                case nil, .list?, .table?, .record?: chance(3) ? [.drop] : []
                }
            guard let mask = masks.randomElement(using: &random), !(mask == .drop && path.hasSuffix("*")) else { continue }
            // Under one that is gone there is nothing to mask, and to say so is no error.
            rules.masks[path] = mask
            _ = isMany
        }
        if let condition = found.filter({ $0.leaf != nil && !$0.isMany && !isMany($0.path) }).randomElement(using: &random), chance(3) {
            var values = [marker()]
            if let value = Self.text(of: row, at: condition.path), chance(3) == false { values.append(value) }
            rules.conditions[condition.path] = values
        }
        return rules
    }

    private static func text(of tree: ProjectionTree, at path: String) -> String? {
        var place = tree
        for name in path.split(separator: ".") {
            guard case .object(let members) = place, let member = members[String(name)] else { return nil }
            place = member
        }
        switch place {
        case .text(let text): return text
        case .flag(let flag): return flag ? "true" : "false"
        case .null, .list, .object: return nil
        }
    }

    /// The same path, written in another way.
    func otherSpelling(of path: String) -> String { "/" + path.split(separator: ".").joined(separator: "/") }

    // MARK: JSON

    /// A field's schema, which may leave open what else the field is.
    private mutating func jsonSchema(ofField name: String, _ shape: ProjectionShape) -> String {
        switch shape {
        case .list(.record(let fields)) where chance(2):
            open[name] = .element
            let places = [String](repeating: jsonSchema(.record(fields)), count: 3)
            return #"{"type":"array","prefixItems":[\#(places.joined(separator: ","))],"items":{"type":"object"}}"#
        case .record where chance(3):
            open[name] = .list
            return #"{"oneOf":[\#(jsonSchema(shape)),{"type":"array","items":{"type":"object"}}]}"#
        default: return jsonSchema(shape)
        }
    }

    /// A condition needs a field that a record has once.
    func isMany(_ path: String) -> Bool { path.split(separator: ".").contains { if case .list? = open[String($0)] { true } else { false } } }

    mutating func jsonSchema(_ shape: ProjectionShape) -> String {
        switch shape {
        case .text: return #"{"type":["string","null"]}"#
        case .date: return #"{"type":"string","format":"date"}"#
        case .integer: return #"{"type":"integer","minimum":1}"#
        case .flag: return #"{"type":"boolean"}"#
        case .list(.record(let fields)): return #"{"type":"array","items":\#(jsonSchema(.record(fields)))}"#
        // Texts and numbers are markers, and so never equal.
        case .list(let inner): return #"{"type":"array","items":\#(jsonSchema(inner)),"uniqueItems":\#(chance(4))}"#
        case .table(let inner): return chance(2) ? #"{"type":"object","additionalProperties":\#(jsonSchema(inner))}"# : #"{"type":"object","patternProperties":{".":\#(jsonSchema(inner))},"additionalProperties":false}"#
        case .record(let fields):
            let properties = fields.map { #""\#($0.name)":\#(jsonSchema(ofField: $0.name, $0.shape))"# }
            let required = #""required":[\#(fields.filter(\.isRequired).map { "\"\($0.name)\"" }.joined(separator: ","))]"#
            let half = properties.count / 2
            let (first, second) = (properties[..<half].joined(separator: ","), properties[half...].joined(separator: ","))
            switch count(7) {
            case 0: return #"{"type":"object",\#(required),"properties":{\#(properties.joined(separator: ","))},"additionalProperties":false}"#
            case 1: return #"{"type":"object","allOf":[{"properties":{\#(properties[..<half].joined(separator: ","))}},{"properties":{\#(properties[half...].joined(separator: ","))},\#(required)}],"unevaluatedProperties":false}"#
            case 2: return #"{"type":"object","anyOf":[{"properties":{\#(properties.joined(separator: ","))}},{"type":"null"}],"minProperties":\#(fields.contains(where: \.isRequired) ? 1 : 0),\#(required)}"#
            case 3: return #"{"type":"object","oneOf":[{"properties":{\#(properties.joined(separator: ","))}},{"type":"null"}],\#(required),"not":{"required":["nothing"]}}"#
            case 4: return #"{"type":"object","if":{"properties":{"\#(fields[0].name)":true}},"then":{"properties":{\#(properties[..<half].joined(separator: ","))}},"properties":{\#(properties.joined(separator: ","))},\#(required)}"#
            case 5, 6:
                // The second branch holds whatever the first half of the fields is, and nothing leads to the `then`.
                for field in fields[..<half] where open[field.name] == nil { open[field.name] = .field }
                return chance(2)
                    ? #"{"type":"object","anyOf":[{"properties":{\#(first)}},{"properties":{\#(second)}}],\#(required)}"#
                    : #"{"type":"object","if":{"required":["nothing"]},"then":{"properties":{\#(first)}},"properties":{\#(second)},\#(required)}"#
            default: return #"{"type":"object","properties":{\#(properties.joined(separator: ","))},\#(required)}"#
            }
        }
    }

    /// - Parameter isOpen: members that no schema names may stand between the others, with markers that are noted in `unknown`.
    mutating func json(_ tree: ProjectionTree, _ shape: ProjectionShape, isOpen: Bool, unknown: inout [Foreign]) -> String {
        let space = chance(6) ? " " : ""
        switch (tree, shape) {
        case (.null, _): return "null"
        case (.flag(let flag), _): return flag ? "true" : "false"
        case (.text(let text), .integer): return text
        case (.text(let text), _): return quoted(text)
        case (.list(let elements), .list(let inner)):
            return "[\(space)" + elements.map { json($0, inner, isOpen: isOpen, unknown: &unknown) }.joined(separator: "\(space),") + "\(space)]"
        case (.object(let members), .table(let inner)):
            return "{" + members.sorted { $0.key < $1.key }.map { "\(quoted($0.key)):\(json($0.value, inner, isOpen: isOpen, unknown: &unknown))" }.joined(separator: ",") + "}"
        case (.object(let members), .record(let fields)):
            var texts: [String] = []
            for field in fields.shuffled(using: &random) {
                if isOpen, chance(6) {
                    let text = marker()
                    unknown.append(Foreign(marker: text, isInPlace: false))
                    texts.append("\(quoted(name())):[{\(quoted(field.name)):\(quoted(text))}]")
                }
                let text = foreign(members[field.name], field.name, field.shape, &unknown) ?? members[field.name].map { json($0, field.shape, isOpen: isOpen, unknown: &unknown) }
                guard var text else { continue }
                if case .element? = open[field.name], case .list(let elements)? = members[field.name], elements.count == 3 {
                    text = "\(text.dropLast()),\(object(of: field.name, field.shape, &unknown))]"
                }
                texts.append("\(quoted(field.name))\(space):\(space)\(text)")
            }
            return "{\(space)" + texts.joined(separator: "\(space),\(space)") + "\(space)}"
        case (.list, _), (.object, _): preconditionFailure("a value has its shape")
        }
    }

    /// What stands in the place of a field that the document does not have, where the schema lets it be.
    private mutating func foreign(_ member: ProjectionTree?, _ name: String, _ shape: ProjectionShape, _ unknown: inout [Foreign]) -> String? {
        guard member == nil, let opening = open[name], chance(2) else { return nil }
        switch opening {
        case .element: return nil
        case .list: return "[\(object(of: name, shape, &unknown))]"
        case .field:
            let text = marker()
            unknown.append(Foreign(marker: text))
            let inner = "{\(quoted(self.name())):\(quoted(text))}"
            return chance(2) ? "[\(inner)]" : "{\(quoted(self.name())):\(inner)}"
        }
    }

    /// An object that nobody describes, whose members are called as those of the field are.
    private mutating func object(of name: String, _ shape: ProjectionShape, _ unknown: inout [Foreign]) -> String {
        let fields: [(name: String, shape: ProjectionShape, isRequired: Bool)]
        switch shape {
        case .record(let inner), .list(.record(let inner)): fields = inner
        case .text, .date, .integer, .flag, .list, .table: fields = []
        }
        return "{" + fields.map { field in
            let text = marker()
            unknown.append(Foreign(marker: text, field: name))
            return "\(quoted(field.name)):\(quoted(text))"
        }.joined(separator: ",") + "}"
    }

    /// A string, some of whose characters are escaped that need not be.
    private mutating func quoted(_ text: String) -> String {
        var result = "\""
        for unit in text.unicodeScalars {
            if chance(20) || unit.value < 0x20 {
                for code in String(unit).utf16 { result += "\\u" + String(repeating: "0", count: 4 - String(code, radix: 16).count) + String(code, radix: 16) }
            } else if unit == "\"" || unit == "\\" {
                result += "\\\(unit)"
            } else {
                result.unicodeScalars.append(unit)
            }
        }
        return result + "\""
    }

    // MARK: Avro

    mutating func avroSchema(_ shape: ProjectionShape) -> String {
        switch shape {
        case .text, .date: return "\"string\""
        case .integer: return "\"long\""
        case .flag: return "\"boolean\""
        case .list(let inner): return #"{"type":"array","items":\#(avroSchema(inner))}"#
        case .table(let inner): return #"{"type":"map","values":\#(avroSchema(inner))}"#
        case .record(let fields):
            messageCount += 1
            let name = "R\(messageCount)"
            return #"{"type":"record","name":"\#(name)","fields":[\#(fields.map { #"{"name":"\#($0.name)","type":\#($0.isRequired ? avroSchema($0.shape) : "[\"null\",\(avroSchema($0.shape))]")}"# }.joined(separator: ","))]}"#
        }
    }

    mutating func avro(_ tree: ProjectionTree, _ shape: ProjectionShape) -> [UInt8] {
        switch (tree, shape) {
        case (.text(let text), .integer): return AvroBytes.long(Int64(text) ?? 0)
        case (.text(let text), _): return AvroBytes.string(text)
        case (.flag(let flag), _): return [flag ? 1 : 0]
        case (.list(let elements), .list(let inner)): return blocks(elements.map { avro($0, inner) })
        case (.object(let members), .table(let inner)):
            return blocks(members.sorted { $0.key < $1.key }.map { AvroBytes.string($0.key) + avro($0.value, inner) })
        case (.object(let members), .record(let fields)):
            return fields.flatMap { field -> [UInt8] in
                guard let member = members[field.name] else { return [0] }
                return (field.isRequired ? [] : [2]) + avro(member, field.shape)
            }
        case (.null, _), (.list, _), (.object, _): preconditionFailure("a value has its shape")
        }
    }

    private mutating func blocks(_ items: [[UInt8]]) -> [UInt8] {
        var bytes: [UInt8] = []
        var rest = items[...]
        while !rest.isEmpty {
            let block = rest.prefix(1 + count(2))
            rest = rest.dropFirst(block.count)
            let content = block.flatMap { $0 }
            bytes += chance(2) ? AvroBytes.long(Int64(-block.count)) + AvroBytes.long(Int64(content.count)) + content : AvroBytes.long(Int64(block.count)) + content
        }
        return bytes + [0]
    }

    // MARK: Protobuf

    /// A `.proto` file whose first message is the record.
    mutating func protoSchema(_ shape: ProjectionShape) -> String {
        var messages: [String] = []
        _ = message(shape, &messages)
        return "syntax = \"proto3\";\n" + messages.reversed().joined(separator: "\n")
    }

    private mutating func message(_ shape: ProjectionShape, _ messages: inout [String]) -> String {
        guard case .record(let fields) = shape else { preconditionFailure("a message is a record") }
        messageCount += 1
        let name = "M\(messageCount)"
        var lines: [String] = []
        for (index, field) in fields.enumerated() {
            let number = index + 1
            switch field.shape {
            case .list(let inner): lines.append("repeated \(type(inner, &messages)) \(field.name) = \(number);")
            case .table(let inner): lines.append("map<string, \(type(inner, &messages))> \(field.name) = \(number);")
            case .text, .date, .integer, .flag, .record: lines.append("\(type(field.shape, &messages)) \(field.name) = \(number);")
            }
        }
        messages.append("message \(name) { \(lines.joined(separator: " ")) }")
        return name
    }

    private mutating func type(_ shape: ProjectionShape, _ messages: inout [String]) -> String {
        switch shape {
        case .text, .date: "string"
        case .integer: "int64"
        case .flag: "bool"
        case .record: message(shape, &messages)
        case .list, .table: preconditionFailure("Protobuf has no lists of lists")
        }
    }

    mutating func protobuf(_ tree: ProjectionTree, _ shape: ProjectionShape, unknown: inout [String]) -> [UInt8] {
        guard case .object(let members) = tree, case .record(let fields) = shape else { preconditionFailure("a message is a record") }
        var parts: [[UInt8]] = []
        for (index, field) in fields.enumerated() {
            guard let member = members[field.name] else { continue }
            parts.append(self.field(UInt64(index + 1), member, field.shape, unknown: &unknown))
        }
        if chance(4) {
            unknown.append(marker())
            parts.append(Protobuf.field(UInt64(1000 + count(1000)), bytes: Array(unknown[unknown.count - 1].utf8)))
        }
        return parts.shuffled(using: &random).flatMap { $0 }
    }

    private mutating func field(_ number: UInt64, _ tree: ProjectionTree, _ shape: ProjectionShape, unknown: inout [String]) -> [UInt8] {
        switch (tree, shape) {
        case (.text(let text), .integer): return Protobuf.varint(number << 3) + Protobuf.varint(UInt64(text) ?? 0)
        case (.text(let text), _): return Protobuf.field(number, bytes: Array(text.utf8))
        case (.flag(let flag), _): return Protobuf.varint(number << 3) + [flag ? 1 : 0]
        case (.list(let elements), .list(.integer)) where chance(2):
            return elements.isEmpty ? [] : Protobuf.field(number, bytes: elements.flatMap { element -> [UInt8] in
                if case .text(let text) = element { return Protobuf.varint(UInt64(text) ?? 0) }
                return []
            })
        case (.list(let elements), .list(let inner)): return elements.flatMap { field(number, $0, inner, unknown: &unknown) }
        case (.object(let members), .table(let inner)):
            return members.sorted { $0.key < $1.key }.flatMap { key, value in
                Protobuf.field(number, bytes: Protobuf.field(1, bytes: Array(key.utf8)) + field(2, value, inner, unknown: &unknown))
            }
        case (.object, .record): return Protobuf.field(number, bytes: protobuf(tree, shape, unknown: &unknown))
        case (.null, _), (.list, _), (.object, _): preconditionFailure("a value has its shape")
        }
    }
}
