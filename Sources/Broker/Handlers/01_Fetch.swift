import AccessPolicy
import KafkaWire
import NIOCore

// Reads record batches. Versions 4-17; batches go out as they are stored, down-conversion is never needed.
//
// Right: to subscribe to the topic, or to replay it, for the purpose that the request's client id declares (`purpose=<id>;`).
// Decided for each request and again whenever a waiting fetch wakes.
//
// - Sessions (KIP-227) from version 7: full, incremental, and without one (epoch -1). A session belongs to its connection.
// - Topics by name up to version 12, by id from 13 (KIP-516).
// - A topic that one may not describe and one that does not exist answer alike: TOPIC_AUTHORIZATION_FAILED by name,
//   UNKNOWN_TOPIC_ID by id.
// - What is sent is told to the delivery ledger first (Delivery/DeliveryAccount.swift). On a strict topic the answer waits until a
//   durable entry covers it, beyond the client's wait too; where none can be written the partition answers KAFKA_STORAGE_ERROR.
// - KIP-74: the first batch of the first partition with data is sent whole even when it alone exceeds the limits.
// - There are no transactions, so the last stable offset is the high watermark and nothing was aborted.
// - One replica: the preferred replica is always -1, and a request of a replica is refused.

extension KafkaSession {
    /// - Parameter owed: nanoseconds to pause for the request itself.
    func fetch(_ request: FetchRequest, _ header: RequestHeader, owed: UInt64, answer: @escaping (SessionReply) -> Void) {
        let context: FetchContext
        switch FetchContext.open(request, version: header.apiVersion, for: self) {
        case .success(let opened): context = opened
        case .failure(let refusal):
            var response = FetchResponse()
            response.errorCode = refusal.errorCode
            response.throttleTimeMilliseconds = Throttle(nanoseconds: owed).milliseconds
            pauseRequests(for: owed)
            return answer(.response(ResponseFrame.encode(response, to: header, of: .fetch)))
        }
        // Who owes for what was read before gets nothing more until it is paid: an answer at once, without records.
        let owedForBytes = services.quotas.debt(of: .fetchByteRate, by: peer.identity)
        let purpose = PurposeDeclaration(clientID: header.clientID)
        var terms = FetchTerms(request, for: purpose, services.settings, now: eventLoop.now)
        if owedForBytes > 0 { terms.readNothing() }
        let fetch = FetchInFlight(terms, context, on: self) { [self] found in
            var response = found.response
            let bytes = response.recordBytes + found.hiddenBytes
            let owed = max(owed, owedForBytes, services.quotas.count(bytes, of: .fetchByteRate, by: peer.identity))
            response.throttleTimeMilliseconds = Throttle(nanoseconds: owed).milliseconds
            pauseRequests(for: owed)
            answer(.response(ResponseFrame.encode(response, to: header, of: .fetch, bodyBytes: found.bodyBytes)))
        }
        fetches[ObjectIdentifier(fetch)] = fetch
        fetch.begin()
    }

    /// A fetch that is not answered in Kafka's bytes, by topic names and without a session. Its caller tells the ledger what it hands
    /// over of the delivery that it is given, and counts for quotas what it sends; what was hidden is counted here. Nobody tells it when room comes back: where there is none it is answered with
    /// ``ErrorCode/throttlingQuotaExceeded``.
    func fetchOnce(
        _ request: FetchRequest, for purpose: PurposeDeclaration, under rules: OtherRules? = nil,
        answer: @escaping (FetchResponse, Delivery?) -> Void
    ) {
        let context = FetchContext(kind: .sessionless, items: request.items(byID: false), start: 0)
        var terms = FetchTerms(request, for: purpose, services.settings, now: eventLoop.now, tellsLedger: false)
        terms.waitsForRoom = false
        terms.otherRules = rules
        let fetch = FetchInFlight(terms, context, on: self) { [services, peer] found in
            _ = services.quotas.count(found.hiddenBytes, of: .fetchByteRate, by: peer.identity)
            answer(found.response, found.delivery)
        }
        fetches[ObjectIdentifier(fetch)] = fetch
        fetch.begin()
    }
}

/// How much, and how long, one fetch asks for, within the broker's limits.
struct FetchTerms {
    /// The fetch waits until so many bytes are there.
    let bytesMin: Int
    let bytesMax: Int
    let deadline: NIODeadline
    private(set) var mayWait: Bool
    private(set) var readsNothing = false
    /// Otherwise a lack of room ends it.
    var waitsForRoom = true
    let readsCommitted: Bool
    /// A replica's fetch: there are no others, so it is refused.
    let isOfReplica: Bool
    let purpose: PurposeDeclaration
    /// By what is read in place of what would be decided.
    var otherRules: OtherRules?
    /// All that is found is handed over. Else the caller takes some of it, and tells the ledger what.
    let tellsLedger: Bool

    init(_ request: FetchRequest, for purpose: PurposeDeclaration, _ settings: BrokerSettings, now: NIODeadline, tellsLedger: Bool = true) {
        self.tellsLedger = tellsLedger
        bytesMin = Int(request.minBytes)
        bytesMax = max(0, min(Int(request.maxBytes), settings.fetchBytesMax))
        let wait = max(0, min(Int(request.maxWaitMilliseconds), Limits.fetchWaitMillisecondsMax))
        deadline = now + .milliseconds(Int64(wait))
        mayWait = wait > 0
        readsCommitted = request.isolationLevel == 1
        self.purpose = purpose
        isOfReplica = (request.replicaState?.replicaID ?? request.replicaID) >= 0
    }

    /// Answers at once, with the bounds of the partitions alone.
    mutating func readNothing() {
        mayWait = false
        readsNothing = true
    }
}
