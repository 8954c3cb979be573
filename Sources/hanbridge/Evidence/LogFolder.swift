import Foundation
import Sentences
import Transparency

/// A log as files, each read when it is asked for and never beyond what it can be.
struct LogFolder: AuditedTree {
    let source: any EvidenceSource
    /// In front of each name: nothing, or a path that ends in a slash.
    var folder = ""

    func checkpoint() throws(CommandFailure) -> SignedCheckpoint {
        let name = "\(folder)checkpoint"
        guard let bytes = source.bytes(name, bytesMax: TransparencyLimits.noteBytesMax) else { throw .wrongUsage(.fileUnreadable(name)) }
        do throws(FormatFault) {
            return try SignedCheckpoint(bytes)
        } catch {
            throw .refused(.evidenceFileRefused(name, why: error.description))
        }
    }

    /// What witnesses cosigned of the log; none where the folder has nothing of it.
    var cosigned: [SignedCheckpoint] {
        get throws(CommandFailure) {
            let name = "\(folder)\(LogExport.cosigned)"
            guard let bytes = source.bytes(name, bytesMax: LogExport.cosignedBytesMax) else { return [] }
            do throws(FormatFault) {
                guard bytes.count <= LogExport.cosignedBytesMax else { throw FormatFault(.tooLong, at: LogExport.cosignedBytesMax) }
                var notes: [SignedCheckpoint] = []
                for note in try NoteBundle.decode(bytes) { notes.append(try SignedCheckpoint(note)) }
                return notes
            } catch {
                throw .refused(.evidenceFileRefused(name, why: error.description))
            }
        }
    }

    func storedHashes(_ tile: Tile) -> [TreeHash]? {
        let bytesMax = tile.width * TreeHash.sizeBytes
        // A tile that was partial once may be kept as the full one only.
        guard let bytes = bytes(tile, bytesMax: bytesMax), bytes.count >= bytesMax else { return nil }
        return bytes.withUnsafeBytes { TreeHash.array(reading: UnsafeRawBufferPointer(rebasing: $0[..<bytesMax])) }
    }

    func entries(_ bundle: Tile) -> [ArraySlice<UInt8>]? {
        guard let bytes = bytes(bundle, bytesMax: EntryBundle.bytesMax) else { return nil }
        return (try? EntryBundle.decode(bytes)).map { Array($0.prefix(bundle.width)) }
    }

    /// What the folder has of the records: of a log that was exported without them, nothing.
    func shown(_ bundle: Tile) -> [Audit.Shown] {
        if let lines = source.bytes("\(folder)\(MaskedRecords.name(bundle.index))", bytesMax: Self.recordsBytesMax) {
            return MaskedRecords.shown(lines, of: bundle)
        }
        guard let records = source.bytes("\(folder)\(LogExport.records(bundle.index))", bytesMax: Self.recordsBytesMax) else {
            return Array(repeating: isOfRecords ? .absent : .withheld, count: bundle.width)
        }
        return LogExport.shown(
            records: records,
            openings: source.bytes("\(folder)\(LogExport.openings(bundle.index))", bytesMax: Tile.widthMax * Commitment.saltBytes),
            width: bundle.width)
    }

    /// The logs that this one goes on from, the oldest first.
    var reopenings: [ReopeningRecord] { ReopeningRecord.read(source.bytes("\(folder)\(ReopeningRecord.file)", bytesMax: ReopeningRecord.fileBytesMax)) }

    /// What allows records, or entries too, to be gone.
    func justifications(of origin: KeyName, _ keys: LogKeys, _ policy: TrustPolicy) -> [Audit.Justification] {
        let pruned = source.bytes("\(folder)\(PruningRecord.file)", bytesMax: PruningRecord.fileBytesMax)
        return PruningRecord.justifications(pruned, of: origin, topicID: reopenings.first?.closedLog, keys, policy) + expired
    }

    /// Whether it was exported with the records: then each of them has to be there.
    private var isOfRecords: Bool { logStart != nil }

    private var logStart: [UInt8]? { source.bytes("\(folder)\(LogExport.logStart)", bytesMax: 32) }

    /// Records that the broker says it has deleted: their entries are there, and checked.
    private var expired: [Audit.Justification] {
        guard let text = logStart,
            let start = Int64(String(decoding: text, as: UTF8.self).prefix { $0 != "\n" }), start > 0
        else { return [] }
        return [Audit.Justification(.expired, 0..<start, reference: "log start \(start)")]
    }

    /// A bundle's records in memory.
    private static let recordsBytesMax = 1 << 30

    func entryLeaves(_ bundle: Tile) -> [TreeHash]? { entries(bundle)?.map { TreeHashing.leaf(of: Array($0)) } }

    private func bytes(_ tile: Tile, bytesMax: Int) -> [UInt8]? {
        if let bytes = source.bytes("\(folder)\(tile.path)", bytesMax: bytesMax) { return bytes }
        guard tile.isPartial, let full = Tile(tile.content, index: tile.index) else { return nil }
        return source.bytes("\(folder)\(full.path)", bytesMax: EntryBundle.bytesMax)
    }
}
