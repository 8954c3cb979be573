/// Says who made a signature, by the certificates that it comes with. Policy knows neither keys nor authorities: module Identity does.
public protocol SignatureJudging: Sendable {
    /// - Parameters:
    ///   - bytes: what should be signed.
    ///   - instant: when the certificates have to be valid.
    func judge(_ signature: AgreementSignature, over bytes: [UInt8], at instant: PolicyInstant) -> Result<NodeIdentity, SignatureFlaw>

    /// SHA-256, in hexadecimal: by it what was accepted is known again.
    func digest(of bytes: [UInt8]) -> String
}

/// Why a signature says nothing.
public enum SignatureFlaw: Error, Hashable, Sendable {
    /// The key of its certificate did not make it over this meaning: the agreement was changed since, or somebody forged it.
    case changedSince
    /// It was made over this meaning, and a certificate of its path has ended since. All else about the path holds, and it is this node's.
    case expired(NodeIdentity)
    /// Its certificate is not believed, with the reason. It may be so for an hour: a list of revocations is late, say.
    case untrusted(String)
    /// Its certificate was revoked, which is for good.
    case revoked(String)
    /// The certificate is another node's than the one that is named.
    case otherSigner(String)
    case notSteward
    /// A steward of an agency that neither owns the records nor is party to the agreement.
    case strangeAgency(String)
    /// The same steward's again.
    case repeated
}

/// Which signatures a set of agreements needs, and who judges them.
public struct SignatureRules: Sendable {
    /// `policy.signatures` of broker.yaml.
    public enum Mode: String, Hashable, Sendable, CaseIterable {
        /// What is wrong with a signature is told; nothing depends on it.
        case recorded
        /// An agreement that is not signed by all who must sign it is a mistake of the set.
        case required
    }

    public let mode: Mode
    public let judge: any SignatureJudging
    /// Whether an ended certificate matters, where nobody knows which signatures were accepted while it was valid.
    public let forgivesEnds: Bool

    public init(_ mode: Mode, judge: any SignatureJudging, forgivesEnds: Bool = false) {
        self.mode = mode
        self.judge = judge
        self.forgivesEnds = forgivesEnds
    }
}

/// A signature that was found to hold when its agreement came into force. It goes on counting when the certificate ends: agreements live
/// longer than certificates. So it is bound to all that it was found to hold for: whoever has the key of an authority that ended could make
/// a certificate, or find a key, under which the same bytes sign something else.
public struct AcceptedSignature: Hashable, Sendable {
    public let agreement: String
    public let signer: String
    /// Base64.
    public let signature: String
    /// Digest of the meaning that was signed.
    public let meaning: String
    /// Digest of the signer's certificate.
    public let certificate: String
    /// When it was accepted.
    public let at: PolicyInstant

    public init(agreement: String, signer: String, signature: String, meaning: String, certificate: String, at: PolicyInstant) {
        self.agreement = agreement
        self.signer = signer
        self.signature = signature
        self.meaning = meaning
        self.certificate = certificate
        self.at = at
    }

    /// The name of the file among those of a set. Names that begin with a dot are the broker's own.
    public static let fileName = ".signed"

    /// One line a signature.
    public static func text(_ accepted: [AcceptedSignature]) -> String {
        accepted.map { "\($0.agreement) \($0.signer) \($0.signature) \($0.meaning) \($0.certificate) \($0.at)\n" }.sorted().joined()
    }

    /// - Throws: for a line that ``text(_:)`` does not write.
    public static func parse(_ text: String) throws(AgreementsError) -> [AcceptedSignature] {
        var accepted: [AcceptedSignature] = []
        for (number, line) in text.split(separator: "\n").enumerated() {
            let words = line.split(separator: " ").map(String.init)
            guard words.count == 6, let at = PolicyInstant(words[5]) else {
                let message = "is not an id, a signer, a signature, two digests and an instant"
                throw AgreementsError([AgreementsProblem(file: fileName, line: number + 1, column: 1, message: message)])
            }
            accepted.append(
                AcceptedSignature(
                    agreement: words[0], signer: words[1], signature: words[2], meaning: words[3], certificate: words[4], at: at))
        }
        return accepted
    }
}
