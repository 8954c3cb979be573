extension ProtoChecker {
    /// The messages whose extensions are custom options: all that proto3 may extend.
    static let optionMessages: Set<String> = Set(
        ["File", "Message", "Field", "Oneof", "Enum", "EnumValue", "Service", "Method", "ExtensionRange"].map { "google.protobuf.\($0)Options" })

    func check(extension field: ProtoField, file: Int) throws(SchemaError) {
        let extendee = field.extendee ?? ProtoName(text: "")
        guard let target = schema.messages[extendee.text] else { throw error(file, extendee.position, "an extension names the message that it extends") }
        if schema.files[file].syntax == .proto3, !Self.optionMessages.contains(extendee.text) {
            throw error(file, extendee.position, "in proto3 extensions are for options only (google.protobuf.FieldOptions and the like)")
        }
        guard ProtoRangeSet(target.element.extensionRanges).contains(field.number) else {
            throw error(file, field.numberPosition, "\(extendee.text) does not set number \(field.number) apart for extensions")
        }
        if field.label == .required { throw error(file, field.position, "an extension cannot be required") }
        if field.oneof != nil { throw error(file, field.position, "an extension stands in no oneof") }
        if field.jsonName != nil { throw error(file, field.jsonNamePosition, "an extension has no json_name") }
        if case .message(let name) = field.type, schema.messages[name]?.element.isMapEntry == true {
            throw error(file, field.typePosition, "an extension is no map")
        }
        try checkDefault(of: field, file: file)
    }

    /// One message's numbers are shared by all files.
    func checkExtensionNumbers() throws(SchemaError) {
        var taken: [String: [Int32: String]] = [:]
        for (name, definition) in schema.extensions.sorted(by: { $0.key < $1.key }) {
            let field = definition.element
            let extendee = field.extendee?.text ?? ""
            if let other = taken[extendee, default: [:]].updateValue(name, forKey: field.number) {
                throw error(
                    definition.file, field.numberPosition, "number \(field.number) of \(extendee) is already taken by the extension \(other)")
            }
        }
    }

    // MARK: - JSON names

    /// proto3 refuses names that would be one in JSON.
    func checkJSONNames(of message: ProtoMessage, file: Int) throws(SchemaError) {
        guard !message.isMapEntry else { return }
        var byDefault: [String: String] = [:]
        var chosen: [String: (field: String, isCustom: Bool)] = [:]
        for field in message.fields {
            let standard = Self.jsonName(of: field.name)
            let isCustom = field.jsonName != nil && field.jsonName != standard
            if schema.files[file].syntax == .proto3, let other = byDefault.updateValue(field.name, forKey: standard) {
                throw error(file, field.position, "fields \(other) and \(field.name) have the same name in JSON, \(standard)")
            }
            let name = field.jsonName ?? standard
            if isCustom, name.hasPrefix("["), name.hasSuffix("]") {
                throw error(file, field.jsonNamePosition, "a json_name does not stand in square brackets")
            }
            if let other = chosen.updateValue((field.name, isCustom), forKey: name), isCustom && other.isCustom || (schema.files[file].syntax == .proto3 && (isCustom || other.isCustom)) {
                throw error(file, field.position, "fields \(other.field) and \(field.name) have the same name in JSON, \(name)")
            }
        }
    }

    /// A field's name in JSON, where none is given: `_x` becomes `X`.
    static func jsonName(of name: String) -> String {
        var result = ""
        var isCapitalNext = false
        for character in name {
            if character == "_" {
                isCapitalNext = true
            } else {
                result += isCapitalNext ? character.uppercased() : String(character)
                isCapitalNext = false
            }
        }
        return result
    }
}
