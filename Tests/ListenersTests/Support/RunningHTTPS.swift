import AccessPolicy
import Broker
import Foundation
import Identity
import NIOConcurrencyHelpers
import NIOCore
import NIOPosix
import Sentences
import ServiceLifecycle
import Testing

@testable import Listeners

/// A broker that knows one topic, no group, and lets stewards see the agreements.
final class FakeAdministration: Administering {
    let applied = NIOLockedValueBox<[[String: String]]>([])
    private let topic = TopicDocument(
        name: "health.vaccination.v1", id: "00", partitions: [], configuration: [:], createdAt: 0,
        createdBy: "User:a/b/c")

    func topics(for peer: Peer) async throws -> [TopicDocument] { [topic] }

    func topic(_ name: String, purpose: PurposeDeclaration, for peer: Peer) async throws -> TopicDocument {
        guard name == topic.name else { throw Problem.notFound(name) }
        var topic = topic
        if case .purpose(let id) = purpose {
            topic.reading = .init(allowed: true, purpose: id, implied: false, purposes: [id], anyPurpose: false)
        }
        if purpose == .unreadable { topic.reading = .init(allowed: false, purpose: nil, implied: false, purposes: [], anyPurpose: false) }
        return topic
    }

    func groups(for peer: Peer) async throws -> [GroupDocument] { [] }
    func group(_ id: String, for peer: Peer) async throws -> GroupDocument { throw Problem.notFound(id) }
    func agreementVersions(for peer: Peer) async throws -> [AgreementVersionDocument] { [] }

    func agreements(version: Int64?, for peer: Peer) async throws -> AgreementSetDocument {
        guard peer.identity.roles.contains(.steward) else { throw Problem.forbidden(missing: .roleMissing("steward")) }
        return AgreementSetDocument(
            version: version ?? 3, appliedAt: 1, appliedBy: "User:a/b/c", files: ["a.yaml": "agreements: []"])
    }

    func apply(_ files: [String: String], dryRun: Bool, by peer: Peer) async throws -> AppliedDocument {
        if let bad = files.first(where: { $0.value.contains("bad") }) {
            throw ProblemDocument(.agreementsRefused(.verbatim("a word")), faults: [.init(file: bad.key, line: 2, message: .told("unknown word “bad” in the file; it knows agreements"))])
        }
        if !dryRun { applied.withLockedValue { $0.append(files) } }
        return AppliedDocument(version: 4, dryRun: dryRun, agreements: files.count)
    }
}

/// A broker that takes every record of a body by lines, and refuses those that say so.
struct FakePublisher: RecordPublishing {
    /// More than the sockets of a loopback connection hold.
    static let largeBytes = 24 << 20

    func publish(_ submission: RecordSubmission, by peer: Peer) async -> Result<SubmissionAnswer, SubmissionRefusal> {
        switch submission.topic {
        case "unknown": return .failure(SubmissionRefusal(.unknownTopic, .verbatim("none")))
        case "large":
            let fault = RecordFault(rule: "large", message: .verbatim(String(repeating: "x", count: Self.largeBytes)))
            return .success(
                SubmissionAnswer(records: [
                    RecordOutcome(index: 0, line: nil, result: .appended(partition: 0, offset: 0)),
                    RecordOutcome(index: 1, line: nil, result: .refused(RecordOutcome.Refused(.content, [fault]))),
                ]))
        case "forbidden": return .failure(SubmissionRefusal(.forbidden, .verbatim("no")))
        default: break
        }
        let lines = submission.body.split(separator: UInt8(ascii: "\n"))
        return .success(
            SubmissionAnswer(
                records: lines.enumerated().map { index, line in
                    let kind = RecordOutcome.Kind(rawValue: String(decoding: line, as: UTF8.self))
                    let fault = RecordFault(path: "/a", rule: "type", message: Sentence(vi: "sai", en: "wrong"))
                    return RecordOutcome(
                        index: index, line: index + 1,
                        result: kind.map { .refused(RecordOutcome.Refused($0, [fault])) } ?? .appended(partition: submission.partition ?? 0, offset: Int64(index)))
                }))
    }
}

/// An HTTPS listener on a free port of loopback for the time of a test.
struct RunningHTTPS: Sendable {
    let city: TestCity
    let registry: ConnectionRegistry
    let address: SocketAddress
    let group: MultiThreadedEventLoopGroup
    let administration: FakeAdministration

    func ask(
        _ method: String, _ path: String, as node: IssuedCertificate?, headers: [String: String] = [:], body: String? = nil,
        declaredLength: Int? = nil
    ) async throws -> HTTPExchange? {
        try await HTTPExchange.ask(
            method, path, headers: headers, body: body, declaredLength: declaredLength, at: address,
            try city.clientContext(node), group: group)
    }
}

func withHTTPS(_ limits: ListenerLimits = ListenerLimits(), quotas: Quotas = Quotas(), _ body: (RunningHTTPS) async throws -> Void) async throws {
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 2)
    let city = try TestCity()
    let registry = try city.registry(group, limits, quotas: quotas)
    let administration = FakeAdministration()
    let listener = HTTPSListener(
        host: "127.0.0.1", port: 0, group: group, registry: registry, administration: administration, publisher: FakePublisher(),
        logger: quietLogger)
    let services = ServiceGroup(services: [listener], logger: quietLogger)
    try await withThrowingTaskGroup(of: Void.self) { tasks in
        tasks.addTask { try await services.run() }
        let address = try await listener.boundAddress()
        do {
            try await body(RunningHTTPS(city: city, registry: registry, address: address, group: group, administration: administration))
        } catch {
            Issue.record("\(error)")
        }
        await services.triggerGracefulShutdown()
        try await tasks.waitForAll()
    }
    try await registry.drain()
    try await group.shutdownGracefully()
}

enum Program {
    /// What a program prints, waited for on a thread of its own.
    static func output(_ path: String, _ arguments: [String]) async -> String {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                let process = Process()
                process.executableURL = URL(fileURLWithPath: path)
                process.arguments = arguments
                let output = Pipe()
                process.standardOutput = output
                do {
                    try process.run()
                } catch {
                    return continuation.resume(returning: "\(error)")
                }
                let data = output.fileHandleForReading.readDataToEndOfFile()
                process.waitUntilExit()
                continuation.resume(returning: String(decoding: data, as: UTF8.self))
            }
        }
    }
}
