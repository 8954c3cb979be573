/// Judges a log offset by offset: entry to tree, record to commitment to entry, dense offsets, times that never decrease and fit the
/// witnesses', and what is gone against what allowed it. The tree itself is `TreeAudit`'s, the checkpoint `AuditHead`'s; this puts their
/// findings and its own into one report.
///
/// Pure: the caller reads bundles and records, in order, and says what it may see.
public struct Audit {
    /// What is shown of one offset's record.
    public enum Shown: Sendable {
        /// Its `content` (EVIDENCE.md) and its salt.
        case content([UInt8], salt: [UInt8])
        /// What a rule leaves of it, which the commitment is none to, and its time, ms since 1970; nil where what is shown is none.
        case masked(time: Int64?)
        /// The auditor may not read it.
        case withheld
        case absent
    }

    /// What the audit topic allows to be gone.
    public struct Justification: Hashable, Sendable {
        public enum Kind: Hashable, Sendable {
            /// The content of records, under an order of erasure.
            case erased
            /// The content of records, under a retention policy.
            case expired
            /// Content and entries, after the audit retention.
            case pruned
        }

        public let kind: Kind
        public let offsets: Range<Int64>
        /// The order or policy, as the signed record of the audit topic names it.
        public let reference: String

        public init(_ kind: Kind, _ offsets: Range<Int64>, reference: String) {
            self.kind = kind
            self.offsets = offsets
            self.reference = reference
        }
    }

    public private(set) var report = AuditReport()
    private let times: CosigningTimes
    private let tolerance: CosigningTolerance
    private let justifications: [Justification]
    private var lastAppendTime: Int64?
    private var suspects = AuditSuspects()
    /// Offsets with a bad verdict that they share with others.
    private var judged = OffsetRanges()

    public init(times: CosigningTimes, tolerance: CosigningTolerance, justifications: [Justification] = []) {
        self.times = times
        self.tolerance = tolerance
        self.justifications = justifications
    }

    /// Takes up findings about the log or its tree. The offsets that they name have their verdict then.
    public mutating func add(_ findings: [AuditFinding]) {
        for finding in findings {
            for offsets in judged.remainder(of: finding.offsets) { report.add(AuditFinding(finding.verdict, finding.cause, offsets)) }
            if finding.verdict.isBad { judged.insert(finding.offsets) }
        }
    }

    /// Holds the tree against checkpoints that are trusted: the saved one and the cosigned ones.
    public mutating func check<Tree: AuditedTree>(_ trusted: [Checkpoint], in tree: inout TreeAudit<Tree>) {
        var agreed: Int64 = 0
        var contradicted: Range<Int64>?
        for checkpoint in trusted.sorted(by: { $0.size < $1.size }) where checkpoint.size <= tree.checkpoint.size {
            switch tree.had(checkpoint.root, at: checkpoint.size) {
            case true?:
                if contradicted == nil { agreed = checkpoint.size }
            case false?: contradicted = agreed..<max(checkpoint.size, agreed + 1)
            // What cannot be known is judged with its leaves.
            case nil: break
            }
        }
        add(tree.takeFindings())
        if let contradicted { add([AuditFinding(.altered, .otherHistory(checkpointSize: contradicted.upperBound), contradicted)]) }
    }

    /// Judges the offsets of a bundle. Bundles come in order.
    /// - Parameters:
    ///   - entries: each entry's bytes, as many as are shown of them.
    ///   - offsets: those that are judged; nil for all of the bundle.
    ///   - record: what is shown of an offset's record; asked once each.
    public mutating func judge<Tree: AuditedTree>(
        _ bundle: Tile, only offsets: Range<Int64>? = nil, entries: [ArraySlice<UInt8>], in tree: inout TreeAudit<Tree>,
        record: (Int64) -> Shown
    ) {
        let leaves = tree.leaves(bundle)
        add(tree.takeFindings())
        for (place, offset) in bundle.range.enumerated() where offsets?.contains(offset) ?? true {
            let entry = place < entries.count ? entries[place] : nil
            let (verdict, cause) = verdict(offset, entry.map(Array.init), leaves?[place], record(offset))
            guard let verdict, !judged.contains(offset) else { continue }
            report.add(AuditFinding(verdict, cause, offset..<offset + 1))
        }
    }

