import Broker
import Foundation
import KafkaWire
import NIOCore
import Sentences
import Transparency

/// Writes a log as C2SP tlog-tiles lays it out, so that it can be verified without the broker: `checkpoint`, `tile/…`,
/// `tile/entries/…`; `cosigned`, the checkpoints that witnesses cosigned (`NoteBundle`); `writers/<key hash>.pem`, the certificates with which
/// a key of the entries first published, and the revocation lists of that moment; and with the records `openings/<N>`, their salts, and
/// `records/<N>`: for each of the bundle's offsets a length and the
/// record's `content` (EVIDENCE.md), FFFFFFFF where there is none; or ``MaskedRecords``. Where entries were pruned, `pruned` has what the audit topic says of it.
struct LogExport {
    let log: LogReader
    let output: any EvidenceOutput
    /// In front of each name: nothing, or a path that ends in a slash.
    let folder: String
    var contents = Contents.none
    /// The offsets that are to be verified; nil for the whole log.
    var offsets: Range<Int64>?
    /// The checkpoint to export; nil for the newest.
    var head: (bytes: [UInt8], checkpoint: Checkpoint)?
    /// Told of each record whose contents are exported whole.
    var eachWhole: (Int64, RecordFields) -> Void = { _, _ in }
    /// Reads what justifies that entries are gone, as lines of ``PruningRecord``; nil where nobody asks.
    var prunings: ((LogReader) async throws -> [UInt8])?
    /// Reads what links the log to those before it, as lines of ``ReopeningRecord``; nil where nobody asks.
    var reopenings: ((LogReader) async throws -> [UInt8])?
    /// For whoever has nothing else: with the writers' certificates, and no salt of a record outside of the case.
    var isCase = true
    /// With the time-stamps over the offsets.
    var withTimestamps = true

    /// What of the records goes with their entries.
    enum Contents {
        case none
        /// With their salts, as a client reads them who may read them whole.
        case whole(KafkaClient)
        /// As rules show them.
        case masked(ShownRules)
    }

    static func openings(_ bundle: Int64) -> String { "openings/\(bundle)" }
    /// Where the log's records began when it was exported, as the broker says: a number as text.
    static let logStart = "log-start"
    static func records(_ bundle: Int64) -> String { "records/\(bundle)" }
    static func certificates(_ writer: TreeHash) -> String { "writers/\(writer).pem" }
    private static let absent: UInt32 = .max

    /// - Parameters:
    ///   - mentioned: told of each entry that is exported.
    ///   - masked: told of each record that is exported as rules show it.
    /// - Returns: how many records the log has; nil where nothing was signed yet.
    @discardableResult
    func run(_ mentioned: (Entry.Facts) -> Void = { _ in }, masked: (MaskedRecord) -> Void = { _ in }) async throws -> Int64? {
        let newest = if let head { head } else { try await log.checkpoint() }
        guard let (bytes, checkpoint) = newest else { return nil }
        let size = checkpoint.size
        let range = offsets ?? 0..<size
        let bundles = Tile.tiles(.entries, over: range, treeSize: size)
        var paths = hashTiles(size).map(\.path) + bundles.map(\.path)
        let salts = Dictionary(uniqueKeysWithValues: bundles.map { (Self.openings($0.index), $0) })
        if contents.isWhole || !isCase { paths += bundles.map { Self.openings($0.index) } }
        var progress = ProgressBar(total: paths.count)
        var done = 0
        var writers: Set<TreeHash> = []
        var isPruned = false
        // What is not served is missing in the copy too, and the verdict says so.
        try await log.each(paths) { path, bytes in
            if bytes == nil, path.hasPrefix("tile/entries/") { isPruned = true }
            if let bytes {
                if let bundle = salts[path] {
                    try write(isCase ? Self.salts(bytes, of: bundle, only: range) : bytes, path)
                } else {
                    try write(bytes, path)
                }
                if path.hasPrefix("tile/entries/") {
                    for facts in Self.facts(in: bytes) where range.contains(facts.offset) {
                        if facts.writer != .zero { writers.insert(facts.writer) }
                        mentioned(facts)
                    }
                }
            }
            done += 1
            progress.advance(to: done)
        }
        progress.finish()
        if isPruned, let prunings { try write(try await prunings(log), PruningRecord.file) }
        if !log.closedBefore.isEmpty, let reopenings { try write(try await reopenings(log), ReopeningRecord.file) }
        if isCase {
            var edges = EarlierEdges(written: Set(hashTiles(size).map(\.path)))
            try await writeCertificates(of: writers)
            try await writeCosigned(range, size: size, &edges)
            for closed in log.closedBefore where closed.size <= size { try await write(&edges, of: closed.size, in: size) }
            if withTimestamps { try await writeTimestamps(range, size: size, &edges) }
        }
        switch contents {
        case .none: break
        case .whole(let client):
            try await write(client, range, size: size)
            try write(Array("\(log.logStart)\n".utf8), Self.logStart)
        case .masked(let rules): try await writeMasked(rules, range, masked)
        }
        // Last: a folder that has it is whole.
        try write(bytes, "checkpoint")
        return size
    }

