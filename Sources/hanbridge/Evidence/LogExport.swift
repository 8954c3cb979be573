import Foundation
import KafkaWire
import NIOCore
import Sentences
import Transparency

/// Writes a log to a folder as C2SP tlog-tiles lays it out, so that it can be verified without the broker: `checkpoint`, `tile/…`,
/// `tile/entries/…`; `writers/<key hash>.pem`, the certificates with which a key of the entries first published; and with the records `openings/<N>`, their salts, and `records/<N>`: for each of the bundle's offsets a length and the
/// record's `content` (EVIDENCE.md), FFFFFFFF where there is none.
struct LogExport {
    let log: LogReader
    let folder: String
    /// Reads the records; nil where entries are enough.
    var records: KafkaClient?
    /// The offsets that are to be verified, with their salts; nil for the whole log.
    var offsets: Range<Int64>?
    /// The checkpoint to export; nil for the newest.
    var head: (bytes: [UInt8], checkpoint: Checkpoint)?

    static func openings(_ bundle: Int64) -> String { "openings/\(bundle)" }
    /// Where the log's records began when it was exported, as the broker says: a number as text.
    static let logStart = "log-start"
    static func records(_ bundle: Int64) -> String { "records/\(bundle)" }
    private static let absent: UInt32 = .max

    /// - Returns: how many records the log has; nil where nothing was signed yet.
    func run() async throws -> Int64? {
        let newest = if let head { head } else { try await log.checkpoint() }
        guard let (bytes, checkpoint) = newest else { return nil }
        let size = checkpoint.size
        let bundles = Self.tiles(.entries, over: offsets ?? 0..<size, size: size)
        var paths = hashTiles(size).map(\.path) + bundles.map(\.path)
        if records != nil || offsets != nil { paths += bundles.map { Self.openings($0.index) } }
        var progress = ProgressBar(total: paths.count)
        var done = 0
        var writers: Set<TreeHash> = []
        // What is not served is missing in the folder too, and the verdict says so.
        try await log.each(paths) { path, bytes in
            if let bytes {
                try write(bytes, path)
                if path.hasPrefix("tile/entries/") { writers.formUnion(Self.writers(of: bytes)) }
            }
            done += 1
            progress.advance(to: done)
        }
        progress.finish()
        if offsets == nil { try await writeCertificates(of: writers) }
        if let records {
            try await write(records, size: size)
            try write(Array("\(log.logStart)\n".utf8), Self.logStart)
        }
        // Last: a folder that has it is whole.
        try write(bytes, "checkpoint")
        return size
    }

    private static func writers(of bundle: [UInt8]) -> [TreeHash] {
        let entries = (try? EntryBundle.decode(bundle)) ?? []
        return entries.compactMap { (try? Entry(Array($0)))?.facts.writer }.filter { $0 != .zero }
    }

    /// Who the keys were that the entries name: for auditors; others have to ask one.
    private func writeCertificates(of writers: Set<TreeHash>) async throws {
        for writer in writers {
            let answer = try await log.http.bytes("/tlog/writers/\(writer)")
            if answer.status == 200 { try write(answer.bytes, "writers/\(writer).pem") }
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
            tiles += Self.tiles(.hashes(level: level), over: own, size: size)
            if let edge = Tile(.hashes(level: level), holding: count - 1, treeSize: size), tiles.last != edge { tiles.append(edge) }
        }
        return tiles
    }

    private static func tiles(_ content: Tile.Content, over positions: Range<Int64>, size: Int64) -> [Tile] {
        var tiles: [Tile] = []
        var position = positions.lowerBound
        while position < positions.upperBound, let tile = Tile(content, holding: position, treeSize: size) {
            tiles.append(tile)
            position = tile.range.upperBound
        }
        return tiles
    }

    private func write(_ bytes: [UInt8], _ path: String) throws {
        let file = "\(folder)/\(path)"
        do {
            try FileManager.default.createDirectory(
                atPath: (file as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
            try Data(bytes).write(to: URL(fileURLWithPath: file))
        } catch {
            throw CommandFailure.refused(.evidenceFileNotWritten(file))
        }
    }

    // MARK: records

    private func write(_ client: KafkaClient, size: Int64) async throws {
        var bundle: [UInt8] = []
        var next: Int64 = 0
        var failure: (any Error)?
        func put(_ content: [UInt8]?) {
            bundle.append(bigEndian: content.map { UInt32($0.count) } ?? Self.absent)
            bundle += content ?? []
            next += 1
            guard next % Int64(Tile.widthMax) == 0 || next == size else { return }
            do { try write(bundle, Self.records((next - 1) / Int64(Tile.widthMax))) } catch { failure = failure ?? error }
            bundle = []
        }
        try await client.readToEnd(of: log.topic, from: [log.partition: 0]) { delivered in
            guard delivered.record.offset < size else { return }
            while next < delivered.record.offset { put(nil) }
            put(RecordFields(delivered.record).content)
        }
        while next < size { put(nil) }
        if let failure { throw failure }
    }

    /// What `records/<N>` and `openings/<N>` show of a bundle's offsets.
    static func shown(records: [UInt8]?, openings: [UInt8]?, width: Int) -> [Audit.Shown] {
        guard let records else { return Array(repeating: .withheld, count: width) }
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
