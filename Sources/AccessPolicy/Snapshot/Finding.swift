/// What the rules that concern a question come to: gathered one rule after the other, denials first, then concluded.
struct Finding {
    /// How the question stands to purposes.
    enum PurposeNeed {
        /// No purpose matters: publishing, administering, describing.
        case none
        /// Without a declaration, the one purpose that all rules in force share is taken.
        case mayBeImplied
        /// Without a declaration there is no answer.
        case mustBeDeclared
        case declared(String)
        case unreadable

        init(_ declaration: PurposeDeclaration, mustBeDeclared: Bool) {
            switch declaration {
            case .none: self = mustBeDeclared ? .mustBeDeclared : .mayBeImplied
            case .purpose(let id): self = .declared(id)
            case .unreadable: self = .unreadable
            }
        }
    }

    /// What the rules in force that ask for a purpose would have it be, where none was declared.
    private enum Implied {
        case none
        case one(Grant)
        case several
    }

    let need: PurposeNeed
    let instant: PolicyInstant
    /// The rights any one of which answers the question, but those denied.
    private var rights: RightSet
    private let asked: RightSet

    private var denial: Grant?
    private var inForce: Grant?
    private var implied = Implied.none
    /// In force, and for something else than what was declared.
    private var isForOtherPurpose = false
    private var pending: Grant?
    private var ended: Grant?
    /// The first instant at which a rule that was looked at begins or ends.
    private(set) var holdsUntil = PolicyInstant.max

    init(_ rights: RightSet, need: PurposeNeed = .none, at instant: PolicyInstant) {
        self.asked = rights
        self.rights = rights
        self.need = need
        self.instant = instant
    }

    mutating func considerDenial(_ denial: Grant) {
        guard !denial.rights.isDisjoint(with: asked), stands(denial) == .inForce else { return }
        rights.subtract(denial.rights)
        if self.denial == nil { self.denial = denial }
    }

    /// After the denials.
    mutating func consider(_ grant: Grant) {
        guard !grant.rights.isDisjoint(with: asked) else { return }
        let standing = stands(grant)
        guard !grant.rights.isDisjoint(with: rights) else { return }
        switch standing {
        case .pending: if pending.map({ grant.start < $0.start }) ?? true { pending = grant }
        case .ended: if ended.map({ grant.end > $0.end }) ?? true { ended = grant }
        case .inForce: considerInForce(grant)
        }
    }

    private mutating func considerInForce(_ grant: Grant) {
        switch need {
        case .none: take(grant)
        case .declared(let purpose):
            if grant.purposes.isEmpty || grant.purposes.contains(purpose) { take(grant) } else { isForOtherPurpose = true }
        case .mayBeImplied:
            if grant.purposes.isEmpty { take(grant) } else { imply(grant) }
        case .mustBeDeclared: implied = .several
        case .unreadable: isForOtherPurpose = true
        }
    }

    /// Takes in what was found of another rule by itself: one of them is enough.
    mutating func merge(_ other: Finding) {
        holdsUntil = min(holdsUntil, other.holdsUntil)
        if let grant = other.inForce { take(grant) }
        if let grant = other.pending, pending.map({ grant.start < $0.start }) ?? true { pending = grant }
        if let grant = other.ended, ended.map({ grant.end > $0.end }) ?? true { ended = grant }
        if denial == nil { denial = other.denial }
    }

    /// Of several that allow it, the one that does so longest.
    private mutating func take(_ grant: Grant) {
        if inForce.map({ grant.end > $0.end }) ?? true { inForce = grant }
    }

    private mutating func imply(_ grant: Grant) {
        guard grant.purposes.count == 1 else { return implied = .several }
        switch implied {
        case .none: implied = .one(grant)
        case .one(let other) where other.purposes == grant.purposes: if grant.end > other.end { implied = .one(grant) }
        case .one, .several: implied = .several
        }
    }

    private mutating func stands(_ grant: Grant) -> Term.Standing {
        if instant < grant.start {
            holdsUntil = min(holdsUntil, grant.start)
            return .pending
        }
        guard instant < grant.end else { return .ended }
        holdsUntil = min(holdsUntil, grant.end)
        return .inForce
    }

    enum Conclusion {
        case allowed(Grant, AgreedPurpose?)
        case denied(Grant)
        case purpose(Decision.Refusal)
        case pending(Grant)
        case ended(Grant)
        case nothing
    }

    var conclusion: Conclusion {
        if let inForce { return .allowed(inForce, declared) }
        switch implied {
        case .one(let grant): return .allowed(grant, AgreedPurpose(id: grant.purposes[0], isImplied: true))
        case .several: return .purpose(.purposeNotDeclared)
        case .none: break
        }
        if isForOtherPurpose {
            if case .unreadable = need { return .purpose(.purposeUnreadable) }
            return .purpose(.purposeNotAgreed)
        }
        if let denial { return .denied(denial) }
        if let pending { return .pending(pending) }
        if let ended { return .ended(ended) }
        return .nothing
    }

    var isDenied: Bool { denial != nil }

    var isAllowed: Bool {
        if case .allowed = conclusion { true } else { false }
    }

    private var declared: AgreedPurpose? {
        if case .declared(let id) = need { AgreedPurpose(id: id, isImplied: false) } else { nil }
    }
}
