import AccessPolicy
import Foundation
import Testing

/// Signatures by the rules: which count, and what follows for the agreements. Keys and chains are module Identity's.
@Suite struct SignatureTests {
    /// 2026-06-01
    private let now: PolicyInstant = 1_780_246_800_000

    /// A signature is the text itself behind a claim; the first certificate says who made it: `path roles`, or `unknown`.
    private struct WordJudge: SignatureJudging {
        /// Certificates that have ended.
        var ended: Set<String> = []
        /// Those that are not believed just now.
        var doubted: Set<String> = []
        var revoked: Set<String> = []
        /// A key was found under which any signature is one over any bytes.
        var isForged = false

        func digest(of bytes: [UInt8]) -> String { String(bytes.reduce(into: UInt64(5381)) { $0 = $0 &* 33 &+ UInt64($1) }, radix: 16) }

        func judge(_ signature: AgreementSignature, over bytes: [UInt8], at instant: PolicyInstant) -> Result<NodeIdentity, SignatureFlaw> {
            guard isForged || signature.signature == bytes else { return .failure(.changedSince) }
            let certificate = String(decoding: signature.certificates[0], as: UTF8.self)
            let words = certificate.split(separator: " ").map(String.init)
            guard words[0] != "unknown", !doubted.contains(certificate),
                let identity = try? node(words[0], roles: Set(words.dropFirst().compactMap(Role.init)))
            else { return .failure(.untrusted("nobody knows it")) }
            if revoked.contains(certificate) { return .failure(.revoked("it was revoked")) }
            return ended.contains(certificate) ? .failure(.expired(identity)) : .success(identity)
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
        at instant: PolicyInstant? = nil, more: [String: String] = [:], judge: WordJudge = WordJudge(), forgivesEnds: Bool = false
    ) -> AgreementsCheck {
        var files = ["a.yaml": text, AcceptedSignature.fileName: AcceptedSignature.text(known)]
        if !signatures.isEmpty { files["A-1.signatures.json"] = SignatureFile(agreement: "A-1", signatures: signatures).text }
        return AgreementsCheck(
            files: files.merging(more) { $1 }, at: instant ?? now, signatures: SignatureRules(mode, judge: judge, forgivesEnds: forgivesEnds))
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

    @Test("of a set that is in force already, what lacks a required signature gives nothing and denies what it denies; what is signed stays")
    func withheld() throws {
        let denying = """
            agreements:
              - {id: A-2, topic: health.v1, owner: health, parties: [{node: education/schools/one, may: [publish], deny: [subscribe]}]}

            """
        let both = [try signature("health/steward/linh"), try signature("education/steward/minh")]
        func decide(_ signatures: [AgreementSignature], _ mode: SignatureRules.Mode, _ path: String, _ question: AccessQuestion) throws -> Bool {
            var files = ["a.yaml": Self.text, "b.yaml": denying]
            files["A-1.signatures.json"] = SignatureFile(agreement: "A-1", signatures: signatures).text
            let check = AgreementsCheck(files: files, at: now, signatures: SignatureRules(mode, judge: WordJudge()), withholdingUnsigned: true)
            #expect(check.errors.isEmpty && check.unsigned == (mode == .recorded ? [] : signatures.isEmpty ? ["A-1", "A-2"] : ["A-2"]))
            let policy = try PolicySnapshot(compiling: check.agreements, version: 1)
            return policy.decide(question, for: try node(path), at: now).isAllowed
        }
        let (subscribe, publish) = (AccessQuestion.subscribe(topic: "health.v1"), AccessQuestion.publish(topic: "health.v1"))
        #expect(try decide([], .recorded, "education/schools/two", subscribe) && decide([], .recorded, "education/schools/one", publish))
        #expect(try decide(both, .required, "education/schools/two", subscribe))
        #expect(try !decide([], .required, "education/schools/two", subscribe))
        #expect(try !decide(both, .required, "education/schools/one", publish), "nobody signed that")
        #expect(try !decide(both, .required, "education/schools/one", subscribe), "what it denies stays denied")
    }

    @Test(
        "a signature that is wrong does not count, says why and where, and in either mode nothing else of the set is hurt by it",
        arguments: [
            ("health/steward/linh", "health/steward/linh member", "does not carry the role steward"),
            ("health/steward/linh", "health/steward/lan steward", "its certificate is that of health/steward/lan"),
            ("traffic/steward/an", "traffic/steward/an steward", "traffic neither owns the records nor is party"),
            ("health/steward/linh", "unknown", "its certificate is not believed: nobody knows it"),
            ("health/steward/linh", "health/steward/linh steward ended", "its certificate has ended"),
            ("health/steward/linh", "health/steward/linh steward revoked", "its certificate is not believed: it was revoked"),
        ])
    func flaws(signer: String, certificate: String, reason: String) throws {
        let bad = [try signature("education/steward/minh"), try signature(signer, certificate: certificate)]
        let judge = WordJudge(ended: ["health/steward/linh steward ended"], revoked: ["health/steward/linh steward revoked"])
        for mode in SignatureRules.Mode.allCases {
            let check = check(bad, mode: mode, judge: judge)
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

    @Test("a signature that was accepted counts on when its certificate ends, with the time at which it was accepted")
    func expiry() throws {
        let both = [try signature("health/steward/linh"), try signature("education/steward/minh")]
        let known = check(both).acceptedSignatures
        let later = WordJudge(ended: ["health/steward/linh steward"])
        #expect(!check(both, judge: later).errors.isEmpty, "nobody knows that it held before")
        let check = check(both, known: known, at: now + 1, judge: later)
        #expect(check.errors.isEmpty && check.acceptedSignatures == known)
        #expect(try AcceptedSignature.parse(AcceptedSignature.text(known)) == known.sorted { $0.signer < $1.signer })
        let another = known.map {
            AcceptedSignature(agreement: "A-2", signer: $0.signer, signature: $0.signature, meaning: $0.meaning, certificate: $0.certificate, at: 0)
        }
        #expect(!self.check(both, known: another, judge: later).errors.isEmpty)
        let revoked = self.check(both, known: known, judge: WordJudge(revoked: ["health/steward/linh steward"]))
        #expect(!revoked.errors.isEmpty, "what is revoked is so")
    }

    @Test("what was accepted is no signature under another meaning, nor by another certificate, whatever key is found for it after its end")
    func forgedAfterTheEnd() throws {
        let both = [try signature("health/steward/linh"), try signature("education/steward/minh")]
        let known = check(both).acceptedSignatures
        let wider = Self.text.replacing("may: [subscribe]", with: "may: [subscribe, replay]")
        let forger = "health/steward/linh steward made-later"
        let judge = WordJudge(ended: ["health/steward/linh steward", "education/steward/minh steward", forger], isForged: true)
        #expect(check(both, known: known, judge: judge).errors.isEmpty)
        #expect(!check(both, text: wider, known: known, judge: judge).errors.isEmpty, "another meaning")
        let forged = [AgreementSignature(signer: both[0].signer, certificates: [Array(forger.utf8)], signature: both[0].signature), both[1]]
        #expect(!check(forged, known: known, judge: judge).errors.isEmpty, "another certificate")
        #expect(!check(forged, text: wider, known: known, judge: judge).errors.isEmpty, "both")
    }

    @Test("an ended certificate has to be the signer's, a steward's and of an agency that may sign, as any other has to be", arguments: [true, false])
    func endedStillNames(forgivesEnds: Bool) throws {
        for (certificate, holds) in [
            ("health/steward/linh steward", true), ("health/steward/lan steward", false), ("health/steward/linh member", false),
        ] {
            let both = [try signature("health/steward/linh", certificate: certificate), try signature("education/steward/minh")]
            let canonical = try #require(try AgreementsFile.parse(yaml: Self.text, name: "a").agreements.first).canonicalJSON
            let digest = WordJudge().digest(of:)
            let known = both.map {
                AcceptedSignature(
                    agreement: "A-1", signer: $0.signer, signature: Data($0.signature).base64EncodedString(), meaning: digest(Array(canonical.utf8)),
                    certificate: digest($0.certificates[0]), at: now)
            }
            let check = check(
                both, known: forgivesEnds ? [] : known, judge: WordJudge(ended: [certificate]), forgivesEnds: forgivesEnds)
            #expect(check.errors.isEmpty == holds, "\(certificate)")
        }
    }

    @Test("what is not believed for an hour does not count that long, and is not forgotten; what is revoked is")
    func doubt() throws {
        let both = [try signature("health/steward/linh"), try signature("education/steward/minh")]
        let known = check(both).acceptedSignatures
        let linh = "health/steward/linh steward"
        let ended = WordJudge(ended: [linh])
        let doubted = check(both, mode: .recorded, known: known, judge: WordJudge(doubted: [linh]))
        #expect(doubted.warnings.contains { $0.message.contains("nobody knows it") } && doubted.acceptedSignatures == known)
        #expect(check(both, known: doubted.acceptedSignatures, judge: ended).errors.isEmpty)
        #expect(!check(both, known: known, judge: WordJudge(doubted: [linh])).errors.isEmpty, "not that long")
        #expect(check([both[1]], mode: .recorded, known: known).acceptedSignatures.map(\.signer) == ["education/steward/minh"], "it was taken out")
        let revoked = check(both, mode: .recorded, known: known, judge: WordJudge(revoked: [linh])).acceptedSignatures
        #expect(!check(both, known: revoked, judge: ended).errors.isEmpty, "a list need not name a certificate that has ended")
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
