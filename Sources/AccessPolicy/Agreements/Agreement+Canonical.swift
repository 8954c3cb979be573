// What stewards sign: the meaning of an agreement as JSON in the one form of RFC 8785, so that spaces, comments, quotes, the order of
// words and the file that it stands in change nothing, and every change of meaning changes the bytes.

extension Agreement {
    /// Members in the order of their UTF-16 code units, no space, every string as ECMAScript writes it. Terms are instants in ms, so
    /// that the time zone in which a date was written does not matter; sets of rights are sorted, parties keep their order.
    public var canonicalJSON: String {
        var members: [String: CanonicalJSON] = [
            "id": .string(id), "topic": .string("\(topic)"), delegates == nil ? "owner" : "agency": .string(owner),
            "parties": .array(parties.map(\.canonical)),
        ]
        if let delegates { members["delegates"] = .string(delegates) }
        if let legalBasis { members["legalBasis"] = .string(legalBasis) }
        if term.start != .min { members["from"] = .integer(term.start) }
        if term.end != .max { members["until"] = .integer(term.end) }
        if !signedBy.isEmpty { members["signedBy"] = .array(signedBy.map(CanonicalJSON.string)) }
        return CanonicalJSON.object(members).text
    }
}

extension PartyRule {
    fileprivate var canonical: CanonicalJSON {
        func strings(_ values: some Sequence<String>) -> CanonicalJSON { .array(values.map(CanonicalJSON.string)) }
        var members: [String: CanonicalJSON] = ["node": .string("\(node)")]
        if !may.isEmpty { members["may"] = strings(may.sorted().map(\.rawValue)) }
        if !deny.isEmpty { members["deny"] = strings(deny.sorted().map(\.rawValue)) }
        if !purposes.isEmpty { members["purpose"] = strings(purposes.sorted()) }
        if !groups.isEmpty { members["groups"] = strings(groups.map(\.description).sorted()) }
        if !rows.isEmpty { members["where"] = .object(rows.mapValues { strings($0.sorted()) }) }
        if isDelegable { members["delegate"] = .bool(true) }
        if let fields {
            var parts: [String: CanonicalJSON] = ["mask": .object(fields.mask.mapValues { .string($0.rawValue) })]
            if let allow = fields.allow { parts["allow"] = strings(allow.sorted()) }
            members["fields"] = .object(parts)
        }
        return .object(members)
    }
}

/// JSON in the form of RFC 8785 (JCS), as far as agreements need it: no fractions.
enum CanonicalJSON {
    case string(String)
    /// Between -2^53 and 2^53, where every reader agrees on the number (RFC 8785, 3.2.2.3).
    case integer(Int64)
    case bool(Bool)
    case array([CanonicalJSON])
    case object([String: CanonicalJSON])

    var text: String {
        switch self {
        case .string(let value): return Self.quoted(value)
        case .integer(let value): return String(value)
        case .bool(let value): return String(value)
        case .array(let values): return "[" + values.map(\.text).joined(separator: ",") + "]"
        case .object(let members):
            // RFC 8785, 3.2.3: by UTF-16 code units, in which a character beyond the basic plane comes before U+E000.
            let sorted = members.sorted { $0.key.utf16.lexicographicallyPrecedes($1.key.utf16) }
            return "{" + sorted.map { "\(Self.quoted($0.key)):\($0.value.text)" }.joined(separator: ",") + "}"
        }
    }

    /// RFC 8785, 3.2.2.2: only what must be escaped, in its shortest form, hexadecimal in lower case. No normalisation.
    private static func quoted(_ value: String) -> String {
        var text = "\""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\u{8}": text += "\\b"
            case "\u{9}": text += "\\t"
            case "\u{A}": text += "\\n"
            case "\u{C}": text += "\\f"
            case "\u{D}": text += "\\r"
            case let control where control.value < 0x20:
                let digits = String(control.value, radix: 16)
                text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text + "\""
    }
}
