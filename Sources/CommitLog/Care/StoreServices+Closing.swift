import Logging
import NIOConcurrencyHelpers
import Storage

/// Synced marks of many partitions, side by side: one after the other each would wait for four syncs of its own, which made the stop of a
/// store with 120 partitions 485 syncs long.
extension StoreServices {
    /// Partitions marked at a time: as many files are open for it, and as many again.
    private static let marksAtOnce = 512

    /// Puts down a synced mark for each, as ``checkpoint(_:change:)`` does for one. Where that fails it says so, and the next start has to
    /// look for itself.
    func checkpoint(all ids: [PartitionID]) {
        var rest = ids[...]
        while !rest.isEmpty {
            checkpoint(atOnce: rest.prefix(Self.marksAtOnce).compactMap(beginMarkIfWritable))
            rest = rest.dropFirst(Self.marksAtOnce)
        }
    }

    private func beginMarkIfWritable(_ id: PartitionID) -> Mark? {
        do throws(DiskError) {
            return try beginMark(id)
        } catch {
            warn(id, error)
            return nil
        }
    }

    private func checkpoint(atOnce begun: [Mark]) {
        var marks = syncSegments(of: begun)
        marks = syncDirectories(of: marks)
        for mark in marks { for segment in mark.segments { storeIndex(of: segment, mark.manifest) } }
        marks = prepareManifests(of: marks.filter { isInService($0.id) })
        marks = marks.filter { mark in
            attempt(mark) { () throws(DiskError) in try putReplacement(of: layout.manifest(of: mark.id)) }
        }
        marks = syncDirectories(of: marks)
        for mark in marks {
            replaced.add(layout.manifest(of: mark.id))
            markWritten(mark)
        }
    }

    /// A failed sync fences the partition, whoever asked for it.
    private func syncSegments(of marks: [Mark]) -> [Mark] {
        var files: [any DiskFile] = []
        var owners: [PartitionID] = []
        var failed: Set<PartitionID> = []
        for mark in marks {
            for segment in mark.segments {
                do throws(DiskError) {
                    files.append(try self.files.file(segment.path))
                    owners.append(mark.id)
                } catch {
                    warn(mark.id, error)
                    failed.insert(mark.id)
                }
            }
        }
        for (id, failure) in zip(owners, syncCrew.sync(files)) {
            guard let failure else { continue }
            fence(id, because: failure)
            failed.insert(id)
        }
        return marks.filter { !failed.contains($0.id) }
    }

    private func syncDirectories(of marks: [Mark]) -> [Mark] {
        let directories = marks.map { layout.directory(of: $0.id) }
        let errors = NIOLockedValueBox<[Int: DiskError]>([:])
        syncCrew.forEach(directories.count) { [disk] index in
            do throws(DiskError) {
                try disk.syncDirectory(directories[index])
            } catch {
                errors.withLockedValue { $0[index] = error }
            }
        }
        return keep(marks, errors.withLockedValue { errors in directories.indices.map { errors[$0] } })
    }

    /// Written on this thread, as all manifests are; synced side by side.
    private func prepareManifests(of marks: [Mark]) -> [Mark] {
        var files: [any DiskFile] = []
        let prepared = marks.filter { mark in
            attempt(mark) { () throws(DiskError) in
                files.append(try prepareReplacement(of: layout.manifest(of: mark.id), with: mark.manifest.encoded()))
            }
        }
        return keep(prepared, syncCrew.sync(files))
    }

    private func keep(_ marks: [Mark], _ failures: [DiskError?]) -> [Mark] {
        zip(marks, failures).compactMap { mark, failure in
            guard let failure else { return mark }
            warn(mark.id, failure)
            return nil
        }
    }

    private func attempt(_ mark: Mark, _ body: () throws(DiskError) -> Void) -> Bool {
        do throws(DiskError) {
            try body()
            return true
        } catch {
            warn(mark.id, error)
            return false
        }
    }

    private func warn(_ id: PartitionID, _ error: DiskError) {
        logger.warning("partition \(id): no synced mark was put down: \(error.sentence)")
    }
}
