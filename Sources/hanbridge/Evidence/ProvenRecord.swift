import Foundation
import KafkaWire
import Sentences
import Transparency

/// A record of one of the audit's topics with its receipt: for whoever pinned the broker's key it proves itself, with nothing else there.
struct ProvenRecord: Codable, Hashable {
    /// `content` (EVIDENCE.md) as base64.
    let content: String
    /// C2SP tlog-proof, with the record's salt.
    let receipt: String

    /// - Throws: where there is no receipt with a salt: whoever asks has to be an auditor.
    init(_ delivered: DeliveredRecord, of log: LogReader) async throws {
        let path = "proof/\(delivered.record.offset)"
        guard let content = RecordFields(delivered.record).content, let receipt = try await log.read(path) else {
            throw CommandFailure.refused(.recordNotInLog("\(log.topic)/\(log.partition)/\(delivered.record.offset)"))
        }
        self.content = Data(content).base64EncodedString()
        self.receipt = String(decoding: receipt, as: UTF8.self)
    }

    /// The record's value and its place, where the receipt proves it a record of this topic of the same broker.
    func proven(of topic: String, host: String, _ keys: LogKeys, _ policy: TrustPolicy) -> (value: [UInt8], place: String)? {
        guard let content = Data(base64Encoded: content).map({ [UInt8]($0) }), let receipt = try? Receipt(Array(receipt.utf8)) else { return nil }
        let name = receipt.file.checkpoint.checkpoint.origin
        guard let origin = LogOrigin(name.text), origin.host == host, case .partition(topic, _, let partition) = origin.log, let log = keys.log(of: name),
            case .verified(_, contentChecked: true) = receipt.verdict(log: log, policy: policy, content: content),
            let value = RecordFields(content: content)?.value
        else { return nil }
        return (value, "\(topic)/\(partition)/\(receipt.entry.facts.offset)")
    }
}
