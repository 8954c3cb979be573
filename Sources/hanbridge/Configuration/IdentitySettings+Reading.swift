import Identity
import Sentences
import Yams

extension IdentitySettings {
    /// Reads the `identity` section. `IdentitySettings` is decoded as it is declared; a decoder passes over keys it does not
    /// know, so these are looked for first.
    init(_ root: ConfigurationSection) throws(ConfigurationError) {
        guard let section = try root.section("identity"), let node = root.present("identity") else {
            throw ConfigurationError(file: root.file, line: nil, sentence: .keyMissing("identity"))
        }
        try Self.keys.check(node, path: "identity", file: section.file)
        do {
            self = try YAMLDecoder().decode(IdentitySettings.self, from: node)
        } catch let error as DecodingError {
            let (path, words) = Self.explain(error)
            throw ConfigurationError(
                file: section.file, line: Self.line(of: path, in: node),
                sentence: .wrongValue((["identity"] + path.map(\.stringValue)).joined(separator: "."), why: words))
        } catch {
            throw ConfigurationError(file: section.file, line: section.line, sentence: .told(String(describing: error)))
        }
    }

    private static let source = KeyTree.either(.value, .mapping(["subject": .value, "san": .value]))
    private static let keys = KeyTree.mapping([
        "certificate": .value, "key": .value, "pki": .value, "crlGraceHours": .value,
        "authorities": .list(
            .mapping([
                "name": .value, "certificates": .list(.value), "intermediates": .list(.value),
                "crls": .either(.value, .list(.value)), "agencies": .list(.value), "roles": .list(.value),
            ])),
        "rules": .list(
            .mapping([
                "authority": .value, "where": .list(.mapping(["subject": .value, "san": .value, "equals": .value])),
                "agency": source, "unit": source, "node": source, "displayName": source, "roles": .list(.value),
            ])),
    ])

    private static func explain(_ error: DecodingError) -> (path: [any CodingKey], words: String) {
        switch error {
        case .keyNotFound(let key, let context): (context.codingPath, "“\(key.stringValue)” is missing")
        case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
            (context.codingPath, context.debugDescription)
        @unknown default: ([], String(describing: error))
        }
    }

    private static func line(of path: [any CodingKey], in node: Node) -> Int? {
        var node = node
        for key in path {
            if let index = key.intValue, let list = node.sequence, index < list.count {
                node = list[index]
            } else if let child = node[key.stringValue] {
                node = child
            }
        }
        return node.mark?.line
    }
}

/// Which keys a part of the file may have.
indirect enum KeyTree: Sendable {
    case value
    case list(KeyTree)
    case mapping([String: KeyTree])
    /// A single value, or the other.
    case either(KeyTree, KeyTree)

    /// Refuses the first unknown key by its line. Shapes that differ otherwise are left to the decoder.
    func check(_ node: Node, path: String, file: String) throws(ConfigurationError) {
        switch self {
        case .value: return
        case .list(let element):
            guard let list = node.sequence else { return }
            for child in list { try element.check(child, path: path, file: file) }
        case .mapping(let known):
            guard let mapping = node.mapping else { return }
            for (key, child) in mapping {
                guard let name = key.string, let tree = known[name] else {
                    throw ConfigurationError(
                        file: file, line: key.mark?.line,
                        sentence: .unknownKey("\(path).\(key.string ?? "?")", known: known.keys.sorted()))
                }
                try tree.check(child, path: "\(path).\(name)", file: file)
            }
        case .either(let value, let other):
            try (node.scalar != nil ? value : other).check(node, path: path, file: file)
        }
    }
}
