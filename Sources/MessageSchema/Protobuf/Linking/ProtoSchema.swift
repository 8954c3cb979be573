/// A `.proto` file with all that it imports, names resolved, options interpreted, everything checked.
struct ProtoSchema: Sendable {
    /// The file itself, then what it imports.
    var files: [ProtoFile]
    /// By full name.
    var messages: [String: Definition<ProtoMessage>] = [:]
    var enums: [String: Definition<ProtoEnum>] = [:]
    /// By full name.
    var extensions: [String: Definition<ProtoField>] = [:]
    /// By the full name of the message that they extend, then by number.
    var extensionNames: [String: [Int32: String]] = [:]

    struct Definition<Element: Sendable>: Sendable {
        var element: Element
        var file: Int
    }

    var root: ProtoFile { files[0] }

    func syntax(of definition: Definition<ProtoMessage>) -> ProtoSyntax { files[definition.file].syntax }

    func `extension`(of message: String, number: Int32) -> (name: String, field: ProtoField)? {
        guard let name = extensionNames[message]?[number], let field = extensions[name]?.element else { return nil }
        return (name, field)
    }

    /// Full names join with a dot, but for the nameless package.
    static func join(_ scope: String, _ name: String) -> String {
        scope.isEmpty ? name : scope + "." + name
    }

    /// Reads the tables anew from the files.
    mutating func index() {
        messages = [:]
        enums = [:]
        extensions = [:]
        extensionNames = [:]
        for (number, file) in files.enumerated() {
            index(file.messages, in: file.package, file: number)
            index(file.enums, in: file.package, file: number)
            index(file.extensions, in: file.package, file: number)
        }
    }

    private mutating func index(_ messages: [ProtoMessage], in scope: String, file: Int) {
        for message in messages {
            let name = Self.join(scope, message.name)
            self.messages[name] = Definition(element: message, file: file)
            index(message.messages, in: name, file: file)
            index(message.enums, in: name, file: file)
            index(message.extensions, in: name, file: file)
        }
    }

    private mutating func index(_ enums: [ProtoEnum], in scope: String, file: Int) {
        for item in enums { self.enums[Self.join(scope, item.name)] = Definition(element: item, file: file) }
    }

    private mutating func index(_ extensions: [ProtoField], in scope: String, file: Int) {
        for field in extensions {
            let name = Self.join(scope, field.name)
            self.extensions[name] = Definition(element: field, file: file)
            extensionNames[field.extendee?.text ?? "", default: [:]][field.number] = name
        }
    }
}
