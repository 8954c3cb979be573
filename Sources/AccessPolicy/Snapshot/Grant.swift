/// What one rule of one agreement allows, or what it denies, as small as a decision needs it.
struct Grant: Sendable {
    let rights: RightSet
    /// What it allows reading for; empty for anything.
    let purposes: [String]
    /// nil for any, here and below. The agency is the key under which the grant is found.
    let unit: String?
    let node: String?
    let start: PolicyInstant
    let end: PolicyInstant
    /// Index into the snapshot's agreements, and of the rule in that agreement.
    let agreement: Int
    let rule: Int
    let groups: [GroupPattern]
    /// Index into the snapshot's views, which are in the order of the agreements; -1 for a rule that shows every record whole.
    let view: Int32
    /// Index into the snapshot's sources, for what a delegation hands on; -1 for every other rule.
    let source: Int32
    /// Opens only topics that are classified `open` or `internal`.
    let isLimited: Bool

    func concerns(_ identity: NodeIdentity) -> Bool {
        (unit == nil || unit == identity.unit) && (node == nil || node == identity.node)
    }
}

/// Rights as bits.
struct RightSet: OptionSet, Hashable, Sendable {
    let rawValue: UInt8

    init(rawValue: UInt8) { self.rawValue = rawValue }

    init(_ right: Right) {
        switch right {
        case .publish: rawValue = 1
        case .subscribe: rawValue = 2
        case .replay: rawValue = 4
        case .administer: rawValue = 8
        case .erase: rawValue = 16
        case .tombstone: rawValue = 32
        case .describe: rawValue = 64
        }
    }

    init(_ rights: Set<Right>) { self = rights.reduce(into: []) { $0.formUnion(RightSet($1)) } }

    /// For questions that any right answers.
    static let any = RightSet(rawValue: .max)
}

/// Grants by the agency that they concern.
struct GrantTable: Sendable {
    private(set) var byAgency: [String: [Grant]] = [:]
    private(set) var anyAgency: [Grant] = []

    var isEmpty: Bool { byAgency.isEmpty && anyAgency.isEmpty }

    mutating func add(_ grant: Grant, agency: String?) {
        if let agency { byAgency[agency, default: []].append(grant) } else { anyAgency.append(grant) }
    }

    /// Shows each grant that concerns the node.
    @inline(__always)
    func forEach(concerning identity: NodeIdentity, _ body: (Grant) -> Void) {
        for grant in byAgency[identity.agency] ?? [] where grant.concerns(identity) { body(grant) }
        for grant in anyAgency where grant.concerns(identity) { body(grant) }
    }

    /// Shows each grant that concerns every node of a pattern that names an agency.
    func forEach(concerningAll nodes: NodePattern, _ body: (Grant) -> Void) {
        func concerns(_ grant: Grant) -> Bool {
            (grant.unit == nil || grant.unit == nodes.unit) && (grant.node == nil || grant.node == nodes.node)
        }
        for grant in nodes.agency.flatMap({ byAgency[$0] }) ?? [] where concerns(grant) { body(grant) }
        for grant in anyAgency where concerns(grant) { body(grant) }
    }
}
