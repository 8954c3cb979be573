import AccessPolicy

/// What bounds memory and waits whatever clients do, beside the settings. README.md, "Limits", prints this table and that of
/// ``BrokerSettings``; each has a test at the limit and one past it.
public enum Limits {
    /// Requests of one connection that are not answered yet. The listener stops reading at this count; a session that were given
    /// more behind a control request would close the connection.
    public static let requestsInFlightPerConnectionMax = 64
    /// The longest wait that a fetch may ask for; a longer one is shortened to it, in ms.
    public static let fetchWaitMillisecondsMax = 30_000
    /// The longest time-out of a produce request; a longer one is shortened to it, in ms.
    public static let produceTimeoutMillisecondsMax = 120_000
    /// Partitions that one request's answer may name, of all topics together.
    public static let partitionsPerRequestMax = 50_000
    /// Bytes of one answer to DescribeConfigs or OffsetFetch; what is beyond is answered by an error.
    public static let answerBytesMax = 64 << 20
    /// A refusal's sentence in an answer of the control plane, in the mean.
    static let sentenceBytesMax = 512
    /// Room for an answer that is about as small as its request.
    static let answerBytesAtLeast = 4096
    /// Records named by the refusals of one request, of all its batches.
    public static let recordErrorsPerAnswerMax = 1000
    /// Bytes of a refused record's sentence.
    public static let recordErrorBytesMax = 2000
    /// What a batch's records may inflate to, where `max.message.bytes` is not above it.
    public static let inflatedBytesMax = 16 << 20
    /// Records of a batch that a refusal names; there may be more of them.
    public static let recordErrorsMax = 100
    /// Violations of one record that a refusal names.
    public static let violationsPerRecordMax = 5
    /// Records that the records of one request correct.
    public static let correctionsMax = 100
    /// Records of one body over HTTPS.
    public static let submissionRecordsMax = 10_000
    /// Bytes of the records of one body over HTTPS, once they are cut: a table's header is repeated in each.
    public static let submissionBytesMax = 16 << 20
    /// Headers of a record that is published over HTTPS.
    public static let headersMax = 100
    /// Records of a page over HTTPS.
    public static let pageRecordsMax = 1000
    /// Bytes of the batches that a page is read from, and of its records once they are inflated; the first batch is read whole, and the
    /// first record given whole.
    public static let pageBytesMax = 1 << 20
    /// How long a page waits for its first record, in ms.
    public static let pageWaitMillisecondsMax = 20_000
    /// An `Idempotency-Key`.
    public static let idempotencyKeyBytesMax = 255
    /// How long a request over HTTPS waits for its records to be durable, in ms.
    public static let submissionWaitMillisecondsMax = 20_000
    /// Refused records that are remembered, so that a retry is not kept in the quarantine again.
    public static let quarantineMemoryMax = 100_000
    /// Records read from the end of a quarantine, by which those kept before a restart are known.
    public static let quarantineReadRecordsMax = quarantineMemoryMax
    /// Bytes of the log read for that, in whole blocks of about ``QuarantineTail/blockBytes``.
    public static let quarantineReadBytesMax = 256 << 20
    /// Pairs of a publisher and its key that are remembered for ever.
    public static let writersMax = 1_000_000
    /// Gaps in producers' sequences that a connection remembers.
    public static let sequenceGapsPerConnectionMax = 1024
    /// Partitions that one incremental fetch session keeps; a longer list is served without a session.
    public static let fetchSessionPartitionsMax = 20_000
    /// Partitions kept over all fetch sessions, for each slot of `max.incremental.fetch.session.cache.slots`.
    public static let fetchSessionPartitionsPerSlot = 100
    /// A fetch session unused for so long gives its slot to a new one when all are taken, in ms (Kafka's
    /// min.incremental.fetch.session.eviction.ms).
    public static let fetchSessionIdleMilliseconds = 120_000
    /// Topics whose access decision a connection remembers.
    public static let decisionsPerConnectionMax = 1024
    /// Characters of a topic's name (Kafka's rule).
    public static let topicNameLengthMax = 249
    public static let partitionsPerTopicMax = 10_000
    /// Partitions of all topics.
    public static let partitionsMax = 100_000
    /// Producer ids taken from the metadata store at once.
    public static let producerIDBlock: Int64 = 1000

    public struct Row: Hashable, Sendable {
        public let name: String
        public let value: Int
        public let meaning: String
    }

