import ArgumentParser
import Foundation
import Sentences
import Transparency

struct ReceiptCommand: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(commandName: "receipt", abstract: Help.Command.receipt.spoken, subcommands: [ReceiptVerify.self])
    }
}

/// Offline: it needs the receipt, the log's public key and the policy file, and asks nobody.
struct ReceiptVerify: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "verify", abstract: Help.Command.receiptVerify.spoken, discussion: Help.Command.receiptVerifyMore.spoken)
    }

    @Argument(help: .saying(Help.Option.receiptFile))
    var file: String

    @Option(help: .saying(Help.Option.logKeys, valueName: "file"))
    var logKeys: String

    @Option(help: .saying(Help.Option.witnessPolicy, valueName: "file"))
    var policy: String?

    @Option(help: .saying(Help.Option.recordValue, valueName: "file"))
    var value: String?

    @Option(help: .saying(Help.Option.recordKey, valueName: "text"))
    var key: String?

    @Option(help: .saying(Help.Option.recordHeader, valueName: "name=value"))
    var header: [String] = []

    @OptionGroup var options: CommonOptions

    /// A record's value is no larger than a batch may be.
    private static let valueBytesMax = 256 << 20
    private static let receiptsBytesMax = 1 << 30

    func validate() throws {
        if value == nil, key != nil || !header.isEmpty { throw ValidationError(Help.Usage.receiptRecord) }
    }

    func run() throws {
        let keys = try EvidenceFiles.logKeys(logKeys)
        let policy = try policy.map { path throws(CommandFailure) in try EvidenceFiles.policy(path) } ?? .withoutWitnesses
        let bytes = try EvidenceFiles.bytes(of: file, bytesMax: Self.receiptsBytesMax)
        guard bytes.first == UInt8(ascii: "{") else { return try verify(bytes, keys, policy, try claimed(), at: nil) }
        let published = try PublishedLines(value)
        guard key == nil, header.isEmpty else { throw CommandFailure.wrongUsage(.receiptsHaveKeys) }
        var count = 0
        for (index, line) in bytes.split(separator: UInt8(ascii: "\n")).enumerated() {
            guard let one = try? JSONDecoder().decode(ReceiptFile.Line.self, from: Data(line)) else {
                throw CommandFailure.refused(.evidenceFileRefused(file, why: "it ends too early"))
            }
            let place = "\(file):\(index + 1)"
            try verify(Array(one.receipt.utf8), keys, policy, try published.claimed(one), at: place)
            count += 1
        }
        guard options.output == .table else { return }
        StandardStream.output.writeLine(Sentence.receiptsVerified(count, contentChecked: value != nil).text(in: options.language))
    }

    private func verify(_ bytes: [UInt8], _ keys: LogKeys, _ policy: TrustPolicy, _ claimed: ClaimedRecord?, at place: String?) throws {
        let receipt: Receipt
        do throws(FormatFault) {
            receipt = try Receipt(bytes)
        } catch {
            throw CommandFailure.refused(.evidenceFileRefused(file, why: error.description))
        }
        let origin = receipt.file.checkpoint.checkpoint.origin
        guard let log = keys.log(of: origin) else { throw Self.refused(.unknownLog, at: place) }
        switch receipt.verdict(log: log, policy: policy, claimed: claimed) {
        case .refused(let refusal): throw Self.refused(refusal, at: place)
        case .verified(let cosigned, let contentChecked):
            // Of a whole file people are told one thing; programs hear of each.
            if place == nil || options.output == .json { tell(receipt, cosigned, contentChecked: contentChecked) }
        }
    }

    private static func refused(_ refusal: Receipt.Refusal, at place: String?) -> CommandFailure {
        .refused(.receiptRefused(refusal.rawValue, at: place))
    }

    private func claimed() throws -> ClaimedRecord? {
        guard let value else { return nil }
        let bytes = try EvidenceFiles.bytes(of: value, bytesMax: Self.valueBytesMax)
        let headers = try header.map { argument in
            guard let equals = argument.firstIndex(of: "=") else { throw CommandFailure.wrongUsage(.headerWrong(argument)) }
            return RecordFields.Header(name: Array(argument[..<equals].utf8), value: Array(argument[argument.index(after: equals)...].utf8))
        }
        guard let record = ClaimedRecord(key: key.map { Array($0.utf8) }, value: bytes, headers: headers) else {
            throw CommandFailure.wrongUsage(.recordTooLarge(value))
        }
        return record
    }

    private func tell(_ receipt: Receipt, _ cosigned: TrustPolicy.Judgement, contentChecked: Bool) {
        let (facts, checkpoint) = (receipt.entry.facts, receipt.file.checkpoint.checkpoint)
        let witnesses = cosigned.cosigned.map { (name: String(decoding: $0.witness, as: UTF8.self), time: EvidenceFiles.time(seconds: $0.time)) }
        switch options.output {
        case .table:
            let lines =
                [
                    Sentence.receiptVerified(log: checkpoint.origin.text, offset: facts.offset, contentChecked: contentChecked),
                    .receiptAppended(EvidenceFiles.time(milliseconds: facts.appendTime)),
                ] + witnesses.map { .receiptCosigned(by: $0.name, at: $0.time) }
            for line in lines { StandardStream.output.writeLine(line.text(in: options.language)) }
        case .json:
            let cosignatures = witnesses.map { JSONText.object([("witness", .string($0.name)), ("time", .string($0.time))]) }
            StandardStream.output.writeLine(
                JSONText.object([
                    ("verified", true), ("log", .string(checkpoint.origin.text)), ("offset", .integer(facts.offset)),
                    ("size", .integer(checkpoint.size)), ("appendTime", .integer(facts.appendTime)), ("createTime", .integer(facts.createTime)),
                    ("schemaId", .integer(Int64(facts.schemaID))), ("writer", .string(facts.writer.description)),
                    ("contentChecked", .bool(contentChecked)), ("cosigned", .array(cosignatures)),
                ]).description)
        }
    }
}