    private static func facts(in bundle: [UInt8]) -> [Entry.Facts] {
        ((try? EntryBundle.decode(bundle)) ?? []).compactMap { (try? Entry(Array($0)))?.facts }
    }

    /// Zeros in place of those that open what is not of the case.
    private static func salts(_ bytes: [UInt8], of bundle: Tile, only range: Range<Int64>) -> [UInt8] {
        var bytes = bytes
        for (place, offset) in bundle.range.enumerated() where !range.contains(offset) {
            for position in place * Commitment.saltBytes..<min((place + 1) * Commitment.saltBytes, bytes.count) { bytes[position] = 0 }
        }
        return bytes
    }

    /// By what witnesses saw of the log, a back-dated record and another history are told. Of a part of a log it is what they saw of that
    /// part, from the last that they saw without it to the first with all of it.
    private func writeCosigned(_ range: Range<Int64>, size: Int64, _ edges: inout EarlierEdges) async throws {
        var notes: [(size: Int64, note: [UInt8])] = []
        var bytes = 0
        try await log.cosigned { bundle in
            bytes += bundle.count
            guard bytes <= Self.cosignedBytesMax else { throw CommandFailure.refused(.evidenceFileNotWritten("\(folder)/\(Self.cosigned)")) }
            for note in (try? NoteBundle.decode(bundle)) ?? [] {
                if let seen = try? SignedCheckpoint(note).checkpoint.size { notes.append((seen, note)) }
            }
        }
        if range != 0..<size {
            let first = notes.lastIndex { $0.size <= range.lowerBound } ?? 0
            let last = notes.firstIndex { $0.size >= range.upperBound } ?? notes.count - 1
            notes = first <= last ? Array(notes[first...last]) : []
        }
        guard !notes.isEmpty else { return }
        try write(NoteBundle.encode(notes.map(\.note)), Self.cosigned)
        for note in notes where note.size <= size { try await write(&edges, of: note.size, in: size) }
    }

    static let cosigned = "cosigned"
    /// Some hundred days of a busy log, one checkpoint a minute.
    static let cosignedBytesMax = 256 << 20

    /// From the first token that covers a record of the range to the first that covers all, and the tiles that lead from there to the
    /// checkpoint; evenly left out where there are more than a case takes.
    private func writeTimestamps(_ range: Range<Int64>, size: Int64, _ edges: inout EarlierEdges) async throws {
        var next = range.lowerBound + 1
        let step = max(1, Int64(range.count) / Int64(LogTimestamps.countMax - 1))
        for number in 0..<LogTimestamps.countMax where next <= range.upperBound {
            guard let bytes = try await log.read("checkpoints/\(next).tsr"), let found = try? CheckpointTimestamp(bytes) else { return }
            let stamped = found.checkpoint.checkpoint.size
            // It came after the checkpoint that this is an export of.
            guard stamped <= size else { return }
            try write(bytes, LogTimestamps.name(number))
            try await write(&edges, of: stamped, in: size)
            next = stamped < range.upperBound ? min(max(stamped + 1, next + step), range.upperBound) : .max
        }
    }

    /// The tiles that were written already of those by which a tree shows what it was at earlier sizes.
    private struct EarlierEdges {
        var written: Set<String>
    }

    private func write(_ edges: inout EarlierEdges, of earlier: Int64, in size: Int64) async throws {
        for tile in Self.edge(of: earlier, in: size) where edges.written.insert(tile.path).inserted {
            if let bytes = try await log.read(tile.path) { try write(bytes, tile.path) }
        }
    }

    /// The tiles by which a tree shows what it was at an earlier size: at each level that of the last whole subtree, and that which leads from
    /// the last leaf to today's root.
    static func edge(of earlier: Int64, in size: Int64) -> Set<Tile> {
        guard earlier > 0 else { return [] }
        let tiles = (0...Tile.levelMax).flatMap { level in
            let shift = Tile.height * level
            return [earlier >> shift - 1, (earlier - 1) >> shift].filter { $0 >= 0 && $0 < size >> shift }
                .map { Tile(.hashes(level: level), holding: $0, treeSize: size) }
        }
        return Set(tiles.compactMap { $0 })
    }

    /// Who the keys were that the entries name: for auditors; others have to ask one.
    private func writeCertificates(of writers: Set<TreeHash>) async throws {
        for writer in writers {
            let answer = try await log.http.bytes("/tlog/writers/\(writer)")
            if answer.status == 200 { try write(answer.bytes, Self.certificates(writer)) }
        }
    }

