import AccessPolicy
import Broker
import CommitLog
import Foundation
import Identity
import KafkaWire
import Listeners
import Logging
import Metadata
import Sentences
import Storage

/// Makes a whole backup of the running broker: metadata, log, and the files that make it this broker (configuration,
/// certificates, keys).
///
/// The metadata is copied first: what the log holds beyond it is newer than the backup's moment and harmless, while an offset
/// committed for a record that is not in the copy would be a hole. The log's copy then has the partitions that the metadata's copy
/// knows; a topic that was deleted while it was made is deleted in the metadata's copy too, or it would come up without its log.
actor BackupCreation {
    private let configuration: BrokerConfiguration
    private let store: CommitLog
    private let services: BrokerServices
    private let logger: Logger
    private var isRunning = false

    /// Producer ids that the running broker may hand out while the log is copied: the copy begins behind them, so that no id
    /// in its log is handed out a second time after a restore.
    private static let producerIDsSkipped: Int64 = 1_000_000

    init(_ configuration: BrokerConfiguration, _ store: CommitLog, _ services: BrokerServices, logger: Logger) {
        self.configuration = configuration
        self.store = store
        self.services = services
        self.logger = logger
    }

    /// - Throws: `Problem` when one is running already, or where the copy would reach into the reserve that the broker keeps, or the
    ///   disk refuses. What was copied by then is removed, and named where it cannot be; it has no `backup.json`, which only a whole
    ///   backup has.
    func create(by peer: Peer) async throws -> BackupDocument {
        guard !isRunning else { throw Problem.conflict(.backupRunning) }
        isRunning = true
        defer { isRunning = false }
        let now = services.clock.now()
        let directory = "\(configuration.backupDirectory)/\(Self.name(at: now))"
        do {
            try await services.audit.willChange(AuditedChange(action: "backup.create", object: directory, by: peer))
            try FileManager.default.createDirectory(
                atPath: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            let metadataBytes = try FileManager.default.attributesOfItem(atPath: configuration.metadataFile)[.size] as? Int64 ?? 0
            guard try store.hasRoomForBackup(besideBytes: metadataBytes, in: directory) else { throw StorageError.diskFull }
            let log = try await copyStores(to: directory)
            try BackupFiles(configuration).copy(to: "\(directory)/files")
            try BackupManifest(createdAt: now, createdBy: peer.identity.principal, partitions: log.partitions, bytes: log.bytes).write(to: directory)
            return BackupDocument(directory: directory, partitions: log.partitions, bytes: log.bytes)
        } catch {
            let why = Self.sentence(error, directory)
            logger.error("the backup was not made: \(why.english)")
            throw Problem.storageUnavailable(removePartial(directory, after: why))
        }
    }

    private static func sentence(_ error: any Error, _ directory: String) -> Sentence {
        switch error {
        case StorageError.diskFull: .backupHasNoRoom(directory)
        case let error as StorageError: .told(error.sentence)
        default: .told((error as? CocoaError)?.localizedDescription ?? "\(error)")
        }
    }

    private func removePartial(_ directory: String, after why: Sentence) -> Sentence {
        guard FileManager.default.fileExists(atPath: directory) else { return why }
        do {
            try FileManager.default.removeItem(atPath: directory)
            return why
        } catch {
            logger.error("the unfinished backup \(directory) could not be removed: \(error.localizedDescription)")
            return .backupLeftOver(directory, after: why)
        }
    }

    private func copyStores(to directory: String) async throws -> BackupSummary {
        let path = "\(directory)/metadata.sqlite"
        try await services.metadata.copy(to: path)
        let copy = try MetadataDatabase(path: path)
        do {
            _ = try await copy.reserveProducerIDs(count: Self.producerIDsSkipped)
            let topics = try await copy.load().topics
            let wanted = topics.map { topic in (topic, Set((0..<topic.partitionCount).map { PartitionID(topic: topic.id, partition: $0) })) }
            let log = try await store.backup(of: wanted.reduce(into: []) { $0.formUnion($1.1) }, to: "\(directory)/log")
            for (topic, partitions) in wanted where !partitions.isSubset(of: log.highWatermarks.keys) {
                // A partition that the broker itself has lost is lost in the copy too.
                guard services.catalogue.value[topic.id] == nil else { continue }
                try await copy.apply(.deleteTopic(topic.id))
            }
            await copy.shutDown()
            return log
        } catch {
            await copy.shutDown()
            throw error
        }
    }

    /// Sorts by time, and is a file's name everywhere.
    private static func name(at milliseconds: Int64) -> String {
        let date = Date(timeIntervalSince1970: Double(milliseconds) / 1000)
        let text = date.formatted(Date.ISO8601FormatStyle(dateSeparator: .omitted, timeSeparator: .omitted))
        return "backup-\(text)-\(milliseconds % 1000)"
    }
}

/// `backup.json`: written last, so that what has it is whole.
struct BackupManifest: Codable, Equatable, Sendable {
    static let fileName = "backup.json"
    static let formatKnown = 1

    var format = formatKnown
    let createdAt: Int64
    let createdBy: String
    let partitions: Int
    let bytes: Int64

    func write(to directory: String) throws {
        try JSONEncoder().encode(self).write(to: URL(fileURLWithPath: "\(directory)/\(Self.fileName)"), options: .atomic)
    }

    /// - Throws: in words, when the directory is no whole backup of a format that is known.
    init(readingFrom directory: String) throws(CommandFailure) {
        guard let data = FileManager.default.contents(atPath: "\(directory)/\(Self.fileName)"),
            let manifest = try? JSONDecoder().decode(BackupManifest.self, from: data)
        else { throw .refused(.notABackup(directory)) }
        guard manifest.format <= Self.formatKnown else { throw .refused(.backupNewer(directory)) }
        self = manifest
    }

    init(createdAt: Int64, createdBy: String, partitions: Int, bytes: Int64) {
        self.createdAt = createdAt
        self.createdBy = createdBy
        self.partitions = partitions
        self.bytes = bytes
    }
}

/// The files beside the store: broker.yaml, certificates, keys, the authority's directory, the agreements. Those in the
/// configuration's directory keep their place; what lies elsewhere is the operator's to keep.
struct BackupFiles {
    private let configuration: BrokerConfiguration

    init(_ configuration: BrokerConfiguration) { self.configuration = configuration }

    private var paths: [String] {
        let identity = configuration.identity
        func absolute(_ path: String) -> String { path.hasPrefix("/") ? path : "\(configuration.directory)/\(path)" }
        let named = [identity.certificate, identity.key].map(absolute) + (identity.pki.map { [absolute($0)] } ?? [])
        let logKeys = configuration.evidence.keys.isEmpty ? [configuration.ownLogKeyFile] : []
        // Not the broker's memory as a witness: an older one, put back, would cosign what contradicts the newer. Nor its key, without it.
        let profiles = configuration.evidence.witnesses.compactMap(\.profile).map { ($0 as NSString).deletingLastPathComponent }
        return [configuration.file] + logKeys + configuration.evidence.files + profiles + named + TrustFiles.paths(of: identity, relativeTo: configuration.directory)
            + (configuration.policyDirectory.map { [$0] } ?? [])
    }

    func copy(to target: String) throws {
        let files = FileManager.default
        try files.createDirectory(atPath: target, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        let root = configuration.directory + "/"
        for path in Set(paths).sorted() where path.hasPrefix(root) && files.fileExists(atPath: path) {
            let place = "\(target)/\(path.dropFirst(root.count))"
            try files.createDirectory(atPath: (place as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
            // A directory that came before (the authority's) brought the files inside it.
            if !files.fileExists(atPath: place) { try files.copyItem(atPath: path, toPath: place) }
        }
    }
}
