/// The schema of the records that a plan lets be seen, in one text without references to others.
///
/// Every valid document, projected, is valid under it: fields that are gone are not asked for, masked ones are of their type and no more,
/// and where a keyword says something about the whole of a value that was changed (`not`, `if`, `uniqueItems`, `minProperties` …) it is left
/// out. `isChanged` tells whether it says anything else than the published schema about what is left.
struct JSONDerivedSchema {
    private let code: SchemaCode
    private let library: SchemaLibrary
    private let locations: [SchemaLibrary.Location]
    private let plan: JSONPlan
    private let draft: Dialect.Draft
    private var isChanged = false
    /// It has a reference that leads to another schema for each document, which cannot be said in a text of its own.
    private var isDynamic = false

    private struct Definition: Hashable {
        let schema: Int32
        /// -1: as it was published.
        let place: Int32
    }

    private var definitions: [Definition] = []
    private var nameOf: [Definition: String] = [:]
    private var taken: Set<String> = []

    /// - Returns: nil where the published schema says the same.
    static func text(
        _ plan: JSONPlan, _ code: SchemaCode, _ library: SchemaLibrary, _ locations: [SchemaLibrary.Location]
    ) throws(ProjectionError) -> String? {
        var writer = JSONDerivedSchema(plan, code, library, locations)
        let text = writer.document()
        guard writer.isChanged else { return nil }
        guard !writer.isDynamic else { throw ProjectionError(dynamicReferences) }
        return text
    }

    static let dynamicReferences = "a schema with $dynamicRef or $recursiveRef that leads to several schemas cannot be projected; refer by $ref"

    private init(_ plan: JSONPlan, _ code: SchemaCode, _ library: SchemaLibrary, _ locations: [SchemaLibrary.Location]) {
        self.plan = plan
        self.code = code
        self.library = library
        self.locations = locations
        draft = library.resources.map(\.dialect.draft).max() ?? .draft2020
    }

    private mutating func document() -> String {
        var root = JSONObjectText()
        root.add("$schema", JSONObjectText.quoted(draft.uri + (draft == .draft7 ? "#" : "")))
        write(code.root, plan.root, into: &root)
        var texts = JSONObjectText()
        var done = 0
        while done < definitions.count {
            let definition = definitions[done]
            texts.add(nameOf[definition] ?? "", schema(definition.schema, definition.place))
            done += 1
        }
        if !texts.isEmpty { root.add("$defs", texts.text) }
        return root.text
    }

    // MARK: one schema

    /// - Parameter place: what becomes of the value; -1: nothing does.
    private mutating func schema(_ index: Int32, _ place: Int32) -> String {
        if code.nodes[Int(index)].isNever { return "false" }
        var object = JSONObjectText()
        write(index, place, into: &object)
        return object.isEmpty ? "true" : object.text
    }

    private func checks(_ index: Int32) -> ArraySlice<SchemaCheck> {
        let node = code.nodes[Int(index)]
        return code.checks[Int(node.firstCheck)..<Int(node.firstCheck + node.checkCount)]
    }

    private mutating func write(_ index: Int32, _ place: Int32, into object: inout JSONObjectText) {
        guard place >= 0, !plan.nodes[Int(place)].isWhole else { return writePublished(index, into: &object) }
        let node = plan.nodes[Int(place)]
        if case .mask(let mask) = node.treatment { return writeMasked(index, node, mask, into: &object) }
        annotate(index, isMasked: false, into: &object)
        for check in checks(index) { write(check, node, place, of: index, into: &object) }
    }

    private mutating func writePublished(_ index: Int32, into object: inout JSONObjectText) {
        annotate(index, isMasked: false, into: &object)
        for check in checks(index) { writePublished(check, into: &object) }
    }

    // MARK: what is masked

    /// The type, and of the rest what every masked value keeps to.
    private mutating func writeMasked(_ index: Int32, _ node: JSONPlan.Node, _ mask: FieldRules.Mask, into object: inout JSONObjectText) {
        annotate(index, isMasked: true, into: &object)
        let types = code.types(ofNode: index)
        if types != .all { object.add("type", Self.text(of: types)) }
        var work = [index]
        var seen: Set<Int32> = [index]
        var elements: [SchemaCheck] = []
        while let next = work.popLast() {
            for check in checks(next) {
                switch check {
                case .type: break
                case .reference(let target): if seen.insert(target).inserted { work.append(target) }
                case .allOf(let range): work += code.indices[range.range].filter { seen.insert($0).inserted }
                case .minItems, .maxItems, .items, .prefixItems: elements.append(check)
                default:
                    if keeps(check, mask, isUUID: node.isUUID) { writePublished(check, into: &object) } else { isChanged = true }
                }
            }
        }
        // Of several that speak of elements only one can be written beside the others.
        for check in elements {
            switch check {
            case .minItems, .maxItems: writePublished(check, into: &object)
            default: writeElements(check, node, into: &object)
            }
        }
    }

