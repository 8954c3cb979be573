import Broker
import Foundation
import KafkaWire
import Listeners
import NIOCore
import Sentences
import Transparency

/// Puts everything that a range of a topic is judged by into one place: its logs (``LogExport``), and beside them what its entries name.
struct CaseExport {
    let http: AdministrationClient
    let output: DigestedOutput
    let contents: LogExport.Contents
    /// Reads the delivery ledger and the audit topic, for who may.
    let ledger: KafkaClient
    var range: (from: StartPosition, to: StartPosition) = (.position(.earliest), .position(.latest))
    /// As ``LogExport`` has it.
    var prunings: ((LogReader) async throws -> [UInt8])?
    var reopenings: ((LogReader) async throws -> [UInt8])?

    /// What of a log the rest of the case is made for.
    struct Mentioned {
        var schemaIDs: Set<Int32> = []
        /// ms since 1970: of the first record's appending and of the last one's.
        var times: ClosedRange<Int64>?
        /// Agreements and schemas that are in the case.
        var documents: Set<DocumentRecords.Document> = []

        mutating func add(_ record: MaskedRecord) {
            if let id = record.schemaID { schemaIDs.insert(id) }
        }

        mutating func add(_ facts: Entry.Facts) {
            if facts.schemaID >= 0 { schemaIDs.insert(facts.schemaID) }
            let time = facts.appendTime
            times = min(times?.lowerBound ?? time, time)...max(times?.upperBound ?? time, time)
        }
    }

    /// - Returns: what is lacking, and why.
    func run(_ logs: [LogReader], _ done: (LogReader, Int64) throws -> Void) async throws -> [String: String] {
        guard let first = logs.first else { return [:] }
        var manifest = CaseManifest(
            topic: first.topic, topicID: first.topicID, madeAt: .now, purpose: first.purpose, records: contents.inManifest)
        if case .masked(let rules) = contents {
            manifest.rulesOf = rules.time.map { EvidenceFiles.time(milliseconds: $0) }
            manifest.shownTo = rules.node
        }
        var mentioned = Mentioned()
        // A log that was closed, before the one that goes on from it.
        for log in logs.flatMap(\.line) {
            guard let head = try await log.cosignedCheckpoint() else {
                if let why = log.offline, !log.isClosed { manifest.lacks["\(log.partition)/"] = why }
                continue
            }
            let offsets = try await log.offsets(range.from, range.to, size: head.checkpoint.size)
            if log.isClosed, offsets.isEmpty { continue }
            if case .masked(let rules) = contents, rules.time == nil, rules.node == nil, try await log.isReadWhole(at: max(0, offsets.upperBound - 1)) {
                throw CommandFailure.refused(.caseNotMasked("\(log.topic)/\(log.partition)"))
            }
            let part = CaseManifest.Log(
                partition: log.partition, origin: head.checkpoint.origin.text, size: head.checkpoint.size, from: offsets.lowerBound, to: offsets.upperBound,
                closed: log.isClosed ? log.logID : nil)
            // The records are with the log that goes on.
            var export = LogExport(log: log, output: output, folder: part.folder, contents: log.isClosed ? .none : contents, offsets: offsets, head: head)
            export.isCase = true
            export.prunings = prunings
            export.reopenings = reopenings
            try await export.run { mentioned.add($0) } masked: { mentioned.add($0) }
            manifest.logs.append(part)
            try done(log, Int64(offsets.count))
        }
        // Each part by itself: what one may not see, or is not kept here, is named as lacking.
        if let times = mentioned.times {
            let export = CaseLedgerExport(http: http, output: output, client: ledger)
            let found = try await export.run(about: CaseLedger.Records.all(of: manifest), since: times.lowerBound)
            (manifest.ledger, manifest.lacks["deliveries"]) = found
        }
        for part in [agreements, schemas, documentRecords, keys] {
            for (name, why) in try await part(&mentioned) { manifest.lacks[name] = why }
        }
        try putReadMe(manifest)
        manifest.digests = output.digests
        try output.put(manifest.json, CaseManifest.name)
        try output.finish()
        return manifest.lacks
    }

    // MARK: parts

    /// - Returns: what is lacking, and why.
    private typealias Part = (inout Mentioned) async throws -> [String: String]

    private func keys(_: inout Mentioned) async throws -> [String: String] { try await copy(["/tlog/keys": "log-keys"]) }

