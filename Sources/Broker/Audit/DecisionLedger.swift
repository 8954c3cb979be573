import AccessPolicy
import Storage

/// Turns decisions into audit entries so that a flood of them neither fills the disk nor hides the first of each kind: refusals in one
/// ledger, what was allowed in another, sign-ins in a third, so that none crowds out the others.
///
/// The first of a subject (node, action, resource, purpose, reason) becomes an entry at once; the same again within its window is
/// counted and becomes one more entry when the window is over. A node has a budget of entries that refills once a second;
/// what it asks beyond that is counted, and the count becomes an entry each minute. All tables are bounded; what does not fit is
/// counted too. Pure: the time comes with each call.
struct DecisionLedger {
    struct Subject: Hashable {
        let node: String
        let certificate: Digest256?
        let action: String
        let resource: String
        /// What refused it, or what allowed it.
        let reason: String
        var purpose: AgreedPurpose?
    }

    /// How much is written down of one kind of decision.
    struct Terms {
        let kind: AuditEntry.Kind
        let windowMilliseconds: Int64
        /// Entries that a node may cause at once, and a second from then on.
        let budgetBurst: Int
        let budgetPerSecond: Int
        /// Of the entry that counts the others.
        let suppressed: String

        static let refusals = Terms(
            kind: .refusal, windowMilliseconds: 1_000, budgetBurst: 50, budgetPerSecond: 1,
            suppressed: "more refusals than are written down one by one")
        /// A node reads hundreds of topics when it starts, and the same ones again whenever it connects.
        static let accesses = Terms(
            kind: .access, windowMilliseconds: 60_000, budgetBurst: 1_000, budgetPerSecond: 10,
            suppressed: "more accesses than are written down one by one")

        /// A client that connects anew for each request is one entry a minute.
        static let signIns = Terms(
            kind: .signIn, windowMilliseconds: 60_000, budgetBurst: 1_000, budgetPerSecond: 10,
            suppressed: "more sign-ins than are written down one by one")
    }

    static let suppressedMilliseconds: Int64 = 60_000
    private static let sweepMilliseconds: Int64 = 1_000
    /// Subjects whose window is open.
    static let windowsMax = 2_000
    /// Entries that wait for the disk.
    static let waitingMax = 4_000
    /// Nodes with a budget of their own; those beyond share one.
    static let nodesMax = 10_000

    private let terms: Terms

    init(_ terms: Terms = .refusals) { self.terms = terms }

    private struct Window {
        let opened: Int64
        var repeats = 0
        var lastPolicyVersion: Int64?
        let address: String
    }

    private struct Budget {
        var entries: Int
        var refilled: Int64
        var suppressed = 0
        var suppressedSince: Int64 = 0
    }

    private var windows: [Subject: Window] = [:]
    private var budgets: [String: Budget] = [:]
    private(set) var waiting: [AuditEntry] = []
    /// Decisions that not even their count by node could be kept of.
    private var dropped = 0
    /// When windows and counts were last looked through: once a second is enough.
    private var swept = Int64.min

    /// Whether time alone will make entries.
    var hasOpenCounts: Bool { !windows.isEmpty || dropped > 0 || budgets.contains { $0.value.suppressed > 0 } }

    mutating func decided(_ subject: Subject, policyVersion: Int64?, address: String, at now: Int64) {
        if windows[subject] != nil, closeIfOver(subject, at: now) == false {
            windows[subject]?.repeats += 1
            windows[subject]?.lastPolicyVersion = policyVersion
            return
        }
        guard windows.count < Self.windowsMax, spend(node: subject.node, at: now) else {
            suppress(node: subject.node, at: now)
            return
        }
        windows[subject] = Window(opened: now, lastPolicyVersion: policyVersion, address: address)
        write(entry(subject, policyVersion: policyVersion, address: address, count: 1, at: now))
    }

