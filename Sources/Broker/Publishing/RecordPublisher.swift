import AccessPolicy
import Atomics
import KafkaWire
import Logging
import MessageSchema
import NIOConcurrencyHelpers
import Sentences
import Storage

/// Publishing over HTTPS: a body of records, through the one admission pipeline, with an answer for each record. The good ones go in,
/// the bad ones are told about and kept in the topic's quarantine where it names one. What is answered as appended is durable.
public struct RecordPublisher: Sendable {
    let services: BrokerServices

    public init(_ services: BrokerServices) { self.services = services }

    /// - Returns: what became of every record, or why none was looked at.
    public func publish(_ submission: RecordSubmission, by peer: Peer) async -> Result<SubmissionAnswer, SubmissionRefusal> {
        do throws(SubmissionRefusal) {
            return .success(try await answer(submission, by: peer))
        } catch {
            return .failure(error)
        }
    }

    private func answer(_ submission: RecordSubmission, by peer: Peer) async throws(SubmissionRefusal) -> SubmissionAnswer {
        let moment = RequestMoment(of: services)
        let grant = try grant(submission.topic, peer, moment)
        guard let key = submission.idempotencyKey else {
            let prepared = try PreparedSubmission(submission, by: peer, grant, moment)
            return try await finish(submission, prepared) { await carryOut(prepared, from: SubmissionState(), once: nil) }
        }
        let name = IdempotencyLedger.Name(node: peer.identity.path, key: key)
        switch try await claim(name, submission.fingerprint) {
        case .answered(let answer): return answer
        case .inFlight: throw SubmissionRefusal(.inFlight, .submissionInFlight)
        case .otherRequest: throw SubmissionRefusal(.keyReused, .idempotencyKeyReused)
        case .tooManyInFlight: throw SubmissionRefusal(.overloaded, .told(StorageError.overloaded.sentence))
        case .granted(let state, let beganAt):
            let once = OnceOnly(ledger: ledger, name: name, fingerprint: submission.fingerprint, beganAt: beganAt)
            let prepared: PreparedSubmission
            do throws(SubmissionRefusal) {
                prepared = try PreparedSubmission(submission, by: peer, grant, moment)
            } catch {
                await ledger.release(name)
                throw error
            }
            return try await finish(submission, prepared) {
                let result = await carryOut(prepared, from: state, once: once)
                await ledger.release(name)
                return result
            }
        }
    }

    private var ledger: IdempotencyLedger { services.publishing.ledger }

    private func claim(_ name: IdempotencyLedger.Name, _ fingerprint: Digest256) async throws(SubmissionRefusal) -> IdempotencyLedger.Claim {
        do throws(StorageError) { return try await ledger.claim(name, fingerprint) } catch { throw SubmissionRefusal(error) }
    }

    private func grant(_ name: String, _ peer: Peer, _ moment: RequestMoment) throws(SubmissionRefusal) -> AdmissionGrant {
        var access = TopicAccess()
        switch AdmissionGrant.publishing(to: name, as: peer, access: &access, at: moment, audit: services.audit) {
        case .success(let grant): return grant
        case .failure(let refusal) where refusal.errorCode == .unknownTopicOrPartition:
            throw SubmissionRefusal(.unknownTopic, .told(refusal.sentence))
        case .failure(let refusal) where refusal.errorCode == .policyViolation: throw SubmissionRefusal(.storage, .told(refusal.sentence))
        case .failure:
            // The same words whether or not there is such a topic.
            throw SubmissionRefusal(.forbidden, .noAgreement(action: "publish", topic: String(name.prefix(Limits.topicNameLengthMax))))
        }
    }

    /// Asks again whether the peer may, of the policy, the topics and the time as they are now.
    private func confirm(_ prepared: PreparedSubmission) throws(SubmissionRefusal) {
        let topic = prepared.grant.topic
        guard try grant(topic.name, prepared.peer, RequestMoment(of: services)).topic.id == topic.id else {
            throw SubmissionRefusal(.unknownTopic, .told(StorageError.unknownPartition(PartitionID(topic: topic.id, partition: 0)).sentence))
        }
    }

