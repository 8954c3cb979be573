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
struct AuditVerify: AsyncParsableCommand, OfflineCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(commandName: "verify", abstract: Help.Command.auditVerify.spoken, discussion: Help.Command.auditVerifyMore.spoken)
    }

    @Argument(help: .saying(Help.Option.logFolder, valueName: "topic|case.zip|folder"))
    var folder: String

    @Option(help: .saying(Help.Option.logKeys, valueName: "file"))
    var logKeys: String

    @Option(help: .saying(Help.Option.witnessPolicy, valueName: "file"))
    var policy: String?

    @Option(help: .saying(Help.Option.witnessAsked, valueName: "name=file"))
    var witness: [String] = []

    @Option(help: .saying(Help.Option.clockSkew, valueName: "seconds"))
    var skew = 5

    @Option(help: .saying(Help.Option.cosignedWithin, valueName: "seconds"))
    var cosignedWithin: Int?

    @Option(help: .saying(Help.Option.savedCheckpoint, valueName: "file"))
    var saved: String?

    @Option(help: .saying(Help.Option.partitionAudited))
    var partition: Int32?

    @Option(help: .saying(Help.Option.authorities, valueName: "file"))
    var authorities: String?

    @Option(help: .saying(Help.Option.timestampAuthorities, valueName: "file"))
    var tsaCa: String?

    @Option(help: .saying(Help.Option.stampedWithin, valueName: "seconds"))
    var stampedWithin: Int?

    @Flag(help: .saying(Help.Option.withRecords))
    var records = false

    @Option(help: .saying(Help.Option.purpose))
    var purpose: String?

    @OptionGroup var options: CommonOptions

    func validate() throws {
        if !witness.isEmpty, policy == nil { throw ValidationError(.auditWitnessNeedsPolicy) }
        if cosignedWithin != nil, policy == nil { throw ValidationError(Help.Usage.needs("--cosigned-within", other: "--policy")) }
        if stampedWithin != nil, tsaCa == nil { throw ValidationError(Help.Usage.needs("--stamped-within", other: "--tsa-ca")) }
        if !(0...86_400).contains(skew) { throw ValidationError(.outOfRange("--skew", lowest: 0, highest: 86_400)) }
    }

    /// What is exported, and no witness is asked.
    var isOffline: Bool { witness.isEmpty && FileManager.default.fileExists(atPath: folder) }

    func runOffline() throws {
        let (keys, policy) = try pinned()
        try verify(try exported(), keys, policy)
    }

    private func pinned() throws -> (LogKeys, TrustPolicy) {
        let trusted = try policy.map { path throws(CommandFailure) in try EvidenceFiles.policy(path) } ?? .withoutWitnesses
        if cosignedWithin != nil, trusted.quorum == .none { throw CommandFailure.wrongUsage(.policyWithoutQuorum(policy ?? "")) }
        return (try EvidenceFiles.logKeys(logKeys), trusted)
    }

    func run() async throws {
        let (keys, policy) = try pinned()
        let views = try WitnessViews(witness, policy)
        do {
            try await verify(keys, policy, views)
            try await views.shutDown()
        } catch {
            try? await views.shutDown()
            throw error
        }
    }

    private func verify(_ keys: LogKeys, _ policy: TrustPolicy, _ views: WitnessViews) async throws {
        guard FileManager.default.fileExists(atPath: folder) else { return try await verifyServed(keys, policy, views) }
        let exported = try exported()
        var seen: [KeyName: [WitnessViews.View]] = [:]
        for origin in exported.origins { seen[origin] = await views.ask(about: origin, in: options.language) }
        try verify(exported, keys, policy, seen)
    }

    /// A log as a folder, or a case.
    private enum Exported {
        case log(LogFolder)
        case `case`(any EvidenceSource, CaseManifest)

        /// The logs that witnesses may know.
        var origins: [KeyName] {
            let logs = switch self {
            case .log(let log): [log]
            case .case(let source, let manifest): manifest.logs.map { LogFolder(source: source, folder: $0.folder) }
            }
            return logs.compactMap { try? $0.checkpoint().checkpoint.origin }
        }
    }

    private func exported() throws -> Exported {
        var isFolder: ObjCBool = false
        _ = FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder)
        let source: any EvidenceSource = isFolder.boolValue ? EvidenceFolder(path: folder) : try CaseArchive(folder)
        let isLog = isFolder.boolValue && !FileManager.default.fileExists(atPath: "\(folder)/\(CaseManifest.name)")
        return isLog ? .log(LogFolder(source: source)) : .case(source, try manifest(of: source))
    }

    private func verify(_ exported: Exported, _ keys: LogKeys, _ policy: TrustPolicy, _ seen: [KeyName: [WitnessViews.View]] = [:]) throws {
        switch exported {
        case .log(let log): try verify(log, saved, keys, policy, seen: seen.values.first ?? [])
        case .case(let source, let manifest): try verifyCase(source, manifest, keys, policy, seen)
        }
    }

    private func verifyServed(_ keys: LogKeys, _ policy: TrustPolicy, _ views: WitnessViews) async throws {
        let temporary = FileManager.default.temporaryDirectory.appending(path: "hanbridge-audit-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: temporary) }
        let purpose = try purpose ?? options.loadProfile().purpose
        var failed: (any Error)?
        var seen: [WitnessViews.View] = []
        // The witnesses before the log: what they have seen by now, it must show.
        let before = { (log: LogReader) async throws in
            seen = []
            guard !witness.isEmpty, let origin = try await log.checkpoint()?.checkpoint.origin else { return }
            seen = await views.ask(about: origin, in: options.language)
        }
        func judge(_ log: LogReader, _ verify: (_ savedFile: String?) throws -> Void) {
            do {
                // What was saved of a closed log is held against the one that goes on.
                try verify(log.isClosed ? nil : saved.map { "\($0).\(log.partition)" })
            } catch {
                // The others are judged too.
                StandardStream.error.writeLine(((error as? CommandFailure)?.sentence ?? .verbatim("\(error)")).text(in: options.language))
                failed = failed ?? error
            }
        }
        try await LogFolders.export(
            folder, partition, records: records, purpose: purpose, to: temporary, policy: policy, withTimestamps: tsaCa != nil, options,
            before: before, unshown: { log in judge(log) { try judgeUnshown(log, $0) } }
        ) { log, own, _ in
            judge(log) {
                try verify(
                    LogFolder(source: EvidenceFolder(path: own)), $0, keys, policy, isServed: true, isClosed: log.isClosed, seen: seen)
            }
            try? FileManager.default.removeItem(atPath: own)
        }
        if let failed { throw failed }
    }

    /// A log of which the broker shows no checkpoint: as it should be of an empty one, and of no other.
    private func judgeUnshown(_ log: LogReader, _ savedFile: String?) throws {
        guard !log.isClosed else { return }
        if let saved = try savedFile.flatMap({ try savedCheckpoint($0) }), saved.size > 0 {
            var report = AuditReport()
            report.add(AuditFinding(.missing, .shorterThanBefore, 0..<saved.size))
            tell(report)
            throw CommandFailure.refused(.auditFailed(saved.origin.text))
        }
        let name = "\(log.topic)/\(log.partition)"
        if let why = log.offline { throw CommandFailure.refused(.auditLogOffline(name, why: why)) }
        if log.isToBeSigned { throw CommandFailure.refused(.logNotAnswering("\(name)/checkpoint")) }
        StandardStream.error.writeLine(Sentence.auditNothingSigned(name).text(in: options.language))
    }

    /// - Parameters:
    ///   - range: the offsets that are judged; nil for the whole log.
    ///   - isServed: it is the newest that there is, not a copy of some time.
    ///   - isClosed: it goes on under another name.
    ///   - seen: what witnesses themselves show of the log.
    /// - Returns: what of a range its entries mention.
    @discardableResult
    func verify(
        _ folder: LogFolder, _ savedFile: String?, _ keys: LogKeys, _ policy: TrustPolicy, only range: Range<Int64>? = nil,
        isServed: Bool = false, isClosed: Bool = false, seen: [WitnessViews.View]
    ) throws -> EntryMentions {
        let head = try folder.checkpoint()
        let saved = try savedFile.flatMap { try savedCheckpoint($0) }
        guard let log = keys.log(of: saved?.origin ?? head.checkpoint.origin) else {
            throw CommandFailure.refused(.receiptRefused(Receipt.Refusal.unknownLog.rawValue))
        }
        let line = try LogLine(folder.reopenings, before: head.checkpoint.origin, keys, policy)
        // What was saved of a log that this one goes on from is of this one's beginning.
        let isOfLine = saved.map { line.has($0) } ?? true
        let origin = isOfLine ? head.checkpoint.origin : saved?.origin ?? head.checkpoint.origin
        var history = WitnessedHistory(of: origin, log: log, policy: policy)
        for note in try folder.cosigned + [head] { history.take(note) }
        for view in seen where !history.take(view.note, shownBy: view.witness) {
            StandardStream.error.writeLine(Sentence.auditWitnessUnusable(view.name).text(in: options.language))
        }
        if isServed, !isClosed { warnIfStale(head, policy) }
        let whole = 0..<head.checkpoint.size
        var (mentions, lag) = (EntryMentions(), Lag())
        let times = history.times
        var timestamps = try timestamps(folder, origin, log)
        let report = try audit(
            folder, head, origin, log, policy, saved, line, history, range?.clamped(to: whole) ?? whole, isServed: isServed,
            justifications: folder.justifications(of: origin, keys, policy), &timestamps
        ) { entry in
            mentions.add(entry)
            if let facts = (try? Entry(Array(entry)))?.facts { lag.add(facts, seen: times.around(facts.offset).after) }
        }
        tell(report)
        guard !report.hasFailed else { throw CommandFailure.refused(.auditFailed(origin.text)) }
        if options.output == .table {
            let passed: Sentence =
                if let range, range != whole { .auditPassedInPart(origin.text, from: range.lowerBound, to: range.upperBound) } else {
                    .auditPassed(origin.text, size: head.checkpoint.size)
                }
            StandardStream.output.writeLine(passed.text(in: options.language))
            for closing in line.closings {
                StandardStream.output.writeLine(
                    Sentence.auditReopened(origin.text, closed: closing.log, size: closing.checkpoint.size, record: closing.record).text(in: options.language))
            }
        }
        try judgeCosigned(head, policy, lag)
        try judgeWriters(mentions, folder, origin.text)
        if let timestamps { try judge(timestamps, folder, head, range?.clamped(to: whole) ?? whole) }
        if let file = savedFile { try Self.save(head, as: file) }
        return mentions
    }

    /// What the auditor keeps of the last audit is believed because the auditor kept it. nil before the first.
    private func savedCheckpoint(_ path: String) throws(CommandFailure) -> Checkpoint? {
        guard FileManager.default.fileExists(atPath: path) else { return nil }
        return try EvidenceFiles.read(path, bytesMax: TransparencyLimits.noteBytesMax) { bytes throws(FormatFault) in try SignedCheckpoint(bytes) }
            .checkpoint
    }

    /// Whole or not at all: an auditor who loses the checkpoint starts from nothing.
    private static func save(_ checkpoint: SignedCheckpoint, as file: String) throws(CommandFailure) {
        do {
            try Data(checkpoint.bytes).write(to: URL(filePath: file), options: .atomic)
        } catch {
            throw .refused(.evidenceFileNotWritten(file))
        }
    }

    /// An idle log is cosigned every hour: an older time is that of an old checkpoint, or of witnesses that do not answer.
    private func warnIfStale(_ head: SignedCheckpoint, _ policy: TrustPolicy) {
        guard let time = policy.window(of: head)?.to else { return }
        let minutes = (Int64(Date().timeIntervalSince1970) - time) / 60
        guard minutes > Self.staleMinutes else { return }
        StandardStream.error.writeLine(Sentence.auditStale(head.checkpoint.origin.text, minutes: minutes).text(in: options.language))
    }

    private static let staleMinutes: Int64 = 90

    /// - Parameter each: told of each entry of the range.
    func audit(
        _ folder: LogFolder, _ head: SignedCheckpoint, _ origin: KeyName, _ log: PinnedLog, _ policy: TrustPolicy, _ saved: Checkpoint?,
        _ line: LogLine, _ history: WitnessedHistory, _ range: Range<Int64>, isServed: Bool, justifications: [Audit.Justification],
        _ timestamps: inout LogTimestamps?, _ each: (ArraySlice<UInt8>) -> Void
    ) throws -> AuditReport {
        var audit = Audit(
            times: history.times, tolerance: CosigningTolerance(skewMilliseconds: Int64(skew) * 1000), justifications: justifications)
        let continued = saved.flatMap { line.has($0) ? nil : $0 }
        let findings = AuditHead.findings(head, of: origin, log: log, policy: policy, saved: continued)
        audit.add(findings + line.findings(saved: saved))
        // A folder is as old as it is; what is served now is to be the newest.
        if isServed { audit.add(history.findings(head: head.checkpoint)) }
        guard findings.isEmpty else { return audit.finish() }
        let size = head.checkpoint.size
        var progress = ProgressBar(total: Int(size))
        var tree = TreeAudit(head.checkpoint, of: folder)
        let trusted = (continued.map { [$0] } ?? []) + line.beginnings(saved: saved) + history.checkpoints
        // Of a whole log what cannot be known is judged with its leaves; a part has to have the hashes that lead there, unless they went too.
        func isPruned(_ checkpoint: Checkpoint) -> Bool { justifications.contains { $0.kind == .pruned && $0.offsets.contains(checkpoint.size) } }
        if range != 0..<size, let unknown = trusted.first(where: { $0.size <= size && !isPruned($0) && tree.had($0.root, at: $0.size) == nil }) {
            throw CommandFailure.refused(.caseCannotContinue(origin.text, size: unknown.size))
        }
        if let continued, isPruned(continued), tree.had(continued.root, at: continued.size) == nil {
            let told = Sentence.auditSavedPruned(origin.text, size: continued.size).text(in: options.language)
            (options.output == .table ? StandardStream.output : StandardStream.error).writeLine(told)
        }
        audit.check(trusted, in: &tree)
        try timestamps?.keepThose(of: &tree, origin)
        var offset = range.lowerBound
        while offset < range.upperBound, let bundle = Tile(.entries, holding: offset, treeSize: size) {
            let shown = tree.tree.shown(bundle)
            let entries = tree.tree.entries(bundle) ?? []
            audit.judge(bundle, only: range, entries: entries, in: &tree) { shown[Int($0 - bundle.range.lowerBound)] }
            for (offset, entry) in zip(bundle.range, entries) where range.contains(offset) { each(entry) }
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

extension AuditCause {
    var sentence: Sentence {
        switch self {
        case .contentChecked: .auditContentChecked
        case .entryChecked: .auditEntryChecked
        case .contentMasked: .auditContentMasked
        case .justified(let reference): .auditJustified(by: reference)
        case .otherLog: .auditOtherLog
        case .logUnsigned: .auditLogUnsigned
        case .logSignatureForged: .auditLogForged
        case .cosignatureForged: .auditCosignatureForged
        case .quorumMissing: .auditQuorumMissing
        case .shorterThanBefore: .auditShorter
        case .behindWitnesses(let size): .auditBehindWitnesses(size: size)
        case .otherHistory(let size): .auditOtherHistory(size: size)
        case .notInTree: .auditNotInTree
        case .storedHash(let level): .auditStoredHash(level: level)
        case .entryAbsent: .auditEntryAbsent
        case .entryMalformed: .auditEntryMalformed
        case .entryChanged: .auditEntryChanged
        case .otherOffset(let offset): .auditOtherOffset(offset)
        case .recordAbsent: .auditRecordAbsent
        case .contentChanged: .auditContentChanged
        case .otherTime: .auditOtherTime
        case .timeDecreasing: .auditTimeDecreasing
        case .beforeWitnesses: .auditBeforeWitnesses
        case .afterWitnesses: .auditAfterWitnesses
        }
    }
}