    /// Those that lead from the offsets to the root: theirs at each level, and the right edge's.
    private func hashTiles(_ size: Int64) -> [Tile] {
        guard let offsets, !offsets.isEmpty else { return Tile.tiles(to: size) }
        var tiles: [Tile] = []
        for level in 0...Tile.levelMax {
            let (shift, count) = (Tile.height * level, size >> (Tile.height * level))
            guard count > 0 else { break }
            let own = offsets.lowerBound >> shift..<min(count, (offsets.upperBound - 1) >> shift + 1)
            tiles += Tile.tiles(.hashes(level: level), over: own, treeSize: size)
            if let edge = Tile(.hashes(level: level), holding: count - 1, treeSize: size), tiles.last != edge { tiles.append(edge) }
        }
        return tiles
    }

    private func write(_ bytes: [UInt8], _ name: String) throws {
        try output.put(bytes, folder + name, isCompressible: !name.hasPrefix("tile/") && !name.hasPrefix("openings/"))
    }

    // MARK: records

    /// Faster than this a case is not read, so that live traffic is not disturbed.
    private static let bytesPerSecondMax = 200 << 20

    private func write(_ client: KafkaClient, _ range: Range<Int64>, size: Int64) async throws {
        let width = Int64(Tile.widthMax)
        let last = min(size, (range.upperBound + width - 1) / width * width)
        var bundle: [UInt8] = []
        var next = range.lowerBound / width * width
        func put(_ content: [UInt8]?) throws {
            bundle.append(bigEndian: content.map { UInt32($0.count) } ?? Self.absent)
            bundle += content ?? []
            next += 1
            guard next % width == 0 || next == last else { return }
            try write(bundle, Self.records((next - 1) / width))
            bundle = []
        }
        guard !range.isEmpty else { return }
        var pace = Pace(bytesPerSecond: Self.bytesPerSecondMax)
        // Before the first that is left nothing can be read.
        let first = try await client.offsets(of: log.topic, partitions: [log.partition], at: .earliest)[log.partition] ?? 0
        let left = min(max(range.lowerBound, first), range.upperBound)..<range.upperBound
        try await ReplayReading(log: log, client: client).read(left, &pace) { records in
            for delivered in records {
                while next < delivered.record.offset { try put(nil) }
                let fields = RecordFields(delivered.record)
                eachWhole(delivered.record.offset, fields)
                try put(fields.content)
            }
        }
        while next < last { try put(nil) }
    }

    private func writeMasked(_ rules: ShownRules, _ range: Range<Int64>, _ masked: (MaskedRecord) -> Void) async throws {
        var (bundle, lines): (Int64, [UInt8]) = (0, [])
        func put() throws {
            if !lines.isEmpty { try write(lines, MaskedRecords.name(bundle)) }
            lines = []
        }
        var pace = Pace(bytesPerSecond: Self.bytesPerSecondMax)
        let left = min(max(range.lowerBound, log.logStart), range.upperBound)..<range.upperBound
        try await PagedReplay(log: log, rules: rules).read(left, &pace) { offset, record in
            if offset >> Tile.height != bundle { try put() }
            bundle = offset >> Tile.height
            lines += record + [UInt8(ascii: "\n")]
            masked(MaskedRecord(record))
        }
        try put()
    }

    /// What `records/<N>` and `openings/<N>` show of a bundle's offsets.
    static func shown(records: [UInt8], openings: [UInt8]?, width: Int) -> [Audit.Shown] {
        var shown: [Audit.Shown] = []
        var position = 0
        for index in 0..<width {
            guard position + 4 <= records.count else { break }
            let length = records[position..<position + 4].reduce(0 as UInt32) { $0 << 8 | UInt32($1) }
            position += 4
            guard length != absent else {
                shown.append(.absent)
                continue
            }
            guard position + Int(length) <= records.count else { break }
            let salt = (openings ?? []).dropFirst(index * Commitment.saltBytes).prefix(Commitment.saltBytes)
            shown.append(.content(Array(records[position..<position + Int(length)]), salt: Array(salt)))
            position += Int(length)
        }
        return shown + Array(repeating: .absent, count: width - shown.count)
    }
}

extension LogExport.Contents {
    fileprivate var isWhole: Bool {
        switch self {
        case .whole: true
        case .none, .masked: false
        }
    }
}

extension RecordFields {
    init(_ record: Record) {
        func bytes(_ buffer: ByteBuffer?) -> [UInt8]? { buffer.map { Array($0.readableBytesView) } }
        self.init(
            key: bytes(record.key), value: bytes(record.value),
            headers: record.headers.map { Header(name: Array($0.key.utf8), value: bytes($0.value)) })
    }
}

extension [UInt8] {
    fileprivate mutating func append(bigEndian value: UInt32) {
        for shift in [24, 16, 8, 0] as [UInt32] { append(UInt8(truncatingIfNeeded: value >> shift)) }
    }
}
