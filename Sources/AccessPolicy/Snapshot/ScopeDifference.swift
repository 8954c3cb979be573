/// What becomes of a reader's records when one decision takes the place of another: which fields it would lose, gain, or see otherwise.
public struct ScopeDifference: Hashable, Sendable {
    /// How a field is seen, the most of it that any of the views shows.
    public enum Sight: Hashable, Sendable, Comparable {
        case hidden
        case masked(FieldGrant.Mask)
        case clear

        private var rank: Int {
            switch self {
            case .hidden: 0
            case .masked: 1
            case .clear: 2
            }
        }

        public static func < (left: Sight, right: Sight) -> Bool { left.rank < right.rank }
    }

    public struct Field: Hashable, Sendable {
        /// As the agreement writes it; `*` for every field that no agreement names.
        public let name: String
        public let before: Sight
        public let after: Sight
    }

    /// Conditions on the rows, where they change: any of these must be met, each by all its fields. Empty for every row.
    public struct Rows: Hashable, Sendable {
        public let before: [[String: [String]]]
        public let after: [[String: [String]]]
    }

    /// Sorted by name, those alone that change.
    public let fields: [Field]
    /// nil where they do not change.
    public let rows: Rows?

    public var isEmpty: Bool { fields.isEmpty && rows == nil }

    public init(from before: RecordScope, to after: RecordScope) {
        let names = before.namedFields.union(after.namedFields)
        fields = (names.sorted() + [Self.others]).compactMap { name in
            let field = Field(name: name, before: before.sight(of: name), after: after.sight(of: name))
            return field.before == field.after ? nil : field
        }
        let (old, new) = (before.conditions, after.conditions)
        rows = Set(old) == Set(new) ? nil : Rows(before: old, after: new)
    }

    static let others = "*"
}

extension RecordScope {
    private var views: [RecordView] {
        switch self {
        case .unrestricted: []
        case .views(let views): views
        }
    }

    fileprivate var namedFields: Set<String> { Set(views.flatMap { ($0.allowed ?? []) + $0.masks.keys }) }

    fileprivate func sight(of field: String) -> ScopeDifference.Sight {
        switch self {
        case .unrestricted: .clear
        case .views(let views): views.map { $0.sight(of: field) }.max() ?? .hidden
        }
    }

    fileprivate var conditions: [[String: [String]]] {
        let conditions = views.map(\.rows)
        return conditions.contains(where: \.isEmpty) ? [] : conditions
    }
}

extension RecordView {
    fileprivate func sight(of field: String) -> ScopeDifference.Sight {
        guard allowed?.contains(field) ?? true else { return .hidden }
        switch masks[field] {
        case .drop: return .hidden
        case let mask?: return .masked(mask)
        case nil: return .clear
        }
    }
}
