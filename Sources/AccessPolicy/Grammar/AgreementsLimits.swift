/// What a set of agreements may be at most. One past each of them is refused with the limit's name and value.
public enum AgreementsLimits {
    public static let fileBytesMax = 1 << 20
    public static let filesMax = 256
    /// Of all files of a set together.
    public static let setBytesMax = 4 << 20
    /// In all files of a set.
    public static let agreementsMax = 2_000
    public static let partiesMax = 256
    /// Entries of any list or mapping inside a party.
    public static let entriesMax = 256
    /// Rules of sources that delegations hand on, in all: what comes beyond is not handed on.
    public static let delegatedRulesMax = 20_000
    public static let idBytesMax = 128
    public static let fieldNameBytesMax = 256
    public static let valueBytesMax = 1_024
    public static let purposeBytesMax = 64
    /// Made through Kafka's ACL APIs.
    public static let bindingsMax = 2_000
    public static let signatureFileBytesMax = 128 << 10
    /// Of all files of signatures of a set together.
    public static let signatureSetBytesMax = 8 << 20
    public static let signaturesMax = 16
    public static let signatureCertificatesMax = 8
}
