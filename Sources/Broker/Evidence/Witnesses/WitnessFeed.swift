import CoreMetrics
import Logging
import Storage
import Transparency

/// Brings this broker's checkpoints to one witness: the newest of each log, a few logs at a time, each log in its order.
///
/// It never stands in anybody's way: what waits is a set of partitions, and a checkpoint that has grown too old is passed over for the next.
actor WitnessFeed {
    /// What came of a submission.
    enum Outcome: Hashable, Sendable {
        /// The witness holds exactly this log, and no more of it.
        case confirmed
        /// The witness knows another or a longer log by this name; the partition is offline.
        case contradicted
        /// The witness answers, and vouches for nothing: it pins another key, or does not know the log.
        case refused
        case unreachable
        /// Nothing to send, or a newer checkpoint is on its way.
        case passedOver
    }

    nonisolated let name: String
    private let asking: any WitnessAsking
    private let logs: PinnedLog
    private let journal: CosignatureJournal
    private let standing: WitnessStanding
    private let services: BrokerServices
    let queue = SubmissionQueue()

    /// What the witness cosigned last of each log, as far as it told.
    private var known: [PartitionID: Int64] = [:]
    /// ms since 1970
    private var cosignedAt: [PartitionID: Int64] = [:]
    private var failures = 0
    private let reachable: Gauge
    /// ms since 1970, by what was wrong: a witness that refuses one log mostly refuses all, every second.
    private var warnedAt: [String: Int64] = [:]
    private static let warningMilliseconds: Int64 = 60_000

    /// A first answer may say what to prove from, a second one that another request of ours came between.
    private static let attemptsMax = 3

    init(_ asking: any WitnessAsking, logs: PinnedLog, journal: CosignatureJournal, standing: WitnessStanding, services: BrokerServices) {
        self.asking = asking
        self.logs = logs
        self.journal = journal
        self.standing = standing
        self.services = services
        name = String(decoding: asking.witness.name, as: UTF8.self)
        reachable = Gauge(label: "hanbridge_witness_reachable", dimensions: [("witness", name)])
    }

    /// Until it is cancelled.
    func run() async {
        await withTaskCancellationHandler {
            await withDiscardingTaskGroup { group in
                for _ in 0..<Cosigning.requestsInFlightMax { group.addTask { await self.work() } }
            }
        } onCancel: {
            Task { await queue.close() }
        }
    }

    private func work() async {
        while let partition = await queue.take() {
            let outcome = await submit(partition)
            await queue.done(partition)
            guard outcome == .unreachable else { continue }
            // Whatever is newest by then.
            try? await Task.sleep(for: pause())
            await queue.put([partition])
        }
    }

    /// Longer each time, and not the same for all.
    private func pause() -> Duration {
        let longest = min(Double(Cosigning.pauseSecondsMax), Double(1 << min(failures, 10)) / 2)
        return .seconds(Double.random(in: longest / 2...longest))
    }

    /// Logs that the witness has not cosigned for long, so that readers see that they are alive.
    func putIdle(_ partitions: [PartitionID], at now: Int64) async {
        let idle = partitions.filter { now - (cosignedAt[$0] ?? 0) >= Cosigning.againMilliseconds }
        await queue.put(idle)
    }

    func keepOnly(_ isThere: (PartitionID) -> Bool) {
        known = known.filter { isThere($0.key) }
        cosignedAt = cosignedAt.filter { isThere($0.key) }
    }

    /// What the witness cosigned last of a log, as far as it told; 0 where it did not.
    func knownSize(of log: PartitionID) -> Int64 { known[log] ?? 0 }

    // MARK: one log

    func submit(_ partition: PartitionID) async -> Outcome {
        for _ in 0..<Self.attemptsMax {
            guard let submission = await submission(of: partition) else { return .passedOver }
            let answer: (status: Int, body: [UInt8])
            do throws(WitnessUnreachable) {
                answer = try await asking.add(submission.request.bytes)
            } catch {
                noteUnreachable(error)
                return .unreachable
            }
            noteReachable()
            switch WitnessReply(status: answer.status, body: answer.body) {
            case .cosigned(let lines): return await take(lines, submission)
            case .conflict(let size):
                // Signed by us, durable, and cosigned by an earlier request of ours: that is where to go on from.
                guard size > services.checkpoints.newest(of: partition)?.size ?? submission.stored.size else {
                    known[partition] = size
                    continue
                }
                return contradict(submission, "witness \(name) has cosigned \(size) records of this log, and \(submission.stored.size) were signed here")
            case .inconsistent:
                return contradict(
                    submission, "witness \(name) has cosigned another log of \(submission.request.oldSize) records by this name")
            case .unknownOrigin: return refuse("unknown", "Witness \(name) does not witness \(submission.checkpoint.origin): its operator pins this host, or raises its limit")
            case .untrusted: return refuse("untrusted", "Witness \(name) pins another key of this host than the one that signs")
            case .unusable(let status): return refuse("unusable", "Witness \(name) answered \(status), which is no answer of a witness")
            }
        }
        return .passedOver
    }

    private struct Submission {
        let stored: StoredCheckpoint
        let checkpoint: Checkpoint
        let request: WitnessRequest
        /// ms since 1970: until then nothing is known to have come behind it.
        let asOf: Int64
    }

    private func submission(of partition: PartitionID) async -> Submission? {
        guard let stored = services.checkpoints.newest(of: partition), let log = services.catalogue.value.partition(ofLog: partition)?.log,
            let evidence = log.evidence, evidence.contradiction == nil, case .online = log.bounds.state,
            let signed = try? SignedCheckpoint(stored.note).signed(onlyBy: logs)
        else {
            standing.settled(partition)
            return nil
        }
        let now = services.clock.now()
        let asOf = log.bounds.highWatermark.rawValue == stored.size ? now : stored.madeAt
        // Too old to be taken: the next one is made within a second. But a log that nobody has vouched for yet is asked about all the same.
        guard now - asOf <= Cosigning.delayMaxMilliseconds || standing.isUnconfirmed(partition) else { return nil }
        let old = known[partition] ?? stored.size
        guard old <= stored.size else { return nil }
        var proof: [TreeHash] = []
        if old > 0, old < stored.size {
            do throws(StorageError) {
                proof = try await evidence.consistencyProof(from: old, to: stored.size)
            } catch {
                if old < evidence.minimumIndex {
                    warn("pruned", "Witness \(name) knows \(old) records of \(signed.checkpoint.origin), whose evidence was pruned below \(evidence.minimumIndex): that the log goes on from there cannot be shown")
                } else {
                    services.log.warning("a checkpoint of \(signed.checkpoint.origin) cannot be shown to witness \(name): \(error)")
                }
                return nil
            }
        }
        let request = WitnessRequest(oldSize: old, proof: proof, checkpoint: signed)
        return Submission(stored: stored, checkpoint: signed.checkpoint, request: request, asOf: asOf)
    }

    // MARK: answers

    private func take(_ lines: [NoteSignature], _ submission: Submission) async -> Outcome {
        let partition = submission.stored.partition
        let key = asking.witness.key
        let arrived = services.clock.now()
        // Lines of keys that nobody told us of are passed over, as the protocol asks.
        let own = lines.first { Cosignature.time(of: $0, on: submission.checkpoint, by: key) != nil }
        guard let own, let time = Cosignature.time(of: own, on: submission.checkpoint, by: key) else {
            return refuse("invalid", "Witness \(name) answered with a cosignature that is not of the key in the policy file")
        }
        known[partition] = submission.stored.size
        standing.settled(partition)
        guard arrived - submission.asOf <= Cosigning.delayMaxMilliseconds else {
            count("late")
            return .confirmed
        }
        // A witness says whole seconds.
        guard time * 1000 + 999 >= submission.asOf - Cosigning.skewMaxMilliseconds, time * 1000 <= arrived + Cosigning.skewMaxMilliseconds else {
            count("clock")
            warn("clock", "Witness \(name) has a clock that is \(time - arrived / 1000) s from ours: its cosignatures are not taken")
            return .confirmed
        }
        cosignedAt[partition] = arrived
        count("taken")
        await journal.add(own, by: key, to: submission.stored)
        return .confirmed
    }

    private static let wayOut =
        "an older state was restored, or a copy of it was written to: restore the newest state, or close the log where all agree and go on "
        + "under another name (hanbridge log reopen)"

    private func contradict(_ submission: Submission, _ why: String) -> Outcome {
        count("contradicted")
        standing.settled(submission.stored.partition)
        services.catalogue.value.partition(ofLog: submission.stored.partition)?.log.evidence?.contradicted(
            "partition \(submission.stored.partition) is not the log that others know: \(why); \(Self.wayOut)")
        return .contradicted
    }

    private func refuse(_ outcome: String, _ why: String) -> Outcome {
        count(outcome)
        warn(outcome, why)
        return .refused
    }

    private func warn(_ kind: String, _ why: String) {
        let now = services.clock.now()
        guard now - (warnedAt[kind] ?? .min / 2) >= Self.warningMilliseconds else { return }
        warnedAt[kind] = now
        services.log.warning("\(why)")
    }

    private func count(_ outcome: String) {
        Counter(label: "hanbridge_cosignatures_total", dimensions: [("witness", name), ("outcome", outcome)]).increment()
    }

    private func noteUnreachable(_ error: WitnessUnreachable) {
        count("unreachable")
        if failures == 0 { services.log.warning("witness \(name) does not answer: \(error.why)") }
        failures += 1
        reachable.record(0)
    }

    private func noteReachable() {
        if failures > 0 { services.log.notice("witness \(name) answers again") }
        failures = 0
        reachable.record(1)
    }
}
