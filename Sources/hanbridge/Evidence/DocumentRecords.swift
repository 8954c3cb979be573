import Broker
import Foundation
import KafkaWire
import NIOCore
import Sentences
import Storage
import Transparency

/// A case's agreements and schemas, and what the audit topic says of how they came to be there. The record of each application and registration
/// has the SHA-256 of the document as it was stored (``DocumentDigest``), since there are such records; it comes with its receipt.
struct DocumentRecords {
    /// In a case: a ``ProvenRecord`` a line, as JSON.
    static let file = "changes.jsonl"
    private static let recordsMax = 20_000

    /// What a record of the audit topic is about.
    enum Document: Hashable {
        case agreements(version: Int64)
        case schema(id: Int32)

        /// nil where the event put no document anywhere.
        init?(_ event: AuditEvent) {
            guard !event.action.hasSuffix(".failed") else { return nil }
            if event.subject == "agreements", let version = event.details["version"].flatMap({ Int64($0) }) {
                self = .agreements(version: version)
            } else if ["schema.register", "schema.derive"].contains(event.action), let id = event.details["id"].flatMap({ Int32($0) }) {
                self = .schema(id: id)
            } else {
                return nil
            }
        }
    }

    /// The records about these documents, read by an auditor.
    static func lines(about documents: Set<Document>, _ http: AdministrationClient, _ client: KafkaClient) async throws -> [UInt8] {
        var found: [DeliveredRecord] = []
        try await client.readToEnd(of: AuditTopic.access, from: nil) { delivered in
            let event = AuditEvent(delivered.record.value.map { Array($0.readableBytesView) } ?? [])
            guard let document = event.flatMap({ Document($0) }), documents.contains(document), found.count < recordsMax else { return }
            found.append(delivered)
        }
        guard let audit = try await http.logs(of: AuditTopic.access, partition: 0, purpose: nil).first else { return [] }
        var lines: [UInt8] = []
        for delivered in found { lines += Array(try JSONEncoder().encode(try await ProvenRecord(delivered, of: audit))) + [UInt8(ascii: "\n")] }
        return lines
    }

    /// Of each document what its last record says, and where that stands.
    private var records: [Document: (event: AuditEvent, place: String)] = [:]
    /// Where each schema was registered, `subject@version`.
    private var names: [String: Int32] = [:]

    /// - Parameter lines: those that do not prove themselves count for nothing.
    init(_ lines: [UInt8]?, host: String, _ keys: LogKeys, _ policy: TrustPolicy) {
        for line in (lines ?? []).split(separator: UInt8(ascii: "\n")) {
            guard let proven = try? JSONDecoder().decode(ProvenRecord.self, from: Data(line)),
                let (value, place) = proven.proven(of: AuditTopic.access, host: host, keys, policy), let event = AuditEvent(value),
                let document = Document(event)
            else { continue }
            records[document] = (event, place)
            if case .schema(let id) = document, let version = event.details["version"], event.subject.hasPrefix("subject:") {
                names["\(event.subject.dropFirst("subject:".count))@\(version)"] = id
            }
        }
    }

    enum Judgement {
        case proven(by: AuditEvent, place: String)
        case notProven(Sentence)
        /// The record is of another document.
        case other(place: String)
    }

    /// When a version of the agreements was applied, ms since 1970; nil where nothing proves that.
    func appliedAt(_ version: Int64) -> Int64? {
        records[.agreements(version: version)].flatMap { try? Date($0.event.time, strategy: Self.instant) }.map { Int64($0.timeIntervalSince1970 * 1000) }
    }

    private static let instant = Date.ISO8601FormatStyle(includingFractionalSeconds: true)

    /// - Parameter name: of the member that the document is in.
    func judge(_ name: String, _ content: [UInt8]) -> Judgement {
        guard let (document, digest) = Self.read(name, content, names) else { return .notProven(.unprovenNoDocument) }
        guard let (event, place) = records[document] else { return .notProven(.unprovenNoRecord) }
        guard let recorded = event.details[DocumentDigest.detail] else { return .notProven(.unprovenNoDigest(place)) }
        return recorded == digest.description ? .proven(by: event, place: place) : .other(place: place)
    }

    static func version(ofAgreements name: String) -> Int64? {
        guard name.hasPrefix("agreements/"), name.hasSuffix(".json") else { return nil }
        // Below it every number has a next one, in JSON too.
        return Int64(name.dropFirst("agreements/".count).dropLast(".json".count)).flatMap { (0..<1 << 53).contains($0) ? $0 : nil }
    }

    private static func read(_ name: String, _ content: [UInt8], _ names: [String: Int32]) -> (Document, DocumentDigest)? {
        if let version = version(ofAgreements: name) {
            guard let set = try? JSONDecoder().decode(AgreementsDocument.self, from: Data(content)), set.version == version else { return nil }
            return (.agreements(version: version), DocumentDigest(agreements: set.files))
        }
        guard name.hasPrefix("schemas/"), name.hasSuffix(".json"), let schema = try? JSONDecoder().decode(SchemaDocument.self, from: Data(content))
        else { return nil }
        let own = String(name.dropFirst("schemas/".count).dropLast(".json".count))
        guard let id = Int32(own) ?? names[own.removingPercentEncoding ?? own] else { return nil }
        let references = (schema.references ?? []).map {
            SchemaReference(name: $0.name, target: SubjectVersionName(subject: $0.subject, version: $0.version))
        }
        return (.schema(id: id), DocumentDigest(schema: schema.schema, type: schema.schemaType ?? "AVRO", references: references))
    }

    private struct AgreementsDocument: Decodable {
        let version: Int64
        let files: [String: String]
    }

    /// As the registry's API answers.
    struct SchemaDocument: Decodable {
        let id: Int32?
        let schema: String
        let schemaType: String?
        let references: [Reference]?

        struct Reference: Decodable {
            let name: String
            let subject: String
            let version: Int32
        }
    }
}
