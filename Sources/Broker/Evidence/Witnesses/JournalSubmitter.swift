import Logging
import Storage
public import Transparency

/// Shows the node's journal of checkpoints to the witnesses, as every log is: a journal that was restored from an older backup would sign other
/// trees of sizes that were time-stamped, and alone it could not know.
public actor JournalSubmitter {
    private let witnesses: [any WitnessAsking]
    private let logs: PinnedLog
    /// What each witness cosigned last, as far as it told.
    private var known: [Int: Int64] = [:]

    /// A first answer may say what to prove from.
    private static let attemptsMax = 2

    /// - Parameter logs: this broker's name and keys, as witnesses pin them.
    public init(_ witnesses: [any WitnessAsking], logs: PinnedLog) {
        self.witnesses = witnesses
        self.logs = logs
    }

    /// Another journal is shown from now on.
    func forget() { known = [:] }

    /// Ends within seconds, whatever the witnesses do: they are asked at the same time.
    /// - Returns: why this is not the journal that a witness knows; nil where none says so.
    func contradiction(
        of note: SignedCheckpoint, prove: @escaping @Sendable (_ oldSize: Int64) async throws(StorageError) -> [TreeHash]
    ) async -> String? {
        let note = note.signed(onlyBy: logs)
        return await withTaskGroup(of: String?.self, returning: String?.self) { group in
            for number in witnesses.indices { group.addTask { await self.contradiction(of: note, by: number, prove) } }
            var why: String?
            for await answer in group { why = why ?? answer }
            return why
        }
    }

    private func contradiction(
        of note: SignedCheckpoint, by number: Int, _ prove: @escaping @Sendable (_ oldSize: Int64) async throws(StorageError) -> [TreeHash]
    ) async -> String? {
        let name = String(decoding: witnesses[number].witness.name, as: UTF8.self)
        let size = note.checkpoint.size
        for _ in 0..<Self.attemptsMax {
            let old = known[number] ?? size
            guard old <= size, let proof = try? await old > 0 && old < size ? prove(old) : [],
                let answer = try? await witnesses[number].add(WitnessRequest(oldSize: old, proof: proof, checkpoint: note).bytes)
            else { return nil }
            switch WitnessReply(status: answer.status, body: answer.body) {
            case .cosigned: known[number] = size
            case .conflict(let cosigned):
                guard cosigned <= size else { return "witness \(name) has cosigned \(cosigned) entries of the journal, and \(size) were signed here" }
                known[number] = cosigned
                continue
            case .inconsistent: return "witness \(name) has cosigned another journal of \(old) entries by this name"
            case .unknownOrigin, .untrusted, .unusable: break
            }
            return nil
        }
        return nil
    }
}
