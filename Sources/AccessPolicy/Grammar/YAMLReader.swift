import Yams

/// Reads YAML nodes strictly and collects every mistake with its place instead of stopping at the first: whoever writes
/// agreements corrects a file in one go.
struct YAMLReader {
    let file: String
    private(set) var problems: [AgreementsProblem] = []

    init(file: String) { self.file = file }

    var isFull: Bool { problems.count >= AgreementsError.problemsMax }

    mutating func report(_ message: String, at node: Node) {
        guard !isFull else { return }
        let mark = node.mark
        problems.append(AgreementsProblem(file: file, line: mark?.line ?? 0, column: mark?.column ?? 0, message: message))
    }

    /// A mapping whose keys are all among `keys`; every other key is a mistake. nil when it is none.
    mutating func mapping(_ node: Node, _ what: String, keys: [String]) -> [String: Node]? {
        guard let pairs = entries(node, what, entriesMax: keys.count) else { return nil }
        var fields: [String: Node] = [:]
        for (key, name, value) in pairs {
            guard keys.contains(name) else {
                if let warning = Lookalike.warning(of: name) {
                    report("“\(name.shortened)” is not what it looks like: \(warning)", at: key)
                } else {
                    report("unknown word “\(name.shortened)” in \(what); it knows \(keys.joined(separator: ", "))", at: key)
                }
                continue
            }
            fields[name] = value
        }
        return fields
    }

    /// A mapping with free keys, in the file's order.
    mutating func entries(
        _ node: Node, _ what: String, entriesMax: Int = AgreementsLimits.entriesMax
    ) -> [(key: Node, name: String, value: Node)]? {
        guard case .mapping(let mapping) = node else {
            report("\(what) must be a mapping (name: value)", at: node)
            return nil
        }
        var result: [(Node, String, Node)] = []
        for (key, value) in mapping.prefix(entriesMax + 1) {
            guard case .scalar(let name) = key else {
                report("a key in \(what) is not a word", at: key)
                continue
            }
            result.append((key, name.string, value))
        }
        if mapping.count > entriesMax {
            report("\(what) has \(mapping.count) entries; at most \(entriesMax) are accepted", at: node)
        }
        return result
    }

    /// A list, or nothing when it is none or too long.
    mutating func list(_ node: Node, _ what: String, countMax: Int = AgreementsLimits.entriesMax) -> [Node]? {
        guard case .sequence(let sequence) = node else {
            report("\(what) must be a list", at: node)
            return nil
        }
        guard sequence.count <= countMax else {
            report("\(what) has \(sequence.count) entries; at most \(countMax) are accepted", at: node)
            return nil
        }
        return Array(sequence)
    }

    /// A non-empty scalar of at most `bytesMax` bytes without control characters; of a name also without letters that only look like
    /// those of names, and without what nobody sees.
    mutating func text(_ node: Node, _ what: String, bytesMax: Int, isName: Bool = true) -> String? {
        guard case .scalar(let scalar) = node else {
            report("\(what) must be a single value", at: node)
            return nil
        }
        let text = scalar.string
        guard !text.isEmpty, !(scalar.style == .plain && (text == "~" || text == "null")) else {
            report("\(what) is empty", at: node)
            return nil
        }
        guard text.utf8.count <= bytesMax else {
            report("\(what) has \(text.utf8.count) bytes; at most \(bytesMax) are accepted", at: node)
            return nil
        }
        guard text.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7F || $0 == "\n" }) else {
            report("\(what) has a control character", at: node)
            return nil
        }
        if isName, let warning = Lookalike.warning(of: text) {
            report("“\(text.shortened)” is not what it looks like: \(warning)", at: node)
            return nil
        }
        return text
    }

    /// A list of scalars, each once.
    mutating func texts(_ node: Node, _ what: String, bytesMax: Int, areNames: Bool = true) -> [(node: Node, text: String)] {
        var seen: Set<String> = []
        var result: [(Node, String)] = []
        for item in list(node, what) ?? [] {
            guard let text = text(item, "an entry of \(what)", bytesMax: bytesMax, isName: areNames) else { continue }
            guard seen.insert(text).inserted else {
                report("“\(text.shortened)” stands more than once in \(what)", at: item)
                continue
            }
            result.append((item, text))
        }
        return result
    }
}

extension String {
    /// For quoting a stranger's text in a message.
    var shortened: String { count <= 64 ? self : prefix(64) + "…" }
}
