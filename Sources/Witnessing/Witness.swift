import CoreMetrics
public import Logging
public import Storage
public import Transparency

/// A witness: remembers, judges, cosigns. One actor owns the memory, so that the logs' requests are judged one after the other, and those that
/// wait at the same time become durable by one commit.
public actor Witness {
    /// Named after the witness; what logs and auditors pin.
    public nonisolated let verifierKey: VerifierKey
    private let key: SigningKey
    private let peers: WitnessPeers
    private let store: any WitnessStore
    private let forks: any ForkKeeping
    private let now: @Sendable () -> Int64
    private let log: Logger

    private struct Waiting {
        let request: WitnessRequest
        let peer: WitnessPeers.Peer
        let answer: CheckedContinuation<WitnessAnswer, Never>
    }
    private var waiting: [Waiting] = []
    private var isWorking = false
    var waitingCount: Int { waiting.count }

    /// - Parameter now: ms since 1970.
    public init(
        name: KeyName, key: SigningKey, peers: WitnessPeers, store: any WitnessStore, forks: any ForkKeeping,
        now: @escaping @Sendable () -> Int64, log: Logger
    ) {
        verifierKey = key.verifier(name, .cosignature)
        self.key = key
        self.peers = peers
        self.store = store
        self.forks = forks
        self.now = now
        self.log = log
        for host in peers.hosts { Self.forkGauge(host).record(forks.count(ofHost: host)) }
    }

    private static func forkGauge(_ host: String) -> Gauge { Gauge(label: "hanbridge_witness_forks", dimensions: [("peer", host)]) }

    /// `POST …/add-checkpoint`
    public func add(_ body: [UInt8]) async -> WitnessAnswer {
        let answer = await judge(body)
        Counter(label: "hanbridge_witness_requests_total", dimensions: [("status", "\(answer.status)")]).increment()
        return answer
    }

    private func judge(_ body: [UInt8]) async -> WitnessAnswer {
        let request: WitnessRequest
        do throws(FormatFault) {
            request = try WitnessRequest(body)
        } catch {
            return .refused(400, "the request cannot be read: \(error)")
        }
        guard let peer = peers.owner(of: request.checkpoint.checkpoint.origin) else { return .refused(404, "this log is not witnessed here") }
        guard waiting.count < WitnessLimits.requestsWaitingMax else {
            return .refused(503, "too many requests are waiting", retryAfterSeconds: 1)
        }
        return await withCheckedContinuation { continuation in
            waiting.append(Waiting(request: request, peer: peer, answer: continuation))
            guard !isWorking else { return }
            isWorking = true
            Task { await work() }
        }
    }

    /// `GET …/<id of the origin>/checkpoint`: what was cosigned last.
    public func checkpoint(of id: TreeHash) async throws(StorageError) -> [UInt8]? { try await store.logs([id])[id]?.checkpoint.bytes }

    // MARK: judging

    private func work() async {
        while !waiting.isEmpty {
            let batch = Array(waiting.prefix(WitnessLimits.requestsAtOnce))
            waiting.removeFirst(batch.count)
            let answers = await answers(to: batch)
            for (one, answer) in zip(batch, answers) { one.answer.resume(returning: answer) }
        }
        isWorking = false
    }

    private func answers(to batch: [Waiting]) async -> [WitnessAnswer] {
        do throws(StorageError) {
            let ids = Set(batch.map { WitnessedLog.id(of: $0.request.checkpoint.checkpoint.origin) })
            var memory = Memory(known: try await store.logs(ids))
            for host in Set(batch.map(\.peer.log.host)) { memory.counts[host] = try await store.logCount(ofHost: host) }
            let answers = batch.map { answer(to: $0, &memory) }
            // The commit point: before it nobody is told of a cosignature, behind it the witness never forgets that it gave one.
            if !memory.changed.isEmpty { try await store.put(Array(memory.changed.values)) }
            for fork in memory.forks { keep(fork) }
            return answers
        } catch {
            // What was judged in this batch stands on what is not durable: all of it is to be asked again.
            log.error("the witness's memory cannot be read or written: \(error)")
            return batch.map { _ in .refused(503, "the witness cannot remember just now", retryAfterSeconds: 5) }
        }
    }

    /// As the requests of a batch leave it, one after the other.
    private struct Memory {
        var known: [TreeHash: WitnessedLog]
        var counts: [String: Int] = [:]
        var changed: [TreeHash: WitnessedLog] = [:]
        var forks: [ForkEvidence] = []
    }

    private func answer(to one: Waiting, _ memory: inout Memory) -> WitnessAnswer {
        let (request, peer) = (one.request, one.peer)
        let id = WitnessedLog.id(of: request.checkpoint.checkpoint.origin)
        let latest = memory.known[id]
        let decision = WitnessDecision.judge(request, log: peer.log, latest: latest?.checkpoint.checkpoint)
        switch decision {
        case .malformed: return .refused(400, "the old size is larger than the checkpoint's")
        case .unsigned: return .refused(403, "the checkpoint has no valid signature of the log's pinned key")
        case .unknownOrigin: return .refused(404, "this log is not witnessed here")
        case .conflict(let size):
            // Whatever old size came with it: two trees of one size are proof.
            if request.checkpoint.checkpoint.size == size { noteFork(request, peer, latest, &memory) }
            return .conflict(size: size)
        case .inconsistent:
            noteFork(request, peer, latest, &memory)
            return .refused(422, "the checkpoint is not shown to continue the one that was cosigned last")
        case .cosign(let checkpoint): return cosign(checkpoint, request, peer, latest, &memory)
        }
    }

    private func cosign(
        _ checkpoint: Checkpoint, _ request: WitnessRequest, _ peer: WitnessPeers.Peer, _ latest: WitnessedLog?, _ memory: inout Memory
    ) -> WitnessAnswer {
        let host = peer.log.host
        if latest == nil {
            guard memory.counts[host, default: 0] < peer.logsMax else {
                log.error("\(host) has \(peer.logsMax) logs here already, and \(checkpoint.origin) is not witnessed: raise logsMax of that peer")
                return .refused(404, "more logs of this node are not witnessed here")
            }
            memory.counts[host, default: 0] += 1
        }
        let time = now() / 1000
        // What a clock that was set back would say contradicts what was signed before.
        guard time >= latest?.time ?? 0 else {
            log.error("the clock is \((latest?.time ?? 0) - time) s behind the last cosignature of \(checkpoint.origin): set it right")
            return .refused(503, "the witness's clock is behind its last cosignature", retryAfterSeconds: 5)
        }
        let line = Cosignature.sign(checkpoint, by: key, as: verifierKey.name, time: time)
        let note = request.checkpoint.signed(onlyBy: peer.log).cosigned(line)
        let next = WitnessedLog(host: host, time: time, checkpoint: note)
        memory.known[next.id] = next
        memory.changed[next.id] = next
        return .cosigned(line)
    }

    // MARK: forks

    private func noteFork(_ request: WitnessRequest, _ peer: WitnessPeers.Peer, _ latest: WitnessedLog?, _ memory: inout Memory) {
        guard let latest,
            let fork = ForkEvidence(host: peer.log.host, seenAt: now(), cosigned: latest.checkpoint, refused: request)
        else { return }
        memory.forks.append(fork)
    }

    private func keep(_ fork: ForkEvidence) {
        let (known, shown) = (fork.cosigned.checkpoint, fork.refused.checkpoint.checkpoint)
        let what = "\(shown.origin) showed a signed tree of \(shown.size) records that does not continue the cosigned one of \(known.size)"
        Counter(label: "hanbridge_witness_forks_seen_total", dimensions: [("peer", fork.host), ("kind", fork.kind.rawValue)]).increment()
        guard forks.count(ofHost: fork.host) < WitnessLimits.forksPerPeerMax else {
            return log.critical("FORK (\(fork.kind.rawValue)): \(what); \(WitnessLimits.forksPerPeerMax) of \(fork.host) are kept already")
        }
        do {
            guard try forks.keep(fork) else { return }
            log.critical("FORK (\(fork.kind.rawValue)): \(what); both are kept as \(fork.name)")
        } catch {
            log.critical("FORK (\(fork.kind.rawValue)): \(what); it could not be kept: \(error)")
        }
        Self.forkGauge(fork.host).record(forks.count(ofHost: fork.host))
    }
}