    /// Whether all that the mask writes keeps to a check, so that it can stay.
    private func keeps(_ check: SchemaCheck, _ mask: FieldRules.Mask, isUUID: Bool) -> Bool {
        let lengths: ClosedRange<Int>
        switch mask {
        case .drop: return false
        case .redact: lengths = isUUID ? 36...36 : 3...3
        case .hash: lengths = isUUID ? 36...36 : 32...32
        case .last4: lengths = 4...8
        case .year: lengths = 4...20
        }
        let largest: Int64 = mask == .hash ? 1 << 53 : 0
        switch check {
        case .minLength(let count): return count <= lengths.lowerBound
        case .maxLength(let count): return count >= lengths.upperBound
        case .format(let format): return isUUID && format == .uuid && mask != .last4 || mask == .year && (format == .date || format == .dateTime)
        case .minimum(let constant): return compare(constant, to: 0) <= 0
        case .exclusiveMinimum(let constant): return compare(constant, to: 0) < 0
        case .maximum(let constant): return compare(constant, to: largest) >= 0
        case .exclusiveMaximum(let constant): return compare(constant, to: largest) > 0
        case .multipleOf: return mask == .redact
        default: return false
        }
    }

    private func compare(_ constant: Int32, to number: Int64) -> Int {
        code.constants.withView { view in
            Array("\(number)".utf8).withUnsafeBytes { view.number(Int(code.constantItems[Int(constant)])).compared(to: JSONNumber($0)) }
        }
    }

    // MARK: what is changed inside

    private mutating func write(_ check: SchemaCheck, _ node: JSONPlan.Node, _ place: Int32, of index: Int32, into object: inout JSONObjectText) {
        switch check {
        case .members(let shape): writeMembers(code.shapes[Int(shape)], node, into: &object)
        case .required(let range):
            let names = code.indices[range.range]
            let kept = names.filter { isKept($0, node) }
            if kept.count < names.count { isChanged = true }
            if !kept.isEmpty { object.add("required", JSONObjectText.list(kept.map { JSONObjectText.quoted(code.names.text($0)) })) }
        case .dependentRequired(let range, _):
            let names = Array(code.indices[range.range])
            guard let first = names.first, isKept(first, node) else { return }
            let kept = names.dropFirst().filter { isKept($0, node) }
            if kept.count < names.count - 1 { isChanged = true }
            writeDependency(first, JSONObjectText.list(kept.map { JSONObjectText.quoted(code.names.text($0)) }), isSchema: false, into: &object)
        case .dependentSchema(let name, let schema):
            if isKept(name, node) { writeDependency(name, self.schema(schema, place), isSchema: true, into: &object) }
        case .prefixItems, .items: writeElements(check, node, into: &object)
        case .reference(let schema): writeReference(schema, place, into: &object)
        case .allOf(let range): writeAll(range, place, into: &object)
        case .anyOf(let range): object.add("anyOf", JSONObjectText.list(code.indices[range.range].map { schema($0, place) }))
        case .oneOf(let range):
            // Two alternatives may be told apart by what is gone.
            isChanged = true
            object.add("anyOf", JSONObjectText.list(code.indices[range.range].map { schema($0, place) }))
        case .constant(let constant): writeUnlessContainer([constant], check, into: &object)
        case .enumeration(let index): writeUnlessContainer(code.enumerations[Int(index)].values.map(\.constant), check, into: &object)
        case .minProperties, .uniqueItems, .contains, .not, .condition, .unevaluatedItems, .unevaluatedProperties, .dynamicReference:
            isChanged = true
        case .never, .type, .minimum, .maximum, .exclusiveMinimum, .exclusiveMaximum, .multipleOf, .minLength, .maxLength, .pattern, .format,
            .codeList, .minItems, .maxItems, .maxProperties, .propertyNames:
            writePublished(check, into: &object)
        }
    }

    private func isKept(_ name: Int32, _ node: JSONPlan.Node) -> Bool {
        if let known = node.members.first(where: { $0.name == name }) { return isShown(known.node) }
        return isShown(node.other) && (node.otherPatterns.isEmpty || node.otherPatterns.contains { matches(Int($0), name) })
    }

    private func isShown(_ place: Int32) -> Bool { place >= 0 && plan.nodes[Int(place)].treatment != .hide }

