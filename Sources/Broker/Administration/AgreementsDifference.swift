import AccessPolicy

/// What a new set of agreements changes of the one in force.
struct AgreementsDifference {
    let added: [Agreement]
    /// Before and after.
    let changed: [(from: Agreement, to: Agreement)]
    let removed: [Agreement]
    /// Themselves the same, with other signatures.
    let resigned: [Agreement]

    /// - Parameter isResigned: whether the signatures of the agreement with this id differ.
    init(from current: [Agreement], to next: [Agreement], resigned isResigned: (String) -> Bool = { _ in false }) {
        let before = Dictionary(current.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        let after = Set(next.map(\.id))
        added = next.filter { before[$0.id] == nil }
        changed = next.compactMap { agreement in
            before[agreement.id].flatMap { $0 == agreement ? nil : ($0, agreement) }
        }
        removed = current.filter { !after.contains($0.id) }
        resigned = next.filter { before[$0.id] == $0 && isResigned($0.id) }
    }

    /// Every agreement that somebody has to be entitled to change, as it was and as it becomes.
    var touched: [Agreement] { added + changed.flatMap { [$0.from, $0.to] } + removed + resigned }

    /// For the audit.
    var details: [String: String] {
        var details: [String: String] = [:]
        func tell(_ key: String, _ ids: [String]) {
            if !ids.isEmpty { details[key] = "\(ids.count): " + ids.joined(separator: " ") }
        }
        tell("added", added.map(\.id))
        tell("changed", changed.map(\.to.id))
        tell("removed", removed.map(\.id))
        tell("signatures", resigned.map(\.id))
        tell("handedOn", (added + changed.map(\.to)).compactMap { agreement in agreement.delegates.map { "\(agreement.id)/\($0)" } })
        return details
    }
}