    /// Closes what is over, and gives the entries that wait.
    mutating func take(atMost count: Int, at now: Int64) -> [AuditEntry] {
        if now < swept || swept == .min || now - swept >= Self.sweepMilliseconds {
            swept = now
            for subject in Array(windows.keys) { closeIfOver(subject, at: now) }
            reportSuppressed(at: now)
        }
        let taken = Array(waiting.prefix(count))
        waiting.removeFirst(taken.count)
        return taken
    }

    /// Puts back what could not be written, in front of what has come since.
    mutating func putBack(_ entries: [AuditEntry]) {
        waiting.insert(contentsOf: entries, at: 0)
        let surplus = waiting.count - Self.waitingMax
        guard surplus > 0 else { return }
        dropped += waiting.suffix(surplus).reduce(0) { $0 + $1.count }
        waiting.removeLast(surplus)
    }

    /// - Returns: false while the subject's window is open, nil when it has none.
    @discardableResult
    private mutating func closeIfOver(_ subject: Subject, at now: Int64) -> Bool? {
        guard let window = windows[subject] else { return nil }
        // A clock that stepped back ends the window too.
        guard now - window.opened >= terms.windowMilliseconds || now < window.opened else { return false }
        windows[subject] = nil
        if window.repeats > 0 {
            write(
                entry(
                    subject, policyVersion: window.lastPolicyVersion, address: window.address, count: window.repeats, since: window.opened, at: now))
        }
        return true
    }

    private func entry(
        _ subject: Subject, policyVersion: Int64?, address: String, count: Int, since: Int64? = nil, at now: Int64
    ) -> AuditEntry {
        AuditEntry(
            kind: terms.kind, time: now, node: subject.node, certificate: subject.certificate, address: address,
            action: subject.action, resource: subject.resource, reason: subject.reason, purpose: subject.purpose,
            policyVersion: policyVersion, count: count, since: since)
    }

    private mutating func write(_ entry: AuditEntry) {
        if waiting.count < Self.waitingMax { waiting.append(entry) } else { dropped += entry.count }
    }

    private static let others = "*"

    private func budgetKey(_ node: String) -> String {
        budgets[node] != nil || budgets.count < Self.nodesMax ? node : Self.others
    }

    private mutating func spend(node: String, at now: Int64) -> Bool {
        let key = budgetKey(node)
        var budget = budgets[key] ?? Budget(entries: terms.budgetBurst, refilled: now)
        let seconds = max(0, now - budget.refilled) / 1_000
        if seconds > 0 || now < budget.refilled {
            budget.entries = min(terms.budgetBurst, budget.entries + Int(min(seconds, Int64(terms.budgetBurst))) * terms.budgetPerSecond)
            budget.refilled = now
        }
        let mayWrite = budget.entries > 0
        if mayWrite { budget.entries -= 1 }
        budgets[key] = budget
        return mayWrite
    }

    private mutating func suppress(node: String, at now: Int64) {
        let key = budgetKey(node)
        var budget = budgets[key] ?? Budget(entries: terms.budgetBurst, refilled: now)
        if budget.suppressed == 0 { budget.suppressedSince = now }
        budget.suppressed += 1
        budgets[key] = budget
    }

    private mutating func reportSuppressed(at now: Int64) {
        for (node, budget) in budgets {
            let isDue = now - budget.suppressedSince >= Self.suppressedMilliseconds || now < budget.suppressedSince
            if budget.suppressed > 0, isDue {
                budgets[node]?.suppressed = 0
                write(suppressedEntry(node: node, count: budget.suppressed, at: now))
            } else if budget.suppressed == 0, now - budget.refilled >= Int64(terms.budgetBurst) * 1_000 {
                // Full again: the next refusal makes the same budget anew.
                budgets[node] = nil
            }
        }
        if dropped > 0, waiting.count < Self.waitingMax {
            waiting.append(suppressedEntry(node: Self.others, count: dropped, at: now))
            dropped = 0
        }
    }

    private func suppressedEntry(node: String, count: Int, at now: Int64) -> AuditEntry {
        AuditEntry(
            kind: .suppressed, time: now, node: node, action: "*", resource: "*",
            reason: terms.suppressed, count: count)
    }
}
