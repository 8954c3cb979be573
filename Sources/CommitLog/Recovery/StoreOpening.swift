import KafkaWire
import Logging
import NIOConcurrencyHelpers
import Storage

/// Opens a store: whose it is, what format it has, what its journal holds, and every partition.
struct StoreOpening {
    let services: StoreServices

    struct Opened {
        var id: String
        var lock: any AnyObject & Sendable
        var partitions: [Partition]
    }

    func run() throws(StorageError) -> Opened {
        let lock = try takeLock()
        let id = try readOrMakeStoreFile()
        try onDisk { () throws(DiskError) in
            try services.disk.makeDirectory(services.layout.partitions)
            try services.spares.clear()
            try services.disk.syncDirectory(services.layout.root)
        }
        let replay = try onDisk { () throws(DiskError) in try readJournals() }
        let core = LogCore(services: services)
        var partitions: [Partition] = []
        var offline: [PartitionID] = []
        for (id, log) in try recoverAll(try partitionIDs(), replay) {
            let partition = Partition(id: id, services: services, recovered: log)
            let tail = PartitionTail(
                partition: partition, settings: PartitionSettings(), leaderEpoch: services.settings.leaderEpoch, recovered: log)
            if let why = log.outOfService {
                services.logger.error("\(why)")
                offline.append(id)
            }
            partition.publish(tail)
            core.tails[id] = tail
            core.boundProducers(of: tail)
            partitions.append(partition)
        }
        core.boundProducersInAll()
        core.journal = try emptyJournal(replay, offline: offline)
        core.isJournalAsked = core.journal != nil
        services.core.put(core)
        return Opened(id: id, lock: lock, partitions: partitions)
    }

    private func takeLock() throws(StorageError) -> any AnyObject & Sendable {
        do throws(DiskError) {
            try services.disk.makeDirectory(services.layout.root)
            return try services.disk.lock(services.layout.lockFile)
        } catch {
            if error.code == DiskError.wouldBlock {
                throw .conflict("another program has the store in \(services.layout.root) open; one store serves one broker")
            }
            throw error.storageError
        }
    }

    private func readOrMakeStoreFile() throws(StorageError) -> String {
        let text: String
        do throws(DiskError) {
            let file = try services.disk.open(services.layout.storeFile, .read)
            text = String(decoding: try file.read(4096, at: 0), as: UTF8.self)
        } catch where error.isMissing {
            return try makeStoreFile()
        } catch {
            throw error.storageError
        }
        if let format = StoreFile.formatNumber(in: text), format > StoreFile.formatKnown {
            throw .newerFormat(found: format, known: StoreFile.formatKnown)
        }
        guard let store = StoreFile(text), store.format == StoreFile.formatKnown else {
            throw .corrupt("\(services.layout.storeFile) is not a store's: restore it from a backup, or choose another directory")
        }
        return store.id.hex
    }

    /// A directory that holds partitions and no `store` file lost it: it must not be taken for a new one.
    private func makeStoreFile() throws(StorageError) -> String {
        let names = try onDisk { () throws(DiskError) in try services.disk.list(services.layout.root) }
        guard !names.contains("partitions") else {
            throw .corrupt("\(services.layout.root) holds partitions and no file “\(StoreFile.fileName)”: restore it from a backup")
        }
        let store = StoreFile(id: .random())
        // The directory may be new too. Where its parent cannot be read, whoever made it has to see to its name.
        if let slash = services.layout.root.lastIndex(of: "/"), slash > services.layout.root.startIndex {
            try? services.disk.syncDirectory(String(services.layout.root[..<slash]))
        }
        try onDisk { () throws(DiskError) in
            try services.replace(services.layout.storeFile, with: Array(store.text.utf8), directory: services.layout.root)
        }
        return store.id.hex
    }

    private func readJournals() throws(DiskError) -> JournalReplay {
        var replay = JournalReplay()
        for name in try services.disk.list(services.layout.root)
        where name == "journal" || name.hasPrefix(StoreLayout.journalKeptPrefix) {
            try replay.add(try services.disk.open("\(services.layout.root)/\(name)", .read))
        }
        return replay
    }

