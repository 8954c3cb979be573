import AccessPolicy
import Logging
import Storage

extension Administration {
    /// Holds the stored set against the signatures that are asked for now: at start, once the rules are known. They may have become
    /// stricter, and certificates been revoked, since the set came into force. An agreement that lacks a required one gives nothing until a
    /// signed set is applied, and goes on denying; the broker serves all others.
    /// - Throws: where the set cannot be read, so that nobody knows who may what.
    public func rejudgeSignatures() async throws(AgreementsRefusal) {
        guard services.signatureRules.value?.mode == .required else { return }
        let failure = await services.changes.inTurn { () async -> AgreementsRefusal? in
            do throws(AgreementsRefusal) {
                try await self.withholdUnsigned()
                return nil
            } catch {
                return error
            }
        }
        if let failure { throw failure }
    }

    private func withholdUnsigned() async throws(AgreementsRefusal) {
        let policy = PolicyAdministration(services)
        guard let stored = try await policy.storedSet() else { return }
        let check = policy.inForce(stored.files, at: services.clock.now())
        guard check.errors.isEmpty else { throw .invalid(check.errors) }
        guard !check.unsigned.isEmpty else { return }
        let snapshot: PolicySnapshot
        do throws(UnenforcedAgreement) {
            snapshot = try PolicySnapshot(compiling: check.agreements, version: services.policy.value.version)
        } catch {
            throw .invalid([AgreementsProblem(file: "agreements", line: 0, column: 0, message: error.description)])
        }
        services.install(policy: snapshot)
        let ids = check.unsigned.sorted().joined(separator: " ")
        services.log.error("agreements without the signatures that policy.signatures requires give nothing until they are signed and applied: \(ids)")
        try? await services.audit.willChange(AuditedChange(byBroker: "agreements.withheld", object: "agreements", details: ["agreements": ids]))
    }

    /// Whose signatures count, by agreement.
    public func signers() async -> [String: [String]] {
        guard let stored = try? await PolicyAdministration(services).storedSet(),
            let accepted = try? AcceptedSignature.parse(stored.files[AcceptedSignature.fileName] ?? "")
        else { return [:] }
        return Dictionary(grouping: accepted, by: \.agreement).mapValues { $0.map(\.signer).sorted() }
    }
}
