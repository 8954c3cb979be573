import ArgumentParser
import Foundation
import Sentences
import Transparency

struct AuditCommand: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "audit", abstract: Help.Command.audit.spoken,
            subcommands: [AuditVerify.self, AuditExport.self, AuditProof.self, AuditTrace.self])
    }
}

/// Verifies a folder that holds a log as C2SP tlog-tiles serves it: `checkpoint`, `tile/<L>/<N>`, `tile/entries/<N>`, offline; or a topic's
/// logs as the broker serves them, by way of such a folder.
struct AuditVerify: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(commandName: "verify", abstract: Help.Command.auditVerify.spoken, discussion: Help.Command.auditVerifyMore.spoken)
    }

    @Argument(help: .saying(Help.Option.logFolder))
    var folder: String

    @Option(help: .saying(Help.Option.logKeys, valueName: "file"))
    var logKeys: String

    @Option(help: .saying(Help.Option.witnessPolicy, valueName: "file"))
    var policy: String?

    @Option(help: .saying(Help.Option.savedCheckpoint, valueName: "file"))
    var saved: String?

    @Option(help: .saying(Help.Option.partitionAudited))
    var partition: Int32?

    @Flag(help: .saying(Help.Option.withRecords))
    var records = false

    @Option(help: .saying(Help.Option.purpose))
    var purpose: String?

    @OptionGroup var options: CommonOptions

    func run() async throws {
        let keys = try EvidenceFiles.logKeys(logKeys)
        let policy = try policy.map { path throws(CommandFailure) in try EvidenceFiles.policy(path) } ?? .withoutWitnesses
        var isFolder: ObjCBool = false
        if FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder), isFolder.boolValue {
            return try verify(folder, saved, keys, policy)
        }
        try await verifyServed(keys, policy)
    }

    private func verifyServed(_ keys: LogKeys, _ policy: TrustPolicy) async throws {
        let temporary = FileManager.default.temporaryDirectory.appending(path: "hanbridge-audit-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: temporary) }
        let purpose = try purpose ?? options.loadProfile().purpose
        var failed: (any Error)?
        try await LogFolders.export(folder, partition, records: records, purpose: purpose, to: temporary, options) { log, own, _ in
            do {
                try verify(own, saved.map { "\($0).\(log.partition)" }, keys, policy)
            } catch {
                // The others are judged too.
                StandardStream.error.writeLine(((error as? CommandFailure)?.sentence ?? .verbatim("\(error)")).text(in: options.language))
                failed = failed ?? error
            }
            try? FileManager.default.removeItem(atPath: own)
        }
        if let failed { throw failed }
    }

    private func verify(_ folder: String, _ savedFile: String?, _ keys: LogKeys, _ policy: TrustPolicy) throws {
        let head = try Self.checkpoint("\(folder)/checkpoint")
        // What the auditor keeps of the last audit is believed because the auditor kept it.
        let saved = try savedFile.flatMap { FileManager.default.fileExists(atPath: $0) ? try Self.checkpoint($0).checkpoint : nil }
        let origin = saved?.origin ?? head.checkpoint.origin
        guard let log = keys.log(of: origin) else { throw CommandFailure.refused(.receiptRefused(Receipt.Refusal.unknownLog.rawValue)) }
        let report = audit(folder, head, origin, log, policy, saved)
        tell(report)
        guard !report.hasFailed else { throw CommandFailure.refused(.auditFailed(origin.text)) }
        if options.output == .table {
            StandardStream.output.writeLine(Sentence.auditPassed(origin.text, size: head.checkpoint.size).text(in: options.language))
        }
        if let file = savedFile { try Self.save(head, as: file) }
    }

    private static func checkpoint(_ path: String) throws(CommandFailure) -> SignedCheckpoint {
        try EvidenceFiles.read(path, bytesMax: TransparencyLimits.noteBytesMax) { bytes throws(FormatFault) in try SignedCheckpoint(bytes) }
    }

    /// Whole or not at all: an auditor who loses the checkpoint starts from nothing.
    private static func save(_ checkpoint: SignedCheckpoint, as file: String) throws(CommandFailure) {
        do {
            try Data(checkpoint.bytes).write(to: URL(filePath: file), options: .atomic)
        } catch {
            throw .refused(.evidenceFileNotWritten(file))
        }
    }

    private func audit(
        _ folder: String, _ head: SignedCheckpoint, _ origin: KeyName, _ log: PinnedLog, _ policy: TrustPolicy, _ saved: Checkpoint?
    ) -> AuditReport {
        var audit = Audit(
            times: CosigningTimes([]), tolerance: CosigningTolerance(skewMilliseconds: 0), justifications: LogFolder(path: folder).expired)
        let findings = AuditHead.findings(head, of: origin, log: log, policy: policy, saved: saved)
        audit.add(findings)
        guard findings.isEmpty else { return audit.finish() }
        let size = head.checkpoint.size
        var progress = ProgressBar(total: Int(size))
        var tree = TreeAudit(head.checkpoint, of: LogFolder(path: folder))
        audit.check(saved.map { [$0] } ?? [], in: &tree)
        var offset: Int64 = 0
        while let bundle = Tile(.entries, holding: offset, treeSize: size) {
            let shown = tree.tree.shown(bundle)
            audit.judge(bundle, entries: tree.tree.entries(bundle) ?? [], in: &tree) { shown[Int($0 - bundle.range.lowerBound)] }
            offset = bundle.range.upperBound
            progress.advance(to: Int(offset))
        }
        progress.finish()
        return audit.finish()
    }

    // MARK: telling

    private func tell(_ report: AuditReport) {
        for finding in report.findings {
            let (verdict, first, last) = (finding.verdict.rawValue, finding.offsets.lowerBound, finding.offsets.upperBound - 1)
            let cause = finding.cause.sentence.text(in: options.language)
            switch options.output {
            case .table: StandardStream.output.writeLine("\(verdict)  \(first)–\(last)  \(cause)")
            case .json:
                let fields: [(String, JSONText)] = [
                    ("verdict", .string(verdict)), ("from", .integer(first)), ("to", .integer(last)), ("cause", .string(cause)),
                ]
                StandardStream.output.writeLine(JSONText.object(fields).description)
            }
        }
        if report.findingsLeftOut > 0 {
            StandardStream.error.writeLine(Sentence.auditFindingsLeftOut(report.findingsLeftOut).text(in: options.language))
        }
    }
}

