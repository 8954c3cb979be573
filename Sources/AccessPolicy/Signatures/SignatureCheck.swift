import Foundation

/// The signatures of a set: which of them hold, and what that means for the agreements.
struct SignatureCheck {
    private(set) var errors: [AgreementsProblem] = []
    private(set) var warnings: [AgreementsProblem] = []
    /// Those that hold, and those that were found to hold before and are not believed just now, for the next time.
    private(set) var accepted: [AcceptedSignature] = []
    /// The agreements that lack signatures which the rules require.
    private(set) var unsigned: Set<String> = []

    private let rules: SignatureRules
    private let known: [AcceptedSignature: AcceptedSignature]
    private let now: PolicyInstant

    /// - Parameters:
    ///   - set: as it was written: an agreement that somebody ended has the meaning that was signed.
    ///   - ended: the ids of those that allow nothing any more, of which nobody asks for signatures.
    ///   - known: what was accepted before.
    init(
        _ set: [AgreementInFile], ended: Set<String>, files: [String: SignatureFile], rules: SignatureRules, known: [AcceptedSignature],
        at now: PolicyInstant
    ) {
        self.rules = rules
        self.known = Dictionary(known.map { ($0.withoutTime, $0) }, uniquingKeysWith: { first, _ in first })
        self.now = now
        for item in set {
            let signers = judge(files[item.agreement.id], of: item.agreement)
            guard rules.mode == .required, !item.agreement.isEmergency, !ended.contains(item.agreement.id) else { continue }
            require(signers, of: item)
        }
        let ids = Set(set.map(\.agreement.id))
        for (id, _) in files.sorted(by: { $0.key < $1.key }) where !ids.contains(id) {
            let message = "holds signatures of agreement “\(id)”, which the set does not have"
            warnings.append(AgreementsProblem(file: SignatureFile.name(forAgreement: id), line: 0, column: 0, message: message))
        }
    }

    /// - Returns: the stewards whose signatures hold.
    private mutating func judge(_ file: SignatureFile?, of agreement: Agreement) -> Set<String> {
        guard let file else { return [] }
        var signers: Set<String> = []
        var kept: [AcceptedSignature] = []
        let bytes = Array(agreement.canonicalJSON.utf8)
        let meaning = rules.judge.digest(of: bytes)
        for (index, signature) in file.signatures.enumerated() {
            let entry = AcceptedSignature(
                agreement: agreement.id, signer: signature.signer, signature: Data(signature.signature).base64EncodedString(), meaning: meaning,
                certificate: rules.judge.digest(of: signature.certificates.first ?? []), at: now)
            let before = known[entry.withoutTime]
            do throws(SignatureFlaw) {
                try check(signature, over: bytes, of: agreement, isKnown: before != nil)
                guard signers.insert(signature.signer).inserted else { throw .repeated }
                kept.append(before ?? entry)
            } catch {
                // It does not count, and is not forgotten: a list of revocations that is late is not late for ever.
                if let before, !error.isForGood, !kept.contains(before) { kept.append(before) }
                let place = file.places.indices.contains(index) ? file.places[index] : AgreementsFile.Place(line: 0, column: 0)
                let message = "the signature of \(signature.signer) under agreement \(agreement.id) does not count: \(error.reason)"
                let name = SignatureFile.name(forAgreement: agreement.id)
                warnings.append(AgreementsProblem(file: name, line: place.line, column: place.column, message: message))
            }
        }
        accepted += kept
        return signers
    }

    private func check(
        _ signature: AgreementSignature, over bytes: [UInt8], of agreement: Agreement, isKnown: Bool
    ) throws(SignatureFlaw) {
        let signer: NodeIdentity
        switch rules.judge.judge(signature, over: bytes, at: now) {
        case .success(let identity): signer = identity
        case .failure(.expired(let identity)) where isKnown || rules.forgivesEnds: signer = identity
        case .failure(let flaw): throw flaw
        }
        guard signer.path == signature.signer else { throw .otherSigner(signer.path) }
        guard signer.roles.contains(.steward) else { throw .notSteward }
        guard agreement.owner == signer.agency || agreement.parties.contains(where: { $0.node.agency == signer.agency }) else {
            throw .strangeAgency(signer.agency)
        }
    }

    /// All whom the agreement names, and whoever else: a steward of the agency whose records they are. Else a requester could name itself.
    private mutating func require(_ signers: Set<String>, of item: AgreementInFile) {
        let agreement = item.agreement
        let missing = agreement.signedBy.filter { !signers.contains($0) }
        if !missing.isEmpty {
            unsigned.insert(agreement.id)
            errors.append(item.problem("agreement \(agreement.id) is not signed by \(missing.joined(separator: ", "))"))
        }
        if missing.isEmpty, !signers.contains(where: { $0.hasPrefix("\(agreement.owner)/") }) {
            let message =
                agreement.delegates == nil
                ? "agreement \(agreement.id) is not signed by a steward of \(agreement.owner), whose records they are"
                : "delegation \(agreement.id) is not signed by a steward of \(agreement.owner), which hands on what it was given"
            unsigned.insert(agreement.id)
            errors.append(item.problem(message))
        }
    }
}

extension AcceptedSignature {
    /// What makes it the same one.
    fileprivate var withoutTime: AcceptedSignature {
        AcceptedSignature(agreement: agreement, signer: signer, signature: signature, meaning: meaning, certificate: certificate, at: 0)
    }
}

extension SignatureFlaw {
    /// Whether what it says of a signature that was once accepted will not change again.
    fileprivate var isForGood: Bool {
        switch self {
        case .changedSince, .revoked: true
        case .expired, .untrusted, .otherSigner, .notSteward, .strangeAgency, .repeated: false
        }
    }

    /// A sentence without its full stop.
    var reason: String {
        switch self {
        case .changedSince: "it was not made over this meaning; the agreement was changed since, and has to be signed again"
        case .expired: "its certificate has ended, and it was not in force before that"
        case .untrusted(let why), .revoked(let why): "its certificate is not believed: \(why)"
        case .otherSigner(let other): "its certificate is that of \(other)"
        case .notSteward: "its certificate does not carry the role steward"
        case .strangeAgency(let agency): "\(agency) neither owns the records nor is party to the agreement"
        case .repeated: "the same steward has signed already"
        }
    }
}
