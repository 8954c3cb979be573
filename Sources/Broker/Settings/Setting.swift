/// One row of a table of settings: a name that operators know, the typed field behind it, and what values it takes.
///
/// Parsing, printing, validation and DescribeConfigs all read the same row, so that they cannot disagree.
public struct Setting<Root: Sendable>: Sendable {
    public typealias Field<Value> = any WritableKeyPath<Root, Value> & Sendable

    public enum Kind: Sendable {
        case integer(Field<Int>, ClosedRange<Int>)
        case boolean(Field<Bool>)
        /// One of these words.
        case choice(Field<String>, [String])
        /// Any text up to this many UTF-8 bytes.
        case text(Field<String>, bytesMax: Int)
    }

    public let name: String
    public let kind: Kind
    /// A sentence for DescribeConfigs and the README.
    public let meaning: String

    public func text(in root: Root) -> String {
        switch kind {
        case .integer(let field, _): String(root[keyPath: field])
        case .boolean(let field): String(root[keyPath: field])
        case .choice(let field, _), .text(let field, _): root[keyPath: field]
        }
    }

    /// - Throws: a sentence that names the setting, the value and what would have been accepted.
    public func set(_ text: String, in root: inout Root) throws(SettingError) {
        switch kind {
        case .integer(let field, let range):
            guard let number = Int(text), range.contains(number) else {
                throw refusal(of: text, "a whole number from \(range.lowerBound) to \(range.upperBound)")
            }
            root[keyPath: field] = number
        case .boolean(let field):
            switch text.lowercased() {
            case "true": root[keyPath: field] = true
            case "false": root[keyPath: field] = false
            default: throw refusal(of: text, "true or false")
            }
        case .choice(let field, let words):
            guard words.contains(text) else { throw refusal(of: text, words.joined(separator: " or ")) }
            root[keyPath: field] = text
        case .text(let field, let bytesMax):
            guard text.utf8.count <= bytesMax else { throw refusal(of: text, "a text of at most \(bytesMax) bytes") }
            root[keyPath: field] = text
        }
    }

    private func refusal(of text: String, _ accepted: String) -> SettingError {
        // A value may be megabytes of anything: the sentence quotes its beginning.
        SettingError("\(name): “\(text.prefix(64))” is not \(accepted)")
    }
}

/// A table of settings.
public struct SettingTable<Root: Sendable>: Sendable {
    public let rows: [Setting<Root>]
    private let byName: [String: Int]

    init(_ rows: [Setting<Root>]) {
        self.rows = rows
        byName = Dictionary(uniqueKeysWithValues: rows.enumerated().map { ($1.name, $0) })
    }

    public subscript(name: String) -> Setting<Root>? {
        byName[name].map { rows[$0] }
    }

    /// Sets every named value, in the order of the names so that the first complaint is always the same one.
    func apply(_ values: [String: String], to root: inout Root, of kind: String) throws(SettingError) {
        for (name, text) in values.sorted(by: { $0.key < $1.key }) {
            guard let setting = self[name] else {
                throw SettingError("\(name.prefix(128)) is not a setting of \(kind) that Hanbridge knows")
            }
            try setting.set(text, in: &root)
        }
    }
}

/// Why a value was not accepted, in one sentence that names the setting.
public struct SettingError: Error, Hashable, Sendable, CustomStringConvertible {
    public let description: String
    public init(_ sentence: String) { description = sentence }
}

extension Setting {
    static func integer(
        _ name: String, _ field: Field<Int>, _ range: ClosedRange<Int>, _ meaning: String
    ) -> Setting {
        Setting(name: name, kind: .integer(field, range), meaning: meaning)
    }

    static func boolean(_ name: String, _ field: Field<Bool>, _ meaning: String) -> Setting {
        Setting(name: name, kind: .boolean(field), meaning: meaning)
    }

    static func choice(
        _ name: String, _ field: Field<String>, _ words: [String], _ meaning: String
    ) -> Setting {
        Setting(name: name, kind: .choice(field, words), meaning: meaning)
    }

    static func text(
        _ name: String, _ field: Field<String>, bytesMax: Int, _ meaning: String
    ) -> Setting {
        Setting(name: name, kind: .text(field, bytesMax: bytesMax), meaning: meaning)
    }
}
