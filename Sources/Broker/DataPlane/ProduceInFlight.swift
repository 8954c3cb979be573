import KafkaWire
import NIOCore
import Storage

/// One produce request whose appends are queued: it collects their outcomes and answers when all have ended, or at its
/// deadline. Confined to its connection's event loop.
final class ProduceInFlight: AppendWaiter {
    let deadline: NIODeadline
    private let metrics: RequestMetrics
    private var appends: [Place]
    private var response: ProduceResponse
    private var unresolved: Int
    /// nil once it was answered.
    private var answer: ((ProduceResponse) -> Void)?

    /// What is kept of an append: its batch is the log's now.
    private struct Place {
        let topic: Int
        let partition: Int
        let stampsAppendTime: Bool
        var isResolved = false
    }

    init(
        _ admitted: AdmittedRequest, deadline: NIODeadline, _ metrics: RequestMetrics,
        answer: @escaping (ProduceResponse) -> Void
    ) {
        self.deadline = deadline
        self.metrics = metrics
        appends = admitted.appends.map {
            Place(topic: $0.topicPlace, partition: $0.partitionPlace, stampsAppendTime: $0.batch.stampsAppendTime)
        }
        response = admitted.response
        unresolved = admitted.appends.count
        self.answer = answer
    }

    func appendEnded(at index: Int, _ outcome: AppendOutcome) {
        guard let answer else { return }
        precondition(!appends[index].isResolved, "append \(index) of a produce request ended twice")
        appends[index].isResolved = true
        unresolved -= 1
        note(outcome, of: appends[index])
        guard unresolved == 0 else { return }
        self.answer = nil
        answer(response)
    }

    /// The records may become durable yet: the client learns only that nobody knows.
    func timedOut() {
        guard let answer else { return }
        for place in appends where !place.isResolved {
            refuse(place, .requestTimedOut, "the records were not durable in time; they may become so yet")
        }
        self.answer = nil
        answer(response)
    }

    private func note(_ outcome: AppendOutcome, of place: Place) {
        switch outcome {
        case .appended(let base, let appendTime, let logStart), .duplicate(let base, let appendTime, let logStart):
            accept(place, base, appendTime, logStart)
        case .outOfOrderSequence:
            refuse(place, .outOfOrderSequenceNumber, "the batch's sequence does not follow the producer's last one")
        case .staleProducerEpoch:
            refuse(place, .invalidProducerEpoch, "the producer has a newer epoch")
        case .failed(let error):
            refuse(place, ErrorCode(error), error.sentence)
        }
    }

    private func accept(_ place: Place, _ base: Offset, _ appendTime: Int64, _ logStart: Offset) {
        edit(place) { answer in
            answer.baseOffset = base.rawValue
            answer.logStartOffset = logStart.rawValue
            if place.stampsAppendTime { answer.logAppendTimeMilliseconds = appendTime }
        }
    }

    private func refuse(_ place: Place, _ errorCode: ErrorCode, _ sentence: String) {
        edit(place) { $0.refuse(AdmissionRefusal(errorCode, sentence)) }
        metrics.partitionErrors(.produce, count: 1)
    }

    private func edit(
        _ place: Place, _ change: (inout ProduceResponse.TopicProduceResponse.PartitionProduceResponse) -> Void
    ) {
        change(&response.responses[place.topic].partitionResponses[place.partition])
    }
}
