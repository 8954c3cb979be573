import Foundation
import Identity
import Sentences
import Transparency
import ZipArchive

// A case file, or the folder that one was unpacked to: each of its logs over the case's range, and who wrote its records.
extension AuditVerify {
    func verifyCase(_ source: any EvidenceSource, _ keys: LogKeys, _ policy: TrustPolicy, _ views: WitnessViews) async throws {
        guard let json = source.bytes(CaseManifest.name, bytesMax: CaseManifest.bytesMax), let manifest = CaseManifest(json: json) else {
            throw CommandFailure.refused(.caseUnreadable(folder))
        }
        let logs = manifest.logs.filter { partition == nil || $0.partition == partition }
        guard !logs.isEmpty else { throw CommandFailure.refused(.caseEmpty(folder)) }
        var failed: (any Error)?
        for log in logs {
            do {
                let own = LogFolder(source: source, folder: CaseManifest.folder(of: log.partition))
                let seen = await views.ask(about: try own.checkpoint().checkpoint.origin, in: options.language)
                try verify(own, saved.map { "\($0).\(log.partition)" }, keys, policy, only: log.from..<log.to, seen: seen)
            } catch {
                // The others are judged too.
                StandardStream.error.writeLine(((error as? CommandFailure)?.sentence ?? .verbatim("\(error)")).text(in: options.language))
                failed = failed ?? error
            }
        }
        if let fault = (source as? CaseArchive)?.fault { throw CommandFailure.refused(.evidenceFileRefused(folder, why: fault.description)) }
        if let failed { throw failed }
    }

    /// The writers of a log's entries, held against the authorities that the auditor believes, at the time of their first record.
    func judgeWriters(_ mentioned: WriterMentions, _ log: LogFolder, _ name: String) throws {
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

/// Who wrote the entries of a log, as they say: keys' hashes.
struct WriterMentions {
    private(set) var writers: [TreeHash: (count: Int64, firstTime: Int64)] = [:]

    /// The broker itself has no key of a publisher.
    mutating func add(_ entry: ArraySlice<UInt8>) {
        guard let facts = (try? Entry(Array(entry)))?.facts, facts.writer != .zero else { return }
        let known = writers[facts.writer] ?? (0, facts.appendTime)
        writers[facts.writer] = (known.count + 1, min(known.firstTime, facts.appendTime))
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
