import AccessPolicy
import KafkaWire
import Logging
import MessageSchema
import NIOCore
import Storage

extension BrokerServices {
    /// Tells of what a stretch withheld: copies in the topic's quarantine first, then an entry of the audit that says how many of them there are.
    /// It has ended well when the entry is durable. Returns at once: a stretch may hold more records than an event loop should count.
    func tell(_ telling: WithheldRecords.Telling) {
        Task { [self] in
            let withheld = projections.withheld
            switch withheld.begin(telling) {
            case .later: break
            case .never: telling.completion(.failure(.overloaded))
            case .now(let first):
                var next: WithheldRecords.Telling? = first
                while let telling = next {
                    let result = await told(telling)
                    next = withheld.end(telling)
                    telling.completion(result)
                }
            }
        }
    }

    private func told(_ telling: WithheldRecords.Telling) async -> Result<Void, StorageError> {
        let withheld = projections.withheld
        // Another session may have met them meanwhile.
        let records = withheld.untold(telling.records, of: telling.partition, under: telling.restriction)
        let kept = await keep(records, of: telling.topic, telling.partition.partition)
        do throws(StorageError) {
            for entry in AuditedChange.withheld(records, kept: kept, telling) { try await audit.willChange(entry) }
        } catch {
            log.error("records of \(telling.topic.name)/\(telling.partition.partition) are withheld, and nobody passes them before the audit takes it: \(error)")
            return .failure(error)
        }
        withheld.told(records, of: telling.partition, under: telling.restriction)
        return .success(())
    }

    /// - Returns: the offsets of those that the quarantine holds.
    private func keep(_ records: [WithheldRecord], of topic: Topic, _ partition: Int32) async -> Set<Int64> {
        let catalogue = catalogue.value
        guard records.contains(where: { $0.content != nil }), let (quarantine, log) = catalogue.quarantine(of: topic, partition) else { return [] }
        await quarantineMemory.read(quarantine)
        var kept: Set<Int64> = []
        var batches = QuarantineBatches(quarantine, log)
        for (index, record) in records.enumerated() {
            guard let content = record.content else { continue }
            let digest = QuarantineRecord.digest(ofWithheld: record, topic: topic, partition)
            switch quarantineMemory.reserve(digest, isThere: catalogue.holds) {
            case .kept: kept.insert(record.offset)
            // Nobody else keeps this partition's now.
            case .pending: break
            case .reserved:
                let isTaken = batches.add(Int32(index), digest) { builder in
                    builder.append(
                        key: ByteBuffer(string: digest.hex), value: content.value,
                        headers: QuarantineRecord.headers(ofWithheld: record, content, topic: topic.name, partition), timestamp: record.timestamp)
                }
                if !isTaken { quarantineMemory.released(digest) }
            }
        }
        let keeping = batches.finish()
        // Durable is enough: what a quarantine's own publishers wait for is nothing that a subscriber should.
        let outcomes = await AwaitedAppends.append(keeping.map { ($0.log, $0.batch) }, nil)
        for (keeping, outcome) in zip(keeping, outcomes) {
            if case .failed(let error) = outcome { self.log.warning("withheld records could not be kept in \(quarantine.name): \(error)") }
            for index in keeping.ended(outcome, quarantineMemory).keys { kept.insert(records[Int(index)].offset) }
        }
        return kept
    }
}

extension AuditedChange {
    /// One entry for each reason and rule, with the offsets.
    fileprivate static func withheld(_ records: [WithheldRecord], kept: Set<Int64>, _ telling: WithheldRecords.Telling) -> [AuditedChange] {
        let groups = Dictionary(grouping: records) { [$0.reason, $0.citation ?? ""] }.values.sorted { $0[0].offset < $1[0].offset }
        return groups.map { same in
            let (first, last) = (same[0], same[same.count - 1])
            var details = ["reason": first.reason, "records": String(same.count), "firstOffset": String(first.offset), "lastOffset": String(last.offset)]
            details["rule"] = first.citation
            // Two restrictions may withhold one record by the same rule.
            details["rules"] = telling.restriction.views.map(\.citation).joined(separator: " ")
            let keptCount = same.count { kept.contains($0.offset) }
            let notKeptCount = telling.restriction.terms.hasQuarantine ? same.count { $0.isItsFault && !kept.contains($0.offset) } : 0
            if keptCount > 0 { details["kept"] = String(keptCount) }
            if notKeptCount > 0 { details["notKept"] = String(notKeptCount) }
            return AuditedChange(byBroker: "record.withheld", object: "\(telling.topic.name)/\(telling.partition.partition)", details: details)
        }
    }
}

extension QuarantineRecord {
    /// The record of the log that was withheld, as `<topic>/<partition>/<offset>`.
    static let withheld = "hanbridge-withheld"

    static func digest(ofWithheld record: WithheldRecord, topic: Topic, _ partition: Int32) -> Digest256 {
        digest(of: ["withheld \(topic.id)/\(partition)/\(record.offset)"])
    }

    static func headers(ofWithheld record: WithheldRecord, _ content: WithheldRecord.Content, topic: String, _ partition: Int32) -> [Record.Header] {
        let violation = Violation(
            path: "", rule: "mask", message: "it cannot be masked\(record.citation.map { " under \($0)" } ?? ""): \(record.reason)")
        var headers = headers(
            key: content.key, own: content.headers, [violation], topic: topic, partition: partition, principal: "broker")
        headers.insert(Record.Header(key: withheld, value: ByteBuffer(string: "\(topic)/\(partition)/\(record.offset)")), at: 0)
        return headers
    }
}