    private func isWhole(_ place: Int32) -> Bool { place >= 0 && plan.nodes[Int(place)].isWhole }

    private mutating func writeMembers(_ shape: SchemaCode.Shape, _ node: JSONPlan.Node, into object: inout JSONObjectText) {
        var properties = JSONObjectText()
        var own: Set<Int32> = []
        for property in shape.properties.entries {
            own.insert(property.name)
            guard let place = node.members.first(where: { $0.name == property.name })?.node, isShown(place) else {
                isChanged = true
                continue
            }
            properties.add(code.names.text(property.name), schema(property.value, place))
        }
        if !properties.isEmpty { object.add("properties", properties.text) }
        // A member that has a name elsewhere is treated by that name, and patterns and the rest must let it be what it has become.
        let changed = node.members.filter { isShown($0.node) && !isWhole($0.node) }
        var patterns = JSONObjectText()
        var hasAllPatterns = true
        for position in stride(from: 0, to: Int(shape.patterns.count), by: 2) {
            let pattern = Int(code.indices[Int(shape.patterns.start) + position])
            let value = code.indices[Int(shape.patterns.start) + position + 1]
            let isTouched = changed.contains { member in matches(pattern, member.name) }
            guard !isTouched, isShown(node.other) || code.nodes[Int(value)].isNever else {
                hasAllPatterns = false
                isChanged = true
                continue
            }
            patterns.add(code.patternTexts[pattern], schema(value, node.other))
        }
        if !patterns.isEmpty { object.add("patternProperties", patterns.text) }
        guard shape.additional >= 0 else { return }
        if code.nodes[Int(shape.additional)].isNever {
            if hasAllPatterns { object.add("additionalProperties", "false") } else { isChanged = true }
        } else if hasAllPatterns, isShown(node.other), changed.allSatisfy({ own.contains($0.name) }) {
            object.add("additionalProperties", schema(shape.additional, node.other))
        } else if code.nodes[Int(shape.additional)].checkCount > 0 {
            isChanged = true
        }
    }

    private func matches(_ pattern: Int, _ name: Int32) -> Bool {
        code.names.bytes[code.names.range(name)].withUnsafeBytes { code.patterns[pattern].search(in: $0) != .absent }
    }

    private mutating func writeElements(_ check: SchemaCheck, _ node: JSONPlan.Node, into object: inout JSONObjectText) {
        switch check {
        case .prefixItems(let range):
            let schemas = code.indices[range.range].enumerated().map { position, value in
                schema(value, position < node.prefix.count ? node.prefix[position] : node.items)
            }
            object.add(draft == .draft2020 ? "prefixItems" : "items", JSONObjectText.list(schemas))
        case .items(let from, let value, _):
            // The places in front of the rest may be told apart by another schema.
            guard node.prefix.count <= Int(from) || code.nodes[Int(value)].isNever else {
                isChanged = true
                return
            }
            object.add(from > 0 && draft < .draft2020 ? "additionalItems" : "items", schema(value, node.items))
        default: break
        }
    }

    private mutating func writeReference(_ schema: Int32, _ place: Int32, into object: inout JSONObjectText) {
        let reference = JSONObjectText.quoted("#/$defs/\(name(of: schema, place))")
        // What stands beside it would mean nothing.
        if draft == .draft7 { object.addToAllOf("{\"$ref\":\(reference)}") } else { object.add("$ref", reference) }
    }

    private mutating func writeAll(_ range: IndexRange, _ place: Int32, into object: inout JSONObjectText) {
        for index in code.indices[range.range] { object.addToAllOf(schema(index, place)) }
    }

    private func writeDependency(_ name: Int32, _ text: String, isSchema: Bool, into object: inout JSONObjectText) {
        let keyword = draft == .draft7 ? "dependencies" : isSchema ? "dependentSchemas" : "dependentRequired"
        object.addMember(of: keyword, code.names.text(name), text)
    }

    private mutating func writeUnlessContainer(_ constants: [Int32], _ check: SchemaCheck, into object: inout JSONObjectText) {
        let holdsContainer = constants.contains { constant in
            let kind = code.constants.items[Int(code.constantItems[Int(constant)])].kind
            return kind == .array || kind == .object
        }
        if holdsContainer { isChanged = true } else { writePublished(check, into: &object) }
    }