    private func partitionIDs() throws(StorageError) -> [PartitionID] {
        let names = try onDisk { () throws(DiskError) in try services.disk.list(services.layout.partitions) }
        for name in names where name.hasSuffix(StoreLayout.deletedSuffix) {
            services.removeTree("\(services.layout.partitions)/\(name)")
        }
        return names.compactMap { StoreLayout.partition(ofDirectory: $0) }
    }

    /// What one thread has recovered for the thread that opens.
    ///
    /// `@unchecked Sendable`: it is made by one thread, handed over once and not kept.
    private struct Recovered: @unchecked Sendable {
        let result: Result<RecoveredLog?, StorageError>
    }

    /// Side by side: after a crash under load most of the time goes into waiting for syncs, several for each partition.
    private func recoverAll(
        _ ids: [PartitionID], _ replay: JournalReplay
    ) throws(StorageError) -> [(id: PartitionID, log: RecoveredLog)] {
        let recovered = NIOLockedValueBox([Recovered?](repeating: nil, count: ids.count))
        services.syncCrew.forEach(ids.count) { index in
            let result: Result<RecoveredLog?, StorageError>
            do throws(StorageError) {
                result = .success(try recover(ids[index], replay))
            } catch {
                result = .failure(error)
            }
            let made = Recovered(result: result)
            recovered.withLockedValue { $0[index] = made }
        }
        var logs: [(id: PartitionID, log: RecoveredLog)] = []
        for (id, recovered) in zip(ids, recovered.withLockedValue({ $0 })) {
            guard let recovered else { preconditionFailure("partition \(id) was not recovered") }
            if let log = try recovered.result.get() { logs.append((id, log)) }
        }
        return logs
    }

    private func recover(_ id: PartitionID, _ replay: JournalReplay) throws(StorageError) -> RecoveredLog? {
        switch try PartitionRecovery(id: id, services: services, replay: replay).run() {
        case .neverMade:
            services.removeTree(services.layout.directory(of: id))
            return nil
        case .found(var log):
            guard log.isChanged, log.outOfService == nil else { return log }
            log.revision += 1
            do throws(DiskError) {
                try services.write(log.manifest(of: id))
                services.unmarkFenced(id)
            } catch {
                // The records are synced; only the next start has to read them again.
                services.logger.warning("partition \(id): no synced mark was put down: \(error.sentence)")
            }
            return log
        }
    }

    /// Everything in the journal is in the segments now, but for partitions that could not be recovered: for them it is kept.
    private func emptyJournal(_ replay: JournalReplay, offline: [PartitionID]) throws(StorageError) -> Journal? {
        let isNeeded = offline.contains { replay.holdsAny(of: $0) }
        return try onDisk { () throws(DiskError) in
            let names = try services.disk.list(services.layout.root)
            if isNeeded {
                // What an earlier start has put aside stays. This journal joins it only with something of theirs in it, or each
                // start would put another one aside.
                guard names.contains("journal"), try journalHolds(offline) else { return try services.reopenJournal() }
                let kept = names.filter { $0.hasPrefix(StoreLayout.journalKeptPrefix) }
                    .compactMap { Int($0.dropFirst(StoreLayout.journalKeptPrefix.count)) }.max() ?? 0
                try services.disk.rename(
                    services.layout.journal, to: "\(services.layout.root)/\(StoreLayout.journalKeptPrefix)\(kept + 1)")
                try services.disk.syncDirectory(services.layout.root)
                return nil
            }
            for name in names where name.hasPrefix(StoreLayout.journalKeptPrefix) {
                try services.disk.remove("\(services.layout.root)/\(name)")
            }
            return try services.reopenJournal()
        }
    }

    private func journalHolds(_ partitions: [PartitionID]) throws(DiskError) -> Bool {
        var replay = JournalReplay()
        try replay.add(try services.disk.open(services.layout.journal, .read))
        return partitions.contains { replay.holdsAny(of: $0) }
    }

    private func onDisk<T>(_ body: () throws(DiskError) -> T) throws(StorageError) -> T {
        do throws(DiskError) { return try body() } catch { throw error.storageError }
    }
}

extension RecoveredLog {
    func manifest(of id: PartitionID) -> Manifest {
        Manifest(
            partition: id, revision: revision, logStart: logStart,
            segments: closed.map(\.facts) + (active.map { [$0.segment.facts] } ?? []), epochs: epochs, producers: producers,
            emptyEnd: end)
    }
}
