import Foundation

/// The signatures of a set: which of them hold, and what that means for the agreements.
struct SignatureCheck {
    private(set) var errors: [AgreementsProblem] = []
    private(set) var warnings: [AgreementsProblem] = []
    /// Those that hold, for the next time.
    private(set) var accepted: [AcceptedSignature] = []

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
        let bytes = Array(agreement.canonicalJSON.utf8)
        for (index, signature) in file.signatures.enumerated() {
            do throws(SignatureFlaw) {
                try check(signature, over: bytes, of: agreement)
                guard signers.insert(signature.signer).inserted else { throw .repeated }
                let entry = AcceptedSignature(signature, of: agreement.id, at: now)
                accepted.append(known[entry.withoutTime] ?? entry)
            } catch {
                let place = file.places.indices.contains(index) ? file.places[index] : AgreementsFile.Place(line: 0, column: 0)
                let message = "the signature of \(signature.signer) under agreement \(agreement.id) does not count: \(error.reason)"
                let name = SignatureFile.name(forAgreement: agreement.id)
                warnings.append(AgreementsProblem(file: name, line: place.line, column: place.column, message: message))
            }
        }
        return signers
    }

    private func check(_ signature: AgreementSignature, over bytes: [UInt8], of agreement: Agreement) throws(SignatureFlaw) {
        let signer: NodeIdentity
        switch rules.judge.judge(signature, over: bytes, at: now) {
        case .success(let identity): signer = identity
        case .failure(.expired) where rules.forgivesEnds: return
        // All else about it was found to hold when it was accepted.
        case .failure(.expired) where known[AcceptedSignature(signature, of: agreement.id, at: now).withoutTime] != nil: return
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
            errors.append(item.problem("agreement \(agreement.id) is not signed by \(missing.joined(separator: ", "))"))
        }
        if missing.isEmpty, !signers.contains(where: { $0.hasPrefix("\(agreement.owner)/") }) {
            errors.append(item.problem("agreement \(agreement.id) is not signed by a steward of \(agreement.owner), whose records they are"))
        }
    }
}

extension AcceptedSignature {
    init(_ signature: AgreementSignature, of agreement: String, at instant: PolicyInstant) {
        self.init(
            agreement: agreement, signer: signature.signer, signature: Data(signature.signature).base64EncodedString(), at: instant)
    }

    /// What makes it the same one.
    fileprivate var withoutTime: AcceptedSignature {
        AcceptedSignature(agreement: agreement, signer: signer, signature: signature, at: 0)
    }
}

extension SignatureFlaw {
    /// A sentence without its full stop.
    var reason: String {
        switch self {
        case .changedSince: "it was not made over this meaning; the agreement was changed since, and has to be signed again"
        case .expired: "its certificate has ended, and it was not in force before that"
        case .untrusted(let why): "its certificate is not believed: \(why)"
        case .otherSigner(let other): "its certificate is that of \(other)"
        case .notSteward: "its certificate does not carry the role steward"
        case .strangeAgency(let agency): "\(agency) neither owns the records nor is party to the agreement"
        case .repeated: "the same steward has signed already"
        }
    }
}
