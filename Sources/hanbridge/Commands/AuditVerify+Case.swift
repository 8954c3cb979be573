import Foundation
import Identity
import Sentences
import Transparency
import ZipArchive

// A case file, or the folder that one was unpacked to: each of its logs over the case's range, and who wrote its records.
extension AuditVerify {
    func manifest(of source: any EvidenceSource) throws(CommandFailure) -> CaseManifest {
        guard let json = source.bytes(CaseManifest.name, bytesMax: CaseManifest.bytesMax), let manifest = CaseManifest(json: json) else {
            throw .refused(.caseUnreadable(folder))
        }
        return manifest
    }

    /// - Parameter seen: what witnesses themselves show of the logs.
    func verifyCase(
        _ source: any EvidenceSource, _ manifest: CaseManifest, _ keys: LogKeys, _ policy: TrustPolicy, _ seen: [KeyName: [WitnessViews.View]]
    ) throws {
        let logs = manifest.logs.filter { partition == nil || $0.partition == partition }
        guard !logs.isEmpty else { throw CommandFailure.refused(.caseEmpty(folder)) }
        let archive = source as? CaseArchive
        if let other = archive?.names.filter({ !manifest.hasMember($0) }).min() { throw CommandFailure.refused(.caseHasOther(folder, member: other)) }
        var failed: (any Error)?
        var mentions = EntryMentions()
        func judge(_ part: () throws -> Void) {
            do {
                try part()
            } catch {
                // The others are judged too.
                StandardStream.error.writeLine(((error as? CommandFailure)?.sentence ?? .verbatim("\(error)")).text(in: options.language))
                failed = failed ?? error
            }
        }
        for log in logs {
            let own = LogFolder(source: source, folder: log.folder)
            judge {
                let seen = seen[try own.checkpoint().checkpoint.origin] ?? []
                try mustBe(own, log, of: manifest, source)
                let savedFile = log.closed == nil ? saved.map { "\($0).\(log.partition)" } : nil
                mentions.add(try verify(own, savedFile, keys, policy, only: log.from..<log.to, seen: seen))
            }
        }
        judge { try judgeDigests(source, manifest, mentions) }
        if partition == nil { judge { try judgeLedger(source, manifest, since: mentions.firstTime, keys, policy) } }
        judge { try judgeDocuments(source, manifest, mentions, keys, policy) }
        tellUnproven(manifest)
        if let fault = archive?.fault { throw CommandFailure.refused(.evidenceFileRefused(folder, why: fault.description)) }
        if let failed { throw failed }
    }

    /// Nobody signed the manifest: which log it is, its checkpoint says. The topic's id is the log's, or that of the first one which it goes on from;
    /// that it does, is proven with the log itself.
    private func mustBe(_ log: LogFolder, _ part: CaseManifest.Log, of manifest: CaseManifest, _ source: any EvidenceSource) throws {
        let origin = try log.checkpoint().checkpoint.origin.text
        let newest = LogFolder(source: source, folder: CaseManifest.Log.folder(of: part.partition))
        let closed = newest.reopenings.map(\.closedLog)
        guard case .partition(manifest.topic, let id, part.partition)? = LogOrigin(origin)?.log,
            closed.first ?? id == manifest.topicID, part.closed.map({ $0 == id && closed.contains(id) }) ?? true
        else { throw CommandFailure.refused(.caseOtherLog(folder, log: origin)) }
    }

    /// What no tree proves is as it was when the case was made, and the schemas that the entries name are there, or said to be lacking. Whoever
    /// changes the manifest too is not found out here.
    private func judgeDigests(_ source: any EvidenceSource, _ manifest: CaseManifest, _ mentions: EntryMentions) throws {
        let changed = manifest.digests.filter { name, digest in
            source.bytes(name, bytesMax: CaseManifest.bytesMax(of: name)).map { TreeHashing.hash(of: $0).description } != digest
        }
        let schemas = mentions.schemaIDs.map { "schemas/\($0).json" }.filter { manifest.digests[$0] == nil && manifest.lacks[$0] == nil }
        if let wrong = (changed.keys + schemas).min() { throw CommandFailure.refused(.caseMemberWrong(folder, member: wrong)) }
        for (name, why) in manifest.lacks.sorted(by: { $0.key < $1.key }) {
            StandardStream.error.writeLine(Sentence.caseLacks(name, why: why).text(in: options.language))
        }
    }

