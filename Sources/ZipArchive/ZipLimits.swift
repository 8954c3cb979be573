/// The most that a reader takes from anybody.
public enum ZipLimits {
    /// Members: a log of 400 million records has four million bundles and tiles.
    public static let membersMax = 4_000_000
    /// The list of members.
    public static let directoryBytesMax = 512 << 20
    public static let nameBytesMax = 1_024
    /// The comment behind the end, as long as its length can say.
    public static let commentBytesMax = 65_535
    /// A member, written or read: sizes beyond four gigabytes are never needed.
    public static let memberBytesMax = 1 << 31
}
