/// Every name of a set of files, and how a name in a text finds what it means.
struct ProtoSymbols {
    enum Kind: String {
        case package, message, enumeration = "enum", enumValue = "enum value", field, oneof, `extension`, service, method

        var isType: Bool { self == .message || self == .enumeration }
        /// Other names can follow after a dot.
        var isScope: Bool { isType || self == .package || self == .service }
    }

    private struct Symbol {
        var kind: Kind
        /// Several for a package.
        var files: Set<Int>
    }

    private var table: [String: Symbol] = [:]
    /// For each file the files whose names it sees: itself, what it imports, and what these import publicly.
    var visibleFiles: [Set<Int>] = []

    enum Finding {
        case found(fullName: String, Kind)
        case missing(String)
    }

    /// - Returns: what already has the name, nil where it is free.
    mutating func add(_ name: String, _ kind: Kind, file: Int) -> Kind? {
        guard let known = table[name] else {
            table[name] = Symbol(kind: kind, files: [file])
            return nil
        }
        guard known.kind == .package, kind == .package else { return known.kind }
        table[name]?.files.insert(file)
        return nil
    }

    func kind(of fullName: String, seenFrom file: Int) -> Kind? {
        guard let symbol = table[fullName], !symbol.files.isDisjoint(with: visibleFiles[file]) else { return nil }
        return symbol.kind
    }

    /// Searches from the innermost scope outward, as C++ does and protoc after it: once the first part of a dotted name is found, the
    /// rest must be there too.
    /// - Parameter typesOnly: other kinds of names do not hide a type of an outer scope.
    func find(_ name: String, in scope: String, file: Int, typesOnly: Bool) -> Finding {
        if name.hasPrefix(".") {
            let full = String(name.dropFirst())
            return kind(of: full, seenFrom: file).map { .found(fullName: full, $0) } ?? .missing("\(full) is not defined in this file or in one that it imports")
        }
        let first = String(name.prefix { $0 != "." })
        var scope = Substring(scope)
        while true {
            let candidate = scope.isEmpty ? first : scope + "." + first
            if let kind = kind(of: String(candidate), seenFrom: file) {
                if first.utf8.count == name.utf8.count {
                    if !typesOnly || kind.isType { return .found(fullName: String(candidate), kind) }
                } else if kind.isScope {
                    let full = String(scope.isEmpty ? name : scope + "." + name)
                    if let kind = self.kind(of: full, seenFrom: file) { return .found(fullName: full, kind) }
                    if !scope.isEmpty {
                        return .missing("\(name) is taken for \(full), which is not defined; begin the name with a dot to search from outside")
                    }
                }
            }
            guard !scope.isEmpty else { return .missing("\(name) is not defined in this file or in one that it imports") }
            scope = scope.lastIndex(of: ".").map { scope[..<$0] } ?? ""
        }
    }
}