    private mutating func name(of schema: Int32, _ place: Int32) -> String {
        let definition = Definition(schema: schema, place: place >= 0 && plan.nodes[Int(place)].isWhole ? -1 : place)
        if let known = nameOf[definition] { return known }
        let location = locations[Int(schema)]
        let pointer = library.texts[location.text].pointer(to: location.item)
        let last = pointer.split(separator: "/").last.map { $0.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" } } ?? Array("root")
        let base = String(last.prefix(64))
        var name = base
        var number = 2
        while !taken.insert(name).inserted {
            name = "\(base)_\(number)"
            number += 1
        }
        nameOf[definition] = name
        definitions.append(definition)
        return name
    }

    // MARK: as it was published

    private mutating func writePublished(_ check: SchemaCheck, into object: inout JSONObjectText) {
        switch check {
        case .never: object.add("not", "{}")
        case .type(let types): object.add("type", Self.text(of: types))
        case .constant(let constant): object.add("const", text(ofConstant: constant))
        case .enumeration(let index):
            // In the order of the text and not of the hashes.
            object.add("enum", JSONObjectText.list(code.enumerations[Int(index)].values.map(\.constant).sorted().map(text(ofConstant:))))
        case .minimum(let constant): object.add("minimum", text(ofConstant: constant))
        case .maximum(let constant): object.add("maximum", text(ofConstant: constant))
        case .exclusiveMinimum(let constant): object.add("exclusiveMinimum", text(ofConstant: constant))
        case .exclusiveMaximum(let constant): object.add("exclusiveMaximum", text(ofConstant: constant))
        case .multipleOf(_, let constant): object.add("multipleOf", text(ofConstant: constant))
        case .minLength(let count): object.add("minLength", "\(count)")
        case .maxLength(let count): object.add("maxLength", "\(count)")
        case .pattern(let index): object.add("pattern", JSONObjectText.quoted(code.patternTexts[Int(index)]))
        case .format(let format): object.add("format", JSONObjectText.quoted(format.rawValue))
        case .codeList(let index): object.add("x-codelist", JSONObjectText.quoted(code.codeLists[Int(index)].name.description))
        case .minItems(let count): object.add("minItems", "\(count)")
        case .maxItems(let count): object.add("maxItems", "\(count)")
        case .uniqueItems: object.add("uniqueItems", "true")
        case .prefixItems(let range):
            object.add(draft == .draft2020 ? "prefixItems" : "items", JSONObjectText.list(code.indices[range.range].map { schema($0, -1) }))
        case .items(let from, let node, _): object.add(from > 0 && draft < .draft2020 ? "additionalItems" : "items", schema(node, -1))
        case .contains(let node, let min, let max, _):
            object.add("contains", schema(node, -1))
            if min != 1 { object.add("minContains", "\(min)") }
            if max != .max { object.add("maxContains", "\(max)") }
        case .unevaluatedItems(let node): object.add("unevaluatedItems", schema(node, -1))
        case .minProperties(let count): object.add("minProperties", "\(count)")
        case .maxProperties(let count): object.add("maxProperties", "\(count)")
        case .required(let range): object.add("required", JSONObjectText.list(code.indices[range.range].map { JSONObjectText.quoted(code.names.text($0)) }))
        case .dependentRequired(let range, _):
            let names = code.indices[range.range].map { code.names.text($0) }
            let keyword = draft == .draft7 ? "dependencies" : "dependentRequired"
            object.addMember(of: keyword, names[0], JSONObjectText.list(names.dropFirst().map(JSONObjectText.quoted)))
        case .members(let index): writePublishedMembers(code.shapes[Int(index)], into: &object)
        case .propertyNames(let node): object.add("propertyNames", schema(node, -1))
        case .dependentSchema(let name, let node): writeDependency(name, schema(node, -1), isSchema: true, into: &object)
        case .unevaluatedProperties(let node): object.add("unevaluatedProperties", schema(node, -1))
        case .reference(let node): writeReference(node, -1, into: &object)
        case .dynamicReference: isDynamic = true
        case .allOf(let range): writeAll(range, -1, into: &object)
        case .anyOf(let range): object.add("anyOf", JSONObjectText.list(code.indices[range.range].map { schema($0, -1) }))
        case .oneOf(let range): object.add("oneOf", JSONObjectText.list(code.indices[range.range].map { schema($0, -1) }))
        case .not(let node): object.add("not", schema(node, -1))
        case .condition(let test, let then, let otherwise):
            object.add("if", schema(test, -1))
            if then >= 0 { object.add("then", schema(then, -1)) }
            if otherwise >= 0 { object.add("else", schema(otherwise, -1)) }
        }
    }

    private mutating func writePublishedMembers(_ shape: SchemaCode.Shape, into object: inout JSONObjectText) {
        var properties = JSONObjectText()
        for property in shape.properties.entries { properties.add(code.names.text(property.name), schema(property.value, -1)) }
        if !properties.isEmpty { object.add("properties", properties.text) }
        var patterns = JSONObjectText()
        for position in stride(from: 0, to: Int(shape.patterns.count), by: 2) {
            let start = Int(shape.patterns.start) + position
            patterns.add(code.patternTexts[Int(code.indices[start])], schema(code.indices[start + 1], -1))
        }
        if !patterns.isEmpty { object.add("patternProperties", patterns.text) }
        if shape.additional >= 0 { object.add("additionalProperties", schema(shape.additional, -1)) }
    }

    private func text(ofConstant constant: Int32) -> String {
        code.constants.withView { String(decoding: JSONWriter.text($0, Int(code.constantItems[Int(constant)])), as: UTF8.self) }
    }

    private static func text(of types: JSONTypeSet) -> String {
        var names: [String] = []
        for (name, type) in JSONTypeSet.names {
            switch name {
            case "number": if types.contains(.fraction) { names.append(name) }
            case "integer": if types.contains(.integer), !types.contains(.fraction) { names.append(name) }
            default: if types.contains(type) { names.append(name) }
            }
        }
        return names.count == 1 ? JSONObjectText.quoted(names[0]) : JSONObjectText.list(names.map(JSONObjectText.quoted))
    }

    // MARK: annotations

    /// Members of the schema's text that check nothing: titles, tags, the words of other tools.
    private func annotate(_ index: Int32, isMasked: Bool, into object: inout JSONObjectText) {
        let location = locations[Int(index)]
        let text = library.texts[location.text]
        guard text.kind(location.item) == .object else { return }
        let hasFormat = checks(index).contains { if case .format = $0 { true } else { false } }
        let hasCodes = checks(index).contains { if case .codeList = $0 { true } else { false } }
        for (key, value) in text.members(location.item) {
            let keyword = text.string(key)
            if Self.checking.contains(keyword) { continue }
            // Examples and defaults are values as they were published.
            if isMasked, ["default", "examples", "format", "x-codelist"].contains(keyword) || keyword.hasPrefix("content") { continue }
            if keyword == "format" && hasFormat || keyword == "x-codelist" && hasCodes { continue }
            object.add(keyword, text.document.withView { String(decoding: JSONWriter.text($0, value), as: UTF8.self) })
        }
    }

    private static let checking: Set = [
        "$schema", "$id", "$anchor", "$dynamicAnchor", "$recursiveAnchor", "$ref", "$dynamicRef", "$recursiveRef", "$defs", "definitions",
        "$vocabulary", "$comment", "type", "const", "enum", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minLength",
        "maxLength", "pattern", "minItems", "maxItems", "uniqueItems", "minContains", "maxContains", "minProperties", "maxProperties", "required",
        "dependentRequired", "dependentSchemas", "dependencies", "prefixItems", "items", "additionalItems", "contains", "properties",
        "patternProperties", "additionalProperties", "propertyNames", "unevaluatedItems", "unevaluatedProperties", "allOf", "anyOf", "oneOf",
        "not", "if", "then", "else",
    ]
}

/// A JSON object being written, each member once.
struct JSONObjectText {
    private var members: [(key: String, value: String)] = []
    private var all: [String] = []
    private var inner: [String: JSONMembers] = [:]