    public static let table: [Row] = [
        Row(
            name: "requests in flight, a connection", value: requestsInFlightPerConnectionMax,
            meaning: "the connection is not read"),
        Row(name: "fetch wait, ms", value: fetchWaitMillisecondsMax, meaning: "shortened to it"),
        Row(name: "produce time-out, ms", value: produceTimeoutMillisecondsMax, meaning: "shortened to it"),
        Row(name: "partitions, an answer", value: partitionsPerRequestMax, meaning: "INVALID_REQUEST"),
        Row(name: "bytes, an answer to DescribeConfigs or OffsetFetch", value: answerBytesMax, meaning: "INVALID_REQUEST"),
        Row(name: "inflated bytes, a batch", value: inflatedBytesMax, meaning: "MESSAGE_TOO_LARGE"),
        Row(name: "records named by a refusal", value: recordErrorsMax, meaning: "the first ones are named"),
        Row(name: "records named by the refusals of one request", value: recordErrorsPerAnswerMax, meaning: "the first ones are named"),
        Row(name: "bytes, a refused record's sentence", value: recordErrorBytesMax, meaning: "cut"),
        Row(name: "violations named, a record", value: violationsPerRecordMax, meaning: "the first ones are named"),
        Row(name: "records corrected by one request", value: correctionsMax, meaning: "INVALID_RECORD"),
        Row(name: "records of a body, HTTPS", value: submissionRecordsMax, meaning: "413"),
        Row(name: "bytes of the records of a body, HTTPS", value: submissionBytesMax, meaning: "413"),
        Row(name: "headers of a record, HTTPS", value: headersMax, meaning: "the record is refused"),
        Row(name: "records of a page, HTTPS", value: pageRecordsMax, meaning: "shortened to it"),
        Row(name: "bytes of a page, stored and inflated, HTTPS", value: pageBytesMax, meaning: "fewer records; the first whole"),
        Row(name: "wait of a page, HTTPS, ms", value: pageWaitMillisecondsMax, meaning: "shortened to it"),
        Row(name: "bytes, an Idempotency-Key", value: idempotencyKeyBytesMax, meaning: "400"),
        Row(
            name: "wait for the disk, HTTPS, ms", value: submissionWaitMillisecondsMax,
            meaning: "503; whether the records are stored is not known yet"),
        Row(name: "refused records remembered", value: quarantineMemoryMax, meaning: "the oldest is forgotten; its retry is kept again"),
        Row(
            name: "bytes of a quarantine's end read after a start", value: quarantineReadBytesMax,
            meaning: "a retry of a record kept before that is kept again"),
        Row(
            name: "publishers' keys remembered", value: writersMax,
            meaning: "the oldest is forgotten: what it wrote is corrected with that key, or by the topic's owner"),
        Row(
            name: "gaps in producers' sequences, a connection", value: sequenceGapsPerConnectionMax,
            meaning: "those that come later are not remembered"),
        Row(name: "partitions, a fetch session", value: fetchSessionPartitionsMax, meaning: "served without a session"),
        Row(
            name: "partitions in all fetch sessions, a slot", value: fetchSessionPartitionsPerSlot,
            meaning: "the idlest session is evicted, else served without a session"),
        Row(name: "idle fetch session, ms", value: fetchSessionIdleMilliseconds, meaning: "may be evicted"),
        Row(name: "remembered decisions, a connection", value: decisionsPerConnectionMax, meaning: "forgotten, decided again"),
        Row(name: "topic name, characters", value: topicNameLengthMax, meaning: "INVALID_TOPIC_EXCEPTION"),
        Row(name: "partitions, a topic", value: partitionsPerTopicMax, meaning: "INVALID_PARTITIONS"),
        Row(name: "partitions in all", value: partitionsMax, meaning: "INVALID_PARTITIONS"),
        Row(
            name: "agreements, a set", value: AgreementsLimits.agreementsMax, meaning: "the set is refused, the old one stays in force"),
        Row(name: "bytes, a set of agreements", value: AgreementsLimits.setBytesMax, meaning: "the set is refused"),
        Row(name: "bytes, an agreements file", value: AgreementsLimits.fileBytesMax, meaning: "the set is refused"),
        Row(name: "parties, an agreement", value: AgreementsLimits.partiesMax, meaning: "the set is refused"),
        Row(
            name: "refusals audited one by one, a node", value: DecisionLedger.Terms.refusals.budgetBurst,
            meaning: "one a second beyond that; the others are counted, one entry a minute"),
        Row(
            name: "accesses audited one by one, a node", value: DecisionLedger.Terms.accesses.budgetBurst,
            meaning: "ten a second beyond that; the others are counted, one entry a minute"),
        Row(
            name: "sign-ins audited one by one, a node", value: DecisionLedger.Terms.signIns.budgetBurst,
            meaning: "ten a second beyond that; the others are counted, one entry a minute"),
        Row(
            name: "audit entries that wait for the disk", value: DecisionLedger.waitingMax,
            meaning: "the others are counted in one entry"),
        Row(name: "bytes, an audit entry", value: AuditEntry.bytesMax, meaning: "its names and details are cut"),
        Row(name: "logs of a topic that were reopened", value: LogReopening.countMax, meaning: "POLICY_VIOLATION"),
        Row(name: "nodes and agencies with quotas", value: QuotaTable.entitiesMax, meaning: "POLICY_VIOLATION"),
        Row(name: "pause that a quota asks for at once, ms", value: Int(Quotas.pauseNanosecondsMax / 1_000_000), meaning: "what is owed beyond it is owed still"),
        Row(name: "nodes and agencies whose use of rates is remembered", value: Quotas.metersMax, meaning: "one is forgotten: it begins anew, with a second's worth"),
    ] + DeliveryLimits.rows + IdempotencyLimits.limitRows + ReadingLimits.rows + GroupSettings.limitRows + RegistryLimits.rows
}
