public import AccessPolicy
public import MessageSchema

// What an agreement says of fields is about the value, except paths that begin with `$key`:
//
// | in the agreement | a restricted subscriber gets for a key |
// |---|---|
// | nothing | no key |
// | `allow: [$key]` | the key as it was published |
// | `mask: {$key: hash}` | 32 hexadecimal digits that stand for it, the same for the same key within the agreement |
// | `allow: [$key.ward]`, `mask: {$key.name: last4}` … | the key by its own schema, projected like a value |

/// What a view shows of a record's key.
public enum KeyRule: Hashable, Sendable {
    case asPublished
    /// The record has none then.
    case nothing
    case hash
    /// By the schema of the key's subject.
    case fields(FieldRules)
    /// The rule cannot be kept: what comes under it is withheld.
    case impossible(String)
}

extension AccessPolicy.RecordView {
    private static let key = "$key"

    /// Every field of a shown record is shown: records come as they were published, keys and headers too.
    var showsWholeRecords: Bool { allowed == nil && masks.isEmpty }

    /// What it says of the value.
    public var valueRules: FieldRules {
        FieldRules(
            allow: allowed.map { $0.filter { !Self.isOfKey($0) } },
            masks: Dictionary(uniqueKeysWithValues: masks.compactMap { path, mask in Self.isOfKey(path) ? nil : (path, FieldRules.Mask(mask)) }),
            conditions: rows)
    }

    public var keyRule: KeyRule {
        guard !showsWholeRecords else { return .asPublished }
        let allow = (allowed ?? []).filter(Self.isOfKey)
        let masked = masks.filter { Self.isOfKey($0.key) }
        let fields = FieldRules(
            // A mask on a part of the key shows that part: the others come only where they are named.
            allow: (allow.isEmpty ? masked.keys.sorted() : allow).map(Self.inKey),
            masks: Dictionary(uniqueKeysWithValues: masked.map { (Self.inKey($0.key), FieldRules.Mask($0.value)) }))
        if let mask = masked[Self.key] {
            guard masked.count == 1, !allow.contains(where: { $0 != Self.key }) else {
                return .impossible("the key is masked as a whole, and in parts")
            }
            return switch mask {
            case .hash: .hash
            case .drop, .redact: .nothing
            case .last4, .year: .impossible("a whole key can be hashed or dropped")
            }
        }
        if allow.isEmpty, masked.isEmpty { return .nothing }
        return allow.contains(Self.key) && masked.isEmpty ? .asPublished : .fields(allow.contains(Self.key) ? fields.allowingAll : fields)
    }

    private static func isOfKey(_ path: String) -> Bool { path == key || path.hasPrefix("\(key).") || path.hasPrefix("\(key)/") }

    /// `$key.ward` → `ward`, `$key/ward` → `/ward`.
    private static func inKey(_ path: String) -> String {
        let rest = path.dropFirst(key.count)
        return String(rest.first == "." ? rest.dropFirst() : rest)
    }

    /// The schema ids do not matter to what is told of masks.
    var auditWord: String { "agreement:\(citation)" }
}

extension FieldRules {
    fileprivate var allowingAll: FieldRules { FieldRules(allow: nil, masks: masks, conditions: conditions) }
}

extension FieldRules.Mask {
    init(_ mask: FieldGrant.Mask) {
        self =
            switch mask {
            case .drop: .drop
            case .redact: .redact
            case .hash: .hash
            case .last4: .last4
            case .year: .year
            }
    }
}
