import KafkaWire
import NIOCore

/// Which partitions a fetch is for, and what its answer must name: the request and, from version 7 on, the session together
/// (KIP-227).
struct FetchContext {
    enum Kind {
        /// Everything asked is answered, nothing is remembered.
        case sessionless
        /// Everything is answered, and the session remembers it.
        case full(FetchSession)
        /// Only what is new is answered.
        case incremental(FetchSession)
    }

    let kind: Kind
    let items: [FetchItem]
    /// The place in `items` at which reading begins.
    let start: Int

    private static let finalEpoch: Int32 = -1
    private static let initialEpoch: Int32 = 0

    static func open(
        _ request: FetchRequest, version: Int16, for connection: KafkaSession
    ) -> Result<FetchContext, RequestRefusal> {
        let cache = connection.plane.fetchSessions.value
        let now = connection.eventLoop.now
        let usesTopicIDs = version >= 13
        switch version < 7 ? finalEpoch : request.sessionEpoch {
        case finalEpoch:
            if let ended = cache.session(request.sessionID, of: connection) { cache.remove(ended) }
            return .success(FetchContext(kind: .sessionless, items: request.items(byID: usesTopicIDs), start: 0))
        case initialEpoch:
            let items = request.items(byID: usesTopicIDs)
            guard let session = cache.make(for: connection, items: items, usesTopicIDs: usesTopicIDs, now: now) else {
                return .success(FetchContext(kind: .sessionless, items: items, start: 0))
            }
            connection.fetchSessionID = session.id
            // The session's own list: a partition that the request names twice is in it once.
            return .success(FetchContext(kind: .full(session), items: session.items, start: 0))
        default:
            return resume(request, usesTopicIDs, cache, connection, now)
        }
    }

    private static func resume(
        _ request: FetchRequest, _ usesTopicIDs: Bool, _ cache: FetchSessionCache, _ connection: KafkaSession, _ now: NIODeadline
    ) -> Result<FetchContext, RequestRefusal> {
        guard let session = cache.session(request.sessionID, of: connection) else {
            return .failure(RequestRefusal(.fetchSessionIDNotFound))
        }
        guard request.sessionEpoch == session.nextEpoch else {
            return .failure(RequestRefusal(.invalidFetchSessionEpoch))
        }
        guard session.usesTopicIDs == usesTopicIDs else {
            return .failure(RequestRefusal(.fetchSessionTopicIDError))
        }
        let items = request.items(byID: usesTopicIDs)
        guard items.allSatisfy(\.isNamedWithinLimits) else {
            // The client begins again, and is served without a session.
            cache.remove(session)
            return .failure(RequestRefusal(.fetchSessionIDNotFound))
        }
        let partitionsBefore = session.items.count
        for item in items { session.put(item) }
        for key in request.forgottenKeys(byID: usesTopicIDs) { session.forget(key) }
        guard cache.charge(session, partitionsBefore: partitionsBefore) else {
            // It grew beyond its limits: the client begins again, and is served without a session if it still is too large.
            return .failure(RequestRefusal(.fetchSessionIDNotFound))
        }
        session.advanceEpoch()
        session.lastUsed = now
        let start = session.start < session.items.count ? session.start : 0
        return .success(FetchContext(kind: .incremental(session), items: session.items, start: start))
    }

    var session: FetchSession? {
        switch kind {
        case .sessionless: nil
        case .full(let session), .incremental(let session): session
        }
    }

    /// Whether the answer must name a partition of which this was found.
    func mustName(_ item: FetchItem, _ finding: FetchFinding) -> Bool {
        switch kind {
        case .sessionless, .full: true
        case .incremental:
            !finding.batches.isEmpty || finding.errorCode.isError || finding.highWatermark != item.toldHighWatermark
                || finding.logStart != item.toldLogStart
        }
    }
}

extension FetchRequest {
    func items(byID: Bool) -> [FetchItem] {
        var items: [FetchItem] = []
        items.reserveCapacity(topics.reduce(0) { $0 + $1.partitions.count })
        for topic in topics {
            let reference: TopicReference = byID ? .id(topic.topicID) : .name(topic.topic)
            for partition in topic.partitions {
                items.append(
                    FetchItem(
                        key: FetchItem.Key(topic: reference, partition: partition.partition), offset: partition.fetchOffset,
                        bytesMax: max(0, Int(partition.partitionMaxBytes)), currentLeaderEpoch: partition.currentLeaderEpoch))
            }
        }
        return items
    }

    func forgottenKeys(byID: Bool) -> [FetchItem.Key] {
        forgottenTopicsData.flatMap { topic in
            topic.partitions.map { FetchItem.Key(topic: byID ? .id(topic.topicID) : .name(topic.topic), partition: $0) }
        }
    }
}
