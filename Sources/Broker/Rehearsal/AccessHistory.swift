import AccessPolicy
import Foundation
import KafkaWire
import NIOCore
import Storage

/// A way of reading that was really used: who read which topic, as what, and for what.
struct UsedAccess: Hashable, Sendable {
    /// `agency/unit/node`
    let node: String
    let topic: String
    let isReplay: Bool
    /// As it was declared; nil where none was, also where one was implied.
    let purpose: String?

    var question: AccessQuestion {
        let declared = PurposeDeclaration(purpose)
        return isReplay ? .replay(topic: topic, purpose: declared) : .subscribe(topic: topic, purpose: declared)
    }
}

/// What nodes were let read, out of the records of `_audit.access` since a time: the newest part of them where there are too many.
struct AccessHistory: Sendable {
    /// With the agreement and rule (`ID#0`) that last allowed each.
    private(set) var accesses: [UsedAccess: String] = [:]
    /// ms since 1970: how far back it reaches.
    private(set) var since: Int64
    /// As entries write their times, which sort as texts do. The look-up goes by append times, of whole batches.
    private let sinceText: String
    /// Not everything since the time asked for was read.
    private(set) var isCut = false

    /// Records read at most, and ways of reading kept.
    static let recordsMax: Int64 = 200_000
    static let accessesMax = 20_000
    private static let readBytesMax = 1 << 20

    static func read(_ topic: Topic, since: Int64) async throws(StorageError) -> AccessHistory {
        var history = AccessHistory(since: since)
        guard let log = topic.partition(0) else { return history }
        let bounds = log.bounds
        let found = try await log.lookUp(.appendTime(atLeast: since))
        guard let first = found?.offset.rawValue else { return history }
        let from = max(first, bounds.highWatermark.rawValue - recordsMax)
        history.isCut = from > first
        var next = from
        while next < bounds.highWatermark.rawValue {
            let slice = try await Self.read(from: Offset(next), of: log)
            guard let last = slice.batches.last else { break }
            if history.isCut, next == from { history.since = slice.batches[0].appendTime }
            for batch in slice.batches { history.note(batch, from: from) }
            next = last.lastOffset.rawValue + 1
        }
        return history
    }

    private init(since: Int64) {
        self.since = since
        sinceText = AuditEntry.timeText(since)
    }

    private static func read(from offset: Offset, of log: any PartitionLog) async throws(StorageError) -> LogSlice {
        let result = await withCheckedContinuation { (continuation: CheckedContinuation<Result<LogSlice, StorageError>, Never>) in
            log.read(LogReadRequest(from: offset, bytesMax: readBytesMax, firstBatchWhole: true)) { continuation.resume(returning: $0) }
        }
        return try result.get()
    }

    private mutating func note(_ batch: StoredBatch, from first: Int64) {
        guard let records = try? RecordReader(batch: batch.bytes) else { return }
        for record in records where record.offset >= first {
            guard let value = record.value, let access = Event.access(in: value, since: sinceText) else { continue }
            if accesses[access.used] == nil, accesses.count >= Self.accessesMax {
                isCut = true
                continue
            }
            accesses[access.used] = access.rule
        }
    }

    /// As much of an entry as matters here.
    private struct Event: Decodable {
        let type: String
        let time: String
        let subject: String
        let data: Contents

        struct Contents: Decodable {
            let node: String
            let action: String
            let reason: String?
            let purpose: String?
            let purposeImplied: Bool?
        }

        /// Most entries are something else, and are not decoded.
        private static let marker = Array(#""hanbridge.audit.access""#.utf8)

        static func access(in value: ByteBuffer, since: String) -> (used: UsedAccess, rule: String)? {
            let bytes = value.readableBytesView
            guard bytes.firstRange(of: marker) != nil, let event = try? JSONDecoder().decode(Event.self, from: Data(bytes)),
                event.type == "hanbridge.audit.access", event.time >= since, event.subject.hasPrefix("topic:"),
                event.data.action == "subscribe" || event.data.action == "replay",
                let rule = event.data.reason, rule.hasPrefix("agreement:")
            else { return nil }
            let used = UsedAccess(
                node: event.data.node, topic: String(event.subject.dropFirst("topic:".count)), isReplay: event.data.action == "replay",
                purpose: event.data.purposeImplied == true ? nil : event.data.purpose)
            return (used, String(rule.dropFirst("agreement:".count)))
        }
    }
}
