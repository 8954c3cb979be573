/// A node's logs as others pin them: a name and the keys that sign every log whose origin begins with `<host>/` (EVIDENCE.md,
/// "Witnesses and time"). More than one key while keys are exchanged: the old and the new one overlap.
public struct PinnedLog: Hashable, Sendable {
    public let host: String
    /// 32 bytes each, at least one.
    public let publicKeys: [[UInt8]]

    /// - Returns: nil where there is no key, a key has not 32 bytes, or the host could not begin an origin.
    public init?(host: String, publicKeys: [[UInt8]]) {
        guard !publicKeys.isEmpty, publicKeys.allSatisfy({ $0.count == VerifierKey.publicKeyBytes }), !host.isEmpty,
            !host.utf8.contains(UInt8(ascii: "/")), KeyName(host) != nil
        else { return nil }
        self.host = host
        self.publicKeys = publicKeys
    }

    public func owns(_ origin: KeyName) -> Bool { origin.text.utf8.starts(with: "\(host)/".utf8) }

    /// What the log's own signature on a checkpoint is worth. One valid signature of a pinned key suffices, a forged one refuses.
    public func verification(of checkpoint: SignedCheckpoint) -> SignedNote.Verification {
        guard owns(checkpoint.checkpoint.origin) else { return .unsigned }
        var result = SignedNote.Verification.unsigned
        for publicKey in publicKeys {
            guard let key = VerifierKey(name: checkpoint.checkpoint.origin, type: .ed25519, publicKey: publicKey) else { continue }
            switch checkpoint.note.verification(by: key) {
            case .signed: result = .signed
            case .unsigned: break
            case .forged: return .forged
            }
        }
        return result
    }
}
