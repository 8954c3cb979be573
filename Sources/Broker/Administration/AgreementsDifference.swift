import AccessPolicy

/// What a new set of agreements changes of the one in force.
struct AgreementsDifference {
    let added: [Agreement]
    /// Before and after.
    let changed: [(from: Agreement, to: Agreement)]
    let removed: [Agreement]

    init(from current: [Agreement], to next: [Agreement]) {
        let before = Dictionary(current.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        let after = Set(next.map(\.id))
        added = next.filter { before[$0.id] == nil }
        changed = next.compactMap { agreement in
            before[agreement.id].flatMap { $0 == agreement ? nil : ($0, agreement) }
        }
        removed = current.filter { !after.contains($0.id) }
    }

    /// Every agreement that somebody has to be entitled to change, as it was and as it becomes.
    var touched: [Agreement] { added + changed.flatMap { [$0.from, $0.to] } + removed }

    /// For the audit.
    var details: [String: String] {
        var details: [String: String] = [:]
        func tell(_ key: String, _ ids: [String]) {
            if !ids.isEmpty { details[key] = "\(ids.count): " + ids.joined(separator: " ") }
        }
        tell("added", added.map(\.id))
        tell("changed", changed.map(\.to.id))
        tell("removed", removed.map(\.id))
        return details
    }
}