    /// Waits for the work, which goes on when the wait is over or the client has gone: what has begun is brought to its end.
    private func finish(
        _ submission: RecordSubmission, _ prepared: PreparedSubmission,
        _ work: @escaping @Sendable () async -> Result<SubmissionAnswer, SubmissionRefusal>
    ) async throws(SubmissionRefusal) -> SubmissionAnswer {
        let room = submission.room
        let task = Task {
            let result = await work()
            withExtendedLifetime(room) {}
            return result
        }
        guard let result = await task.value(within: services.publishing.waitMax) else {
            let unknown = RecordOutcome.Refused(.unknown, [RecordFault(rule: "storage", message: .outcomeUnknown)])
            return prepared.answer { _ in .refused(unknown) }
        }
        return try result.get()
    }

    /// - Parameter state: what an earlier try of the same request has left.
    private func carryOut(
        _ prepared: PreparedSubmission, from state: SubmissionState, once: OnceOnly?
    ) async -> Result<SubmissionAnswer, SubmissionRefusal> {
        do throws(StorageError) {
            var state = try await IdempotencyLedger.resolve(state, in: services.store)
            let known = Dictionary(state.known.map { ($0.index, $0.result) }, uniquingKeysWith: { first, _ in first })
            let producerID = once == nil ? -1 : try await services.producerIDs.nextOfRequests()
            var plan = SubmissionPlan(prepared.grant, prepared.moment, producerID: producerID, services)
            await plan.admit(
                prepared.records.filter { known[$0.index] == nil }, values: prepared.values, keys: prepared.keys,
                partition: prepared.partition, keyless: services.publishing.partition(of: prepared.grant.topic))
            state.pending = plan.pending(producerID: producerID)
            do throws(StorageError) {
                try await services.writers.note(prepared.peer)
                // From here on a crash leaves a trace; before it, nothing.
                if let once, !state.pending.isEmpty { try await once.put(state, isAnswered: false) }
            } catch {
                for append in plan.appends { plan.ended(append, .failed(error)) }
                throw error
            }
            do throws(SubmissionRefusal) {
                // Long waits may lie behind, and an agreement may have ended in them.
                if !plan.appends.isEmpty { try confirm(prepared) }
            } catch {
                for append in plan.appends { plan.ended(append, .failed(.overloaded)) }
                if let once, !state.pending.isEmpty { await takeBack(state, once) }
                return .failure(error)
            }
            let outcomes = await AwaitedAppends.append(plan.appends.map { ($0.log, $0.batch) }, services)
            for (append, outcome) in zip(plan.appends, outcomes) { plan.ended(append, outcome) }
            let answer = prepared.answer { known[$0] ?? plan.results[$0] }
            if let once { await note(answer, state, plan.uncertain, once) }
            return .success(answer)
        } catch {
            return .failure(SubmissionRefusal(error))
        }
    }

    /// Nothing was appended after all: the row is what it was before, or none.
    private func takeBack(_ state: SubmissionState, _ once: OnceOnly) async {
        var state = state
        state.pending = []
        do throws(StorageError) {
            if state.known.isEmpty { try await once.ledger.forget(once.name) } else { try await once.put(state, isAnswered: false) }
        } catch {
            // It stays, and says where to look: nothing is there.
            services.log.warning("an idempotency key could not be freed: \(error.sentence)")
        }
    }

    /// Keeps the answer, or where the same request may still bring more in, what is in already and where more of it may be.
    private func note(_ answer: SubmissionAnswer, _ state: SubmissionState, _ uncertain: Set<PartitionID>, _ once: OnceOnly) async {
        let isAnswered = answer.records.allSatisfy(\.isFinal)
        var state = state
        state.known = isAnswered ? answer.records : answer.records.filter(\.isAppended)
        state.pending = state.pending.filter { uncertain.contains($0.id) }
        do throws(StorageError) {
            try await once.put(state, isAnswered: isAnswered)
        } catch {
            // The row from before the appends is still there and says where to look.
            services.log.warning("an answer could not be kept for its idempotency key: \(error.sentence)")
        }
    }
}

