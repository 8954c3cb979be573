import AccessPolicy
import Testing

/// Signatures by the rules: which count, and what follows for the agreements. Keys and chains are module Identity's.
@Suite struct SignatureTests {
    /// 2026-06-01
    private let now: PolicyInstant = 1_780_246_800_000

    /// A signature is the text itself behind a claim; the first certificate says who made it: `path roles`, `expired`, `unknown`.
    private struct WordJudge: SignatureJudging {
        func judge(_ signature: AgreementSignature, over bytes: [UInt8], at instant: PolicyInstant) -> Result<NodeIdentity, SignatureFlaw> {
            guard signature.signature == bytes else { return .failure(.changedSince) }
            let words = String(decoding: signature.certificates[0], as: UTF8.self).split(separator: " ").map(String.init)
            switch words[0] {
            case "expired": return .failure(.expired)
            case "unknown": return .failure(.untrusted("nobody knows it"))
            default: return (try? node(words[0], roles: Set(words.dropFirst().compactMap(Role.init)))).map(Result.success) ?? .failure(.untrusted("?"))
            }
        }
    }

    private static let text = """
        agreements:
          - id: A-1
            topic: health.v1
            owner: health
            parties:
              - {node: education/schools/*, may: [subscribe]}
            until: 2026-12-31
            signedBy: [health/steward/linh, education/steward/minh]

        """

    private func signature(_ signer: String, certificate: String? = nil, of text: String = text) throws -> AgreementSignature {
        let agreement = try #require(try AgreementsFile.parse(yaml: text, name: "a").agreements.first)
        return AgreementSignature(
            signer: signer, certificates: [Array((certificate ?? "\(signer) steward").utf8)], signature: Array(agreement.canonicalJSON.utf8))
    }

    private func check(
        _ signatures: [AgreementSignature], text: String = text, mode: SignatureRules.Mode = .required, known: [AcceptedSignature] = [],
        at instant: PolicyInstant? = nil, more: [String: String] = [:]
    ) -> AgreementsCheck {
        var files = ["a.yaml": text, AcceptedSignature.fileName: AcceptedSignature.text(known)]
        if !signatures.isEmpty { files["A-1.signatures.json"] = SignatureFile(agreement: "A-1", signatures: signatures).text }
        return AgreementsCheck(
            files: files.merging(more) { $1 }, at: instant ?? now, signatures: SignatureRules(mode, judge: WordJudge()))
    }

    @Test("an agreement that all have signed who must is accepted, and so is one that nobody signed where signatures are only recorded")
    func signed() throws {
        let both = [try signature("health/steward/linh"), try signature("education/steward/minh")]
        let check = check(both)
        #expect(check.errors.isEmpty && check.warnings.isEmpty && check.agreements.count == 1)
        #expect(check.acceptedSignatures.map(\.signer) == ["health/steward/linh", "education/steward/minh"])
        #expect(check.acceptedSignatures.allSatisfy { $0.at == now })
        #expect(self.check([], mode: .recorded).errors.isEmpty)
        let missing = self.check([both[1]])
        #expect(missing.errors.map(\.description) == ["a.yaml:2:5: agreement A-1 is not signed by health/steward/linh"])
        #expect(self.check([]).errors.first?.message.hasSuffix("health/steward/linh, education/steward/minh") == true)
    }

    @Test(
        "a signature that is wrong does not count, says why and where, and in either mode nothing else of the set is hurt by it",
        arguments: [
            ("health/steward/linh", "health/steward/linh member", "does not carry the role steward"),
            ("health/steward/linh", "health/steward/lan steward", "its certificate is that of health/steward/lan"),
            ("traffic/steward/an", "traffic/steward/an steward", "traffic neither owns the records nor is party"),
            ("health/steward/linh", "unknown", "its certificate is not believed: nobody knows it"),
            ("health/steward/linh", "expired", "its certificate has ended"),
        ])
    func flaws(signer: String, certificate: String, reason: String) throws {
        let bad = [try signature("education/steward/minh"), try signature(signer, certificate: certificate)]
        for mode in SignatureRules.Mode.allCases {
            let check = check(bad, mode: mode)
            let warning = check.warnings.first { $0.message.contains(reason) }
            #expect(warning?.file == "A-1.signatures.json" && warning?.line == 11, "\(check.warnings)")
            #expect(check.errors.isEmpty == (mode == .recorded))
        }
    }

    @Test("a change of meaning voids the signatures, a change of layout does not")
    func changedMeaning() throws {
        let both = [try signature("health/steward/linh"), try signature("education/steward/minh")]
        #expect(check(both, text: Self.text.replacing("id: A-1", with: "id:   'A-1'   # the first")).errors.isEmpty)
        for (from, to) in [("subscribe", "replay"), ("schools", "school"), ("2026-12-31", "2027-12-31"), ("owner: health", "owner: education")] {
            let changed = check(both, text: Self.text.replacing(from, with: to))
            #expect(!changed.errors.isEmpty && changed.agreements.isEmpty, "\(to)")
            let recorded = check(both, text: Self.text.replacing(from, with: to), mode: .recorded)
            #expect(recorded.errors.isEmpty && recorded.warnings.count { $0.message.contains("has to be signed again") } == 2)
        }
    }

