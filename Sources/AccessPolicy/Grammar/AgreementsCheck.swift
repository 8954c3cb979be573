/// A set of agreements files looked at as a whole: what `policy check` prints, and what `policy apply` accepts or refuses.
public struct AgreementsCheck: Sendable {
    /// In the order of the files' names, then of the text, each ended where the set says that somebody ended it; what was made through
    /// Kafka's ACL APIs behind them. Empty when there are errors.
    public let agreements: [Agreement]
    /// The same as they were written.
    public let written: [Agreement]
    /// Mistakes: a set with any is refused.
    public let errors: [AgreementsProblem]
    /// What deserves attention and is accepted.
    public let warnings: [AgreementsProblem]
    /// Agreements that lack required signatures, where these are withheld and not refused.
    public let unsigned: Set<String>
    /// The signatures that hold, where somebody judged them.
    public let acceptedSignatures: [AcceptedSignature]

    private let places: [String: AgreementInFile]

    /// What somebody else found about an agreement of the set, where it stands.
    /// - Parameter party: the index of the party that it is about; nil for the agreement as a whole.
    public func problem(about agreement: String, party: Int? = nil, _ message: String) -> AgreementsProblem {
        guard let item = places[agreement] else { return .whole(message) }
        return party.map { item.problem(ofParty: $0, message) } ?? item.problem(message)
    }

    /// An agreement that ends within so many days is mentioned.
    public static let endsSoonDays: Int64 = 30

    /// - Parameters:
    ///   - files: text by file name.
    ///   - now: for what has ended or ends soon.
    ///   - refused: the words that no set may use.
    ///   - rules: for the signatures; without them only their files are read.
    ///   - withholdsUnsigned: a set that is in force already is not refused for a signature that it lacks by now: such an agreement
    ///     gives nothing then, and goes on denying what it denies.
    public init(
        files: [String: String], at now: PolicyInstant, refusing refused: Set<UnenforcedWord> = UnenforcedWord.refused,
        signatures rules: SignatureRules? = nil, withholdingUnsigned withholdsUnsigned: Bool = false
    ) {
        var errors: [AgreementsProblem] = []
        var set: [AgreementInFile] = []
        var ends: [String: PolicyInstant] = [:]
        var signatures: [String: SignatureFile] = [:]
        var known: [AcceptedSignature] = []
        var bindings: [AccessBinding] = []
        if let problem = Self.sizeProblem(files) { errors.append(problem) }
        for (name, text) in files.sorted(by: { $0.key < $1.key }) where errors.count < AgreementsError.problemsMax {
            do throws(AgreementsError) {
                switch name {
                case AgreementEnd.fileName:
                    for end in try AgreementEnd.parse(text) { ends[end.agreement] = end.at }
                    continue
                case AcceptedSignature.fileName:
                    known = try AcceptedSignature.parse(text)
                    continue
                case AccessBinding.fileName:
                    bindings = try AccessBinding.parse(text)
                    continue
                case _ where SignatureFile.isName(name):
                    let file = try SignatureFile.parse(text, name: name)
                    signatures[file.agreement] = file
                    continue
                case _ where EmergencyAccess.isFileName(name): break
                case _ where name.hasPrefix("."):
                    throw AgreementsError([.whole("\(name) is no name for a file of agreements")])
                default: break
                }
                let file = try AgreementsFile.parse(yaml: text, name: name)
                set += file.agreements.indices.map {
                    AgreementInFile(agreement: file.agreements[$0], file: name, place: file.places[$0], parties: file.partyPlaces[$0])
                }
                try file.refuseUnenforcedWords(refused)
                errors += Self.misnamed(file)
            } catch {
                errors += error.problems
            }
        }
        errors += Self.duplicateIDs(set)
        if set.count > AgreementsLimits.agreementsMax {
            errors.append(
                .whole("the set has \(set.count) agreements; at most \(AgreementsLimits.agreementsMax) are accepted"))
        }
        let ended = set.map { item in
            ends[item.agreement.id].map { item.with(item.agreement.ended(at: $0)) } ?? item
        }
        var warnings = errors.isEmpty ? Self.warnings(ended.filter { !$0.agreement.isEmergency }, at: now) : []
        var accepted: [AcceptedSignature] = []
        var unsigned: Set<String> = []
        if errors.isEmpty, let rules {
            let over = Set(ended.filter { $0.agreement.term.standing(at: now) == .ended }.map(\.agreement.id))
            let check = SignatureCheck(set, ended: over, files: signatures, rules: rules, known: known, at: now)
            if withholdsUnsigned {
                warnings += check.errors
                unsigned = check.unsigned
            } else {
                errors += check.errors
            }
            warnings += check.warnings
            accepted = check.accepted
        }
        self.errors = Array(errors.prefix(AgreementsError.problemsMax))
        self.warnings = Array(warnings.prefix(AgreementsError.problemsMax))
        self.acceptedSignatures = errors.isEmpty ? accepted : []
        places = Dictionary(set.map { ($0.agreement.id, $0) }, uniquingKeysWith: { first, _ in first })
        self.agreements = 
            errors.isEmpty
            ? ended.map { unsigned.contains($0.agreement.id) ? $0.agreement.withoutGrants : $0.agreement } + bindings.map(\.agreement) : []
        self.unsigned = unsigned
        self.written = errors.isEmpty ? set.map(\.agreement) : []
    }