    private struct JSONMembers {
        var texts: [String] = []
    }

    var isEmpty: Bool { members.isEmpty && all.isEmpty && inner.isEmpty }

    /// The first of two with the same name stays, which only repeated assertions of masked values have.
    mutating func add(_ key: String, _ value: String) {
        if !members.contains(where: { $0.key == key }) { members.append((key, value)) }
    }

    mutating func addToAllOf(_ value: String) { all.append(value) }

    /// Adds to the object under `key`.
    mutating func addMember(of key: String, _ name: String, _ value: String) {
        inner[key, default: JSONMembers()].texts.append("\(Self.quoted(name)):\(value)")
    }

    var text: String {
        var texts = members.map { "\(Self.quoted($0.key)):\($0.value)" }
        if !all.isEmpty { texts.append("\"allOf\":\(Self.list(all))") }
        for (key, members) in inner.sorted(by: { $0.key < $1.key }) { texts.append("\(Self.quoted(key)):{\(members.texts.joined(separator: ","))}") }
        return "{\(texts.joined(separator: ","))}"
    }

    static func list(_ texts: [String]) -> String { "[\(texts.joined(separator: ","))]" }

    static func quoted(_ text: String) -> String {
        var bytes: [UInt8] = []
        Array(text.utf8).withUnsafeBytes { JSONEscapes.write($0, into: &bytes) }
        return String(decoding: bytes, as: UTF8.self)
    }
}
