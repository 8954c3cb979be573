import KafkaWire
import NIOCore
import Storage

// Appends record batches. Versions 0-11; formats 0 and 1 of versions 0-2 are converted at the edge.
//
// Right: to publish to the topic; that right covers idempotent producing too. Transactions are not here.
//
// - acks 1 and -1 both answer when the records are durable: one replica, one sync. acks 0 answers nothing; an error that is
//   known before the append closes the connection, as Kafka does, because the client has no other way to learn of it.
// - All partitions' batches are queued before any is answered, and batches of one connection keep their order.
// - From version 3 on exactly one batch a partition (KIP-98). From version 8 on refusals carry a sentence and the records
//   that caused them (KIP-467).

//   A record that the topic's rules do not allow refuses its batch whole: offsets and sequences of a part of it could not be told.
// - Where the topic names a quarantine, the bad records are kept there before the refusal is answered.

extension KafkaSession {
    func produce(_ request: ProduceRequest, _ header: RequestHeader, answer: @escaping (SessionReply) -> Void) {
        let admitted = AdmittedRequest(request, version: header.apiVersion, on: self, originals: [:])
        guard admitted.missingOriginals.isEmpty else {
            // The rare request that corrects records: what they are is read first, and the connection's other requests wait, so that its
            // batches keep their order. Nothing was appended yet.
            beginAlone()
            return findOriginals(admitted.missingOriginals) { [self] originals in
                produce(AdmittedRequest(request, version: header.apiVersion, on: self, originals: originals), request, header, answer: answer)
                endAlone()
            }
        }
        produce(admitted, request, header, answer: answer)
    }

    private func produce(
        _ admitted: AdmittedRequest, _ request: ProduceRequest, _ header: RequestHeader, answer: @escaping (SessionReply) -> Void
    ) {
        services.requestMetrics.partitionErrors(.produce, count: admitted.errors)
        guard request.acks != 0 else {
            for append in admitted.appends where append.keeping == nil {
                append.log.append(append.batch, ticket: .init(rawValue: 0), completions: nil)
            }
            appendAnswered(admitted, keepingAlone: true, request) { _ in }
            return answer(admitted.firstRefusal.map { .close(reason: "a record sent with acks=0 was refused: \($0)") } ?? .noResponse)
        }
        appendAnswered(admitted, keepingAlone: false, request) {
            answer(.response(ResponseFrame.encode($0, to: header, of: .produce)))
        }
    }

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
        for (index, append) in appends.enumerated() {
            append.log.append(append.batch, ticket: AppendsInFlight.ticket(slot: slot, index: index), completions: plane.appends)
        }
    }
}

/// A produce request after admission: what is to be appended, and an answer that already holds every refusal.
struct AdmittedRequest {
    struct Append {
        let log: any PartitionLog
        let batch: AdmittedBatch
        /// Where its outcome goes in the answer.
        let topicPlace: Int
        let partitionPlace: Int
        /// What it is where it goes into a quarantine, instead of records that were asked for.
        var keeping: Quarantine.Keeping?
    }

    private(set) var response = ProduceResponse()
    private(set) var appends: [Append] = []
    private(set) var errors = 0
    private(set) var firstRefusal: String?
    /// Records that are corrected and whose writers are not known yet: where there are any, nothing may be appended.
    private(set) var missingOriginals: [OriginalRecord] = []

    private let version: Int16
    private let moment: RequestMoment
    private let originals: OriginalWriters

    init(_ request: ProduceRequest, version: Int16, on connection: KafkaSession, originals: OriginalWriters) {
        self.version = version
        self.originals = originals
        moment = RequestMoment(of: connection.services)
        connection.access.refresh(at: moment)
        response.responses.reserveCapacity(request.topicData.count)
        for (topicPlace, topicData) in request.topicData.enumerated() {
            var answers = ProduceResponse.TopicProduceResponse()
            answers.name = topicData.name
            answers.partitionResponses.reserveCapacity(topicData.partitionData.count)
            let grant = Self.grant(topicData.name, request, connection, moment)
            for (partitionPlace, partitionData) in topicData.partitionData.enumerated() {
                answers.partitionResponses.append(admit(partitionData, grant, connection, (topicPlace, partitionPlace)))
            }
            response.responses.append(answers)
        }
    }

