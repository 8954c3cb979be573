import AccessPolicy
import DequeModule
import KafkaWire
public import NIOCore

/// One authenticated connection's requests. Confined to its event loop; the listener feeds it frames and puts the replies,
/// which may come in any order, into the order of the requests.
///
/// Produce and Fetch run at once, pipelined. Every other request runs alone, and a Produce that must find
/// something out first: those that come after it wait, so that a client sees its own changes in the order in which it asked for them, as Kafka's brokers have it.
public final class KafkaSession {
    let peer: Peer
    let services: BrokerServices
    let eventLoop: any EventLoop
    let plane: DataPlane
    /// What its answers may take of the broker's memory.
    let answerRoom: any AnswerRoom
    /// What this connection may publish to and read from, as decided so far.
    var access = TopicAccess()
    /// Fetches that are read or wait; ended when the connection ends.
    var fetches: [ObjectIdentifier: FetchInFlight] = [:]

    /// All sessions of its node read as one: the node's cold reads take turns with those of other nodes.
    let reader: UInt64

    private var account: DeliveryAccount?
    /// The account is a reader's over HTTPS: with the next page it goes on.
    private let isOfReader: Bool

    /// Where what this session is given is told to the ledger. Made with the first records.
    var deliveries: DeliveryAccount {
        if let account { return account }
        let made = DeliveryAccount(peer, .kafka, in: plane.deliveries.value)
        account = made
        return made
    }

    /// The fetch session that this connection made (KIP-227), kept in the cache of its event loop.
    var fetchSessionID: Int32?

    /// What refused batches of this connection's producers left missing.
    var sequenceGaps = SequenceGaps()

    /// The directory of writers has the peer's key.
    var isWriterNoted: Bool

    private(set) var isOpen = true
    private var requestRunsAlone = false
    /// A quota was passed: the requests that come wait for the end of it (KIP-219).
    private var pause: (end: NIODeadline, timer: Scheduled<Void>)?
    /// A request that waits for other members of its group: let go when the connection ends.
    private var waitingRequest: Task<Void, Never>?
    private var held: Deque<Held> = []
    /// Room of the answer of the request that runs alone.
    private var answerBytesReserved = 0
    /// That request waits for as much room; told false when the connection ends before there is.
    private var awaitedRoom: (bytes: Int, body: (Bool) -> Void)?

    private struct Held {
        let frame: ByteBuffer
        let reply: (SessionReply) -> Void
        let arrived: NIODeadline
    }

    /// On the connection's event loop.
    public convenience init(peer: Peer, services: BrokerServices, eventLoop: any EventLoop, answerRoom: any AnswerRoom) {
        self.init(peer: peer, services: services, eventLoop: eventLoop, answerRoom: answerRoom, reader: nil)
    }

    /// - Parameter account: of the reader over HTTPS for one of whose pages the session is; its deliveries are told with those of the pages before.
    init(peer: Peer, services: BrokerServices, eventLoop: any EventLoop, answerRoom: any AnswerRoom, reader account: DeliveryAccount?) {
        self.peer = peer
        self.services = services
        self.eventLoop = eventLoop
        self.answerRoom = answerRoom
        plane = services.dataPlane(on: eventLoop)
        self.account = account
        isOfReader = account != nil
        // Never 0, which is the broker itself.
        reader = UInt64(truncatingIfNeeded: peer.identity.path.hashValue) | 1
        isWriterNoted = services.writers.isNoted(peer)
    }

    /// Takes one request: a frame without its four-byte length. On the event loop.
    /// - Parameter reply: called once, on the event loop, at once or later; not after ``close()``.
    public func receive(_ frame: ByteBuffer, reply: @escaping (SessionReply) -> Void) {
        eventLoop.assertInEventLoop()
        guard isOpen else { return }
        let arrived = eventLoop.now
        guard !requestRunsAlone, pause == nil else {
            // The listener stops reading before this; the guard keeps a listener's mistake from costing memory.
            guard held.count < Limits.requestsInFlightPerConnectionMax else {
                return reply(.close(reason: "more than \(Limits.requestsInFlightPerConnectionMax) requests wait on the connection"))
            }
            held.append(Held(frame: frame, reply: reply, arrived: arrived))
            return
        }
        begin(frame, reply, arrived)
    }

    /// Requests that wait for room for their answers try again.
    public func answerRoomCameBack() {
        eventLoop.assertInEventLoop()
        if let (bytes, body) = awaitedRoom {
            awaitedRoom = nil
            reserveAnswer(bytes, then: body)
        }
        for fetch in Array(fetches.values) { fetch.answerRoomCameBack() }
    }

    /// The connection ended. Nothing is replied any more; appends that wait are made durable all the same.
    public func close() {
        eventLoop.assertInEventLoop()
        isOpen = false
        held.removeAll()
        pause?.timer.cancel()
        pause = nil
        waitingRequest?.cancel()
        waitingRequest = nil
        giveBackReserved()
        if let (_, body) = awaitedRoom {
            awaitedRoom = nil
            body(false)
        }
        for fetch in Array(fetches.values) { fetch.connectionEnded() }
        fetches.removeAll()
        plane.fetchSessions.value.removeAll(of: self)
        if !isOfReader { account?.close() }
    }

