import ArgumentParser
import AsyncHTTPClient
import Broker
import Foundation
import Listeners
import NIOCore
import NIOSSL
import Sentences

struct Doctor: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            abstract: Help.Command.doctor.spoken,
            discussion: Help.Command.doctorMore.spoken)
    }

    @OptionGroup var options: CommonOptions

    func run() async throws {
        let profile = try options.loadProfile()
        var diagnosis = Diagnosis()
        let now = Date().timeIntervalSince1970
        if let certificate = try? NIOSSLCertificate.fromPEMFile(profile.certificate).first {
            diagnosis.certificate(daysLeft: (Double(certificate.notValidAfter) - now) / 86_400, isBroker: false)
        }
        let (topics, groups) = try await AdministrationClient.run(options) { client in
            (try await Self.topics(client), try await Self.groups(client))
        }
        diagnosis.read(topics)
        diagnosis.readQuarantines(topics)
        for group in groups { diagnosis.read(group) }
        if let health = profile.health, let page = await Self.metrics(health) { diagnosis.read(metrics: page) }
        try diagnosis.write(options)
    }

    private static func topics(_ client: AdministrationClient) async throws -> [TopicDocument] {
        struct Answer: Decodable { let topics: [TopicDocument] }
        return try await client.ask("/v1/topics", as: Answer.self).topics
    }

    private static func groups(_ client: AdministrationClient) async throws -> [GroupDocument] {
        struct Answer: Decodable { let groups: [GroupDocument] }
        return try await client.ask("/v1/groups", as: Answer.self).groups
    }

    /// nil where the health listener is out of reach: it is on the broker's loopback.
    static func metrics(_ health: String) async -> String? {
        var configuration = HTTPClient.Configuration(timeout: .init(connect: .seconds(2), read: .seconds(5)))
        configuration.connectionPool.retryConnectionEstablishment = false
        let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        let answer = try? await client.execute(HTTPClientRequest(url: "\(health)/metrics"), timeout: .seconds(5))
        let page = try? await answer?.body.collect(upTo: 8 << 20)
        try? await client.shutdown()
        return page.map { String(buffer: $0) }
    }
}

/// What the doctor found, from facts that others gathered. Pure.
struct Diagnosis: Equatable {
    enum Level: String { case well, attention, wrong }

    private(set) var findings: [(level: Level, sentence: Sentence)] = []

    static func == (left: Diagnosis, right: Diagnosis) -> Bool {
        left.findings.elementsEqual(right.findings) { $0.level == $1.level && $0.sentence == $1.sentence }
    }

    /// Attention from so many days before a certificate's end.
    static let certificateDaysMin = 14.0
    /// Attention below this part of the disk free, wrong below the second.
    static let diskFreeMin = 0.15
    static let diskFreeWrong = 0.03
    /// A group this far behind needs attention, seconds.
    static let lagSecondsMax = 3600.0
    /// Attention when a checkpoint has waited so long for its time-stamp, seconds.
    static let timestampSecondsMax = 300.0

    mutating func certificate(daysLeft: Double, isBroker: Bool) {
        let level: Level = daysLeft <= 0 ? .wrong : daysLeft < Self.certificateDaysMin ? .attention : .well
        findings.append((level, .doctorCertificate(days: Int(daysLeft.rounded(.down)), isBroker: isBroker)))
    }

    mutating func read(_ topics: [TopicDocument]) {
        var offline = 0
        for topic in topics {
            for partition in topic.partitions {
                guard let why = partition.offline else { continue }
                offline += 1
                findings.append((.wrong, .partitionOffline("\(topic.name)-\(partition.partition)", why: why)))
            }
        }
        if offline == 0 { findings.append((.well, .doctorPartitions(topics.reduce(0) { $0 + $1.partitions.count }))) }
    }

    /// A quarantine holds records of its topic whole. One that is classified lower was taken by an earlier version.
    mutating func readQuarantines(_ topics: [TopicDocument]) {
        let configurations = Dictionary(topics.map { ($0.name, $0.judged) }, uniquingKeysWith: { first, _ in first })
        for topic in topics {
            guard let own = configurations[topic.name], let kept = configurations[own.quarantine], kept.isLessCareful(than: own) else { continue }
            findings.append(
                (.attention, .doctorQuarantine(own.quarantine, is: kept.classification, ofTopic: topic.name, whichIs: own.classification)))
        }
    }

    mutating func read(_ group: GroupDocument) {
        let behind = group.offsets.reduce(0) { $0 + ($1.lag ?? 0) }
        if behind > 0, group.members.isEmpty { findings.append((.attention, .doctorIdleGroup(group.group, records: behind))) }
    }

