import Atomics
import NIOConcurrencyHelpers
import Storage
import Transparency

/// After the audit retention entries and tiles go too, whole tiles at a time. What leads from each leaf that stays to every root stays.
extension Partition {
    var minimumIndex: Int64 {
        let known = treeMinimum.load(ordering: .acquiring)
        guard known < 0 else { return known }
        let read = treeFiles.readMinimum()
        treeMinimum.store(read, ordering: .releasing)
        return read
    }

    func prunableIndex(appendedBefore time: Int64) async throws(StorageError) -> Int64 {
        try await onReaders { [self] () throws(TreeFailure) -> Int64 in try prunable(before: time) }
    }

    func prune(before index: Int64) async throws(StorageError) {
        try await onReaders { [self] () throws(TreeFailure) in try pruneTree(before: index) }
    }

    /// Append times never decrease, so a search by halves among the entries that outlived their segments.
    func prunable(before time: Int64) throws(TreeFailure) -> Int64 {
        let minimum = minimumIndex
        var low = minimum
        var high = min(keptEnd, bounds.logStart.rawValue, head.size)
        while low < high {
            let middle = low + (high - low) / 2
            let bytes = try entries(middle..<middle + 1)
            guard let entry = try? Entry(bytes) else { throw .evidence(EvidenceTrouble(sentence: "the kept entry of offset \(middle) is damaged")) }
            if entry.facts.appendTime < time { low = middle + 1 } else { high = middle }
        }
        return max(minimum, (low >> Tile.height) << Tile.height)
    }

    /// The minimum is durable before a byte goes; what a crash leaves of it goes with the next pruning.
    func pruneTree(before index: Int64) throws(TreeFailure) {
        try withTree { (work) throws(TreeFailure) in
            guard !work.isRetired, index > minimumIndex else { return }
            precondition(index.isMultiple(of: Int64(Tile.widthMax)) && index <= keptEnd, "entries of records that are there were to go")
            // A start must not need what goes.
            var maker = FrameEntries()
            var growing = try take(&work, nil)
            defer { work.growing = growing }
            try grow(&growing, to: index, &maker)
            if growing.markedSize < index { try mark(&growing) }
            do throws(DiskError) {
                try treeFiles.writeMinimum(index)
                treeMinimum.store(index, ordering: .releasing)
                try treeFiles.free(before: index)
            } catch {
                throw .disk(error)
            }
        }
    }
}
