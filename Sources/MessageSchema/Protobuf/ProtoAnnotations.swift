// What options say about a field beyond its type: our own (hanbridge/options.proto), and those of Confluent's that mean the same.

extension ProtoField {
    /// `(hanbridge.personal)`, or Confluent's tag `PII` or `PERSONAL`.
    var isPersonal: Bool {
        options.extensions(named: "hanbridge.personal").last == .identifier("true")
            || confluentTags.contains { ["PII", "PERSONAL"].contains($0.uppercased()) }
            || confluentParameters["x-personal"] == "true"
    }

    /// `(hanbridge.sensitivity)`, or Confluent's parameter `x-sensitivity`.
    var sensitivity: String? {
        let word = options.extensions(named: "hanbridge.sensitivity").last?.text ?? confluentParameters["x-sensitivity"]
        return word?.isEmpty == true ? nil : word
    }

    /// `(hanbridge.codelist)`, or Confluent's parameter `x-codelist`.
    func codeListName(in file: String) throws(SchemaError) -> CodeListName? {
        guard let text = options.extensions(named: "hanbridge.codelist").last?.text ?? confluentParameters["x-codelist"] else { return nil }
        guard let name = CodeListName(text) else {
            throw position.error(in: file, "a code list is named with its version, such as wards@3")
        }
        return name
    }

    private var confluentMeta: [ProtoOptionField] {
        options.extensions(named: "confluent.field_meta").flatMap { value -> [ProtoOptionField] in
            if case .message(let fields) = value { return fields }
            return []
        }
    }

    private var confluentTags: [String] {
        confluentMeta.filter { $0.name == "tags" }.compactMap(\.value.text)
    }

    private var confluentParameters: [String: String] {
        var result: [String: String] = [:]
        for case .message(let entry) in confluentMeta.filter({ $0.name == "params" }).map(\.value) {
            guard let key = entry.first(where: { $0.name == "key" })?.value.text else { continue }
            result[key] = entry.first { $0.name == "value" }?.value.text ?? ""
        }
        return result
    }
}

extension ProtoSchema {
    /// Paths of tagged fields that one schema may have: types that hold each other multiply them.
    static let taggedFieldsMax = 10_000
    /// Messages that are gone through for them: types that hold each other in circles have paths without number that lead to none.
    static let taggedVisitsMax = 100_000

    /// The tagged fields of every message that stands at the file's top, for each may be a payload; the first message's come first.
    /// A type inside itself is followed once.
    func taggedFields() throws(SchemaError) -> [TaggedField] {
        var found: [TaggedField] = []
        var seen: Set<TaggedField> = []
        let carriers = messagesWithTags()
        var visits = 0
        for message in root.messages {
            try collect(ProtoSchema.join(root.package, message.name), path: "", inside: [], carriers, &visits) { tagged throws(SchemaError) in
                if seen.insert(tagged).inserted { found.append(tagged) }
                guard found.count <= Self.taggedFieldsMax else { throw Self.tooManyPaths }
            }
        }
        return found
    }

    private static var tooManyPaths: SchemaError {
        SchemaError(
            at: ProtoLinker.rootName,
            "a schema has at most \(taggedFieldsMax) paths to fields with (hanbridge.personal) or (hanbridge.sensitivity); types that hold each other multiply them")
    }

    private func fields(of message: String) -> [(name: String, field: ProtoField)] {
        let own = (messages[message]?.element.fields ?? []).map { ($0.name, $0) }
        let extra = (extensionNames[message] ?? [:]).sorted { $0.key < $1.key }.compactMap { item in
            extensions[item.value].map { ("[\(item.value)]", $0.element) }
        }
        return own + extra
    }

    /// The messages from which a tagged field can be reached: the others need no visit.
    private func messagesWithTags() -> Set<String> {
        var users: [String: [String]] = [:]
        var result: Set<String> = []
        for name in messages.keys {
            for (_, field) in fields(of: name) {
                if field.isPersonal || field.sensitivity != nil { result.insert(name) }
                if let inner = field.messageName { users[inner, default: []].append(name) }
            }
        }
        var waiting = Array(result)
        while let name = waiting.popLast() {
            for user in users[name] ?? [] where result.insert(user).inserted { waiting.append(user) }
        }
        return result
    }

    private func collect(
        _ message: String, path: String, inside: Set<String>, _ carriers: Set<String>, _ visits: inout Int,
        _ report: (TaggedField) throws(SchemaError) -> Void
    ) throws(SchemaError) {
        guard carriers.contains(message), !inside.contains(message), inside.count < ProtoLimits.payloadDepthMax else { return }
        visits += 1
        guard visits <= Self.taggedVisitsMax else { throw Self.tooManyPaths }
        let isEntry = messages[message]?.element.isMapEntry == true
        for (name, field) in fields(of: message) {
            // A map entry's key and value have no names in a path.
            var here = isEntry ? path : path + "/" + name
            if field.label == .repeated { here += "/*" }
            if field.isPersonal || field.sensitivity != nil {
                try report(TaggedField(path: here, isPersonal: field.isPersonal, sensitivity: field.sensitivity))
            }
            if let inner = field.messageName { try collect(inner, path: here, inside: inside.union([message]), carriers, &visits, report) }
        }
    }
}
