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

    /// The rules in force that answer the question.
    private struct Cover {
        /// Of those that show every record whole, the one that does so longest.
        var whole: Grant?
        /// Of the others.
        var views: [Int32] = []

        mutating func add(_ grant: Grant, isReading: Bool) {
            if isReading, grant.view >= 0 {
                views.append(grant.view)
            } else if whole.map({ grant.end > $0.end }) ?? true {
                whole = grant
            }
        }
    }

    /// What the rules in force that ask for a purpose would have it be, where none was declared.
    private enum Implied {
        case none
        case one(String, Cover)
        case several
    }

    let need: PurposeNeed
    let instant: PolicyInstant
    /// The rights any one of which answers the question, but those denied.
    private var rights: RightSet
    let asked: RightSet

    private var denial: Grant?
    /// What takes from a delegation what it would hand on.
    private var denialOfSource: Grant?
    private var inForce = Cover()
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
        // Whoever may not describe a topic may not, whatever else it may.
        if asked == .any, denial.rights.contains(RightSet(.describe)) { rights = [] }
        if self.denial == nil { self.denial = denial }
    }

    /// After the denials.
    mutating func consider(_ grant: Grant) { consider(grant, rights) }

    /// What a delegation hands on, of which its source may have lost something.
    /// - Parameter left: the same question, with what is denied to the source's nodes.
    mutating func consider(_ grant: Grant, left: Finding) {
        holdsUntil = min(holdsUntil, left.holdsUntil)
        consider(grant, rights.intersection(left.rights))
        if denialOfSource == nil, !grant.rights.isDisjoint(with: asked), stands(grant) == .inForce { denialOfSource = left.denial }
    }

    private mutating func consider(_ grant: Grant, _ rights: RightSet) {
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
        if let grant = other.inForce.whole { take(grant) }
        if let grant = other.pending, pending.map({ grant.start < $0.start }) ?? true { pending = grant }
        if let grant = other.ended, ended.map({ grant.end > $0.end }) ?? true { ended = grant }
        if denial == nil { denial = other.denial }
    }

    private mutating func take(_ grant: Grant) { inForce.add(grant, isReading: isReading) }

    private mutating func imply(_ grant: Grant) {
        guard grant.purposes.count == 1, let purpose = grant.purposes.first else { return implied = .several }
        var cover = Cover()
        switch implied {
        case .none: break
        case .one(let other, let covering) where other == purpose: cover = covering
        case .one, .several: return implied = .several
        }
        cover.add(grant, isReading: isReading)
        implied = .one(purpose, cover)
    }

    /// Whether records are read by the answer, so that what a rule shows of them matters.
    private var isReading: Bool {
        switch need {
        case .none: false
        case .mayBeImplied, .mustBeDeclared, .declared, .unreadable: true
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
        /// Under these views, in the order of the agreements. Never empty.
        case shown([Int32], AgreedPurpose?)
        case denied(Grant)
        case purpose(Decision.Refusal)
        case pending(Grant)
        case ended(Grant)
        case nothing
    }

    var conclusion: Conclusion {
        if let conclusion = Self.conclude(inForce, declared) { return conclusion }
        switch implied {
        case .one(let purpose, let cover):
            if let conclusion = Self.conclude(cover, AgreedPurpose(id: purpose, isImplied: true)) { return conclusion }
        case .several: return .purpose(.purposeNotDeclared)
        case .none: break
        }
        if isForOtherPurpose {
            if case .unreadable = need { return .purpose(.purposeUnreadable) }
            return .purpose(.purposeNotAgreed)
        }
        if let denial = denial ?? denialOfSource { return .denied(denial) }
        if let pending { return .pending(pending) }
        if let ended { return .ended(ended) }
        return .nothing
    }

    /// One rule that shows every record whole makes all others void.
    private static func conclude(_ cover: Cover, _ purpose: AgreedPurpose?) -> Conclusion? {
        if let whole = cover.whole { return .allowed(whole, purpose) }
        return cover.views.isEmpty ? nil : .shown(cover.views.sorted(), purpose)
    }

    var isDenied: Bool { denial != nil }
    /// Nothing of what was asked is denied.
    var isWhole: Bool { rights == asked }

    var isAllowed: Bool {
        switch conclusion {
        case .allowed, .shown: true
        case .denied, .purpose, .pending, .ended, .nothing: false
        }
    }

    private var declared: AgreedPurpose? {
        if case .declared(let id) = need { AgreedPurpose(id: id, isImplied: false) } else { nil }
    }
}
