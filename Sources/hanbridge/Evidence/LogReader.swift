import Broker
import Foundation
import KafkaWire
import Listeners
import Sentences
import Storage
import Transparency

/// A partition's transparency log as the broker serves it.
struct LogReader: Sendable {
    let http: AdministrationClient
    let topic: String
    let topicID: String
    let partition: Int32
    /// What the log is called by: the topic's id, unless it was reopened.
    let logID: String
    /// The partition's logs before this one, the oldest first.
    var closedBefore: [PartitionLogs.Closed] = []
    /// It goes on under another name.
    var isClosed = false
    /// Records before it were deleted by retention, or by hand.
    let logStart: Int64
    /// Why the partition is out of service; nil while it serves.
    var offline: String?
    /// Whether a checkpoint of it has to come: within a second, after a start of the broker too.
    var isToBeSigned = false
    /// What salts and records are read for.
    let purpose: String?
    /// Whose cosignatures a checkpoint is to have, as far as some seconds bring them.
    var policy = TrustPolicy.withoutWitnesses

    /// The logs of its partition, the oldest first and itself last.
    var line: [LogReader] {
        closedBefore.indices.map { place in
            LogReader(
                http: http, topic: topic, topicID: topicID, partition: partition, logID: closedBefore[place].log.topic.hex,
                closedBefore: Array(closedBefore[..<place]), isClosed: true, logStart: logStart, offline: offline, purpose: purpose, policy: policy)
        } + [self]
    }

    private var root: String { "/tlog/\(topic)/\(logID)/\(partition)" }

    /// Asked again where a checkpoint is still to come: one is made every second.
    private static let attemptsMax = 20
    private static let attemptInterval: Duration = .milliseconds(250)
    /// Requests at a time.
    private static let atOnce = 8

    /// nil where nothing is under the path.
    func read(_ path: String, attempts: Int = Self.attemptsMax) async throws -> [UInt8]? {
        for _ in 0..<attempts {
            let answer = try await http.bytes("\(root)/\(path)", purpose: purpose)
            switch answer.status {
            case 200: return answer.bytes
            case 503: try await Task.sleep(for: Self.attemptInterval)
            default: return nil
            }
        }
        throw CommandFailure.refused(.logNotAnswering("\(root)/\(path)"))
    }

    /// Whether salts are shown to whoever asks: to those who may read every record whole.
    func isReadWhole(at offset: Int64) async throws -> Bool {
        do {
            return try await read("openings/\(offset >> Tile.height)") != nil
        } catch let failure as CommandFailure where failure.status == .refused {
            return false
        }
    }

    /// nil where nothing was signed yet: the partition is empty, or what is to come does not come.
    func checkpoint() async throws -> (bytes: [UInt8], checkpoint: Checkpoint)? {
        var newest: (bytes: [UInt8], checkpoint: Checkpoint)?
        // One is cosigned within a moment, and the next one is a second away.
        for _ in 0..<Self.attemptsMax {
            guard let bytes = try await read("checkpoint") else {
                guard isToBeSigned else { return nil }
                try await Task.sleep(for: Self.attemptInterval)
                continue
            }
            do throws(FormatFault) {
                let signed = try SignedCheckpoint(bytes)
                newest = (bytes, signed.checkpoint)
                if policy.judge(signed).isQuorum { break }
            } catch {
                throw CommandFailure.refused(.evidenceFileRefused("\(root)/checkpoint", why: error.description))
            }
            try await Task.sleep(for: Self.attemptInterval)
        }
        return newest
    }

    /// The newest, with the cosignatures that a log gets which has them at all: a copy is to be judged by them years later.
    func cosignedCheckpoint() async throws -> (bytes: [UInt8], checkpoint: Checkpoint)? {
        guard try await read("cosigned/0") != nil else { return try await checkpoint() }
        var newest: (bytes: [UInt8], checkpoint: Checkpoint)?
        for _ in 0..<Self.attemptsMax {
            newest = try await checkpoint()
            guard let newest, try await read("cosigned/\(newest.checkpoint.size)") == nil else { break }
            try await Task.sleep(for: Self.attemptInterval)
        }
        // The one that was seen to be cosigned has its lines by now.
        guard let size = newest?.checkpoint.size, let bytes = try await read("checkpoints/\(size)") else { return newest }
        return newest.map { (bytes, $0.checkpoint) }
    }

    /// The log's cosigned checkpoints, bundle after bundle (`NoteBundle`).
    func cosigned(_ body: ([UInt8]) throws -> Void) async throws {
        var next: Int64 = 0
        while let bundle = try await read("cosigned/\(next)") {
            guard let last = try? NoteBundle.decode(bundle).last, let size = try? SignedCheckpoint(last).checkpoint.size, size >= next else {
                throw CommandFailure.refused(.evidenceFileRefused("\(root)/cosigned/\(next)", why: FormatFault(.contradiction, at: 0).description))
            }
            try body(bundle)
            next = size + 1
        }
    }