    /// The writers of a log's entries, held against the authorities that the auditor believes, at the time of their first record.
    func judgeWriters(_ mentioned: EntryMentions, _ log: LogFolder, _ name: String) throws {
        guard let authorities else { return }
        let anchors: [[UInt8]]
        do throws(TrustError) {
            anchors = try AcceptedCertificates.anchors(file: authorities)
        } catch {
            throw CommandFailure.wrongUsage(.evidenceFileRefused(authorities, why: error.description))
        }
        var areAllKnown = true
        for (writer, mention) in mentioned.writers.sorted(by: { $0.value.firstTime < $1.value.firstTime }) {
            let time = EvidenceFiles.time(milliseconds: mention.firstTime)
            let sentence: Sentence
            switch log.judge(writer, at: mention.firstTime, anchors) {
            case .success(let subject): sentence = .writerHeld(subject, records: mention.count, key: writer.description, at: time)
            case .failure(let refusal):
                areAllKnown = false
                sentence = .writerNotKnown(writer.description, records: mention.count, at: time, why: refusal.why)
            }
            switch options.output {
            case .table: StandardStream.output.writeLine(sentence.text(in: options.language))
            case .json:
                StandardStream.output.writeLine(
                    JSONText.object([
                        ("writer", .string(writer.description)), ("records", .integer(mention.count)), ("since", .string(time)),
                        ("told", .string(sentence.text(in: options.language))),
                    ]).description)
            }
        }
        guard areAllKnown else { throw CommandFailure.refused(.writersRefused(name)) }
    }
}

/// What the entries of a log name: keys by their hashes, and schemas.
struct EntryMentions {
    private(set) var writers: [TreeHash: (count: Int64, firstTime: Int64)] = [:]
    private(set) var schemaIDs: Set<Int32> = []
    /// When the first of the records was appended and when the last, ms since 1970.
    private(set) var firstTime: Int64?
    private(set) var lastTime: Int64?

    mutating func add(_ entry: ArraySlice<UInt8>) {
        guard let facts = (try? Entry(Array(entry)))?.facts else { return }
        firstTime = min(firstTime ?? facts.appendTime, facts.appendTime)
        lastTime = max(lastTime ?? facts.appendTime, facts.appendTime)
        if facts.schemaID >= 0 { schemaIDs.insert(facts.schemaID) }
        // The broker itself has no key of a publisher.
        guard facts.writer != .zero else { return }
        let known = writers[facts.writer] ?? (0, facts.appendTime)
        writers[facts.writer] = (known.count + 1, min(known.firstTime, facts.appendTime))
    }

    mutating func add(_ other: EntryMentions) {
        schemaIDs.formUnion(other.schemaIDs)
        firstTime = [firstTime, other.firstTime].compactMap { $0 }.min()
        lastTime = [lastTime, other.lastTime].compactMap { $0 }.max()
    }
}

struct WriterRefusal: Error {
    let why: String
}

extension LogFolder {
    /// Whose key it is, by the certificates that are with the log.
    func judge(_ writer: TreeHash, at time: Int64, _ anchors: [[UInt8]]) -> Result<String, WriterRefusal> {
        let name = "\(folder)\(LogExport.certificates(writer))"
        guard let text = source.bytes(name, bytesMax: AcceptedCertificates.fileBytesMax), let certificates = AcceptedCertificates(pem: text),
            certificates.writer == writer.bytes
        else { return .failure(WriterRefusal(why: "its certificates are not there")) }
        return certificates.held(under: anchors, at: time).map { certificates.subject ?? "?" }.mapError { WriterRefusal(why: $0.description) }
    }
}
