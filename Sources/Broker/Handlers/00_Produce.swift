import KafkaWire
import NIOCore
import Storage

// Appends record batches. Versions 0-11; formats 0 and 1 of versions 0-2 are converted at the edge.
//
// Right: to publish to the topic; that right covers idempotent producing too. Transactions are not here.
//
// - acks 1 and -1 both answer when the records are durable: one replica, one sync; where the topic's acknowledgement is
//   `checkpointed`, when a signed checkpoint covers them, and where it is `witnessed`, when witnesses cosigned one. acks 0 answers nothing; an error that is
//   known before the append closes the connection, as Kafka does, because the client has no other way to learn of it.
// - All partitions' batches are queued before any is answered, and batches of one connection keep their order.
// - From version 3 on exactly one batch a partition (KIP-98). From version 8 on refusals carry a sentence and the records
//   that caused them (KIP-467). A record that the topic's rules do not allow refuses its batch whole: offsets and sequences of a part of it could not be told.
// - Where the topic names a quarantine, the bad records are kept there before the refusal is answered.
// - A connection's first batch waits until the metadata store knows whose key it is; one that corrects records, until these were
//   read; a bad one, until its quarantine was, once after a start.

extension KafkaSession {
    /// - Parameter throttle: what the answer says of it.
    func produce(_ request: ProduceRequest, _ header: RequestHeader, throttle: Throttle, answer: @escaping (SessionReply) -> Void) {
        admit(request, header, throttle, AdmissionKnowledge(), isAlone: false, answer: answer)
    }

    /// The rare request that needs to know more has it found out first, and the connection's other requests wait, so that its batches keep
    /// their order. Nothing was appended and nothing kept by then: it is admitted anew, by what is in force at that time.
    private func admit(
        _ request: ProduceRequest, _ header: RequestHeader, _ throttle: Throttle, _ known: AdmissionKnowledge, isAlone: Bool,
        answer: @escaping (SessionReply) -> Void
    ) {
        var admitted = AdmittedRequest(request, version: header.apiVersion, on: self, known)
        if let lacking = admitted.lacking(on: self, known) {
            if !isAlone { beginAlone() }
            return find(lacking, beside: known) { [self] in admit(request, header, throttle, $0, isAlone: true, answer: answer) }
        }
        admitted.keepRefused(services.quarantineMemory)
        produce(admitted, request, header, throttle, answer: answer)
        if isAlone { endAlone() }
    }

    private func produce(
        _ admitted: AdmittedRequest, _ request: ProduceRequest, _ header: RequestHeader, _ throttle: Throttle,
        answer: @escaping (SessionReply) -> Void
    ) {
        services.requestMetrics.partitionErrors(.produce, count: admitted.errors)
        guard request.acks != 0 else {
            for append in admitted.appends where append.keeping == nil {
                append.log.append(append.batch, ticket: .init(rawValue: 0), completions: nil)
            }
            appendAnswered(admitted, keepingAlone: true, request) { _ in }
            return answer(admitted.firstRefusal.map { .close(reason: "a record sent with acks=0 was refused: \($0)") } ?? .noResponse)
        }
        appendAnswered(admitted, keepingAlone: false, request) { response in
            var response = response
            response.throttleTimeMilliseconds = throttle.milliseconds
            answer(.response(ResponseFrame.encode(response, to: header, of: .produce)))
        }
    }

    private static let settlingMilliseconds: Int64 = 1_000

    /// Appends, and answers when every outcome is known.
    /// - Parameter keepingAlone: only what goes into quarantines.
    private func appendAnswered(
        _ admitted: AdmittedRequest, keepingAlone: Bool, _ request: ProduceRequest, answer: @escaping (ProduceResponse) -> Void
    ) {
        let appends = keepingAlone ? admitted.appends.filter { $0.keeping != nil } : admitted.appends
        guard !appends.isEmpty else { return answer(admitted.response) }
        let wait = max(0, min(Int(request.timeoutMilliseconds), Limits.produceTimeoutMillisecondsMax))
        let inFlight = ProduceInFlight(
            appends, admitted.response, deadline: eventLoop.now + .milliseconds(Int64(wait)), services, answer: answer)
        let slot = plane.appends.inFlight.register(inFlight, appends: appends.count)
        // A moment after the answer, whichever of the two clocks is ahead.
        let forgotten = services.clock.now() + Int64(wait) + Self.settlingMilliseconds
        for (index, append) in appends.enumerated() {
            let outcomes = CheckpointedAppend.queue(for: append.batch, in: append.log.id, services, plane.appends, until: forgotten)
            append.log.append(append.batch, ticket: AppendsInFlight.ticket(slot: slot, index: index), completions: outcomes)
        }
    }
}

extension AdmissionRefusal {
    static let afterRefusedBatch = AdmissionRefusal(
        .outOfOrderSequenceNumber, "a batch before this one was refused; begin a new epoch, or send what is missing first")
}

extension ProduceResponse.TopicProduceResponse.PartitionProduceResponse {
    /// - Parameter recordsMax: the first of its records are named, and the others are not.
    mutating func refuse(_ refusal: AdmissionRefusal, recordsMax: Int = .max) {
        errorCode = refusal.errorCode
        baseOffset = -1
        errorMessage = refusal.sentence
        recordErrors = refusal.records.prefix(max(0, recordsMax)).map { record in
            .init {
                $0.batchIndex = record.index
                $0.batchIndexErrorMessage = record.sentence
            }
        }
    }

    /// Names the quarantine's entries beside the violations, and the first of them for clients that show one message alone.
    mutating func note(_ entries: [Int32: QuarantineEntry]) {
        for (place, error) in recordErrors.enumerated() {
            guard let entry = entries[error.batchIndex] else { continue }
            recordErrors[place].batchIndexErrorMessage = "\(error.batchIndexErrorMessage ?? ""); \(Quarantine.sentence(entry))"
        }
        guard let first = entries.min(by: { $0.key < $1.key })?.value else { return }
        let others = entries.count > 1 ? " and \(entries.count - 1) more" : ""
        errorMessage = "\(errorMessage ?? ""); \(Quarantine.sentence(first))\(others)"
    }
}