    /// Every version that was in force between the first record and the last.
    private func agreements(_ mentioned: inout Mentioned) async throws -> [String: String] {
        guard let times = mentioned.times else { return [:] }
        let all = try await read("/v1/agreements/versions")
        guard let bytes = all.bytes, let versions = try? JSONDecoder().decode(Versions.self, from: Data(bytes)).versions else {
            return ["agreements": all.why]
        }
        // A version is in force until the next is applied; the newest comes first.
        let inForce = versions.enumerated().filter { index, version in
            version.appliedAt <= times.upperBound && (index == 0 || versions[index - 1].appliedAt >= times.lowerBound)
        }
        // With the record of the one after them, which shows until when the last was in force.
        for (_, version) in inForce { mentioned.documents.formUnion([.agreements(version: version.version), .agreements(version: version.version + 1)]) }
        return try await copy(
            Dictionary(uniqueKeysWithValues: inForce.map { ("/v1/agreements/versions/\($1.version)", "agreements/\($1.version).json") }))
    }

    private struct Versions: Decodable { let versions: [AgreementVersionDocument] }

    /// Those that the entries name, and all that these refer to.
    private func schemas(_ mentioned: inout Mentioned) async throws -> [String: String] {
        var lacks: [String: String] = [:]
        var waiting = mentioned.schemaIDs.sorted().map { ("/schemas/ids/\($0)", "schemas/\($0).json") }
        var seen = Set(waiting.map(\.0))
        while let (path, name) = waiting.popLast() {
            let answer = try await read(path)
            guard let bytes = answer.bytes else {
                lacks[name] = answer.why
                continue
            }
            try output.put(bytes, name)
            let schema = try? JSONDecoder().decode(DocumentRecords.SchemaDocument.self, from: Data(bytes))
            if let id = schema?.id ?? path.split(separator: "/").last.flatMap({ Int32($0) }) { mentioned.documents.insert(.schema(id: id)) }
            for reference in schema?.references ?? [] {
                let path = "/subjects/\(SchemaGet.escaped(reference.subject))/versions/\(reference.version)"
                guard seen.count < Self.schemasMax, seen.insert(path).inserted else { continue }
                waiting.append((path, "schemas/\(Self.fileName(reference.subject))@\(reference.version).json"))
            }
        }
        return lacks
    }

    /// What the audit topic says of how these documents came to be there.
    private func documentRecords(_ mentioned: inout Mentioned) async throws -> [String: String] {
        guard !mentioned.documents.isEmpty else { return [:] }
        do {
            try output.put(try await DocumentRecords.lines(about: mentioned.documents, http, ledger), DocumentRecords.file)
            return [:]
        } catch let error as ClientError {
            let failure = error.failure(.readingAudit)
            guard failure.status == .refused else { throw failure }
            return [DocumentRecords.file: failure.sentence.text(in: .english)]
        } catch let failure as CommandFailure where failure.status == .refused {
            return [DocumentRecords.file: failure.sentence.text(in: .english)]
        }
    }

    /// A subject's name may have any character; a member's may not.
    private static func fileName(_ subject: String) -> String {
        subject.addingPercentEncoding(withAllowedCharacters: .alphanumerics.union(CharacterSet(charactersIn: "-_."))) ?? "subject"
    }

    /// As many as a registry has.
    private static let schemasMax = 20_000

    /// For whoever finds the file in ten years.
    private func putReadMe(_ manifest: CaseManifest) throws {
        let text = [Language.vietnamese, .english].map { Sentence.caseReadMe(topic: manifest.topic, madeAt: manifest.madeAt).text(in: $0) }
        try output.put(Array((text.joined(separator: "\n\n") + "\n").utf8), "README.txt")
    }

    private func copy(_ names: [String: String]) async throws -> [String: String] {
        var lacks: [String: String] = [:]
        for (path, name) in names.sorted(by: { $0.key < $1.key }) {
            let answer = try await read(path)
            if let bytes = answer.bytes { try output.put(bytes, name) } else { lacks[name] = answer.why }
        }
        return lacks
    }

    private func read(_ path: String) async throws -> (bytes: [UInt8]?, why: String) {
        do {
            let answer = try await http.bytes(path)
            return answer.status == 200 ? (answer.bytes, "") : (nil, "HTTP \(answer.status)")
        } catch let failure as CommandFailure where failure.status == .refused {
            return (nil, failure.sentence.text(in: .english))
        }
    }
}

extension LogExport.Contents {
    fileprivate var inManifest: CaseManifest.Records {
        switch self {
        case .none: .none
        case .whole: .full
        case .masked: .masked
        }
    }
}
