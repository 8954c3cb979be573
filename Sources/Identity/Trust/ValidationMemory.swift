/// Certificates that were validated under one snapshot of trust, by fingerprint, with the times that bound the finding.
///
/// Bounded by two generations: when the young one is full it becomes the old one, and what was not asked for since is
/// forgotten. No entry is ever more than a re-validation away, so forgetting costs time and decides nothing.
struct ValidationMemory {
    struct Finding {
        let node: AuthenticatedNode
        /// Seconds since 1970: the path holds in `[notBefore, notAfter)`.
        let notBefore: Int64
        let notAfter: Int64
        /// Seconds since 1970; `Int64.max` where revocation is not checked.
        let listNextUpdate: Int64
    }

    private var young: [[UInt8]: Finding] = [:]
    private var old: [[UInt8]: Finding] = [:]
    private let generationMax: Int

    init(max: Int) { generationMax = Swift.max(1, max / 2) }

    var count: Int { young.count + old.count }

    mutating func find(_ fingerprint: [UInt8]) -> Finding? {
        if let finding = young[fingerprint] { return finding }
        guard let finding = old.removeValue(forKey: fingerprint) else { return nil }
        insert(finding, for: fingerprint)
        return finding
    }

    mutating func insert(_ finding: Finding, for fingerprint: [UInt8]) {
        if young.count >= generationMax {
            old = young
            young = [:]
        }
        young[fingerprint] = finding
    }
}
