import KafkaWire
import NIOCore
import Storage

/// A produce request after admission: what is to be appended, and an answer that already holds every refusal.
struct AdmittedRequest {
    struct Append {
        let log: any PartitionLog
        let batch: AdmittedBatch
        /// Where its outcome goes in the answer.
        let place: Place
        /// What it is where it goes into a quarantine, instead of records that were asked for.
        var keeping: Quarantine.Keeping?
    }

    /// A partition's place in the request and its answer.
    struct Place {
        let topic: Int
        let partition: Int
    }

    /// Bad records whose topic names a quarantine.
    private struct ToBeKept {
        let records: RefusedBatch
        let quarantine: Quarantine
        let place: Place
    }

    typealias Answer = ProduceResponse.TopicProduceResponse.PartitionProduceResponse

    private(set) var response = ProduceResponse()
    private(set) var appends: [Append] = []
    private(set) var errors = 0
    /// Records named so far.
    private var recordErrors = 0
    private(set) var firstRefusal: String?
    private var toBeKept: [ToBeKept] = []
    private var missingOriginals: [OriginalRecord] = []

    private let version: Int16
    private let moment: RequestMoment
    private let known: AdmissionKnowledge

    init(_ request: ProduceRequest, version: Int16, on connection: KafkaSession, _ known: AdmissionKnowledge) {
        self.version = version
        self.known = known
        moment = RequestMoment(of: connection.services)
        connection.access.refresh(at: moment)
        response.responses.reserveCapacity(request.topicData.count)
        for (topicPlace, topicData) in request.topicData.enumerated() {
            var answers = ProduceResponse.TopicProduceResponse()
            answers.name = topicData.name
            answers.partitionResponses.reserveCapacity(topicData.partitionData.count)
            let grant = Self.grant(topicData.name, request, connection, moment)
            for (partitionPlace, partitionData) in topicData.partitionData.enumerated() {
                answers.partitionResponses.append(
                    admit(partitionData, grant, connection, Place(topic: topicPlace, partition: partitionPlace)))
            }
            response.responses.append(answers)
        }
    }

    /// What must be known before anything may be appended or kept; nil where that can be done now.
    func lacking(on connection: KafkaSession, _ known: AdmissionKnowledge) -> AdmissionKnowledge.Lack? {
        if !missingOriginals.isEmpty { return .originals(missingOriginals) }
        if !appends.isEmpty, !connection.isWriterNoted { return .writer }
        let unread = toBeKept.map(\.quarantine.topic).first { !connection.services.quarantineMemory.hasRead($0) }
        return unread.map { .quarantine($0) }
    }

    /// Reserves in the quarantines what is to be kept there. What is reserved must be appended: done once, when nothing is lacking.
    mutating func keepRefused(_ memory: QuarantineMemory) {
        for one in toBeKept {
            let (keeping, known) = one.quarantine.keep(one.records, memory)
            response.responses[one.place.topic].partitionResponses[one.place.partition].note(known)
            appends += keeping.map { Append(log: $0.log, batch: $0.batch, place: one.place, keeping: $0) }
        }
        toBeKept = []
    }

    private mutating func admit(
        _ data: ProduceRequest.TopicProduceData.PartitionProduceData, _ grant: Result<AdmissionGrant, AdmissionRefusal>,
        _ connection: KafkaSession, _ place: Place
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
                data.records, grant, format: .produce(version: version), now: moment.now, originals: known.originals[grant.topic.id] ?? [:])
            {
            case .admitted(let batch):
                guard !ProducerIDRange.isOfRequest(batch.header.producerID) else {
                    throw AdmissionRefusal(.invalidRecord, "producer id \(batch.header.producerID) was not handed out to a producer")
                }
                let services = connection.services
                if let refusal = services.quotas.storedBytes.refusal(
                    batch.bytes.readableBytes, to: grant.topic, moment.catalogue, services.quotas.table.value, now: moment.now)
                {
                    throw refusal
                }
                guard !connection.sequenceGaps.follows(batch.header, in: log.id) else { throw .afterRefusedBatch }
                if let error = known.writerError {
                    connection.sequenceGaps.refused(batch.header, in: log.id)
                    throw AdmissionRefusal(error)
                }
                appends.append(Append(log: log, batch: batch, place: place))
            case .refused(let refusal, let refused):
                answer.refuse(refusal, recordsMax: Limits.recordErrorsPerAnswerMax - recordErrors)
                recordErrors += answer.recordErrors.count
                note(refusal)
                if let refused { note(refused, grant, log, connection, place) }
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
    private mutating func note(
        _ refused: RefusedBatch, _ grant: AdmissionGrant, _ log: any PartitionLog, _ connection: KafkaSession, _ place: Place
    ) {
        connection.sequenceGaps.refused(refused.batch.header, in: log.id)
        guard !refused.records.isEmpty, let quarantine = Quarantine(of: grant, partition: log.id.partition, moment.catalogue) else { return }
        toBeKept.append(ToBeKept(records: refused, quarantine: quarantine, place: place))
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
