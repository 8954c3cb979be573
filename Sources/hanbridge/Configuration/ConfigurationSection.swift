import Sentences
import Yams

/// A mapping of broker.yaml, with its place in the file: reads typed values and refuses what it does not know by line.
struct ConfigurationSection {
    let file: String
    /// The keys above it, joined by dots; empty for the root.
    let path: String
    let line: Int?
    private let node: Node
    private let mapping: Node.Mapping

    init(parsing text: String, file: String) throws(ConfigurationError) {
        let node: Node?
        do {
            node = try Yams.compose(yaml: text)
        } catch {
            let line: Int? =
                switch error as? YamlError {
                case .scanner(_, _, let mark, _), .parser(_, _, let mark, _), .composer(_, _, let mark, _): mark.line
                case .duplicatedKeysInMapping(_, let context): context.mark.line
                default: nil
                }
            throw ConfigurationError(file: file, line: line, sentence: .notYAML(String(describing: error)))
        }
        guard let node else { throw ConfigurationError(file: file, line: 1, sentence: .configurationEmpty) }
        try self.init(node, path: "", file: file)
    }

    private init(_ node: Node, path: String, file: String) throws(ConfigurationError) {
        guard let mapping = node.mapping else {
            throw ConfigurationError(file: file, line: node.mark?.line, sentence: .wrongShape(path, expected: "key: value"))
        }
        self.node = node
        self.mapping = mapping
        self.path = path
        self.file = file
        line = node.mark?.line
    }

    /// - Throws: when a key is none of these, naming it, its line and the known ones.
    func allow(_ keys: [String]) throws(ConfigurationError) {
        for (key, _) in mapping where !keys.contains(key.string ?? "") {
            throw ConfigurationError(
                file: file, line: key.mark?.line, sentence: .unknownKey(qualified(key.string ?? "?"), known: keys))
        }
    }

    func line(of key: String) -> Int? {
        mapping.first { $0.key.string == key }?.key.mark?.line
    }

    func section(_ key: String) throws(ConfigurationError) -> ConfigurationSection? {
        guard let child = present(key) else { return nil }
        return try ConfigurationSection(child, path: qualified(key), file: file)
    }

    func string(_ key: String) throws(ConfigurationError) -> String? {
        guard let child = present(key) else { return nil }
        guard let text = child.scalar?.string, !text.isEmpty else { throw wrong(key, child, expected: "a word") }
        return text
    }

    /// A list of words.
    func strings(_ key: String) throws(ConfigurationError) -> [String]? {
        guard let child = present(key) else { return nil }
        guard let items = child.sequence else { throw wrong(key, child, expected: "a list of words") }
        var words: [String] = []
        for item in items {
            guard let text = item.scalar?.string, !text.isEmpty else { throw wrong(key, item, expected: "a list of words") }
            words.append(text)
        }
        return words
    }

    /// One of an enumeration's words.
    func word<Choice: RawRepresentable & CaseIterable>(
        _ key: String, _ choices: Choice.Type
    ) throws(ConfigurationError) -> Choice? where Choice.RawValue == String {
        guard let text = try string(key) else { return nil }
        guard let choice = Choice(rawValue: text) else {
            throw ConfigurationError(
                file: file, line: line(of: key),
                sentence: .notOneOf(qualified(key), value: text, choices: Choice.allCases.map(\.rawValue)))
        }
        return choice
    }

    func address(_ key: String) throws(ConfigurationError) -> HostAndPort? {
        guard let text = try string(key) else { return nil }
        guard let address = HostAndPort(text) else {
            throw ConfigurationError(file: file, line: line(of: key), sentence: .notAnAddress(text))
        }
        return address
    }

    /// Every child, in the file's order; each must be a mapping.
    func sections() throws(ConfigurationError) -> [(name: String, section: ConfigurationSection)] {
        var found: [(name: String, section: ConfigurationSection)] = []
        for (key, value) in mapping {
            guard let name = key.string, !name.isEmpty else { throw wrong("?", key, expected: "a name") }
            found.append((name, try ConfigurationSection(value, path: qualified(name), file: file)))
        }
        return found
    }

    /// All values of a flat mapping, as written.
    func scalars() throws(ConfigurationError) -> [String: String] {
        var values: [String: String] = [:]
        for (key, value) in mapping {
            guard let name = key.string, let text = value.scalar?.string else {
                throw wrong(key.string ?? "?", value, expected: "a single value")
            }
            values[name] = text
        }
        return values
    }

    /// All values of a flat mapping of whole numbers, in the file's order.
    func integers() throws(ConfigurationError) -> [(name: String, value: Int, line: Int)] {
        var values: [(name: String, value: Int, line: Int)] = []
        for (key, value) in mapping {
            guard let name = key.string, let number = value.scalar.flatMap({ Int($0.string) }) else {
                throw wrong(key.string ?? "?", value, expected: "a whole number")
            }
            values.append((name, number, key.mark?.line ?? 0))
        }
        return values
    }

    /// The node under a key, for a reader of its own.
    func present(_ key: String) -> Node? {
        guard let child = mapping.first(where: { $0.key.string == key })?.value, child.null == nil else { return nil }
        return child
    }

    func qualified(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

    private func wrong(_ key: String, _ node: Node, expected: String) -> ConfigurationError {
        ConfigurationError(
            file: file, line: node.mark?.line ?? line(of: key), sentence: .wrongShape(qualified(key), expected: expected))
    }
}