/// A log as files, each read when it is asked for and never beyond what it can be.
struct LogFolder: AuditedTree {
    let path: String

    func storedHashes(_ tile: Tile) -> [TreeHash]? {
        let bytesMax = tile.width * TreeHash.sizeBytes
        // A tile that was partial once may be kept as the full one only.
        guard let bytes = bytes(tile, bytesMax: bytesMax), bytes.count >= bytesMax else { return nil }
        return bytes.withUnsafeBytes { TreeHash.array(reading: UnsafeRawBufferPointer(rebasing: $0[..<bytesMax])) }
    }

    func entries(_ bundle: Tile) -> [ArraySlice<UInt8>]? {
        guard let bytes = bytes(bundle, bytesMax: EntryBundle.bytesMax) else { return nil }
        return (try? EntryBundle.decode(bytes)).map { Array($0.prefix(bundle.width)) }
    }

    /// What the folder has of the records: of a log that was exported without them, nothing.
    func shown(_ bundle: Tile) -> [Audit.Shown] {
        LogExport.shown(
            records: try? EvidenceFiles.bytes(of: "\(path)/\(LogExport.records(bundle.index))", bytesMax: Self.recordsBytesMax),
            openings: try? EvidenceFiles.bytes(
                of: "\(path)/\(LogExport.openings(bundle.index))", bytesMax: Tile.widthMax * Commitment.saltBytes), width: bundle.width)
    }

    /// Records that the broker says it has deleted: their entries are there, and checked.
    var expired: [Audit.Justification] {
        guard let text = try? EvidenceFiles.bytes(of: "\(path)/\(LogExport.logStart)", bytesMax: 32),
            let start = Int64(String(decoding: text, as: UTF8.self).prefix { $0 != "\n" }), start > 0
        else { return [] }
        return [Audit.Justification(.expired, 0..<start, reference: "log start \(start)")]
    }

    /// A bundle's records in memory.
    private static let recordsBytesMax = 1 << 30

    func entryLeaves(_ bundle: Tile) -> [TreeHash]? { entries(bundle)?.map { TreeHashing.leaf(of: Array($0)) } }

    private func bytes(_ tile: Tile, bytesMax: Int) -> [UInt8]? {
        if let bytes = try? EvidenceFiles.bytes(of: "\(path)/\(tile.path)", bytesMax: bytesMax) { return bytes }
        guard tile.isPartial, let full = Tile(tile.content, index: tile.index) else { return nil }
        return try? EvidenceFiles.bytes(of: "\(path)/\(full.path)", bytesMax: EntryBundle.bytesMax)
    }
}

extension AuditCause {
    var sentence: Sentence {
        switch self {
        case .contentChecked: .auditContentChecked
        case .entryChecked: .auditEntryChecked
        case .justified(let reference): .auditJustified(by: reference)
        case .otherLog: .auditOtherLog
        case .logUnsigned: .auditLogUnsigned
        case .logSignatureForged: .auditLogForged
        case .cosignatureForged: .auditCosignatureForged
        case .quorumMissing: .auditQuorumMissing
        case .shorterThanBefore: .auditShorter
        case .otherHistory(let size): .auditOtherHistory(size: size)
        case .notInTree: .auditNotInTree
        case .storedHash(let level): .auditStoredHash(level: level)
        case .entryAbsent: .auditEntryAbsent
        case .entryMalformed: .auditEntryMalformed
        case .entryChanged: .auditEntryChanged
        case .otherOffset(let offset): .auditOtherOffset(offset)
        case .recordAbsent: .auditRecordAbsent
        case .contentChanged: .auditContentChanged
        case .timeDecreasing: .auditTimeDecreasing
        case .beforeWitnesses: .auditBeforeWitnesses
        case .afterWitnesses: .auditAfterWitnesses
        }
    }
}