    @Test("a requester cannot name itself the only signer: a steward of the owner has to sign, whatever signedBy says")
    func ownerSigns() throws {
        for signedBy in ["signedBy: [education/steward/minh]", ""] {
            let text = Self.text.replacing("signedBy: [health/steward/linh, education/steward/minh]", with: signedBy)
            let alone = check([try signature("education/steward/minh", of: text)], text: text)
            #expect(alone.errors.map(\.message) == ["agreement A-1 is not signed by a steward of health, whose records they are"])
            let owner = check([try signature("education/steward/minh", of: text), try signature("health/steward/chi", of: text)], text: text)
            #expect(owner.errors.isEmpty)
        }
    }

    @Test("a signature that was accepted counts on when its certificate ends, for this meaning and this signer alone")
    func expiry() throws {
        let valid = [try signature("health/steward/linh"), try signature("education/steward/minh")]
        let known = check(valid).acceptedSignatures
        let expired = [try signature("health/steward/linh", certificate: "expired"), valid[1]]
        let later = check(expired, known: known, at: now + 1)
        #expect(later.errors.isEmpty && later.acceptedSignatures == known, "with the time at which it was accepted")
        #expect(!check(expired).errors.isEmpty)
        let another = [AcceptedSignature(agreement: "A-2", signer: "health/steward/linh", signature: known[0].signature, at: 0)]
        #expect(!check(expired, known: another).errors.isEmpty)
        let distrusted = [try signature("health/steward/linh", certificate: "unknown"), valid[1]]
        #expect(!check(distrusted, known: known).errors.isEmpty, "what is revoked or distrusted is so")
        #expect(try AcceptedSignature.parse(AcceptedSignature.text(known)) == known.sorted { $0.signer < $1.signer })
    }

    @Test("one steward's signature counts once, and an agreement that has ended needs none")
    func countedOnce() throws {
        let linh = try signature("health/steward/linh")
        #expect(check([linh, linh], mode: .recorded).warnings.contains { $0.message.contains("has signed already") })
        #expect(check([], at: now + 365 * 86_400_000).errors.isEmpty)
    }

    @Test(
        "a file of signatures that is not one is refused as a whole, with its line",
        arguments: [
            ("[]", "must be a mapping"), ("", "is empty"), ("{", "is not YAML"), (#"{"agreement": "A-1"}"#, "needs “agreement” and “signatures”"),
            (#"{"agreement": "A-2", "signatures": []}"#, "its name must be A-2.signatures.json"),
            (#"{"agreement": "A-1", "signatures": [], "more": 1}"#, "unknown word “more”"),
            (#"{"agreement": "A-1", "signatures": [{"signer": "a/b/c"}]}"#, "a signature has no “signature”"),
            (#"{"agreement": "A-1", "signatures": [{"signer": "a/b/*", "signature": "AA==", "certificates": ["AA=="]}]}"#, "is not one node"),
            (#"{"agreement": "A-1", "signatures": [{"signer": "a/b/c", "signature": "A", "certificates": ["AA=="]}]}"#, "is not base64"),
            (#"{"agreement": "A-1", "signatures": [{"signer": "a/b/c", "signature": "AA==", "certificates": []}]}"#, "no “certificates”"),
        ])
    func malformed(text: String, reason: String) {
        let check = AgreementsCheck(files: ["a.yaml": Self.text, "A-1.signatures.json": text], at: now)
        #expect(check.errors.contains { $0.message.contains(reason) && $0.file == "A-1.signatures.json" }, "\(check.errors)")
        #expect(check.agreements.isEmpty)
    }

    @Test("each limit of a file of signatures holds at its value and refuses one past it")
    func limits() throws {
        let one = try signature("health/steward/linh")
        func parses(_ signatures: [AgreementSignature]) -> Bool {
            (try? SignatureFile.parse(SignatureFile(agreement: "A-1", signatures: signatures).text, name: "A-1.signatures.json")) != nil
        }
        #expect(parses(Array(repeating: one, count: AgreementsLimits.signaturesMax)))
        #expect(!parses(Array(repeating: one, count: AgreementsLimits.signaturesMax + 1)))
        func certificates(_ count: Int) -> [AgreementSignature] {
            [AgreementSignature(signer: "a/b/c", certificates: Array(repeating: [1], count: count), signature: [1])]
        }
        #expect(parses(certificates(AgreementsLimits.signatureCertificatesMax)))
        #expect(!parses(certificates(AgreementsLimits.signatureCertificatesMax + 1)))
        #expect(!parses([AgreementSignature(signer: "a/b/c", certificates: [[1]], signature: Array(repeating: 0, count: 128 << 10))]))
    }

    @Test("what is written is read again; signatures of an agreement that is not there are told about")
    func roundTrip() throws {
        let file = SignatureFile(agreement: "A-1", signatures: [try signature("health/steward/linh"), try signature("education/steward/minh")])
        #expect(try SignatureFile.parse(file.text, name: "A-1.signatures.json").signatures == file.signatures)
        #expect(SignatureFile.name(forAgreement: "A-1") == "A-1.signatures.json" && SignatureFile.isName("A-1.signatures.json"))
        #expect(!SignatureFile.isName(".signed") && !SignatureFile.isName("a.yaml"))
        let stray = SignatureFile(agreement: "B", signatures: []).text
        let check = check([], mode: .recorded, more: ["B.signatures.json": stray])
        #expect(check.warnings.contains { $0.file == "B.signatures.json" && $0.message.contains("which the set does not have") })
    }
}
