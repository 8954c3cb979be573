import Atomics
public import Broker
import Identity
public import Logging
public import NIOCore

/// What all connections of all listeners share: who is connected, what they use, whom they trust.
///
/// Live connections are kept in one shard an event loop; across loops there are counters only. Made once by the composition root.
public final class ConnectionRegistry: Sendable {
    public let limits: ListenerLimits
    public let trust: TrustInForce
    let wallClock: WallClock
    let nodeAccounts: NodeAccounts
    let quotas: Quotas
    let handshakes: HandshakesByAddress
    let requestBytes: ByteBudget
    let answerBytes: ByteBudget
    let refusals: RefusalLog
    /// Who comes in, and who is not let in, is told to it.
    let audit: (any AccessAuditing)?
    let metrics: ConnectionMetrics
    let logger: Logger
    /// Connections accepted and not yet closed, of the Kafka and HTTPS listeners.
    let connections = ManagedAtomic<Int>(0)

    private let eventLoops: [any EventLoop]
    private let shards: [NIOLoopBoundBox<ConnectionShard>]
    private let indices: [ObjectIdentifier: Int]

    /// - Throws: ``ListenerLimitsError``.
    public init(
        group: any EventLoopGroup, trust: TrustInForce, limits: ListenerLimits = ListenerLimits(),
        quotas: Quotas = Quotas(), wallClock: @escaping WallClock = systemWallClock, audit: (any AccessAuditing)? = nil, logger: Logger
    ) throws(ListenerLimitsError) {
        try limits.validate()
        self.audit = audit
        self.limits = limits
        self.trust = trust
        self.wallClock = wallClock
        self.logger = logger
        nodeAccounts = NodeAccounts(limits: limits, quotas: quotas)
        self.quotas = quotas
        handshakes = HandshakesByAddress(perAddressMax: limits.handshakesPerAddressMax)
        requestBytes = ByteBudget(bytesMax: limits.requestBytesMax)
        answerBytes = ByteBudget(bytesMax: limits.answerBytesMax)
        refusals = RefusalLog(logger: logger, linesPerSecondMax: limits.refusalLinesPerSecondMax, audit: audit)
        metrics = ConnectionMetrics()
        eventLoops = group.makeIterator().map { $0 }
        shards = eventLoops.map {
            NIOLoopBoundBox.makeBoxSendingValue(ConnectionShard(eventLoop: $0, wallClock: wallClock), eventLoop: $0)
        }
        indices = Dictionary(uniqueKeysWithValues: eventLoops.enumerated().map { (ObjectIdentifier($1), $0) })
        for (eventLoop, shard) in zip(eventLoops, shards) {
            eventLoop.execute { shard.value.startSweeping(every: limits.sweepInterval) }
        }
    }

    /// The shard of an event loop, from that loop.
    func shard(of eventLoop: any EventLoop) -> ConnectionShard {
        guard let index = indices[ObjectIdentifier(eventLoop)] else {
            preconditionFailure("a listener runs on an event loop that the registry was not made with")
        }
        return shards[index].value
    }

    /// Connections accepted and not yet closed.
    public var connectionCount: Int { connections.load(ordering: .relaxed) }
    /// Nodes with at least one connection.
    public var nodeCount: Int { nodeAccounts.nodes }
    /// Bytes of requests that are being received or worked on.
    public var requestBytesInFlight: Int { requestBytes.bytesTaken }
    /// Bytes of answers that are being read or that clients have not taken yet.
    public var answerBytesWaiting: Int { answerBytes.bytesTaken }

    /// Judges every live connection again and ends those whose certificate no longer counts; the others notice nothing.
    /// - Returns: how many certificates were refused.
    @discardableResult
    public func recheckLiveConnections() async throws -> Int {
        var nodes: [[UInt8]: AuthenticatedNode] = [:]
        for (eventLoop, shard) in zip(eventLoops, shards) {
            nodes.merge(try await eventLoop.submit { shard.value.nodesByFingerprint() }.get()) { first, _ in first }
        }
        // A connection made since then was judged under the trust in force now: `TrustInForce` is replaced before this is called.
        let authenticator = trust.current.authenticator
        let now = wallClock()
        var ended: [[UInt8]: PeerRefusal] = [:]
        for (fingerprint, node) in nodes {
            guard case .ended(let refusal) = authenticator.recheck(node, at: now) else { continue }
            ended[fingerprint] = refusal
        }
        guard !ended.isEmpty else { return 0 }
        for (eventLoop, shard) in zip(eventLoops, shards) {
            try await eventLoop.submit { [ended] in shard.value.end(withFingerprints: ended) }.get()
        }
        return ended.count
    }

    /// Lets all connections finish, and ends those that do not within `limits.drainTimeout`. For good: later connections end at once.
    public func drain() async throws {
        let promises = zip(eventLoops, shards).map { eventLoop, shard in
            let promise = eventLoop.makePromise(of: Void.self)
            let deadline = eventLoop.now + limits.drainTimeout
            eventLoop.execute { shard.value.drain(deadline: deadline, promise: promise) }
            return promise.futureResult
        }
        for drained in promises { try await drained.get() }
        for (eventLoop, shard) in zip(eventLoops, shards) { try await eventLoop.submit { shard.value.stopSweeping() }.get() }
    }
}
