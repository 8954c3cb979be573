/// Brings a file and all that it imports together.
struct ProtoLoader {
    private let references: [String: String]
    private(set) var files: [ProtoFile] = []
    private var indexes: [String: Int] = [:]
    private var isLoading: [Bool] = []
    /// For each file, what it imports.
    private var imports: [[(file: Int, isPublic: Bool)]] = []

    init(references: [SchemaSource.Reference]) {
        self.references = Dictionary(references.map { ($0.name, $0.text) }, uniquingKeysWith: { first, _ in first })
    }

    /// - Returns: the file itself, then its imports. The file of all options is always among them.
    mutating func load(text: String) throws(SchemaError) -> [ProtoFile] {
        let root = try add(ProtoLoader.read(name: ProtoLinker.rootName, text: text))
        _ = try load(ProtoBuiltIns.descriptorPath, importedBy: root, at: ProtoPosition())
        return files
    }

    /// A text, or a serialized FileDescriptorProto in base64.
    static func read(name: String, text: String) throws(SchemaError) -> ProtoFile {
        if let bytes = ProtoBase64.decode(text) { return try ProtoFileDecoder.file(named: name, bytes: bytes) }
        return try ProtoParser.file(named: name, text: text)
    }

    private mutating func add(_ file: ProtoFile) throws(SchemaError) -> Int {
        let index = files.count
        files.append(file)
        isLoading.append(true)
        imports.append([])
        var seen: Set<String> = []
        for item in file.imports {
            guard seen.insert(item.path).inserted else { throw item.position.error(in: file.name, "\(item.path) is imported twice") }
            imports[index].append((try load(item.path, importedBy: index, at: item.position), item.kind == .isPublic))
        }
        isLoading[index] = false
        return index
    }

    private mutating func load(_ path: String, importedBy file: Int, at position: ProtoPosition) throws(SchemaError) -> Int {
        if let known = indexes[path] {
            guard !isLoading[known] else { throw position.error(in: files[file].name, "\(path) imports itself, directly or through others") }
            return known
        }
        if path == ProtoBuiltIns.descriptorPath, let file = ProtoBuiltIns.descriptorFile {
            indexes[path] = files.count
            return try add(file)
        }
        guard let text = ProtoBuiltIns.text(of: path) ?? references[path] else {
            throw position.error(in: files[file].name, "\(path) is not among the references; register it and refer to it by this name")
        }
        indexes[path] = files.count
        return try add(ProtoLoader.read(name: path, text: text))
    }

    var visibleFiles: [Set<Int>] {
        files.indices.map { index in
            var seen: Set<Int> = [index]
            var waiting = imports[index].map(\.file)
            while let file = waiting.popLast() {
                guard seen.insert(file).inserted else { continue }
                waiting += imports[file].filter(\.isPublic).map(\.file)
            }
            return seen
        }
    }
}