    /// Takes up a bundle as verified, content and all, where nothing can be said against any of it: the leaves, which were made of its
    /// records, lead to the signed root. This costs far less than `judge`, which is for what does not pass.
    /// - Parameters:
    ///   - entries: made of the records, one behind the other.
    ///   - leaves: these entries' hashes.
    /// - Returns: false where it does not pass: nothing was judged then.
    public mutating func passes<Tree: AuditedTree>(
        _ bundle: Tile, entries: [UInt8], leaves: [TreeHash], in tree: inout TreeAudit<Tree>
    ) -> Bool {
        guard entries.count == bundle.width * Entry.sizeBytes, tree.holds(leaves, of: bundle) else { return false }
        let lastTime = entries.withUnsafeBytes { bytes -> Int64? in
            var last = lastAppendTime ?? .min
            for (place, offset) in bundle.range.enumerated() {
                let time = Entry.appendTime(of: bytes, at: place)
                guard time >= last, tolerance.objection(toAppendTime: time, at: offset, times) == nil else { return nil }
                last = time
            }
            return last
        }
        guard let lastTime else { return false }
        lastAppendTime = lastTime
        add(tree.takeFindings())
        for offsets in judged.remainder(of: bundle.range) { report.add(AuditFinding(.verified, .contentChecked, offsets)) }
        return true
    }

    /// The report, with what could only be told at the end: which of the records that do not fit stand elsewhere.
    public mutating func finish() -> AuditReport {
        settle()
        return report
    }

    /// - Returns: no verdict for a record that is kept back as a suspect.
    private mutating func verdict(
        _ offset: Int64, _ bytes: [UInt8]?, _ leaf: TreeHash?, _ record: Shown
    ) -> (AuditVerdict?, AuditCause) {
        guard let bytes else {
            if let reference = justification(.pruned, offset) { return (.expired, .justified(by: reference)) }
            return (.missing, .entryAbsent)
        }
        guard let leaf else { return (.altered, .notInTree) }
        let entry = try? Entry(bytes)
        let isInTree = TreeHashing.leaf(of: bytes) == leaf
        guard let entry else { return (.altered, isInTree ? .entryMalformed : .entryChanged) }
        // An entry that is whole and names another offset was moved.
        guard entry.facts.offset == offset else { return (.reordered, .otherOffset(entry.facts.offset)) }
        guard isInTree else {
            // Entries made anew of frames that changed places name their new place: only the record itself can tell.
            guard case .content(let content, let salt) = record else { return (.altered, .entryChanged) }
            return suspect(AuditSuspects.Suspect(facts: entry.facts, leaf: leaf, commitment: nil, content: content, salt: salt), .entryChanged)
        }
        if let objection = timeObjection(entry, offset) { return (.backdated, objection) }
        return self.verdict(offset, entry, leaf, record)
    }

    private mutating func timeObjection(_ entry: Entry, _ offset: Int64) -> AuditCause? {
        let time = entry.facts.appendTime
        if let lastAppendTime, time < lastAppendTime { return .timeDecreasing }
        lastAppendTime = time
        return tolerance.objection(toAppendTime: time, at: offset, times)
    }

    private mutating func verdict(_ offset: Int64, _ entry: Entry, _ leaf: TreeHash, _ record: Shown) -> (AuditVerdict?, AuditCause) {
        switch record {
        case .withheld: return (.verified, .entryChecked)
        case .masked(let time):
            let isOfEntry = time == entry.facts.createTime || time == entry.facts.appendTime
            return isOfEntry ? (.verified, .contentMasked) : (.altered, .otherTime)
        case .absent:
            if let reference = justification(.erased, offset) { return (.erased, .justified(by: reference)) }
            if let reference = justification(.expired, offset) ?? justification(.pruned, offset) {
                return (.expired, .justified(by: reference))
            }
            return (.missing, .recordAbsent)
        case .content(let content, let salt):
            let isRight =
                salt.count == Commitment.saltBytes && Commitment.of(content: content, salt: salt) == entry.commitment
                && (entry.facts.contentLength == Entry.hiddenLength || Int(entry.facts.contentLength) == content.count)
            if isRight { return (.verified, .contentChecked) }
            return suspect(
                AuditSuspects.Suspect(facts: entry.facts, leaf: leaf, commitment: entry.commitment, content: content, salt: salt),
                .contentChanged)
        }
    }

    private mutating func suspect(_ suspect: AuditSuspects.Suspect, _ cause: AuditCause) -> (AuditVerdict?, AuditCause) {
        suspects.keep(suspect) ? (nil, cause) : (.altered, cause)
    }

    private func justification(_ kind: Justification.Kind, _ offset: Int64) -> String? {
        justifications.first { $0.kind == kind && $0.offsets.contains(offset) }?.reference
    }

    private mutating func settle() {
        for (suspect, place) in suspects.settled() where !judged.contains(suspect.facts.offset) {
            let offset = suspect.facts.offset
            let finding =
                place.map { AuditFinding(.reordered, .otherOffset($0), offset..<offset + 1) }
                ?? AuditFinding(.altered, suspect.commitment == nil ? .entryChanged : .contentChanged, offset..<offset + 1)
            report.add(finding)
        }
    }
}
