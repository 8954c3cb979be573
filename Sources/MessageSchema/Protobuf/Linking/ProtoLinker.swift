/// Makes a schema of a file and its imports: finds what names mean and holds every file to the rules of the language.
///
/// Source of the rules: https://protobuf.dev/programming-guides/ and what protoc refuses.
struct ProtoLinker {
    /// How error messages call the text that is compiled; it has no import path of its own.
    static let rootName = "schema.proto"

    var files: [ProtoFile] = []
    var symbols = ProtoSymbols()

    static func link(_ source: SchemaSource) throws(SchemaError) -> ProtoSchema {
        var linker = ProtoLinker()
        var loader = ProtoLoader(references: source.references)
        linker.files = try loader.load(text: source.text)
        linker.symbols.visibleFiles = loader.visibleFiles
        for index in linker.files.indices { try linker.declare(index) }
        for index in linker.files.indices { try linker.resolve(index) }
        var schema = ProtoSchema(files: linker.files)
        schema.index()
        let checker = ProtoChecker(schema: schema, symbols: linker.symbols)
        try checker.checkAll()
        try ProtoOptionInterpreter.interpretAll(&schema, symbols: linker.symbols)
        schema.index()
        try ProtoChecker(schema: schema, symbols: linker.symbols).checkOptions()
        return schema
    }

    func error(_ file: Int, _ position: ProtoPosition, _ message: String) -> SchemaError {
        position.error(in: files[file].name, message)
    }

    // MARK: - Names

    private mutating func declare(_ index: Int) throws(SchemaError) {
        let file = files[index]
        var package = ""
        for part in file.package.split(separator: ".") {
            package = ProtoSchema.join(package, String(part))
            try add(package, .package, at: file.packagePosition, file: index)
        }
        for message in file.messages { try declare(message, in: package, file: index) }
        for item in file.enums { try declare(item, in: package, file: index) }
        for field in file.extensions { try add(ProtoSchema.join(package, field.name), .extension, at: field.position, file: index) }
        for service in file.services {
            let name = ProtoSchema.join(package, service.name)
            try add(name, .service, at: service.position, file: index)
            for method in service.methods { try add(ProtoSchema.join(name, method.name), .method, at: method.position, file: index) }
        }
    }

    private mutating func declare(_ message: ProtoMessage, in scope: String, file: Int) throws(SchemaError) {
        let name = ProtoSchema.join(scope, message.name)
        try add(name, .message, at: message.position, file: file)
        for field in message.fields { try add(ProtoSchema.join(name, field.name), .field, at: field.position, file: file) }
        for oneof in message.oneofs { try add(ProtoSchema.join(name, oneof.name), .oneof, at: oneof.position, file: file) }
        for nested in message.messages { try declare(nested, in: name, file: file) }
        for item in message.enums { try declare(item, in: name, file: file) }
        for field in message.extensions { try add(ProtoSchema.join(name, field.name), .extension, at: field.position, file: file) }
    }

    /// The values of an enum are names beside it, not inside it, as in C++.
    private mutating func declare(_ item: ProtoEnum, in scope: String, file: Int) throws(SchemaError) {
        try add(ProtoSchema.join(scope, item.name), .enumeration, at: item.position, file: file)
        for value in item.values { try add(ProtoSchema.join(scope, value.name), .enumValue, at: value.position, file: file) }
    }

    private mutating func add(_ name: String, _ kind: ProtoSymbols.Kind, at position: ProtoPosition, file: Int) throws(SchemaError) {
        guard Self.isName(name) else { throw error(file, position, "\(name) is no name") }
        if let known = symbols.add(name, kind, file: file) {
            let hint = kind == .enumValue ? "; the values of an enum are names beside it, not inside it" : ""
            throw error(file, position, "\(name) is already the name of \(known == .enumeration || known == .extension || known == .oneof || known == .enumValue ? "an" : "a") \(known.rawValue)\(hint)")
        }
    }

    /// What the parser lets through is one; a descriptor can hold anything.
    private static func isName(_ name: String) -> Bool {
        name.utf8.count <= 65_536
            && name.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).allSatisfy { part in
                part.first?.isProtoLetter == true && part.allSatisfy { $0.isProtoLetter || $0.isProtoDigit }
            }
    }

    // MARK: - Types

    private mutating func resolve(_ index: Int) throws(SchemaError) {
        var file = files[index]
        for position in file.messages.indices { try resolve(&file.messages[position], in: file.package, file: index) }
        for position in file.extensions.indices { try resolve(&file.extensions[position], in: file.package, file: index) }
        for service in file.services.indices {
            for method in file.services[service].methods.indices {
                let scope = ProtoSchema.join(file.package, file.services[service].name)
                try resolveMessage(&file.services[service].methods[method].input, in: scope, file: index)
                try resolveMessage(&file.services[service].methods[method].output, in: scope, file: index)
            }
        }
        files[index] = file
    }

    private func resolve(_ message: inout ProtoMessage, in scope: String, file: Int) throws(SchemaError) {
        let name = ProtoSchema.join(scope, message.name)
        for index in message.fields.indices { try resolve(&message.fields[index], in: name, file: file) }
        for index in message.extensions.indices { try resolve(&message.extensions[index], in: name, file: file) }
        for index in message.messages.indices { try resolve(&message.messages[index], in: name, file: file) }
    }

    private func resolve(_ field: inout ProtoField, in scope: String, file: Int) throws(SchemaError) {
        if var extendee = field.extendee {
            try resolveMessage(&extendee, in: scope, file: file)
            field.extendee = extendee
        }
        let asked: String
        switch field.type {
        case .scalar: return
        case .named(let name), .message(let name), .group(let name), .enumeration(let name): asked = name
        }
        switch (symbols.find(asked, in: scope, file: file, typesOnly: true), field.type) {
        case (.missing(let sentence), _):
            throw error(file, field.typePosition, sentence)
        case (.found(let name, .message), .group):
            field.type = .group(name)
        case (.found(let name, .message), .named), (.found(let name, .message), .message):
            field.type = .message(name)
        case (.found(let name, .enumeration), .named), (.found(let name, .enumeration), .enumeration):
            field.type = .enumeration(name)
        case (.found(let name, let kind), _):
            throw error(file, field.typePosition, "\(name) is a \(kind.rawValue) and no type that field \(field.name) can have")
        }
    }

    private func resolveMessage(_ name: inout ProtoName, in scope: String, file: Int) throws(SchemaError) {
        switch symbols.find(name.text, in: scope, file: file, typesOnly: false) {
        case .found(let full, .message): name.text = full
        case .found(let full, let kind): throw error(file, name.position, "\(full) is a \(kind.rawValue) and no message")
        case .missing(let sentence): throw error(file, name.position, sentence)
        }
    }
}
