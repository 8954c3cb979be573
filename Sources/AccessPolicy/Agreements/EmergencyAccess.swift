/// Breaking the glass: access that two people open together for a few hours, in the grammar of agreements. It is written down as loudly as
/// anything is, cited by a name of its own, and over by itself.
public enum EmergencyAccess {
    /// Ids of such agreements begin so, and no others: whoever reads a citation sees what it was.
    public static let idPrefix = "EMERGENCY-"
    public static let hoursMax: Int64 = 24

    /// The name of its file among those of a set. Names that begin with a dot are the broker's own.
    public static func fileName(for id: String) -> String { filePrefix + id }
    public static func isFileName(_ name: String) -> Bool { name.hasPrefix(filePrefix) }
    private static let filePrefix = ".emergency-"

    /// - Parameter yaml: a file with one agreement: to subscribe or replay, with a reason (`legalBasis`), from now and for at most
    ///   ``hoursMax`` hours.
    /// - Throws: every mistake with its place.
    public static func parse(_ yaml: String, name: String, at now: PolicyInstant) throws(AgreementsError) -> Agreement {
        let file = try AgreementsFile.parse(yaml: yaml, name: name)
        guard file.agreements.count == 1 else {
            throw AgreementsError([AgreementsProblem(file: name, line: 0, column: 0, message: "an emergency is one agreement, not \(file.agreements.count)")])
        }
        let agreement = file.agreements[0]
        let problems = mistakes(of: agreement, at: now).map {
            AgreementsProblem(file: name, line: file.places[0].line, column: file.places[0].column, message: $0)
        }
        guard problems.isEmpty else { throw AgreementsError(problems) }
        return agreement
    }

    private static func mistakes(of agreement: Agreement, at now: PolicyInstant) -> [String] {
        var mistakes: [String] = []
        if !agreement.isEmergency { mistakes.append("the id of an emergency begins with “\(idPrefix)”") }
        if agreement.legalBasis == nil { mistakes.append("an emergency needs its reason, as legalBasis") }
        if agreement.term.end <= now || agreement.term.end - now > hoursMax * 3_600_000 {
            mistakes.append("an emergency needs an “until” in the next \(hoursMax) hours")
        }
        if agreement.term.start > now { mistakes.append("an emergency begins now, not later") }
        if agreement.parties.contains(where: { !$0.deny.isEmpty || !$0.may.isSubset(of: [.subscribe, .replay]) }) {
            mistakes.append("an emergency lets read, by subscribe or replay, and nothing else")
        }
        if agreement.delegates != nil || agreement.parties.contains(where: \.isDelegable) { mistakes.append("nothing of an emergency is handed on") }
        if agreement.parties.contains(where: { $0.node.agency == nil }) { mistakes.append("an emergency names the agency that may read") }
        return mistakes
    }
}

extension Agreement {
    public var isEmergency: Bool { id.hasPrefix(EmergencyAccess.idPrefix) }
}
