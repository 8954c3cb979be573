/// Reads a `.proto` text. It checks the grammar and what can be told from one statement; names and numbers are the linker's.
///
/// Source: the grammars at https://protobuf.dev/reference/protobuf/proto3-spec/ and proto2-spec. Where protoc differs from them, as
/// protoc does it.
struct ProtoParser {
    /// Messages, groups and aggregates of options inside each other: protoc's own limit.
    static let nestingMax = 32

    var lexer: ProtoLexer
    var token: ProtoToken
    var result: ProtoFile

    static func file(named name: String, text: String) throws(SchemaError) -> ProtoFile {
        var parser = try ProtoParser(name: name, text: Array(text.utf8))
        try parser.parseFile()
        return parser.result
    }

    private init(name: String, text: [UInt8]) throws(SchemaError) {
        lexer = ProtoLexer(file: name, text: text)
        token = try lexer.next()
        result = ProtoFile(name: name)
    }

    private mutating func parseFile() throws(SchemaError) {
        try parseSyntax()
        while token.kind != .end { try parseStatement() }
    }

    private mutating func parseSyntax() throws(SchemaError) {
        if at("edition") {
            throw error("editions are not supported; use syntax = \"proto3\" or \"proto2\"")
        }
        guard at("syntax") else { return }  // proto2, as protoc takes it
        try advance()
        try take("=")
        let position = token.position
        let word = try takeText("proto2 or proto3 in quotes")
        try take(";")
        switch word {
        case "proto2": result.syntax = .proto2
        case "proto3": result.syntax = .proto3
        default: throw lexer.error(at: position, "the syntax is \"proto2\" or \"proto3\"")
        }
    }

    private mutating func parseStatement() throws(SchemaError) {
        if try skip(";") { return }
        switch word {
        case "message": result.messages.append(try parseMessage(depth: 1))
        case "enum": result.enums.append(try parseEnum())
        case "service": result.services.append(try parseService())
        case "extend":
            var groups: [ProtoMessage] = []
            result.extensions += try parseExtend(nested: &groups, depth: 1)
            result.messages += groups
        case "import": try parseImport()
        case "package": try parsePackage()
        case "option": result.options.written.append(try parseOptionStatement())
        default:
            throw error("a file holds import, package, option, message, enum, extend and service")
        }
    }

    private mutating func parseImport() throws(SchemaError) {
        let position = token.position
        try advance()
        var kind = ProtoImport.Kind.plain
        if try skip("public") { kind = .isPublic } else if try skip("weak") { kind = .weak }
        let path = try takeText("the path of a file in quotes")
        try take(";")
        result.imports.append(ProtoImport(path: path, kind: kind, position: position))
    }

    private mutating func parsePackage() throws(SchemaError) {
        guard result.package.isEmpty else { throw error("a file has one package") }
        try advance()
        result.packagePosition = token.position
        result.package = try takeDottedName("a package name")
        try take(";")
    }

    /// `extend Message { fields }`
    /// - Parameter nested: receives the types of groups.
    mutating func parseExtend(nested: inout [ProtoMessage], depth: Int) throws(SchemaError) -> [ProtoField] {
        try advance()
        let extendee = try takeTypeName()
        try take("{")
        var extensions: [ProtoField] = []
        repeat {
            var field = try parseField(of: .extension, nested: &nested, depth: depth)
            field.extendee = extendee
            extensions.append(field)
        } while try !skip("}")
        return extensions
    }
}

// MARK: - Tokens

extension ProtoParser {
    func error(_ message: String) -> SchemaError { lexer.error(at: token.position, message) }

    /// What stands here, for a keyword to be told from it. Empty where it is no identifier.
    var word: String { token.kind == .identifier ? text(of: token) : "" }

    func text(of token: ProtoToken) -> String {
        String(decoding: lexer.text[token.bytes], as: UTF8.self)
    }

    func at(_ text: String) -> Bool {
        (token.kind == .identifier || token.kind == .symbol) && lexer.text[token.bytes].elementsEqual(text.utf8)
    }

    mutating func advance() throws(SchemaError) { token = try lexer.next() }

    mutating func skip(_ text: String) throws(SchemaError) -> Bool {
        guard at(text) else { return false }
        try advance()
        return true
    }

    mutating func take(_ text: String) throws(SchemaError) {
        guard try skip(text) else {
            throw error(token.kind == .end ? "the text ends where \(text) is expected" : "expected \(text) here")
        }
    }

    mutating func takeIdentifier(_ what: String) throws(SchemaError) -> String {
        guard token.kind == .identifier else { throw error("expected \(what) here") }
        let name = text(of: token)
        try advance()
        return name
    }

    mutating func takeDottedName(_ what: String) throws(SchemaError) -> String {
        var name = try takeIdentifier(what)
        while try skip(".") { name += "." + (try takeIdentifier("the rest of a name")) }
        return name
    }

    /// A name of a message or an enum, perhaps with a leading dot, which makes it a full one.
    mutating func takeTypeName() throws(SchemaError) -> ProtoName {
        let position = token.position
        let dot = try skip(".") ? "." : ""
        return ProtoName(text: dot + (try takeDottedName("the name of a type")), position: position)
    }

    /// One or more literals side by side, which are one string.
    mutating func takeString(_ what: String) throws(SchemaError) -> [UInt8] {
        guard token.kind == .string else { throw error("expected \(what) here") }
        var bytes: [UInt8] = []
        while token.kind == .string {
            let position = token.position
            let lexer = self.lexer
            bytes += try ProtoEscapes.unescape(lexer.text[token.bytes]) { lexer.error(at: position, $0) }
            try advance()
        }
        return bytes
    }

    mutating func takeText(_ what: String) throws(SchemaError) -> String {
        let position = token.position
        guard let text = String(validating: try takeString(what), as: UTF8.self) else {
            throw lexer.error(at: position, "this string is not UTF-8")
        }
        return text
    }

    /// An unsigned integer, nil beyond 64 bits.
    func integerValue(of token: ProtoToken) -> UInt64? {
        let digits = text(of: token)
        if digits.hasPrefix("0x") || digits.hasPrefix("0X") { return UInt64(digits.dropFirst(2), radix: 16) }
        return digits.utf8.count > 1 && digits.utf8.first == UInt8(ascii: "0") ? UInt64(digits, radix: 8) : UInt64(digits)
    }

    mutating func takeInteger(_ what: String, max: UInt64) throws(SchemaError) -> UInt64 {
        guard token.kind == .integer else { throw error("expected \(what) here") }
        guard let value = integerValue(of: token), value <= max else { throw error("\(what) is at most \(max)") }
        try advance()
        return value
    }

    mutating func takeInt32(_ what: String) throws(SchemaError) -> Int32 {
        Int32(try takeInteger(what, max: UInt64(Int32.max)))
    }

    mutating func takeSignedInt32(_ what: String) throws(SchemaError) -> Int32 {
        guard try skip("-") else { return try takeInt32(what) }
        return Int32(truncatingIfNeeded: -Int64(try takeInteger(what, max: UInt64(Int32.max) + 1)))
    }

    func judge(depth: Int) throws(SchemaError) {
        guard depth <= Self.nestingMax else { throw error("messages nest at most \(Self.nestingMax) deep") }
    }
}
