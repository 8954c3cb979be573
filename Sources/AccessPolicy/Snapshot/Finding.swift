/// What the grants that answer a question come to: the one that allows it longest, and, where none is in force, the one to name.
struct Finding {
    private(set) var inForce: Grant?
    private(set) var pending: Grant?
    private(set) var ended: Grant?

    mutating func consider(_ grant: Grant, at instant: PolicyInstant) {
        if instant < grant.start {
            if pending.map({ grant.start < $0.start }) ?? true { pending = grant }
        } else if instant >= grant.end {
            if ended.map({ grant.end > $0.end }) ?? true { ended = grant }
        } else if inForce.map({ grant.end > $0.end }) ?? true {
            inForce = grant
        }
    }
}
