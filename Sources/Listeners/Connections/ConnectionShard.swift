import Identity
import NIOCore

/// The connections of one event loop, of all listeners. Belongs to that loop: never touched from another.
final class ConnectionShard {
    private let eventLoop: any EventLoop
    private let wallClock: WallClock
    private var connections: [ObjectIdentifier: any LiveConnection] = [:]
    private var unwritten: [KafkaConnectionHandler] = []
    /// Connections that are not read because a budget of request bytes is used up, the longest waiting first.
    private var waitingForRoom: [KafkaConnectionHandler] = []
    private var isRoomOffered = false
    private var sweep: RepeatedTask?
    private var draining: NIODeadline?
    private var whenEmpty: [EventLoopPromise<Void>] = []

    init(eventLoop: any EventLoop, wallClock: @escaping WallClock) {
        self.eventLoop = eventLoop
        self.wallClock = wallClock
    }

    var count: Int { connections.count }

    func add(_ connection: any LiveConnection) {
        connections[ObjectIdentifier(connection)] = connection
        if let draining { connection.drain(deadline: draining) }
    }

    func remove(_ connection: any LiveConnection) {
        connections[ObjectIdentifier(connection)] = nil
        if connections.isEmpty { settle() }
    }

    // MARK: Writing

    /// Writes the answers of a connection at the end of this turn of the loop: one flush for all answers of a commit group, and
    /// one task a turn for all connections that have some.
    func writeSoon(_ connection: KafkaConnectionHandler) {
        unwritten.append(connection)
        guard unwritten.count == 1 else { return }
        eventLoop.assumeIsolated().execute { [self] in
            let connections = unwritten
            unwritten.removeAll(keepingCapacity: connections.count <= 1024)
            for connection in connections { connection.writeAnswers() }
        }
    }

    // MARK: Time

    func startSweeping(every interval: TimeAmount) {
        let shard = NIOLoopBound(self, eventLoop: eventLoop)
        sweep = eventLoop.scheduleRepeatedTask(initialDelay: interval, delay: interval) { _ in
            shard.value.timePassed(now: shard.eventLoop.now)
        }
    }

    func stopSweeping() {
        sweep?.cancel()
        sweep = nil
    }

    /// Looks at every connection's time-outs and at the end of its certificate and of those that it rests on.
    func timePassed(now: NIODeadline) {
        let instant = wallClock()
        for connection in Array(connections.values) {
            if let node = connection.node, node.pathNotAfter <= instant {
                connection.end(.certificateExpired)
            } else {
                connection.timePassed(now: now)
            }
        }
        // Room may have come back on another event loop.
        roomCameBack()
    }

    // MARK: Room for requests

    func waitForRoom(_ connection: KafkaConnectionHandler) { waitingForRoom.append(connection) }

    /// Connections that wait for room try again at the end of this turn of the loop.
    func roomCameBack() {
        guard !waitingForRoom.isEmpty, !isRoomOffered else { return }
        isRoomOffered = true
        eventLoop.assumeIsolated().execute { [self] in
            isRoomOffered = false
            let connections = waitingForRoom
            waitingForRoom = []
            for connection in connections { connection.tryAgainForRoom() }
        }
    }

    // MARK: Trust

    /// One node for each certificate in use, to be judged again away from the loop.
    func nodesByFingerprint() -> [[UInt8]: AuthenticatedNode] {
        var nodes: [[UInt8]: AuthenticatedNode] = [:]
        for case let node? in connections.values.map(\.node) { nodes[node.certificateFingerprint] = node }
        return nodes
    }

    func end(withFingerprints ended: [[UInt8]: PeerRefusal]) {
        for connection in Array(connections.values) {
            guard let node = connection.node, let refusal = ended[node.certificateFingerprint] else { continue }
            connection.end(.trustWithdrawn(refusal.description))
        }
    }

    // MARK: The end

    /// Lets every connection finish, and those that come during it too.
    /// - Parameter promise: succeeds when none is left.
    func drain(deadline: NIODeadline, promise: EventLoopPromise<Void>) {
        draining = deadline
        whenEmpty.append(promise)
        for connection in Array(connections.values) { connection.drain(deadline: deadline) }
        if connections.isEmpty { settle() }
    }

    private func settle() {
        guard draining != nil else { return }
        let promises = whenEmpty
        whenEmpty = []
        for promise in promises { promise.succeed(()) }
    }
}
