import Logging
import NIOConcurrencyHelpers
import Storage
import Transparency

/// What is asked of a tree from outside. All of it may wait for the disk, so it runs on the readers' threads.
extension Partition: PartitionEvidence {
    var evidence: (any PartitionEvidence)? { recordsLeaves ? self : nil }

    var head: TreeHead { treeHead.withLockedValue { $0 } }

    func confirm(_ signed: TreeHead) async throws(StorageError) {
        let isTheLog = try await onReaders { [self] () throws(TreeFailure) -> Bool in try agrees(with: signed) }
        guard !isTheLog else { return }
        let bounds = bounds
        let sentence =
            "partition \(id) is not the log of which a checkpoint of \(signed.size) records was signed (it ends at "
            + "\(bounds.highWatermark)): an older state was restored, or its files were changed; restore the newest backup, or close the log "
            + "where all agree and go on under another name (hanbridge log reopen)"
        contradicted(sentence)
        throw .offline(sentence)
    }

    func contradicted(_ sentence: String) {
        services.logger.critical("\(sentence)")
        // Of several at the same moment one is the reason, here and at the tail.
        let isFirst = contradicting.withLockedValue { known in
            guard known == nil else { return false }
            known = sentence
            return true
        }
        guard isFirst else { return }
        services.takeOutOfServiceLater(id, sentence)
        change(to: .offline(sentence))
    }

    var contradiction: String? { contradicting.withLockedValue { $0 } }

    func lastCommon(of signed: [TreeHead]) async throws(StorageError) -> TreeHead? {
        try await onReaders(evenOffline: true) { [self] () throws(TreeFailure) -> TreeHead? in try firstInTree(signed) }
    }

    func takeBack() async throws(StorageError) {
        try await services.onUpkeep { [self] in
            let sentence = contradiction
            let isBack = services.core.with { core -> Bool in
                // What is damaged beside that stays out of service.
                guard let tail = core.tails[id], tail.outOfService == nil || tail.outOfService == sentence else { return false }
                tail.outOfService = nil
                publish(tail)
                return true
            }
            guard isBack == true else { throw StorageError.offline("partition \(id) is out of service for more than its name") }
        }
    }

    func reopen() async throws(StorageError) {
        try await takeBack()
        contradicting.withLockedValue { $0 = nil }
        // Whoever signs is told of it anew.
        treeHead.withLockedValue { $0 = .empty }
        services.evidence.note(self)
    }

    func hashes(level: Int, _ range: Range<Int64>) async throws(StorageError) -> [UInt8]? {
        guard range.upperBound <= head.size >> (Tile.height * level), range.lowerBound >= TreeMinimum.firstHash(level: level, minimumIndex)
        else { return nil }
        return try await onReaders { [self] () throws(TreeFailure) -> [UInt8] in
            do throws(DiskError) {
                return try treeFiles.hashes(level: level, range).withUnsafeBytes { Array($0) }
            } catch {
                throw .disk(error)
            }
        }
    }

    func entries(of offsets: Range<Int64>) async throws(StorageError) -> [UInt8]? {
        guard offsets.upperBound <= head.size, offsets.lowerBound >= minimumIndex else { return nil }
        return try await onReaders { [self] () throws(TreeFailure) -> [UInt8] in try entriesNow(offsets) }
    }

    /// A segment may go between a look at where entries are kept and the reading of its frames: then they are kept by now.
    private func entriesNow(_ offsets: Range<Int64>, _ each: (FrameView) -> Void = { _ in }) throws(TreeFailure) -> [UInt8] {
        let kept = keptEnd
        do throws(TreeFailure) {
            return try entries(offsets, each)
        } catch where keptEnd > kept {
            return try entries(offsets, each)
        }
    }

    func salts(of offsets: Range<Int64>) async throws(StorageError) -> [UInt8]? {
        let bounds = bounds
        guard offsets.lowerBound >= bounds.logStart.rawValue, offsets.upperBound <= bounds.highWatermark.rawValue else { return nil }
        return try await onReaders { [self] () throws(TreeFailure) -> [UInt8] in
            var salts: [UInt8] = []
            _ = try SegmentFrames(self).walk(offsets, from: nil, depth: .headers) { (frame) throws(EvidenceTrouble) in
                guard frame.header.flags.contains(.recordsLeaves) else { return false }
                salts += frame.salts(of: offsets)
                return true
            }
            guard salts.count == offsets.count * FrameHeader.saltBytes else { throw .gone }
            return salts
        }
    }

    func facts(of offsets: Range<Int64>) async throws(StorageError) -> [UInt8]? {
        let bounds = bounds
        let there = max(offsets.lowerBound, bounds.logStart.rawValue)..<max(offsets.upperBound, bounds.logStart.rawValue)
        guard !there.isEmpty, there.upperBound <= min(bounds.highWatermark.rawValue, head.size) else { return nil }
        let runs = try await onReaders { [self] () throws(TreeFailure) -> [UInt8] in
            var runs: [UInt8] = []
            _ = try SegmentFrames(self).walk(there, from: nil, depth: .headers) { (frame) throws(EvidenceTrouble) in
                FrameEntries.appendFacts(of: frame, there, to: &runs)
                return true
            }
            return runs
        }
        return runs.isEmpty ? nil : runs
    }

    /// One walk for both: the record's batch may be large.
    func opening(of offset: Int64) async throws(StorageError) -> EntryOpening? {
        guard offset < head.size, offset >= minimumIndex else { return nil }
        let isThere = offset >= bounds.logStart.rawValue
        return try await onReaders { [self] () throws(TreeFailure) -> EntryOpening in
            var salt: [UInt8]?
            let entry = try entriesNow(offset..<offset + 1) { salt = Array($0.salts(of: offset..<offset + 1)) }
            return EntryOpening(entry: entry, salt: isThere ? salt : nil)
        }
    }

    func inclusionProof(of index: Int64, in size: Int64) async throws(StorageError) -> [TreeHash] {
        try await onReaders { [self] () throws(TreeFailure) -> [TreeHash] in
            var files = treeFiles
            do throws(DiskError) {
                return try InclusionProof.prove(index: index, size: size, from: &files)
            } catch {
                throw .disk(error)
            }
        }
    }

    func consistencyProof(from oldSize: Int64, to size: Int64) async throws(StorageError) -> [TreeHash] {
        // Of what was pruned nothing can be proven.
        guard oldSize == 0 || oldSize >= minimumIndex else { throw .offsetOutOfRange(bounds) }
        return try await onReaders { [self] () throws(TreeFailure) -> [TreeHash] in
            var files = treeFiles
            do throws(DiskError) {
                return try ConsistencyProof.prove(from: oldSize, to: size, from: &files)
            } catch {
                throw .disk(error)
            }
        }
    }

    func onReaders<T: Sendable>(
        evenOffline: Bool = false, _ work: @escaping @Sendable () throws(TreeFailure) -> T
    ) async throws(StorageError) -> T {
        if case .offline(let why) = bounds.state, !evenOffline { throw .offline(why) }
        let result: Result<T, StorageError> = await withCheckedContinuation { continuation in
            let isTaken = services.readers.submit { [self] in
                do throws(TreeFailure) {
                    continuation.resume(returning: .success(try work()))
                } catch {
                    continuation.resume(returning: .failure(SegmentFrames(self).storageError(error)))
                }
            }
            if !isTaken { continuation.resume(returning: .failure(services.readers.isClosed ? .shutDown : .overloaded)) }
        }
        return try result.get()
    }
}