/// One request's row.
private struct OnceOnly {
    let ledger: IdempotencyLedger
    let name: IdempotencyLedger.Name
    let fingerprint: Digest256
    let beganAt: Int64

    func put(_ state: SubmissionState, isAnswered: Bool) async throws(StorageError) {
        try await ledger.put(name, fingerprint, state, beganAt: beganAt, isAnswered: isAnswered)
    }
}

/// A submission with everything known that can be known before admission.
private struct PreparedSubmission {
    let peer: Peer
    let grant: AdmissionGrant
    let moment: RequestMoment
    let records: [CutRecord]
    let values: RecordFramer
    let keys: RecordFramer
    let partition: Int32?

    init(_ submission: RecordSubmission, by peer: Peer, _ grant: AdmissionGrant, _ moment: RequestMoment) throws(SubmissionRefusal) {
        if let partition = submission.partition, grant.topic.partition(partition) == nil {
            throw SubmissionRefusal(.unprocessable, .noSuchPartition(partition, of: submission.topic))
        }
        let values = try RecordFramer.values(of: grant.topic, submission, moment.registry)
        keys = try RecordFramer.keys(of: grant.topic, submission, moment.registry)
        // Only a table asks: of other bodies the schema is not searched for names.
        records = try SubmissionReader.read(submission) { values.columns }
        self.values = values
        self.peer = peer
        self.grant = grant
        self.moment = moment
        partition = submission.partition
    }

    func answer(_ result: (Int) -> RecordOutcome.Result?) -> SubmissionAnswer {
        SubmissionAnswer(
            records: records.map { record in
                guard let result = result(record.index) else { preconditionFailure("record \(record.index) of a submission has no outcome") }
                return RecordOutcome(index: record.index, line: record.line, result: result)
            })
    }
}

/// What all submissions share.
final class PublishingServices: Sendable {
    let ledger: IdempotencyLedger
    /// How long a request waits for its records to be durable.
    let waitMax: Duration
    private let rotation = ManagedAtomic<UInt32>(0)

    init(
        metadata: any MetadataStore, clock: any BrokerClock, limits: IdempotencyLimits = IdempotencyLimits(),
        waitMax: Duration = .milliseconds(Limits.submissionWaitMillisecondsMax)
    ) {
        ledger = IdempotencyLedger(metadata: metadata, clock: clock, limits: limits)
        self.waitMax = waitMax
    }

    /// The partition for a submission's records without a key: the next in turn that takes records.
    func partition(of topic: Topic) -> Int32 {
        let count = UInt32(topic.partitions.count)
        let first = rotation.wrappingIncrementThenLoad(ordering: .relaxed) % count
        for step in 0..<count {
            let partition = Int32((first + step) % count)
            if topic.partitions[Int(partition)].bounds.state == .online { return partition }
        }
        return Int32(first)
    }
}

extension SubmissionRefusal {
    init(_ error: StorageError) { self.init(.storage, .told(error.sentence)) }
}

extension RecordOutcome {
    /// The same request again would not change it.
    var isFinal: Bool {
        switch result {
        case .appended: true
        case .refused(let refused):
            switch refused.kind {
            case .content, .tooLarge, .topicRule: true
            case .unavailable, .unknown: false
            }
        }
    }
}

extension Task where Failure == Never {
    /// The task's value, or nil where it takes longer; the task goes on.
    func value(within limit: Duration) async -> Success? {
        await withCheckedContinuation { continuation in
            let waiter = NIOLockedValueBox<CheckedContinuation<Success?, Never>?>(continuation)
            @Sendable func answer(_ value: Success?) {
                waiter.withLockedValue { waiter in
                    defer { waiter = nil }
                    return waiter
                }?.resume(returning: value)
            }
            let clock = Task<Void, Never> {
                try? await Task<Never, Never>.sleep(for: limit)
                answer(nil)
            }
            Task<Void, Never> {
                answer(await value)
                clock.cancel()
            }
        }
    }
}