    /// - Throws: the errors, when there are any.
    public func accepted() throws(AgreementsError) -> [Agreement] {
        guard errors.isEmpty else { throw AgreementsError(errors) }
        return agreements
    }

    private static func sizeProblem(_ files: [String: String]) -> AgreementsProblem? {
        // What the broker wrote itself is as long as what it was given.
        let signatures = files.filter { SignatureFile.isName($0.key) }
        let written = files.filter { !SignatureFile.isName($0.key) && !$0.key.hasPrefix(".") }
        if written.count > AgreementsLimits.filesMax {
            return .whole("the set has \(written.count) files; at most \(AgreementsLimits.filesMax) are accepted")
        }
        if signatures.count > AgreementsLimits.agreementsMax {
            return .whole("the set has \(signatures.count) files of signatures; at most \(AgreementsLimits.agreementsMax) are accepted")
        }
        for (files, most) in [(written, AgreementsLimits.setBytesMax), (signatures, AgreementsLimits.signatureSetBytesMax)] {
            let bytes = files.reduce(0) { $0 + $1.value.utf8.count }
            if bytes > most { return .whole("the set has \(bytes) bytes; at most \(most) are accepted") }
        }
        return nil
    }

    /// What only two people may open together has a name that nothing else has.
    private static func misnamed(_ file: AgreementsFile) -> [AgreementsProblem] {
        guard !EmergencyAccess.isFileName(file.name) else { return [] }
        return zip(file.agreements, file.places).filter { $0.0.isEmergency }.map { agreement, place in
            AgreementsProblem(
                file: file.name, line: place.line, column: place.column,
                message: "ids that begin with “\(EmergencyAccess.idPrefix)” are for what hanbridge policy break-glass opens")
        }
    }

    private static func duplicateIDs(_ set: [AgreementInFile]) -> [AgreementsProblem] {
        var first: [String: AgreementInFile] = [:]
        var problems: [AgreementsProblem] = []
        for item in set {
            if let other = first[item.agreement.id] {
                problems.append(item.problem("there is an agreement with id “\(item.agreement.id)” already, in \(other.file)"))
            } else {
                first[item.agreement.id] = item
            }
        }
        return problems
    }
}

/// An agreement with the place where it stands.
struct AgreementInFile {
    let agreement: Agreement
    let file: String
    let place: AgreementsFile.Place
    let parties: [AgreementsFile.Place]

    func with(_ agreement: Agreement) -> AgreementInFile {
        AgreementInFile(agreement: agreement, file: file, place: place, parties: parties)
    }

    /// About one of its parties, where that stands.
    func problem(ofParty index: Int, _ message: String) -> AgreementsProblem {
        let place = parties.indices.contains(index) ? parties[index] : place
        return AgreementsProblem(file: file, line: place.line, column: place.column, message: message)
    }

    func problem(_ message: String) -> AgreementsProblem {
        AgreementsProblem(file: file, line: place.line, column: place.column, message: message)
    }
}

extension AgreementsProblem {
    static func whole(_ message: String) -> AgreementsProblem {
        AgreementsProblem(file: "agreements", line: 0, column: 0, message: message)
    }
}
