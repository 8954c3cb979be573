public import AccessPolicy
public import Broker
import Hummingbird
import NIOCore
import Sentences
public import Storage

/// What the HTTPS listener shows of the trees. Tests have their own.
public protocol EvidenceShowing: Sendable {
    var logKeys: [UInt8] { get }
    func certificates(ofWriter hash: String, for peer: Peer) async throws(StorageError) -> EvidenceService.Answer
    func journal(_ id: String, path: String, for peer: Peer) async throws(StorageError) -> EvidenceService.Answer
    func answer(
        _ name: EvidenceService.LogName, path: String, purpose: PurposeDeclaration, for peer: Peer
    ) async throws(StorageError) -> EvidenceService.Answer
}

extension EvidenceService: EvidenceShowing {}

/// The paths of C2SP tlog-tiles below each log's name, and ours beside them (EVIDENCE.md, "The checkpoint").
struct EvidenceRoutes: Sendable {
    private let evidence: any EvidenceShowing

    init(_ evidence: any EvidenceShowing) { self.evidence = evidence }

    var all: [Route] { [keys, writer, journal, log] }

    private static let text = "text/plain; charset=utf-8"
    private static let binary = "application/octet-stream"
    /// What never changes, by whoever asked for it: the next one shows a certificate of its own.
    private static let forEver = "private, max-age=31536000, immutable"

    private var keys: Route {
        Route(
            method: .get, template: "/tlog/keys", summary: "The keys that sign the checkpoints of this broker's logs, one verifier key a line",
            statuses: [(200, "Verifier keys (C2SP signed-note), named after the host")], form: .evidence
        ) { _ in
            Route.Answer(body: ByteBuffer(bytes: evidence.logKeys), mediaType: Self.text)
        }
    }

    private var writer: Route {
        Route(
            method: .get, template: "/tlog/writers/{hash}",
            summary: "The certificates with which a publisher's key, by the hash that entries name it by, first published",
            statuses: [(200, "Certificates, PEM, the publisher's first"), (404, "No such key, or you are no auditor")], form: .evidence
        ) { call in
            let answer: EvidenceService.Answer
            do throws(StorageError) {
                answer = try await evidence.certificates(ofWriter: call.parameters["hash"] ?? "", for: call.peer)
            } catch {
                throw Problem.storageUnavailable(.told(error.sentence))
            }
            return try Self.answer(answer)
        }
    }

    private var journal: Route {
        // A topic of this name has its partitions one segment further down.
        Route(
            method: .get, template: "/tlog/journal/{id}/{path...}",
            summary: "The node's journal of checkpoints (C2SP tlog-tiles), whose notes are time-stamped: checkpoint, tile/<L>/<N>[.p/<W>] and "
                + "tile/entries/<N>[.p/<W>]",
            statuses: [(200, "The checkpoint, or the tile"), (404, "No such journal or nothing under this path, or you are no auditor")], form: .evidence
        ) { call in
            let (id, path) = (call.parameters["id"] ?? "", call.parameters["path"] ?? "")
            if let partition = path.split(separator: "/").first.flatMap({ Int32($0) }) {
                let name = EvidenceService.LogName(topic: "journal", topicID: id, partition: partition)
                let below = path.split(separator: "/", maxSplits: 1).dropFirst().joined()
                return try await Self.answer { () throws(StorageError) in
                    try await evidence.answer(name, path: below, purpose: call.purpose, for: call.peer)
                }
            }
            return try await Self.answer { () throws(StorageError) in try await evidence.journal(id, path: path, for: call.peer) }
        }
    }

    private var log: Route {
        Route(
            method: .get, template: "/tlog/{topic}/{id}/{partition}/{path...}",
            summary: "A partition's transparency log (C2SP tlog-tiles): checkpoint, tile/<L>/<N>[.p/<W>], tile/entries/<N>[.p/<W>]; and "
                + "checkpoints/<size>[.tsr], cosigned/<size>, proof/<offset>, openings/<N>, stretch/<from>-<to>, facts/<from>-<to>",
            headers: [Route.purposeHeader],
            statuses: [
                (200, "The checkpoint, tile, bundle of entries, proof or salts"), (403, "Salts are for those who may read the records"),
                (404, "No such log or nothing under this path, or you may not know of it"), (503, "No checkpoint covers the record yet"),
            ], form: .evidence
        ) { call in
            guard let partition = call.parameters["partition"].flatMap({ Int32($0) }), partition >= 0 else { throw Problem.notFound }
            let name = EvidenceService.LogName(
                topic: call.parameters["topic"] ?? "", topicID: call.parameters["id"] ?? "", partition: partition)
            let answer: EvidenceService.Answer
            do throws(StorageError) {
                answer = try await evidence.answer(name, path: call.parameters["path"] ?? "", purpose: call.purpose, for: call.peer)
            } catch {
                throw Problem.storageUnavailable(.told(error.sentence))
            }
            return try Self.answer(answer)
        }
    }

    private static func answer(_ ask: () async throws(StorageError) -> EvidenceService.Answer) async throws -> Route.Answer {
        let found: EvidenceService.Answer
        do throws(StorageError) {
            found = try await ask()
        } catch {
            throw Problem.storageUnavailable(.told(error.sentence))
        }
        return try answer(found)
    }

    private static func answer(_ answer: EvidenceService.Answer) throws -> Route.Answer {
        switch answer {
        case .text(let bytes, let isFinal):
            Route.Answer(body: ByteBuffer(bytes: bytes), mediaType: text, cacheControl: isFinal ? forEver : "no-store")
        case .bytes(let bytes, let isFinal):
            Route.Answer(body: ByteBuffer(bytes: bytes), mediaType: binary, cacheControl: isFinal ? forEver : "no-store")
        case .notFound: throw Problem.notFound
        case .notYet: throw Problem.notCoveredYet
        case .forbidden(let missing): throw Problem.forbidden(missing: Sentence.told(missing))
        }
    }
}
