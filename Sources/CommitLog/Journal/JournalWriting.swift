import CLinux
import NIOConcurrencyHelpers
import Storage

#if canImport(Glibc)
import Glibc
#endif

/// A group on its way into the journal, on whichever thread.
///
/// `@unchecked Sendable`: the log thread makes it, one thread runs it, and the log thread waits for that before it touches the
/// runs, what they point to or the block writer again. Holding the runs keeps that memory.
final class JournalWriting: @unchecked Sendable {
    private enum State {
        case underWay
        case over(DiskError?)
    }

    let groupBytes: Int
    private let runs: [(run: SegmentRun, partition: PartitionID)]
    private let header: [UInt8]
    private let blocks: BlockWriter
    private let position: Int64
    private let state = NIOLockedValueBox<State>(.underWay)
    private let ended = Bell()

    init(
        _ runs: [(run: SegmentRun, partition: PartitionID)], epoch: UInt64, sequence: UInt64, blocks: BlockWriter, position: Int64
    ) {
        self.runs = runs
        self.blocks = blocks
        self.position = position
        let facts = runs.map { run, partition in
            JournalFormat.Run(
                partition: partition, generation: run.active.segment.identity.generation,
                baseOffset: run.active.segment.baseOffset, position: run.position, bytes: run.bytes)
        }
        header = JournalFormat.groupHeader(epoch: epoch, sequence: sequence, runs: facts)
        groupBytes = JournalFormat.groupBytes(runs: runs.count, bytes: runs.reduce(0) { $0 + $1.run.bytes })
    }

    func run() {
        let failure = writeAndSync()
        state.withLockedValue { $0 = .over(failure) }
        ended.ring()
    }

    /// - Returns: what went wrong.
    func wait() -> DiskError? {
        while true {
            let reading = ended.reading
            if case .over(let failure) = state.withLockedValue({ $0 }) { return failure }
            ended.wait(after: reading)
        }
    }

    private func writeAndSync() -> DiskError? {
        header.withUnsafeBytes { raw in
            var pieces = [iovec(iov_base: UnsafeMutableRawPointer(mutating: raw.baseAddress), iov_len: raw.count)]
            pieces.reserveCapacity(1 + runs.reduce(0) { $0 + $1.run.pieces.count })
            for (run, _) in runs { pieces.append(contentsOf: run.pieces) }
            return pieces.withUnsafeBufferPointer { pieces in
                do throws(DiskError) {
                    try blocks.write(pieces, at: position)
                    try blocks.file.sync()
                    return nil
                } catch {
                    return error
                }
            }
        }
    }
}