    /// What is under each path, some at a time, in whatever order it comes. Tiles that the broker cannot read, because they are damaged or the
    /// partition is out of service, are none; which ones is told.
    func each(_ paths: [String], _ body: (String, [UInt8]?) async throws -> Void) async throws {
        var unread: [String] = []
        try await withThrowingTaskGroup(of: Answer.self) { group in
            func take(_ answer: Answer) async throws {
                if let failure = answer.failure {
                    guard answer.path.hasPrefix("tile/") else { throw failure }
                    if unread.isEmpty { StandardStream.error.writeLine(Sentence.logUnreadable("\(root)/\(answer.path)").text(in: http.language)) }
                    unread.append(answer.path)
                }
                try await body(answer.path, answer.bytes)
            }
            for (count, path) in paths.enumerated() {
                if count >= Self.atOnce, let answer = try await group.next() { try await take(answer) }
                // Who was asked often enough once is asked for all else a single time.
                let attempts = unread.isEmpty ? Self.attemptsMax : 1
                group.addTask {
                    do {
                        return Answer(path: path, bytes: try await read(path, attempts: attempts))
                    } catch let failure as CommandFailure where failure.status == .refused {
                        return Answer(path: path, failure: failure)
                    }
                }
            }
            for try await answer in group { try await take(answer) }
        }
    }

    /// What came of one path. A struct: of a tuple with a `Result` the optimised program of Swift 6.3 makes a wrong copy, and crashes.
    private struct Answer: Sendable {
        let path: String
        var bytes: [UInt8]?
        var failure: CommandFailure?
    }
}

// MARK: positions

extension LogReader {
    /// Within what a checkpoint covers, the records of which may be gone in part.
    func offsets(_ from: StartPosition, _ to: StartPosition, size: Int64) async throws -> Range<Int64> {
        let lower = min(try await offset(at: from, size: size), size)
        return lower..<max(lower, min(try await offset(at: to, size: size), size))
    }

    private func offset(at position: StartPosition, size: Int64) async throws -> Int64 {
        switch position {
        case .offset(let offset): offset
        case .position(.time(let time)): try await firstAppended(atOrAfter: time) ?? size
        case .position(.earliest): 0
        case .position(.latest): size
        }
    }

    /// By the time of appending, as the entries have it: it never decreases, so a search by halves finds it. nil where there are no entries.
    func firstAppended(atOrAfter time: Int64) async throws -> Int64? {
        guard let size = try await checkpoint()?.checkpoint.size else { return nil }
        var low: Int64 = 0
        var high = size
        while low < high {
            let middle = (low + high) / 2
            guard let bundle = Tile(.entries, holding: middle, treeSize: size), let bytes = try await read(bundle.path),
                let entries = try? EntryBundle.decode(bytes), entries.count == bundle.width
            else { return nil }
            let times = entries.map { (try? Entry(Array($0)))?.facts.appendTime ?? 0 }
            guard let first = times.first, let last = times.last else { return nil }
            if first >= time, bundle.range.lowerBound > low {
                high = bundle.range.lowerBound
            } else if last < time {
                low = bundle.range.upperBound
            } else {
                return bundle.range.lowerBound + Int64(times.firstIndex { $0 >= time } ?? times.count)
            }
        }
        return low
    }
}

extension AdministrationClient {
    /// The logs of a topic's partitions, or of one of them.
    func logs(of topic: String, partition: Int32?, purpose: String?) async throws -> [LogReader] {
        let described = try await ask("/v1/topics/\(topic)", as: TopicDocument.self)
        let partitions = described.partitions.filter { partition == nil || $0.partition == partition }
        guard !partitions.isEmpty else { throw CommandFailure.refused(.partitionUnknown(topic, partition ?? 0)) }
        let reopenings = LogReopening.list(described.configuration[LogReopening.setting] ?? "") ?? []
        guard let id = UUID128(hex: described.id) else { throw CommandFailure.refused(.partitionUnknown(topic, partition ?? 0)) }
        return partitions.map { one in
            let logs = PartitionLogs(of: PartitionID(topic: id, partition: one.partition), reopenings)
            return LogReader(
                http: self, topic: topic, topicID: described.id, partition: one.partition, logID: logs.current.topic.hex, closedBefore: logs.closed,
                logStart: one.logStart, offline: one.offline,
                isToBeSigned: one.highWatermark > 0 && one.offline == nil && described.configuration["hanbridge.evidence"] != "none", purpose: purpose)
        }
    }
}
