import Logging
import Storage

extension CommitLog {
    /// Partitions given a synced mark in one round because they have come to rest: what a restart then need not read.
    private static let marksPerRound = 64

    func maintainNow() {
        for partition in openPartitions { services.retain(partition) }
        if !services.hasRoomToSpare {
            do throws(DiskError) {
                try services.spares.giveUp()
            } catch {
                services.logger.warning("a spare segment could not be removed: \(error.sentence)")
            }
        }
        markIdle()
        services.syncFullStretches()
        services.evidence.maintain()
        scrub()
    }

    private func markIdle() {
        let resting = services.core.with { core -> [PartitionID] in
            var resting: [PartitionID] = []
            for tail in core.tails.values where tail.bytesSinceCheckpoint > 0 && tail.outOfService == nil {
                if tail.bytesAtLastRound == tail.bytesSinceCheckpoint, resting.count < Self.marksPerRound {
                    resting.append(tail.partition.id)
                }
                tail.bytesAtLastRound = tail.bytesSinceCheckpoint
            }
            return resting
        }
        for id in resting ?? [] { services.checkpointLater(id) }
    }
}

extension StoreServices {
    func endThreads() {
        evidence.close(syncCrew)
        upkeep.close()
        care.close()
        readers.close()
        syncCrew.close()
        journalThread.close()
    }

    /// A directory without directories in it, and what it holds.
    func removeTree(_ directory: String) {
        do throws(DiskError) {
            for name in try disk.list(directory) { try disk.remove("\(directory)/\(name)") }
            try disk.removeDirectory(directory)
        } catch {
            logger.warning("\(directory) is left over; the next start removes it: \(error.sentence)")
        }
    }
}
