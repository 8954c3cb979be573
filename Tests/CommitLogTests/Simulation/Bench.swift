import KafkaWire
import Logging
import NIOConcurrencyHelpers
import NIOCore
@_spi(Admission) import Storage

@testable import CommitLog

/// A store on a simulated disk, stepped by the test, with a clock of the test's.
final class Bench {
    let disk: SimulatedDisk
    let log: CommitLog
    let clock: TestClock
    let outcomes = OutcomeBox()
    private var nextTicket: UInt64 = 0

    init(
        disk: SimulatedDisk = SimulatedDisk(), clock: TestClock = TestClock(), settings: CommitLogSettings = Bench.settings(),
        directory: String = "store", isStepped: Bool = true, logger: Logger? = nil
    ) throws {
        self.disk = disk
        self.clock = clock
        var quiet = Logger(label: "test")
        quiet.logLevel = .critical
        log = try CommitLog(
            directory: directory, settings: settings, clock: { clock.now }, logger: logger ?? quiet, disk: disk, isStepped: isStepped)
    }

    /// Small, so that everything happens within a few records.
    static func settings(_ change: (inout CommitLogSettings) -> Void = { _ in }) -> CommitLogSettings {
        var settings = CommitLogSettings()
        settings.writeAheadBytesMin = 4096
        settings.writeAheadBytesMax = 16384
        settings.journalStretchBytes = 8192
        settings.gatheredSegmentBytes = 2048
        settings.journalStretches = 3
        settings.reserveBytes = 0
        change(&settings)
        return settings
    }

    func partition(_ number: Int32, _ settings: PartitionSettings = PartitionSettings()) throws -> Partition {
        let made = try log.make(Self.id(number), settings)
        guard let partition = made as? Partition else { throw StorageError.unknownPartition(Self.id(number)) }
        return partition
    }

    static func id(_ number: Int32) -> PartitionID { PartitionID(topic: UUID128(high: 7, low: 9), partition: number) }

    /// Queues a batch; its outcome is in `outcomes` under the ticket after a step.
    @discardableResult
    func append(_ partition: Partition, _ batch: AdmittedBatch) -> AppendTicket {
        nextTicket += 1
        let ticket = AppendTicket(rawValue: nextTicket)
        partition.append(batch, ticket: ticket, completions: outcomes)
        return ticket
    }

    func appendNow(_ partition: Partition, _ batch: AdmittedBatch) -> AppendOutcome? {
        let ticket = append(partition, batch)
        log.step()
        return outcomes[ticket]
    }

    func read(_ partition: Partition, from offset: Int64 = 0, bytesMax: Int = 1 << 20) -> Result<LogSlice, StorageError> {
        let box = NIOLockedValueBox<Result<LogSlice, StorageError>?>(nil)
        partition.read(LogReadRequest(from: Offset(offset), bytesMax: bytesMax, firstBatchWhole: true)) { result in
            box.withLockedValue { $0 = result }
        }
        log.step()
        return box.withLockedValue { $0 } ?? .failure(.overloaded)
    }

    /// Every record from `offset` to the end, by its key.
    func keys(_ partition: Partition, from offset: Int64? = nil) throws -> [Int64: String] {
        var keys: [Int64: String] = [:]
        var next = offset ?? partition.bounds.logStart.rawValue
        while true {
            let slice = try read(partition, from: next).get()
            guard let last = slice.batches.last else { return keys }
            for batch in slice.batches {
                for record in try RecordReader(batch: batch.bytes) where record.offset >= next {
                    keys[record.offset] = record.key.map { String(buffer: $0) } ?? ""
                }
            }
            next = last.lastOffset.rawValue + 1
        }
    }
}

final class TestClock: Sendable {
    private let time = NIOLockedValueBox<Int64>(1_800_000_000_000)
    var now: Int64 { time.withLockedValue { $0 } }
    func advance(_ milliseconds: Int64) { time.withLockedValue { $0 += milliseconds } }
}

final class OutcomeBox: AppendCompletionQueue {
    private let outcomes = NIOLockedValueBox<[AppendTicket: AppendOutcome]>([:])
    private let calls = NIOLockedValueBox(0)
    var callCount: Int { calls.withLockedValue { $0 } }
    var count: Int { outcomes.withLockedValue { $0.count } }

    func complete(_ completed: [(ticket: AppendTicket, outcome: AppendOutcome)]) {
        calls.withLockedValue { $0 += 1 }
        outcomes.withLockedValue { for (ticket, outcome) in completed { $0[ticket] = outcome } }
    }
    subscript(ticket: AppendTicket) -> AppendOutcome? { outcomes.withLockedValue { $0[ticket] } }
}

/// Batches as admission lets them through.
enum Batches {
    static func make(
        _ keys: [String], valueBytes: Int = 20, timestamp: Int64 = 1_000, codec: Codec = .none, producerID: Int64 = -1,
        epoch: Int16 = -1, sequence: Int32 = -1, stampsAppendTime: Bool = false, recordsLeaves: Bool = true,
        schemaIDs: SchemaIDs = .uniform(3), timestamps: [Int64]? = nil
    ) -> AdmittedBatch {
        var builder = RecordBatchBuilder(codec: codec)
        builder.producerID = producerID
        builder.producerEpoch = epoch
        builder.baseSequence = sequence
        for (index, key) in keys.enumerated() {
            // Never a run of zeros: a payload of zeros is the one thing that a torn write can look like.
            let value = (0..<valueBytes).map { UInt8(truncatingIfNeeded: 1 + ($0 &* 31 &+ index) % 255) }
            builder.append(
                Record(timestamp: timestamps?[index] ?? timestamp, key: ByteBuffer(string: key), value: ByteBuffer(bytes: value)))
        }
        let bytes = builder.build()
        guard let header = try? RecordBatchHeader(peekingAt: bytes) else { preconditionFailure("a built batch has no header") }
        return AdmittedBatch(
            bytes: bytes, header: header, writer: Digest256((1, 2, 3, 4)), schemaIDs: schemaIDs,
            evidence: EvidenceSettings(recordsLeaves: recordsLeaves, hidesLengths: false), stampsAppendTime: stampsAppendTime)
    }
}

extension AppendOutcome {
    var base: Int64? {
        switch self {
        case .appended(let base, _, _), .duplicate(let base, _, _): base.rawValue
        case .outOfOrderSequence, .staleProducerEpoch, .failed: nil
        }
    }
    var error: StorageError? {
        if case .failed(let error) = self { return error }
        return nil
    }
    var isDuplicate: Bool {
        if case .duplicate = self { return true }
        return false
    }
}