    typealias Answer = ProduceResponse.TopicProduceResponse.PartitionProduceResponse

    private mutating func admit(
        _ data: ProduceRequest.TopicProduceData.PartitionProduceData, _ grant: Result<AdmissionGrant, AdmissionRefusal>,
        _ connection: KafkaSession, _ place: (topic: Int, partition: Int)
    ) -> Answer {
        var answer = Answer()
        answer.index = data.index
        answer.baseOffset = -1
        do throws(AdmissionRefusal) {
            let grant = try grant.get()
            guard let log = grant.topic.partition(data.index) else {
                throw AdmissionRefusal(.unknownTopicOrPartition, "topic \(grant.topic.name) has no such partition")
            }
            switch AdmissionPipeline.admit(
                data.records, grant, format: .produce(version: version), now: moment.now, originals: originals[grant.topic.id] ?? [:])
            {
            case .admitted(let batch):
                guard !connection.sequenceGaps.follows(batch.header, in: log.id) else { throw .afterRefusedBatch }
                appends.append(Append(log: log, batch: batch, topicPlace: place.topic, partitionPlace: place.partition))
            case .refused(let refusal, let refused):
                answer.refuse(refusal)
                note(refusal)
                if let refused { keep(refused, grant, log, connection, place, &answer) }
            case .needsOriginals(let places):
                guard missingOriginals.count + places.count <= Limits.correctionsMax else {
                    throw AdmissionRefusal(.invalidRecord, "one request corrects at most \(Limits.correctionsMax) records")
                }
                missingOriginals += places.map { OriginalRecord(topic: grant.topic, place: $0) }
            }
        } catch {
            answer.refuse(error)
            note(error)
        }
        return answer
    }

    private mutating func note(_ refusal: AdmissionRefusal) {
        errors += 1
        if firstRefusal == nil { firstRefusal = "\(refusal.errorCode): \(refusal.sentence)" }
    }

    /// A batch was refused for its content: its sequences are missing from now on, and its bad records go into the quarantine.
    private mutating func keep(
        _ refused: RefusedBatch, _ grant: AdmissionGrant, _ log: any PartitionLog, _ connection: KafkaSession,
        _ place: (topic: Int, partition: Int), _ answer: inout Answer
    ) {
        connection.sequenceGaps.refused(refused.batch.header, in: log.id)
        guard !refused.records.isEmpty,
            let quarantine = Quarantine(
                of: grant, partition: log.id.partition, moment.catalogue, connection.services.quarantineMemory)
        else { return }
        let (keeping, known) = quarantine.keep(refused)
        answer.note(known)
        for one in keeping {
            appends.append(
                Append(log: one.log, batch: one.batch, topicPlace: place.topic, partitionPlace: place.partition, keeping: one))
        }
    }

    private static func grant(
        _ name: String, _ request: ProduceRequest, _ connection: KafkaSession, _ moment: RequestMoment
    ) -> Result<AdmissionGrant, AdmissionRefusal> {
        guard (-1...1).contains(request.acks) else {
            return .failure(AdmissionRefusal(.invalidRequiredAcks, "acks must be 0, 1 or -1 (all)"))
        }
        guard request.transactionalID == nil else {
            return .failure(AdmissionRefusal(.transactionalIDAuthorizationFailed, "transactions are not supported"))
        }
        return AdmissionGrant.publishing(
            to: name, as: connection.peer, access: &connection.access, at: moment, audit: connection.services.audit)
    }
}

extension AdmissionRefusal {
    static let afterRefusedBatch = AdmissionRefusal(
        .outOfOrderSequenceNumber, "a batch before this one was refused; begin a new epoch, or send what is missing first")
}

extension ProduceResponse.TopicProduceResponse.PartitionProduceResponse {
    mutating func refuse(_ refusal: AdmissionRefusal) {
        errorCode = refusal.errorCode
        baseOffset = -1
        errorMessage = refusal.sentence
        recordErrors = refusal.records.map { record in
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
