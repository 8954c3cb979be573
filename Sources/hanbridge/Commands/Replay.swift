import ArgumentParser
import Foundation
import KafkaWire
import NIOCore
import Sentences
import Transparency

/// Reads a range of a topic again, by offset or by the time of appending, at a bounded rate, so that live traffic is not disturbed.
struct Replay: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(abstract: Help.Command.replay.spoken, discussion: Help.Command.replayMore.spoken)
    }

    @Argument(help: .saying(Help.Option.topicOne))
    var topic: String

    @Option(help: .saying(Help.Option.partitionAudited))
    var partition: Int32?

    @Option(help: .saying(Help.Option.replayFrom))
    var from: StartPosition = .position(.earliest)

    @Option(help: .saying(Help.Option.replayTo))
    var to: StartPosition = .position(.latest)

    @Option(help: .saying(Help.Option.purpose))
    var purpose: String?

    @Option(help: .saying(Help.Option.rate))
    var rate = 50

    @Option(help: .saying(Help.Option.rulesOf, valueName: "time"))
    var rulesOf: Moment?

    @Flag(help: .saying(Help.Option.rawValues))
    var raw = false

    @Flag(help: .saying(Help.Option.verifyReplay))
    var verify = false

    @Option(help: .saying(Help.Option.logKeys, valueName: "file"))
    var logKeys: String?

    @Option(help: .saying(Help.Option.witnessPolicy, valueName: "file"))
    var policy: String?

    @OptionGroup var options: CommonOptions

    func validate() throws {
        if rate < 1 { throw ValidationError(Help.Usage.rateTooSmall) }
        if rulesOf != nil, verify || raw { throw ValidationError(Help.Usage.rulesOfAlone) }
        if verify != (logKeys != nil) { throw ValidationError(Help.Usage.verifyNeedsKeys) }
        if let purpose, !Subscribe.isPurpose(purpose) { throw ValidationError(Help.Usage.purposeCharacters) }
    }

    func run() async throws {
        let purpose = try purpose ?? options.loadProfile().purpose
        guard let purpose else { throw CommandFailure.wrongUsage(.replayNeedsPurpose) }
        let keys = try logKeys.map { path throws(CommandFailure) in try EvidenceFiles.logKeys(path) }
        let policy = try policy.map { path throws(CommandFailure) in try EvidenceFiles.policy(path) } ?? .withoutWitnesses
        try await AdministrationClient.run(options) { http in
            let logs = try await http.logs(of: topic, partition: partition, purpose: purpose)
            try await BrokerSession.run(options, action: .subscribing(topic), clientID: "hanbridge-cli;purpose=\(purpose);") { session in
                let decoder = RecordDecoder(try await session.client.typing(of: topic), RegistryReader(http: http))
                let output = RecordOutput(session, decoder, format: .json)
                var pace = Pace(bytesPerSecond: rate << 20)
                for log in logs {
                    let reading = ReplayReading(log: log, client: session.client)
                    var offsets = try await reading.offsets(from: from, to: to)
                    var verification: ReplayVerification?
                    if let keys {
                        let verifying = try await ReplayVerification(log, offsets, keys, policy)
                        offsets = verifying.offsets
                        verification = verifying
                    }
                    if let rulesOf {
                        try await PagedReplay(log: log, rules: ShownRules(time: rulesOf.milliseconds)).write(offsets, &pace)
                        continue
                    }
                    try await reading.read(offsets, &pace) { records in
                        try await verification?.judge(records)
                        if raw { return try writeRaw(records) }
                        for record in records { try await output.write(record) }
                    }
                    try await verification?.finish()
                }
            }
        }
    }

    /// Many at a time: a system call for each record costs more than all else that is done to it.
    private func writeRaw(_ records: ArraySlice<DeliveredRecord>) throws {
        var lines: [UInt8] = []
        lines.reserveCapacity(Self.writtenBytes + records.reduce(0) { max($0, $1.record.value?.readableBytes ?? 0) } + 1)
        for delivered in records {
            delivered.record.value?.withUnsafeReadableBytes { lines.append(contentsOf: $0) }
            lines.append(UInt8(ascii: "\n"))
            guard lines.count >= Self.writtenBytes else { continue }
            try StandardStream.output.write(contentsOf: lines)
            lines.removeAll(keepingCapacity: true)
        }
        try StandardStream.output.write(contentsOf: lines)
    }

    /// From here on it is written what has been gathered.
    private static let writtenBytes = 256 << 10
}

/// Lets no more through than so many bytes a second.
struct Pace {
    let bytesPerSecond: Int
    private let began = ContinuousClock.now
    private var bytes = 0

    init(bytesPerSecond: Int) { self.bytesPerSecond = bytesPerSecond }

    mutating func pass(_ count: Int) async {
        bytes += count
        let due = began + .nanoseconds(Int64(Double(bytes) / Double(bytesPerSecond) * 1e9))
        if due > .now { try? await Task.sleep(until: due, clock: .continuous) }
    }
}
