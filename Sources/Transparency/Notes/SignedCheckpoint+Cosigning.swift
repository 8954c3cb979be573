// A checkpoint's cosignatures over its life: an idle log is cosigned again and again, and its note must not grow for ever.
extension SignedCheckpoint {
    /// With the signatures of the log's own keys alone: what is sent to a witness, and kept by one.
    public func signed(onlyBy log: PinnedLog) -> SignedCheckpoint {
        let keys = log.publicKeys.compactMap { VerifierKey(name: checkpoint.origin, type: .ed25519, publicKey: $0) }
        return with(note.signatures.filter { line in keys.contains(where: line.isNamed) })
    }

    /// With a witness's newest cosignature. Of each witness two stay: the newest, in front, because readers that know one of a key take the
    /// first; and the oldest, which says from when on the tree was known. Together they are the window that a back-dated record falls out of.
    ///
    /// - Precondition: the signature holds; what does not is not told apart from a newest one.
    public func cosigned(_ signature: NoteSignature, by witness: VerifierKey) -> SignedCheckpoint {
        let own = note.signatures.filter { $0.isNamed(witness) }
        let others = note.signatures.filter { !$0.isNamed(witness) }
        let lines = [signature] + own.filter { $0 != signature }
        let oldest = lines.min { time(of: $0, by: witness) < time(of: $1, by: witness) }
        let kept = [signature] + (oldest.map { $0 == signature ? [] : [$0] } ?? [])
        // The log's own signatures come first, as the format's examples have it.
        let logs = others.prefix { $0.name == checkpoint.origin }
        return with(logs + kept + others.dropFirst(logs.count))
    }

    private func time(of line: NoteSignature, by witness: VerifierKey) -> Int64 {
        Cosignature.time(of: line, on: checkpoint, by: witness) ?? .max
    }

    private func with(_ signatures: [NoteSignature]) -> SignedCheckpoint {
        SignedCheckpoint(checkpoint: checkpoint, note: SignedNote(text: note.text, signatures: signatures))
    }
}
