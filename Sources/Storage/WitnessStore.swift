public import Transparency

/// The seam to what a witness remembers: of each log the last checkpoint that it cosigned. Whoever loses it, or puts an older one in its
/// place, cosigns two histories of one log, so it is kept beside its key and never restored from a backup.
public protocol WitnessStore: Sendable {
    /// What is remembered of these logs.
    func logs(_ ids: Set<TreeHash>) async throws(StorageError) -> [TreeHash: WitnessedLog]

    /// Returns once they are durable, all or none.
    func put(_ logs: [WitnessedLog]) async throws(StorageError)

    /// Logs of a host.
    func logCount(ofHost host: String) async throws(StorageError) -> Int

    func shutDown() async
}

/// The last checkpoint of a log that a witness cosigned.
public struct WitnessedLog: Hashable, Sendable {
    /// SHA-256 of the origin: what C2SP tlog-witness calls a log by in addresses.
    public let id: TreeHash
    public let host: String
    /// Seconds since 1970, as the cosignature says it.
    public let time: Int64
    /// With the log's own signatures and the witness's.
    public let checkpoint: SignedCheckpoint

    public init(host: String, time: Int64, checkpoint: SignedCheckpoint) {
        id = Self.id(of: checkpoint.checkpoint.origin)
        self.host = host
        self.time = time
        self.checkpoint = checkpoint
    }

    public static func id(of origin: KeyName) -> TreeHash { TreeHashing.hash(of: Array(origin.text.utf8)) }
}
