/// A witness's statement: as of a time, this is the largest tree of the log that it saw, and it continues all that it saw before
/// (C2SP tlog-cosignature, Ed25519). The signature is `u64 time || 64 bytes`, over
///
///     cosignature/v1
///     time 1679315147
///     <the checkpoint's text>
public enum Cosignature {
    static let sizeBytes = 8 + 64

    private static func message(_ checkpoint: [UInt8], time: Int64) -> [UInt8] {
        Array("cosignature/v1\ntime \(time)\n".utf8) + checkpoint
    }

    /// - Parameter time: seconds since 1970.
    public static func sign(_ checkpoint: Checkpoint, by key: SigningKey, as witness: KeyName, time: Int64) -> NoteSignature {
        precondition(time >= 0, "a cosignature of a time before 1970")
        var bytes: [UInt8] = []
        bytes.append(bigEndian: UInt64(time))
        bytes += key.signature(of: message(checkpoint.text, time: time))
        return NoteSignature(name: witness, keyID: key.verifier(witness, .cosignature).keyID, bytes: bytes)
    }

    /// When the witness says that it signed, seconds since 1970; nil where the signature is not this witness's over this checkpoint.
    public static func time(of signature: NoteSignature, on checkpoint: Checkpoint, by witness: VerifierKey) -> Int64? {
        guard witness.type == .cosignature, signature.isNamed(witness), signature.bytes.count == sizeBytes else { return nil }
        let time: UInt64 = signature.bytes.withUnsafeBytes { $0.integer(at: 0) }
        guard let time = Int64(exactly: time) else { return nil }
        return witness.signed(message(checkpoint.text, time: time), signature.bytes.dropFirst(8)) ? time : nil
    }
}
