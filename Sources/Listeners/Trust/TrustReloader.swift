import Broker
import CoreMetrics
import Foundation
public import Logging
public import ServiceLifecycle

/// Reads the files of trust again when one of them changes, or when it is told to (SIGHUP), and lets the result take force.
///
/// Whole or not at all: what cannot be read, parsed or used leaves the trust in force as it is, and says why. After a change, new
/// connections meet a new TLS context, every live connection is judged again, and those whose certificate no longer counts end.
/// With a look every two seconds, a revocation reaches live connections well within the five that are promised.
public actor TrustReloader: Service {
    /// Reads everything anew. Throws a sentence.
    public typealias Source = @Sendable () async throws -> TrustMaterial

    public enum Outcome: Sendable, Equatable {
        /// New trust is in force.
        case replaced(generation: UInt64, endedCertificates: Int)
        /// The trust from before stays in force, and why.
        case kept(reason: String)
    }

    /// What tells one state of a file from another without reading it.
    public struct FileStamp: Sendable, Hashable {
        /// Seconds since 1970, as fine as the file system keeps them.
        public var modifiedSeconds: Double
        public var sizeBytes: Int
        public var inode: UInt64

        public init(modifiedSeconds: Double, sizeBytes: Int, inode: UInt64) {
            self.modifiedSeconds = modifiedSeconds
            self.sizeBytes = sizeBytes
            self.inode = inode
        }
    }

    private let registry: ConnectionRegistry
    private let read: Source
    private let stamp: @Sendable (String) -> FileStamp?
    private let pollInterval: Duration
    private let sleep: @Sendable (Duration) async throws -> Void
    private let logger: Logger
    private let reloads = Counter(label: "hanbridge_trust_reloads_total", dimensions: [("outcome", "replaced")])
    private let failures = Counter(label: "hanbridge_trust_reloads_total", dimensions: [("outcome", "kept")])
    private var stamps: [String: FileStamp?] = [:]
    private var waiting: Task<Outcome, Never>?
    private var running: Task<Outcome, Never>?

    /// Why the last reading failed; nil when the files are what is in force. For `/readyz` and `doctor`.
    public private(set) var complaint: String?

    /// - Parameters:
    ///   - read: what the composition root also read at start.
    ///   - sleep: what paces the looks at the files; tests bring their own.
    ///   - stamp: what tells the state of a file; nil where it does not exist.
    public init(
        registry: ConnectionRegistry, read: @escaping Source, pollInterval: Duration = .seconds(2),
        sleep: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) },
        stamp: @escaping @Sendable (String) -> FileStamp? = systemFileStamp, logger: Logger
    ) {
        self.registry = registry
        self.read = read
        self.pollInterval = pollInterval
        self.sleep = sleep
        self.stamp = stamp
        self.logger = logger
        for file in registry.trust.current.files { stamps[file] = stamp(file) }
    }

    public func run() async throws {
        try? await cancelWhenGracefulShutdown { [self] in
            while true {
                try await sleep(pollInterval)
                if await filesChanged() { _ = await reload() }
            }
        }
    }

    /// Whether a file of the trust in force is not what it was when it was last looked at.
    func filesChanged() -> Bool {
        registry.trust.current.files.contains { stamps[$0] != .some(stamp($0)) }
    }

    /// Reads and, where that succeeds, replaces. Calls that come while one runs share the one after it.
    public func reload() async -> Outcome {
        if let waiting { return await waiting.value }
        let previous = running
        let task = Task<Outcome, Never> { [self] in
            _ = await previous?.value
            return await reloadNow()
        }
        if previous != nil { waiting = task } else { running = task }
        return await task.value
    }

    private func reloadNow() async -> Outcome {
        if let waiting {
            running = waiting
            self.waiting = nil
        }
        defer { if waiting == nil { running = nil } }
        // Before reading: a file that changes while it is read is seen as changed at the next look.
        var changed: [String] = []
        for file in registry.trust.current.files {
            let now = stamp(file)
            if stamps[file] != .some(now) { changed.append((file as NSString).lastPathComponent) }
            stamps[file] = now
        }
        do {
            let material = try await read()
            try registry.trust.replace(with: material)
            for file in material.files where stamps[file] == nil { stamps[file] = stamp(file) }
            let ended = try await registry.recheckLiveConnections()
            complaint = nil
            reloads.increment()
            let generation = registry.trust.generation
            // What ends an access does not wait for its record.
            try? await registry.audit?.willChange(
                AuditedChange(
                    byBroker: "trust.replace", object: "certificates",
                    details: ["generation": "\(generation)", "ended": "\(ended)", "files": changed.joined(separator: " ")]))
            logger.notice("Trust was read again", metadata: ["generation": "\(generation)", "endedCertificates": "\(ended)"])
            return .replaced(generation: generation, endedCertificates: ended)
        } catch {
            let reason = "\(error)"
            complaint = reason
            failures.increment()
            try? await registry.audit?.willChange(
                AuditedChange(byBroker: "trust.refused", object: "certificates", details: ["why": reason, "files": changed.joined(separator: " ")]))
            logger.error("Trust could not be read again, and stays as it was: \(reason)")
            return .kept(reason: reason)
        }
    }
}

/// The stamp of a file on disk, nil where there is none.
public let systemFileStamp: @Sendable (String) -> TrustReloader.FileStamp? = { path in
    guard let attributes = try? FileManager.default.attributesOfItem(atPath: (path as NSString).resolvingSymlinksInPath) else {
        return nil
    }
    return TrustReloader.FileStamp(
        modifiedSeconds: (attributes[.modificationDate] as? Date)?.timeIntervalSince1970 ?? 0,
        sizeBytes: (attributes[.size] as? NSNumber)?.intValue ?? 0,
        inode: (attributes[.systemFileNumber] as? NSNumber)?.uint64Value ?? 0)
}
