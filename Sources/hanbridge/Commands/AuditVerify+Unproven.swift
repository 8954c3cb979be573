import Foundation
import Sentences
import Transparency

// What witnesses and the time-stamp authority vouch for, as narrowly as the auditor demands, and what of a case nothing vouches for: whoever rewrites a
// case can leave things out of it, so that what is not there has to be said.
extension AuditVerify {
    /// How long after its append time a record was under a checkpoint that somebody else vouches for.
    struct Lag {
        /// Of the records that are, the longest.
        private(set) var milliseconds: Int64 = 0
        /// The first offset of which nobody saw anything.
        private(set) var firstUnseen: Int64?

        /// - Parameter seen: when it was seen, seconds since 1970; nil where it never was.
        mutating func add(_ facts: Entry.Facts, seen: Int64?) {
            guard let seen else { return firstUnseen = min(firstUnseen ?? facts.offset, facts.offset) }
            // That second has not ended yet.
            milliseconds = max(milliseconds, seen * 1000 + 999 - facts.appendTime)
        }

        var seconds: Int64 { milliseconds / 1000 }

        func isWithin(_ secondsMax: Int) -> Bool { firstUnseen == nil && seconds <= secondsMax }
    }

    /// Who cosigned the head, who of the policy's did not, and how soon records were under a cosigned checkpoint: the fewer of these the file has, the
    /// later that is. A record cannot be back-dated by more.
    func judgeCosigned(_ head: SignedCheckpoint, _ policy: TrustPolicy, _ lag: Lag) throws(CommandFailure) {
        guard !policy.witnesses.isEmpty else { return }
        let origin = head.checkpoint.origin.text
        let cosigned = policy.judge(head).cosigned
        for one in cosigned {
            let (witness, time) = (String(decoding: one.witness, as: UTF8.self), EvidenceFiles.time(seconds: one.time))
            told(.receiptCosigned(by: witness, at: time), [("witness", .string(witness)), ("cosignedAt", .string(time))])
        }
        for witness in policy.witnesses where !cosigned.contains(where: { $0.witness == witness.name }) {
            notProven("witness \(String(decoding: witness.name, as: UTF8.self))", .notCosigned(origin, by: String(decoding: witness.name, as: UTF8.self)))
        }
        guard policy.quorum != .none else { return }
        told(.cosignedWithin(lag.seconds), [("cosignedWithin", .integer(lag.seconds))])
        if let cosignedWithin, !lag.isWithin(cosignedWithin) { throw .refused(.cosignedTooLate(origin, seconds: lag.seconds, secondsMax: cosignedWithin)) }
    }

    /// What the auditor brought nothing for, or the case has nothing of.
    func tellUnproven(_ manifest: CaseManifest) {
        if policy == nil { notProven("witnesses", .unprovenWitnesses) }
        if tsaCa == nil { notProven("time", .unprovenTime) }
        if authorities == nil { notProven("writers", .unprovenWriters) }
        if manifest.ledger == nil { notProven("deliveries", .unprovenDeliveries) }
        notProven(CaseManifest.name, .unprovenManifest(madeAt: manifest.madeAt, purpose: manifest.purpose))
    }

    func notProven(_ what: String, _ why: Sentence) {
        let why = why.text(in: options.language)
        switch options.output {
        case .table: StandardStream.output.writeLine("NOT PROVEN  \(what): \(why)")
        case .json: StandardStream.output.writeLine(JSONText.object([("notProven", .string(what)), ("why", .string(why))]).description)
        }
    }

    func told(_ sentence: Sentence, _ fields: [(String, JSONText)]) {
        switch options.output {
        case .table: StandardStream.output.writeLine(sentence.text(in: options.language))
        case .json: StandardStream.output.writeLine(JSONText.object(fields).description)
        }
    }
}