    private func begin(_ frame: ByteBuffer, _ reply: @escaping (SessionReply) -> Void, _ arrived: NIODeadline) {
        let owed = services.quotas.count(1, of: .requestRate, by: peer.identity)
        switch RequestRouter.route(frame) {
        case .produce(let request, let header):
            let owed = max(owed, services.quotas.count(frame.readableBytes, of: .produceByteRate, by: peer.identity))
            produce(request, header, throttle: Throttle(nanoseconds: owed)) { [self] in finish(.produce, $0, reply, arrived) }
            pauseRequests(for: owed)
        case .fetch(let request, let header):
            fetch(request, header, owed: owed) { [self] in finish(.fetch, $0, reply, arrived) }
        case .control(let call, let header, let api):
            beginAlone()
            // What an answer echoes of its request, and a little more: who needs more than that says so. Not where it waits for others of
            // its node, who would then wait for that room: such handlers take all of it when they answer.
            let bytes = api.waitsForOtherMembers ? 0 : Limits.answerBytesAtLeast + 8 * frame.readableBytes
            reserveAnswer(bytes) { [self] isThere in
                if isThere { run(call, header, api, reply, arrived, reserved: bytes, throttle: Throttle(nanoseconds: owed)) }
            }
            pauseRequests(for: owed)
        case .answer(let buffer, let api):
            finish(api, .response(buffer), reply, arrived)
        case .close(let reason, let api):
            if api == nil { services.requestMetrics.unreadableFrame() }
            finish(api, .close(reason: reason), reply, arrived)
        }
    }

    private func run(
        _ call: @escaping ControlCall, _ header: RequestHeader, _ api: ApiKey, _ reply: @escaping (SessionReply) -> Void,
        _ arrived: NIODeadline, reserved bytes: Int, throttle: Throttle
    ) {
        let eventLoop = eventLoop
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        let context = RequestContext(
            peer: peer, clientID: header.clientID, apiVersion: header.apiVersion, services: services,
            answer: AnswerReservation(bytes) { bytes in
                await withCheckedContinuation { continuation in
                    eventLoop.execute { bound.value.reserveAnswer(bytes) { continuation.resume(returning: $0) } }
                }
            }, throttleMilliseconds: throttle.milliseconds)
        let ended = NIOLoopBound({ [self] (response: ByteBuffer) in
            waitingRequest = nil
            assert(
                !isOpen || response.readableBytes <= 2 * answerBytesReserved + 65_536,
                "\(api) reserved \(answerBytesReserved) bytes and answers with \(response.readableBytes)")
            finish(api, .response(response), reply, arrived)
            // Not before: the answer counts from now on.
            giveBackReserved()
            endAlone()
        }, eventLoop: eventLoop)
        let task = Task {
            let response = await call(context)
            eventLoop.execute { ended.value(response) }
        }
        // The others are not cancelled when the connection ends: a change that was begun is carried through.
        if api.waitsForOtherMembers { waitingRequest = task }
    }

    // MARK: Room for answers

    /// Takes room for the answer of the request that runs alone, in the place of what it has: who held some while it waited for more could
    /// keep the room from everybody.
    /// - Parameter body: called once there is room, at once or later, or with false when the connection ends before.
    private func reserveAnswer(_ bytes: Int, then body: @escaping (Bool) -> Void) {
        giveBackReserved()
        guard isOpen else { return body(false) }
        guard bytes == 0 || answerRoom.takeWhole(bytes) else {
            precondition(awaitedRoom == nil, "two requests that run alone wait for room")
            awaitedRoom = (bytes, body)
            return answerRoom.tellWhenThereIsRoom(forWhole: bytes)
        }
        answerBytesReserved = bytes
        body(true)
    }

    private func giveBackReserved() {
        let bytes = answerBytesReserved
        answerBytesReserved = 0
        if bytes > 0 { answerRoom.giveBack(bytes) }
    }

    // MARK: Quotas

    /// The requests that come from now on wait so long, behind those that wait already.
    func pauseRequests(for nanoseconds: UInt64) {
        guard nanoseconds > 0, isOpen else { return }
        let end = eventLoop.now + .nanoseconds(Int64(clamping: nanoseconds))
        if let pause {
            guard end > pause.end else { return }
            pause.timer.cancel()
        }
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        let timer = eventLoop.scheduleTask(deadline: end) {
            bound.value.pause = nil
            bound.value.beginHeld()
        }
        pause = (end, timer)
    }

    // MARK: Order

    /// The requests that come now wait, until ``endAlone()``.
    func beginAlone() { requestRunsAlone = true }

    func endAlone() {
        requestRunsAlone = false
        beginHeld()
    }

    /// Begins what waited behind a request that runs alone, up to the next one.
    private func beginHeld() {
        while !requestRunsAlone, pause == nil, let next = held.popFirst() { begin(next.frame, next.reply, next.arrived) }
    }

    private func finish(
        _ api: ApiKey?, _ outcome: SessionReply, _ reply: (SessionReply) -> Void, _ arrived: NIODeadline
    ) {
        guard isOpen else { return }
        if let api {
            switch outcome {
            case .response, .noResponse:
                services.requestMetrics.answered(api, nanoseconds: (eventLoop.now - arrived).nanoseconds)
            case .close:
                services.requestMetrics.closed(api)
            }
        }
        reply(outcome)
    }
}

extension ApiKey {
    fileprivate var waitsForOtherMembers: Bool { self == .joinGroup || self == .syncGroup }
}
