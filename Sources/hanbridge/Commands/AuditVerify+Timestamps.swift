import Foundation
import Identity
import Sentences
import Transparency

/// The time-stamps that are with a log: each says that the records under its checkpoint were there at its time.
struct LogTimestamps {
    struct Stamp {
        /// Leaves of the partition's checkpoint.
        let size: Int64
        let root: TreeHash
        /// Seconds since 1970.
        let time: Int64
    }

    private(set) var stamps: [Stamp] = []
    /// Names, and why they are not believed.
    private(set) var refused: [(name: String, why: String)] = []

    /// As many as an export makes of a log.
    static let countMax = 1_000
    static func name(_ number: Int) -> String { "timestamps/\(number)" }

    init(_ log: LogFolder, of origin: KeyName, _ pinned: PinnedLog, under anchors: [[UInt8]]) {
        for number in 0..<Self.countMax {
            let name = Self.name(number)
            guard let bytes = log.source.bytes("\(log.folder)\(name)", bytesMax: TransparencyLimits.timestampBytesMax) else { break }
            switch Self.judge(bytes, of: origin, pinned, under: anchors) {
            case .success(let stamp): stamps.append(stamp)
            case .failure(let refusal): refused.append((name, refusal.why))
            }
        }
        stamps.sort { $0.size < $1.size }
    }

    struct Refusal: Error { let why: String }

    private static func judge(_ bytes: [UInt8], of origin: KeyName, _ pinned: PinnedLog, under anchors: [[UInt8]]) -> Result<Stamp, Refusal> {
        let timestamp: CheckpointTimestamp
        do throws(FormatFault) {
            timestamp = try CheckpointTimestamp(bytes)
        } catch {
            return .failure(Refusal(why: error.description))
        }
        let checkpoint = timestamp.checkpoint.checkpoint
        guard checkpoint.origin == origin, timestamp.holds(for: pinned) else {
            return .failure(Refusal(why: "it does not lead from this log's checkpoint to what was time-stamped"))
        }
        return TimestampResponse(timestamp.token).stamp(over: timestamp.imprint, under: anchors)
            .map { Stamp(size: checkpoint.size, root: checkpoint.root, time: $0.time) }.mapError { Refusal(why: $0.description) }
    }

    /// When the record at an offset was there at the latest.
    func latest(for offset: Int64) -> Int64? { stamps.first { $0.size > offset }?.time }

    /// Keeps those whose checkpoint the log continues, as far as that can be known of it.
    mutating func keepThose(of tree: inout TreeAudit<LogFolder>, _ origin: KeyName) throws(CommandFailure) {
        var kept: [Stamp] = []
        for stamp in stamps where stamp.size <= tree.checkpoint.size {
            switch tree.had(stamp.root, at: stamp.size) {
            case true?: kept.append(stamp)
            // What was stamped is of another history than what is shown.
            case false?: throw .refused(.auditFailed(origin.text))
            case nil: break
            }
        }
        stamps = kept
    }
}

extension AuditVerify {
    /// nil where the auditor names nobody to believe.
    func timestamps(_ log: LogFolder, _ origin: KeyName, _ pinned: PinnedLog) throws(CommandFailure) -> LogTimestamps? {
        guard let tsaCa else { return nil }
        do throws(TrustError) {
            return LogTimestamps(log, of: origin, pinned, under: try AcceptedCertificates.anchors(file: tsaCa))
        } catch {
            throw .wrongUsage(.evidenceFileRefused(tsaCa, why: error.description))
        }
    }

    /// No record may say that it was appended after the time at which a token saw it.
    func judge(_ timestamps: LogTimestamps, _ log: LogFolder, _ head: SignedCheckpoint, _ range: Range<Int64>) throws {
        let origin = head.checkpoint.origin.text
        for (name, why) in timestamps.refused { StandardStream.error.writeLine(Sentence.timestampRefused(name, why: why).text(in: options.language)) }
        guard timestamps.refused.isEmpty else { throw CommandFailure.refused(.timestampsFailed(origin)) }
        guard let last = timestamps.stamps.last else { throw CommandFailure.refused(.timestampsAbsent(origin)) }
        var lag = Lag()
        var offset = range.lowerBound
        while offset < range.upperBound, let bundle = Tile(.entries, holding: offset, treeSize: head.checkpoint.size) {
            for entry in log.entries(bundle) ?? [] {
                guard let facts = (try? Entry(Array(entry)))?.facts, range.contains(facts.offset) else { continue }
                let time = timestamps.latest(for: facts.offset)
                lag.add(facts, seen: time)
                // The authority's second has not ended yet when it stamps.
                if let time, time * 1000 + 999 - facts.appendTime < -Self.stampSkewMilliseconds { throw CommandFailure.refused(.timestampsFailed(origin)) }
            }
            offset = bundle.range.upperBound
        }
        let time = EvidenceFiles.time(seconds: last.time)
        told(
            .timestampsBy(time, size: last.size, lagSeconds: lag.seconds),
            [
                ("timestamps", .integer(Int64(timestamps.stamps.count))), ("size", .integer(last.size)), ("time", .string(time)),
                ("lagSeconds", .integer(lag.seconds)),
            ])
        if let first = lag.firstUnseen { notProven("time", .unprovenTimeFrom(first)) }
        if let stampedWithin, !lag.isWithin(stampedWithin) {
            throw CommandFailure.refused(.stampedTooLate(origin, seconds: lag.seconds, secondsMax: stampedWithin))
        }
    }

    /// How far an authority's clock may be behind the broker's.
    private static let stampSkewMilliseconds: Int64 = 5_000
}
