import KafkaWire
import Storage

/// Reads a whole store without changing it, and without trusting anything that it can compute.
struct StoreCheck {
    let disk: any Disk
    let layout: StoreLayout
    let progress: @Sendable (StoreProgress) -> Void

    func run() throws(StorageError) -> StoreReport {
        let lock = try takeLock()
        defer { withExtendedLifetime(lock) {} }
        try checkStoreFile()
        var report = StoreReport()
        do throws(DiskError) {
            var replay = JournalReplay()
            if let journal = try openIfThere(layout.journal) { try replay.add(journal) }
            let ids = try disk.list(layout.partitions).compactMap { StoreLayout.partition(ofDirectory: $0) }
                .sorted { ($0.topic.hex, $0.partition) < ($1.topic.hex, $1.partition) }
            var total: Int64 = 0
            for id in ids { total += try bytes(of: id) }
            for id in ids {
                var check = PartitionCheck(id: id, disk: disk, layout: layout, replay: replay)
                try check.run(&report) { [total] done in progress(StoreProgress(bytesDone: min(done, total), bytesTotal: total)) }
            }
            progress(StoreProgress(bytesDone: total, bytesTotal: total))
        } catch {
            throw error.storageError
        }
        return report
    }

    private func takeLock() throws(StorageError) -> any AnyObject & Sendable {
        do throws(DiskError) {
            return try disk.lock(layout.lockFile)
        } catch {
            if error.code == DiskError.wouldBlock {
                throw .conflict("a program has the store in \(layout.root) open; stop it first, or check a backup")
            }
            throw error.storageError
        }
    }

    private func checkStoreFile() throws(StorageError) {
        let text: String
        do throws(DiskError) {
            text = String(decoding: try disk.open(layout.storeFile, .read).read(4096, at: 0), as: UTF8.self)
        } catch {
            throw error.isMissing ? .corrupt("\(layout.root) is not a store: it has no file “\(StoreFile.fileName)”") : error.storageError
        }
        if let format = StoreFile.formatNumber(in: text), format > StoreFile.formatKnown {
            throw .newerFormat(found: format, known: StoreFile.formatKnown)
        }
        guard StoreFile(text) != nil else { throw .corrupt("\(layout.storeFile) is not a store's") }
    }

    private func bytes(of id: PartitionID) throws(DiskError) -> Int64 {
        var bytes: Int64 = 0
        for name in try disk.list(layout.directory(of: id)) where name.hasSuffix(StoreLayout.segmentSuffix) {
            bytes += try disk.open("\(layout.directory(of: id))/\(name)", .read).size()
        }
        return bytes
    }

    private func openIfThere(_ path: String) throws(DiskError) -> (any DiskFile)? {
        do throws(DiskError) { return try disk.open(path, .read) } catch {
            if error.isMissing { return nil }
            throw error
        }
    }
}
