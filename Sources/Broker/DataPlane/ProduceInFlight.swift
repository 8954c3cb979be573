import KafkaWire
import Logging
import NIOCore
import Storage

/// One produce request whose appends are queued: it collects their outcomes and answers when all have ended, or at its
/// deadline. Confined to its connection's event loop.
final class ProduceInFlight: AppendWaiter {
    let deadline: NIODeadline
    private let services: BrokerServices
    private var appends: [Pending]
    private var response: ProduceResponse
    private var unresolved: Int
    /// nil once it was answered.
    private var answer: ((ProduceResponse) -> Void)?

    /// What is kept of an append: its batch is the log's now.
    private struct Pending {
        let place: AdmittedRequest.Place
        let stampsAppendTime: Bool
        /// What is kept in a quarantine, in place of records that were asked for.
        let keeping: Quarantine.Keeping?
        var isResolved = false
    }

    init(
        _ appends: [AdmittedRequest.Append], _ response: ProduceResponse, deadline: NIODeadline, _ services: BrokerServices,
        answer: @escaping (ProduceResponse) -> Void
    ) {
        self.deadline = deadline
        self.services = services
        self.appends = appends.map {
            Pending(place: $0.place, stampsAppendTime: $0.batch.stampsAppendTime, keeping: $0.keeping)
        }
        self.response = response
        unresolved = appends.count
        self.answer = answer
    }

    func appendEnded(at index: Int, _ outcome: AppendOutcome) {
        // What became of kept records is noted also when nobody waits for the answer any more.
        if let keeping = appends[index].keeping { noteKept(keeping, outcome, of: appends[index]) }
        guard let answer else { return }
        precondition(!appends[index].isResolved, "append \(index) of a produce request ended twice")
        appends[index].isResolved = true
        unresolved -= 1
        if appends[index].keeping == nil { note(outcome, of: appends[index]) }
        guard unresolved == 0 else { return }
        self.answer = nil
        answer(response)
    }

    /// The records may become durable yet: the client learns only that nobody knows.
    func timedOut() {
        guard let answer else { return }
        for pending in appends where !pending.isResolved && pending.keeping == nil {
            refuse(pending, .requestTimedOut, "the records were not durable in time; they may become so yet")
        }
        self.answer = nil
        answer(response)
    }

    private func noteKept(_ keeping: Quarantine.Keeping, _ outcome: AppendOutcome, of pending: Pending) {
        if case .failed(let error) = outcome { services.log.warning("refused records could not be kept in \(keeping.topic.name): \(error)") }
        let entries = keeping.ended(outcome, services.quarantineMemory)
        edit(pending) { $0.note(entries) }
    }

    private func note(_ outcome: AppendOutcome, of pending: Pending) {
        switch outcome {
        case .appended(let base, let appendTime, let logStart), .duplicate(let base, let appendTime, let logStart):
            accept(pending, base, appendTime, logStart)
        case .outOfOrderSequence:
            refuse(pending, .outOfOrderSequenceNumber, "the batch's sequence does not follow the producer's last one")
        case .staleProducerEpoch:
            refuse(pending, .invalidProducerEpoch, "the producer has a newer epoch")
        case .failed(let error):
            refuse(pending, ErrorCode(error), error.sentence)
        }
    }

    private func accept(_ pending: Pending, _ base: Offset, _ appendTime: Int64, _ logStart: Offset) {
        edit(pending) { answer in
            answer.baseOffset = base.rawValue
            answer.logStartOffset = logStart.rawValue
            if pending.stampsAppendTime { answer.logAppendTimeMilliseconds = appendTime }
        }
    }

    private func refuse(_ pending: Pending, _ errorCode: ErrorCode, _ sentence: String) {
        edit(pending) { $0.refuse(AdmissionRefusal(errorCode, sentence)) }
        services.requestMetrics.partitionErrors(.produce, count: 1)
    }

    private func edit(
        _ pending: Pending, _ change: (inout ProduceResponse.TopicProduceResponse.PartitionProduceResponse) -> Void
    ) {
        change(&response.responses[pending.place.topic].partitionResponses[pending.place.partition])
    }
}
