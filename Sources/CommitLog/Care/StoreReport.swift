public import Storage

/// What `check` found.
public struct StoreReport: Hashable, Sendable {
    public var partitions = 0
    public var segments = 0
    public var frames: Int64 = 0
    public var records: Int64 = 0
    public var bytes: Int64 = 0
    /// Damage: each a sentence that names partition, file and place. A store with none is clean.
    public var problems: [String] = []
    /// Not damage, but worth knowing: an unfinished write that the next start will cut off, an index that will be rebuilt.
    public var remarks: [String] = []

    public var isClean: Bool { problems.isEmpty }
}

/// How far a long piece of work has come.
public struct StoreProgress: Hashable, Sendable {
    public var bytesDone: Int64
    public var bytesTotal: Int64
}

extension CommitLog {
    /// Verifies a store that no program has open: every frame of every segment, the chain of checksums, dense offsets, append
    /// times that never decrease, manifests, indexes and the journal. Changes nothing. For a backup as well.
    ///
    /// - Throws: `.conflict` where a program has the store open, `.newerFormat`, `.corrupt` where the directory is no store.
    public static func check(
        directory: String, progress: @escaping @Sendable (StoreProgress) -> Void = { _ in }
    ) async throws(StorageError) -> StoreReport {
        try await onThread("log-check") { () throws(StorageError) in
            try StoreCheck(disk: LinuxDisk(), layout: StoreLayout(root: directory), progress: progress).run()
        }
    }

    static func onThread<T: Sendable>(
        _ name: String, _ work: @escaping @Sendable () throws(StorageError) -> T
    ) async throws(StorageError) -> T {
        let result: Result<T, StorageError> = await withCheckedContinuation { continuation in
            startThread(name: name) {
                do throws(StorageError) {
                    continuation.resume(returning: .success(try work()))
                } catch {
                    continuation.resume(returning: .failure(error))
                }
            }
        }
        return try result.get()
    }
}
