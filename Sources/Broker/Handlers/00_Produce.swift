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

extension KafkaSession {
    func produce(_ request: ProduceRequest, _ header: RequestHeader, answer: @escaping (SessionReply) -> Void) {
        let admitted = AdmittedRequest(request, version: header.apiVersion, on: self)
        services.requestMetrics.partitionErrors(.produce, count: admitted.errors)
        guard request.acks != 0 else {
            for append in admitted.appends { append.log.append(append.batch, ticket: .init(rawValue: 0), completions: nil) }
            return answer(admitted.firstRefusal.map { .close(reason: "a record sent with acks=0 was refused: \($0)") } ?? .noResponse)
        }
        guard !admitted.appends.isEmpty else {
            return answer(.response(ResponseFrame.encode(admitted.response, to: header, of: .produce)))
        }
        let wait = max(0, min(Int(request.timeoutMilliseconds), Limits.produceTimeoutMillisecondsMax))
        let inFlight = ProduceInFlight(admitted, deadline: eventLoop.now + .milliseconds(Int64(wait)), services.requestMetrics) {
            answer(.response(ResponseFrame.encode($0, to: header, of: .produce)))
        }
        let slot = plane.appends.inFlight.register(inFlight, appends: admitted.appends.count)
        for (index, append) in admitted.appends.enumerated() {
            let ticket = AppendsInFlight.ticket(slot: slot, index: index)
            append.log.append(append.batch, ticket: ticket, completions: plane.appends)
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
    }

    private(set) var response = ProduceResponse()
    private(set) var appends: [Append] = []
    private(set) var errors = 0
    private(set) var firstRefusal: String?

    init(_ request: ProduceRequest, version: Int16, on connection: KafkaSession) {
        let moment = RequestMoment(of: connection.services)
        connection.access.refresh(at: moment)
        response.responses.reserveCapacity(request.topicData.count)
        for (topicPlace, topicData) in request.topicData.enumerated() {
            var answers = ProduceResponse.TopicProduceResponse()
            answers.name = topicData.name
            answers.partitionResponses.reserveCapacity(topicData.partitionData.count)
            let grant = Self.grant(topicData.name, request, connection, moment)
            for (partitionPlace, partitionData) in topicData.partitionData.enumerated() {
                var answer = ProduceResponse.TopicProduceResponse.PartitionProduceResponse()
                answer.index = partitionData.index
                answer.baseOffset = -1
                switch grant.flatMap({ Self.admit(partitionData, $0, version, moment) }) {
                case .success(let (log, batch)):
                    appends.append(Append(log: log, batch: batch, topicPlace: topicPlace, partitionPlace: partitionPlace))
                case .failure(let refusal):
                    answer.refuse(refusal)
                    errors += 1
                    if firstRefusal == nil { firstRefusal = "\(refusal.errorCode): \(refusal.sentence)" }
                }
                answers.partitionResponses.append(answer)
            }
            response.responses.append(answers)
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

    private static func admit(
        _ data: ProduceRequest.TopicProduceData.PartitionProduceData, _ grant: AdmissionGrant, _ version: Int16,
        _ moment: RequestMoment
    ) -> Result<(any PartitionLog, AdmittedBatch), AdmissionRefusal> {
        guard let log = grant.topic.partition(data.index) else {
            return .failure(AdmissionRefusal(.unknownTopicOrPartition, "topic \(grant.topic.name) has no such partition"))
        }
        return AdmissionPipeline.admit(data.records, grant, format: .produce(version: version), now: moment.now)
            .map { (log, $0) }
    }
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
}
