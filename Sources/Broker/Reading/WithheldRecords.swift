import AccessPolicy
import DequeModule
import KafkaWire
import Logging
import MessageSchema
import NIOConcurrencyHelpers
import NIOCore
import Storage

/// Records that could not be masked: told to the audit, kept in their topic's quarantine, and withheld from whom the mask was for. Each
/// once, however often it is met.
final class WithheldRecords: Sendable {
    private struct Place: Hashable {
        let partition: PartitionID
        let offset: Int64
    }

    private struct State {
        var known: Set<Place> = []
        var order: Deque<Place> = []
        /// Bytes on their way into quarantines.
        var waitingBytes = 0
    }

    private let state = NIOLockedValueBox(State())
    private let countMax: Int
    private let waitingBytesMax: Int

    init(countMax: Int = ReadingLimits.withheldMemoryMax, waitingBytesMax: Int = ReadingLimits.withheldWaitingBytesMax) {
        self.countMax = countMax
        self.waitingBytesMax = waitingBytesMax
    }

    var count: Int { state.withLockedValue { $0.known.count } }

    /// Those that were not met before, and how many bytes of them may be kept now.
    fileprivate func fresh(_ records: [WithheldRecord], of partition: PartitionID) -> [WithheldRecord] {
        state.withLockedValue { state in
            records.filter { record in
                let place = Place(partition: partition, offset: record.offset)
                guard state.known.insert(place).inserted else { return false }
                state.order.append(place)
                while state.order.count > countMax, let oldest = state.order.popFirst() { state.known.remove(oldest) }
                return true
            }
        }
    }

    fileprivate func take(_ bytes: Int) -> Bool {
        state.withLockedValue { state in
            guard state.waitingBytes + bytes <= waitingBytesMax else { return false }
            state.waitingBytes += bytes
            return true
        }
    }

    fileprivate func giveBack(_ bytes: Int) { state.withLockedValue { $0.waitingBytes -= bytes } }
}

extension BrokerServices {
    /// Tells of what a stretch withheld. Returns at once.
    func note(_ withheld: [WithheldRecord], of topic: Topic, _ partition: PartitionID) {
        let fresh = projections.withheld.fresh(withheld, of: partition)
        guard !fresh.isEmpty else { return }
        let bytes = fresh.reduce(0) { $0 + $1.keptBytes }
        let keeps = projections.withheld.take(bytes)
        Task { [self] in
            await audit(fresh, of: topic, partition)
            guard keeps else { return }
            await keep(fresh.filter { $0.content != nil }, of: topic, partition)
            projections.withheld.giveBack(bytes)
        }
    }

    /// One entry for each reason and rule, with the offsets.
    private func audit(_ records: [WithheldRecord], of topic: Topic, _ partition: PartitionID) async {
        for (_, same) in Dictionary(grouping: records, by: { [$0.reason, $0.citation ?? ""] }) {
            guard let first = same.first, let last = same.last else { continue }
            var details = ["reason": first.reason, "records": String(same.count), "firstOffset": String(first.offset), "lastOffset": String(last.offset)]
            details["rule"] = first.citation
            let change = AuditedChange(byBroker: "record.withheld", object: "\(topic.name)/\(partition.partition)", details: details)
            do throws(StorageError) {
                try await audit.willChange(change)
            } catch {
                log.error("withheld records of \(change.object) could not be audited: \(error)")
            }
        }
    }

    private func keep(_ records: [WithheldRecord], of topic: Topic, _ partition: PartitionID) async {
        guard !records.isEmpty, let quarantine = catalogue.value[topic.configuration.quarantine], !quarantine.isBrokerOwned,
            let log = quarantine.partition(partition.partition % Int32(max(1, quarantine.partitions.count)))
        else { return }
        await quarantineMemory.read(quarantine)
        for record in records {
            let digest = QuarantineRecord.digest(ofWithheld: record, topic: topic, partition.partition)
            guard case .reserved = quarantineMemory.reserve(digest, isThere: { _ in true }) else { continue }
            var builder = RecordBatchBuilder()
            builder.append(
                key: ByteBuffer(string: digest.hex), value: record.content?.value,
                headers: QuarantineRecord.headers(ofWithheld: record, topic: topic.name, partition.partition), timestamp: record.timestamp)
            guard builder.uncompressedBytes <= quarantine.configuration.messageBytesMax else {
                quarantineMemory.released(digest)
                continue
            }
            let batch = AdmissionPipeline.admitOwn(builder.build(), .quarantine(quarantine))
            switch await AwaitedAppends.append([(log, batch)], checkpoints).first {
            case .appended(let base, _, _), .duplicate(let base, _, _):
                quarantineMemory.kept(
                    digest, as: QuarantineEntry(topic: quarantine.name, topicID: quarantine.id, partition: log.id.partition, offset: base.rawValue))
            case .outOfOrderSequence, .staleProducerEpoch, .failed, nil: quarantineMemory.released(digest)
            }
        }
    }
}

extension WithheldRecord {
    fileprivate var keptBytes: Int {
        guard let content else { return 0 }
        return content.headers.reduce((content.key?.readableBytes ?? 0) + (content.value?.readableBytes ?? 0)) {
            $0 + $1.key.utf8.count + ($1.value?.readableBytes ?? 0)
        }
    }
}

extension QuarantineRecord {
    /// The record of the log that was withheld, as `<topic>/<partition>/<offset>`.
    static let withheld = "hanbridge-withheld"

    static func digest(ofWithheld record: WithheldRecord, topic: Topic, _ partition: Int32) -> Digest256 {
        digest(of: ["withheld \(topic.id)/\(partition)/\(record.offset)"])
    }

    static func headers(ofWithheld record: WithheldRecord, topic: String, _ partition: Int32) -> [Record.Header] {
        let violation = Violation(
            path: "", rule: "mask", message: "it cannot be masked\(record.citation.map { " under \($0)" } ?? ""): \(record.reason)")
        var headers = headers(
            key: record.content?.key, own: record.content?.headers ?? [], [violation], topic: topic, partition: partition, principal: "broker")
        headers.insert(Record.Header(key: withheld, value: ByteBuffer(string: "\(topic)/\(partition)/\(record.offset)")), at: 0)
        return headers
    }
}
