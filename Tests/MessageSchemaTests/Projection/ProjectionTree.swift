@testable import MessageSchema

/// A value without its format: what an independent reader of the rules works on.
indirect enum ProjectionTree: Equatable {
    case null
    case flag(Bool)
    /// Texts, and numbers by their digits: Protobuf's JSON writes large ones as texts.
    case text(String)
    case list([ProjectionTree])
    case object([String: ProjectionTree])

    init(json: [UInt8]) throws {
        let document = try JSONDocument(parsing: json)
        var item = 0
        self = Self.read(document, &item)
    }

    /// Reads the value at `item` and moves behind it.
    private static func read(_ document: JSONDocument, _ item: inout Int) -> ProjectionTree {
        let value = document.items[item]
        let text = document.string(item)
        item += 1
        switch value.kind {
        case .null: return .null
        case .yes: return .flag(true)
        case .no: return .flag(false)
        case .number, .string: return .text(text)
        case .array: return .list((0..<value.count).map { _ in read(document, &item) })
        case .object:
            var members: [String: ProjectionTree] = [:]
            for _ in 0..<value.count {
                let key = document.string(item)
                item += 1
                members[key] = read(document, &item)
            }
            return .object(members)
        }
    }

    /// Without what some formats leave out: null, false, zero, and what holds nothing.
    var trimmed: ProjectionTree {
        switch self {
        case .null, .flag, .text: return self
        case .list(let elements): return .list(elements.map(\.trimmed))
        case .object(let members):
            return .object(members.mapValues(\.trimmed).filter { ![.null, .flag(false), .text("0"), .text(""), .list([]), .object([:])].contains($0.value) })
        }
    }
}

/// The kinds of values that the random schemas have, each with a form in every format.
indirect enum ProjectionShape {
    case text, date, integer, flag
    case list(ProjectionShape)
    case table(ProjectionShape)
    case record([(name: String, shape: ProjectionShape, isRequired: Bool)])
}

/// What a subscriber may see, read off the rules in the plainest way: paths are texts, looked up whole. It knows nothing of schemas' languages
/// or of bytes.
struct NaiveProjection {
    let rules: FieldRules
    let key: HashKey

    func isRow(_ tree: ProjectionTree) -> Bool {
        rules.conditions.allSatisfy { path, values in
            var place = tree
            for name in path.split(separator: ".") {
                guard case .object(let members) = place, let member = members[String(name)] else { return false }
                place = member
            }
            switch place {
            case .text(let text): return values.contains(text)
            case .flag(let flag): return values.contains(flag ? "true" : "false")
            case .null, .list, .object: return false
            }
        }
    }

    /// - Returns: nil where nothing of it is shown.
    func shown(_ tree: ProjectionTree, _ shape: ProjectionShape, at path: String = "") -> ProjectionTree? {
        if rules.masks[path] == .drop { return nil }
        if !path.isEmpty, !isShown(path), !showsSome(below: path) { return nil }
        switch (tree, shape) {
        case (.null, _): return .null
        case (.list(let elements), .list(let inner)): return .list(elements.compactMap { shown($0, inner, at: path) })
        case (.object(let members), .table(let inner)): return .object(members.compactMapValues { shown($0, inner, at: path + ".*") })
        case (.object(let members), .record(let fields)):
            var result: [String: ProjectionTree] = [:]
            for field in fields {
                guard let member = members[field.name] else { continue }
                result[field.name] = shown(member, field.shape, at: path.isEmpty ? field.name : path + "." + field.name)
            }
            return .object(result)
        default: return rules.masks[path].map { masked(tree, shape, $0) } ?? tree
        }
    }

    private func isShown(_ path: String) -> Bool {
        guard let allow = rules.allow else { return true }
        return allow.contains { $0 == path || path.hasPrefix($0 + ".") }
    }

    private func showsSome(below path: String) -> Bool { rules.allow?.contains { $0.hasPrefix(path + ".") } ?? true }

    private func masked(_ tree: ProjectionTree, _ shape: ProjectionShape, _ mask: FieldRules.Mask) -> ProjectionTree {
        guard case .text(let text) = tree else { return .flag(false) }
        switch mask {
        case .drop: return .null
        case .redact: if case .integer = shape { return .text("0") } else { return .text("***") }
        case .hash:
            let code = Array(text.utf8).withUnsafeBytes { key.code(of: $0) }
            if case .integer = shape { return .text("\(code.integer53)") }
            return .text(code.withBytes { $0.prefix(16).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() })
        case .last4: return .text(text.unicodeScalars.count < 8 ? "****" : "****" + String(String.UnicodeScalarView(text.unicodeScalars.suffix(4))))
        case .year: return .text(String(text.prefix(4)) + "-01-01")
        }
    }
}
