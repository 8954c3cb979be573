import Foundation
import KafkaWire
import NIOCore
import Storage

/// How the run before this one ended, by the end of the ledger: whether it stopped in order, and which reservations nothing closed.
struct DeliveryRecovery {
    private struct Key: Hashable {
        let session: String
        let topicID: String
        let partition: Int32
    }

    private struct Open {
        let event: DeliveryEvent
        let item: DeliveryEvent.Item
        let offsets: OffsetRuns
    }

    /// ms since 1970; what was handed over after it may be missing. nil where nothing can.
    private(set) var cutOffAfter: Int64?
    private(set) var unreadable = 0
    private var open: [String: Open] = [:]
    private var delivered: [Key: OffsetRuns] = [:]

    /// What was handed over is told within a second.
    private static let coveredMilliseconds: Int64 = 1_000
    private static let readBytesMax = 1 << 20

    static func read(_ log: any PartitionLog) async throws(StorageError) -> DeliveryRecovery {
        var recovery = DeliveryRecovery()
        let bounds = log.bounds
        guard bounds.highWatermark > bounds.logStart else {
            if case .offline(let why) = bounds.state { throw .offline(why) }
            return recovery
        }
        let last = try await slice(of: log, from: Offset(bounds.highWatermark.rawValue - 1))
        guard let record = records(last).last else { return recovery }
        guard let event = decoded(record) else {
            recovery.cutOffAfter = record.timestamp - coveredMilliseconds
            recovery.unreadable += 1
            return recovery
        }
        guard event.kind != .stopped else { return recovery }
        recovery.cutOffAfter = record.timestamp - coveredMilliseconds
        try await recovery.readReservations(log, from: openFrom(record) ?? bounds.logStart.rawValue, to: bounds.highWatermark.rawValue)
        return recovery
    }

    private mutating func readReservations(_ log: any PartitionLog, from start: Int64, to end: Int64) async throws(StorageError) {
        var next = max(start, log.bounds.logStart.rawValue)
        while next < end {
            let slice = try await Self.slice(of: log, from: Offset(next))
            guard let last = slice.batches.last else { return }
            for record in Self.records(slice) where record.offset >= next {
                if let event = Self.decoded(record) { note(event) } else { unreadable += 1 }
            }
            next = last.lastOffset.rawValue + 1
        }
    }

    private mutating func note(_ event: DeliveryEvent) {
        let items = event.data.deliveries ?? []
        switch event.kind {
        case .reserved:
            for item in items {
                guard let window = item.window, let offsets = OffsetRuns(text: item.offsets) else { continue }
                open[window] = Open(event: event, item: item, offsets: offsets)
            }
        case .delivered:
            for item in items {
                guard let offsets = OffsetRuns(text: item.offsets) else { continue }
                delivered[Key(session: event.data.session ?? "", topicID: item.topicId, partition: item.partition), default: OffsetRuns()].append(offsets)
            }
            for window in event.data.closes ?? [] { open[window] = nil }
        case .possible: for item in items { item.window.map { open[$0] = nil } }
        case .started, .stopped: open = [:]
        case nil: break
        }
    }

    /// What was reserved and neither told nor given back.
    func possible(endOf end: (_ topicID: String, _ partition: Int32) -> Int64?, at now: Int64) -> [DeliveryEntry] {
        open.sorted { $0.key < $1.key }.compactMap { window, open in
            let (data, item) = (open.event.data, open.item)
            let key = Key(session: data.session ?? "", topicID: item.topicId, partition: item.partition)
            var left = OffsetRuns()
            for run in open.offsets.runs {
                // Reserved ahead of the log: what was never there was not sent.
                let last = end(item.topicId, item.partition).map { min($0 - 1, run.upperBound) } ?? run.upperBound
                if last >= run.lowerBound { left.append((delivered[key] ?? OffsetRuns()).removed(from: run.lowerBound...last)) }
            }
            guard !left.isEmpty else { return nil }
            var entry = DeliveryEntry(kind: .possible, time: now)
            entry.session = DeliverySession(
                id: data.session ?? "", node: data.node ?? "", certificate: data.certificate ?? "", address: data.address ?? "",
                interface: data.interface ?? "")
            entry.items = [
                DeliveryEvent.Item(
                    topic: item.topic, topicId: item.topicId, partition: item.partition, offsets: left.text, records: left.count, bytes: nil,
                    schemaIds: nil, fields: item.fields, purpose: item.purpose, purposeImplied: item.purposeImplied, action: item.action,
                    citation: item.citation, policyVersion: item.policyVersion, window: window, since: nil)
            ]
            return entry
        }
    }

    // MARK: Reading

    private static func slice(of log: any PartitionLog, from offset: Offset) async throws(StorageError) -> LogSlice {
        let result: Result<LogSlice, StorageError> = await withCheckedContinuation { continuation in
            log.read(LogReadRequest(from: offset, bytesMax: readBytesMax, firstBatchWhole: true)) { continuation.resume(returning: $0) }
        }
        return try result.get()
    }

    private static func records(_ slice: LogSlice) -> [Record] {
        slice.batches.flatMap { batch in (try? RecordReader(batch: batch.bytes)).map { Array($0) } ?? [] }
    }

    private static func decoded(_ record: Record) -> DeliveryEvent? {
        record.value.flatMap { try? JSONDecoder().decode(DeliveryEvent.self, from: Data($0.readableBytesView)) }
    }

    private static func openFrom(_ record: Record) -> Int64? {
        record.headers.first { $0.key == DeliveryLedger.openFromHeader }?.value.flatMap { Int64(String(decoding: $0.readableBytesView, as: UTF8.self)) }
    }
}