    /// The broker's `/metrics`, Prometheus text.
    mutating func read(metrics page: String) {
        let samples = MetricSample.parse(page)
        func value(_ name: String) -> Double? { samples.first { $0.name == name }?.value }
        if let days = value("hanbridge_certificate_days_left") { certificate(daysLeft: days, isBroker: true) }
        if value("hanbridge_journal_contradicted") == 1 { findings.append((.wrong, .doctorJournalContradicted)) }
        if let waiting = value("hanbridge_timestamp_waiting_seconds") {
            let isOverdue = value("hanbridge_timestamp_overdue") == 1
            let level: Level = isOverdue ? .wrong : waiting > Self.timestampSecondsMax ? .attention : .well
            findings.append((level, .doctorTimestamps(minutesWaiting: Int(waiting / 60), isOverdue: isOverdue)))
        }
        for list in samples where list.name == "hanbridge_revocation_list_life_used" {
            let level: Level = list.value >= 1 ? .wrong : list.value >= 0.5 ? .attention : .well
            findings.append((level, .doctorRevocationList(list.labels["authority"] ?? "?", percentUsed: Int(list.value * 100))))
        }
        if let free = value("hanbridge_disk_free_bytes"), let total = value("hanbridge_disk_total_bytes"), total > 0 {
            let share = free / total
            let isFull = value("hanbridge_disk_full") == 1
            let level: Level = isFull || share < Self.diskFreeWrong ? .wrong : share < Self.diskFreeMin ? .attention : .well
            findings.append((level, isFull ? .diskFull : .doctorDisk(percentFree: Int(share * 100), gigabytes: Int(free / 1e9))))
        }
        for witness in samples where witness.name == "hanbridge_witness_reachable" {
            findings.append((witness.value == 1 ? .well : .attention, .doctorWitness(witness.labels["witness"] ?? "?", answers: witness.value == 1)))
        }
        if let open = value("hanbridge_emergencies_open"), open > 0 { findings.append((.attention, .doctorEmergencies(Int(open)))) }
        if let unconfirmed = value("hanbridge_logs_unconfirmed"), unconfirmed > 0 {
            findings.append((.attention, .doctorUnconfirmedLogs(Int(unconfirmed))))
        }
        for pruning in samples where pruning.name == "hanbridge_pruning_waiting" && pruning.value > 0 {
            findings.append((.attention, .doctorPruningWaits(for: pruning.labels["witness"] ?? "?", logs: Int(pruning.value))))
        }
        for forks in samples where forks.name == "hanbridge_witness_forks" && forks.value > 0 {
            findings.append((.wrong, .doctorForks(of: forks.labels["peer"] ?? "?", Int(forks.value))))
        }
        for lag in samples where lag.name == "hanbridge_group_lag_seconds" && lag.value > Self.lagSecondsMax {
            findings.append((.attention, .doctorLag(lag.labels["group"] ?? "?", minutes: Int(lag.value / 60))))
        }
    }

    func write(_ options: CommonOptions) throws(CommandFailure) {
        for (level, sentence) in findings {
            let text = sentence.text(in: options.language)
            switch options.output {
            case .table:
                let mark = switch level {
                case .well: "✓"
                case .attention: "!"
                case .wrong: "✗"
                }
                StandardStream.output.writeLine("\(mark) \(text)")
            case .json:
                StandardStream.output.writeLine(
                    JSONText.object([("level", .string(level.rawValue)), ("message", .string(text))]).description)
            }
        }
        let wrong = findings.filter { $0.level == .wrong }.count
        if wrong > 0 { throw .refused(.problemsFound(wrong)) }
    }
}

extension TopicDocument {
    /// The words of its configuration by which a quarantine is judged.
    fileprivate var judged: TopicConfiguration {
        var judged = TopicConfiguration(defaultsOf: BrokerSettings())
        judged.classification = configuration["hanbridge.classification"] ?? judged.classification
        judged.quarantine = configuration["hanbridge.quarantine"] ?? judged.quarantine
        return judged
    }
}

/// One line of Prometheus' text format.
struct MetricSample: Equatable {
    let name: String
    let labels: [String: String]
    let value: Double

    static func parse(_ page: String) -> [MetricSample] {
        page.split(separator: "\n").compactMap { line in
            guard !line.hasPrefix("#"), let space = line.lastIndex(of: " "), let value = Double(line[line.index(after: space)...]) else { return nil }
            let series = line[..<space]
            guard let brace = series.firstIndex(of: "{") else { return MetricSample(name: String(series), labels: [:], value: value) }
            var labels: [String: String] = [:]
            for pair in series[series.index(after: brace)...].dropLast().components(separatedBy: "\",") {
                let parts = pair.split(separator: "=", maxSplits: 1)
                if parts.count == 2 { labels[String(parts[0])] = parts[1].trimmingCharacters(in: ["\""]) }
            }
            return MetricSample(name: String(series[..<brace]), labels: labels, value: value)
        }
    }
}
