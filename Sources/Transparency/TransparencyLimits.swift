/// The most that the parsers of this module accept, from anybody.
public enum TransparencyLimits {
    /// A signed note: a checkpoint with its cosignatures.
    public static let noteBytesMax = 65_536
    /// Signature lines of a note. The format asks readers for 16 at least.
    public static let signaturesMax = 64
    /// A key's or a log's name, and each part of one.
    public static let nameBytesMax = 512
    /// A signature of whatever type, decoded; those of ML-DSA-87 have 4,627 bytes.
    public static let signatureBytesMax = 8_192
    /// Leaves of a tree, as the formats bound it: a cosigned size fits a signed 64-bit integer.
    public static let treeSizeMax = Int64.max
    /// Hashes of a proof: tlog-witness, "The client MUST NOT send more than 63 consistency proof lines".
    public static let proofHashesMax = 63
    /// The extra data of a proof file, decoded.
    public static let proofExtraBytesMax = 1_024
    /// A proof file, and a witness's request: proof lines and a note.
    public static let proofBytesMax = noteBytesMax + 8_192
    /// What a time-stamp's answer has: its token, two signed notes, and a proof.
    public static let timestampBytesMax = 262_144
    public static let policyBytesMax = 262_144
    /// Logs, witnesses and groups of a policy, each. The format recommends 32 at least.
    public static let policyNamesMax = 256
    /// A key file.
    public static let keyFileBytesMax = 4_096
    /// A header's name has a 16-bit length in `content`.
    public static let headerNameBytesMax = 65_535
    /// Salts and contents of refused records that an audit keeps, to tell an altered record from a misplaced one.
    public static let auditSuspectsMax = 64
    public static let auditSuspectBytesMax = 16 << 20
    /// Ranges of an audit's report. Verdicts beyond them are counted, and the bad ones still fail the audit.
    public static let auditFindingsMax = 10_000
}
