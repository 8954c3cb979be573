/// What an auditor is told of an offset (EVIDENCE.md, "What the auditor is told").
public enum AuditVerdict: String, Hashable, Sendable, CaseIterable {
    case verified = "VERIFIED"
    /// The content is gone under an order; its entry is in the tree.
    case erased = "ERASED"
    /// The content, or the entry too, is gone under a retention policy.
    case expired = "EXPIRED"
    case altered = "ALTERED"
    case missing = "MISSING"
    case reordered = "REORDERED"
    case backdated = "BACKDATED"

    /// Whether it makes the audit fail.
    public var isBad: Bool {
        switch self {
        case .verified, .erased, .expired: false
        case .altered, .missing, .reordered, .backdated: true
        }
    }
}

/// Why a verdict was given.
public enum AuditCause: Hashable, Sendable {
    /// Entry and content were checked.
    case contentChecked
    /// The entry was checked; the auditor may not read the content.
    case entryChecked
    /// The entry was checked; the content is shown masked, and no entry proves that.
    case contentMasked
    /// The signed record of the audit topic that allows it.
    case justified(by: String)

    // Of the log as a whole.
    case otherLog
    case logUnsigned
    case logSignatureForged
    case cosignatureForged
    case quorumMissing
    case shorterThanBefore
    /// Witnesses cosigned a checkpoint of this size: an older state is shown, or one that was restored.
    case behindWitnesses(checkpointSize: Int64)
    /// It does not continue a checkpoint of this size that is trusted: the one of the last audit, or a cosigned one.
    case otherHistory(checkpointSize: Int64)

    // Of a part of the tree.
    /// The stored hashes do not lead to the signed root, and neither do the entries.
    case notInTree
    /// A stored hash of this tile level is not the one of the entries, which are right.
    case storedHash(level: Int)

    // Of an offset.
    case entryAbsent
    case entryMalformed
    /// The entry is not the one that was hashed into the tree.
    case entryChanged
    /// Entry or record stand for another offset than the one at which they are.
    case otherOffset(Int64)
    case recordAbsent
    case contentChanged
    /// What is shown is no record of the entry's time.
    case otherTime
    case timeDecreasing
    /// Its append time lies before what witnesses had cosigned without it.
    case beforeWitnesses
    /// Its append time lies behind what witnesses cosigned with it.
    case afterWitnesses
}

/// A verdict for a range of offsets.
public struct AuditFinding: Hashable, Sendable {
    public let verdict: AuditVerdict
    public let cause: AuditCause
    public var offsets: Range<Int64>

    public init(_ verdict: AuditVerdict, _ cause: AuditCause, _ offsets: Range<Int64>) {
        self.verdict = verdict
        self.cause = cause
        self.offsets = offsets
    }
}

/// Findings as ranges in the order of their making: neighbours that say the same become one.
public struct AuditReport: Hashable, Sendable {
    public private(set) var findings: [AuditFinding] = []
    /// Offsets a verdict. Findings of the log as a whole count their offsets again.
    public private(set) var counts: [AuditVerdict: Int64] = [:]
    /// Findings beyond `TransparencyLimits.auditFindingsMax`.
    public private(set) var findingsLeftOut = 0

    public init() {}

    public var hasFailed: Bool { counts.contains { $0.key.isBad && $0.value > 0 } }

    public mutating func add(_ finding: AuditFinding) {
        guard !finding.offsets.isEmpty else { return }
        counts[finding.verdict, default: 0] += finding.offsets.upperBound - finding.offsets.lowerBound
        if let last = findings.last, last.verdict == finding.verdict, last.cause == finding.cause,
            last.offsets.upperBound == finding.offsets.lowerBound
        {
            findings[findings.count - 1].offsets = last.offsets.lowerBound..<finding.offsets.upperBound
        } else if findings.count < TransparencyLimits.auditFindingsMax {
            findings.append(finding)
        } else {
            findingsLeftOut += 1
        }
    }
}
